//! `/feeds/<secret>.ics`: a calendar to be read by whoever has the URL, until it is revoked. No login, and nothing but the
//! events.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use televent_store::FeedSecret;

use crate::{Api, error::ApiError, export};

/// How long a reader may go without asking again: feeds are polled, many of them by machines.
const MAX_AGE: HeaderValue = HeaderValue::from_static("private, max-age=300");

pub(crate) async fn show(State(api): State<Api>, Path(file): Path<String>) -> Response {
    let outcome = answer(&api, &file).await;
    let status = match &outcome {
        Ok(response) => response.status(),
        Err(_) => StatusCode::NOT_FOUND,
    };
    metrics::counter!("televent_feed_requests_total", "status" => status.as_u16().to_string())
        .increment(1);
    outcome.unwrap_or_else(IntoResponse::into_response)
}

async fn answer(api: &Api, file: &str) -> Result<Response, ApiError> {
    let secret = file
        .strip_suffix(".ics")
        .and_then(|secret| FeedSecret::parse(secret).ok())
        .ok_or(ApiError::NotFound)?;
    let calendar = api
        .store
        .feed_calendar(&secret)
        .await?
        .ok_or(ApiError::NotFound)?;
    let mut response = export::calendar(&api.store, calendar).await?;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, MAX_AGE);
    headers.insert("X-Robots-Tag", HeaderValue::from_static("noindex"));
    Ok(response)
}
