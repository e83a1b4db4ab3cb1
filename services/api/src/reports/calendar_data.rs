//! `CALDAV:calendar-data` in a request (RFC 4791 section 9.6): how much of an object is to be returned.

use axum::http::StatusCode;
use televent_calendar::{
    CalendarDataRequest, ComponentSelection, PropertySelection, RecurrenceSet, SelectedProperty,
    SubcomponentSelection, TimeRange,
};

use super::time_range::span;
use crate::{
    error::ApiError,
    xml::{CALDAV, Element},
};

/// Most components and properties that a request may choose: each line of each object is compared with them.
const MAX_SELECTED: usize = 200;

/// Reads the element.
pub(crate) fn calendar_data_request(element: &Element) -> Result<CalendarDataRequest, ApiError> {
    let is_our_type = element
        .attribute("content-type")
        .is_none_or(|name| name.eq_ignore_ascii_case("text/calendar"));
    let is_our_version = element
        .attribute("version")
        .is_none_or(|version| version == "2.0");
    if !is_our_type || !is_our_version {
        return Err(ApiError::Violated {
            status: StatusCode::FORBIDDEN,
            condition: CALDAV.name("supported-calendar-data"),
            why: "only text/calendar 2.0 is served".to_owned(),
            href: None,
        });
    }
    let range = |name| {
        let element = element.child(CALDAV.name(name));
        let span = element.map(span).transpose()?;
        Ok::<_, ApiError>(span.map(|span| TimeRange::between(span.start, span.end)))
    };
    let expand = range("expand")?;
    let limit = range("limit-recurrence-set")?;
    Ok(CalendarDataRequest {
        selection: element
            .child(CALDAV.name("comp"))
            .map(|comp| {
                let mut left = MAX_SELECTED;
                selection(comp, &mut left)
            })
            .transpose()?,
        recurrence: match (expand, limit) {
            (Some(range), _) => Some(RecurrenceSet::Expand(range)),
            (None, Some(range)) => Some(RecurrenceSet::Limit(range)),
            (None, None) => None,
        },
        limit_freebusy: range("limit-freebusy-set")?,
        omit_time_zones: false,
    })
}

/// Reads `CALDAV:comp`; the depth of the document bounds the recursion. Neither `prop` nor `allprop` means no properties,
/// neither `comp` nor `allcomp` no components; but nothing at all means all.
fn selection(comp: &Element, left: &mut usize) -> Result<ComponentSelection, ApiError> {
    let name = comp_name(comp)?;
    *left = left.checked_sub(comp.children().count()).ok_or_else(|| {
        ApiError::BadRequest(format!(
            "calendar-data names more than {MAX_SELECTED} components and properties"
        ))
    })?;
    if comp.children().next().is_none() {
        return Ok(ComponentSelection::whole(name));
    }
    let properties = if comp.child(CALDAV.name("allprop")).is_some() {
        PropertySelection::All
    } else {
        let named = comp.children_named(CALDAV.name("prop")).map(|prop| {
            Ok(SelectedProperty {
                name: comp_name(prop)?,
                no_value: prop.attribute("novalue") == Some("yes"),
            })
        });
        PropertySelection::Named(named.collect::<Result<_, ApiError>>()?)
    };
    let components = if comp.child(CALDAV.name("allcomp")).is_some() {
        SubcomponentSelection::All
    } else {
        let mut named = Vec::new();
        for comp in comp.children_named(CALDAV.name("comp")) {
            named.push(selection(comp, left)?);
        }
        SubcomponentSelection::Named(named)
    };
    Ok(ComponentSelection {
        name,
        properties,
        components,
    })
}

fn comp_name(element: &Element) -> Result<String, ApiError> {
    element.attribute("name").map(str::to_owned).ok_or_else(|| {
        ApiError::BadRequest("a comp or prop of calendar-data has no name".to_owned())
    })
}
