//! Switching faults and settings.

use super::{ControlError, read};
use crate::{app::App, faults::Fault, settings::Settings};
use axum::{Json, body::Bytes, extract::State};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn add(
    State(app): State<Arc<App>>,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let fault: Fault = read(&body)?;
    if !app.lock().faults.add(fault) {
        return Err(ControlError::conflict("too many faults wait already"));
    }
    Ok(Json(json!({})))
}

/// The faults that still wait for a call.
pub(super) async fn list(State(app): State<Arc<App>>) -> Json<Value> {
    Json(json!(app.lock().faults.waiting()))
}

pub(super) async fn clear(State(app): State<Arc<App>>) -> Json<Value> {
    app.lock().faults.clear();
    Json(json!({}))
}

pub(super) async fn settings(State(app): State<Arc<App>>) -> Json<Settings> {
    Json(app.lock().settings.clone())
}

/// Changes the settings that the body names, and returns all.
pub(super) async fn change_settings(
    State(app): State<Arc<App>>,
    body: Bytes,
) -> Result<Json<Settings>, ControlError> {
    let changes: serde_json::Map<String, Value> = read(&body)?;
    let mut state = app.lock();
    let mut merged = json!(state.settings);
    if let Value::Object(fields) = &mut merged {
        fields.extend(changes);
    }
    state.settings = serde_json::from_value(merged)
        .map_err(|error| ControlError::bad_request(error.to_string()))?;
    Ok(Json(state.settings.clone()))
}
