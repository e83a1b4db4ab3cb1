//! `deleteMessage`.

use super::{Answer, Refusal, find_chat};
use crate::{app::App, events::Event, params::Params, state::unix_now};
use serde_json::json;

/// A bot can delete a message for 48 hours only.
const DELETABLE_SECONDS: i64 = 48 * 3600;

pub(super) fn call(app: &App, params: &Params) -> Result<Answer, Refusal> {
    let message_id = params
        .integer("message_id")
        .ok_or_else(|| Refusal::bad_request("Bad Request: message identifier is not specified"))?;
    let mut state = app.lock();
    let chat_id = find_chat(&state, params)?.id;
    let not_found = || Refusal::bad_request("Bad Request: message to delete not found");
    let person = state.people.get_mut(&chat_id).ok_or_else(not_found)?;
    let message = person.message(message_id).ok_or_else(not_found)?;
    if unix_now() - message.date > DELETABLE_SECONDS {
        return Err(Refusal::bad_request(
            "Bad Request: message can't be deleted",
        ));
    }
    person
        .messages
        .retain(|message| message.message_id != message_id);
    drop(state);
    app.changed(Event::Chat { id: chat_id });
    Ok(Answer::Result(json!(true)))
}
