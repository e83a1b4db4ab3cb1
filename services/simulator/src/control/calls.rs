//! What the bot called, and who the bot is.

use super::{ControlError, read};
use crate::{app::App, server::fits_into_path};
use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Debug, Deserialize)]
pub(super) struct Selection {
    method: Option<String>,
    chat_id: Option<i64>,
    /// Only calls with a greater number.
    #[serde(default)]
    after: u64,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    Query(wanted): Query<Selection>,
) -> Json<Value> {
    let state = app.lock();
    let calls = state
        .calls
        .select(wanted.method.as_deref(), wanted.chat_id, wanted.after);
    Json(
        json!({ "calls": calls, "total": state.calls.total(), "counters": state.calls.counters() }),
    )
}

/// For the page's header. Never the token.
pub(super) async fn bot(State(app): State<Arc<App>>) -> Json<Value> {
    Json(json!({
        "id": app.bot_id,
        "name": crate::methods::BOT_NAME,
        "username": app.bot_username,
    }))
}

#[derive(Debug, Deserialize)]
struct Revoked {
    /// The token that there is from now on.
    token: String,
}

/// As `/revoke` at @BotFather: the token that there was is not known any more. What is on its way is answered.
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let Revoked { token } = read(&body)?;
    let is_of_bot = token
        .split_once(':')
        .is_some_and(|(id, _)| id == app.bot_id.to_string());
    if !is_of_bot || !fits_into_path(&token) {
        return Err(ControlError::bad_request("it is no token of this bot"));
    }
    app.revoke_token(token);
    Ok(Json(json!({})))
}
