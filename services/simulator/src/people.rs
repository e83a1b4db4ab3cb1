//! The people of the simulated Telegram and what the bot may do to them.

use crate::messages::StoredMessage;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Messages that a chat keeps; the oldest go.
pub(crate) const MAX_MESSAGES_PER_CHAT: usize = 2_000;
/// People that the simulator keeps; adding more is refused.
pub(crate) const MAX_PEOPLE: usize = 100_000;

/// A person, and the private chat with the bot, which has the same id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Person {
    pub id: i64,
    pub first_name: String,
    #[serde(default)]
    pub last_name: Option<String>,
    #[serde(default)]
    pub username: Option<String>,
    #[serde(default)]
    pub language_code: Option<String>,
    /// Whether this person ever pressed START.
    #[serde(default)]
    pub started: bool,
    #[serde(default)]
    pub blocked: bool,
    #[serde(default)]
    pub deactivated: bool,
    #[serde(default)]
    pub messages: Vec<StoredMessage>,
}

impl Person {
    /// `User` of the Bot API.
    pub fn user(&self) -> Value {
        let mut user = self.names();
        user.insert("id".to_owned(), json!(self.id));
        user.insert("is_bot".to_owned(), json!(false));
        if let Some(code) = &self.language_code {
            user.insert("language_code".to_owned(), json!(code));
        }
        Value::Object(user)
    }

    /// `Chat` of the Bot API.
    pub fn chat(&self) -> Value {
        let mut chat = self.names();
        chat.insert("id".to_owned(), json!(self.id));
        chat.insert("type".to_owned(), json!("private"));
        Value::Object(chat)
    }

    fn names(&self) -> Map<String, Value> {
        let mut names = Map::new();
        names.insert("first_name".to_owned(), json!(self.first_name));
        if let Some(name) = &self.last_name {
            names.insert("last_name".to_owned(), json!(name));
        }
        if let Some(name) = &self.username {
            names.insert("username".to_owned(), json!(name));
        }
        names
    }

    /// Why the bot may not write to this person.
    pub fn refusal(&self) -> Option<&'static str> {
        if self.deactivated {
            Some("Forbidden: user is deactivated")
        } else if self.blocked {
            Some("Forbidden: bot was blocked by the user")
        } else if !self.started {
            Some("Forbidden: bot can't initiate conversation with a user")
        } else {
            None
        }
    }

    pub fn message(&self, message_id: i64) -> Option<&StoredMessage> {
        self.messages
            .iter()
            .rev()
            .find(|message| message.message_id == message_id)
    }

    pub fn message_mut(&mut self, message_id: i64) -> Option<&mut StoredMessage> {
        self.messages
            .iter_mut()
            .rev()
            .find(|message| message.message_id == message_id)
    }

    /// The reply keyboard under the input field: that of the last message that said anything about it, or `None`.
    pub fn reply_keyboard(&self) -> Option<(i64, &Value)> {
        self.messages
            .iter()
            .rev()
            .find_map(|message| Some((message.message_id, message.input_markup.as_ref()?)))
            .filter(|(_, markup)| markup.get("keyboard").is_some())
    }

    pub fn add_message(&mut self, message: StoredMessage) {
        if self.messages.len() >= MAX_MESSAGES_PER_CHAT {
            self.messages.remove(0);
        }
        self.messages.push(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_in_order_of_weight() {
        let mut person: Person =
            serde_json::from_value(json!({ "id": 1, "first_name": "A" })).expect("a person");
        assert_eq!(
            person.refusal(),
            Some("Forbidden: bot can't initiate conversation with a user")
        );
        person.started = true;
        assert_eq!(person.refusal(), None);
        person.blocked = true;
        assert_eq!(
            person.refusal(),
            Some("Forbidden: bot was blocked by the user")
        );
        person.deactivated = true;
        assert_eq!(person.refusal(), Some("Forbidden: user is deactivated"));
    }
}
