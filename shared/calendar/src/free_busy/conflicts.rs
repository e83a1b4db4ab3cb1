//! What else somebody has at the time of an event: what of their calendar overlaps it.

use std::ops::{ControlFlow, Range};

use chrono::{DateTime, TimeDelta, Utc};

use super::busy_time::busy_types;
use crate::address::CalendarUserAddress;
use crate::object::{CalendarObject, Component, ComponentKind};
use crate::occurrences::{Window, try_for_each_occurrence};
use crate::time::{Moment, Zone};

/// How far ahead of its next instance a series is compared.
const CONFLICTS_AHEAD: TimeDelta = TimeDelta::weeks(4);

/// The most instances of a series that are compared.
const MAX_COMPARED_INSTANCES: usize = 40;

/// Something at the same time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// SUMMARY.
    pub title: Option<String>,
    /// Whether it takes whole days.
    pub is_all_day: bool,
}

/// When an event takes its people's time from now on: itself, or the next instances of a series, at most four weeks of them;
/// sorted, and without what makes nobody busy. `recurrence_key` is that of one instance; empty for all.
pub fn taken_times(
    object: &CalendarObject,
    component: &Component,
    floating: &Zone,
    now: DateTime<Utc>,
) -> Vec<Range<DateTime<Utc>>> {
    let alone = component.recurrence_id.is_some();
    // Whoever comes.
    let types = busy_types(object, &[]);
    let mut taken: Vec<Range<DateTime<Utc>>> = Vec::new();
    let window = Window {
        from: Some(now),
        to: None,
    };
    let mut until = None;
    try_for_each_occurrence(object, &window, floating, |occurrence| {
        let of = object.components().get(occurrence.component);
        let is_meant =
            !alone || of.is_some_and(|of| of.recurrence_key() == component.recurrence_key());
        let is_blocking = types.get(occurrence.component).copied().flatten().is_some();
        // What others have moved far away must not hide the series behind it.
        if until.is_some_and(|until| occurrence.from >= until)
            && of.is_some_and(|of| of.recurrence_id.is_none())
        {
            return ControlFlow::Break(());
        }
        if is_meant && is_blocking && occurrence.from < occurrence.to {
            if of.is_some_and(|of| of.recurrence_id.is_none()) {
                until.get_or_insert(occurrence.from + CONFLICTS_AHEAD);
            }
            taken.push(occurrence.from..occurrence.to);
        }
        if taken.len() == MAX_COMPARED_INSTANCES {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    taken.sort_by_key(|taken| taken.start);
    if let Some(first) = taken.first().map(|taken| taken.start) {
        taken.retain(|taken| taken.start < first + CONFLICTS_AHEAD);
    }
    taken
}

/// What of an object in somebody's calendar overlaps these times: sorted, and at most `most`. Days and times without a zone
/// are in `floating`: that of the calendar. What makes them busy is as [`BusyTime`](super::BusyTime) says.
pub fn conflicts(
    object: &CalendarObject,
    floating: &Zone,
    who: &[CalendarUserAddress],
    times: &[Range<DateTime<Utc>>],
    most: usize,
) -> Vec<Conflict> {
    let (Some(first), Some(last)) = (
        times.iter().map(|time| time.start).min(),
        times.iter().map(|time| time.end).max(),
    ) else {
        return Vec::new();
    };
    if object.kind() != ComponentKind::Event {
        return Vec::new();
    }
    let types = busy_types(object, who);
    let window = Window {
        from: Some(first),
        to: Some(last),
    };
    let mut found = Vec::new();
    try_for_each_occurrence(object, &window, floating, |occurrence| {
        let is_busy = types.get(occurrence.component).copied().flatten().is_some();
        let overlaps = times
            .iter()
            .any(|time| occurrence.from < time.end && occurrence.to > time.start);
        if is_busy && overlaps && occurrence.from < occurrence.to {
            let component = object.components().get(occurrence.component);
            found.push(Conflict {
                start: occurrence.from,
                end: occurrence.to,
                title: component.and_then(|component| component.summary.clone()),
                is_all_day: matches!(occurrence.start, Some(Moment::Date(_))),
            });
        }
        if found.len() == MAX_COMPARED_INSTANCES {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    found.sort();
    found.truncate(most);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(lines: &str) -> CalendarObject {
        let text = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20270101T000000Z\r\n\
             {lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        CalendarObject::parse(text.into_bytes()).unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn times(object: &CalendarObject) -> Vec<Range<DateTime<Utc>>> {
        let now = at("2027-01-01T00:00:00Z");
        taken_times(
            object,
            object.master_or_first(),
            &Zone::by_name("UTC").unwrap(),
            now,
        )
    }

    const DENTIST: &str = "DTSTART:20270115T083000Z\r\nDTEND:20270115T093000Z\r\nSUMMARY:Dentist";

    fn found(own: &str, meeting: &str) -> Vec<String> {
        let who = [CalendarUserAddress::parse("mailto:tg_2@televent.internal").unwrap()];
        let times = times(&object(meeting));
        conflicts(
            &object(own),
            &Zone::by_name("UTC").unwrap(),
            &who,
            &times,
            2,
        )
        .into_iter()
        .map(|conflict| {
            format!(
                "{} {}",
                conflict.start.format("%d %H:%M"),
                conflict.title.unwrap_or_default()
            )
        })
        .collect()
    }

    const MEETING: &str = "DTSTART:20270115T080000Z\r\nDTEND:20270115T090000Z";

    #[test]
    fn what_overlaps_is_named() {
        assert_eq!(found(DENTIST, MEETING), ["15 08:30 Dentist"]);
        let after = "DTSTART:20270115T090000Z\r\nDTEND:20270115T100000Z";
        assert_eq!(found(after, MEETING), [""; 0]);
        let weekly = "DTSTART:20270101T083000Z\r\nDTEND:20270101T093000Z\r\nRRULE:FREQ=WEEKLY\r\nSUMMARY:Gym";
        assert_eq!(found(weekly, MEETING), ["15 08:30 Gym"]);
    }

    #[test]
    fn what_makes_nobody_busy_is_no_conflict() {
        for line in [
            "TRANSP:TRANSPARENT",
            "STATUS:CANCELLED",
            "ATTENDEE;PARTSTAT=DECLINED:mailto:tg_2@televent.internal",
        ] {
            assert_eq!(
                found(&format!("{DENTIST}\r\n{line}"), MEETING),
                [""; 0],
                "{line}"
            );
        }
        for line in ["TRANSP:TRANSPARENT", "STATUS:CANCELLED"] {
            assert_eq!(
                found(DENTIST, &format!("{MEETING}\r\n{line}")),
                [""; 0],
                "{line}"
            );
        }
    }

    #[test]
    fn of_a_series_the_next_weeks_are_compared() {
        let series = format!("{MEETING}\r\nRRULE:FREQ=WEEKLY");
        assert_eq!(times(&object(&series)).len(), 4);
        let in_two_weeks = DENTIST.replace("0115", "0129");
        assert_eq!(found(&in_two_weeks, &series), ["29 08:30 Dentist"]);
        let in_ten = DENTIST.replace("20270115", "20270326");
        assert_eq!(found(&in_ten, &series), [""; 0]);
        let daily =
            "DTSTART:20270115T083000Z\r\nDTEND:20270115T093000Z\r\nRRULE:FREQ=DAILY\r\nSUMMARY:Gym";
        assert_eq!(found(daily, &series), ["15 08:30 Gym", "22 08:30 Gym"]);
    }

    #[test]
    fn what_is_over_has_no_conflicts() {
        let past = MEETING.replace("2027", "2026");
        assert_eq!(times(&object(&past)), []);
    }
}
