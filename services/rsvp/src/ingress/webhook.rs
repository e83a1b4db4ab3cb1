//! The webhook: 200 only after the update is stored, 503 otherwise, and Telegram comes again.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use televent_telegram::BotApi;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use url::Url;

use super::{Ingress, note_garbage};
use crate::registration::keep_registered;

/// The path that is registered with Telegram, under the public URL.
pub const WEBHOOK_PATH: &str = "/telegram/webhook";

/// Where Telegram puts the secret (setWebhook, `secret_token`).
const SECRET_HEADER: &str = "X-Telegram-Bot-Api-Secret-Token";

/// Largest body. Real updates have a few kilobytes.
const MAX_UPDATE_BYTES: usize = 1024 * 1024;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Seconds after which Telegram shall come again when the update could not be stored.
const RETRY_AFTER_SECONDS: u16 = 1;

#[derive(Clone)]
struct Webhook {
    ingress: Ingress,
    secret: SecretString,
}

/// The route of the webhook.
pub fn webhook_router(ingress: Ingress, secret: SecretString) -> Router {
    Router::new()
        .route(WEBHOOK_PATH, post(receive))
        .with_state(Webhook { ingress, secret })
}

async fn receive(State(webhook): State<Webhook>, headers: HeaderMap, body: Body) -> Response {
    let sent = headers
        .get(SECRET_HEADER)
        .map_or(&b""[..], HeaderValue::as_bytes);
    if !bool::from(sent.ct_eq(webhook.secret.expose_secret().as_bytes())) {
        metrics::counter!("televent_webhook_refused_total").increment(1);
        return StatusCode::UNAUTHORIZED.into_response();
    }
    // Only now is anything read: nobody else may make us hold a body.
    let read = tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, MAX_UPDATE_BYTES)).await;
    let Ok(Ok(body)) = read else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let update = match serde_json::from_slice(&body) {
        Ok(update) => update,
        Err(error) => {
            // An error would bring it back again and again, and it will not get better.
            note_garbage(None, &error.to_string());
            return StatusCode::OK.into_response();
        }
    };
    match webhook.ingress.accept(&update).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => {
            warn!(
                error = &error as &dyn std::error::Error,
                "an update can't be stored now; Telegram will send it again"
            );
            (
                StatusCode::SERVICE_UNAVAILABLE,
                [(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS))],
            )
                .into_response()
        }
    }
}

/// Registers the webhook with Telegram, trying until it is done. Every process of the fleet registers the
/// same URL and secret, and none removes it when it stops.
pub async fn keep_webhook_registered(
    bot: BotApi,
    url: Url,
    secret: SecretString,
    shutdown: CancellationToken,
) {
    let register = || bot.set_webhook(url.clone(), &secret);
    keep_registered("the webhook", register, shutdown).await;
}
