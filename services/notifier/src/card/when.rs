//! When an event is, in words, in the reader's zone.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use televent_calendar::EventTime;

use super::text::{MAX_NAME, line};

const DAY: &str = "%a %-d %b %Y";
const TIME: &str = "%H:%M";

/// Such as `Fri 15 Jan 2027, 09:00 – 10:00 (Europe/Berlin)`. Moments are told in the `reader`'s zone, or in
/// the organizer's where that is not known. Dates and local times are nobody's moment: they never shift.
pub(super) fn when(time: &EventTime, reader: Option<Tz>) -> String {
    match time {
        EventTime::AllDay { first, last } => days(*first, *last),
        EventTime::Floating {
            start,
            end,
            zone_name,
        } => {
            let span = span(*start, *end);
            match zone_name {
                Some(name) => format!("{span} ({})", line(name, MAX_NAME)),
                None => span,
            }
        }
        EventTime::Zoned { start, end, zone } => {
            let zone = reader.unwrap_or(*zone);
            let local = |moment: &DateTime<chrono::Utc>| {
                zone.from_utc_datetime(&moment.naive_utc()).naive_local()
            };
            format!("{} ({zone})", span(local(start), end.as_ref().map(local)))
        }
    }
}

fn days(first: NaiveDate, last: NaiveDate) -> String {
    if first == last {
        first.format(DAY).to_string()
    } else {
        format!("{} – {}", first.format(DAY), last.format(DAY))
    }
}

fn span(start: NaiveDateTime, end: Option<NaiveDateTime>) -> String {
    let from = format!("{}, {}", start.format(DAY), start.format(TIME));
    match end {
        None => from,
        Some(end) if end.date() == start.date() => format!("{from} – {}", end.format(TIME)),
        Some(end) => format!("{from} – {}, {}", end.format(DAY), end.format(TIME)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn moments_are_told_in_the_readers_zone() {
        let time = EventTime::Zoned {
            start: utc("2027-01-15T08:00:00Z"),
            end: Some(utc("2027-01-15T09:00:00Z")),
            zone: Tz::Europe__Berlin,
        };
        for (reader, expected) in [
            (None, "Fri 15 Jan 2027, 09:00 – 10:00 (Europe/Berlin)"),
            (
                Some(Tz::Asia__Tokyo),
                "Fri 15 Jan 2027, 17:00 – 18:00 (Asia/Tokyo)",
            ),
            (
                Some(Tz::America__Los_Angeles),
                "Fri 15 Jan 2027, 00:00 – 01:00 (America/Los_Angeles)",
            ),
            (
                Some(Tz::Pacific__Honolulu),
                "Thu 14 Jan 2027, 22:00 – 23:00 (Pacific/Honolulu)",
            ),
            (Some(Tz::UTC), "Fri 15 Jan 2027, 08:00 – 09:00 (UTC)"),
        ] {
            assert_eq!(when(&time, reader), expected);
        }
    }

    #[test]
    fn an_event_may_end_on_another_day_or_not_at_all() {
        let start = utc("2027-01-15T22:30:00Z");
        let zone = Tz::Europe__Berlin;
        let over_midnight = EventTime::Zoned {
            start,
            end: Some(utc("2027-01-16T01:00:00Z")),
            zone,
        };
        assert_eq!(
            when(&over_midnight, None),
            "Fri 15 Jan 2027, 23:30 – Sat 16 Jan 2027, 02:00 (Europe/Berlin)"
        );
        let open = EventTime::Zoned {
            start,
            end: None,
            zone,
        };
        assert_eq!(when(&open, None), "Fri 15 Jan 2027, 23:30 (Europe/Berlin)");
    }

    #[test]
    fn dates_and_local_times_never_shift() {
        let day = |text: &str| text.parse().unwrap();
        for reader in [
            None,
            Some(Tz::Pacific__Kiritimati),
            Some(Tz::Pacific__Honolulu),
        ] {
            let one = EventTime::AllDay {
                first: day("2027-01-15"),
                last: day("2027-01-15"),
            };
            assert_eq!(when(&one, reader), "Fri 15 Jan 2027");
            let three = EventTime::AllDay {
                first: day("2027-01-15"),
                last: day("2027-01-17"),
            };
            assert_eq!(when(&three, reader), "Fri 15 Jan 2027 – Sun 17 Jan 2027");
            let floating = EventTime::Floating {
                start: local("2027-01-15T09:00:00"),
                end: Some(local("2027-01-15T09:30:00")),
                zone_name: None,
            };
            assert_eq!(when(&floating, reader), "Fri 15 Jan 2027, 09:00 – 09:30");
        }
    }

    #[test]
    fn unknown_zone_is_told_as_it_was_written() {
        let time = EventTime::Floating {
            start: local("2027-01-15T09:00:00"),
            end: None,
            zone_name: Some("Middle <Earth>".to_owned()),
        };
        assert_eq!(
            when(&time, None),
            "Fri 15 Jan 2027, 09:00 (Middle &lt;Earth&gt;)"
        );
    }
}
