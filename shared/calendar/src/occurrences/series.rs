//! What the properties of a series say of its instances: RRULE, RDATE, EXDATE and EXRULE.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::form::{Form, resolved};
use super::length::Length;
use super::slots::{Slots, Source};
use crate::content_line::{Property, line_at};
use crate::object::{CalendarObject, Component};
use crate::recurrence::{Budget, Frequency, Instances, Rule};
use crate::time::{Duration, Moment, Zones};

/// The most RRULEs, and the most EXRULEs, that are followed. RFC 5545 section 3.8.5.3 wants one at most.
const MAX_RULES: usize = 32;

/// The instances of a component, as it would have them without any other component.
#[derive(Debug)]
pub(super) struct Series {
    pub form: Form,
    /// DTSTART, or DUE of a to-do that has only that: the first instance.
    pub start: NaiveDateTime,
    pub rules: Vec<SeriesRule>,
    excluding_rules: Vec<SeriesRule>,
    /// RDATE.
    pub dates: Vec<NaiveDateTime>,
    /// The length of each RDATE that is a PERIOD, by its key.
    pub periods: HashMap<NaiveDateTime, Length>,
    pub excluded: Keys,
    /// Whether rules were passed over.
    pub has_too_many_rules: bool,
}

/// A rule and where it ends.
#[derive(Debug)]
pub(super) struct SeriesRule {
    pub rule: Rule,
    /// The last local time that UNTIL allows, or shortly after it.
    pub until: Option<NaiveDateTime>,
    /// The last key that it allows, if that is not the same.
    pub last_key: Option<NaiveDateTime>,
}

/// Some instances: each by its key, or all of a day.
#[derive(Debug, Default)]
pub(super) struct Keys {
    keys: HashSet<NaiveDateTime>,
    days: HashSet<NaiveDate>,
}

impl Keys {
    /// Adds what a property means that speaks of an instance.
    pub(super) fn insert(&mut self, moment: &Moment, form: &Form, time_of_day: NaiveTime) {
        match moment {
            // Many programs write days where times are due.
            Moment::Date(date) => self.days.insert(*date),
            moment => self
                .keys
                .insert(form.key(form.local_of(moment, time_of_day))),
        };
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.days.is_empty()
    }

    pub(super) fn contains(&self, local: NaiveDateTime, key: NaiveDateTime) -> bool {
        self.keys.contains(&key) || self.days.contains(&local.date())
    }
}

impl Series {
    /// Reads the properties of a component. `None` for one without dates.
    pub(super) fn read(
        object: &CalendarObject,
        component: &Component,
        zones: &Zones<'_>,
    ) -> Option<Self> {
        let timing = &component.timing;
        let start = resolved(timing.start.as_ref().or(timing.end.as_ref())?, zones);
        let form = Form::of(&start);
        let mut series = Self {
            start: start.local(),
            form,
            rules: Vec::new(),
            excluding_rules: Vec::new(),
            dates: Vec::new(),
            periods: HashMap::new(),
            excluded: Keys::default(),
            has_too_many_rules: false,
        };
        for span in &timing.recurrence_lines {
            let text = line_at(object.as_bytes(), span).unfolded();
            let Ok(property) = Property::parse(text) else {
                continue;
            };
            if property.is("RRULE") || property.is("EXRULE") {
                series.add_rule(&property);
            } else {
                series.add_dates(&property, object, zones);
            }
        }
        Some(series)
    }

    /// Whether it has more instances than its start, or other ones.
    pub(super) fn repeats(&self) -> bool {
        !self.rules.is_empty() || !self.dates.is_empty()
    }

    /// The times of its instances from `low` to `high`, and those that EXRULE takes away.
    pub(super) fn slots(
        &self,
        low: NaiveDateTime,
        high: NaiveDateTime,
        budget: &mut Budget,
    ) -> (Slots<'_>, Slots<'_>) {
        let source =
            |rule: &SeriesRule,
             low: NaiveDateTime,
             new: fn(&Rule, NaiveDateTime, NaiveDateTime, NaiveDateTime) -> Instances| {
                let to = rule.until.map_or(high, |until| until.min(high));
                Source {
                    instances: new(&rule.rule, self.start, low, to),
                    last_key: rule.last_key,
                }
            };
        // A PERIOD may be longer than the other instances.
        let is_near =
            |date: &NaiveDateTime| *date <= high && (*date >= low || !self.periods.is_empty());
        let dates = std::iter::once(self.start)
            .chain(self.dates.iter().copied())
            .filter(is_near);
        // Also those of them that are before the window may be taken out.
        let first = dates.clone().min().map_or(low, |first| first.min(low));
        let rules = self
            .rules
            .iter()
            .map(|rule| source(rule, low, Instances::after_start));
        let excluding = self
            .excluding_rules
            .iter()
            .map(|rule| source(rule, first, Instances::matching));
        (
            Slots::new(&self.form, rules.collect(), dates, budget),
            Slots::new(&self.form, excluding.collect(), std::iter::empty(), budget),
        )
    }

    fn add_rule(&mut self, property: &Property<'_>) {
        let is_excluding = property.is("EXRULE");
        let known = if is_excluding {
            &self.excluding_rules
        } else {
            &self.rules
        };
        if known.len() == MAX_RULES {
            self.has_too_many_rules = true;
            return;
        }
        let Some(mut rule) = Rule::parse(&property.value_text()) else {
            return;
        };
        if self.form == Form::Date {
            if rule.frequency < Frequency::Daily {
                return;
            }
            // RFC 5545 section 3.3.10: they mean nothing to a day.
            rule.by_hour.clear();
            rule.by_minute.clear();
            rule.by_second.clear();
        }
        let (until, last_key) = self.until(&rule);
        let rule = SeriesRule {
            rule,
            until,
            last_key,
        };
        if is_excluding {
            self.excluding_rules.push(rule);
        } else {
            self.rules.push(rule);
        }
    }

    /// UNTIL in whatever form it is written: RFC 5545 section 3.3.10 wants that of DTSTART, or UTC if that has a zone.
    fn until(&self, rule: &Rule) -> (Option<NaiveDateTime>, Option<NaiveDateTime>) {
        match (&self.form, &rule.until) {
            (_, None) => (None, None),
            (Form::Zoned(own), Some(Moment::Zoned { local, zone })) => {
                let at = zone.to_utc(*local);
                (Some(own.latest_local(at)), Some(at.naive_utc()))
            }
            (Form::Date, Some(until)) => (Some(until.date().and_time(NaiveTime::MIN)), None),
            (_, Some(Moment::Date(date))) => {
                let end_of_day = date.succ_opt().map(|next| next.and_time(NaiveTime::MIN));
                let last_second = TimeDelta::seconds(1);
                (end_of_day.map(|end| end - last_second), None)
            }
            (_, Some(until)) => (Some(until.local()), None),
        }
    }

    fn add_dates(&mut self, property: &Property<'_>, object: &CalendarObject, zones: &Zones<'_>) {
        let is_excluding = property.is("EXDATE");
        let tzid = property.parameter("TZID");
        let zone = tzid.as_deref().and_then(|tzid| zones.resolve(tzid));
        let parse = |text: &str| Moment::parse_in(text.trim(), tzid.as_deref(), zone.as_ref());
        let time_of_day = self.start.time();
        for value in property.value_text().split(',') {
            let (begin, end) = match value.split_once('/') {
                Some((begin, end)) => (begin, Some(end.trim())),
                None => (value, None),
            };
            let Some(moment) = parse(begin) else {
                continue;
            };
            if is_excluding {
                self.excluded.insert(&moment, &self.form, time_of_day);
                continue;
            }
            let local = self.form.local_of(&moment, time_of_day);
            self.dates.push(local);
            if let Some(end) = end {
                let length = Length::new(
                    object.kind(),
                    &moment,
                    parse(end).as_ref(),
                    Duration::parse(end),
                );
                self.periods.insert(self.form.key(local), length);
            }
        }
    }
}
