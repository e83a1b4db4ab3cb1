//! MKCALENDAR (RFC 4791 section 5.3.1) and extended MKCOL (RFC 5689): a new calendar with its properties, or nothing.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use televent_store::{CalendarProperties, CreateCalendarOutcome, MAX_CALENDARS, NewCalendar};
use uuid::Uuid;

use super::property_update::{
    Change, Verdicts, all_hold, change_calendar, changes, write_propstats,
};
use crate::{
    error::ApiError,
    path::DavPath,
    properties::calendar::COMPONENTS,
    routes::{Call, read_xml},
    xml::{CALDAV, CONTENT_TYPE, DAV, Element, Name, XmlWriter},
};

pub(crate) async fn mkcalendar(call: Call, body: Body) -> Result<Response, ApiError> {
    let document = read_xml(body).await?;
    let changes = match &document {
        None => Vec::new(),
        Some(root) if root.is(CALDAV.name("mkcalendar")) => changes(root)?,
        Some(_) => {
            return Err(ApiError::BadRequest(
                "the body is not a CALDAV:mkcalendar".to_owned(),
            ));
        }
    };
    make(&call, &changes, CALDAV.name("mkcalendar-response")).await
}

pub(crate) async fn mkcol(call: Call, body: Body) -> Result<Response, ApiError> {
    let document = read_xml(body).await?;
    let changes = match &document {
        None => Vec::new(),
        Some(root) if root.is(DAV.name("mkcol")) => changes(root)?,
        Some(_) => {
            return Err(ApiError::Violated {
                status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
                condition: DAV.name("mkcol"),
                why: "the body is not a DAV:mkcol".to_owned(),
                href: None,
            });
        }
    };
    let is_calendar = document.as_ref().is_some_and(|root| {
        let (calendar, collection) = (CALDAV.name("calendar"), DAV.name("collection"));
        resource_types(root).any(|kind| kind.is(calendar))
            && resource_types(root).all(|kind| kind.is(calendar) || kind.is(collection))
    });
    if !is_calendar {
        return Err(ApiError::forbidden(
            DAV.name("valid-resourcetype"),
            "only calendars can be made here: name CALDAV:calendar in DAV:resourcetype",
        ));
    }
    make(&call, &changes, DAV.name("mkcol-response")).await
}

/// RFC 4791 section 5.3.1.2.
pub(crate) fn not_a_place_for_a_calendar() -> ApiError {
    ApiError::forbidden(
        CALDAV.name("calendar-collection-location-ok"),
        "calendars are made in the home, and hold no collections",
    )
}

fn resource_types(root: &Element) -> impl Iterator<Item = &Element> {
    root.children_named(DAV.name("set"))
        .flat_map(|set| set.children_named(DAV.name("prop")))
        .flat_map(|prop| prop.children_named(DAV.name("resourcetype")))
        .flat_map(Element::children)
}

async fn make(
    call: &Call,
    changes: &[Change],
    answer_name: Name<'static>,
) -> Result<Response, ApiError> {
    let DavPath::Calendar { owner, slug } = &call.path else {
        return Err(not_a_place_for_a_calendar());
    };
    let mut properties = CalendarProperties {
        display_name: slug.clone(),
        components: COMPONENTS.map(str::to_owned).to_vec(),
        time_zone: None,
        time_zone_id: None,
        transparent: false,
        dead: Vec::new(),
    };
    let verdicts = change_calendar(&mut properties, slug, changes, true);
    if !all_hold(&verdicts) {
        return Ok(refused(answer_name, &verdicts));
    }
    let new = NewCalendar {
        id: Uuid::now_v7(),
        owner: *owner,
        slug,
        properties: &properties,
    };
    match call.api.store.create_calendar(&new).await? {
        CreateCalendarOutcome::Done => Ok((
            StatusCode::CREATED,
            // RFC 4791 section 5.3.1: the answer must not be cached.
            [(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))],
        )
            .into_response()),
        CreateCalendarOutcome::Exists => Err(ApiError::forbidden(
            DAV.name("resource-must-be-null"),
            "there is a calendar at this URL already",
        )),
        CreateCalendarOutcome::TooMany => Err(ApiError::Violated {
            status: StatusCode::INSUFFICIENT_STORAGE,
            condition: DAV.name("quota-not-exceeded"),
            why: format!("an account can have {MAX_CALENDARS} calendars; delete one first"),
            href: None,
        }),
    }
}

/// Which properties stood in the way (RFC 5689 section 3).
fn refused(answer_name: Name<'static>, verdicts: &Verdicts) -> Response {
    let mut xml = XmlWriter::document(answer_name);
    write_propstats(&mut xml, verdicts);
    (
        StatusCode::FAILED_DEPENDENCY,
        [(header::CONTENT_TYPE, CONTENT_TYPE)],
        xml.finish(),
    )
        .into_response()
}
