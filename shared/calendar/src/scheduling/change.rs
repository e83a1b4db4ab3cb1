//! What changed between two components, as far as people must know.

use std::collections::BTreeSet;

use crate::address::CalendarUserAddress;
use crate::object::Component;
use crate::part_stat::ScheduleAgent;
use crate::time::{EventTime, Key};

/// Whether the organizer's change asks everyone again: the event is at another time or place.
///
/// RFC 6638 section 3.2.8 has the table for the time. It asks again only if instances are added, moved or brought back, so
/// an instance that is taken out (one more EXDATE, one RDATE less, a series that ends earlier) loses nobody's answer. The
/// place is ours: who could come to one place may not come to another.
pub(super) fn is_significant(old: &Component, new: &Component) -> bool {
    old.schedule.times != new.schedule.times
        || old.this_and_future != new.this_and_future
        || !only_shortened(&old.schedule.rules, &new.schedule.rules)
        || !is_subset(&new.schedule.extra_dates, &old.schedule.extra_dates)
        || !is_subset(&old.schedule.excluded_dates, &new.schedule.excluded_dates)
        || place(old) != place(new)
}

/// Whether a sorted list has all of another one.
pub(super) fn is_subset<T: Ord>(
    part: impl IntoIterator<Item = T>,
    whole: impl IntoIterator<Item = T>,
) -> bool {
    let mut whole = whole.into_iter();
    let mut part = part.into_iter();
    part.all(|wanted| whole.find(|one| *one >= wanted) == Some(wanted))
}

/// Whether the new rules yield no instance that the old ones don't: they are the same, but for ends that come earlier, or
/// there are none any more. An EXRULE takes instances out, so whatever happens to one may bring some back.
fn only_shortened(old: &[Vec<String>], new: &[Vec<String>]) -> bool {
    let is_bound = |part: &&String| part.starts_with("UNTIL=") || part.starts_with("COUNT=");
    let shorter = |(old, new): (&Vec<String>, &Vec<String>)| {
        let unbounded = old.iter().filter(|part| !is_bound(part));
        unbounded.eq(new.iter().filter(|part| !is_bound(part)))
            && bound_is_tighter(old.iter().find(is_bound), new.iter().find(is_bound))
    };
    if old == new {
        return true;
    }
    let excludes = [old, new]
        .into_iter()
        .flatten()
        .flatten()
        .any(|part| part == "EXRULE");
    !excludes && (new.is_empty() || (new.len() == old.len() && old.iter().zip(new).all(shorter)))
}

/// Whether a series with the new bound is a part of the one with the old bound.
fn bound_is_tighter(old: Option<&String>, new: Option<&String>) -> bool {
    let Some(new) = new else { return old.is_none() };
    let Some(old) = old else { return true };
    match (old.strip_prefix("COUNT="), new.strip_prefix("COUNT=")) {
        (Some(old), Some(new)) => match (old.parse::<u32>(), new.parse::<u32>()) {
            (Ok(old), Ok(new)) => new <= old,
            _ => false,
        },
        // Dates and times compare as text, as long as both are of one form.
        (None, None) => old.len() == new.len() && new <= old,
        _ => false,
    }
}

/// Whether a changed instance is at another time or place than its series says. (It may differ in its title only.)
pub(super) fn differs_from_series(instance: &Component, series: &Component) -> bool {
    let start = instance.start.as_ref().map(start_key);
    let moved = start.map(|key| key.to_string()) != instance.recurrence_id;
    let lengths_differ = match (&instance.start, &series.start) {
        (Some(instance), Some(series)) => !same_length(instance, series),
        (None, None) => false,
        _ => true,
    };
    moved || lengths_differ || instance.this_and_future || place(instance) != place(series)
}

/// The place; an empty LOCATION is none.
fn place(component: &Component) -> &str {
    component.location.as_deref().unwrap_or_default().trim()
}

/// The recurrence key that an instance at this time would have.
const fn start_key(time: &EventTime) -> Key {
    match time {
        EventTime::AllDay { first, .. } => Key::Date(*first),
        EventTime::Floating { start, .. } => Key::Floating(*start),
        EventTime::Zoned { start, .. } => Key::Utc(start.naive_utc()),
    }
}

/// Whether two times are equally long, in fact or on the clock on the wall (a night when the clock changes).
fn same_length(one: &EventTime, other: &EventTime) -> bool {
    match (one, other) {
        (EventTime::AllDay { first: a, last: b }, EventTime::AllDay { first: c, last: d }) => {
            *b - *a == *d - *c
        }
        (
            EventTime::Floating {
                start: a, end: b, ..
            },
            EventTime::Floating {
                start: c, end: d, ..
            },
        ) => b.map(|b| b - *a) == d.map(|d| d - *c),
        (
            EventTime::Zoned {
                start: a,
                end: b,
                zone: zone_1,
            },
            EventTime::Zoned {
                start: c,
                end: d,
                zone: zone_2,
            },
        ) => {
            let on_the_wall_1 = b.map(|b| {
                b.with_timezone(zone_1).naive_local() - a.with_timezone(zone_1).naive_local()
            });
            let on_the_wall_2 = d.map(|d| {
                d.with_timezone(zone_2).naive_local() - c.with_timezone(zone_2).naive_local()
            });
            b.map(|b| b - *a) == d.map(|d| d - *c) || on_the_wall_1 == on_the_wall_2
        }
        _ => false,
    }
}

/// Whether an instance has a component of its own and yet is what its series says: somebody has answered for it alone, or has
/// alarms of their own there.
pub(super) fn says_what_series_says(instance: &Component, series: &Component) -> bool {
    !differs_from_series(instance, series)
        && (&instance.summary, &instance.description, &instance.url)
            == (&series.summary, &series.description, &series.url)
        && instance.status == series.status
        && people(instance) == people(series)
}

fn people(component: &Component) -> BTreeSet<(&CalendarUserAddress, bool)> {
    let attendees = component.attendees().iter();
    let people = attendees.map(|attendee| {
        let is_ours = attendee.schedule_agent == ScheduleAgent::Server;
        (&attendee.address, is_ours)
    });
    people.collect()
}

/// Whether a card about the new component would look different.
pub(super) fn shows_something_else(old: &Component, new: &Component) -> bool {
    old.summary != new.summary
        || old.location != new.location
        || old.description != new.description
        || old.url != new.url
        || old.status != new.status
        || old.start != new.start
        || old.repeats != new.repeats
        || old.this_and_future != new.this_and_future
        || old.schedule != new.schedule
}
