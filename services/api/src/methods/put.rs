//! PUT of a calendar object resource (RFC 4791 section 5.3.2): load, decide, and one statement that
//! stores the object, its attendees and what the world must be told.

use std::{pin::pin, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use televent_calendar::{CalendarObject, Method, TelegramUserId, object::MAX_OBJECT_BYTES};
use televent_store::{Calendar, MAX_OWNER_BYTES, Recalled, Slot, Store, WriteOutcome, digest};
use uuid::Uuid;

use super::{MAX_WRITE_TRIES, not_for_clients_to_deliver, slot_at, stored_object};
use crate::{
    conditions::{Conditions, Current},
    error::ApiError,
    headers::{Return, preferred_return},
    path::DavPath,
    representation::{content_type, quoted},
    routes::{Call, read_body},
    scheduling,
    sync_token::SyncToken,
    xml::{CALDAV, DAV, Name},
};

/// The sequence of an event that was made and not changed.
const FIRST_SEQUENCE: i64 = 1;

/// How long the body of somebody who is remembered may take before it is asked whether they still may send it: until it is read, it
/// keeps others of the account waiting.
const UNCONFIRMED_BODY: Duration = Duration::from_secs(1);

const NO_UID_CONFLICT: Name<'static> = CALDAV.name("no-uid-conflict");

/// Where an object is to be stored.
pub(super) struct Place<'a> {
    pub(super) owner: TelegramUserId,
    pub(super) slug: &'a str,
    pub(super) name: &'a str,
    pub(super) path: &'a DavPath,
    /// Our id for what is stored, if nothing is there yet.
    pub(super) id: Uuid,
}

/// What was stored, and over what.
pub(super) struct Stored {
    pub(super) was_there: bool,
    etag: String,
    schedule_tag: Option<String>,
    as_sent: bool,
    object: CalendarObject,
}

pub(crate) async fn put(mut call: Call, parts: &Parts, body: Body) -> Result<Response, ApiError> {
    let path = call.path.clone();
    let DavPath::Object { owner, slug, name } = &path else {
        return Err(ApiError::NotFound);
    };
    let place = Place {
        owner: *owner,
        slug,
        name,
        path: &path,
        id: Uuid::now_v7(),
    };
    let sent = read_object(&mut call, parts, body).await;
    if let (Ok(sent), Some(recalled)) = (&sent, &call.recalled) {
        let stored = store_on(&call, &place, recalled, sent).await?;
        count_recalled(stored.is_some());
        if let Some(stored) = stored {
            return Ok(answer(stored, &path, preferred_return(&call.headers)));
        }
    }
    call.confirm(parts).await?;
    let sent = sent?;
    let conditions = Conditions::from_headers(&call.headers)?;
    if path.is_message() {
        reply_in_inbox(&call, &place, &conditions, &sent).await?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let seen = call.seen.take();
    let stored = store_object(&call, &place, &conditions, &sent, seen).await?;
    Ok(answer(stored, &path, preferred_return(&call.headers)))
}

fn count_recalled(holds: bool) {
    let outcome = if holds { "held" } else { "asked" };
    metrics::counter!("televent_recalled_writes_total", "outcome" => outcome).increment(1);
}

async fn read_object(
    call: &mut Call,
    parts: &Parts,
    body: Body,
) -> Result<CalendarObject, ApiError> {
    // First, since a client that is still sending would see the connection break instead of a refusal.
    let mut read = pin!(read_body(
        body,
        MAX_OBJECT_BYTES,
        Some(CALDAV.name("max-resource-size")),
    ));
    let body = match tokio::time::timeout(UNCONFIRMED_BODY, &mut read).await {
        Ok(body) => body?,
        Err(_) => {
            call.confirm(parts).await?;
            read.await?
        }
    };
    check_media_type(&call.headers)?;
    if call.headers.contains_key(header::CONTENT_RANGE) {
        return Err(ApiError::BadRequest(
            "an object is PUT as a whole, not in parts".to_owned(),
        ));
    }
    Ok(if call.path.is_message() {
        CalendarObject::parse_message(body.to_vec())?
    } else {
        CalendarObject::parse(body.to_vec())?
    })
}

/// Some clients answer where they have found the invitation, in the inbox. RFC 6638 has no such thing and does not forbid it;
/// the message goes, as with any answer.
async fn reply_in_inbox(
    call: &Call,
    place: &Place<'_>,
    conditions: &Conditions,
    sent: &CalendarObject,
) -> Result<(), ApiError> {
    for _ in 0..MAX_WRITE_TRIES {
        let store = &call.api.store;
        let slot = store
            .slot(place.owner, place.slug, place.name)
            .await?
            .ok_or(ApiError::NotFound)?;
        check_conditions(place, conditions, &slot)?;
        let invitation = slot.event.as_ref().filter(|event| {
            event.method.as_deref() == Some(Method::Request.as_str())
                && stored_object(event.object.clone())
                    .is_ok_and(|object| object.uid() == sent.uid())
        });
        let Some(invitation) = invitation else {
            return Err(not_for_clients_to_deliver());
        };
        if scheduling::reply_in_inbox(call, invitation, sent).await? {
            return Ok(());
        }
    }
    Err(ApiError::Busy)
}

/// Stores a new object on what is remembered of the asker and the place. `None` unless that is done.
async fn store_on(
    call: &Call,
    place: &Place<'_>,
    recalled: &Recalled,
    sent: &CalendarObject,
) -> Result<Option<Stored>, ApiError> {
    let slot = recalled.empty_slot();
    if !slot.fits(sent.as_bytes().len()) || check_component(&slot.calendar, sent).is_err() {
        return Ok(None);
    }
    let put = scheduling::Put {
        call,
        slot: &slot,
        name: place.name,
        old: None,
        sent,
        is_current: false,
        has_seen_all: false,
        id: place.id,
    };
    match put.store_on(recalled).await {
        Ok(Some(written)) if written.outcome == WriteOutcome::Done => {
            stored(place, &slot, sent, written)
        }
        Err(error @ ApiError::Store(_)) => Err(error),
        Ok(_) | Err(_) => Ok(None),
    }
}

/// Stores an object as the asker's at a place: the whole of PUT but its headers. `seen` is what was there, if that was looked at.
pub(super) async fn store_object(
    call: &Call,
    place: &Place<'_>,
    conditions: &Conditions,
    sent: &CalendarObject,
    mut seen: Option<Slot>,
) -> Result<Stored, ApiError> {
    for _ in 0..MAX_WRITE_TRIES {
        if let Some(stored) = try_to_store(call, place, conditions, sent, seen.take()).await? {
            return Ok(stored);
        }
    }
    Err(ApiError::Busy)
}

/// One try: `None` when the resource changed between the decision and the write.
async fn try_to_store(
    call: &Call,
    place: &Place<'_>,
    conditions: &Conditions,
    sent: &CalendarObject,
    seen: Option<Slot>,
) -> Result<Option<Stored>, ApiError> {
    let store = &call.api.store;
    let slot = slot_at(store, (place.owner, place.slug, place.name), seen)
        .await?
        .ok_or(ApiError::NoParent)?;
    if let Some(event) = slot.event.as_ref().filter(|event| event.id == place.id) {
        // It is done: the answer to that was lost on the way from Postgres.
        call.api.relay.wake();
        // Others may have changed it since, which the client has not seen.
        let is_first = event.sequence == FIRST_SEQUENCE;
        return Ok(Some(Stored {
            was_there: false,
            etag: event.etag.clone(),
            schedule_tag: (is_first && event.is_scheduled).then(|| event.schedule_tag.clone()),
            as_sent: event.object == sent.as_bytes(),
            object: stored_object(event.object.clone())?,
        }));
    }
    check_conditions(place, conditions, &slot)?;
    check_component(&slot.calendar, sent)?;
    check_quota(store, &slot, sent).await?;
    let old = match &slot.event {
        Some(event) => Some(stored_object(event.object.clone())?),
        None => None,
    };
    if old.as_ref().is_some_and(|old| old.uid() != sent.uid()) {
        return Err(uid_conflict(
            "the UID of a resource can't change",
            place.path.to_string(),
        ));
    }
    let put = scheduling::Put {
        call,
        slot: &slot,
        name: place.name,
        old: old.as_ref(),
        sent,
        is_current: conditions.name_a_state(),
        has_seen_all: conditions.name_the_representation(),
        id: place.id,
    };
    match put.store().await? {
        Some(written) => stored(place, &slot, sent, written),
        None => Ok(None),
    }
}

/// What the client is told of a write; `None` if it has to be tried again.
fn stored(
    place: &Place<'_>,
    slot: &Slot,
    sent: &CalendarObject,
    written: scheduling::Written,
) -> Result<Option<Stored>, ApiError> {
    let etag = digest(written.object.as_bytes());
    let is_scheduled = written.object.organizer().is_some();
    // An answer of others changes the object and leaves the tag, so that what is unchanged may have an older one.
    let schedule_tag = match slot.event.as_ref().filter(|_| written.is_unchanged) {
        Some(event) => event.schedule_tag.clone(),
        None => etag.clone(),
    };
    match written.outcome {
        WriteOutcome::Done => Ok(Some(Stored {
            was_there: slot.event.is_some(),
            as_sent: written.object == *sent,
            schedule_tag: is_scheduled.then_some(schedule_tag),
            etag,
            object: written.object,
        })),
        WriteOutcome::Conflict => Ok(None),
        WriteOutcome::UidTaken { resource_name } => {
            let other = DavPath::Object {
                owner: place.owner,
                slug: place.slug.to_owned(),
                name: resource_name,
            };
            Err(uid_conflict(
                "another resource of the calendar has this UID",
                other.to_string(),
            ))
        }
        WriteOutcome::SchedulingUidTaken {
            slug,
            resource_name,
        } => Err(in_two_calendars(&DavPath::Object {
            owner: place.owner,
            slug,
            name: resource_name,
        })),
    }
}

fn check_conditions(
    place: &Place<'_>,
    conditions: &Conditions,
    slot: &Slot,
) -> Result<(), ApiError> {
    let token = SyncToken::new(slot.calendar.id, slot.calendar.ctag).to_string();
    conditions.check_write(&Current {
        path: place.path,
        exists: slot.event.is_some(),
        etag: slot.event.as_ref().map(|event| event.etag.as_str()),
        schedule_tag: slot
            .event
            .as_ref()
            .filter(|event| event.is_scheduled)
            .map(|event| event.schedule_tag.as_str()),
        sync_token: Some(&token),
    })
}

/// A calendar may take fewer kinds of components than the server.
pub(super) fn check_component(
    calendar: &Calendar,
    object: &CalendarObject,
) -> Result<(), ApiError> {
    let kind = object.kind().as_str();
    if calendar
        .properties
        .components
        .iter()
        .any(|taken| taken == kind)
    {
        return Ok(());
    }
    Err(ApiError::forbidden(
        CALDAV.name("supported-calendar-component"),
        format!(
            "this calendar takes {}, not {kind}",
            calendar.properties.components.join(" and ")
        ),
    ))
}

async fn check_quota(store: &Store, slot: &Slot, sent: &CalendarObject) -> Result<(), ApiError> {
    if store.has_room(slot, sent.as_bytes().len()).await? {
        return Ok(());
    }
    Err(ApiError::Violated {
        status: StatusCode::INSUFFICIENT_STORAGE,
        condition: DAV.name("quota-not-exceeded"),
        why: format!("the account has its {MAX_OWNER_BYTES} bytes full; delete something first"),
        href: None,
    })
}

/// The answer to a PUT that is done. An entity tag promises that GET returns what was sent
/// (RFC 4791 section 5.3.4), so there is none when the server added something, unless what is stored comes with it.
fn answer(stored: Stored, path: &DavPath, preferred: Return) -> Response {
    let is_returned = preferred == Return::Representation;
    let mut response = match (stored.was_there, is_returned) {
        (false, _) => StatusCode::CREATED,
        (true, true) => StatusCode::OK,
        (true, false) => StatusCode::NO_CONTENT,
    }
    .into_response();
    let headers = response.headers_mut();
    if stored.as_sent || is_returned {
        headers.insert(header::ETAG, quoted(&stored.etag));
    }
    if let Some(tag) = &stored.schedule_tag {
        headers.insert("Schedule-Tag", quoted(tag));
    }
    if is_returned {
        headers.insert(
            "Preference-Applied",
            HeaderValue::from_static("return=representation"),
        );
        if let Ok(value) = HeaderValue::try_from(path.to_string()) {
            headers.insert(header::CONTENT_LOCATION, value);
        }
        if let Ok(value) = HeaderValue::try_from(content_type(stored.object.kind().as_str())) {
            headers.insert(header::CONTENT_TYPE, value);
        }
        *response.body_mut() = Body::from(stored.object.into_bytes());
    }
    response
}

pub(super) fn uid_conflict(why: &str, href: String) -> ApiError {
    ApiError::Violated {
        status: StatusCode::FORBIDDEN,
        condition: NO_UID_CONFLICT,
        why: why.to_owned(),
        href: Some(href),
    }
}

/// RFC 6638 section 3.2.4.1: a second invitation to the same meeting would follow.
pub(super) fn in_two_calendars(other: &DavPath) -> ApiError {
    ApiError::Violated {
        status: StatusCode::FORBIDDEN,
        condition: CALDAV.name("unique-scheduling-object-resource"),
        why: "a meeting is in one of your calendars only; MOVE it instead".to_owned(),
        href: Some(other.to_string()),
    }
}

/// Only iCalendar is taken. No type, `application/octet-stream`, and the type that curl adds by itself to
/// `--data-binary` say nothing of the content: then the content decides.
pub(crate) fn check_media_type(headers: &HeaderMap) -> Result<(), ApiError> {
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
