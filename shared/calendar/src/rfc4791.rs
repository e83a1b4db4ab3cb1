//! The calendar that RFC 4791 appendix B gives, for tests of the examples in its chapter 7.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;

use crate::object::CalendarObject;
use crate::time::Zone;
use crate::time_range::TimeRange;

macro_rules! resources {
    ($($name:literal),*) => {
        [$(($name, include_str!(concat!("../tests/fixtures/rfc4791/", $name, ".ics")))),*]
    };
}

/// The name and content of each resource.
pub const RESOURCES: [(&str, &str); 8] = resources!(
    "abcd1", "abcd2", "abcd3", "abcd4", "abcd5", "abcd6", "abcd7", "abcd8"
);

/// The resource of a name.
pub fn resource(name: &str) -> CalendarObject {
    let (_, text) = RESOURCES.iter().find(|(known, _)| *known == name).unwrap();
    object(text)
}

/// What this iCalendar text is.
pub fn object(text: &str) -> CalendarObject {
    CalendarObject::parse(text.as_bytes().to_vec())
        .unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// An object of one component with these lines, UID aside, separated by pipes.
pub fn component(kind: &str, lines: &str) -> CalendarObject {
    components(kind, &[lines])
}

/// An object of components with these lines, UID aside, separated by pipes.
pub fn components(kind: &str, components: &[&str]) -> CalendarObject {
    let components: String = components
        .iter()
        .map(|lines| {
            let lines: String = lines.split('|').map(|line| format!("{line}\r\n")).collect();
            format!("BEGIN:{kind}\r\nUID:u\r\n{lines}END:{kind}\r\n")
        })
        .collect();
    object(&format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{components}END:VCALENDAR\r\n"
    ))
}

/// The zone in which the examples are.
pub fn eastern() -> Zone {
    Zone::Named(Tz::US__Eastern)
}

/// `20060104T120000` or `20060104`, in UTC.
pub fn at(text: &str) -> DateTime<Utc> {
    match text.split_once('T') {
        Some(_) => NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S")
            .unwrap()
            .and_utc(),
        None => {
            let day = NaiveDate::parse_from_str(text, "%Y%m%d").unwrap();
            day.and_hms_opt(0, 0, 0).unwrap().and_utc()
        }
    }
}

/// A range of such times. An empty text is an open end.
pub fn range(start: &str, end: &str) -> TimeRange {
    let end_of = |text: &str| (!text.is_empty()).then(|| at(text));
    TimeRange {
        start: end_of(start),
        end: end_of(end),
    }
}
