//! Adding people, and what they do with the bot as a whole: start, block, unblock, leave Telegram.

use super::{ControlError, read};
use crate::{
    app::App,
    events::Event,
    messages::{Attachment, StoredMessage},
    people::{MAX_PEOPLE, Person},
    state::State as SimState,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Arc, MutexGuard};

/// Ids of people (Bot API, `User`: at most 52 significant bits).
const MAX_PERSON_ID: i64 = 1 << 52;
/// A deep link's payload (`/start <payload>`): at most 64 of A-Z, a-z, 0-9, `_` and `-`.
const MAX_PAYLOAD_BYTES: usize = 64;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonBody {
    first_name: String,
    last_name: Option<String>,
    username: Option<String>,
    language_code: Option<String>,
    // What is left out of the following stays as it is, so that a second run of a set-up resets nobody.
    started: Option<bool>,
    blocked: Option<bool>,
    deactivated: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct StartBody {
    payload: Option<String>,
}

pub(super) async fn list(State(app): State<Arc<App>>) -> Json<Value> {
    let state = app.lock();
    Json(state.people.values().map(summary).collect())
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, ControlError> {
    let state = app.lock();
    state
        .people
        .get(&id)
        .map(summary)
        .map(Json)
        .ok_or_else(|| ControlError::not_found("person"))
}

fn summary(person: &Person) -> Value {
    json!({
        "id": person.id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "username": person.username,
        "language_code": person.language_code,
        "started": person.started,
        "blocked": person.blocked,
        "deactivated": person.deactivated,
        "message_count": person.messages.len(),
        "bot_message_count": person.messages.iter().filter(|message| message.from_bot).count(),
        "last_message": person.messages.last().map(|message| json!({
            "message_id": message.message_id,
            "from_bot": message.from_bot,
            "text": message.text,
            "attachment": message.attachment.as_ref().map(Attachment::summary),
            "date": message.date,
            "edits": message.edits,
        })),
    })
}

/// Adds or changes a person, without an update to the bot.
pub(super) async fn put(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let body: PersonBody = read(&body)?;
    if !(1..=MAX_PERSON_ID).contains(&id) || id == app.bot_id {
        return Err(ControlError::bad_request(
            "the id must be 1 to 2^52 and not the bot's",
        ));
    }
    if body.first_name.trim().is_empty() {
        return Err(ControlError::bad_request("first_name must be non-empty"));
    }
    let mut state = app.lock();
    if state.people.len() >= MAX_PEOPLE && !state.people.contains_key(&id) {
        return Err(ControlError::conflict("too many people"));
    }
    let old = state.people.remove(&id);
    let was = |flag: fn(&Person) -> bool| old.as_ref().is_some_and(flag);
    let person = Person {
        id,
        first_name: body.first_name.trim().to_owned(),
        last_name: body.last_name.filter(|name| !name.is_empty()),
        username: body
            .username
            .map(|name| name.trim_start_matches('@').to_owned())
            .filter(|name| !name.is_empty()),
        language_code: body.language_code.filter(|code| !code.is_empty()),
        started: body.started.unwrap_or_else(|| was(|person| person.started)),
        blocked: body.blocked.unwrap_or_else(|| was(|person| person.blocked)),
        deactivated: body
            .deactivated
            .unwrap_or_else(|| was(|person| person.deactivated)),
        messages: old.map(|person| person.messages).unwrap_or_default(),
    };
    let answer = summary(&person);
    state.people.insert(id, person);
    drop(state);
    app.changed(Event::People { id });
    Ok(Json(answer))
}

/// Presses START, or opens a deep link: unblocks if need be, and sends `/start`.
pub(super) async fn start(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let body: StartBody = read(&body)?;
    let payload = body.payload.filter(|payload| !payload.is_empty());
    if let Some(payload) = &payload
        && (payload.len() > MAX_PAYLOAD_BYTES
            || !payload
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'))
    {
        return Err(ControlError::bad_request(
            "a payload is at most 64 of A-Z, a-z, 0-9, _ and -",
        ));
    }
    let text = payload.map_or_else(
        || "/start".to_owned(),
        |payload| format!("/start {payload}"),
    );
    write(app.lock(), &app, id, said(text, None))
}

/// A text as its sender gives it.
pub(super) fn said(text: String, reply_to: Option<i64>) -> StoredMessage {
    StoredMessage {
        text,
        reply_to,
        ..StoredMessage::default()
    }
}

/// A person writes; an app unblocks and starts a bot before it does.
pub(super) fn write(
    mut state: MutexGuard<'_, SimState>,
    app: &App,
    id: i64,
    message: StoredMessage,
) -> Result<Json<Value>, ControlError> {
    let person = active(state.people.get_mut(&id))?;
    person.started = true;
    let was_blocked = std::mem::take(&mut person.blocked);
    if was_blocked {
        state.member_changed(app, id, "kicked", "member");
    }
    let sent = state.write_to_bot(app, id, message);
    drop(state);
    app.signal_updates();
    app.changed(Event::People { id });
    app.tell(Event::Chat { id });
    let (message_id, update_id) = sent.ok_or_else(|| ControlError::not_found("person"))?;
    Ok(Json(
        json!({ "message_id": message_id, "update_id": update_id }),
    ))
}

fn active(person: Option<&mut Person>) -> Result<&mut Person, ControlError> {
    let person = person.ok_or_else(|| ControlError::not_found("person"))?;
    if person.deactivated {
        return Err(ControlError::conflict("this person's account is deleted"));
    }
    Ok(person)
}

pub(super) async fn block(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, ControlError> {
    set_blocked(&app, id, true)
}

pub(super) async fn unblock(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, ControlError> {
    set_blocked(&app, id, false)
}

fn set_blocked(app: &App, id: i64, blocked: bool) -> Result<Json<Value>, ControlError> {
    let mut state = app.lock();
    let person = active(state.people.get_mut(&id))?;
    let changes = person.blocked != blocked;
    person.blocked = blocked;
    let (old, new) = if blocked {
        ("member", "kicked")
    } else {
        ("kicked", "member")
    };
    let update_id = if changes {
        state.member_changed(app, id, old, new)
    } else {
        None
    };
    drop(state);
    app.signal_updates();
    app.changed(Event::People { id });
    Ok(Json(json!({ "update_id": update_id })))
}

/// The person deletes the account; only a `PUT` with `deactivated: false` brings them back.
pub(super) async fn deactivate(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, ControlError> {
    let mut state = app.lock();
    state
        .people
        .get_mut(&id)
        .ok_or_else(|| ControlError::not_found("person"))?
        .deactivated = true;
    drop(state);
    app.changed(Event::People { id });
    Ok(Json(json!({})))
}
