//! Tests of words for recurrences.

use televent_calendar::{CalendarObject, Repetition};

mod never_wrong;
mod tables;

/// An event of these lines.
fn event(lines: &[&str]) -> CalendarObject {
    let lines = lines.join("\r\n");
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:u\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    CalendarObject::parse(text.into_bytes()).unwrap()
}

fn repetition(object: &CalendarObject) -> Repetition {
    object.repetition(object.master_or_first()).unwrap()
}
