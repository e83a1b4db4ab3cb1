//! Texts of others on cards: bounded, escaped, and isolated where their direction would turn the words around them.
//!
//! Lengths are counted as the Bot API counts them: in UTF-16 units, without tags, and an entity is one character.

use televent_language::{Language, isolate};
use televent_telegram::escape_html;
use unicode_segmentation::UnicodeSegmentation as _;

/// The longest title.
pub(crate) const MAX_TITLE: usize = 256;

/// The longest place.
pub(crate) const MAX_PLACE: usize = 256;

/// The longest name.
pub(crate) const MAX_NAME: usize = 48;

/// How much of a description is read at all, in characters: it is cut to a part of that.
const MAX_READ_DESCRIPTION: usize = 16 * 1024;

/// The longest tag in a description that is HTML, in characters.
const MAX_TAG: usize = 500;

/// One line of somebody's text. `max` is in UTF-16 units.
pub(crate) fn user_text(text: &str, max: usize, language: Language) -> String {
    escape_html(&isolate(&line(text, max), language))
}

/// A title, or what stands for a missing one.
pub(crate) fn title(summary: Option<&str>, language: Language) -> String {
    let text = user_text(summary.unwrap_or_default(), MAX_TITLE, language);
    if text.is_empty() {
        language.text("card-no-title")
    } else {
        text
    }
}

/// A quotation of HTML that opens at a tap.
pub(super) fn quoted(html: &str) -> String {
    format!("<blockquote expandable>{html}</blockquote>")
}

/// One line of plain text.
pub(super) fn line(text: &str, max: usize) -> String {
    // More would be cut anyway, however many spaces there are.
    let visible: String = text
        .chars()
        .take(MAX_READ_DESCRIPTION)
        .filter(|c| !is_unseen(*c) || c.is_whitespace())
        .collect();
    cut(
        &visible.split_whitespace().collect::<Vec<_>>().join(" "),
        max,
    )
}

/// A description of several lines, as plain text. Programs that write HTML into it are forgiven.
pub(super) fn paragraphs(text: &str, max: usize) -> String {
    let text: String = text.chars().take(MAX_READ_DESCRIPTION).collect();
    let text = if is_html(&text) {
        without_tags(&text)
    } else {
        text
    };
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let visible: String = line
            .chars()
            .filter(|c| !is_unseen(*c) || *c == '\t')
            .collect();
        let visible = visible.trim_end();
        // One empty line says what ten say.
        if !visible.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(visible.to_owned());
        }
    }
    cut(lines.join("\n").trim(), max)
}

/// Control characters, and those that turn the direction of what follows them, even outside of the text.
const fn is_unseen(character: char) -> bool {
    character.is_ascii_control()
        || matches!(
            character,
            '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// At most `max` UTF-16 units, the sign of a cut included, and no character of the reader's cut in two.
fn cut(text: &str, max: usize) -> String {
    if units(text) <= max {
        return text.to_owned();
    }
    let room = max.saturating_sub(1);
    let mut kept = taken(text.graphemes(true), room);
    if kept == 0 {
        // One that is longer than all the room: no letter of any language.
        kept = taken(text.split_inclusive(|_: char| true), room);
    }
    let kept = text.get(..kept).unwrap_or_default();
    format!("{}…", kept.trim_end())
}

/// How many bytes of the parts fit.
fn taken<'t>(parts: impl Iterator<Item = &'t str>, room: usize) -> usize {
    let mut used = 0;
    parts
        .take_while(|part| {
            used += units(part);
            used <= room
        })
        .map(str::len)
        .sum()
}

/// The length of plain text.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The length of a message, of our own HTML.
pub(super) fn units_of_html(html: &str) -> usize {
    let mut in_tag = false;
    let mut in_entity = false;
    let mut count = 0;
    for character in html.chars() {
        match character {
            '<' => in_tag = true,
            '>' => in_tag = false,
            _ if in_tag => {}
            '&' => in_entity = true,
            ';' if in_entity => {
                in_entity = false;
                count += 1;
            }
            _ if in_entity => {}
            _ => count += character.len_utf16(),
        }
    }
    count
}

fn is_html(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["<br", "</", "<p>", "<html"]
        .iter()
        .any(|sign| text.contains(sign))
}

fn without_tags(html: &str) -> String {
    const BREAKS: [&str; 7] = ["br", "p", "/p", "/div", "/li", "/tr", "/h"];
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let inside = from.get(1..).unwrap_or_default();
        let begins_tag =
            inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        let end = inside
            .char_indices()
            .take(MAX_TAG)
            .find(|(_, c)| *c == '>')
            .map(|(end, _)| end)
            .filter(|_| begins_tag);
        let Some(end) = end else {
            text.push('<');
            rest = inside;
            continue;
        };
        let tag = inside.get(..end).unwrap_or_default().to_ascii_lowercase();
        let name = tag.split([' ', '\t', '\n']).next().unwrap_or_default();
        let name = name.trim_end_matches('/');
        if BREAKS.contains(&name) {
            text.push('\n');
        } else if name == "li" {
            text.push_str("• ");
        }
        rest = inside.get(end + 1..).unwrap_or_default();
    }
    text.push_str(rest);
    [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text, |text, (entity, meant)| text.replace(entity, meant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn user_text_is_one_escaped_bounded_line() {
        for (text, max, expected) in [
            ("plain", 10, "plain"),
            ("two\nlines\r\n\tand", 20, "two lines and"),
            ("<b>&\"</b>", 20, "&lt;b&gt;&amp;&quot;&lt;/b&gt;"),
            ("bell\u{7}", 10, "bell"),
            ("&&&&&&", 3, "&amp;&amp;…"),
            ("   ", 5, ""),
            ("a \u{202e}turned", 20, "a turned"),
            // A family, and a letter with two accents, are not cut.
            ("👨‍👩‍👧 and more", 9, "👨‍👩‍👧…"),
            ("x 👨‍👩‍👧", 8, "x…"),
            ("e\u{301}\u{323}xyz", 4, "e\u{301}\u{323}…"),
        ] {
            let told = user_text(text, max, Language::English);
            assert_eq!(told, expected, "{text:?}");
        }
        assert_eq!(title(None, Language::English), "(no title)");
        assert_eq!(title(Some(" "), Language::German), "(ohne Titel)");
    }

    #[test]
    fn paragraphs_keep_their_lines() {
        let text = "First\r\n\r\n\r\n  second \u{0}line\n\n";
        assert_eq!(paragraphs(text, 100), "First\n\n  second line");
        assert_eq!(paragraphs("One two three", 8), "One two…");
    }

    #[test]
    fn html_of_other_programs_is_read() {
        let html = "<html-blob>Hello<br>you &amp; <b>me</b><ul><li>a</li><li>b</li></ul>\
                    <a href=\"https://example.org\">link</a> 1 < 2</html-blob>";
        assert_eq!(paragraphs(html, 100), "Hello\nyou & me• a\n• b\nlink 1 < 2");
        assert_eq!(paragraphs("a <b> c", 100), "a <b> c");
    }

    #[test]
    fn html_is_as_long_as_what_it_shows() {
        for (html, expected) in [
            ("a &amp; <b>b</b>", 5),
            ("<a href=\"https://x/?a&amp;b\">👍</a>", 2),
            ("", 0),
        ] {
            assert_eq!(units_of_html(html), expected, "{html}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_longer_than_allowed(text in any::<String>(), max in 1_usize..60) {
            for language in Language::ALL {
                let told = user_text(&text, max, language);
                // And a mark and two isolates.
                prop_assert!(units_of_html(&told) <= max + 3, "{told:?}");
                prop_assert!(!told.contains(['<', '>', '\n']));
            }
            prop_assert!(units(&paragraphs(&text, max)) <= max);
        }
    }
}
