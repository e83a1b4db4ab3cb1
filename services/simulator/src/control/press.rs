//! Pressing a button, and what the bot answered.

use super::{ControlError, read};
use crate::{
    app::App,
    events::Event,
    keyboard::has_callback_data,
    people::Person,
    state::{Callback, State as SimState},
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{sync::Arc, time::Instant};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PressBody {
    data: String,
    /// Press what the message has no button for, as a forged client can.
    #[serde(default)]
    force: bool,
    /// Somebody else presses, as a forged client can.
    from: Option<i64>,
    /// Send the last such press once more: a new update with the same query id.
    #[serde(default)]
    repeat: bool,
}

pub(super) async fn press(
    State(app): State<Arc<App>>,
    Path((chat_id, message_id)): Path<(i64, i64)>,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let body: PressBody = read(&body)?;
    let mut state = app.lock();
    let person = state
        .people
        .get(&chat_id)
        .ok_or_else(|| ControlError::not_found("person"))?;
    let message = person
        .message(message_id)
        .ok_or_else(|| ControlError::not_found("message"))?;
    let has_button = message
        .reply_markup
        .as_ref()
        .is_some_and(|keyboard| has_callback_data(keyboard, &body.data));
    if !has_button && !body.force && !body.repeat {
        return Err(ControlError::conflict("the message has no such button"));
    }
    let from = body.from.unwrap_or(chat_id);
    let user = state.people.get(&from).map_or_else(
        || json!({ "id": from, "is_bot": false, "first_name": "Somebody" }),
        Person::user,
    );
    let message = message.to_bot_api(&app, person);
    let query_id = if body.repeat {
        last_press(&state, from, chat_id, message_id, &body.data)
            .ok_or_else(|| ControlError::conflict("there is no such press to repeat"))?
    } else {
        state.take_callback_id(from)
    };
    let query = json!({
        "id": query_id,
        "from": user,
        "message": message,
        "chat_instance": chat_instance(chat_id),
        "data": body.data,
    });
    let update_id = state.enqueue("callback_query", &query, from);
    if !body.repeat {
        state.add_callback(Callback {
            id: query_id.clone(),
            from,
            chat_id,
            message_id,
            data: body.data,
            pressed_at: Instant::now(),
            answer: None,
            answers: 0,
        });
    }
    drop(state);
    app.signal_updates();
    // The counters are saved with the people.
    app.changed(Event::People { id: from });
    Ok(Json(
        json!({ "update_id": update_id, "callback_query_id": query_id }),
    ))
}

fn last_press(
    state: &SimState,
    from: i64,
    chat_id: i64,
    message_id: i64,
    data: &str,
) -> Option<String> {
    let same = |press: &&Callback| {
        (
            press.from,
            press.chat_id,
            press.message_id,
            press.data.as_str(),
        ) == (from, chat_id, message_id, data)
    };
    state
        .callbacks
        .iter()
        .rev()
        .find(same)
        .map(|press| press.id.clone())
}

/// Stands for the chat towards all bots of the real Telegram: opaque, and always the same.
fn chat_instance(chat_id: i64) -> String {
    // Any fixed mixing does; this is the multiplier of Knuth's linear generator.
    chat_id.wrapping_mul(6_364_136_223_846_793_005).to_string()
}

pub(super) async fn callback(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ControlError> {
    let state = app.lock();
    let press = state
        .callback(&id)
        .ok_or_else(|| ControlError::not_found("callback query"))?;
    let answer = press.answer.as_ref();
    Ok(Json(json!({
        "answered": answer.is_some(),
        "text": answer.map(|answer| &answer.text),
        "show_alert": answer.map(|answer| answer.show_alert),
        "answered_after_ms": answer.map(|answer| answer.answered_after_ms),
        "answers": press.answers,
        "from": press.from,
        "chat_id": press.chat_id,
        "message_id": press.message_id,
        "data": press.data,
    })))
}
