//! The commands in somebody's menu.

use super::ControlError;
use crate::app::App;
use axum::{
    Json,
    extract::{Query, State},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Viewer {
    /// A person; without one, anybody in a private chat.
    chat_id: Option<i64>,
    /// Their language; without it, the person's.
    language: Option<String>,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    Query(viewer): Query<Viewer>,
) -> Result<Json<Value>, ControlError> {
    let state = app.lock();
    let person = match viewer.chat_id {
        None => None,
        Some(id) => Some(
            state
                .people
                .get(&id)
                .ok_or_else(|| ControlError::not_found("person"))?,
        ),
    };
    let language = viewer
        .language
        .or_else(|| person.and_then(|person| person.language_code.clone()))
        .unwrap_or_default();
    Ok(Json(json!(state.commands.shown(viewer.chat_id, &language))))
}
