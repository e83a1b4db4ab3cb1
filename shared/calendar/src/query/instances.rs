//! Tests of the components that have instances. All tests of a comp-filter must hold for the same component, and those of
//! time for one of the instances that it describes, be it the series, an override, or a part of the series.

use std::ops::ControlFlow;

use chrono::TimeDelta;

use super::alarms::Alarm;
use super::matching::{Subject, parameters_match};
use super::{
    ComponentFilter, ComponentTest, ParameterTest, PropertyFilter, PropertyTest, ValueTest,
};
use crate::object::ComponentKind;
use crate::occurrences::{Occurrence, Window, try_for_each_occurrence};
use crate::time_range::{InstanceTest, TimeRange};
use crate::tree::{Node, PropertyLine};

/// The components of an object, and which of them have passed all tests so far.
pub(super) struct Instances<'a> {
    subject: &'a Subject<'a>,
    components: Vec<&'a Node<'a>>,
    passing: Vec<bool>,
}

/// When enough has been seen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// It is known of each component whether it passes.
    All,
    /// One of them passes.
    First,
}

impl<'a> Instances<'a> {
    pub(super) fn new(subject: &'a Subject<'a>, components: Vec<&'a Node<'a>>) -> Self {
        Self {
            subject,
            passing: vec![true; components.len()],
            components,
        }
    }

    pub(super) fn is_any_left(&self) -> bool {
        self.passing.contains(&true)
    }

    /// Keeps those whose properties match. DTSTART, DTEND and DUE have the values that each instance would have.
    pub(super) fn retain_by_property(&mut self, filter: &PropertyFilter) {
        if let PropertyTest::Defined {
            value: Some(ValueTest::TimeRange(range)),
            parameters,
        } = &filter.test
            && let Some(time) = self.instance_time(&filter.name)
        {
            // DTEND and DUE may be there in effect only, by DURATION (RFC 4791 section 9.9).
            let is_bare = parameters
                .iter()
                .all(|parameter| parameter.test == ParameterTest::NotDefined);
            self.retain(|component| {
                let mut named = component.properties_named(&filter.name).peekable();
                let matches = |line: &PropertyLine<'_>| parameters_match(parameters, line);
                (named.peek().is_none() && is_bare) || named.any(matches)
            });
            let margin = TimeDelta::seconds(1);
            self.retain_by_instance(range.window(margin, margin), Until::All, |occurrence| {
                time(occurrence).is_some_and(|at| range.contains(at))
            });
        } else {
            let subject = self.subject;
            self.retain(|component| subject.property_matches(filter, component));
        }
    }

    /// How an instance says the value of a property; `None` if the property is not one of those that differ by instance.
    fn instance_time(&self, name: &str) -> Option<InstanceTime> {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        match self.subject.object.kind() {
            ComponentKind::FreeBusy => None,
            _ if is("DTSTART") => {
                Some(|occurrence| occurrence.start.as_ref().map(|_| occurrence.from))
            }
            ComponentKind::Event if is("DTEND") => Some(end_of),
            ComponentKind::Todo if is("DUE") => Some(end_of),
            _ => None,
        }
    }

    /// Keeps those in which a component matches.
    pub(super) fn retain_by_component(&mut self, filter: &ComponentFilter) {
        match &filter.test {
            ComponentTest::Defined {
                time_range: Some(range),
                properties,
                components,
            } if filter.name.eq_ignore_ascii_case("VALARM") => {
                let subject = self.subject;
                let is_like = |alarm: &&Node<'_>| subject.is_like(alarm, properties, components);
                let alarms_of = |component: &&Node<'_>| {
                    let alarms = component.named("VALARM").filter(is_like);
                    Alarm::read_all(alarms, subject.zones, subject.floating)
                };
                let alarms: Vec<Vec<Alarm>> = self.components.iter().map(alarms_of).collect();
                self.retain_by_alarm(range, &alarms);
            }
            _ => {
                let subject = self.subject;
                self.retain(|component| subject.component_matches(filter, component));
            }
        }
    }

    /// Keeps those that have an alarm that goes off in the range, where `alarms` are those of each component.
    fn retain_by_alarm(&mut self, range: &TimeRange, alarms: &[Vec<Alarm>]) {
        let is_set_off = |alarms: &Vec<Alarm>| alarms.iter().any(|alarm| alarm.is_fixed_in(range));
        let fixed: Vec<bool> = alarms.iter().map(is_set_off).collect();
        let relative = || alarms.iter().flatten().filter_map(Alarm::reach);
        let earliest = relative().map(|(earliest, _)| earliest).min();
        let latest = relative().map(|(_, latest)| latest).max();
        let before = self.passing.clone();
        if let (Some(earliest), Some(latest)) = (earliest, latest) {
            let margin = TimeDelta::seconds(1);
            let after = margin.checked_sub(&earliest).unwrap_or(TimeDelta::MAX);
            let window = range.window(latest.checked_add(&margin).unwrap_or(TimeDelta::MAX), after);
            self.retain_by_instance(window, Until::All, |occurrence| {
                let alarms = alarms.get(occurrence.component).into_iter().flatten();
                alarms
                    .into_iter()
                    .any(|alarm| alarm.goes_off(occurrence, range))
            });
        } else {
            self.passing.fill(false);
        }
        for ((passing, before), fixed) in self.passing.iter_mut().zip(before).zip(fixed) {
            *passing |= before && fixed;
        }
    }

    /// Whether one of those that are left has an instance that overlaps the range.
    pub(super) fn overlaps(mut self, range: &TimeRange) -> bool {
        let Subject {
            object,
            zones,
            floating,
        } = self.subject;
        if object.kind() == ComponentKind::FreeBusy {
            let subject = self.subject;
            self.retain(|component| free_busy_overlaps(component, range, subject));
            return self.is_any_left();
        }
        let test = InstanceTest::new(object, &self.components, zones, floating);
        self.retain_by_instance((*range).into(), Until::First, |occurrence| {
            test.overlaps(occurrence, range)
        });
        self.is_any_left()
    }

    fn retain(&mut self, mut passes: impl FnMut(&Node<'_>) -> bool) {
        for (passing, component) in self.passing.iter_mut().zip(&self.components) {
            *passing = *passing && passes(component);
        }
    }

    /// Keeps those of whose instances one passes, and those of which it takes too much work to know.
    fn retain_by_instance(
        &mut self,
        window: Window,
        until: Until,
        passes: impl Fn(&Occurrence) -> bool,
    ) {
        let mut found = vec![false; self.passing.len()];
        let mut missing = self.passing.iter().filter(|passing| **passing).count();
        if missing == 0 {
            return;
        }
        let Subject {
            object, floating, ..
        } = self.subject;
        let has_seen_all = try_for_each_occurrence(object, &window, floating, |occurrence| {
            let is_passing = self.passing.get(occurrence.component) == Some(&true);
            if let Some(found) = found.get_mut(occurrence.component)
                && is_passing
                && !*found
                && passes(&occurrence)
            {
                *found = true;
                missing -= 1;
                if missing == 0 || until == Until::First {
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        });
        let is_enough = until == Until::First && found.contains(&true);
        let is_cut = !has_seen_all && !is_enough;
        for ((passing, found), component) in
            self.passing.iter_mut().zip(found).zip(object.components())
        {
            // The one instance of an override is never what was not reached.
            let may_have_more = component.recurrence_id.is_none() || component.this_and_future;
            *passing = *passing && (found || is_cut && may_have_more);
        }
    }
}

/// The value that an instance gives a property.
type InstanceTime = fn(&Occurrence) -> Option<chrono::DateTime<chrono::Utc>>;

fn end_of(occurrence: &Occurrence) -> Option<chrono::DateTime<chrono::Utc>> {
    occurrence.end.as_ref().map(|_| occurrence.to)
}

/// The table of VFREEBUSY in RFC 4791 section 9.9.
fn free_busy_overlaps(component: &Node<'_>, range: &TimeRange, subject: &Subject<'_>) -> bool {
    let instant = |name| component.instant(name, subject.zones, subject.floating);
    match (instant("DTSTART"), instant("DTEND")) {
        (Some(start), Some(end)) => range.starts_by(end) && range.ends_after(start),
        _ => component
            .properties_named("FREEBUSY")
            .flat_map(crate::free_busy::periods)
            .any(|(start, end)| range.starts_before(end) && range.ends_after(start)),
    }
}
