//! When an event or to-do is: all instances of an object, each with the component that describes it.
//!
//! A series is what its rules and dates say ([`series`], [`slots`]); each of its instances looks like the component that
//! describes it ([`shape`], [`length`]): the series itself, an override with its RECURRENCE-ID, or the last override
//! before it with RANGE=THISANDFUTURE. An override is an instance of its own, also where the series has none.
//!
//! Everything is lazy and in bounded work: what would take more is cut, and says so. What time-range tests (RFC 4791
//! section 9.9), CALDAV:expand and free-busy make of the instances is theirs.

use std::ops::ControlFlow;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use crate::object::{CalendarObject, Component, ComponentKind};
use crate::recurrence::Budget;
use crate::time::{Moment, Zone, Zones};

mod alarms;
mod bounds;
mod form;
mod length;
mod series;
mod shape;
mod slots;

pub use bounds::{Bounds, occurrence_bounds};

use form::resolved;
use series::{Keys, Series};
use shape::Shape;

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

/// As [`occurrences`], one by one in no particular order, until `visit` breaks: to know whether there is any, or to see
/// more of them. Returns whether it has seen all.
pub fn try_for_each_occurrence(
    object: &CalendarObject,
    window: &Window,
    floating: &Zone,
    mut visit: impl FnMut(Occurrence) -> ControlFlow<()>,
) -> bool {
    let zones = Zones::new(object.as_bytes());
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

/// What is read of an object before its instances are listed.
struct RecurrenceSet<'a> {
    floating: &'a Zone,
    series: Option<Series>,
    /// How the series looks, and from each THISANDFUTURE on (by its key), with how far it moves what follows it. In order.
    parts: Vec<Part>,
    /// Those of the overrides, and of a series without dates.
    single: Vec<Occurrence>,
    overridden: Keys,
}

/// The instances from a key on, and how they look.
struct Part {
    from_key: NaiveDateTime,
    shape: Shape,
    shift: TimeDelta,
}

impl<'a> RecurrenceSet<'a> {
    fn read(object: &CalendarObject, zones: &Zones<'_>, floating: &'a Zone) -> Self {
        let mut set = Self {
            floating,
            series: None,
            parts: Vec::new(),
            single: Vec::new(),
            overridden: Keys::default(),
        };
        let components = || object.components().iter().enumerate();
        if let Some((index, master)) =
            components().find(|(_, component)| component.recurrence_id.is_none())
        {
            set.series = Series::read(object, master, zones);
            match Shape::read(object.kind(), index, master, zones) {
                Some(shape) => set.parts.push(Part {
                    from_key: NaiveDateTime::MIN,
                    shape,
                    shift: TimeDelta::zero(),
                }),
                None => set.single.push(Occurrence::undated(index, None)),
            }
        }
        for (index, component) in components() {
            if let Some(id) = &component.timing.recurrence_id {
                let shape = Shape::read(object.kind(), index, component, zones);
                set.add_override(index, component, &resolved(id, zones), shape);
            }
        }
        set.parts.sort_by_key(|part| part.from_key);
        set
    }

    fn add_override(
        &mut self,
        index: usize,
        component: &Component,
        id: &Moment,
        shape: Option<Shape>,
    ) {
        let mut recurrence_id = id.clone();
        let mut original = None;
        if let Some(series) = &self.series {
            let time_of_day = series.start.time();
            let local = series.form.local_of(id, time_of_day);
            recurrence_id = series.form.moment(local);
            self.overridden.insert(id, &series.form, time_of_day);
            original = Some((&series.form, local));
        }
        let Some(mut shape) = shape else {
            self.single
                .push(Occurrence::undated(index, Some(recurrence_id)));
            return;
        };
        self.single
            .push(shape.own(Some(recurrence_id), self.floating));
        if let Some((form, local)) = original
            && component.this_and_future
        {
            let shift = shape.shift_from(form, local);
            let from_key = form.key(local);
            self.parts.push(Part {
                from_key,
                shape,
                shift,
            });
        }
    }

    fn try_for_each(
        &self,
        window: &Window,
        budget: &mut Budget,
        visit: &mut impl FnMut(Occurrence) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for occurrence in &self.single {
            visit(occurrence.clone())?;
        }
        let Some(series) = &self.series else {
            return ControlFlow::Continue(());
        };
        let (low, high) = self.range(window);
        let (mut slots, mut excluding) = series.slots(low, high, budget);
        let mut excluded = excluding.next(budget);
        while let Some(slot) = slots.next(budget) {
            while excluded.is_some_and(|excluded| excluded.local < slot.local) {
                excluded = excluding.next(budget);
            }
            let is_taken_away = excluded == Some(slot)
                || series.excluded.contains(slot.local, slot.key)
                || self.overridden.contains(slot.local, slot.key);
            if let Some(part) = self.part_of(slot.key).filter(|_| !is_taken_away) {
                let recurrence_id = series.repeats().then(|| series.form.moment(slot.local));
                let length = series.periods.get(&slot.key);
                visit(part.at(slot.local, recurrence_id, length, self.floating))?;
            }
        }
        ControlFlow::Continue(())
    }

    /// The local times in the series that may become instances in the window.
    fn range(&self, window: &Window) -> (NaiveDateTime, NaiveDateTime) {
        let parts = || self.parts.iter();
        let low = window.from.and_then(|from| {
            parts()
                .map(|part| part.earliest_start(from, self.floating))
                .min()
        });
        let high = window.to.and_then(|to| {
            parts()
                .map(|part| part.latest_start(to, self.floating))
                .max()
        });
        (
            low.unwrap_or(NaiveDateTime::MIN),
            high.unwrap_or(NaiveDateTime::MAX),
        )
    }

    fn part_of(&self, key: NaiveDateTime) -> Option<&Part> {
        let begun = self.parts.partition_point(|part| part.from_key <= key);
        self.parts.get(begun.checked_sub(1)?)
    }
}

impl Part {
    /// The instance that the series has at this local time.
    fn at(
        &self,
        local: NaiveDateTime,
        recurrence_id: Option<Moment>,
        length: Option<&length::Length>,
        floating: &Zone,
    ) -> Occurrence {
        let local = local.checked_add_signed(self.shift).unwrap_or(local);
        self.shape.at(local, recurrence_id, length, floating)
    }

    /// The local time in the series before which all of its instances have ended before an instant.
    fn earliest_start(&self, end: DateTime<Utc>, floating: &Zone) -> NaiveDateTime {
        let local = self.shape.earliest_start(end, floating);
        local
            .checked_sub_signed(self.shift)
            .unwrap_or(NaiveDateTime::MIN)
    }

    /// The local time in the series after which all of its instances begin after an instant.
    fn latest_start(&self, start: DateTime<Utc>, floating: &Zone) -> NaiveDateTime {
        let local = self.shape.latest_start(start, floating);
        local
            .checked_sub_signed(self.shift)
            .unwrap_or(NaiveDateTime::MAX)
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
