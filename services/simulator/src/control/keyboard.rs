//! The reply keyboard of a chat, and pressing what asks for people or a place on it.
//!
//! A button that only says something is pressed by writing its text.

use super::{ControlError, people::write, read};
use crate::{
    app::App,
    messages::{Attachment, StoredMessage},
    people::Person,
    reply_keyboard::{find_request_users, has_request_location},
    state::State as SimState,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What an app lets one share at once, with or without a button (Bot API, `KeyboardButtonRequestUsers`: 1-10).
const MAX_SHARED: usize = 10;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SharedBody {
    request_id: i64,
    users: Vec<Shared>,
    /// Share without a button that asks, or others than it asks for, as a forged client can.
    #[serde(default)]
    force: bool,
}

/// A person of the simulator by id, or somebody who is not in it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Shared {
    Id(i64),
    Somebody(Somebody),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Somebody {
    id: i64,
    first_name: String,
    last_name: Option<String>,
    username: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LocationBody {
    /// Degrees.
    latitude: f64,
    longitude: f64,
    /// Without a button that asks, as one can from the attachment menu.
    #[serde(default)]
    force: bool,
}

/// The keyboard as it is now, with the id of its message, or `null`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, ControlError> {
    let state = app.lock();
    let mut shown = Value::Null;
    if let Some((message_id, keyboard)) = person(&state, id)?.reply_keyboard() {
        shown = keyboard.clone();
        if let Value::Object(fields) = &mut shown {
            fields.insert("message_id".to_owned(), json!(message_id));
        }
    }
    Ok(Json(json!({ "keyboard": shown })))
}

fn person(state: &SimState, id: i64) -> Result<&Person, ControlError> {
    state
        .people
        .get(&id)
        .ok_or_else(|| ControlError::not_found("person"))
}

pub(super) async fn users_shared(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let body: SharedBody = read(&body)?;
    if !(1..=MAX_SHARED).contains(&body.users.len()) {
        return Err(ControlError::bad_request("one shares 1 to 10 people"));
    }
    let state = app.lock();
    let keyboard = person(&state, id)?.reply_keyboard();
    let request = keyboard.and_then(|(_, keyboard)| find_request_users(keyboard, body.request_id));
    if !body.force {
        let request = request
            .ok_or_else(|| ControlError::conflict("no button of the keyboard has this request"))?;
        check(request, body.users.len())?;
    }
    // A forged client says what it likes.
    let asks = |name: &str| {
        body.force
            || request
                .and_then(|request| request.get(name))
                .and_then(Value::as_bool)
                .unwrap_or(false)
    };
    let (names, username) = (asks("request_name"), asks("request_username"));
    let users = body
        .users
        .iter()
        .map(|shared| shared_user(&state, shared, names, username))
        .collect::<Result<Vec<_>, _>>()?;
    let shared = json!({ "request_id": body.request_id, "users": users });
    write(state, &app, id, carrying(Attachment::UsersShared(shared)))
}

/// Whether this many people, none of them a bot, are what a button asks for.
fn check(request: &Value, count: usize) -> Result<(), ControlError> {
    let at_most = request
        .get("max_quantity")
        .and_then(Value::as_u64)
        .and_then(|quantity| usize::try_from(quantity).ok())
        .unwrap_or(1);
    if count > at_most {
        return Err(ControlError::conflict(format!(
            "the button asks for at most {at_most}"
        )));
    }
    if request.get("user_is_bot") == Some(&json!(true)) {
        return Err(ControlError::conflict("the button asks for bots"));
    }
    Ok(())
}

/// `SharedUser` of the Bot API: without names unless they were asked for.
fn shared_user(
    state: &SimState,
    shared: &Shared,
    names: bool,
    username: bool,
) -> Result<Value, ControlError> {
    let somebody = match shared {
        Shared::Somebody(somebody) => somebody,
        Shared::Id(id) => {
            let known = person(state, *id)?;
            &Somebody {
                id: known.id,
                first_name: known.first_name.clone(),
                last_name: known.last_name.clone(),
                username: known.username.clone(),
            }
        }
    };
    let mut user = Map::new();
    user.insert("user_id".to_owned(), json!(somebody.id));
    if names {
        user.insert("first_name".to_owned(), json!(somebody.first_name));
        if let Some(name) = &somebody.last_name {
            user.insert("last_name".to_owned(), json!(name));
        }
    }
    if let Some(name) = somebody.username.as_ref().filter(|_| username) {
        user.insert("username".to_owned(), json!(name));
    }
    Ok(Value::Object(user))
}

pub(super) async fn location(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let body: LocationBody = read(&body)?;
    if !(-90.0..=90.0).contains(&body.latitude) || !(-180.0..=180.0).contains(&body.longitude) {
        return Err(ControlError::bad_request("there is no such place"));
    }
    let state = app.lock();
    let keyboard = person(&state, id)?.reply_keyboard();
    if !body.force && !keyboard.is_some_and(|(_, keyboard)| has_request_location(keyboard)) {
        return Err(ControlError::conflict(
            "no button of the keyboard asks for a location",
        ));
    }
    let location = json!({ "latitude": body.latitude, "longitude": body.longitude });
    write(state, &app, id, carrying(Attachment::Location(location)))
}

fn carrying(attachment: Attachment) -> StoredMessage {
    StoredMessage {
        attachment: Some(attachment),
        ..StoredMessage::default()
    }
}
