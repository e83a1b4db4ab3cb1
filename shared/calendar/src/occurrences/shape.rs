//! What an instance looks like: how the time that the series gives it becomes its start and end.

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::Occurrence;
use super::form::{Form, resolved};
use super::length::Length;
use crate::object::{Component, ComponentKind};
use crate::time::{Moment, Zone, Zones};

/// The times of a component, and how those of other instances follow from them.
#[derive(Debug)]
pub(super) struct Shape {
    component: usize,
    form: Form,
    /// Its own start, or DUE where there is no DTSTART.
    start: NaiveDateTime,
    length: Length,
    /// A to-do that has a DUE only.
    is_due_only: bool,
    is_todo: bool,
}

impl Shape {
    /// That of the component at an index. `None` for a to-do without dates.
    pub(super) fn read(
        kind: ComponentKind,
        index: usize,
        component: &Component,
        zones: &Zones<'_>,
    ) -> Option<Self> {
        let timing = &component.timing;
        let end = timing.end.as_ref().map(|end| resolved(end, zones));
        let (start, length) = match (&timing.start, end) {
            (Some(start), end) => {
                let start = resolved(start, zones);
                let length = Length::new(kind, &start, end.as_ref(), timing.duration);
                (start, length)
            }
            (None, Some(due)) => (due, Length::Unsaid),
            (None, None) => return None,
        };
        Some(Self {
            component: index,
            form: Form::of(&start),
            start: start.local(),
            length,
            is_due_only: timing.start.is_none(),
            is_todo: kind == ComponentKind::Todo,
        })
    }

    /// How far it moves the instances of a series, if all of them move as one that was at this local time. What is
    /// written in UTC is not meant to change its time of day with the seasons: it takes the form of the series.
    pub(super) fn shift_from(&mut self, series: &Form, original: NaiveDateTime) -> TimeDelta {
        if let (Form::Zoned(own), Form::Zoned(zone)) = (&self.form, series)
            && own.tz() == Some(Tz::UTC)
        {
            self.start = zone.to_local(own.to_utc(self.start));
            self.form = series.clone();
        }
        self.start - original
    }

    /// The instance that is where the component itself says.
    pub(super) fn own(&self, recurrence_id: Option<Moment>, floating: &Zone) -> Occurrence {
        self.at(self.start, recurrence_id, None, floating)
    }

    /// The instance that begins at this local time, with a length of its own if it has one.
    pub(super) fn at(
        &self,
        local: NaiveDateTime,
        recurrence_id: Option<Moment>,
        length: Option<&Length>,
        floating: &Zone,
    ) -> Occurrence {
        let local = match self.form {
            Form::Date => local.date().and_time(NaiveTime::MIN),
            _ => local,
        };
        let begin = self.form.moment(local);
        let from = self.form.to_utc(local, floating);
        let end = length
            .unwrap_or(&self.length)
            .end(&self.form, local, floating);
        let (start, end, to) = match end {
            _ if self.is_due_only => (None, Some(begin), from),
            Some((end, to)) => (Some(begin), Some(end), to.max(from)),
            // RFC 5545 section 3.6.1: what begins on a day and does not say its end takes the day.
            None if self.form == Form::Date && !self.is_todo => {
                let next = local
                    .checked_add_signed(TimeDelta::days(1))
                    .unwrap_or(local);
                (Some(begin), None, self.form.to_utc(next, floating))
            }
            None => (Some(begin), None, from),
        };
        Occurrence {
            component: self.component,
            recurrence_id,
            start,
            end,
            from,
            to,
        }
    }

    /// The local time before which whatever begins has ended before an instant.
    pub(super) fn earliest_start(&self, end: DateTime<Utc>, floating: &Zone) -> NaiveDateTime {
        self.length.earliest_start(&self.form, end, floating)
    }

    /// The local time after which whatever begins does so after an instant.
    pub(super) fn latest_start(&self, start: DateTime<Utc>, floating: &Zone) -> NaiveDateTime {
        self.form.zone(floating).latest_local(start)
    }
}
