//! Text that somebody has written, between ours.

use std::borrow::Cow;

use crate::Language;

const LEFT_TO_RIGHT_MARK: char = '\u{200e}';
const RIGHT_TO_LEFT_MARK: char = '\u{200f}';

/// First strong isolate, and the end of it (Unicode standard annex 9).
const ISOLATE: char = '\u{2068}';
const END_OF_ISOLATE: char = '\u{2069}';

/// The first letters of the scripts that are written from right to left, Hebrew to Mandaic, their presentation forms, and the
/// later ones of the supplementary plane.
fn is_right_to_left(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Isolates a text of somebody's own, so that its direction does not turn the words around it: wherever one of the two
/// is written from right to left. A mark before it has the direction of our language, since programs take that of a whole line
/// from its first letter, isolated or not. An empty text needs nothing.
#[must_use]
pub fn isolate(text: &str, language: Language) -> Cow<'_, str> {
    let mixes = language.is_right_to_left() || text.chars().any(is_right_to_left);
    if text.is_empty() || !mixes {
        return Cow::Borrowed(text);
    }
    let mark = if language.is_right_to_left() {
        RIGHT_TO_LEFT_MARK
    } else {
        LEFT_TO_RIGHT_MARK
    };
    Cow::Owned(format!("{mark}{ISOLATE}{text}{END_OF_ISOLATE}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_turn_its_surroundings_is_isolated() {
        assert_eq!(isolate("Plan", Language::English), "Plan");
        assert_eq!(isolate("План", Language::Russian), "План");
        assert_eq!(
            isolate("שלום", Language::English),
            "\u{200e}\u{2068}שלום\u{2069}"
        );
        assert_eq!(
            isolate("Plan", Language::Arabic),
            "\u{200f}\u{2068}Plan\u{2069}"
        );
        assert_eq!(isolate("", Language::Arabic), "");
    }
}
