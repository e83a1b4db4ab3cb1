//! When a VALARM goes off (RFC 5545 section 3.6.6).

use chrono::{DateTime, TimeDelta, Utc};

use crate::occurrences::Occurrence;
use crate::time::{Duration, Zone, Zones};
use crate::time_range::TimeRange;
use crate::tree::Node;

/// The most alarms of one component that are tested: each is tested with each instance. No program shows so many.
const MAX_ALARMS: usize = 64;

/// The triggers of a VALARM.
#[derive(Debug)]
pub(super) struct Alarm {
    first: Trigger,
    /// How often it goes off again, and after how many seconds each time.
    repeat: i64,
    interval_seconds: i64,
}

/// TRIGGER.
#[derive(Debug)]
enum Trigger {
    At(DateTime<Utc>),
    /// So long after the start, or before it.
    FromStart(TimeDelta),
    FromEnd(TimeDelta),
}

impl Alarm {
    /// Those that have a TRIGGER which can be read.
    pub(super) fn read_all<'n>(
        alarms: impl Iterator<Item = &'n Node<'n>>,
        zones: &Zones<'_>,
        floating: &Zone,
    ) -> Vec<Self> {
        alarms
            .take(MAX_ALARMS)
            .filter_map(|alarm| Self::read(alarm, zones, floating))
            .collect()
    }

    fn read(alarm: &Node<'_>, zones: &Zones<'_>, floating: &Zone) -> Option<Self> {
        let trigger = alarm.property("TRIGGER")?;
        let related = trigger.parameter("RELATED").unwrap_or_default();
        let first = match Duration::parse(trigger.value_text().trim()).map(Duration::nominal) {
            Some(offset) if related.eq_ignore_ascii_case("END") => Trigger::FromEnd(offset),
            Some(offset) => Trigger::FromStart(offset),
            None => Trigger::At(alarm.instant("TRIGGER", zones, floating)?),
        };
        let value = |name| Some(alarm.property(name)?.value_text().trim().to_owned());
        let repeat = value("REPEAT").and_then(|repeat| repeat.parse::<u32>().ok());
        let interval = value("DURATION").and_then(|interval| Duration::parse(&interval));
        Some(Self {
            first,
            repeat: i64::from(repeat.unwrap_or_default()),
            interval_seconds: interval.map_or(0, |interval| interval.nominal().num_seconds()),
        })
    }

    /// From how long after an instance to how long after it the alarm goes off, both negative if before it. `None` if it
    /// goes off at a time of its own.
    pub(super) fn reach(&self) -> Option<(TimeDelta, TimeDelta)> {
        let (Trigger::FromStart(first) | Trigger::FromEnd(first)) = &self.first else {
            return None;
        };
        let repeated = self.repeat.saturating_mul(self.interval_seconds.max(0));
        let repeated = TimeDelta::try_seconds(repeated).unwrap_or(TimeDelta::MAX);
        Some((
            *first,
            first.checked_add(&repeated).unwrap_or(TimeDelta::MAX),
        ))
    }

    /// Whether it goes off in the range at a time of its own.
    pub(super) fn is_fixed_in(&self, range: &TimeRange) -> bool {
        matches!(&self.first, Trigger::At(first) if self.is_in(*first, range))
    }

    /// Whether it goes off in the range for this instance.
    pub(super) fn goes_off(&self, occurrence: &Occurrence, range: &TimeRange) -> bool {
        let first = match &self.first {
            Trigger::At(_) => None,
            Trigger::FromStart(offset) => occurrence.from.checked_add_signed(*offset),
            Trigger::FromEnd(offset) => occurrence.to.checked_add_signed(*offset),
        };
        let has_dates = occurrence.start.is_some() || occurrence.end.is_some();
        has_dates && first.is_some_and(|first| self.is_in(first, range))
    }

    /// Whether one of its times is in the range: the first of them that is not before it.
    fn is_in(&self, first: DateTime<Utc>, range: &TimeRange) -> bool {
        let late_seconds = range
            .start
            .map_or(0, |start| (start - first).num_seconds().max(0));
        if late_seconds == 0 {
            return range.contains(first);
        }
        if self.interval_seconds <= 0 {
            return false;
        }
        let repetition = late_seconds.div_euclid(self.interval_seconds)
            + i64::from(late_seconds % self.interval_seconds > 0);
        let after_first = TimeDelta::try_seconds(repetition.saturating_mul(self.interval_seconds));
        repetition <= self.repeat
            && after_first
                .and_then(|after| first.checked_add_signed(after))
                .is_some_and(|at| range.contains(at))
    }
}
