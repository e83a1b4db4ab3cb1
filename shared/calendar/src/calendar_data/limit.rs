//! What is left out of an object without writing it anew: overrides, busy periods, and time zones that everybody knows.

use std::ops::{ControlFlow, Range};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::Edits;
use crate::content_line::LineEnding;
use crate::free_busy::period;
use crate::object::{CalendarObject, Component};
use crate::occurrences::{Occurrence, Window, try_for_each_occurrence};
use crate::time::{EventTime, Zone};
use crate::time_range::{InstanceTest, TimeRange};
use crate::tree::{Node, PropertyLine};

/// Takes out the overrides that do not matter for the range (RFC 4791 section 9.6.6): neither they nor what they override
/// overlap it. One with RANGE=THISANDFUTURE says something of all that follows, and matters unless the range is before it.
pub(super) fn overrides(object: &CalendarObject, range: &TimeRange, floating: &Zone) -> Edits {
    let calendar = Node::of(object);
    let nodes = calendar.kept(object);
    let zones = object.zones();
    let test = InstanceTest::new(object, &nodes, &zones, floating);
    let length = length_of(object.master_or_first());
    let mut matters: Vec<bool> = object
        .components()
        .iter()
        .map(|component| component.recurrence_id.is_none())
        .collect();
    // Each override comes once as itself, before what follows it.
    let mut left: Vec<bool> = matters.iter().map(|matters| !matters).collect();
    let _ = try_for_each_occurrence(object, &Window::default(), floating, |occurrence| {
        let Some(component) = object.components().get(occurrence.component) else {
            return ControlFlow::Continue(());
        };
        if let (Some(left @ true), Some(matters)) = (
            left.get_mut(occurrence.component),
            matters.get_mut(occurrence.component),
        ) {
            *left = false;
            *matters = test.overlaps(&occurrence, range)
                || original_matters(component, &occurrence, length, range, floating);
        }
        if left.contains(&true) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    let spans = nodes.iter().zip(matters).filter(|(_, matters)| !matters);
    spans
        .map(|(node, _)| (node.span.clone(), Vec::new()))
        .collect()
}

fn original_matters(
    component: &Component,
    occurrence: &Occurrence,
    length: TimeDelta,
    range: &TimeRange,
    floating: &Zone,
) -> bool {
    let Some(original) = &occurrence.recurrence_id else {
        return false;
    };
    let start = original.to_utc(floating);
    if component.this_and_future {
        return range.ends_after(start.min(occurrence.from));
    }
    let end = start.checked_add_signed(length).unwrap_or(start);
    range.overlaps(start, end)
}

/// How long the instances of a series are that nothing overrides.
fn length_of(series: &Component) -> TimeDelta {
    let length = match &series.start {
        None => None,
        Some(EventTime::AllDay { first, last }) => Some(*last - *first + TimeDelta::days(1)),
        Some(EventTime::Floating { start, end, .. }) => end.map(|end| end - *start),
        Some(EventTime::Zoned { start, end, .. }) => end.map(|end| end - *start),
    };
    length.unwrap_or_default()
}

/// Takes out the periods of FREEBUSY that do not overlap the range (RFC 4791 section 9.6.7).
pub(super) fn free_busy(bytes: &[u8], range: &TimeRange) -> Edits {
    let calendar = Node::read(bytes).expect("every step leaves a VCALENDAR of nested components");
    let lines = calendar
        .named("VFREEBUSY")
        .flat_map(|component| component.properties_named("FREEBUSY"));
    lines
        .filter_map(|line| Some((line.line.span.clone(), limited(line, range)?)))
        .collect()
}

/// What replaces a FREEBUSY; `None` if it stays as it is.
fn limited(line: &PropertyLine<'_>, range: &TimeRange) -> Option<Vec<u8>> {
    let property = line.property()?;
    let value = property.value_text();
    let overlaps = |text: &&str| {
        // What can't be read can't be said to be elsewhere.
        period(text).is_none_or(|(start, end): (DateTime<Utc>, DateTime<Utc>)| {
            range.starts_before(end) && range.ends_after(start)
        })
    };
    let kept: Vec<&str> = value.split(',').filter(overlaps).collect();
    if kept.is_empty() {
        return Some(Vec::new());
    }
    if kept.len() == value.split(',').count() {
        return None;
    }
    let text = [property.before_value(), kept.join(",").as_bytes()].concat();
    Some(line.line.rewritten(&text, LineEnding::CrLf))
}

/// Takes out each VTIMEZONE whose TZID is a name of the IANA database: the client knows it (RFC 7809 section 7.1).
pub(super) fn known_time_zones(bytes: &[u8]) -> Edits {
    let calendar = Node::read(bytes).expect("every step leaves a VCALENDAR of nested components");
    let is_known = |zone: &&Node<'_>| {
        zone.property("TZID")
            .is_some_and(|tzid| tzid.value_text().trim().parse::<Tz>().is_ok())
    };
    let removed = |zone: &Node<'_>| -> (Range<usize>, Vec<u8>) { (zone.span.clone(), Vec::new()) };
    calendar
        .named("VTIMEZONE")
        .filter(is_known)
        .map(removed)
        .collect()
}
