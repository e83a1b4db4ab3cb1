//! What a message is reduced to that Telegram does not take as it is: plainer each time, so that its reader has it rather than
//! nothing.

use crate::{Keyboard, Markup, error::ContentFault};

/// The longest text of a message, in UTF-16 units without its tags (Bot API, sendMessage).
pub const MAX_TEXT: usize = 4_096;

/// The longest caption of a file, likewise (Bot API, sendDocument).
pub const MAX_CAPTION: usize = 1_024;

/// Stands where a text was cut.
const ELLIPSIS: char = '…';

/// The text in the Bot API's HTML and what comes with it, reduced by what Telegram did not like of it; `longest` is how long the text
/// may be. `None` if nothing is left to be taken away.
#[must_use]
pub fn degraded(
    fault: ContentFault,
    html: &str,
    markup: &Markup,
    longest: usize,
) -> Option<(String, Markup)> {
    let plainer = match fault {
        ContentFault::TgTime if html.contains("<tg-time") => {
            (without_tg_time(html), markup.clone())
        }
        ContentFault::TgTime | ContentFault::Entities => (without_tags(html), markup.clone()),
        ContentFault::TooLong => (cut(&without_tags(html), longest), markup.clone()),
        ContentFault::Buttons => match markup {
            Markup::Inline(keyboard) if keyboard.is_empty() => return None,
            // An edit takes them away by an empty keyboard.
            Markup::Inline(_) => (html.to_owned(), Markup::Inline(Keyboard::new())),
            _ => (html.to_owned(), Markup::None),
        },
    };
    (plainer.0 != html || plainer.1 != *markup).then_some(plainer)
}

/// Without `<tg-time>`, which servers before Bot API 9.5 do not know: what it holds is what is shown there.
#[must_use]
pub fn without_tg_time(html: &str) -> String {
    without(html, |name| name == "tg-time")
}

/// Plain text, still escaped for HTML. Of what was struck out with something new beside it an arrow leads to the new.
#[must_use]
pub fn without_tags(html: &str) -> String {
    without(&html.replace("</s> ", " → </s>"), |_| true)
}

fn without(html: &str, goes: impl Fn(&str) -> bool) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((text, tag)) = rest.split_once('<') {
        kept.push_str(text);
        let Some((tag, after)) = tag.split_once('>') else {
            // No tag, but a character that was not escaped.
            kept.push_str("&lt;");
            rest = tag;
            continue;
        };
        let name = tag.trim_start_matches('/');
        let name = name.split_ascii_whitespace().next().unwrap_or_default();
        if !goes(name) {
            kept.push('<');
            kept.push_str(tag);
            kept.push('>');
        }
        rest = after;
    }
    kept.push_str(rest);
    kept
}

/// At most `longest` UTF-16 units of a text without tags, never inside a character reference.
fn cut(text: &str, longest: usize) -> String {
    let mut length = 0;
    let mut kept = 0;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let reference = rest
            .strip_prefix('&')
            .and_then(|name| name.find(|c: char| !c.is_ascii_alphanumeric() && c != '#'))
            .filter(|end| rest.as_bytes().get(end + 1) == Some(&b';'))
            .map(|end| end + 2);
        let bytes = reference.unwrap_or_else(|| first.len_utf8());
        length += first.len_utf16();
        // What is kept leaves room for the ellipsis.
        if length < longest {
            kept = text.len() - rest.len() + bytes;
        } else if length > longest {
            let mut cut = text.get(..kept).unwrap_or_default().to_owned();
            cut.push(ELLIPSIS);
            return cut;
        }
        rest = rest.get(bytes..).unwrap_or_default();
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Button, ButtonAction, CallbackData};

    const CARD: &str = "📅 <b>A &lt; B</b>\n🕒 <tg-time unix=\"1800000000\" format=\"wDt\">Fri, 09:00</tg-time> – \
                        <tg-time unix=\"1800003600\">10:00</tg-time>\n<a href=\"https://x.example/?a&amp;b\">Room</a>";

    #[test]
    fn what_is_new_is_told_from_what_was() {
        assert_eq!(
            without_tags("🕒 <s>09:00</s> <b>10:00</b>\n❌ <s>Plan</s>"),
            "🕒 09:00 → 10:00\n❌ Plan"
        );
    }

    #[test]
    fn time_tags_go_first_and_then_all() {
        let plainer = without_tg_time(CARD);
        assert_eq!(
            plainer,
            "📅 <b>A &lt; B</b>\n🕒 Fri, 09:00 – 10:00\n<a href=\"https://x.example/?a&amp;b\">Room</a>"
        );
        assert_eq!(
            without_tags(CARD),
            "📅 A &lt; B\n🕒 Fri, 09:00 – 10:00\nRoom"
        );
        assert_eq!(without_tags("1 < 2"), "1 &lt; 2");
    }

    #[test]
    fn long_text_is_cut_between_characters_and_never_inside_a_reference() {
        for (text, longest, expected) in [
            ("abcd", 4, "abcd"),
            ("abcde", 4, "abc…"),
            ("a&lt;b&gt;c", 4, "a&lt;b…"),
            ("a&lt;b&gt;c", 5, "a&lt;b&gt;c"),
            ("a&b;c&#39;de", 6, "a&b;c&#39;de"),
            // A character of two units is not halved.
            ("ab📅d", 4, "ab…"),
            ("", 4, ""),
        ] {
            assert_eq!(cut(text, longest), expected, "{text} to {longest}");
        }
    }

    #[test]
    fn each_fault_takes_something_away_once() {
        let data = CallbackData::Bot("x".to_owned());
        let button = Button {
            label: "x".to_owned(),
            action: ButtonAction::Callback(data),
        };
        let markup = Markup::Inline(vec![vec![button]]);
        let long = "é".repeat(MAX_TEXT + 1);
        for (fault, html, steps) in [
            (ContentFault::TgTime, CARD, 2),
            (ContentFault::Entities, CARD, 1),
            (ContentFault::TooLong, long.as_str(), 1),
            (ContentFault::Buttons, CARD, 1),
        ] {
            let mut message = (html.to_owned(), markup.clone());
            let mut taken = 0;
            while let Some(plainer) = degraded(fault, &message.0, &message.1, MAX_TEXT) {
                message = plainer;
                taken += 1;
            }
            assert_eq!(taken, steps, "{fault:?}");
            assert!(message.0.encode_utf16().count() <= MAX_TEXT);
        }
    }
}
