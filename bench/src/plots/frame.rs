//! What all pictures have around them.

use maud::{Markup, PreEscaped, html};

/// Width of a picture.
pub(super) const WIDTH: f64 = 820.0;

/// Where the drawing begins and ends; labels stand before it, and figures behind it.
pub(super) const LEFT: f64 = 210.0;
pub(super) const RIGHT: f64 = 700.0;

/// Height of the title.
pub(super) const TOP: f64 = 56.0;

/// Height of a row, and of what is drawn in it.
pub(super) const ROW: f64 = 26.0;
pub(super) const BAR: f64 = 16.0;

/// Colours that are told apart in light and dark, and by those who see no red or no green.
const STYLE: &str = "
.page{fill:#fff}text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-size:16px;font-weight:600}.small{font-size:11px;fill:#59636e}
.axis{stroke:#d1d9e0}.whisker{stroke:#1f2328;stroke-width:1.5}.goal{stroke:#bc4c00;stroke-width:2;stroke-dasharray:4 2}.line{fill:none;stroke:#0969da;stroke-width:2}
.g0{fill:#0969da}.g1{fill:#bf8700}.g2{fill:#8250df}.g3{fill:#1a7f37}.g4{fill:#cf222e}.g5{fill:#6e7781}.g6{fill:#bf3989}
@media(prefers-color-scheme:dark){.page{fill:#0d1117}text{fill:#e6edf3}.small{fill:#9198a1}.axis{stroke:#3d444d}.whisker{stroke:#e6edf3}.goal{stroke:#f0883e}.line{stroke:#4493f8}
.g0{fill:#4493f8}.g1{fill:#d29922}.g2{fill:#a371f7}.g3{fill:#3fb950}.g4{fill:#f85149}.g5{fill:#8b949e}.g6{fill:#db61a2}}";

/// How many colours there are.
pub(super) const COLOURS: usize = 7;

/// A whole picture.
pub(super) fn svg(title: &str, about: &str, height: f64, content: &Markup) -> Markup {
    html! {
        svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title about"
            viewBox=(format!("0 0 {WIDTH} {height:.0}")) width=(WIDTH) height=(format!("{height:.0}")) {
            title id="title" { (title) }
            desc id="about" { (about) }
            style { (PreEscaped(STYLE)) }
            rect class="page" width=(WIDTH) height=(format!("{height:.0}")) rx="6" {}
            text class="title" x="20" y="32" { (title) }
            (content)
        }
    }
}

/// A line across the rows, with its value below.
pub(super) fn tick(x: f64, bottom: f64, label: &str) -> Markup {
    html! {
        line class="axis" x1=(px(x)) x2=(px(x)) y1=(px(TOP - 6.0)) y2=(px(bottom)) {}
        text class="small" text-anchor="middle" x=(px(x)) y=(px(bottom + 16.0)) { (label) }
    }
}

/// A coordinate: a tenth of a pixel is enough.
pub(super) fn px(value: f64) -> String {
    format!("{value:.1}")
}

/// A round number at or above a value, for the end of an axis.
pub(super) fn round_up(value: f64) -> f64 {
    let value = value.max(1e-6);
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    let step = steps.into_iter().find(|step| step * power >= value);
    step.unwrap_or(10.0) * power
}
