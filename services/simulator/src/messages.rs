//! Messages as they are kept, and as the Bot API shows them.

use crate::{
    app::App,
    entities::{Entity, to_html},
    files::FileInfo,
    people::Person,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Earlier texts of a message that are kept.
const MAX_HISTORY: usize = 100;

/// What a message carries instead of a text, or with a text as its caption.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Attachment {
    /// A photo or document; `text` and `entities` are the caption.
    File(FileInfo),
    /// `UsersShared` of the Bot API.
    UsersShared(Value),
    /// `Location` of the Bot API.
    Location(Value),
}

impl Attachment {
    /// The field of a `Message` that it fills, and with what.
    fn to_bot_api(&self) -> (&'static str, Value) {
        match self {
            Self::File(info) => info.to_bot_api(),
            Self::UsersShared(shared) => ("users_shared", shared.clone()),
            Self::Location(location) => ("location", location.clone()),
        }
    }

    /// What stands in a list of chats in the place of a text.
    pub fn summary(&self) -> &str {
        match self {
            Self::File(info) => match info.kind {
                crate::files::FileKind::Photo => "Photo",
                crate::files::FileKind::Document => &info.file_name,
            },
            Self::UsersShared(_) => "People",
            Self::Location(_) => "Location",
        }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct StoredMessage {
    pub message_id: i64,
    pub from_bot: bool,
    /// Unix seconds.
    pub date: i64,
    #[serde(default)]
    pub edit_date: Option<i64>,
    pub text: String,
    #[serde(default)]
    pub entities: Vec<Entity>,
    /// The inline keyboard in its normal form.
    #[serde(default)]
    pub reply_markup: Option<Value>,
    /// A `ForceReply` or reply keyboard that came with the message; the Bot API does not show it back.
    #[serde(default)]
    pub input_markup: Option<Value>,
    #[serde(default)]
    pub reply_to: Option<i64>,
    #[serde(default)]
    pub attachment: Option<Attachment>,
    /// Sent with `disable_notification`.
    #[serde(default)]
    pub silent: bool,
    /// Sent with `protect_content`.
    #[serde(default)]
    pub protected: bool,
    #[serde(default)]
    pub link_preview_options: Option<Value>,
    /// How often it was edited.
    #[serde(default)]
    pub edits: u64,
    /// Earlier texts, oldest first, as HTML.
    #[serde(default)]
    pub history: Vec<String>,
}

impl StoredMessage {
    /// Remembers the present content before an edit replaces it.
    pub fn note_edit(&mut self, now: i64) {
        if self.history.len() >= MAX_HISTORY {
            self.history.remove(0);
        }
        self.history.push(to_html(&self.text, &self.entities));
        self.edits += 1;
        self.edit_date = Some(now);
    }

    /// `Message` of the Bot API, in the chat with `person`.
    pub fn to_bot_api(&self, app: &App, person: &Person) -> Value {
        let mut message = self.without_reply(app, person);
        if let Some(original) = self.reply_to.and_then(|id| person.message(id)) {
            message.insert(
                "reply_to_message".to_owned(),
                Value::Object(original.without_reply(app, person)),
            );
        }
        Value::Object(message)
    }

    fn without_reply(&self, app: &App, person: &Person) -> Map<String, Value> {
        let mut message = Map::new();
        message.insert("message_id".to_owned(), json!(self.message_id));
        message.insert(
            "from".to_owned(),
            if self.from_bot {
                app.bot_user()
            } else {
                person.user()
            },
        );
        message.insert("chat".to_owned(), person.chat());
        message.insert("date".to_owned(), json!(self.date));
        if let Some(date) = self.edit_date {
            message.insert("edit_date".to_owned(), json!(date));
        }
        let (text, entities) = match &self.attachment {
            None => ("text", "entities"),
            Some(attachment) => {
                let (name, value) = attachment.to_bot_api();
                message.insert(name.to_owned(), value);
                ("caption", "caption_entities")
            }
        };
        if !self.text.is_empty() {
            message.insert(text.to_owned(), json!(self.text));
        }
        if !self.entities.is_empty() {
            message.insert(entities.to_owned(), json!(self.entities));
        }
        if self.protected {
            message.insert("has_protected_content".to_owned(), json!(true));
        }
        if let Some(options) = &self.link_preview_options {
            message.insert("link_preview_options".to_owned(), options.clone());
        }
        if let Some(markup) = &self.reply_markup {
            message.insert("reply_markup".to_owned(), markup.clone());
        }
        message
    }

    pub fn file(&self) -> Option<&FileInfo> {
        match &self.attachment {
            Some(Attachment::File(info)) => Some(info),
            _ => None,
        }
    }

    /// The message as the control API shows it: as the Bot API does, but that a caption is the text.
    pub fn to_control(&self) -> Value {
        let mut message = json!({
            "message_id": self.message_id,
            "from_bot": self.from_bot,
            "text": self.text,
            "html": to_html(&self.text, &self.entities),
            "entities": self.entities,
            "reply_markup": self.reply_markup,
            "input_markup": self.input_markup,
            "reply_to": self.reply_to,
            "silent": self.silent,
            "protected": self.protected,
            "date": self.date,
            "edit_date": self.edit_date,
            "edits": self.edits,
            "history": self.history,
        });
        if let (Value::Object(fields), Some(attachment)) = (&mut message, &self.attachment) {
            let (name, value) = attachment.to_bot_api();
            fields.insert(name.to_owned(), value);
        }
        message
    }
}

impl App {
    /// The bot as the `User` in its messages.
    pub fn bot_user(&self) -> Value {
        json!({
            "id": self.bot_id,
            "is_bot": true,
            "first_name": crate::methods::BOT_NAME,
            "username": self.bot_username,
        })
    }
}
