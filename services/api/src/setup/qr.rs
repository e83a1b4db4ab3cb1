//! A link as a picture that a phone's camera reads from the screen.

use std::fmt::Write as _;

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code (ISO/IEC 18004 asks for four).
const QUIET_ZONE: usize = 4;

/// The text as a QR code, SVG: dark on light in every theme, since many cameras read nothing else. `label` is read out in its
/// place. `None` where the text is too long for a code.
pub(super) fn svg(text: &str, label: &str) -> Option<Markup> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let side = code.width() + 2 * QUIET_ZONE;
    let (view, path) = (format!("0 0 {side} {side}"), dark_modules(&code));
    Some(html! {
        svg.code xmlns="http://www.w3.org/2000/svg" viewBox=(view) role="img" aria-label=(label) shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    })
}

/// Each run of dark modules in a row, as a rectangle of one path.
fn dark_modules(code: &QrCode) -> String {
    let mut path = String::new();
    let modules = code.to_colors();
    for (y, row) in modules.chunks(code.width()).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|left, right| left == right) {
            if run.first() == Some(&Color::Dark) {
                let (left, top, length) = (x + QUIET_ZONE, y + QUIET_ZONE, run.len());
                let _never_fails = write!(path, "M{left} {top}h{length}v1h-{length}z");
            }
            x += run.len();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pixels of a module in the picture that is read.
    const SCALE: usize = 4;

    /// Paints the path, and reads the picture.
    fn read(markup: &str) -> String {
        let after = |start: &str| {
            let (_, rest) = markup.split_once(start).unwrap();
            rest.split_once('"').unwrap().0.to_owned()
        };
        let side: usize = after("viewBox=\"0 0 ")
            .split(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let mut dark = vec![vec![false; side]; side];
        for run in after("path d=\"").split('M').skip(1) {
            let mut numbers = run
                .split(|c: char| !c.is_ascii_digit())
                .map(str::parse::<usize>);
            let mut next = || numbers.next().unwrap().unwrap();
            let (x, y, length) = (next(), next(), next());
            dark[y][x..x + length].fill(true);
        }
        let edge = |at: usize| at < QUIET_ZONE || at >= side - QUIET_ZONE;
        assert!(
            (0..side).all(|y| (0..side).all(|x| !(dark[y][x] && (edge(x) || edge(y))))),
            "a quiet zone"
        );
        let mut picture =
            rqrr::PreparedImage::prepare_from_greyscale(side * SCALE, side * SCALE, |x, y| {
                if dark[y / SCALE][x / SCALE] { 0 } else { 255 }
            });
        let grids = picture.detect_grids();
        let (_, text) = grids.first().expect("a code").decode().unwrap();
        text
    }

    #[test]
    fn code_is_read_as_what_was_written() {
        for text in [
            "https://t.me/televent_bot",
            "https://calendar.example.org/setup/abcdefghijklmnopqrstuvwxyz234567",
            "https://кал.example/?a=\"<&>",
        ] {
            assert_eq!(read(&svg(text, "label").unwrap().into_string()), text);
        }
    }

    #[test]
    fn label_is_its_name_and_is_escaped() {
        let markup = svg("x", "\"><b>").unwrap().into_string();
        assert!(
            markup.contains("role=\"img\" aria-label=\"&quot;&gt;&lt;b&gt;\""),
            "{markup}"
        );
    }

    #[test]
    fn what_no_code_can_hold_is_left_out() {
        assert!(svg(&"a".repeat(5_000), "").is_none());
    }
}
