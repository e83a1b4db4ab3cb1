//! POST to the outbox (RFC 6638 section 5): when are these people busy? The answer tells of those alone who let the asker
//! see it; whoever else has an account looks like an address that has none. It tells when, and never of what.

use std::collections::HashSet;

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{TimeDelta, Utc};
use televent_calendar::{
    FreeBusyRequest, InvalidFreeBusyRequest, Participant, TelegramUserId, free_busy,
    object::MAX_OBJECT_BYTES,
};

use super::put::check_media_type;
use crate::{
    error::ApiError,
    free_busy::of_account,
    routes::{Call, read_body},
    xml::{CALDAV, CONTENT_TYPE, DAV, Element, XmlWriter},
};

/// The longest time that is asked about: the calendars of each person are read for all of it.
const MAX_DAYS: i64 = 3 * 366;

/// Most bytes of times in one answer; whoever comes after that is told of as if their calendar were too full. Two hundred and fifty
/// people with ordinary calendars have some hundred kilobytes in a month.
const MAX_TOLD_BYTES: usize = 16 * 1024 * 1024;

/// REQUEST-STATUS of somebody whose times are told (RFC 5546 section 3.6).
const SUCCESS: &str = "2.0;Success";

/// Of somebody of whom nothing may be told.
const INVALID_USER: &str = "3.7;Invalid calendar user";

/// Of somebody whose calendar is too full for the time that is asked about.
const UNAVAILABLE: &str = "5.1;Service unavailable";

/// What is told of one person.
enum Told {
    Times(Vec<u8>),
    Nothing,
    TooMuch,
}

pub(crate) async fn post(call: Call, body: Body) -> Result<Response, ApiError> {
    check_media_type(&call.headers)?;
    let body = read_body(
        body,
        MAX_OBJECT_BYTES,
        Some(CALDAV.name("max-resource-size")),
    )
    .await?;
    let request = FreeBusyRequest::parse(&body).map_err(|error| {
        let condition = match &error {
            InvalidFreeBusyRequest::NotICalendar(_) => CALDAV.name("valid-calendar-data"),
            InvalidFreeBusyRequest::NotARequest { .. } => CALDAV.name("valid-scheduling-message"),
        };
        ApiError::forbidden(condition, error.to_string())
    })?;
    let me = call.scene.user.telegram_id;
    if request
        .organizer
        .address
        .telegram_user_id(&call.scene.domain)
        != Some(me)
    {
        return Err(ApiError::forbidden(
            CALDAV.name("valid-organizer"),
            "the ORGANIZER of the request is somebody else",
        ));
    }
    if request.range.end - request.range.start > TimeDelta::days(MAX_DAYS) {
        return Err(ApiError::forbidden(
            CALDAV.name("valid-scheduling-message"),
            format!("the time that is asked about is longer than {MAX_DAYS} days"),
        ));
    }
    let visible = visible(&call, &request).await?;
    let mut xml = XmlWriter::document(CALDAV.name("schedule-response"));
    for attendee in &request.attendees {
        let told = if xml.len() < MAX_TOLD_BYTES {
            told_of(&call, &request, attendee, &visible).await?
        } else {
            Told::TooMuch
        };
        xml.element(&response(attendee, &told));
    }
    Ok((
        StatusCode::OK,
        [(header::CONTENT_TYPE, CONTENT_TYPE)],
        xml.finish(),
    )
        .into_response())
}

/// Those in the request whose times may be told.
async fn visible(
    call: &Call,
    request: &FreeBusyRequest,
) -> Result<HashSet<TelegramUserId>, ApiError> {
    let people: Vec<TelegramUserId> = request
        .attendees
        .iter()
        .filter_map(|attendee| attendee.address.telegram_user_id(&call.scene.domain))
        .collect();
    let me = call.scene.user.telegram_id;
    let store = &call.api.store;
    Ok(store
        .free_busy_visible(me, &people, call.scene.directory)
        .await?)
}

async fn told_of(
    call: &Call,
    request: &FreeBusyRequest,
    attendee: &Participant,
    visible: &HashSet<TelegramUserId>,
) -> Result<Told, ApiError> {
    let id = attendee.address.telegram_user_id(&call.scene.domain);
    let Some(id) = id.filter(|id| visible.contains(id)) else {
        return Ok(Told::Nothing);
    };
    let masked_uid = request.masked_uid.as_deref();
    match of_account(&call.api.store, &call.scene, id, &request.range, masked_uid).await {
        Ok(periods) => Ok(Told::Times(free_busy::reply(
            request,
            attendee,
            Utc::now(),
            &periods,
        ))),
        // One full calendar does not spoil the answer about the others.
        Err(ApiError::Violated { .. }) => Ok(Told::TooMuch),
        Err(error) => Err(error),
    }
}

fn response(attendee: &Participant, told: &Told) -> Element {
    let href = Element::new(DAV.name("href")).with_text(&attendee.written);
    let status = match told {
        Told::Times(_) => SUCCESS,
        Told::Nothing => INVALID_USER,
        Told::TooMuch => UNAVAILABLE,
    };
    let response = Element::new(CALDAV.name("response"))
        .with(Element::new(CALDAV.name("recipient")).with(href))
        .with(Element::new(CALDAV.name("request-status")).with_text(status));
    match told {
        Told::Times(times) => response.with(
            Element::new(CALDAV.name("calendar-data")).with_text(&String::from_utf8_lossy(times)),
        ),
        Told::Nothing | Told::TooMuch => response,
    }
}
