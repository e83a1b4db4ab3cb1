//! When an event or to-do is: all instances of an object, each with the component that describes it.
//!
//! A series is what its rules and dates say (`series`, `slots`); each of its instances looks like the component that
//! describes it (`shape`, `length`): the series itself, an override with its RECURRENCE-ID, or the last override before it
//! with RANGE=THISANDFUTURE. An override is an instance of its own, also where the series has none (`set`).
//!
//! Everything is lazy and in bounded work: what would take more is cut, and says so. What time-range tests (RFC 4791
//! section 9.9), CALDAV:expand and free-busy make of the instances is theirs.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};

use crate::object::{CalendarObject, ComponentKind};
use crate::recurrence::Budget;
use crate::time::{Moment, Zone};

mod alarms;
mod bounds;
mod by_key;
mod form;
mod length;
mod repetition;
mod series;
mod set;
mod shape;
mod slots;

pub use bounds::{Bounds, occurrence_bounds};
pub(crate) use by_key::{SeriesKeys, instances_by_key};
pub(crate) use form::resolved;
pub use repetition::{Repetition, RepetitionEnd};

use set::RecurrenceSet;

/// The most instances that [`occurrences`] collects. A daily meeting has so many in 27 years.
pub const MAX_OCCURRENCES: usize = 10_000;

/// From when to when, the end not included. `None` is without a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// The beginning.
    pub from: Option<DateTime<Utc>>,
    /// The end.
    pub to: Option<DateTime<Utc>>,
}

/// One instance of an event or to-do.
///
/// `start` and `end` are as its component would write them, in the form of DTSTART (or DTEND, DUE): a day, a local time,
/// or a local time in a zone. A local time that comes twice when the clocks go back is not told apart there; `from` and
/// `to` are exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// The index in [`CalendarObject::components`] of the series or of the override that describes it.
    pub component: usize,
    /// What its RECURRENCE-ID says or would say, in the form of the DTSTART of the series: its original start. `None` for
    /// the only instance of something that does not repeat.
    pub recurrence_id: Option<Moment>,
    /// DTSTART; `None` for a to-do that has none.
    pub start: Option<Moment>,
    /// DTEND or DUE, or what DURATION makes them; `None` if there is none of them, or if it is before the start. For a
    /// day, DTEND is the day after the last.
    pub end: Option<Moment>,
    /// When it begins; when it is due, if it has no start.
    pub from: DateTime<Utc>,
    /// When it ends. `from`, if it has no length; the next midnight for an event that begins on a day and says no end. A
    /// to-do without dates is from the beginning to the end of time.
    pub to: DateTime<Utc>,
}

/// The instances in a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrences {
    /// Sorted by `from`.
    pub items: Vec<Occurrence>,
    /// `false` if there may be more: [`MAX_OCCURRENCES`] was reached, or the bound on work.
    pub complete: bool,
}

/// All instances that could matter for a window: events that overlap it, or are in it without a length; to-dos that
/// overlap or touch it. Days and times without a zone are taken to be in `floating`.
pub fn occurrences(object: &CalendarObject, window: &Window, floating: &Zone) -> Occurrences {
    let mut items = Vec::new();
    let complete = try_for_each_occurrence(object, window, floating, |occurrence| {
        if items.len() == MAX_OCCURRENCES {
            return ControlFlow::Break(());
        }
        items.push(occurrence);
        ControlFlow::Continue(())
    });
    items.sort_by_key(|occurrence| occurrence.from);
    Occurrences { items, complete }
}

/// As [`occurrences`], one by one, until `visit` breaks: to know whether there is any, or to see more of them. Each override
/// comes before the series; else they are in no particular order. Returns whether it has seen all.
pub fn try_for_each_occurrence(
    object: &CalendarObject,
    window: &Window,
    floating: &Zone,
    mut visit: impl FnMut(Occurrence) -> ControlFlow<()>,
) -> bool {
    let zones = object.zones();
    let set = RecurrenceSet::read(object, &zones, floating);
    let mut budget = Budget::default();
    let visited = set.try_for_each(window, &mut budget, &mut |occurrence| {
        if window.could_want(object.kind(), &occurrence) {
            visit(occurrence)
        } else {
            ControlFlow::Continue(())
        }
    });
    let cut = set
        .series
        .as_ref()
        .is_some_and(|series| series.has_too_many_rules);
    visited.is_continue() && !budget.is_spent() && !cut
}

impl Window {
    fn could_want(&self, kind: ComponentKind, occurrence: &Occurrence) -> bool {
        let (from, to) = (occurrence.from, occurrence.to);
        if kind == ComponentKind::Todo {
            return self.to.is_none_or(|end| from <= end)
                && self.from.is_none_or(|start| to >= start);
        }
        let ends_late_enough = self
            .from
            .is_none_or(|start| to > start || from == to && to == start);
        ends_late_enough && self.to.is_none_or(|end| from < end)
    }
}

impl Occurrence {
    /// That of a to-do without dates, which is always to be done (RFC 4791 section 9.9).
    fn undated(component: usize, recurrence_id: Option<Moment>) -> Self {
        Self {
            component,
            recurrence_id,
            start: None,
            end: None,
            from: DateTime::<Utc>::MIN_UTC,
            to: DateTime::<Utc>::MAX_UTC,
        }
    }
}

#[cfg(test)]
mod tests;
