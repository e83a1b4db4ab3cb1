//! COPY of a calendar object resource (RFC 4918 section 9.8) within the asker's calendars.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use televent_store::DeadProperty;
use uuid::Uuid;

use super::{
    not_for_clients_to_deliver,
    put::{Place, store_object},
    stored_object,
};
use crate::{
    conditions::{Conditions, Current},
    error::ApiError,
    headers::overwrite,
    path::DavPath,
    routes::Call,
    sync_token::SyncToken,
    xml::CALDAV,
};

pub(crate) async fn copy(call: Call) -> Result<Response, ApiError> {
    let DavPath::Object { owner, slug, name } = &call.path else {
        return Err(ApiError::NotFound);
    };
    let to = destination(&call)?;
    let DavPath::Object {
        owner: to_owner,
        slug: to_slug,
        name: to_name,
    } = &to
    else {
        return Err(not_a_place_for_an_object());
    };
    let conditions = Conditions::from_headers(&call.headers)?;
    let replaces = overwrite(&call.headers)?;
    let store = &call.api.store;
    let slot = store
        .slot(*owner, slug, name)
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
    if event.is_scheduled {
        // A second invitation to the same meeting would follow.
        return Err(ApiError::forbidden(
            CALDAV.name("unique-scheduling-object-resource"),
            "a meeting is in one of your calendars only; MOVE it instead",
        ));
    }
    let properties = event.properties;
    let object = stored_object(event.object)?;
    let place = Place {
        owner: *to_owner,
        slug: to_slug,
        name: to_name,
        path: &to,
        id: Uuid::now_v7(),
    };
    let at_destination = if replaces {
        Conditions::default()
    } else {
        Conditions::only_new()
    };
    let stored = store_object(&call, &place, &at_destination, &object, None).await?;
    copy_properties(&call, &place, &properties).await?;
    Ok(if stored.was_there {
        StatusCode::NO_CONTENT.into_response()
    } else {
        (StatusCode::CREATED, [(header::LOCATION, to.to_string())]).into_response()
    })
}

/// The dead properties go with the resource (RFC 4918 section 9.8.2). If somebody has changed the copy already, they are
/// theirs to set.
async fn copy_properties(
    call: &Call,
    place: &Place<'_>,
    properties: &[DeadProperty],
) -> Result<(), ApiError> {
    let store = &call.api.store;
    let slot = store.slot(place.owner, place.slug, place.name).await?;
    if let Some(event) = slot.and_then(|slot| slot.event)
        && event.properties != properties
    {
        store
            .set_event_properties(event.id, event.sequence, properties)
            .await?;
    }
    Ok(())
}

/// Where a resource shall be, which must be the asker's own and another place than where it is.
pub(super) fn destination(call: &Call) -> Result<DavPath, ApiError> {
    let to = header_of(&call.headers)?;
    if to == call.path {
        return Err(ApiError::Forbidden(
            "source and destination are the same".to_owned(),
        ));
    }
    if to.owner() != Some(call.scene.user.telegram_id) {
        return Err(ApiError::Forbidden(
            "the destination is not in your calendars".to_owned(),
        ));
    }
    if to.is_message() {
        return Err(not_for_clients_to_deliver());
    }
    Ok(to)
}

pub(crate) fn header_of(headers: &HeaderMap) -> Result<DavPath, ApiError> {
    let bad = || {
        ApiError::BadRequest("Destination is not the URL of a resource of this server".to_owned())
    };
    let text = headers
        .get("Destination")
        .ok_or_else(|| ApiError::BadRequest("the header Destination is missing".to_owned()))?
        .to_str()
        .map_err(|_| bad())?;
    DavPath::from_href(text).ok_or_else(bad)
}

pub(super) fn not_a_place_for_an_object() -> ApiError {
    ApiError::forbidden(
        CALDAV.name("calendar-collection-location-ok"),
        "an object goes into a calendar, a calendar into the home",
    )
}
