//! Tests of objects.

use super::*;
use crate::part_stat::PartStat;

mod editing;
mod properties;
mod reading;
mod refusals;

const FIXTURES: &[(&str, &[u8])] = &[
    ("curl", include_bytes!("../../tests/fixtures/curl.ics")),
    ("davx5", include_bytes!("../../tests/fixtures/davx5.ics")),
    ("google", include_bytes!("../../tests/fixtures/google.ics")),
    ("ios", include_bytes!("../../tests/fixtures/ios.ics")),
    ("macos", include_bytes!("../../tests/fixtures/macos.ics")),
    (
        "outlook",
        include_bytes!("../../tests/fixtures/outlook.ics"),
    ),
    (
        "thunderbird",
        include_bytes!("../../tests/fixtures/thunderbird.ics"),
    ),
];

fn parse(text: &str) -> Result<CalendarObject, ObjectError> {
    CalendarObject::parse(text.as_bytes().to_vec())
}

fn fixture(name: &str) -> CalendarObject {
    let (_, bytes) = FIXTURES
        .iter()
        .find(|(fixture, _)| *fixture == name)
        .unwrap();
    CalendarObject::parse(bytes.to_vec()).unwrap()
}

/// A VEVENT with a UID and DTSTART and these lines.
fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\r\nUID:u\r\nDTSTART:20260105T100000Z\r\n{lines}END:VEVENT\r\n")
}

fn calendar(components: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{components}END:VCALENDAR\r\n")
}

fn address(text: &str) -> CalendarUserAddress {
    CalendarUserAddress::parse(text).unwrap()
}

fn friend() -> CalendarUserAddress {
    address("tg_98765@televent.internal")
}

fn text(object: &CalendarObject) -> String {
    String::from_utf8(object.as_bytes().to_vec()).unwrap()
}
