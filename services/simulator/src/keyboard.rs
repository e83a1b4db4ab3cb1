//! Validation of `reply_markup`: what a bot may put under a message, in the words of the real server.
//!
//! Pure. An inline keyboard is kept as JSON in a normal form, so that two keyboards that mean the same compare equal.

use crate::{links::checked_link, reply_keyboard};
use serde_json::{Map, Value, json};

/// Bytes of `callback_data` (Bot API, `InlineKeyboardButton`: 1-64 bytes).
pub const MAX_CALLBACK_DATA_BYTES: usize = 64;
/// Characters of `copy_text` (Bot API, `CopyTextButton`: 1-256).
pub const MAX_COPY_TEXT_CHARS: usize = 256;
/// Buttons of one keyboard; more is refused by the server as too long.
pub const MAX_BUTTONS: usize = 100;
/// Buttons in one row.
pub const MAX_BUTTONS_IN_ROW: usize = 8;

/// What a message's `reply_markup` comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Markup {
    /// Nothing, or an inline keyboard without buttons.
    None,
    /// An inline keyboard in its normal form.
    Inline(Value),
    /// `ForceReply`, a reply keyboard or its removal, in its normal form: these change the app's input field, not the
    /// message.
    Input(Value),
}

/// Parses a `reply_markup` parameter. The error is the whole description.
pub fn parse_markup(markup: &Value) -> Result<Markup, String> {
    let Value::Object(fields) = markup else {
        return match markup {
            Value::Null => Ok(Markup::None),
            Value::String(text) if text.is_empty() => Ok(Markup::None),
            _ => Err("Bad Request: object expected as reply markup".to_owned()),
        };
    };
    if let Some(rows) = fields.get("inline_keyboard") {
        return inline_keyboard(rows);
    }
    Ok(reply_keyboard::parse(fields)?.map_or(Markup::None, Markup::Input))
}

fn inline_keyboard(rows: &Value) -> Result<Markup, String> {
    let Value::Array(rows) = rows else {
        return Err(
            "Bad Request: field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array"
                .to_owned(),
        );
    };
    let mut clean = Vec::new();
    let mut count = 0;
    for row in rows {
        let Value::Array(row) = row else {
            return Err(
                "Bad Request: field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays".to_owned()
            );
        };
        let buttons = row.iter().map(button).collect::<Result<Vec<_>, _>>()?;
        count += buttons.len();
        if buttons.len() > MAX_BUTTONS_IN_ROW || count > MAX_BUTTONS {
            return Err("Bad Request: reply markup is too long".to_owned());
        }
        if !buttons.is_empty() {
            clean.push(Value::Array(buttons));
        }
    }
    Ok(if clean.is_empty() {
        Markup::None
    } else {
        Markup::Inline(json!({ "inline_keyboard": clean }))
    })
}

fn button(button: &Value) -> Result<Value, String> {
    let fail = |why: &str| {
        Err(format!(
            "Bad Request: can't parse inline keyboard button: {why}"
        ))
    };
    let Value::Object(fields) = button else {
        return fail("InlineKeyboardButton must be an Object");
    };
    let text = match fields.get("text") {
        Some(Value::String(text)) => text.trim(),
        Some(_) => return fail("Field \"text\" must be of type String"),
        None => return fail("Can't find field \"text\""),
    };
    if text.is_empty() {
        // The real server drops such a button without a word, which hides a mistake of ours.
        return fail("Button text must be non-empty");
    }
    let mut clean = Map::new();
    clean.insert("text".to_owned(), json!(text));
    match style(fields) {
        Ok(None) => {}
        Ok(Some(style)) => {
            clean.insert("style".to_owned(), style);
        }
        Err(why) => return fail(&why),
    }
    if let Some(icon) = fields.get("icon_custom_emoji_id") {
        clean.insert("icon_custom_emoji_id".to_owned(), icon.clone());
    }
    let (name, action) = action(fields)?;
    clean.insert(name.to_owned(), action);
    Ok(Value::Object(clean))
}

/// The `style` of a button (Bot API 9.4).
pub fn style(fields: &Map<String, Value>) -> Result<Option<Value>, String> {
    match fields.get("style") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(style))
            if ["danger", "success", "primary"].contains(&style.as_str()) =>
        {
            Ok(Some(json!(style)))
        }
        Some(_) => Err("Invalid button style specified".to_owned()),
    }
}

/// The one thing a button does; the first that is present counts.
fn action(fields: &Map<String, Value>) -> Result<(&'static str, Value), String> {
    let string = |name: &str| fields.get(name).and_then(Value::as_str);
    if let Some(address) = string("url") {
        let link = checked_link(address).map_err(|why| {
            format!("Bad Request: inline keyboard button URL '{address}' is invalid: {why}")
        })?;
        return Ok(("url", json!(link)));
    }
    if let Some(data) = string("callback_data") {
        if data.is_empty() || data.len() > MAX_CALLBACK_DATA_BYTES {
            return Err("Bad Request: BUTTON_DATA_INVALID".to_owned());
        }
        return Ok(("callback_data", json!(data)));
    }
    if let Some(app) = fields.get("web_app") {
        let address = app.get("url").and_then(Value::as_str).unwrap_or_default();
        if !address.starts_with("https://") || checked_link(address).is_err() {
            return Err(format!(
                "Bad Request: inline keyboard button Web App URL '{address}' is invalid: Only HTTPS links are allowed"
            ));
        }
        return Ok(("web_app", json!({ "url": address })));
    }
    if let Some(copy) = fields.get("copy_text") {
        let text = copy.get("text").and_then(Value::as_str).unwrap_or_default();
        if text.is_empty() || text.chars().count() > MAX_COPY_TEXT_CHARS {
            return Err("Bad Request: BUTTON_COPY_TEXT_INVALID".to_owned());
        }
        return Ok(("copy_text", json!({ "text": text })));
    }
    for name in [
        "switch_inline_query",
        "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat",
        "disabled",
    ] {
        if let Some(value) = fields.get(name) {
            return Ok((name, value.clone()));
        }
    }
    Err("Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard".to_owned())
}

/// Whether `keyboard` has a button with this `callback_data`.
pub fn has_callback_data(keyboard: &Value, data: &str) -> bool {
    keyboard
        .get("inline_keyboard")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_array)
        .flatten()
        .any(|button| button.get("callback_data").and_then(Value::as_str) == Some(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(button: &Value) -> Result<Markup, String> {
        parse_markup(&json!({ "inline_keyboard": [[button]] }))
    }

    #[test]
    fn callback_data_is_counted_in_bytes() {
        assert!(one(&json!({ "text": "a", "callback_data": "x".repeat(64) })).is_ok());
        for bad in [String::new(), "x".repeat(65), "é".repeat(33)] {
            let error =
                one(&json!({ "text": "a", "callback_data": bad })).expect_err("too long or empty");
            assert_eq!(error, "Bad Request: BUTTON_DATA_INVALID");
        }
    }

    #[test]
    fn refused_buttons() {
        let unsupported = "Bad Request: inline keyboard button URL 'javascript:x' is invalid: Unsupported URL protocol";
        let table = [
            (
                json!({ "text": "", "callback_data": "x" }),
                "Bad Request: can't parse inline keyboard button: Button text must be non-empty",
            ),
            (
                json!({ "callback_data": "x" }),
                "Bad Request: can't parse inline keyboard button: Can't find field \"text\"",
            ),
            (
                json!({ "text": 5 }),
                "Bad Request: can't parse inline keyboard button: Field \"text\" must be of type String",
            ),
            (
                json!("x"),
                "Bad Request: can't parse inline keyboard button: InlineKeyboardButton must be an Object",
            ),
            (
                json!({ "text": "a" }),
                "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
            ),
            (
                json!({ "text": "a", "url": "http://localhost/x" }),
                "Bad Request: inline keyboard button URL 'http://localhost/x' is invalid: Wrong HTTP URL",
            ),
            (json!({ "text": "a", "url": "javascript:x" }), unsupported),
            (
                json!({ "text": "a", "web_app": { "url": "http://a.example" } }),
                "Bad Request: inline keyboard button Web App URL 'http://a.example' is invalid: Only HTTPS links are allowed",
            ),
            (
                json!({ "text": "a", "copy_text": { "text": "" } }),
                "Bad Request: BUTTON_COPY_TEXT_INVALID",
            ),
            (
                json!({ "text": "a", "callback_data": "x", "style": "pink" }),
                "Bad Request: can't parse inline keyboard button: Invalid button style specified",
            ),
        ];
        for (button, expected) in table {
            assert_eq!(one(&button).expect_err("refused"), expected, "{button}");
        }
    }

    #[test]
    fn keyboards_come_to_a_normal_form() {
        let markup = parse_markup(
            &json!({ "inline_keyboard": [[], [{ "text": " a ", "callback_data": "x", "junk": 1 }]] }),
        );
        assert_eq!(
            markup,
            Ok(Markup::Inline(
                json!({ "inline_keyboard": [[{ "text": "a", "callback_data": "x" }]] })
            ))
        );
        assert_eq!(
            parse_markup(&json!({ "inline_keyboard": [] })),
            Ok(Markup::None)
        );
        assert!(matches!(
            parse_markup(&json!({ "force_reply": true })),
            Ok(Markup::Input(_))
        ));
        assert!(parse_markup(&json!([1])).is_err());
        assert!(parse_markup(&json!({ "inline_keyboard": 1 })).is_err());
    }

    #[test]
    fn too_many_buttons() {
        let row = vec![json!({ "text": "a", "callback_data": "x" }); 9];
        assert!(parse_markup(&json!({ "inline_keyboard": [row] })).is_err());
        let rows = vec![vec![json!({ "text": "a", "callback_data": "x" }); 5]; 21];
        assert!(parse_markup(&json!({ "inline_keyboard": rows })).is_err());
    }

    #[test]
    fn finds_a_button_by_its_data() {
        let keyboard = json!({ "inline_keyboard": [[{ "text": "a", "callback_data": "x" }]] });
        assert!(has_callback_data(&keyboard, "x"));
        assert!(!has_callback_data(&keyboard, "y"));
    }
}
