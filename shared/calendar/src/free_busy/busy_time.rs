//! The busy time of somebody, gathered from the objects in their calendars.

use std::ops::{ControlFlow, Range};

use chrono::{DateTime, Utc};

use super::{Availability, BusyPeriod, BusyType, periods};
use crate::address::CalendarUserAddress;
use crate::calendar_data::TooManyInstances;
use crate::object::{CalendarObject, Component, ComponentKind};
use crate::occurrences::{Window, try_for_each_occurrence};
use crate::part_stat::PartStat;
use crate::time::Zone;
use crate::tree::Node;

/// The most busy instances that are gathered for one answer: twenty meetings on each workday of four years.
pub const MAX_BUSY_INSTANCES: usize = 20_000;

pub(super) const TOO_MANY: TooManyInstances = TooManyInstances {
    max: MAX_BUSY_INSTANCES,
};

/// Gathers when somebody is busy in a range of time.
///
/// What counts is in RFC 4791 section 7.10: TRANSP and STATUS of events, and the FREEBUSY of stored VFREEBUSYs. It says
/// nothing of PARTSTAT. Here, who has declined or delegated is free; who has not answered yet, or may come, is tentatively
/// busy. The organizer comes to their own meeting, unless they have declined.
#[derive(Debug)]
pub struct BusyTime<'a> {
    range: Range<DateTime<Utc>>,
    who: &'a [CalendarUserAddress],
    periods: Vec<BusyPeriod>,
}

impl<'a> BusyTime<'a> {
    /// Nothing gathered yet of the busy time of somebody, given by all of their addresses.
    pub const fn new(range: Range<DateTime<Utc>>, who: &'a [CalendarUserAddress]) -> Self {
        Self {
            range,
            who,
            periods: Vec::new(),
        }
    }

    /// Adds an object of theirs. Days and times without a zone are in `floating`: that of the calendar.
    pub fn add(
        &mut self,
        object: &CalendarObject,
        floating: &Zone,
    ) -> Result<(), TooManyInstances> {
        match object.kind() {
            ComponentKind::Event => self.add_events(object, floating),
            ComponentKind::FreeBusy => self.add_stored(object, floating),
            ComponentKind::Todo | ComponentKind::Journal => Ok(()),
        }
    }

    /// Adds when they are not available at all.
    pub fn add_availability(
        &mut self,
        availability: &Availability,
    ) -> Result<(), TooManyInstances> {
        for period in availability.busy_periods(&self.range)? {
            if self.push(period.start, period.end, period.busy).is_break() {
                return Err(TOO_MANY);
            }
        }
        Ok(())
    }

    /// The busy time in the range: sorted, and without two periods of one type that touch or overlap.
    pub fn finish(mut self) -> Vec<BusyPeriod> {
        self.periods
            .sort_unstable_by_key(|period| (period.busy, period.start));
        let mut merged: Vec<BusyPeriod> = Vec::new();
        for period in self.periods {
            match merged.last_mut() {
                Some(last) if last.busy == period.busy && period.start <= last.end => {
                    last.end = last.end.max(period.end);
                }
                _ => merged.push(period),
            }
        }
        merged.sort_unstable_by_key(|period| (period.start, period.end, period.busy));
        merged
    }

    fn add_events(
        &mut self,
        object: &CalendarObject,
        floating: &Zone,
    ) -> Result<(), TooManyInstances> {
        let types = busy_types(object, self.who);
        if types.iter().all(Option::is_none) {
            return Ok(());
        }
        let window = Window {
            from: Some(self.range.start),
            to: Some(self.range.end),
        };
        let has_seen_all = try_for_each_occurrence(object, &window, floating, |occurrence| {
            let busy = types.get(occurrence.component).copied().flatten();
            busy.map_or(ControlFlow::Continue(()), |busy| {
                self.push(occurrence.from, occurrence.to, busy)
            })
        });
        has_seen_all.then_some(()).ok_or(TOO_MANY)
    }

    /// The FREEBUSY of VFREEBUSYs. DTSTART and DTEND surround it (RFC 5545 section 3.6.4): what is outside does not count.
    fn add_stored(
        &mut self,
        object: &CalendarObject,
        floating: &Zone,
    ) -> Result<(), TooManyInstances> {
        let zones = object.zones();
        for component in Node::of(object).kept(object) {
            let instant = |name| component.instant(name, &zones, floating);
            let (low, high) = match (instant("DTSTART"), instant("DTEND")) {
                (Some(start), Some(end)) => (start, end),
                _ => (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC),
            };
            for line in component.properties_named("FREEBUSY") {
                let written = line
                    .property()
                    .and_then(|property| property.parameter("FBTYPE"));
                let Some(busy) = BusyType::parse(written.as_deref().unwrap_or("BUSY")) else {
                    continue;
                };
                for (start, end) in periods(line) {
                    if self.push(start.max(low), end.min(high), busy).is_break() {
                        return Err(TOO_MANY);
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds what of a period is in the range. Breaks if there are too many.
    fn push(
        &mut self,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
        busy: BusyType,
    ) -> ControlFlow<()> {
        let (start, end) = (start.max(self.range.start), end.min(self.range.end));
        if start >= end {
            return ControlFlow::Continue(());
        }
        if self.periods.len() == MAX_BUSY_INSTANCES {
            return ControlFlow::Break(());
        }
        self.periods.push(BusyPeriod { start, end, busy });
        ControlFlow::Continue(())
    }
}

/// For each component of an object, how its instances occupy somebody, given by all of their addresses; `None` for not at all.
pub(super) fn busy_types(
    object: &CalendarObject,
    who: &[CalendarUserAddress],
) -> Vec<Option<BusyType>> {
    let calendar = Node::of(object);
    let nodes = calendar.kept(object).into_iter();
    let components = nodes.zip(object.components());
    components
        .map(|(node, component)| busy_type(object, component, node, who))
        .collect()
}

fn busy_type(
    object: &CalendarObject,
    component: &Component,
    node: &Node<'_>,
    who: &[CalendarUserAddress],
) -> Option<BusyType> {
    let is_transparent = node.property("TRANSP").is_some_and(|transp| {
        transp
            .value_text()
            .trim()
            .eq_ignore_ascii_case("TRANSPARENT")
    });
    let status = component.status.as_deref();
    if is_transparent || component.is_cancelled() {
        return None;
    }
    let of_status = match status {
        Some("TENTATIVE") => BusyType::Tentative,
        _ => BusyType::Busy,
    };
    let is_organizer = object
        .organizer()
        .is_some_and(|organizer| who.contains(organizer));
    let attendee = component
        .attendees()
        .iter()
        .find(|attendee| who.contains(&attendee.address));
    match attendee.map(|attendee| &attendee.part_stat) {
        Some(PartStat::Declined | PartStat::Delegated) => None,
        Some(PartStat::NeedsAction | PartStat::Tentative) if !is_organizer => {
            Some(BusyType::Tentative)
        }
        _ => Some(of_status),
    }
}
