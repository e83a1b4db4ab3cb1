//! The parser for `parse_mode=HTML`: text with tags in, plain text and entities out, or the real server's complaint.
//!
//! Pure. It walks over bytes because the complaints name byte offsets. Length limits and trimming are elsewhere
//! (`methods/content.rs`, `entities.rs`).

use crate::entities::{Entity, EntityKind};
use serde_json::json;

/// Tags of the real server; `tg-time` needs Bot API 9.5 and can be switched off.
const TAGS: [&str; 16] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "span",
    "pre",
    "code",
    "blockquote",
];
const TIME_TAG: &str = "tg-time";

/// A numeric character reference longer than this is text.
const MAX_REFERENCE_BYTES: usize = 10;

/// Parses `html`. The error is what follows `can't parse entities: `.
pub fn parse(html: &str, tg_time: bool) -> Result<(String, Vec<Entity>), String> {
    Parser {
        html,
        at: 0,
        text: String::new(),
        units: 0,
        open: Vec::new(),
        entities: Vec::new(),
        tg_time,
    }
    .run()
}

struct OpenTag {
    name: String,
    attributes: Vec<(String, String)>,
    offset: usize,
    text_start: usize,
}

impl OpenTag {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

struct Parser<'a> {
    html: &'a str,
    at: usize,
    text: String,
    units: usize,
    open: Vec<OpenTag>,
    entities: Vec<Entity>,
    tg_time: bool,
}

impl Parser<'_> {
    fn run(mut self) -> Result<(String, Vec<Entity>), String> {
        while let Some(c) = self.peek() {
            match c {
                '&' => match decode_reference(self.rest()) {
                    Some((decoded, length)) => {
                        self.at += length;
                        self.push(decoded);
                    }
                    None => self.take(c),
                },
                '<' if self.rest().starts_with("</") => self.end_tag()?,
                '<' => self.start_tag()?,
                c => self.take(c),
            }
        }
        if let Some(tag) = self.open.last() {
            return Err(format!(
                "Can't find end tag corresponding to start tag \"{}\"",
                tag.name
            ));
        }
        // Only a code inside a pre keeps its language.
        for entity in &mut self.entities {
            if entity.kind == EntityKind::Code {
                entity.language = None;
            }
        }
        crate::entities::sort(&mut self.entities);
        Ok((self.text, self.entities))
    }

    fn rest(&self) -> &str {
        self.html.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, c: char) {
        self.text.push(c);
        self.units += c.len_utf16();
    }

    fn take(&mut self, c: char) {
        self.at += c.len_utf8();
        self.push(c);
    }

    /// Moves on while `wanted` holds and returns what was passed.
    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let passed: String = self.rest().chars().take_while(|c| wanted(*c)).collect();
        self.at += passed.len();
        passed
    }

    fn skip_space(&mut self) {
        self.skip_while(is_space);
    }

    fn start_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        self.at += 1;
        let name = self
            .skip_while(|c| !is_space(c) && c != '>')
            .to_ascii_lowercase();
        if self.peek().is_none() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        if !(TAGS.contains(&name.as_str()) || (self.tg_time && name == TIME_TAG)) {
            return Err(format!(
                "Unsupported start tag \"{name}\" at byte offset {begin}"
            ));
        }
        let mut attributes = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                None => {
                    return Err(format!(
                        "Unclosed start tag \"{name}\" at byte offset {begin}"
                    ));
                }
                Some('>') => break,
                Some(_) => attributes.push(self.attribute(&name, begin)?),
            }
        }
        self.at += 1;
        let tag = OpenTag {
            name,
            attributes,
            offset: self.units,
            text_start: self.text.len(),
        };
        if tag.name == "span" && tag.attribute("class") != Some("tg-spoiler") {
            return Err(format!(
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"
            ));
        }
        if tag.name == TIME_TAG {
            check_time(&tag, begin)?;
        }
        self.open.push(tag);
        Ok(())
    }

    fn attribute(&mut self, tag: &str, begin: usize) -> Result<(String, String), String> {
        let unclosed = || format!("Unclosed start tag \"{tag}\" at byte offset {begin}");
        let name = self.skip_while(|c| !is_space(c) && !matches!(c, '=' | '>' | '/' | '"' | '\''));
        if name.is_empty() {
            return Err(format!(
                "Empty attribute name in the tag \"{tag}\" at byte offset {begin}"
            ));
        }
        self.skip_space();
        match self.peek() {
            None => return Err(unclosed()),
            // An attribute without a value, as in <blockquote expandable>.
            Some(c) if c != '=' => return Ok((name, String::new())),
            Some(_) => self.at += 1,
        }
        self.skip_space();
        let value = match self.peek() {
            None => return Err(unclosed()),
            Some(quote @ ('"' | '\'')) => {
                self.at += 1;
                self.quoted(quote)
            }
            Some(_) => {
                let token_begin = self.at;
                let token = self.skip_while(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
                if self.peek().is_some_and(|c| !is_space(c) && c != '>') {
                    return Err(format!(
                        "Unexpected end of name token at byte offset {token_begin}"
                    ));
                }
                token.to_ascii_lowercase()
            }
        };
        if self.peek().is_none() {
            return Err(unclosed());
        }
        Ok((name, value))
    }

    fn quoted(&mut self, quote: char) -> String {
        let mut value = String::new();
        while let Some(c) = self.peek() {
            if c == '&'
                && let Some((decoded, length)) = decode_reference(self.rest())
            {
                self.at += length;
                value.push(decoded);
                continue;
            }
            self.at += c.len_utf8();
            if c == quote {
                break;
            }
            value.push(c);
        }
        value
    }

    fn end_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        let Some(tag) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        self.at += "</".len();
        let name = self
            .skip_while(|c| !is_space(c) && c != '>')
            .to_ascii_lowercase();
        self.skip_space();
        if self.peek() != Some('>') {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        self.at += 1;
        if !name.is_empty() && name != tag.name {
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{name}>\"",
                tag.name
            ));
        }
        if self.units > tag.offset {
            self.close(&tag)
        } else {
            Ok(())
        }
    }

    fn close(&mut self, tag: &OpenTag) -> Result<(), String> {
        let mut entity = Entity::plain(EntityKind::Bold, tag.offset, self.units - tag.offset);
        let same_span =
            |last: &Entity| (last.offset, last.length) == (entity.offset, entity.length);
        entity.kind = match tag.name.as_str() {
            "b" | "strong" => EntityKind::Bold,
            "i" | "em" => EntityKind::Italic,
            "u" | "ins" => EntityKind::Underline,
            "s" | "strike" | "del" => EntityKind::Strikethrough,
            "tg-spoiler" | "span" => EntityKind::Spoiler,
            "blockquote" if tag.attribute("expandable").is_some() => {
                EntityKind::ExpandableBlockquote
            }
            "blockquote" => EntityKind::Blockquote,
            "tg-emoji" => {
                let id = tag.attribute("emoji-id").unwrap_or_default();
                if id.parse::<i64>().unwrap_or(0) == 0 {
                    return Err("Invalid custom emoji identifier specified".to_owned());
                }
                entity.custom_emoji_id = Some(id.to_owned());
                EntityKind::CustomEmoji
            }
            TIME_TAG => {
                entity.unix_time = tag.attribute("unix").and_then(|unix| unix.parse().ok());
                entity.date_time_format =
                    Some(tag.attribute("format").unwrap_or_default().to_owned());
                EntityKind::DateTime
            }
            "pre" => {
                if let Some(last) = self.entities.last_mut()
                    && last.kind == EntityKind::Code
                    && last.language.is_some()
                    && same_span(last)
                {
                    last.kind = EntityKind::Pre;
                    return Ok(());
                }
                EntityKind::Pre
            }
            "code" => {
                let class = tag.attribute("class").unwrap_or_default();
                let language = class
                    .strip_prefix("language-")
                    .filter(|l| !l.is_empty())
                    .map(str::to_owned);
                if let Some(last) = self.entities.last_mut()
                    && last.kind == EntityKind::Pre
                    && language.is_some()
                    && same_span(last)
                {
                    last.language = language;
                    return Ok(());
                }
                entity.language = language;
                EntityKind::Code
            }
            _ => {
                let Some(kind) = self.link(tag, &mut entity) else {
                    return Ok(());
                };
                kind
            }
        };
        self.entities.push(entity);
        Ok(())
    }

    /// What an `<a>` becomes; an address that is none leaves plain text, without an error, as on the real server.
    fn link(&self, tag: &OpenTag, entity: &mut Entity) -> Option<EntityKind> {
        let inner = self.text.get(tag.text_start..).unwrap_or_default();
        let address = tag
            .attribute("href")
            .filter(|href| !href.is_empty())
            .unwrap_or(inner);
        if let Some(id) = address
            .strip_prefix("tg://user?id=")
            .and_then(|id| id.parse::<i64>().ok())
        {
            entity.user = Some(json!({ "id": id, "is_bot": false, "first_name": inner }));
            return Some(EntityKind::TextMention);
        }
        entity.url = Some(crate::links::checked_link(address).ok()?);
        Some(EntityKind::TextLink)
    }
}

fn check_time(tag: &OpenTag, begin: usize) -> Result<(), String> {
    let unix = tag
        .attribute("unix")
        .and_then(|unix| unix.parse::<i64>().ok());
    if unix.is_none_or(|unix| unix <= 0) {
        return Err(format!(
            "Tag \"tg-time\" must have a valid attribute \"unix\" at byte offset {begin}"
        ));
    }
    if !is_time_format(tag.attribute("format").unwrap_or_default()) {
        return Err(format!(
            "Tag \"tg-time\" has an invalid attribute \"format\" at byte offset {begin}"
        ));
    }
    Ok(())
}

/// `r|w?[dD]?[tT]?`
pub fn is_time_format(format: &str) -> bool {
    if format == "r" {
        return true;
    }
    let rest = format.strip_prefix('w').unwrap_or(format);
    let rest = rest.strip_prefix(['d', 'D']).unwrap_or(rest);
    rest.strip_prefix(['t', 'T']).unwrap_or(rest).is_empty()
}

/// A character reference at the start of `rest`: the character and the bytes it takes. Others are text.
fn decode_reference(rest: &str) -> Option<(char, usize)> {
    let body = rest.strip_prefix('&')?;
    let (decoded, taken) = if let Some(number) = body.strip_prefix('#') {
        let (digits, radix, prefix) = match number.strip_prefix('x') {
            Some(hex) => (hex, 16, "&#x".len()),
            None => (number, 10, "&#".len()),
        };
        let length = digits
            .bytes()
            .take_while(|b| char::from(*b).is_digit(radix))
            .count();
        let code = u32::from_str_radix(digits.get(..length)?, radix).ok()?;
        if code == 0 || prefix + length >= MAX_REFERENCE_BYTES {
            return None;
        }
        (char::from_u32(code)?, prefix + length)
    } else {
        let length = body.bytes().take_while(u8::is_ascii_alphabetic).count();
        let decoded = match body.get(..length)? {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            _ => return None,
        };
        (decoded, "&".len() + length)
    };
    let semicolon = usize::from(
        rest.get(taken..)
            .is_some_and(|after| after.starts_with(';')),
    );
    Some((decoded, taken + semicolon))
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '\0' | '\u{b}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::to_html;

    #[test]
    fn markup_becomes_text_and_entities() {
        let table: &[(&str, &str, &str)] = &[
            ("plain", "plain", "plain"),
            ("<b>a</b><strong>b</strong>", "ab", "<b>a</b><b>b</b>"),
            ("<i>a</i><em>b</em>", "ab", "<i>a</i><i>b</i>"),
            ("<u>a</u><ins>b</ins>", "ab", "<u>a</u><u>b</u>"),
            (
                "<s>a</s><strike>b</strike><del>c</del>",
                "abc",
                "<s>a</s><s>b</s><s>c</s>",
            ),
            (
                "<tg-spoiler>x</tg-spoiler>",
                "x",
                "<tg-spoiler>x</tg-spoiler>",
            ),
            (
                "<span class=\"tg-spoiler\">x</span>",
                "x",
                "<tg-spoiler>x</tg-spoiler>",
            ),
            ("<B>x</B>", "x", "<b>x</b>"),
            ("<b>x</>", "x", "<b>x</b>"),
            ("<b></b>x", "x", "x"),
            ("<b><i>x</i>y</b>", "xy", "<b><i>x</i>y</b>"),
            (
                "a &lt; b &amp;&amp; c &gt d &quot;e&quot;",
                "a < b && c > d \"e\"",
                "a &lt; b &amp;&amp; c &gt; d &quot;e&quot;",
            ),
            (
                "&nbsp; & &#65;&#x42; &#0;",
                "&nbsp; & AB &#0;",
                "&amp;nbsp; &amp; AB &amp;#0;",
            ),
            ("2 > 1", "2 > 1", "2 &gt; 1"),
            (
                "<blockquote>q</blockquote>",
                "q",
                "<blockquote>q</blockquote>",
            ),
            (
                "<blockquote expandable>q</blockquote>",
                "q",
                "<blockquote expandable>q</blockquote>",
            ),
            ("<code>x</code>", "x", "<code>x</code>"),
            ("<pre>x</pre>", "x", "<pre>x</pre>"),
            (
                "<pre><code class=\"language-rust\">x</code></pre>",
                "x",
                "<pre><code class=\"language-rust\">x</code></pre>",
            ),
            (
                "<code class=\"language-rust\">x</code>",
                "x",
                "<code>x</code>",
            ),
            (
                "<a href=\"https://a.example/?q=1&amp;r=2\">x</a>",
                "x",
                "<a href=\"https://a.example/?q=1&amp;r=2\">x</a>",
            ),
            (
                "<a href='tg://user?id=42'>x</a>",
                "x",
                "<a href=\"tg://user?id=42\">x</a>",
            ),
            ("<a href=\"javascript:alert(1)\">x</a>", "x", "x"),
            ("<a href=\"nonsense\">x</a>", "x", "x"),
            (
                "<tg-emoji emoji-id=\"5368\">👍</tg-emoji>",
                "👍",
                "<tg-emoji emoji-id=\"5368\">👍</tg-emoji>",
            ),
            (
                "<tg-time unix=\"1800000000\" format=\"wDt\">Fri</tg-time>",
                "Fri",
                "<tg-time unix=\"1800000000\" format=\"wDt\">Fri</tg-time>",
            ),
            (
                "<tg-time unix=1800000000>Fri</tg-time>",
                "Fri",
                "<tg-time unix=\"1800000000\" format=\"\">Fri</tg-time>",
            ),
        ];
        for (html, text, rendered) in table {
            let (got, entities) =
                parse(html, true).unwrap_or_else(|error| panic!("{html}: {error}"));
            assert_eq!(&got, text, "{html}");
            assert_eq!(&to_html(&got, &entities), rendered, "{html}");
        }
    }

    #[test]
    fn complaints_are_the_real_ones() {
        let table: &[(&str, &str)] = &[
            ("a <x>b</x>", "Unsupported start tag \"x\" at byte offset 2"),
            ("ä <br/>", "Unsupported start tag \"br/\" at byte offset 3"),
            ("1 < 2 > 0", "Unsupported start tag \"\" at byte offset 2"),
            ("1 <2", "Unclosed start tag at byte offset 2"),
            ("<", "Unclosed start tag at byte offset 0"),
            ("<b ", "Unclosed start tag \"b\" at byte offset 0"),
            ("<a href=\"x", "Unclosed start tag \"a\" at byte offset 0"),
            (
                "<a href=x\"y>z</a>",
                "Unexpected end of name token at byte offset 8",
            ),
            (
                "<a =x>z</a>",
                "Empty attribute name in the tag \"a\" at byte offset 0",
            ),
            (
                "<b>x",
                "Can't find end tag corresponding to start tag \"b\"",
            ),
            (
                "<b>x</i>",
                "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\"",
            ),
            (
                "<b><i>x</b></i>",
                "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\"",
            ),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            ("<b>x</b", "Unclosed end tag at byte offset 4"),
            (
                "<span>x</span>",
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0",
            ),
            (
                "<tg-emoji emoji-id=\"no\">x</tg-emoji>",
                "Invalid custom emoji identifier specified",
            ),
            (
                "<tg-time unix=\"soon\">x</tg-time>",
                "Tag \"tg-time\" must have a valid attribute \"unix\" at byte offset 0",
            ),
            (
                "<tg-time unix=\"1800000000\" format=\"xx\">x</tg-time>",
                "Tag \"tg-time\" has an invalid attribute \"format\" at byte offset 0",
            ),
        ];
        for (html, complaint) in table {
            assert_eq!(parse(html, true).expect_err(html), *complaint, "{html}");
        }
    }

    #[test]
    fn older_servers_refuse_tg_time() {
        let error =
            parse("<tg-time unix=\"1800000000\">x</tg-time>", false).expect_err("older server");
        assert_eq!(error, "Unsupported start tag \"tg-time\" at byte offset 0");
    }

    #[test]
    fn offsets_count_utf16_units() {
        let (_, entities) = parse("😀<b>é😀</b>", true).expect("valid");
        assert_eq!(entities, vec![Entity::plain(EntityKind::Bold, 2, 3)]);
    }

    #[test]
    fn time_formats() {
        for good in ["", "r", "w", "d", "D", "t", "T", "wd", "wDt", "Dt", "wT"] {
            assert!(is_time_format(good), "{good}");
        }
        for bad in ["x", "rr", "tw", "dD", "rt", "tT", "wr"] {
            assert!(!is_time_format(bad), "{bad}");
        }
    }
}
