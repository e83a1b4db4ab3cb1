//! `editMessageText`, `editMessageCaption` and `editMessageReplyMarkup`. A bot may edit its own messages without a
//! time limit.

use super::{Answer, Refusal, content, writable_chat};
use crate::{
    app::App, entities::Entity, events::Event, messages::StoredMessage, params::Params,
    state::unix_now,
};
use serde_json::Value;
use std::time::Instant;

const NOT_MODIFIED: &str = "Bad Request: message is not modified: specified new message content and reply markup are \
                            exactly the same as a current content and reply markup of the message";

/// What changes besides the keyboard.
enum Change {
    Text(String, Vec<Entity>),
    Caption(String, Vec<Entity>),
    Nothing,
}

pub(super) fn text(app: &App, params: &Params) -> Result<Answer, Refusal> {
    let (text, entities) = content::text(params, &app.lock().settings)?;
    edit(app, params, Change::Text(text, entities))
}

pub(super) fn caption(app: &App, params: &Params) -> Result<Answer, Refusal> {
    let (text, entities) = content::caption(params, &app.lock().settings)?;
    edit(app, params, Change::Caption(text, entities))
}

pub(super) fn reply_markup(app: &App, params: &Params) -> Result<Answer, Refusal> {
    edit(app, params, Change::Nothing)
}

/// Replaces the keyboard, and the text if one is given. An edit without a keyboard takes the keyboard away.
fn edit(app: &App, params: &Params, change: Change) -> Result<Answer, Refusal> {
    if params.has("inline_message_id") {
        return Err(Refusal::bad_request("Bad Request: MESSAGE_ID_INVALID"));
    }
    let keyboard = content::inline_markup(params)?;
    let message_id = params
        .integer("message_id")
        .filter(|id| *id > 0)
        .ok_or_else(|| Refusal::bad_request("Bad Request: message identifier is not specified"))?;
    let mut state = app.lock();
    let chat_id = writable_chat(&mut state, params)?;
    let not_found = || Refusal::bad_request("Bad Request: message to edit not found");
    let person = state.people.get_mut(&chat_id).ok_or_else(not_found)?;
    let message = person.message_mut(message_id).ok_or_else(not_found)?;
    let content = checked(message, change)?;
    let same_content = content
        .as_ref()
        .is_none_or(|(text, entities)| (text, entities) == (&message.text, &message.entities));
    if same_content && keyboard == message.reply_markup {
        return Err(Refusal::bad_request(NOT_MODIFIED));
    }
    message.note_edit(unix_now());
    if let Some((text, entities)) = content {
        message.text = text;
        message.entities = entities;
        message.link_preview_options = params.nested("link_preview_options").unwrap_or_default();
    }
    message.reply_markup = keyboard;
    let answer = person
        .message(message_id)
        .map_or(Value::Bool(true), |message| message.to_bot_api(app, person));
    state.meter.count(chat_id, Instant::now(), unix_now());
    drop(state);
    app.changed(Event::Chat { id: chat_id });
    Ok(Answer::Result(answer))
}

/// The new text or caption, if `message` is one that can have it.
fn checked(
    message: &StoredMessage,
    change: Change,
) -> Result<Option<(String, Vec<Entity>)>, Refusal> {
    // One that came with a reply keyboard or a ForceReply cannot be edited either (Bot API, "Updating messages").
    if !message.from_bot || message.input_markup.is_some() {
        return Err(Refusal::bad_request("Bad Request: message can't be edited"));
    }
    match change {
        Change::Text(..) if message.file().is_some() => Err(Refusal::bad_request(
            "Bad Request: there is no text in the message to edit",
        )),
        Change::Caption(..) if message.file().is_none() => Err(Refusal::bad_request(
            "Bad Request: there is no caption in the message to edit",
        )),
        Change::Text(text, entities) | Change::Caption(text, entities) => {
            Ok(Some((text, entities)))
        }
        Change::Nothing => Ok(None),
    }
}
