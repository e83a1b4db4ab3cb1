//! Time ranges in requests (RFC 4791 section 9.9): UTC, in the form of iCalendar.

use std::ops::Range;

use chrono::{DateTime, NaiveDateTime, Utc};
use televent_calendar::TimeRange;

use crate::{
    error::ApiError,
    xml::{CALDAV, Element},
};

/// The `start` and `end` of an element; one of them may be missing.
pub(crate) fn time_range(element: &Element) -> Result<TimeRange, ApiError> {
    let range = TimeRange {
        start: element.attribute("start").map(utc).transpose()?,
        end: element.attribute("end").map(utc).transpose()?,
    };
    if range.is_valid() {
        Ok(range)
    } else {
        Err(invalid(
            "a time range has neither start nor end, or ends before it begins",
        ))
    }
}

/// As [`time_range`], where both ends are required.
pub(crate) fn span(element: &Element) -> Result<Range<DateTime<Utc>>, ApiError> {
    match time_range(element)? {
        TimeRange {
            start: Some(start),
            end: Some(end),
        } => Ok(start..end),
        _ => Err(invalid("the range needs both start and end")),
    }
}

fn utc(text: &str) -> Result<DateTime<Utc>, ApiError> {
    // chrono would also take signs, more digits and white space.
    let is_basic = text.len() == "20260105T090000Z".len()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'T' | b'Z'));
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ")
        .ok()
        .filter(|_| is_basic)
        .map(|naive| naive.and_utc())
        .ok_or_else(|| invalid("a time is not in UTC, such as 20260105T090000Z"))
}

fn invalid(why: &str) -> ApiError {
    ApiError::forbidden(CALDAV.name("valid-filter"), why)
}
