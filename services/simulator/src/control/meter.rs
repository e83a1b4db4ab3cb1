//! Reading the meter, and setting it back.

use crate::app::App;
use axum::{Json, extract::State};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn show(State(app): State<Arc<App>>) -> Json<Value> {
    Json(app.lock().meter.to_control())
}

pub(super) async fn reset(State(app): State<Arc<App>>) -> Json<Value> {
    app.lock().meter = crate::meter::Meter::default();
    Json(json!({}))
}
