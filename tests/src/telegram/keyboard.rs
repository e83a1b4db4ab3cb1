//! The keyboard under somebody's input field.

use super::{field, list, number, optional_text, text};
use serde_json::Value;

/// The keyboard under somebody's input field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyKeyboard {
    /// The message that brought it.
    pub message_id: i64,
    /// Its buttons, row after row.
    pub rows: Vec<Vec<ReplyButton>>,
    /// Whether it hides after a press.
    pub one_time: bool,
    /// What stands in the empty input field.
    pub placeholder: Option<String>,
}

/// A button of a reply keyboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyButton {
    /// What stands on it, and what it says if it asks for nothing.
    pub label: String,
    /// The `request_id` of one that asks for people.
    pub request_users: Option<i64>,
    /// Whether it asks where one is.
    pub request_location: bool,
}

impl ReplyKeyboard {
    /// What stands on the buttons.
    pub fn labels(&self) -> Vec<&str> {
        self.rows
            .iter()
            .flatten()
            .map(|button| button.label.as_str())
            .collect()
    }

    /// The `request_id` of the first button that asks for people.
    pub fn request_users(&self) -> Option<i64> {
        self.rows
            .iter()
            .flatten()
            .find_map(|button| button.request_users)
    }
}

/// Reads it from the control API.
pub(super) fn reply_keyboard(keyboard: &Value) -> ReplyKeyboard {
    let button = |button: &Value| ReplyButton {
        label: text(button, "text"),
        request_users: button
            .pointer("/request_users/request_id")
            .and_then(Value::as_i64),
        request_location: field(button, "request_location") == true,
    };
    ReplyKeyboard {
        message_id: number(keyboard, "message_id"),
        rows: list(field(keyboard, "keyboard"))
            .iter()
            .map(|row| list(row).iter().map(button).collect())
            .collect(),
        one_time: field(keyboard, "one_time_keyboard") == true,
        placeholder: optional_text(keyboard, "input_field_placeholder"),
    }
}
