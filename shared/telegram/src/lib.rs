//! The Telegram Bot API: calls, the classes of their errors, the data of our buttons, and updates. The
//! one crate that speaks it. Types and payloads are teloxide's; the transport is ours, because the
//! outcome of a call decides what becomes of a message and must be known exactly
//! (`docs/decisions/0003-bot-api-transport.md`).

mod callback_data;
mod client;
mod degrade;
mod error;
mod keyboard;
mod updates;

pub use callback_data::{
    CallbackData, CardButton, CardWish, InvalidCallbackData, MAX_CALLBACK_DATA_BYTES,
};
pub use client::{Answer, BotApi, CALL_TIMEOUT, Command, File, Identity, Outgoing, WebhookInfo};
pub use degrade::{MAX_CAPTION, MAX_TEXT, degraded, without_tags, without_tg_time};
pub use error::{CallError, ContentFault, Unreachable, classify};
pub use keyboard::{Button, ButtonAction, Keyboard, MAX_PICKED_USERS, Markup, ReplyButton};
pub use updates::{
    Garbage, Incoming, IncomingKind, KEPT_TEXT, Press, Said, Sender, SharedUser, essentials,
    parse_update,
};

/// Escapes text for the Bot API's HTML parse mode, quotes included, so that it can stand in an attribute.
#[must_use]
pub fn escape_html(text: &str) -> String {
    teloxide::utils::html::escape(text).replace('"', "&quot;")
}
