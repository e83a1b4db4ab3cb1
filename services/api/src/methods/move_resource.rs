//! MOVE (RFC 4918 section 9.9): of an object to another place among the asker's calendars, which nobody is told of, since
//! for the invited nothing has changed; and of a calendar to another URL in the home.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use televent_calendar::TelegramUserId;
use televent_store::{Event, EventMove, MoveCalendarOutcome, MoveOutcome, Replaced, WriteOutcome};

use super::{
    MAX_WRITE_TRIES,
    copy::{destination, not_a_place_for_an_object},
    put::{check_component, uid_conflict},
    stored_object,
};
use crate::{
    conditions::{Conditions, Current},
    error::ApiError,
    headers::overwrite,
    path::DavPath,
    representation::quoted,
    routes::Call,
    scheduling,
    sync_token::SyncToken,
    xml::DAV,
};

pub(crate) async fn move_resource(call: Call) -> Result<Response, ApiError> {
    let to = destination(&call)?;
    match (&call.path, &to) {
        (DavPath::Object { .. }, DavPath::Object { .. }) => {
            let mut has_made_way = false;
            for _ in 0..MAX_WRITE_TRIES {
                if let Some(response) = try_to_move(&call, &to, &mut has_made_way).await? {
                    return Ok(response);
                }
            }
            Err(ApiError::Busy)
        }
        (DavPath::Calendar { .. }, DavPath::Calendar { slug, .. }) => {
            move_calendar(&call, &to, slug).await
        }
        _ => Err(not_a_place_for_an_object()),
    }
}

/// One try: `None` when one of the two places changed between the decision and the write.
async fn try_to_move(
    call: &Call,
    to: &DavPath,
    has_made_way: &mut bool,
) -> Result<Option<Response>, ApiError> {
    let event = source(call).await?;
    let DavPath::Object { owner, slug, name } = to else {
        return Err(not_a_place_for_an_object());
    };
    let target = call
        .api
        .store
        .slot(*owner, slug, name)
        .await?
        .ok_or(ApiError::NoParent)?;
    if target.event.is_some() && !overwrite(&call.headers)? {
        return Err(ApiError::PreconditionFailed);
    }
    check_component(&target.calendar, &stored_object(event.object.clone())?)?;
    if let Some(replaced) = &target.event
        && scheduling::concerns_others(replaced)?
    {
        let moved = stored_object(event.object.clone())?;
        if let WriteOutcome::UidTaken { resource_name } = call
            .api
            .store
            .holder_of_uid(target.calendar.id, moved.uid())
            .await?
            && resource_name != *name
            && !is_source(call, slug, &resource_name)
        {
            return Err(taken(*owner, slug, resource_name));
        }
        // What makes way is removed as by DELETE, before: others must hear of it, and then it is tried again.
        *has_made_way |= scheduling::remove(call, replaced, true).await?;
        return Ok(None);
    }
    let replaces = target.event.as_ref().map(|replaced| Replaced {
        event_id: replaced.id,
        expected_sequence: replaced.sequence,
    });
    let was_there = replaces.is_some() || *has_made_way;
    let outcome = call
        .api
        .store
        .move_event(&EventMove {
            event_id: event.id,
            expected_sequence: event.sequence,
            to_calendar: target.calendar.id,
            to_name: name,
            replaces,
        })
        .await?;
    match outcome {
        MoveOutcome::Done => {
            let mut response = moved(was_there, to);
            if event.is_scheduled {
                // RFC 6638 section 3.2.10.
                response
                    .headers_mut()
                    .insert("Schedule-Tag", quoted(&event.schedule_tag));
            }
            Ok(Some(response))
        }
        MoveOutcome::Conflict => Ok(None),
        MoveOutcome::UidTaken { resource_name } => Err(taken(*owner, slug, resource_name)),
    }
}

/// Whether it is the resource that moves.
fn is_source(call: &Call, slug: &str, resource_name: &str) -> bool {
    matches!(&call.path, DavPath::Object { slug: from, name, .. } if from == slug && name == resource_name)
}

fn taken(owner: TelegramUserId, slug: &str, resource_name: String) -> ApiError {
    let other = DavPath::Object {
        owner,
        slug: slug.to_owned(),
        name: resource_name,
    };
    uid_conflict(
        "another resource of the calendar has this UID",
        other.to_string(),
    )
}

async fn source(call: &Call) -> Result<Event, ApiError> {
    let DavPath::Object { owner, slug, name } = &call.path else {
        return Err(ApiError::NotFound);
    };
    let slot = call
        .api
        .store
        .slot(*owner, slug, name)
        .await?
        .ok_or(ApiError::NotFound)?;
    let event = slot.event.ok_or(ApiError::NotFound)?;
    let token = SyncToken::new(slot.calendar.id, slot.calendar.ctag).to_string();
    Conditions::from_headers(&call.headers)?.check_write(&Current {
        path: &call.path,
        exists: true,
        etag: Some(&event.etag),
        schedule_tag: event.is_scheduled.then_some(event.schedule_tag.as_str()),
        sync_token: Some(&token),
    })?;
    Ok(event)
}

async fn move_calendar(call: &Call, to: &DavPath, to_slug: &str) -> Result<Response, ApiError> {
    let DavPath::Calendar { owner, slug } = &call.path else {
        return Err(ApiError::NotFound);
    };
    let calendar = call
        .api
        .store
        .calendar(*owner, slug)
        .await?
        .ok_or(ApiError::NotFound)?;
    let token = SyncToken::new(calendar.id, calendar.ctag).to_string();
    Conditions::from_headers(&call.headers)?.check_write(&Current {
        path: &call.path,
        exists: true,
        etag: None,
        schedule_tag: None,
        sync_token: Some(&token),
    })?;
    match call.api.store.move_calendar(calendar.id, to_slug).await? {
        MoveCalendarOutcome::Done => Ok(moved(false, to)),
        MoveCalendarOutcome::Gone => Err(ApiError::NotFound),
        // To replace a calendar would delete it with all that is in it: too much for a header that is T by default.
        MoveCalendarOutcome::Exists if overwrite(&call.headers)? => Err(ApiError::forbidden(
            DAV.name("resource-must-be-null"),
            "there is a calendar at the destination; delete it first",
        )),
        MoveCalendarOutcome::Exists => Err(ApiError::PreconditionFailed),
    }
}

fn moved(was_there: bool, to: &DavPath) -> Response {
    if was_there {
        StatusCode::NO_CONTENT.into_response()
    } else {
        (StatusCode::CREATED, [(header::LOCATION, to.to_string())]).into_response()
    }
}
