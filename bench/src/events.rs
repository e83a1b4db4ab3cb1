//! The calendar objects of the workloads: as large and as usual as those of people. Everything follows from a number, so that
//! every server has the same, and what must be in an answer is known by arithmetic.

use std::fmt::Write as _;

use chrono::{Datelike as _, Days, Months, NaiveDate};

/// Bytes of an invitation.
pub const INVITATION_BYTES: usize = 2048;

/// Bytes of one's own event, about.
const OWN_BYTES: usize = 1200;

/// One of so many events is a series.
const SERIES_EVERY: usize = 10;

/// Instances of a series, a week apart.
const SERIES_WEEKS: u64 = 8;

/// The months over which the recent events are spread.
pub const MONTHS: u32 = 24;

/// Days that the recent events begin in: a series must end within the months.
const RECENT_DAYS: usize = 670;

/// How many events of a calendar are recent; the others are from before [`first_day`].
pub const RECENT: usize = 1_000;

/// Days before [`first_day`] within which the others begin: 36 years.
const OLD_DAYS: usize = 13_140;

/// Days that lie between the last old event and the first recent one: a series of the old ones is over by then.
const GAP_DAYS: usize = 70;

const ZONE: &str = "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:DAYLIGHT\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\nDTSTART:19700329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\nBEGIN:STANDARD\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\nDTSTART:19701025T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

const ALARM: &str =
    "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDESCRIPTION:Reminder\r\nEND:VALARM\r\n";

/// The first day of the recent events.
#[must_use]
pub fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default()
}

/// A meeting of `organizer` with these people, of exactly [`INVITATION_BYTES`].
#[must_use]
pub fn invitation(uid: &str, organizer: i64, attendees: &[i64]) -> String {
    let mut people = format!("ORGANIZER;CN=Ann:mailto:tg_{organizer}@televent.internal\r\n");
    for id in attendees {
        let _infallible = write!(
            people,
            "ATTENDEE;CN=P{id};PARTSTAT=NEEDS-ACTION:mailto:tg_{id}@televent.internal\r\n"
        );
    }
    // A week away at least: nothing of it is urgent.
    padded(INVITATION_BYTES, |description| {
        object(&format!(
            "UID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Berlin:20310115T090000\r\nDTEND;TZID=Europe/Berlin:20310115T100000\r\nSEQUENCE:0\r\nSUMMARY:Planning\r\nLOCATION:Room 4.2\r\n{people}{description}"
        ))
    })
}

/// The event `number` of a calendar. `version` is raised to change it.
#[must_use]
pub fn own(number: usize, version: u32) -> String {
    let day = day_of(number).format("%Y%m%d");
    let hour = 8 + number % 10;
    let repeats = if is_series(number) {
        format!("RRULE:FREQ=WEEKLY;COUNT={SERIES_WEEKS}\r\n")
    } else {
        String::new()
    };
    let uid = uid(number);
    padded(OWN_BYTES, |description| {
        object(&format!(
            "UID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Berlin:{day}T{hour:02}0000\r\nDTEND;TZID=Europe/Berlin:{day}T{hour:02}4500\r\n{repeats}SEQUENCE:{version}\r\nSUMMARY:Event {number} version {version}\r\n{description}"
        ))
    })
}

/// Its UID.
#[must_use]
pub fn uid(number: usize) -> String {
    format!("event-{number}@bench")
}

/// The last segment of its URL.
#[must_use]
pub fn resource_name(number: usize) -> String {
    format!("event-{number}.ics")
}

fn is_series(number: usize) -> bool {
    number.is_multiple_of(SERIES_EVERY)
}

fn day_of(number: usize) -> NaiveDate {
    let days = |days: usize| Days::new(days as u64);
    if number < RECENT {
        // A step that shares no factor with the length visits every day.
        first_day() + days(number * 7 % RECENT_DAYS)
    } else {
        first_day() - days(GAP_DAYS + number * 7 % OLD_DAYS)
    }
}

/// A month by its number from the first one on, as UTC `date-time`s of its two ends.
#[must_use]
pub fn month(number: u32) -> (String, String) {
    let start = first_day() + Months::new(number);
    let end = start + Months::new(1);
    let text = |day: NaiveDate| day.format("%Y%m%dT000000Z").to_string();
    (text(start), text(end))
}

/// The recent events with an instance in a month. All hours are of the day, so that zones move nothing over midnight.
#[must_use]
pub fn in_month(number: u32, events: usize) -> Vec<usize> {
    let start = first_day() + Months::new(number);
    (0..events.min(RECENT))
        .filter(|event| {
            let weeks = if is_series(*event) { SERIES_WEEKS } else { 1 };
            (0..weeks).any(|week| {
                let day = day_of(*event) + Days::new(7 * week);
                (day.year(), day.month()) == (start.year(), start.month())
            })
        })
        .collect()
}

fn object(lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Televent//bench//EN\r\n{ZONE}BEGIN:VEVENT\r\n{lines}{ALARM}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// Fills the description until the whole has so many bytes.
fn padded(bytes: usize, whole: impl Fn(&str) -> String) -> String {
    // Words rather than one letter, as compression would make nothing of that.
    const WORDS: [&str; 8] = [
        "agenda",
        "minutes",
        "figures",
        "decision",
        "review",
        "questions",
        "summary",
        "draft",
    ];
    const NAME: &str = "DESCRIPTION:";
    /// A content line with its end (RFC 5545 section 3.1).
    const LINE: usize = 75;
    let missing = bytes.saturating_sub(whole("").len());
    let mut lines = String::with_capacity(missing + LINE);
    let mut word = 0_usize;
    let mut column = NAME.len();
    lines.push_str(NAME);
    while lines.len() + 2 < missing {
        let left = missing - 2 - lines.len();
        let next = WORDS
            .get(word.wrapping_mul(5) % WORDS.len())
            .copied()
            .unwrap_or_default();
        word += 1 + word / 7;
        if column + next.len() + 1 > LINE && left > next.len() + 4 {
            lines.push_str("\r\n ");
            column = 1;
        }
        let piece: String = next.chars().chain([' ']).take(left).collect();
        column += piece.len();
        lines.push_str(&piece);
    }
    lines.push_str("\r\n");
    whole(&lines)
}

#[cfg(test)]
mod tests {
    use televent_calendar::{CalendarObject, Window, Zone, occurrences};

    use super::*;

    #[test]
    fn invitations_have_their_size_and_their_people() {
        for uid in ["a", "a-longer-uid@bench"] {
            let text = invitation(uid, 1, &[2, 3, 4]);
            assert_eq!(text.len(), INVITATION_BYTES);
            let object = CalendarObject::parse(text.into_bytes()).unwrap();
            assert_eq!(object.attendees().len(), 3);
        }
    }

    #[test]
    fn months_hold_what_the_calendar_says() {
        let event = |number| CalendarObject::parse(own(number, 0).into_bytes()).unwrap();
        for number in [0, 5, 23] {
            let (start, end) = month(number);
            let instant = |text: &str| {
                chrono::NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ")
                    .unwrap()
                    .and_utc()
            };
            let window = Window {
                from: Some(instant(&start)),
                to: Some(instant(&end)),
            };
            let expected: Vec<usize> = (0..RECENT + 500)
                .filter(|number| {
                    let found = occurrences(&event(*number), &window, &Zone::UTC);
                    !found.items.is_empty()
                })
                .collect();
            assert_eq!(in_month(number, RECENT + 500), expected, "{start}");
        }
    }
}
