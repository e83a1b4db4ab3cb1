//! When an event is, on cards: in the reader's zone, or where that is not known, in those of the event.

use chrono::NaiveDate;
use chrono_tz::Tz;
use televent_calendar::{Conflict, EventTime};
use televent_telegram::escape_html;

use super::{
    Reading,
    text::{MAX_NAME, user_text},
};

/// As HTML, with moments that clients show in their own way.
pub(super) fn when(time: &EventTime, reading: Reading) -> String {
    reading.language.when_html(time, reading.zone)
}

/// As [`when`], of something that may end in another zone than it begins, as flights do: without a zone of the reader's, each
/// is told in its own.
pub(super) fn from_to(time: &EventTime, end_zone: Option<Tz>, reading: Reading) -> String {
    let EventTime::Zoned {
        start,
        end: Some(end),
        zone,
    } = time
    else {
        return when(time, reading);
    };
    let Some(end_zone) = end_zone.filter(|end_zone| reading.zone.is_none() && end_zone != zone)
    else {
        return when(time, reading);
    };
    let language = reading.language;
    let moment = |start, zone| EventTime::Zoned {
        start,
        end: None,
        zone,
    };
    let from = language.when_html(&moment(*start, *zone), None);
    let to = language.when_html(&moment(*end, end_zone), None);
    language.lasting(&language.range(&from, &to), *end - *start)
}

/// What is no more, or not yet: struck through, or beside the moment that matters. No client shows it in another way.
pub(super) fn plainly(time: &EventTime, reading: Reading) -> String {
    escape_html(&reading.language.when(time, reading.zone))
}

/// Something else at the same time: `Dentist, 09:30 – 10:00`. The day is told unless it is that of the event.
pub(super) fn conflict(conflict: &Conflict, event: &EventTime, reading: Reading) -> String {
    let language = reading.language;
    let title = match conflict.title.as_deref().map(str::trim) {
        Some(title) if !title.is_empty() => user_text(title, MAX_NAME, language),
        _ => language.text("card-no-title"),
    };
    if conflict.is_all_day {
        return language.say("card-overlap-all-day", &[("title", (&title).into())]);
    }
    let (day, zone) = first_day(event, reading);
    let start = conflict.start.with_timezone(&zone).naive_local();
    let end = conflict.end.with_timezone(&zone).naive_local();
    let time = if start.date() == day && end.date() == day {
        language.time_range(start.time(), end.time())
    } else {
        language.span(start, Some(end))
    };
    language.say(
        "card-overlap",
        &[("title", (&title).into()), ("time", (&time).into())],
    )
}

/// The day of an instance by its recurrence key, as shortly as says it.
pub(super) fn day(time: &EventTime, reading: Reading) -> String {
    let (day, _) = first_day(time, reading);
    reading.language.date(day)
}

/// The day on which it begins for the reader, and the zone in which they are told it.
fn first_day(time: &EventTime, reading: Reading) -> (NaiveDate, Tz) {
    match time {
        EventTime::AllDay { first, .. } => (*first, reading.zone_or_utc()),
        EventTime::Floating { start, .. } => (start.date(), reading.zone_or_utc()),
        EventTime::Zoned { start, zone, .. } => {
            let zone = reading.zone.unwrap_or(*zone);
            (start.with_timezone(&zone).date_naive(), zone)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::text::units_of_html;
    use televent_language::Language;

    const UNKNOWN: Reading = Reading {
        language: Language::English,
        zone: None,
    };

    #[test]
    fn a_flight_is_told_in_both_zones_unless_the_readers_is_known() {
        let flight = EventTime::Zoned {
            start: "2027-01-15T08:00:00Z".parse().unwrap(),
            end: Some("2027-01-15T16:30:00Z".parse().unwrap()),
            zone: Tz::Europe__Berlin,
        };
        let to = Some(Tz::America__New_York);
        assert_eq!(
            from_to(&flight, to, UNKNOWN),
            "<tg-time unix=\"1800000000\" format=\"wDt\">Fri, 15 Jan 2027, 09:00</tg-time> (Berlin) – \
             <tg-time unix=\"1800030600\" format=\"wDt\">Fri, 15 Jan 2027, 11:30</tg-time> (New York) · 8 h 30 min"
        );
        let in_tokyo = Reading {
            zone: Some(Tz::Asia__Tokyo),
            ..UNKNOWN
        };
        assert_eq!(from_to(&flight, to, in_tokyo), when(&flight, in_tokyo));
        assert_eq!(from_to(&flight, None, UNKNOWN), when(&flight, UNKNOWN));
    }

    #[test]
    fn a_conflict_on_the_same_day_is_told_by_its_time() {
        let event = EventTime::Zoned {
            start: "2027-01-15T08:00:00Z".parse().unwrap(),
            end: None,
            zone: Tz::Europe__Berlin,
        };
        let other = |start: &str, end: &str, is_all_day| Conflict {
            start: start.parse().unwrap(),
            end: end.parse().unwrap(),
            title: Some("A <b>\nc".to_owned()),
            is_all_day,
        };
        for (conflicting, expected) in [
            (
                other("2027-01-15T08:30:00Z", "2027-01-15T09:00:00Z", false),
                "A &lt;b&gt; c, 09:30 – 10:00",
            ),
            (
                other("2027-01-22T08:30:00Z", "2027-01-22T09:00:00Z", false),
                "A &lt;b&gt; c, Fri, 22 Jan 2027, 09:30 – 10:00",
            ),
            (
                other("2027-01-14T23:00:00Z", "2027-01-15T23:00:00Z", true),
                "A &lt;b&gt; c (all day)",
            ),
        ] {
            assert_eq!(conflict(&conflicting, &event, UNKNOWN), expected);
            assert!(units_of_html(expected) < 100);
        }
    }
}
