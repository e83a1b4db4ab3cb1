//! How far the alarms of an object reach beyond its instances (RFC 5545 section 3.6.6).

use chrono::TimeDelta;

use crate::content_line::{Property, lines, property_name};
use crate::time::Duration;

/// The latest repetition of an alarm that counts. What repeats longer would never be heard to its end.
const MAX_REPEAT: i32 = 10_000;

/// From how long before the start to how long after the end alarms go off. Not positive, and not negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AlarmReach {
    pub earliest: TimeDelta,
    pub latest: TimeDelta,
}

/// One VALARM while its lines are read.
#[derive(Default)]
struct Alarm {
    trigger: Option<TimeDelta>,
    repeat: i32,
    interval: TimeDelta,
}

/// Reads the alarms that are relative to an instance.
pub(super) fn alarm_reach(bytes: &[u8]) -> AlarmReach {
    let mut reach = AlarmReach {
        earliest: TimeDelta::zero(),
        latest: TimeDelta::zero(),
    };
    let mut alarm: Option<Alarm> = None;
    for line in lines(bytes) {
        let text = line.unfolded();
        let Ok(name) = property_name(&text) else {
            continue;
        };
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted.as_bytes());
        let is_read = ["TRIGGER", "REPEAT", "DURATION"].into_iter().any(is) && alarm.is_some();
        if !(is_read || is("BEGIN") || is("END")) {
            continue;
        }
        let Ok(property) = Property::parse(text) else {
            continue;
        };
        let value = property.value_text();
        let value = value.trim();
        let is_alarm = value.eq_ignore_ascii_case("VALARM");
        if is_alarm && property.is("BEGIN") {
            alarm = Some(Alarm::default());
        } else if is_alarm && property.is("END") {
            if let Some(alarm) = alarm.take() {
                alarm.extend(&mut reach);
            }
        } else if let Some(alarm) = &mut alarm {
            alarm.property(&property, value);
        }
    }
    reach
}

impl Alarm {
    fn property(&mut self, property: &Property<'_>, value: &str) {
        if property.is("TRIGGER") {
            self.trigger = Duration::parse(value).map(Duration::nominal);
        } else if property.is("REPEAT") {
            self.repeat = value.parse().unwrap_or(0).clamp(0, MAX_REPEAT);
        } else if property.is("DURATION") {
            self.interval = Duration::parse(value).map_or(TimeDelta::zero(), Duration::nominal);
        }
    }

    fn extend(&self, reach: &mut AlarmReach) {
        let Some(first) = self.trigger else {
            return;
        };
        let repeated = self.interval.checked_mul(self.repeat);
        let last = repeated
            .and_then(|repeated| first.checked_add(&repeated))
            .unwrap_or(first);
        reach.earliest = reach.earliest.min(first);
        reach.latest = reach.latest.max(last).max(first);
    }
}
