//! CALDAV:free-busy-query (RFC 4791 section 7.10): when the owner is busy by this calendar.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::Utc;
use televent_calendar::free_busy;
use uuid::Uuid;

use super::time_range::span;
use crate::{
    error::ApiError,
    free_busy::of_calendar,
    path::DavPath,
    routes::Call,
    xml::{CALDAV, Element},
};

pub(super) async fn answer(mut call: Call, root: &Element) -> Result<Response, ApiError> {
    let span = root
        .child(CALDAV.name("time-range"))
        .ok_or_else(|| {
            ApiError::BadRequest("free-busy-query holds no CALDAV:time-range".to_owned())
        })
        .and_then(span)?;
    if !matches!(call.path, DavPath::Calendar { .. }) {
        return Err(ApiError::NotFound);
    }
    let calendar = call.collection().await?;
    let store = &call.api.store;
    let zone = call.scene.floating_zone(&calendar);
    let periods = of_calendar(store, &call.scene, &calendar, &zone, &span).await?;
    Ok((
        StatusCode::OK,
        [(header::CONTENT_TYPE, "text/calendar; charset=utf-8")],
        free_busy::report(&Uuid::now_v7().to_string(), Utc::now(), &span, &periods),
    )
        .into_response())
}
