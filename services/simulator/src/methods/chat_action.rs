//! The small methods about a chat: `sendChatAction`, `setMessageReaction` and `getChat`.

use super::{Answer, Refusal, find_chat};
use crate::{app::App, events::Event, params::Params};
use serde_json::{Value, json};

const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

pub(super) fn call(app: &App, params: &Params) -> Result<Answer, Refusal> {
    let action = params.text("action").unwrap_or_default();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(Refusal::bad_request(
            "Bad Request: wrong parameter action in request",
        ));
    }
    let id = writable(app, params)?;
    app.tell(Event::Action { id, action });
    Ok(Answer::Result(json!(true)))
}

/// Checked and forgotten: nothing shows reactions.
pub(super) fn reaction(app: &App, params: &Params) -> Result<Answer, Refusal> {
    let id = writable(app, params)?;
    let message_id = params.integer("message_id").unwrap_or_default();
    let state = app.lock();
    if state
        .people
        .get(&id)
        .and_then(|person| person.message(message_id))
        .is_none()
    {
        return Err(Refusal::bad_request(
            "Bad Request: message to react not found",
        ));
    }
    Ok(Answer::Result(json!(true)))
}

pub(super) fn get_chat(app: &App, params: &Params) -> Result<Answer, Refusal> {
    let mut chat = find_chat(&app.lock(), params)?.chat();
    if let Value::Object(fields) = &mut chat {
        fields.insert("accent_color_id".to_owned(), json!(0));
        fields.insert("max_reaction_count".to_owned(), json!(11));
        fields.insert(
            "accepted_gift_types".to_owned(),
            json!({
                "unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false, "premium_subscription": false,
            }),
        );
    }
    Ok(Answer::Result(chat))
}

/// These do not count against the limits on messages.
fn writable(app: &App, params: &Params) -> Result<i64, Refusal> {
    let state = app.lock();
    let person = find_chat(&state, params)?;
    match person.refusal() {
        Some(why) => Err(Refusal::new(403, why)),
        None => Ok(person.id),
    }
}
