//! The filter of a calendar-query (RFC 4791 section 9.7), read from XML. The depth of the document bounds the recursion.

use axum::http::StatusCode;
use televent_calendar::{
    Collation, ComponentFilter, ComponentTest, ParameterFilter, ParameterTest, PropertyFilter,
    PropertyTest, TextMatch, ValueTest, query,
};

use super::time_range::time_range;
use crate::{
    error::ApiError,
    xml::{CALDAV, Element},
};

/// Most elements of one filter; each is tested on each candidate.
const MAX_FILTERS: usize = 100;

/// Longest text to search for, in bytes.
const MAX_TEXT_BYTES: usize = 1_024;

/// Reads `CALDAV:filter`, whose one child is the filter of VCALENDAR.
pub(crate) fn filter(element: &Element) -> Result<ComponentFilter, ApiError> {
    let mut children = element.children_named(CALDAV.name("comp-filter"));
    let (Some(root), None) = (children.next(), children.next()) else {
        return Err(invalid("a filter holds exactly one comp-filter"));
    };
    let mut left = MAX_FILTERS;
    let filter = component(root, &mut left)?;
    query::check(&filter).map_err(|error| invalid(error.to_string()))?;
    Ok(filter)
}

fn invalid(why: impl Into<String>) -> ApiError {
    ApiError::forbidden(CALDAV.name("valid-filter"), why)
}

/// The `name` of a filter, counted.
fn name(element: &Element, left: &mut usize) -> Result<String, ApiError> {
    *left = left
        .checked_sub(1)
        .ok_or_else(|| invalid(format!("the filter has more than {MAX_FILTERS} elements")))?;
    element
        .attribute("name")
        .map(str::to_owned)
        .ok_or_else(|| invalid("an element of the filter has no name"))
}

fn is_not_defined(element: &Element) -> bool {
    element.child(CALDAV.name("is-not-defined")).is_some()
}

fn component(element: &Element, left: &mut usize) -> Result<ComponentFilter, ApiError> {
    let name = name(element, left)?;
    let test = if is_not_defined(element) {
        ComponentTest::NotDefined
    } else {
        ComponentTest::Defined {
            time_range: element
                .child(CALDAV.name("time-range"))
                .map(time_range)
                .transpose()?,
            properties: element
                .children_named(CALDAV.name("prop-filter"))
                .map(|child| property(child, left))
                .collect::<Result<_, _>>()?,
            components: element
                .children_named(CALDAV.name("comp-filter"))
                .map(|child| component(child, left))
                .collect::<Result<_, _>>()?,
        }
    };
    Ok(ComponentFilter { name, test })
}

fn property(element: &Element, left: &mut usize) -> Result<PropertyFilter, ApiError> {
    let name = name(element, left)?;
    let test = if is_not_defined(element) {
        PropertyTest::NotDefined
    } else {
        let range = element.child(CALDAV.name("time-range"));
        let text = element.child(CALDAV.name("text-match"));
        let value = match (range, text) {
            (Some(range), _) => Some(ValueTest::TimeRange(time_range(range)?)),
            (None, Some(text)) => Some(ValueTest::Text(text_match(text)?)),
            (None, None) => None,
        };
        PropertyTest::Defined {
            value,
            parameters: element
                .children_named(CALDAV.name("param-filter"))
                .map(|child| parameter(child, left))
                .collect::<Result<_, _>>()?,
        }
    };
    Ok(PropertyFilter { name, test })
}

fn parameter(element: &Element, left: &mut usize) -> Result<ParameterFilter, ApiError> {
    let name = name(element, left)?;
    let test = if is_not_defined(element) {
        ParameterTest::NotDefined
    } else {
        ParameterTest::Defined {
            text: element
                .child(CALDAV.name("text-match"))
                .map(text_match)
                .transpose()?,
        }
    };
    Ok(ParameterFilter { name, test })
}

fn text_match(element: &Element) -> Result<TextMatch, ApiError> {
    let text = element.text();
    if text.len() > MAX_TEXT_BYTES {
        return Err(invalid(format!(
            "a text to search for has more than {MAX_TEXT_BYTES} bytes"
        )));
    }
    let collation = match element.attribute("collation") {
        None => Collation::AsciiCasemap,
        Some(name) => Collation::parse(name).ok_or_else(|| ApiError::Violated {
            status: StatusCode::FORBIDDEN,
            condition: CALDAV.name("supported-collation"),
            why: "the collations are those of supported-collation-set".to_owned(),
            href: None,
        })?,
    };
    Ok(TextMatch {
        text,
        collation,
        negate: element.attribute("negate-condition") == Some("yes"),
    })
}
