//! The methods of the Bot API, one file per method or pair of methods, and what they share.

mod answer_callback_query;
mod chat_action;
mod commands;
mod content;
mod delete_message;
mod edit_message;
mod get_me;
mod get_updates;
mod send;
mod send_file;
mod send_message;
mod set_webhook;

use crate::{app::App, params::Params, people::Person, state::State};
use serde_json::{Value, json};
use std::time::Instant;

/// First name of the bot.
pub(crate) const BOT_NAME: &str = "Televent";

/// Body of a call. Texts are 4096 characters; the rest is room for a hundred buttons.
const MAX_BODY_BYTES: usize = 1024 * 1024;
/// Body of a call with a file: one of 50 MB, and the rest of a call.
const MAX_UPLOAD_BYTES: usize = 51 * 1024 * 1024;

/// What a method returns when it did its work.
#[derive(Debug)]
pub(crate) enum Answer {
    Result(Value),
    /// With the description that some methods add.
    Described(bool, &'static str),
    /// The bodies of updates, verbatim.
    Updates(Vec<String>),
}

/// A refusal in the real server's words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub code: u16,
    pub description: String,
    pub parameters: Option<Value>,
}

impl Refusal {
    pub fn new(code: u16, description: impl Into<String>) -> Self {
        Self {
            code,
            description: description.into(),
            parameters: None,
        }
    }

    pub fn bad_request(description: impl Into<String>) -> Self {
        Self::new(400, description)
    }

    pub fn too_many_requests(retry_after: u64) -> Self {
        Self {
            code: 429,
            description: format!("Too Many Requests: retry after {retry_after}"),
            parameters: Some(json!({ "retry_after": retry_after })),
        }
    }
}

/// The methods that Televent may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    GetMe,
    GetUpdates,
    SetWebhook,
    DeleteWebhook,
    GetWebhookInfo,
    SendMessage,
    SendPhoto,
    SendDocument,
    EditMessageText,
    EditMessageCaption,
    EditMessageReplyMarkup,
    DeleteMessage,
    AnswerCallbackQuery,
    SetMyCommands,
    GetMyCommands,
    DeleteMyCommands,
    SendChatAction,
    SetMessageReaction,
    GetChat,
}

impl Method {
    const ALL: [Self; 19] = [
        Self::GetMe,
        Self::GetUpdates,
        Self::SetWebhook,
        Self::DeleteWebhook,
        Self::GetWebhookInfo,
        Self::SendMessage,
        Self::SendPhoto,
        Self::SendDocument,
        Self::EditMessageText,
        Self::EditMessageCaption,
        Self::EditMessageReplyMarkup,
        Self::DeleteMessage,
        Self::AnswerCallbackQuery,
        Self::SetMyCommands,
        Self::GetMyCommands,
        Self::DeleteMyCommands,
        Self::SendChatAction,
        Self::SetMessageReaction,
        Self::GetChat,
    ];

    /// The documented name.
    pub fn name(self) -> &'static str {
        match self {
            Self::GetMe => "getMe",
            Self::GetUpdates => "getUpdates",
            Self::SetWebhook => "setWebhook",
            Self::DeleteWebhook => "deleteWebhook",
            Self::GetWebhookInfo => "getWebhookInfo",
            Self::SendMessage => "sendMessage",
            Self::SendPhoto => "sendPhoto",
            Self::SendDocument => "sendDocument",
            Self::EditMessageText => "editMessageText",
            Self::EditMessageCaption => "editMessageCaption",
            Self::EditMessageReplyMarkup => "editMessageReplyMarkup",
            Self::DeleteMessage => "deleteMessage",
            Self::AnswerCallbackQuery => "answerCallbackQuery",
            Self::SetMyCommands => "setMyCommands",
            Self::GetMyCommands => "getMyCommands",
            Self::DeleteMyCommands => "deleteMyCommands",
            Self::SendChatAction => "sendChatAction",
            Self::SetMessageReaction => "setMessageReaction",
            Self::GetChat => "getChat",
        }
    }

    /// Names are accepted in any case, as the real server does.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|method| method.name().eq_ignore_ascii_case(name))
    }

    /// The longest body of a call.
    pub fn max_body_bytes(self) -> usize {
        match self {
            Self::SendPhoto | Self::SendDocument => MAX_UPLOAD_BYTES,
            _ => MAX_BODY_BYTES,
        }
    }

    pub async fn call(self, app: &App, params: &Params) -> Result<Answer, Refusal> {
        match self {
            Self::GetMe => Ok(get_me::call(app)),
            Self::GetUpdates => get_updates::call(app, params).await,
            Self::SetWebhook => set_webhook::set(app, params),
            Self::DeleteWebhook => Ok(set_webhook::delete(app, params)),
            Self::GetWebhookInfo => Ok(set_webhook::info(app)),
            Self::SendMessage => send_message::call(app, params),
            Self::SendPhoto => send_file::photo(app, params),
            Self::SendDocument => send_file::document(app, params),
            Self::EditMessageText => edit_message::text(app, params),
            Self::EditMessageCaption => edit_message::caption(app, params),
            Self::EditMessageReplyMarkup => edit_message::reply_markup(app, params),
            Self::DeleteMessage => delete_message::call(app, params),
            Self::AnswerCallbackQuery => answer_callback_query::call(app, params),
            Self::SetMyCommands => commands::set(app, params),
            Self::GetMyCommands => commands::get(app, params),
            Self::DeleteMyCommands => commands::delete(app, params),
            Self::SendChatAction => chat_action::call(app, params),
            Self::SetMessageReaction => chat_action::reaction(app, params),
            Self::GetChat => chat_action::get_chat(app, params),
        }
    }
}

/// Finds the chat that a call names. Usernames reach no private chat, as on the real server.
fn find_chat<'a>(state: &'a State, params: &Params) -> Result<&'a Person, Refusal> {
    let chat_id = params.text("chat_id").unwrap_or_default();
    if chat_id.trim().is_empty() {
        return Err(Refusal::bad_request("Bad Request: chat_id is empty"));
    }
    chat_id
        .trim()
        .parse()
        .ok()
        .and_then(|id: i64| state.people.get(&id))
        .ok_or_else(|| Refusal::bad_request("Bad Request: chat not found"))
}

/// Finds the chat that a call names, if the bot may write there now. The id of the person.
fn writable_chat(state: &mut State, params: &Params) -> Result<i64, Refusal> {
    let person = find_chat(state, params)?;
    if let Some(why) = person.refusal() {
        return Err(Refusal::new(403, why));
    }
    let id = person.id;
    state
        .limiter
        .admit(&state.settings, id, Instant::now())
        .map_err(Refusal::too_many_requests)?;
    Ok(id)
}
