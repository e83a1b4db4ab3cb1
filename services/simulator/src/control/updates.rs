//! Injecting updates that no person of the simulator makes, garbage included.

use super::{ControlError, read};
use crate::{app::App, settings::seconds};
use axum::{Json, body::Bytes, extract::State};
use serde_json::{Value, json};
use std::sync::Arc;

/// Queues an update past the filter of kinds.
///
/// An object is an update; it gets an `update_id` if it has none. A string, or the string in `{"raw": "…"}`, is
/// delivered as it is, which need not be JSON.
pub(super) async fn inject(
    State(app): State<Arc<App>>,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let mut update: Value = read(&body)?;
    if let Some(raw) = update.get_mut("raw") {
        update = raw.take();
    }
    let mut state = app.lock();
    let mut id = state.updates.next_id();
    let user_id = user_of(&update);
    let text = match update {
        Value::String(text) => text,
        Value::Object(mut fields) => {
            match fields.get("update_id").and_then(Value::as_i64) {
                Some(own) => id = own,
                None if fields.contains_key("update_id") => {}
                None => {
                    fields.insert("update_id".to_owned(), json!(id));
                }
            }
            Value::Object(fields).to_string()
        }
        other => other.to_string(),
    };
    let copies = if state.faults.for_update(user_id) {
        2
    } else {
        1
    };
    let ttl = seconds(state.settings.update_ttl_s);
    state.updates.push_raw(id, text, user_id, ttl, copies);
    drop(state);
    app.signal_updates();
    Ok(Json(json!({ "update_id": id })))
}

/// Whose update it is, for the order of deliveries.
fn user_of(update: &Value) -> Option<i64> {
    let fields = update.as_object()?;
    fields
        .values()
        .find_map(|payload| payload.get("from")?.get("id")?.as_i64())
}

/// How many updates wait for the bot, and the next id.
pub(super) async fn show(State(app): State<Arc<App>>) -> Json<Value> {
    let state = app.lock();
    Json(json!({ "waiting": state.updates.len(), "next_update_id": state.updates.next_id() }))
}
