//! Message entities: what the parsed markup of a text becomes, with offsets in UTF-16 code units as the Bot API
//! counts them, and the way back to HTML for tests and logs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One `MessageEntity` of the Bot API. Its serde form is the wire form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// What the marked text is.
    #[serde(rename = "type")]
    pub kind: EntityKind,
    /// Start, in UTF-16 code units.
    pub offset: usize,
    /// Length, in UTF-16 code units.
    pub length: usize,
    /// Target of a `text_link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The `User` of a `text_mention`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Value>,
    /// Programming language of a `pre`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Identifier of a `custom_emoji`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_emoji_id: Option<String>,
    /// The moment of a `date_time`, in Unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unix_time: Option<i64>,
    /// How a `date_time` is shown: `r|w?[dD]?[tT]?`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_time_format: Option<String>,
}

/// The kinds of `MessageEntity` that the simulator knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    Mention,
    Hashtag,
    Cashtag,
    BotCommand,
    Url,
    Email,
    PhoneNumber,
    Bold,
    Italic,
    Underline,
    Strikethrough,
    Spoiler,
    Blockquote,
    ExpandableBlockquote,
    Code,
    Pre,
    TextLink,
    TextMention,
    CustomEmoji,
    DateTime,
}

impl EntityKind {
    /// Order of entities that cover the same text, outermost first, so that equal markup always compares equal.
    fn rank(self) -> u8 {
        match self {
            Self::Blockquote | Self::ExpandableBlockquote => 0,
            Self::Pre => 1,
            Self::TextLink | Self::TextMention => 2,
            Self::DateTime => 3,
            Self::Bold => 4,
            Self::Italic => 5,
            Self::Underline => 6,
            Self::Strikethrough => 7,
            Self::Spoiler => 8,
            _ => 9,
        }
    }
}

impl Entity {
    /// An entity without arguments.
    pub fn plain(kind: EntityKind, offset: usize, length: usize) -> Self {
        Self {
            kind,
            offset,
            length,
            url: None,
            user: None,
            language: None,
            custom_emoji_id: None,
            unix_time: None,
            date_time_format: None,
        }
    }

    /// The first UTF-16 code unit after the entity.
    pub fn end(&self) -> usize {
        self.offset.saturating_add(self.length)
    }
}

/// Length of a text as the Bot API counts it.
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Outer entities first.
pub fn sort(entities: &mut [Entity]) {
    entities.sort_by_key(|e| (e.offset, std::cmp::Reverse(e.length), e.kind.rank()));
}

/// Cleans a parsed text as the server does before it stores it: no carriage returns, control characters as spaces,
/// no white space at either end; the entities move along.
pub fn normalise(text: &str, mut entities: Vec<Entity>) -> (String, Vec<Entity>) {
    let mut clean = String::with_capacity(text.len());
    // New position of every old UTF-16 offset.
    let mut moved_to = Vec::with_capacity(text.len() + 1);
    let mut at = 0;
    for c in text.chars() {
        for _ in 0..c.len_utf16() {
            moved_to.push(at);
        }
        match c {
            '\r' => {}
            c if (c as u32) < 0x20 && c != '\n' => {
                clean.push(' ');
                at += 1;
            }
            c => {
                clean.push(c);
                at += c.len_utf16();
            }
        }
    }
    moved_to.push(at);
    let move_offset = |old: usize| moved_to.get(old).copied().unwrap_or(at);

    let trimmed_end = clean.trim_end_matches([' ', '\n']);
    let start_trimmed = trimmed_end.trim_start_matches([' ', '\n']);
    let cut_units = utf16_len(trimmed_end) - utf16_len(start_trimmed);
    let total_units = utf16_len(start_trimmed);
    for entity in &mut entities {
        let start = move_offset(entity.offset)
            .saturating_sub(cut_units)
            .min(total_units);
        let end = move_offset(entity.end())
            .saturating_sub(cut_units)
            .min(total_units);
        entity.offset = start;
        entity.length = end.saturating_sub(start);
    }
    entities.retain(|e| e.length > 0);
    sort(&mut entities);
    (start_trimmed.to_owned(), entities)
}

/// Finds what the server marks by itself: commands and plain web addresses outside other links.
///
/// The real server also finds mentions, e-mail addresses, hashtags and numbers; nothing here depends on those.
pub fn detect(text: &str, entities: &mut Vec<Entity>) {
    let mut at = 0;
    let mut found = Vec::new();
    for word in text.split_inclusive([' ', '\n']) {
        let bare = word.trim_end_matches([' ', '\n']);
        let bare = bare.trim_end_matches(['.', ',', ';', ')', '!', '?']);
        let length = utf16_len(bare);
        let is_command = bare.strip_prefix('/').is_some_and(|name| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'@')
        });
        let is_url = ["http://", "https://"]
            .iter()
            .any(|scheme| bare.len() > scheme.len() && bare.starts_with(scheme));
        if is_command {
            found.push(Entity::plain(EntityKind::BotCommand, at, length));
        } else if is_url {
            found.push(Entity::plain(EntityKind::Url, at, length));
        }
        at += utf16_len(word);
    }
    found.retain(|new| {
        !entities.iter().any(|old| {
            matches!(
                old.kind,
                EntityKind::TextLink | EntityKind::Code | EntityKind::Pre
            ) && old.offset < new.end()
                && new.offset < old.end()
        })
    });
    entities.extend(found);
    sort(entities);
}

/// Writes a text and its entities as HTML of the Bot API's dialect; every character of the text is escaped.
pub fn to_html(text: &str, entities: &[Entity]) -> String {
    let mut sorted = entities.to_vec();
    sort(&mut sorted);
    let mut waiting = sorted.iter().peekable();
    let mut open: Vec<&Entity> = Vec::new();
    let mut html = String::with_capacity(text.len() * 2);
    let mut at = 0;
    for c in text.chars() {
        close_ended(&mut html, &mut open, at);
        while let Some(entity) = waiting.next_if(|e| e.offset <= at) {
            html.push_str(&start_tag(entity));
            open.push(entity);
        }
        push_escaped(&mut html, c);
        at += c.len_utf16();
    }
    close_ended(&mut html, &mut open, at);
    while let Some(entity) = open.pop() {
        html.push_str(end_tag(entity));
    }
    html
}

/// Closes what ends at `at`. Entities that overlap without nesting are closed and opened again around it.
fn close_ended(html: &mut String, open: &mut Vec<&Entity>, at: usize) {
    let Some(lowest) = open.iter().position(|e| e.end() <= at) else {
        return;
    };
    let above: Vec<&Entity> = open.drain(lowest..).collect();
    for entity in above.iter().rev() {
        html.push_str(end_tag(entity));
    }
    for entity in above {
        if entity.end() > at {
            html.push_str(&start_tag(entity));
            open.push(entity);
        }
    }
}

fn start_tag(entity: &Entity) -> String {
    let attribute = |value: &Option<String>| {
        let mut escaped = String::new();
        for c in value.as_deref().unwrap_or_default().chars() {
            push_escaped(&mut escaped, c);
        }
        escaped
    };
    match entity.kind {
        EntityKind::Bold => "<b>".to_owned(),
        EntityKind::Italic => "<i>".to_owned(),
        EntityKind::Underline => "<u>".to_owned(),
        EntityKind::Strikethrough => "<s>".to_owned(),
        EntityKind::Spoiler => "<tg-spoiler>".to_owned(),
        EntityKind::Blockquote => "<blockquote>".to_owned(),
        EntityKind::ExpandableBlockquote => "<blockquote expandable>".to_owned(),
        EntityKind::Code => "<code>".to_owned(),
        EntityKind::Pre if entity.language.is_some() => {
            format!(
                "<pre><code class=\"language-{}\">",
                attribute(&entity.language)
            )
        }
        EntityKind::Pre => "<pre>".to_owned(),
        EntityKind::TextLink => format!("<a href=\"{}\">", attribute(&entity.url)),
        EntityKind::TextMention => {
            let id = entity
                .user
                .as_ref()
                .and_then(|user| user.get("id"))
                .and_then(Value::as_i64)
                .unwrap_or_default();
            format!("<a href=\"tg://user?id={id}\">")
        }
        EntityKind::CustomEmoji => format!(
            "<tg-emoji emoji-id=\"{}\">",
            attribute(&entity.custom_emoji_id)
        ),
        EntityKind::DateTime => format!(
            "<tg-time unix=\"{}\" format=\"{}\">",
            entity.unix_time.unwrap_or_default(),
            attribute(&entity.date_time_format)
        ),
        _ => String::new(),
    }
}

fn end_tag(entity: &Entity) -> &'static str {
    match entity.kind {
        EntityKind::Bold => "</b>",
        EntityKind::Italic => "</i>",
        EntityKind::Underline => "</u>",
        EntityKind::Strikethrough => "</s>",
        EntityKind::Spoiler => "</tg-spoiler>",
        EntityKind::Blockquote | EntityKind::ExpandableBlockquote => "</blockquote>",
        EntityKind::Code => "</code>",
        EntityKind::Pre if entity.language.is_some() => "</code></pre>",
        EntityKind::Pre => "</pre>",
        EntityKind::TextLink | EntityKind::TextMention => "</a>",
        EntityKind::CustomEmoji => "</tg-emoji>",
        EntityKind::DateTime => "</tg-time>",
        _ => "",
    }
}

fn push_escaped(html: &mut String, c: char) {
    match c {
        '<' => html.push_str("&lt;"),
        '>' => html.push_str("&gt;"),
        '&' => html.push_str("&amp;"),
        '"' => html.push_str("&quot;"),
        c => html.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_at_the_ends_goes_and_entities_move() {
        let (text, entities) = normalise(
            " \n😀 a\r\nb \n",
            vec![Entity::plain(EntityKind::Bold, 5, 4)],
        );
        assert_eq!(text, "😀 a\nb");
        assert_eq!(entities, vec![Entity::plain(EntityKind::Bold, 3, 3)]);
    }

    #[test]
    fn overlapping_entities_render_as_nested_tags() {
        let entities = [
            Entity::plain(EntityKind::Bold, 0, 2),
            Entity::plain(EntityKind::Italic, 1, 2),
        ];
        assert_eq!(to_html("a<c", &entities), "<b>a<i>&lt;</i></b><i>c</i>");
    }

    #[test]
    fn commands_and_addresses_are_found() {
        let mut entities = Vec::new();
        detect("/start go https://a.example/x.", &mut entities);
        assert_eq!(
            entities,
            vec![
                Entity::plain(EntityKind::BotCommand, 0, 6),
                Entity::plain(EntityKind::Url, 10, 19)
            ]
        );
    }

    #[test]
    fn lengths_count_utf16_units() {
        assert_eq!(utf16_len("a😀b"), 4);
    }
}
