//! Tests of occurrences.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use super::*;

mod bounds;
mod dates;
mod hostile;
mod overrides;
mod properties;
mod repetition;
mod rules;
mod todos;
mod zones;

/// An object of these events, each given by its lines without UID.
fn events(events: &[&[&str]]) -> CalendarObject {
    object("VEVENT", "", events)
}

/// An object of these components, after some other lines.
fn object(kind: &str, before: &str, components: &[&[&str]]) -> CalendarObject {
    let mut text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{before}");
    for lines in components {
        text += &format!("BEGIN:{kind}\r\nUID:u\r\n");
        for line in *lines {
            text += line;
            text += "\r\n";
        }
        text += &format!("END:{kind}\r\n");
    }
    text += "END:VCALENDAR\r\n";
    CalendarObject::parse(text.into_bytes()).unwrap()
}

/// `20260105T090000` as UTC, or `20260105`.
fn at(text: &str) -> DateTime<Utc> {
    let local = match text.split_once('T') {
        Some(_) => NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").unwrap(),
        None => {
            let day = NaiveDate::parse_from_str(text, "%Y%m%d").unwrap();
            day.and_hms_opt(0, 0, 0).unwrap()
        }
    };
    Utc.from_utc_datetime(&local)
}

fn window(from: &str, to: &str) -> Window {
    Window {
        from: Some(at(from)),
        to: Some(at(to)),
    }
}

/// Each instance as `from/to`, with `#` and the index of its component if that is not 0.
fn shown(object: &CalendarObject, window: &Window, floating: Tz) -> Vec<String> {
    let found = occurrences(object, window, &Zone::from(floating));
    assert!(found.complete);
    found.items.iter().map(show).collect()
}

fn show(occurrence: &Occurrence) -> String {
    let component = match occurrence.component {
        0 => String::new(),
        other => format!("#{other}"),
    };
    format!(
        "{}/{}{component}",
        instant(occurrence.from),
        instant(occurrence.to)
    )
}

/// Only the day, for midnight.
fn instant(at: DateTime<Utc>) -> String {
    let text = at.format("%Y%m%dT%H%M%S").to_string();
    text.strip_suffix("T000000")
        .map(str::to_owned)
        .unwrap_or(text)
}

/// What the instances of one event in a window are.
#[track_caller]
fn check(lines: &[&str], from: &str, to: &str, expected: &[&str]) {
    assert_eq!(
        shown(&events(&[lines]), &window(from, to), Tz::UTC),
        expected,
        "{lines:?}"
    );
}
