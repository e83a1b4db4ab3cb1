//! Between which instants all instances of an object are: what a database can look up before anything is read.

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};

use super::Occurrence;
use super::alarms::alarm_reach;
use super::series::{Series, SeriesRule};
use super::set::RecurrenceSet;
use crate::object::CalendarObject;
use crate::recurrence::{Budget, Instances};
use crate::time::{Moment, Zone};

/// How much earlier than in UTC a local time may come: the clocks of Kiritimati are farthest ahead.
const FARTHEST_AHEAD: TimeDelta = TimeDelta::hours(14);

/// How much later than in UTC a local time may come: the clocks of ships near the date line are farthest behind.
const FARTHEST_BEHIND: TimeDelta = TimeDelta::hours(12);

/// No instance begins before the one or ends after the other, and no alarm of an instance goes off outside of them.
/// `None` is without a bound: a series without an end, one whose end would take too much work to find, or a to-do without
/// dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The earliest beginning.
    pub first: Option<DateTime<Utc>>,
    /// The latest end.
    pub last: Option<DateTime<Utc>>,
}

/// The bounds of an object, wherever its days and times without a zone are. They may be wider than need be: an excluded
/// first instance, or the time of UNTIL, still counts. Alarms at a time of their own (TRIGGER with VALUE=DATE-TIME) are not
/// within them.
pub fn occurrence_bounds(object: &CalendarObject) -> Bounds {
    let zones = object.zones();
    let set = RecurrenceSet::read(object, &zones, &Zone::UTC);
    let mut hull = Hull::default();
    for occurrence in &set.single {
        hull.include(occurrence);
    }
    if let Some(series) = &set.series {
        hull.include_series(&set, series);
    }
    let reach = alarm_reach(object.as_bytes());
    let first = hull
        .first
        .and_then(|first| first.checked_add_signed(reach.earliest));
    let last = hull
        .last
        .and_then(|last| last.checked_add_signed(reach.latest));
    let is_bounded_before = hull.first != Some(DateTime::<Utc>::MIN_UTC);
    let is_bounded_after = !hull.is_endless && hull.last != Some(DateTime::<Utc>::MAX_UTC);
    // An alarm may go off before all calendars, of which databases know nothing: no bound is always true.
    let is_written = |at: &DateTime<Utc>| (0..=9999).contains(&at.year());
    Bounds {
        first: first.filter(|_| is_bounded_before).filter(is_written),
        last: last.filter(|_| is_bounded_after).filter(is_written),
    }
}

/// What holds all instances seen.
#[derive(Default)]
struct Hull {
    first: Option<DateTime<Utc>>,
    last: Option<DateTime<Utc>>,
    is_endless: bool,
}

impl Hull {
    fn include(&mut self, occurrence: &Occurrence) {
        let shown = occurrence.start.as_ref().or(occurrence.end.as_ref());
        let is_floating = !matches!(shown, Some(Moment::Zoned { .. }));
        let widened = |at: DateTime<Utc>, by: TimeDelta| {
            if is_floating {
                at.checked_add_signed(by).unwrap_or(at)
            } else {
                at
            }
        };
        let from = widened(occurrence.from, -FARTHEST_AHEAD);
        let to = widened(occurrence.to, FARTHEST_BEHIND);
        self.first = Some(self.first.map_or(from, |first| first.min(from)));
        self.last = Some(self.last.map_or(to, |last| last.max(to)));
    }

    fn include_series(&mut self, set: &RecurrenceSet<'_>, series: &Series) {
        let mut budget = Budget::default();
        let mut times = series.dates.clone();
        times.push(series.start);
        for rule in &series.rules {
            match last_of_rule(series, rule, &mut budget) {
                Some(last) => times.push(last),
                None => self.is_endless = true,
            }
        }
        self.is_endless |= series.has_too_many_rules;
        // Later times have later instances, so that the ends are enough, but for PERIODs with a length of their own.
        let ends = [times.iter().min(), times.iter().max()];
        for local in ends.into_iter().flatten() {
            for part in &set.parts {
                self.include(&part.at(*local, None, None, set.floating));
            }
        }
        for local in &series.dates {
            if let (Some(length), Some(part)) = (
                series.periods.get(&series.form.key(*local)),
                set.part_of(series.form.key(*local)),
            ) {
                let occurrence = part.at(*local, None, Some(length), set.floating);
                self.include(&occurrence);
            }
        }
    }
}

/// The local time of the last instance, or one after it. `None` if there is no end, or if it is too far to find.
fn last_of_rule(series: &Series, rule: &SeriesRule, budget: &mut Budget) -> Option<NaiveDateTime> {
    if rule.rule.count.is_none() {
        return rule.until;
    }
    let to = rule.until.unwrap_or(NaiveDateTime::MAX);
    let instances = Instances::after_start(&rule.rule, series.start, NaiveDateTime::MIN, to);
    let last = instances.last(budget);
    (!budget.is_spent()).then(|| last.unwrap_or(series.start))
}
