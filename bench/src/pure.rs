//! The pure code of `televent-calendar` by cases: what a request does between two queries. Criterion times them, callgrind counts
//! their instructions.

use std::{collections::BTreeMap, hint::black_box};

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use televent_calendar::{
    CalendarDataRequest, CalendarObject, ComponentFilter, ComponentTest, InternalDomain, Meeting,
    Owner, Person, RecurrenceSet, ScheduleStatus, TelegramUserId, TimeRange, Window, Zone, matches,
    occurrence_bounds, occurrences,
};

use crate::{arguments::Pure, events};

/// Something to be done once.
pub type Work = Box<dyn Fn()>;

/// The people of the invitation.
const INVITED: [i64; 3] = [2, 3, 4];
const ORGANIZER: i64 = 1;

/// The names of all cases, with what they do.
pub const CASES: [&str; 9] = [
    "parse an invitation of 2 KB",
    "parse an event of 1.2 KB",
    "organizer_put of a new invitation",
    "organizer_put of a changed invitation",
    "occurrence_bounds of a series",
    "occurrences of a daily series in a month",
    "matches an event against a month",
    "matches a daily series of twenty years against a month",
    "expand a daily series over a year",
];

/// Prepares a case.
///
/// # Errors
/// When there is no such case.
pub fn work(case: &str) -> Result<Work> {
    let index = CASES.iter().position(|known| *known == case);
    let invitation = events::invitation("pure", ORGANIZER, &INVITED);
    let object = |text: String| CalendarObject::parse(text.into_bytes());
    Ok(match index {
        Some(0) => parse(invitation),
        Some(1) => parse(events::own(5, 0)),
        Some(2) => put(None, object(invitation)?)?,
        Some(3) => {
            let changed = invitation.replacen("T090000", "T080000", 1);
            put(Some(object(invitation)?), object(changed)?)?
        }
        Some(4) => {
            let series = object(events::own(10, 0))?;
            Box::new(move || {
                black_box(occurrence_bounds(black_box(&series)));
            })
        }
        Some(5) => {
            let (series, range) = (daily()?, month_after(0));
            let window = Window {
                from: range.start,
                to: range.end,
            };
            Box::new(move || {
                black_box(occurrences(black_box(&series), &window, &Zone::UTC));
            })
        }
        Some(6) => matching(object(events::own(5, 0))?, month_after(0)),
        Some(7) => matching(daily()?, month_after(20 * 365)),
        Some(8) => {
            let series = daily()?;
            let (start, _) = ends(0, 1);
            let range = TimeRange::between(start, start + TimeDelta::days(365));
            let request = CalendarDataRequest {
                recurrence: Some(RecurrenceSet::Expand(range)),
                ..CalendarDataRequest::default()
            };
            Box::new(move || {
                drop(black_box(request.apply(black_box(&series), &Zone::UTC)));
            })
        }
        _ => anyhow::bail!("there is no case {case}"),
    })
}

/// Does a case some times over, for callgrind.
///
/// # Errors
/// When there is no such case.
pub fn repeat(pure: &Pure) -> Result<()> {
    let work = work(&pure.case)?;
    for _ in 0..pure.times {
        work();
    }
    Ok(())
}

fn parse(text: String) -> Work {
    let bytes = text.into_bytes();
    Box::new(move || {
        drop(black_box(CalendarObject::parse(black_box(bytes.clone()))));
    })
}

fn put(old: Option<CalendarObject>, new: CalendarObject) -> Result<Work> {
    let person = Person {
        has_calendar: false,
        delivery: ScheduleStatus::Delivered,
        copy: None,
    };
    let people = INVITED
        .iter()
        .map(|id| Ok((TelegramUserId::new(*id)?, person.clone())))
        .collect::<Result<BTreeMap<_, _>>>()?;
    let meeting = Meeting {
        organizer: Owner {
            telegram_id: TelegramUserId::new(ORGANIZER)?,
            common_name: "Ann".to_owned(),
        },
        object: old,
        people,
        domain: InternalDomain::default(),
    };
    Ok(Box::new(move || {
        drop(black_box(meeting.organizer_put(
            black_box(new.clone()),
            true,
            DateTime::UNIX_EPOCH,
        )));
    }))
}

fn matching(object: CalendarObject, range: TimeRange) -> Work {
    let component = |name: &str, time_range, components| ComponentFilter {
        name: name.to_owned(),
        test: ComponentTest::Defined {
            time_range,
            properties: Vec::new(),
            components,
        },
    };
    let event = component("VEVENT", Some(range), Vec::new());
    let filter = component("VCALENDAR", None, vec![event]);
    Box::new(move || {
        black_box(matches(black_box(&filter), &object, &Zone::UTC));
    })
}

/// A meeting of each working day, without end.
fn daily() -> Result<CalendarObject> {
    let text = events::own(10, 0);
    let rule = text
        .lines()
        .find(|line| line.starts_with("RRULE"))
        .context("it is a series")?
        .to_owned();
    let text = text.replace(&rule, "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR");
    Ok(CalendarObject::parse(text.into_bytes())?)
}

fn month_after(days: i64) -> TimeRange {
    let (start, end) = ends(days, 31);
    TimeRange::between(start, end)
}

/// So many days, after some days.
fn ends(after: i64, days: i64) -> (DateTime<Utc>, DateTime<Utc>) {
    let first = events::first_day()
        .and_time(chrono::NaiveTime::MIN)
        .and_utc();
    let start = first + TimeDelta::days(90 + after);
    (start, start + TimeDelta::days(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_can_be_done() {
        for case in CASES {
            work(case).unwrap()();
        }
        assert!(work("something else").is_err());
    }
}
