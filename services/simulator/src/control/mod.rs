//! The control API under `/_sim/`: what people do, what goes wrong, and what the bot did. For tests and the page.

mod calls;
mod chats;
mod commands;
mod faults;
mod files;
mod keyboard;
mod meter;
mod people;
mod press;
mod stream;
mod updates;

use crate::{app::App, guard::guard};
use axum::{
    Json, Router,
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::sync::Arc;

/// Why a control call was refused, as `{"error": "…"}`.
#[derive(Debug)]
pub(crate) struct ControlError(StatusCode, String);

impl ControlError {
    fn bad_request(why: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, why.into())
    }

    fn not_found(what: &str) -> Self {
        Self(StatusCode::NOT_FOUND, format!("{what} not found"))
    }

    fn conflict(why: impl Into<String>) -> Self {
        Self(StatusCode::CONFLICT, why.into())
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

/// Reads a body; an empty one is all defaults.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ControlError> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| ControlError::bad_request(error.to_string()))
}

pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/people", get(people::list))
        .route("/people/{id}", put(people::put).get(people::show))
        .route("/people/{id}/start", post(people::start))
        .route("/people/{id}/block", post(people::block))
        .route("/people/{id}/unblock", post(people::unblock))
        .route("/people/{id}/deactivate", post(people::deactivate))
        .route("/chats/{id}/messages", get(chats::messages))
        .route("/chats/{id}/text", post(chats::text))
        .route(
            "/chats/{id}/messages/{message_id}/press",
            post(press::press),
        )
        .route("/chats/{id}/keyboard", get(keyboard::show))
        .route("/chats/{id}/users_shared", post(keyboard::users_shared))
        .route("/chats/{id}/location", post(keyboard::location))
        .route("/commands", get(commands::list))
        .route("/files/{id}", get(files::get))
        .route("/meter", get(meter::show).delete(meter::reset))
        .route("/callbacks/{id}", get(press::callback))
        .route("/updates", post(updates::inject).get(updates::show))
        .route(
            "/faults",
            post(faults::add).get(faults::list).delete(faults::clear),
        )
        .route(
            "/settings",
            post(faults::change_settings).get(faults::settings),
        )
        .route("/calls", get(calls::list))
        .route("/bot", get(calls::bot))
        .route("/bot/revoke", post(calls::revoke))
        .route("/events", get(stream::events))
        .fallback(async || ControlError::not_found("path"))
        .layer(middleware::from_fn(guard))
}
