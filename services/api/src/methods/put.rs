//! PUT of a calendar object resource (RFC 4791 section 5.3.2): load, decide, and one statement that
//! stores the object, its attendees and what the world must be told.

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use televent_calendar::{CalendarObject, Role, Upsert, object::MAX_OBJECT_BYTES};
use televent_store::{Event, NewEvent, Notice, ObjectWrite, Slot, WriteOutcome, digest};
use uuid::Uuid;

use super::{MAX_WRITE_TRIES, allowed, notices, owner_of, stored_object};
use crate::{
    conditions::Conditions,
    error::ApiError,
    path::DavPath,
    routes::{Call, read_body},
    xml::{CALDAV, Name},
};

const NO_UID_CONFLICT: Name<'static> = CALDAV.name("no-uid-conflict");

pub(crate) async fn put(call: Call, body: Body) -> Result<Response, ApiError> {
    if !matches!(call.path, DavPath::Object { .. }) {
        return Err(ApiError::MethodNotAllowed {
            allow: allowed(&call.path),
        });
    }
    check_media_type(&call.headers)?;
    let conditions = Conditions::from_headers(&call.headers)?;
    let body = read_body(
        body,
        MAX_OBJECT_BYTES,
        Some(CALDAV.name("max-resource-size")),
    )
    .await?;
    let sent = CalendarObject::parse(body.to_vec())?;
    for _ in 0..MAX_WRITE_TRIES {
        if let Some(response) = upsert_event(&call, &conditions, &sent).await? {
            return Ok(response);
        }
    }
    Err(ApiError::Busy)
}

/// One try: `None` when the resource changed between the decision and the write.
async fn upsert_event(
    call: &Call,
    conditions: &Conditions,
    sent: &CalendarObject,
) -> Result<Option<Response>, ApiError> {
    let DavPath::Object { owner, slug, name } = &call.path else {
        return Err(ApiError::NotFound);
    };
    let store = &call.api.store;
    let Slot { calendar, event } = store
        .slot(*owner, slug, name)
        .await?
        .ok_or(ApiError::NoParent)?;
    conditions.check_write(event.as_ref().map(|event| event.etag.as_str()))?;
    let old = match &event {
        Some(event) => Some(stored_object(event.object.clone())?),
        None => None,
    };
    if old.as_ref().is_some_and(|old| old.uid() != sent.uid()) {
        return Err(uid_conflict(
            "the UID of a resource can't change",
            call.path.to_string(),
        ));
    }
    let decision = televent_calendar::upsert(
        old.as_ref(),
        sent.clone(),
        &owner_of(&call.user),
        &call.api.domain,
    );
    let etag = digest(decision.object.as_bytes());
    if decision.unchanged {
        return Ok(Some(stored(StatusCode::NO_CONTENT, &decision, &etag)));
    }
    let notices = whom_to_tell(call, event.as_ref(), &decision);
    let write = ObjectWrite {
        object: decision.object.as_bytes(),
        etag: &etag,
        uid: decision.object.uid(),
        component: decision.object.kind().as_str(),
        organizer: decision
            .organizer
            .as_ref()
            .map(televent_calendar::CalendarUserAddress::as_str),
        owner_organizes: decision.role == Role::Organizer,
        attendees: &decision.attendees,
        notices: &notices,
    };
    let outcome = match &event {
        None => {
            let new = NewEvent {
                id: Uuid::now_v7(),
                calendar_id: calendar.id,
                resource_name: name,
            };
            store.create_event(new, &write).await?
        }
        Some(event) => {
            store
                .replace_event(calendar.id, event.id, event.sequence, &write)
                .await?
        }
    };
    match outcome {
        WriteOutcome::Done => {
            if !notices.is_empty() {
                call.api.relay.wake();
            }
            let status = if event.is_none() {
                StatusCode::CREATED
            } else {
                StatusCode::NO_CONTENT
            };
            Ok(Some(stored(status, &decision, &etag)))
        }
        WriteOutcome::Conflict => Ok(None),
        WriteOutcome::UidTaken { resource_name } => {
            let other = DavPath::Object {
                owner: *owner,
                slug: slug.clone(),
                name: resource_name,
            };
            Err(uid_conflict(
                "another resource of the calendar has this UID",
                other.to_string(),
            ))
        }
    }
}

/// The people whose cards are new or stale; and the organizer's tally, if there may be one already.
fn whom_to_tell(call: &Call, old: Option<&Event>, decision: &Upsert) -> Vec<Notice> {
    let people: Vec<_> = decision
        .newly_invited
        .iter()
        .chain(&decision.stale_cards)
        .copied()
        .collect();
    let tally = old
        .filter(|_| !people.is_empty())
        .map(|_| call.user.telegram_id);
    notices(people, tally)
}

/// The answer to a PUT that is done. An entity tag promises that GET returns what was sent
/// (RFC 4791 section 5.3.4), so there is none when the server added something.
fn stored(status: StatusCode, decision: &Upsert, etag: &str) -> Response {
    if decision.stored_as_sent {
        (status, [(header::ETAG, format!("\"{etag}\""))]).into_response()
    } else {
        status.into_response()
    }
}

fn uid_conflict(why: &str, href: String) -> ApiError {
    ApiError::Violated {
        status: StatusCode::FORBIDDEN,
        condition: NO_UID_CONFLICT,
        why: why.to_owned(),
        href: Some(href),
    }
}

/// Only iCalendar is taken. No type, `application/octet-stream`, and the type that curl adds by itself to
/// `--data-binary` say nothing of the content: then the content decides.
fn check_media_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Ok(());
    };
    let text = value.to_str().unwrap_or_default();
    let media_type = text.split(';').next().unwrap_or_default().trim();
    if [
        "",
        "text/calendar",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
    ]
    .iter()
    .any(|known| media_type.eq_ignore_ascii_case(known))
    {
        return Ok(());
    }
    Err(ApiError::Violated {
        status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
        condition: CALDAV.name("supported-calendar-data"),
        why: "only text/calendar is kept here".to_owned(),
        href: None,
    })
}
