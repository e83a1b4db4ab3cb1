//! What the page is told as it happens. Events name what changed; the page fetches the rest.

use serde::Serialize;

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Event {
    /// Somebody was added or changed.
    People { id: i64 },
    /// A message was added, edited or deleted.
    Chat { id: i64 },
    /// The bot answered a press.
    Answered {
        id: String,
        chat_id: i64,
        text: String,
        show_alert: bool,
    },
    /// The bot shows "typing…".
    Action { id: i64, action: String },
}
