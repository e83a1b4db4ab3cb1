//! The instances of all components of an object together (RFC 5545 section 3.8.4.4).

use std::ops::ControlFlow;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::form::resolved;
use super::length::Length;
use super::series::{Keys, Series};
use super::shape::Shape;
use super::{Occurrence, Window};
use crate::object::{CalendarObject, Component};
use crate::recurrence::Budget;
use crate::time::{Moment, Zone, Zones};

/// What is read of an object before its instances are listed.
pub(super) struct RecurrenceSet<'a> {
    pub floating: &'a Zone,
    pub series: Option<Series>,
    /// How the series looks, and from each THISANDFUTURE on (by its key), with how far it moves what follows it. In order.
    pub parts: Vec<Part>,
    /// Those of the overrides, and of a series without dates.
    pub single: Vec<Occurrence>,
    overridden: Keys,
}

/// The instances from a key on, and how they look.
pub(super) struct Part {
    from_key: NaiveDateTime,
    shape: Shape,
    shift: TimeDelta,
}

impl<'a> RecurrenceSet<'a> {
    pub(super) fn read(object: &CalendarObject, zones: &Zones<'_>, floating: &'a Zone) -> Self {
        let mut set = Self {
            floating,
            series: None,
            parts: Vec::new(),
            single: Vec::new(),
            overridden: Keys::default(),
        };
        if let Some((index, master)) = object.position("").zip(object.master()) {
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
        for (index, component) in object.components().iter().enumerate() {
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

    /// Visits the instances that may be in the window, and some that are not. Those of the series come in order.
    pub(super) fn try_for_each(
        &self,
        window: &Window,
        budget: &mut Budget,
        visit: &mut impl FnMut(Occurrence) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for occurrence in &self.single {
            visit(occurrence.clone())?;
        }
        let (low, high) = self.range(window);
        self.try_for_each_of_series(low, high, budget, visit)
    }

    /// Visits the instances of the series from one local time in it to another, both included, in order; those that have
    /// a component of their own are left out.
    pub(super) fn try_for_each_of_series(
        &self,
        low: NaiveDateTime,
        high: NaiveDateTime,
        budget: &mut Budget,
        visit: &mut impl FnMut(Occurrence) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(series) = &self.series else {
            return ControlFlow::Continue(());
        };
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

    /// How an instance with this key looks.
    pub(super) fn part_of(&self, key: NaiveDateTime) -> Option<&Part> {
        let begun = self.parts.partition_point(|part| part.from_key <= key);
        self.parts.get(begun.checked_sub(1)?)
    }
}

impl Part {
    /// The instance that the series has at this local time, with a length of its own if it has one.
    pub(super) fn at(
        &self,
        local: NaiveDateTime,
        recurrence_id: Option<Moment>,
        length: Option<&Length>,
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
