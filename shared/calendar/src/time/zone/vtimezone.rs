//! What a VTIMEZONE says (RFC 5545 section 3.6.5): the times at which the clocks change, up to a horizon.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use super::Zone;
use super::names::resolve_tzid;
use crate::content_line::{Property, lines, property_name};
use crate::recurrence::{Budget, Instances, Rule};
use crate::time::Moment;

/// The years in which the rules of a VTIMEZONE are followed; an observance that began earlier holds from its beginning.
/// Exchange writes rules that began in 1601, and nobody's meeting was then.
const RULE_YEARS: std::ops::Range<i32> = 1900..2200;

/// The most RRULEs of an observance that are followed. RFC 5545 section 3.6.5 wants one at most.
const MAX_RULES: usize = 8;

/// A zone as a VTIMEZONE describes it.
#[derive(Debug, PartialEq, Eq)]
pub struct CustomZone {
    name: String,
    /// Local time minus UTC before the first transition, in seconds.
    first_offset: i32,
    /// In the order of their instants.
    transitions: Vec<Transition>,
}

/// A change of the clocks.
#[derive(Debug, PartialEq, Eq)]
struct Transition {
    /// Seconds since 1970.
    at: i64,
    /// Local time minus UTC before it and from it on, in seconds.
    before: i32,
    after: i32,
}

impl CustomZone {
    /// The TZID.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Local time minus UTC, in seconds.
    pub(super) fn offset_at(&self, at: DateTime<Utc>) -> i32 {
        self.offset_after(|transition| transition.at <= at.timestamp())
    }

    /// Local time minus UTC for what the clocks show: in a gap and in an overlap, that before the transition.
    pub(super) fn offset_of_local(&self, local: NaiveDateTime) -> TimeDelta {
        let local = local.and_utc().timestamp();
        let offset = self.offset_after(|transition| {
            transition.at + i64::from(transition.before.max(transition.after)) <= local
        });
        TimeDelta::seconds(i64::from(offset))
    }

    fn offset_after(&self, has_passed: impl Fn(&Transition) -> bool) -> i32 {
        let passed = self.transitions.partition_point(has_passed);
        let last = passed
            .checked_sub(1)
            .and_then(|index| self.transitions.get(index));
        last.map_or(self.first_offset, |transition| transition.after)
    }
}

/// A STANDARD or DAYLIGHT part.
#[derive(Default)]
struct Observance {
    start: Option<NaiveDateTime>,
    offset_from: Option<i32>,
    offset_to: Option<i32>,
    rules: Vec<Rule>,
    dates: Vec<NaiveDateTime>,
}

/// A VTIMEZONE as it is written.
#[derive(Default)]
struct Definition {
    tzid: String,
    observances: Vec<Observance>,
}

/// The TZID of the first VTIMEZONE.
pub(super) fn first_tzid(bytes: &[u8]) -> Option<String> {
    let mut tzid = None;
    definitions(bytes, |definition| {
        tzid.get_or_insert(definition.tzid);
    });
    tzid
}

/// The zones of the VTIMEZONEs whose TZID is not known by its name. The first of a TZID counts.
pub(super) fn read(bytes: &[u8]) -> HashMap<String, Zone> {
    let mut zones = HashMap::new();
    // One for all: an object may hold thousands of VTIMEZONEs.
    let mut budget = Budget::default();
    definitions(bytes, |definition| {
        if zones.contains_key(&definition.tzid) || resolve_tzid(&definition.tzid).is_some() {
            return;
        }
        if let Some(zone) = definition.evaluate(&mut budget) {
            zones.insert(zone.name.clone(), Zone::Custom(Arc::new(zone)));
        }
    });
    zones
}

/// Hands over each VTIMEZONE that has a TZID. What can't be read in one is left out.
fn definitions(bytes: &[u8], mut found: impl FnMut(Definition)) {
    let mut definition: Option<Definition> = None;
    let mut observance: Option<Observance> = None;
    for line in lines(bytes) {
        let text = line.unfolded();
        let Ok(name) = property_name(&text) else {
            continue;
        };
        if definition.is_none() && !name.eq_ignore_ascii_case(b"BEGIN") {
            continue;
        }
        let name = name.to_ascii_uppercase();
        let Ok(property) = Property::parse(text) else {
            continue;
        };
        let value = property.value_text().trim().to_owned();
        match (name.as_slice(), value.to_ascii_uppercase().as_str()) {
            (b"BEGIN", "VTIMEZONE") => definition = Some(Definition::default()),
            (b"END", "VTIMEZONE") => {
                observance = None;
                if let Some(definition) = definition.take().filter(|zone| !zone.tzid.is_empty()) {
                    found(definition);
                }
            }
            (b"BEGIN", "STANDARD" | "DAYLIGHT") => observance = Some(Observance::default()),
            (b"END", "STANDARD" | "DAYLIGHT") => {
                if let (Some(definition), Some(observance)) = (&mut definition, observance.take()) {
                    definition.observances.push(observance);
                }
            }
            (name, _) => match (&mut observance, &mut definition) {
                (Some(observance), _) => observance.property(name, &value),
                (None, Some(definition)) if name == b"TZID" => definition.tzid = value,
                _ => {}
            },
        }
    }
}

impl Observance {
    fn property(&mut self, name: &[u8], value: &str) {
        let local = |value: &str| Moment::parse(value.trim(), None).map(|moment| moment.local());
        match name {
            b"DTSTART" => self.start = local(value),
            b"TZOFFSETFROM" => self.offset_from = offset_seconds(value),
            b"TZOFFSETTO" => self.offset_to = offset_seconds(value),
            b"RRULE" if self.rules.len() < MAX_RULES => self.rules.extend(Rule::parse(value)),
            b"RDATE" => {
                let dates = value.split(',');
                let starts =
                    dates.map(|date| date.split_once('/').map_or(date, |(start, _)| start));
                self.dates.extend(starts.filter_map(local));
            }
            _ => {}
        }
    }

    /// When it begins: each time as the clocks before it show it.
    fn onsets(
        &self,
        start: NaiveDateTime,
        offset_from: i32,
        budget: &mut Budget,
    ) -> Vec<NaiveDateTime> {
        let midnight = |year| {
            NaiveDate::from_ymd_opt(year, 1, 1).map_or(start, |day| day.and_time(NaiveTime::MIN))
        };
        let (from, to) = (midnight(RULE_YEARS.start), midnight(RULE_YEARS.end));
        let mut onsets = vec![start];
        onsets.extend(&self.dates);
        for rule in &self.rules {
            let until = rule.until.as_ref().map_or(to, |until| match until {
                Moment::Zoned { local, .. } => local
                    .checked_add_signed(TimeDelta::seconds(i64::from(offset_from)))
                    .unwrap_or(*local),
                other => other.local(),
            });
            let mut instances = Instances::after_start(rule, start, from, until.min(to));
            while let Some(onset) = instances.next(budget) {
                onsets.push(onset);
            }
        }
        onsets
    }
}

impl Definition {
    /// `None` if no observance says when it begins and which offset it has.
    fn evaluate(self, budget: &mut Budget) -> Option<CustomZone> {
        let mut transitions = Vec::new();
        for observance in &self.observances {
            let (Some(start), Some(after)) = (observance.start, observance.offset_to) else {
                continue;
            };
            let before = observance.offset_from.unwrap_or(after);
            let onsets = observance.onsets(start, before, budget);
            transitions.extend(onsets.into_iter().map(|onset| Transition {
                at: onset.and_utc().timestamp() - i64::from(before),
                before,
                after,
            }));
        }
        transitions.sort_by_key(|transition| transition.at);
        transitions.dedup_by_key(|transition| transition.at);
        let first_offset = transitions.first()?.before;
        let mut offset = first_offset;
        for transition in &mut transitions {
            // What was in force, also where an observance does not follow the one that its TZOFFSETFROM means.
            transition.before = offset;
            offset = transition.after;
        }
        Some(CustomZone {
            name: self.tzid,
            first_offset,
            transitions,
        })
    }
}

/// `+0100`, `-0330` or `+005328` (RFC 5545 section 3.3.14) in seconds.
fn offset_seconds(text: &str) -> Option<i32> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i32 = digits.parse().ok()?;
    let number = if digits.len() == 4 {
        number * 100
    } else {
        number
    };
    let (hours, minutes, seconds) = (number / 10_000, number / 100 % 100, number % 100);
    (hours < 24 && minutes < 60 && seconds < 60)
        .then_some(sign * (hours * 3_600 + minutes * 60 + seconds))
}
