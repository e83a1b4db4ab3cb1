//! `sendMessage`.

use super::{Answer, Refusal, content, writable_chat};
use crate::{
    app::App, events::Event, keyboard::Markup, messages::StoredMessage, params::Params,
    people::Person, state::unix_now,
};
use serde_json::Value;

pub(super) fn call(app: &App, params: &Params) -> Result<Answer, Refusal> {
    let mut state = app.lock();
    let (text, entities) = content::text(params, &state.settings)?;
    let (reply_markup, input_markup) = match content::markup(params)? {
        Markup::None => (None, None),
        Markup::Inline(keyboard) => (Some(keyboard), None),
        Markup::Input(input) => (None, Some(input)),
    };
    let chat_id = writable_chat(&mut state, params)?;
    let message_id = state.take_message_id();
    let Some(person) = state.people.get_mut(&chat_id) else {
        return Err(Refusal::bad_request("Bad Request: chat not found"));
    };
    let message = StoredMessage {
        message_id,
        from_bot: true,
        date: unix_now(),
        edit_date: None,
        text,
        entities,
        reply_markup,
        input_markup,
        reply_to: reply_to(params, person)?,
        link_preview_options: params.nested("link_preview_options").unwrap_or_default(),
        edits: 0,
        history: Vec::new(),
    };
    person.add_message(message.clone());
    let answer = message.to_bot_api(app, person);
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
