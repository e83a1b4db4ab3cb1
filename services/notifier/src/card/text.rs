//! User text on cards: one line, bounded, escaped.

use televent_language::{Language, isolate};
use televent_telegram::escape_html;

/// Characters of a title. All bounds together, at two UTF-16 units a character, leave a card and a tally
/// below the Bot API's 4,096.
pub(crate) const MAX_TITLE: usize = 256;

/// Characters of a place.
pub(crate) const MAX_PLACE: usize = 256;

/// Characters of a name.
pub(crate) const MAX_NAME: usize = 48;

/// [`line`], isolated where its direction would turn the words around it.
pub(crate) fn user_text(text: &str, max: usize, language: Language) -> String {
    isolate(&line(text, max), language).into_owned()
}

/// One line of at most `max` characters, escaped for HTML. Cut before it is escaped, so that no entity
/// is cut in two.
pub(super) fn line(text: &str, max: usize) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let visible: String = joined.chars().filter(|c| !c.is_control()).collect();
    if visible.chars().count() <= max {
        return escape_html(&visible);
    }
    let cut: String = visible.chars().take(max.saturating_sub(1)).collect();
    escape_html(cut.trim_end()) + "…"
}

/// A title, or what stands for a missing one.
pub(super) fn title(summary: Option<&str>) -> String {
    let text = line(summary.unwrap_or_default(), MAX_TITLE);
    if text.is_empty() {
        "(no title)".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_text_is_one_escaped_bounded_line() {
        for (text, max, expected) in [
            ("plain", 10, "plain"),
            ("two\nlines\r\n\tand", 20, "two lines and"),
            ("<b>&\"</b>", 20, "&lt;b&gt;&amp;&quot;&lt;/b&gt;"),
            ("bell\u{7}", 10, "bell"),
            ("&&&&&&", 3, "&amp;&amp;…"),
            ("   ", 5, ""),
        ] {
            assert_eq!(line(text, max), expected, "{text:?}");
        }
        assert_eq!(title(None), "(no title)");
        assert_eq!(title(Some(" ")), "(no title)");
    }
}
