//! What the bot called, and who the bot is.

use crate::app::App;
use axum::{
    Json,
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
