//! A bar for each median, a whisker from the smallest to the largest round, a dashed mark for the goal.

use maud::{Markup, html};

use super::frame::{BAR, COLOURS, LEFT, RIGHT, ROW, TOP, px, round_up, svg, tick};
use crate::{report::number, statistics::Spread};

/// Where an axis has its marks.
const TICKS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

/// One bar.
pub(super) struct Row {
    pub(super) label: String,
    pub(super) spread: Spread,
    pub(super) goal: Option<f64>,
    /// Its colour.
    pub(super) group: usize,
}

/// On an axis from zero.
pub(super) fn picture(title: &str, unit: &str, rows: &[Row]) -> Markup {
    let largest = rows
        .iter()
        .flat_map(|row| [row.spread.max, row.goal.unwrap_or_default()])
        .fold(0.0, f64::max);
    let end = round_up(largest);
    let at = |value: f64| LEFT + (RIGHT - LEFT) * (value / end).clamp(0.0, 1.0);
    let ticks: Vec<f64> = TICKS.iter().map(|part| part * end).collect();
    draw(title, unit, rows, &ticks, at)
}

/// On an axis of powers of ten.
pub(super) fn logarithmic(title: &str, unit: &str, rows: &[Row]) -> Markup {
    let values = || rows.iter().map(|row| row.spread.median.max(1e-3));
    let first = values().fold(f64::INFINITY, f64::min).log10().floor();
    let last = values().fold(0.0, f64::max).log10().ceil();
    let at = |value: f64| {
        let part = (value.max(1e-6).log10() - first) / (last - first).max(1.0);
        LEFT + (RIGHT - LEFT) * part.clamp(0.0, 1.0)
    };
    let mut ticks = Vec::new();
    let mut power = first;
    while power <= last {
        ticks.push(10_f64.powf(power));
        power += 1.0;
    }
    draw(title, unit, rows, &ticks, at)
}

fn draw(title: &str, unit: &str, rows: &[Row], ticks: &[f64], at: impl Fn(f64) -> f64) -> Markup {
    let bottom = TOP + ROW * crate::results::to_f64(rows.len());
    let mut about = format!("Medians in {unit}, with the smallest and the largest round:");
    let content = html! {
        @for value in ticks { (tick(at(*value), bottom, &number(*value))) }
        @for (index, row) in rows.iter().enumerate() {
            @let y = TOP + ROW * crate::results::to_f64(index);
            @let middle = y + ROW / 2.0;
            @let Spread { median, min, max } = row.spread;
            ({ about.push_str(&format!(" {} {} ({} to {});", row.label, number(median), number(min), number(max))); "" })
            text text-anchor="end" x=(px(LEFT - 10.0)) y=(px(middle + 4.0)) { (row.label) }
            rect class=(format!("g{}", row.group % COLOURS)) x=(px(LEFT)) y=(px(y + (ROW - BAR) / 2.0))
                width=(px((at(median) - LEFT).max(1.0))) height=(px(BAR)) rx="2" {}
            line class="whisker" x1=(px(at(min))) x2=(px(at(max))) y1=(px(middle)) y2=(px(middle)) {}
            @if let Some(goal) = row.goal {
                line class="goal" x1=(px(at(goal))) x2=(px(at(goal))) y1=(px(y + 2.0)) y2=(px(y + ROW - 2.0)) {}
            }
            text x=(px(RIGHT + 10.0)) y=(px(middle + 4.0)) { (number(median)) " " (unit.split(' ').next().unwrap_or_default()) }
        }
        @if rows.iter().any(|row| row.goal.is_some()) {
            line class="goal" x1="20" x2="20" y1=(px(bottom + 26.0)) y2=(px(bottom + 40.0)) {}
            text class="small" x="28" y=(px(bottom + 37.0)) { "the goal" }
        }
    };
    svg(title, &about, bottom + 50.0, &content)
}
