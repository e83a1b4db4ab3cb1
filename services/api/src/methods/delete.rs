//! DELETE of a calendar object resource or of a whole calendar. Invitations are cancelled: the cards say so.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::Utc;
use televent_calendar::TelegramUserId;
use televent_store::{Calendar, Slot};

use super::{MAX_WRITE_TRIES, slot_at};
use crate::{
    conditions::{Conditions, Current},
    error::ApiError,
    headers::schedule_reply,
    path::DavPath,
    resource,
    routes::Call,
    scheduling,
    sync_token::SyncToken,
    xml::CALDAV,
};

/// Meetings of a calendar that are looked for at once, when it is removed.
const MEETINGS_PAGE: i64 = 100;

pub(crate) async fn delete(mut call: Call) -> Result<Response, ApiError> {
    let conditions = Conditions::from_headers(&call.headers)?;
    let seen = call.seen.take();
    match &call.path {
        DavPath::Object { owner, slug, name } => {
            delete_object(&call, &conditions, (*owner, slug, name), seen).await
        }
        DavPath::Calendar { owner, slug } => {
            delete_calendar(&call, &conditions, *owner, slug).await
        }
        _ => Err(ApiError::NotFound),
    }
}

async fn delete_object(
    call: &Call,
    conditions: &Conditions,
    place: (TelegramUserId, &str, &str),
    mut seen: Option<Slot>,
) -> Result<Response, ApiError> {
    let replies = schedule_reply(&call.headers)?;
    for _ in 0..MAX_WRITE_TRIES {
        let slot = slot_at(&call.api.store, place, seen.take())
            .await?
            .ok_or(ApiError::NotFound)?;
        let event = slot.event.ok_or(ApiError::NotFound)?;
        let token = SyncToken::new(slot.calendar.id, slot.calendar.ctag).to_string();
        conditions.check_write(&Current {
            path: &call.path,
            exists: true,
            etag: Some(&event.etag),
            schedule_tag: event.is_scheduled.then_some(event.schedule_tag.as_str()),
            sync_token: Some(&token),
        })?;
        if scheduling::remove(call, &event, replies).await? {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
    }
    Err(ApiError::Busy)
}

async fn delete_calendar(
    call: &Call,
    conditions: &Conditions,
    owner: TelegramUserId,
    slug: &str,
) -> Result<Response, ApiError> {
    let store = &call.api.store;
    let calendar = store
        .calendar(owner, slug)
        .await?
        .ok_or(ApiError::NotFound)?;
    let token = SyncToken::new(calendar.id, calendar.ctag).to_string();
    conditions.check_write(&Current {
        path: &call.path,
        exists: true,
        etag: None,
        schedule_tag: None,
        sync_token: Some(&token),
    })?;
    if resource::default_calendar(store, &call.scene)
        .await?
        .as_deref()
        == Some(slug)
    {
        return Err(ApiError::forbidden(
            CALDAV.name("default-calendar-needed"),
            "invitations go to this calendar; choose another one first (schedule-default-calendar-URL of the inbox)",
        ));
    }
    remove_meetings(call, &calendar).await?;
    if !store.remove_calendar(calendar.id).await? {
        return Err(ApiError::NotFound);
    }
    call.api.relay.wake();
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Each meeting that is still to come is cancelled or declined, as a DELETE of it would (RFC 6638 section 3.2.3.2). Should
/// the request end in the middle, those that are left are dealt with when the client repeats it.
async fn remove_meetings(call: &Call, calendar: &Calendar) -> Result<(), ApiError> {
    let store = &call.api.store;
    let replies = schedule_reply(&call.headers)?;
    loop {
        let coming = store
            .coming_meetings(calendar.id, Utc::now(), MEETINGS_PAGE)
            .await?;
        if coming.is_empty() {
            return Ok(());
        }
        for name in coming {
            for _ in 0..MAX_WRITE_TRIES {
                let slot = store.slot(calendar.owner, &calendar.slug, &name).await?;
                match slot.and_then(|slot| slot.event) {
                    Some(event) if !scheduling::remove(call, &event, replies).await? => {}
                    _ => break,
                }
            }
        }
    }
}
