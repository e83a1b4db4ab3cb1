//! Parts of a whole, one bar each, with a legend.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::frame::{BAR, COLOURS, LEFT, RIGHT, ROW, TOP, px, round_up, svg, tick};
use crate::{report::number, results::to_f64};

/// Where an axis has its marks.
const TICKS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

/// Width of an entry of the legend.
const LEGEND: f64 = 195.0;
const LEGEND_COLUMNS: usize = 4;

/// One bar.
pub(super) struct Row {
    pub(super) label: String,
    pub(super) parts: BTreeMap<String, f64>,
}

pub(super) fn picture(title: &str, unit: &str, rows: &[Row]) -> Markup {
    let whole = |row: &Row| row.parts.values().sum::<f64>();
    let end = round_up(rows.iter().map(whole).fold(0.0, f64::max));
    let mut names: Vec<&String> = rows.iter().flat_map(|row| row.parts.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let colour = |name: &String| {
        names
            .iter()
            .position(|found| *found == name)
            .unwrap_or_default()
    };
    let scale = (RIGHT - LEFT) / end;
    let bottom = TOP + ROW * to_f64(rows.len());
    let mut about = format!("In {unit}:");
    let content = html! {
        @for part in TICKS { (tick(LEFT + part * end * scale, bottom, &number(part * end))) }
        @for (index, row) in rows.iter().enumerate() {
            @let y = TOP + ROW * to_f64(index);
            ({ about.push_str(&describe(row)); "" })
            text text-anchor="end" x=(px(LEFT - 10.0)) y=(px(y + ROW / 2.0 + 4.0)) { (row.label) }
            @for (name, before, value) in laid(row) {
                rect class=(format!("g{}", colour(name) % COLOURS)) x=(px(LEFT + before * scale))
                    y=(px(y + (ROW - BAR) / 2.0)) width=(px((value * scale).max(0.5))) height=(px(BAR)) {}
            }
            text x=(px(RIGHT + 10.0)) y=(px(y + ROW / 2.0 + 4.0)) { (number(whole(row))) " " (unit) }
        }
        @for (index, name) in names.iter().enumerate() {
            @let x = 20.0 + LEGEND * to_f64(index % LEGEND_COLUMNS);
            @let y = bottom + 34.0 + 20.0 * to_f64(index / LEGEND_COLUMNS);
            rect class=(format!("g{}", index % COLOURS)) x=(px(x)) y=(px(y - 10.0)) width="12" height="12" rx="2" {}
            text class="small" x=(px(x + 18.0)) y=(px(y)) { (name) }
        }
    };
    let lines = names.len().div_ceil(LEGEND_COLUMNS);
    svg(
        title,
        &about,
        bottom + 40.0 + 20.0 * to_f64(lines),
        &content,
    )
}

/// Each part with what lies before it.
fn laid(row: &Row) -> Vec<(&String, f64, f64)> {
    let mut before = 0.0;
    row.parts
        .iter()
        .map(|(name, value)| {
            let start = before;
            before += value;
            (name, start, *value)
        })
        .collect()
}

fn describe(row: &Row) -> String {
    let parts: Vec<String> = row
        .parts
        .iter()
        .map(|(name, value)| format!("{name} {}", number(*value)))
        .collect();
    format!(" {}: {};", row.label, parts.join(", "))
}
