//! Reading a chat, and writing into it as its person.

use super::{
    ControlError,
    people::{said, write},
    read,
};
use crate::{app::App, entities::utf16_len, messages::StoredMessage};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// What an app lets a person write at once.
const MAX_TEXT_UNITS: usize = 4096;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TextBody {
    text: String,
    /// The message that this one answers.
    reply_to: Option<i64>,
}

pub(super) async fn messages(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, ControlError> {
    let state = app.lock();
    let person = state
        .people
        .get(&id)
        .ok_or_else(|| ControlError::not_found("person"))?;
    Ok(Json(
        person
            .messages
            .iter()
            .map(StoredMessage::to_control)
            .collect(),
    ))
}

pub(super) async fn text(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let body: TextBody = read(&body)?;
    let text = body.text.trim().to_owned();
    if text.is_empty() || utf16_len(&text) > MAX_TEXT_UNITS {
        return Err(ControlError::bad_request("a text has 1 to 4096 characters"));
    }
    write(app.lock(), &app, id, said(text, body.reply_to))
}
