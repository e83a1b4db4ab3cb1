//! Validation of what a bot may put in the place of the app's keyboard: `ReplyKeyboardMarkup`, `ReplyKeyboardRemove`
//! and `ForceReply`.
//!
//! Pure. Each comes to a normal form without what means nothing. Where the real server would drop something without a
//! word (an empty button, the 301st one), this one refuses, because it hides a mistake of ours.

use serde_json::{Map, Value, json};

/// Buttons of one keyboard; the real server drops more.
const MAX_BUTTONS: usize = 300;
/// Buttons in one row; the real server drops more.
const MAX_BUTTONS_IN_ROW: usize = 12;
/// Characters of `input_field_placeholder` (Bot API, `ReplyKeyboardMarkup`: 1-64).
const MAX_PLACEHOLDER_CHARS: usize = 64;
/// People of one choice (Bot API, `KeyboardButtonRequestUsers`: 1-10).
const MAX_QUANTITY: i64 = 10;

/// What a button asks for, besides sending its text. At most one of them.
const REQUESTS: [&str; 6] = [
    "request_users",
    "request_chat",
    "request_contact",
    "request_location",
    "request_poll",
    "web_app",
];

/// The normal form, or `None` for nothing. The error is the whole description.
pub fn parse(fields: &Map<String, Value>) -> Result<Option<Value>, String> {
    let whole = |why: String| format!("Bad Request: {why}");
    let rows = match fields.get("keyboard") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(rows)) => parse_rows(rows)?,
        Some(_) => return Err(whole("field \"keyboard\" must be of type Array".to_owned())),
    };
    let is_set = |name: &str| optional_bool(fields, name).map_err(|why| whole(lower_first(&why)));
    let mut clean = Map::new();
    if !rows.is_empty() {
        clean.insert("keyboard".to_owned(), Value::Array(rows));
        for name in ["is_persistent", "resize_keyboard", "one_time_keyboard"] {
            if is_set(name)? {
                clean.insert(name.to_owned(), json!(true));
            }
        }
    } else if is_set("remove_keyboard")? || is_set("hide_keyboard")? {
        return Ok(Some(json!({ "remove_keyboard": true })));
    } else if is_set("force_reply")? {
        clean.insert("force_reply".to_owned(), json!(true));
    } else {
        return Ok(None);
    }
    match fields.get("input_field_placeholder") {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) if text.chars().count() > MAX_PLACEHOLDER_CHARS => {
            return Err(whole(format!(
                "input field placeholder length must not exceed {MAX_PLACEHOLDER_CHARS}"
            )));
        }
        Some(Value::String(text)) => {
            if !text.is_empty() {
                clean.insert("input_field_placeholder".to_owned(), json!(text));
            }
        }
        Some(_) => {
            return Err(whole(
                "field \"input_field_placeholder\" must be of type String".to_owned(),
            ));
        }
    }
    Ok(Some(Value::Object(clean)))
}

fn parse_rows(rows: &[Value]) -> Result<Vec<Value>, String> {
    let mut clean = Vec::new();
    let mut count = 0;
    for row in rows {
        let Value::Array(row) = row else {
            return Err("Bad Request: field \"keyboard\" must be an Array of Arrays".to_owned());
        };
        let buttons = row
            .iter()
            .map(button)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|why| format!("Bad Request: can't parse keyboard button: {why}"))?;
        count += buttons.len();
        if buttons.len() > MAX_BUTTONS_IN_ROW || count > MAX_BUTTONS {
            return Err("Bad Request: reply markup is too long".to_owned());
        }
        if !buttons.is_empty() {
            clean.push(Value::Array(buttons));
        }
    }
    Ok(clean)
}

fn button(button: &Value) -> Result<Value, String> {
    let fields = match button {
        Value::String(text) => return Ok(json!({ "text": non_empty(text)? })),
        Value::Object(fields) => fields,
        _ => return Err("KeyboardButton must be a String or an Object".to_owned()),
    };
    let text = match fields.get("text") {
        Some(Value::String(text)) => non_empty(text)?,
        Some(_) => return Err("Field \"text\" must be of type String".to_owned()),
        None => return Err("Can't find field \"text\"".to_owned()),
    };
    let mut clean = Map::new();
    clean.insert("text".to_owned(), json!(text));
    if let Some(style) = crate::keyboard::style(fields)? {
        clean.insert("style".to_owned(), style);
    }
    if let Some(icon) = fields.get("icon_custom_emoji_id") {
        clean.insert("icon_custom_emoji_id".to_owned(), icon.clone());
    }
    for name in REQUESTS {
        let request = match name {
            "request_users" => request_users(fields.get(name))?,
            "request_contact" | "request_location" => {
                optional_bool(fields, name)?.then_some(json!(true))
            }
            _ => fields.get(name).filter(|value| !value.is_null()).cloned(),
        };
        if let Some(request) = request {
            let is_second = REQUESTS.iter().any(|other| clean.contains_key(*other));
            if is_second {
                // The real server takes the first it looks for.
                return Err(format!("{name} excludes the other requests"));
            }
            clean.insert(name.to_owned(), request);
        }
    }
    Ok(Value::Object(clean))
}

fn non_empty(text: &str) -> Result<&str, String> {
    match text.trim() {
        "" => Err("Button text must be non-empty".to_owned()),
        text => Ok(text),
    }
}

fn request_users(request: Option<&Value>) -> Result<Option<Value>, String> {
    let fields = match request {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err("Field \"request_users\" must be of type Object".to_owned()),
    };
    let mut clean = Map::new();
    let id = match fields.get("request_id") {
        None => return Err("Can't find field \"request_id\"".to_owned()),
        Some(id) => id
            .as_i64()
            .and_then(|id| i32::try_from(id).ok())
            .ok_or("Field \"request_id\" must be of type Number")?,
    };
    clean.insert("request_id".to_owned(), json!(id));
    let quantity = match fields.get("max_quantity") {
        None | Some(Value::Null) => 1,
        Some(quantity) => quantity
            .as_i64()
            .ok_or("Field \"max_quantity\" must be of type Number")?,
    };
    if !(1..=MAX_QUANTITY).contains(&quantity) {
        return Err(format!(
            "Field \"max_quantity\" must be 1 to {MAX_QUANTITY}"
        ));
    }
    clean.insert("max_quantity".to_owned(), json!(quantity));
    // Whether it is given at all makes a difference: false asks for people who are no bots.
    for name in ["user_is_bot", "user_is_premium"] {
        if fields.get(name).is_some_and(|value| !value.is_null()) {
            clean.insert(name.to_owned(), json!(optional_bool(fields, name)?));
        }
    }
    for name in ["request_name", "request_username", "request_photo"] {
        if optional_bool(fields, name)? {
            clean.insert(name.to_owned(), json!(true));
        }
    }
    Ok(Some(Value::Object(clean)))
}

fn optional_bool(fields: &Map<String, Value>, name: &str) -> Result<bool, String> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(truth)) => Ok(*truth),
        Some(_) => Err(format!("Field \"{name}\" must be of type Boolean")),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_ascii_lowercase())
        .into_iter()
        .chain(chars)
        .collect()
}

/// The buttons of a reply keyboard in its normal form, row after row.
fn buttons(keyboard: &Value) -> impl Iterator<Item = &Value> {
    keyboard
        .get("keyboard")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_array)
        .flatten()
}

/// The `request_users` of the button with this `request_id`.
pub fn find_request_users(keyboard: &Value, request_id: i64) -> Option<&Value> {
    buttons(keyboard)
        .filter_map(|button| button.get("request_users"))
        .find(|request| request.get("request_id").and_then(Value::as_i64) == Some(request_id))
}

/// Whether there is a button that asks where one is.
pub fn has_request_location(keyboard: &Value) -> bool {
    buttons(keyboard).any(|button| button.get("request_location").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(markup: &Value) -> Result<Option<Value>, String> {
        parse(markup.as_object().expect("an object"))
    }

    fn one(button: &Value) -> Result<Option<Value>, String> {
        check(&json!({ "keyboard": [[button]] }))
    }

    #[test]
    fn keyboards_come_to_a_normal_form() {
        let table = [
            (
                json!({ "keyboard": [["a", { "text": " b " }], []], "resize_keyboard": true, "junk": 1 }),
                json!({ "keyboard": [[{ "text": "a" }, { "text": "b" }]], "resize_keyboard": true }),
            ),
            (
                json!({ "keyboard": [[{ "text": "Who", "request_users": { "request_id": 7, "user_is_bot": false, "request_name": true } }]] }),
                json!({ "keyboard": [[{ "text": "Who", "request_users": {
                    "request_id": 7, "max_quantity": 1, "user_is_bot": false, "request_name": true } }]] }),
            ),
            (
                json!({ "keyboard": [[{ "text": "Where", "request_location": true, "style": "primary" }]],
                    "input_field_placeholder": "or type", "one_time_keyboard": true }),
                json!({ "keyboard": [[{ "text": "Where", "request_location": true, "style": "primary" }]],
                    "input_field_placeholder": "or type", "one_time_keyboard": true }),
            ),
            (
                json!({ "remove_keyboard": true, "selective": true }),
                json!({ "remove_keyboard": true }),
            ),
            (
                json!({ "force_reply": true, "input_field_placeholder": "Note" }),
                json!({ "force_reply": true, "input_field_placeholder": "Note" }),
            ),
        ];
        for (markup, expected) in table {
            assert_eq!(check(&markup), Ok(Some(expected)), "{markup}");
        }
        for nothing in [
            json!({}),
            json!({ "keyboard": [] }),
            json!({ "keyboard": [[]] }),
            json!({ "remove_keyboard": false }),
        ] {
            assert_eq!(check(&nothing), Ok(None), "{nothing}");
        }
    }

    #[test]
    fn refused_buttons() {
        let table = [
            (json!(5), "KeyboardButton must be a String or an Object"),
            (json!({}), "Can't find field \"text\""),
            (
                json!({ "text": 5 }),
                "Field \"text\" must be of type String",
            ),
            (json!(" "), "Button text must be non-empty"),
            (
                json!({ "text": "a", "request_location": "yes" }),
                "Field \"request_location\" must be of type Boolean",
            ),
            (
                json!({ "text": "a", "request_users": 5 }),
                "Field \"request_users\" must be of type Object",
            ),
            (
                json!({ "text": "a", "request_users": {} }),
                "Can't find field \"request_id\"",
            ),
            (
                json!({ "text": "a", "request_users": { "request_id": "x" } }),
                "Field \"request_id\" must be of type Number",
            ),
            (
                json!({ "text": "a", "request_users": { "request_id": 1, "max_quantity": 11 } }),
                "Field \"max_quantity\" must be 1 to 10",
            ),
            (
                json!({ "text": "a", "request_users": { "request_id": 1 }, "request_location": true }),
                "request_location excludes the other requests",
            ),
            (
                json!({ "text": "a", "style": "pink" }),
                "Invalid button style specified",
            ),
        ];
        for (button, why) in table {
            assert_eq!(
                one(&button).expect_err("refused"),
                format!("Bad Request: can't parse keyboard button: {why}"),
                "{button}"
            );
        }
    }

    #[test]
    fn refused_keyboards() {
        let table = [
            (
                json!({ "keyboard": 1 }),
                "field \"keyboard\" must be of type Array",
            ),
            (
                json!({ "keyboard": [1] }),
                "field \"keyboard\" must be an Array of Arrays",
            ),
            (
                json!({ "keyboard": [vec!["a"; 13]] }),
                "reply markup is too long",
            ),
            (
                json!({ "keyboard": vec![vec!["a"; 10]; 31] }),
                "reply markup is too long",
            ),
            (
                json!({ "keyboard": [["a"]], "resize_keyboard": 1 }),
                "field \"resize_keyboard\" must be of type Boolean",
            ),
            (
                json!({ "force_reply": true, "input_field_placeholder": "x".repeat(65) }),
                "input field placeholder length must not exceed 64",
            ),
        ];
        for (markup, why) in table {
            assert_eq!(
                check(&markup).expect_err("refused"),
                format!("Bad Request: {why}"),
                "{markup}"
            );
        }
        assert!(check(&json!({ "keyboard": vec![vec!["a"; 10]; 30] })).is_ok());
    }

    #[test]
    fn finds_what_a_keyboard_asks_for() {
        let keyboard = json!({ "keyboard": [[{ "text": "Who", "request_users": { "request_id": 7 } }, { "text": "Hi" }]] });
        assert!(find_request_users(&keyboard, 7).is_some());
        assert!(find_request_users(&keyboard, 8).is_none());
        assert!(!has_request_location(&keyboard));
    }
}
