//! A course over something, on axes from zero.

use maud::{Markup, html};

use super::frame::{LEFT, RIGHT, TOP, px, round_up, svg, tick};
use crate::report::number;

const HEIGHT: f64 = 220.0;

/// Where the axes have their marks.
const TICKS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

pub(super) fn picture(title: &str, across: &str, up: &str, points: &[(f64, f64)]) -> Markup {
    let end = round_up(points.iter().map(|(x, _)| *x).fold(0.0, f64::max));
    let top = round_up(points.iter().map(|(_, y)| *y).fold(0.0, f64::max));
    let bottom = TOP + HEIGHT;
    let x_of = |x: f64| LEFT / 2.0 + (RIGHT - LEFT / 2.0) * x / end;
    let y_of = |y: f64| bottom - HEIGHT * y / top;
    let path: Vec<String> = points
        .iter()
        .map(|(x, y)| format!("{},{}", px(x_of(*x)), px(y_of(*y))))
        .collect();
    let content = html! {
        @for part in TICKS {
            (tick(x_of(part * end), bottom, &number(part * end)))
            line class="axis" x1=(px(x_of(0.0))) x2=(px(RIGHT)) y1=(px(y_of(part * top))) y2=(px(y_of(part * top))) {}
            text class="small" text-anchor="end" x=(px(x_of(0.0) - 8.0)) y=(px(y_of(part * top) + 4.0)) { (number(part * top)) }
        }
        polyline class="line" points=(path.join(" ")) {}
        text class="small" text-anchor="end" x=(px(RIGHT)) y=(px(bottom + 32.0)) { (across) }
        text class="small" text-anchor="end" x=(px(x_of(0.0) - 8.0)) y=(px(TOP - 14.0)) { (up) }
    };
    let ends = points.first().zip(points.last());
    let about = ends.map_or_else(String::new, |((from, first), (to, last))| {
        format!(
            "{} {up} at {} {across}, {} {up} at {} {across}.",
            number(*first),
            number(*from),
            number(*last),
            number(*to)
        )
    });
    svg(title, &about, bottom + 46.0, &content)
}
