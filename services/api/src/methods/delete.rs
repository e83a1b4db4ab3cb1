//! DELETE of a calendar object resource or of a whole calendar. Invitations are cancelled: the cards say so.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use televent_calendar::{TelegramUserId, remove};
use televent_store::{Event, Notice, RemoveOutcome};

use super::{MAX_WRITE_TRIES, notices, owner_of, stored_object};
use crate::{
    conditions::{Conditions, Current},
    error::ApiError,
    path::DavPath,
    resource,
    routes::Call,
    scene::Scene,
    sync_token::SyncToken,
    xml::CALDAV,
};

pub(crate) async fn delete(call: Call) -> Result<Response, ApiError> {
    let conditions = Conditions::from_headers(&call.headers)?;
    match &call.path {
        DavPath::Object { owner, slug, name } => {
            delete_object(&call, &conditions, *owner, slug, name).await
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
    owner: TelegramUserId,
    slug: &str,
    name: &str,
) -> Result<Response, ApiError> {
    for _ in 0..MAX_WRITE_TRIES {
        let slot = call
            .api
            .store
            .slot(owner, slug, name)
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
        // A message is the recipient's own: that it goes answers nothing.
        let notices = if call.path.is_message() {
            Vec::new()
        } else {
            cancellations(&call.scene, &event)?
        };
        match call
            .api
            .store
            .remove_event(event.id, event.sequence, &notices)
            .await?
        {
            RemoveOutcome::Done => {
                if !notices.is_empty() {
                    call.api.relay.wake();
                }
                return Ok(StatusCode::NO_CONTENT.into_response());
            }
            RemoveOutcome::Conflict => {}
        }
    }
    Err(ApiError::Busy)
}

/// Whom the removal of an event has to be told to.
pub(super) fn cancellations(scene: &Scene, event: &Event) -> Result<Vec<Notice>, ApiError> {
    let object = stored_object(event.object.clone())?;
    let stale = remove(&object, &owner_of(&scene.user), &scene.domain);
    let tally = (!stale.is_empty()).then_some(scene.user.telegram_id);
    Ok(notices(stale, tally))
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
    if !store.remove_calendar(calendar.id).await? {
        return Err(ApiError::NotFound);
    }
    call.api.relay.wake();
    Ok(StatusCode::NO_CONTENT.into_response())
}
