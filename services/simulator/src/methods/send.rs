//! What `sendMessage`, `sendPhoto` and `sendDocument` have in common: everything around the content.

use super::{Answer, Refusal, content, writable_chat};
use crate::{
    app::App,
    entities::Entity,
    events::Event,
    files::FileInfo,
    keyboard::Markup,
    messages::{Attachment, StoredMessage},
    params::Params,
    people::Person,
    state::{State, unix_now},
};
use serde_json::Value;
use std::{sync::MutexGuard, time::Instant};

/// What is to be sent.
pub(super) struct Content {
    pub text: String,
    pub entities: Vec<Entity>,
    pub file: Option<NewFile>,
}

/// A file that is kept only if the chat can be written to.
pub(super) enum NewFile {
    /// Sent once more by its id.
    Known(FileInfo),
    Uploaded(Box<dyn FnOnce(&mut State) -> FileInfo>),
}

/// Sends `content` to the chat that the call names.
pub(super) fn send(
    mut state: MutexGuard<'_, State>,
    app: &App,
    params: &Params,
    content: Content,
) -> Result<Answer, Refusal> {
    let (reply_markup, input_markup) = match content::markup(params)? {
        Markup::None => (None, None),
        Markup::Inline(keyboard) => (Some(keyboard), None),
        Markup::Input(input) => (None, Some(input)),
    };
    let chat_id = writable_chat(&mut state, params)?;
    let not_found = || Refusal::bad_request("Bad Request: chat not found");
    let person = state.people.get(&chat_id).ok_or_else(not_found)?;
    let reply_to = reply_to(params, person)?;
    let message_id = state.take_message_id();
    let file = content.file.map(|file| match file {
        NewFile::Known(info) => info,
        NewFile::Uploaded(keep) => keep(&mut state),
    });
    let message = StoredMessage {
        message_id,
        from_bot: true,
        date: unix_now(),
        text: content.text,
        entities: content.entities,
        reply_markup,
        input_markup,
        reply_to,
        attachment: file.map(Attachment::File),
        silent: params.truth("disable_notification"),
        protected: params.truth("protect_content"),
        link_preview_options: params.nested("link_preview_options").unwrap_or_default(),
        ..StoredMessage::default()
    };
    let person = state.people.get_mut(&chat_id).ok_or_else(not_found)?;
    person.add_message(message.clone());
    let answer = message.to_bot_api(app, person);
    state.meter.count(chat_id, Instant::now(), unix_now());
    drop(state);
    app.changed(Event::Chat { id: chat_id });
    Ok(Answer::Result(answer))
}

/// The message that this one answers: `reply_parameters`, or the older `reply_to_message_id`.
fn reply_to(params: &Params, person: &Person) -> Result<Option<i64>, Refusal> {
    let parameters = params.nested("reply_parameters").map_err(|_| {
        Refusal::bad_request("Bad Request: can't parse reply parameters JSON object")
    })?;
    let field = |name: &str| {
        parameters
            .as_ref()
            .and_then(|parameters| parameters.get(name))
    };
    let wanted = field("message_id")
        .and_then(Value::as_i64)
        .or_else(|| params.integer("reply_to_message_id"));
    let Some(wanted) = wanted.filter(|id| *id != 0) else {
        return Ok(None);
    };
    if person.message(wanted).is_some() {
        return Ok(Some(wanted));
    }
    let optional = field("allow_sending_without_reply")
        .and_then(Value::as_bool)
        .unwrap_or(false)
        || params.truth("allow_sending_without_reply");
    if optional {
        Ok(None)
    } else {
        Err(Refusal::bad_request(
            "Bad Request: message to be replied not found",
        ))
    }
}
