//! When somebody is at all available: the VAVAILABILITY components (RFC 7953) that CALDAV:calendar-availability holds.
//!
//! A VAVAILABILITY makes its time busy, but for what its AVAILABLEs free again. An AVAILABLE repeats and is overridden as a
//! VEVENT is; so it is read as one, of its dates and rules alone, and the one code that lists instances lists these, too.

use std::collections::HashMap;
use std::ops::{ControlFlow, Range};

use chrono::{DateTime, NaiveDateTime, Utc};
use thiserror::Error;

use super::busy_time::TOO_MANY;
use super::{BusyPeriod, BusyType, MAX_BUSY_INSTANCES};
use crate::calendar_data::TooManyInstances;
use crate::content_line::Property;
use crate::object::{CalendarObject, ObjectError};
use crate::occurrences::{Window, try_for_each_occurrence};
use crate::time::{Duration, Moment, Zone, Zones};
use crate::tree::{Node, NotICalendar};

/// The most VAVAILABILITYs and AVAILABLEs together: a rule for each day of the week, and the exceptions of a year. Each may
/// cost the work of a whole series whenever somebody asks.
pub const MAX_AVAILABILITY_COMPONENTS: usize = 100;

/// What an AVAILABLE says of its instances. The rest of it is nobody's business but its owner's.
const PROPERTIES_OF_INSTANCES: [&str; 9] = [
    "UID",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "EXRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
];

/// The PRIORITY of a VAVAILABILITY that says none: below all that are defined (RFC 7953 section 4).
const UNDEFINED_PRIORITY: u8 = 0;

/// The lowest PRIORITY that is defined.
const LOWEST_PRIORITY: u8 = 9;

/// When somebody is available, and how they are busy otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    /// The highest priority last.
    components: Vec<VAvailability>,
}

/// One VAVAILABILITY.
#[derive(Debug, Clone, PartialEq, Eq)]
struct VAvailability {
    /// PRIORITY, turned round: what is higher takes the place of what is lower.
    rank: u8,
    busy: BusyType,
    /// DTSTART and DTEND; without them it has no beginning or end.
    span: Span,
    /// Its AVAILABLEs, each series with its overrides, as VEVENTs.
    available: Vec<CalendarObject>,
}

/// From when to when.
type Span = Range<DateTime<Utc>>;

/// When something begins and ends, if it says so.
struct Ends {
    start: Option<DateTime<Utc>>,
    end: Option<DateTime<Utc>>,
}

/// Why a value is not one of CALDAV:calendar-availability: CALDAV:valid-calendar-data (RFC 4791 section 5.3.2.1).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidAvailability {
    /// It can't be read.
    #[error("not valid iCalendar: {0}")]
    NotICalendar(#[from] NotICalendar),
    /// It holds something else than VAVAILABILITYs as RFC 7953 section 3.1 has them.
    #[error("not an availability: {why}")]
    NotAvailability {
        /// What is wrong with it.
        why: String,
    },
    /// The dates or rules of an AVAILABLE can't be read.
    #[error("an AVAILABLE, taken as a VEVENT, can't be read: {0}")]
    NotASeries(#[from] ObjectError),
}

impl Availability {
    /// Reads a VCALENDAR of VAVAILABILITYs and their VTIMEZONEs. UID and DTSTAMP of a VAVAILABILITY may be missing, as some
    /// programs leave them out.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidAvailability> {
        let calendar = Node::read(bytes)?;
        let zones = Zones::new(bytes);
        let mut components = Vec::new();
        let mut found = 0;
        for component in &calendar.components {
            match component.name.as_str() {
                "VAVAILABILITY" => {
                    found += 1 + component.components.len();
                    if found > MAX_AVAILABILITY_COMPONENTS {
                        return Err(refused(format!(
                            "it holds more than {MAX_AVAILABILITY_COMPONENTS} components"
                        )));
                    }
                    components.push(VAvailability::read(component, &calendar, bytes, &zones)?);
                }
                "VTIMEZONE" => {}
                name if name.starts_with("X-") => {}
                name => return Err(refused(format!("it holds a {name:.40}"))),
            }
        }
        if components.is_empty() {
            return Err(refused("it holds no VAVAILABILITY"));
        }
        components.sort_by_key(|component| component.rank);
        Ok(Self { components })
    }

    /// How it makes busy in a range of time: not sorted, and not merged.
    ///
    /// A VAVAILABILITY takes the place of all that those of lower priority say of its time (RFC 7953 section 4). Of those
    /// with one priority, all make their time busy before any of them frees some of it, so that their order means nothing.
    pub fn busy_periods(&self, range: &Span) -> Result<Vec<BusyPeriod>, TooManyInstances> {
        let mut busy: Vec<BusyPeriod> = Vec::new();
        for level in self
            .components
            .chunk_by(|left, right| left.rank == right.rank)
        {
            let mut covered = Vec::new();
            let mut available = Vec::new();
            for component in level {
                let span = common(&component.span, range);
                component.available_in(&span, &mut available)?;
                covered.push(span);
            }
            let covered = merged(covered);
            busy = busy
                .iter()
                .flat_map(|period| period.without(&covered))
                .collect();
            let available = merged(available);
            for component in level {
                let span = common(&component.span, range);
                let all = BusyPeriod {
                    start: span.start,
                    end: span.end,
                    busy: component.busy,
                };
                busy.extend(all.without(&available));
                if busy.len() > MAX_BUSY_INSTANCES {
                    return Err(TOO_MANY);
                }
            }
        }
        Ok(busy)
    }
}

impl VAvailability {
    fn read(
        component: &Node<'_>,
        calendar: &Node<'_>,
        bytes: &[u8],
        zones: &Zones<'_>,
    ) -> Result<Self, InvalidAvailability> {
        let Ends { start, end } = bounds(component, zones)?;
        Ok(Self {
            rank: rank(component)?,
            busy: busy_type(component)?,
            span: start.unwrap_or(DateTime::<Utc>::MIN_UTC)
                ..end.unwrap_or(DateTime::<Utc>::MAX_UTC),
            available: available(component, calendar, bytes, zones)?,
        })
    }

    /// Adds the times in a span that its AVAILABLEs free.
    fn available_in(&self, span: &Span, into: &mut Vec<Span>) -> Result<(), TooManyInstances> {
        if span.is_empty() {
            return Ok(());
        }
        let window = Window {
            from: Some(span.start),
            to: Some(span.end),
        };
        for series in &self.available {
            // No time of theirs is without a zone.
            let has_seen_all = try_for_each_occurrence(series, &window, &Zone::UTC, |occurrence| {
                if into.len() == MAX_BUSY_INSTANCES {
                    return ControlFlow::Break(());
                }
                into.push(common(&(occurrence.from..occurrence.to), span));
                ControlFlow::Continue(())
            });
            if !has_seen_all {
                return Err(TOO_MANY);
            }
        }
        Ok(())
    }
}

impl BusyPeriod {
    /// What is left of it without these spans, which are sorted and apart.
    fn without(self, spans: &[Span]) -> Vec<Self> {
        let first = spans.partition_point(|span| span.end <= self.start);
        let mut left = Vec::new();
        let mut start = self.start;
        for span in spans.iter().skip(first) {
            if span.start >= self.end {
                break;
            }
            if span.start > start {
                left.push(Self {
                    start,
                    end: span.start,
                    ..self
                });
            }
            start = span.end;
        }
        if start < self.end {
            left.push(Self { start, ..self });
        }
        left
    }
}

/// Zero for the lowest.
fn rank(component: &Node<'_>) -> Result<u8, InvalidAvailability> {
    let Some(property) = at_most_one(component, "PRIORITY")? else {
        return Ok(UNDEFINED_PRIORITY);
    };
    match property.value_text().trim().parse() {
        Ok(UNDEFINED_PRIORITY) => Ok(0),
        Ok(priority @ 1..=LOWEST_PRIORITY) => Ok(LOWEST_PRIORITY + 1 - priority),
        _ => Err(refused("PRIORITY is not a number from 0 to 9")),
    }
}

/// BUSYTYPE (RFC 7953 section 3.2).
fn busy_type(component: &Node<'_>) -> Result<BusyType, InvalidAvailability> {
    match at_most_one(component, "BUSYTYPE")? {
        None => Ok(BusyType::Unavailable),
        Some(property) => BusyType::parse(property.value_text().trim())
            .ok_or_else(|| refused("BUSYTYPE is FREE, which AVAILABLE is for")),
    }
}

/// The AVAILABLEs of a VAVAILABILITY: those of one UID are a series and its overrides.
fn available(
    component: &Node<'_>,
    calendar: &Node<'_>,
    bytes: &[u8],
    zones: &Zones<'_>,
) -> Result<Vec<CalendarObject>, InvalidAvailability> {
    let mut series: Vec<Vec<u8>> = Vec::new();
    let mut by_uid = HashMap::new();
    for inner in &component.components {
        match inner.name.as_str() {
            "AVAILABLE" => {}
            name if name.starts_with("X-") => continue,
            name => return Err(refused(format!("a VAVAILABILITY holds a {name:.40}"))),
        }
        let uid = at_most_one(inner, "UID")?.ok_or_else(|| refused("an AVAILABLE has no UID"))?;
        let Ends { start, end } = bounds(inner, zones)?;
        if start.is_none() || end.is_none() {
            return Err(refused(
                "an AVAILABLE has no DTSTART, or neither DTEND nor DURATION",
            ));
        }
        let index = *by_uid.entry(uid.value().to_vec()).or_insert(series.len());
        if index == series.len() {
            series.push(opening(calendar, bytes));
        }
        if let Some(event) = series.get_mut(index) {
            push_event(event, inner);
        }
    }
    let parsed = series.into_iter().map(|mut event| {
        event.extend_from_slice(b"END:VCALENDAR\r\n");
        Ok(CalendarObject::from_stored(event)?)
    });
    parsed.collect()
}

/// How an object begins, with the zones that no name says.
fn opening(calendar: &Node<'_>, bytes: &[u8]) -> Vec<u8> {
    let mut object = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n".to_vec();
    for zone in calendar.named("VTIMEZONE") {
        let tzid = zone.property("TZID");
        let is_known = tzid.is_some_and(|tzid| Zone::by_name(tzid.value_text().trim()).is_some());
        if !is_known {
            object.extend_from_slice(bytes.get(zone.span.clone()).unwrap_or_default());
        }
    }
    object
}

fn push_event(object: &mut Vec<u8>, available: &Node<'_>) {
    object.extend_from_slice(b"BEGIN:VEVENT\r\n");
    for line in &available.properties {
        if PROPERTIES_OF_INSTANCES.iter().any(|name| line.is(name)) {
            object.extend_from_slice(line.line.raw());
        }
    }
    object.extend_from_slice(b"END:VEVENT\r\n");
}

/// DTSTART, and DTEND or what DURATION makes it. All of them are times in UTC or in a zone (RFC 7953 section 3.1).
fn bounds(component: &Node<'_>, zones: &Zones<'_>) -> Result<Ends, InvalidAvailability> {
    let start = zoned(component, "DTSTART", zones)?;
    let end = zoned(component, "DTEND", zones)?;
    let duration = at_most_one(component, "DURATION")?;
    let utc = |(local, zone): &(NaiveDateTime, Zone)| zone.to_utc(*local);
    let end = match (&start, end, duration) {
        (_, end, None) => end.as_ref().map(utc),
        (_, Some(_), Some(_)) => return Err(refused("it has both DTEND and DURATION")),
        (None, None, Some(_)) => return Err(refused("it has a DURATION and no DTSTART")),
        (Some((local, zone)), None, Some(duration)) => {
            let end = Duration::parse(duration.value_text().trim()).and_then(|duration| {
                let day = duration.add_days(*local)?;
                zone.to_utc(day).checked_add_signed(duration.exact())
            });
            Some(end.ok_or_else(|| refused("DURATION is not a duration"))?)
        }
    };
    let start = start.as_ref().map(utc);
    if let (Some(start), Some(end)) = (start, end)
        && end <= start
    {
        return Err(refused("its end is not after its DTSTART"));
    }
    Ok(Ends { start, end })
}

/// The local time of a property, and its zone.
fn zoned(
    component: &Node<'_>,
    name: &str,
    zones: &Zones<'_>,
) -> Result<Option<(NaiveDateTime, Zone)>, InvalidAvailability> {
    if at_most_one(component, name)?.is_none() {
        return Ok(None);
    }
    let moment = component
        .properties_named(name)
        .find_map(|line| line.moment(zones));
    match moment {
        Some(Moment::Zoned { local, zone }) => Ok(Some((local, zone))),
        _ => Err(refused(format!(
            "{name} is not a time in UTC or in a time zone that is known"
        ))),
    }
}

fn at_most_one<'n>(
    component: &'n Node<'_>,
    name: &'n str,
) -> Result<Option<Property<'n>>, InvalidAvailability> {
    super::at_most_one(component, name).map_err(refused)
}

/// What two spans have in common; empty if it is nothing.
fn common(left: &Span, right: &Span) -> Span {
    let start = left.start.max(right.start);
    start..left.end.min(right.end).max(start)
}

/// Sorted, and apart from each other.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| !span.is_empty());
    spans.sort_unstable_by_key(|span| span.start);
    let mut merged: Vec<Span> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

fn refused(why: impl Into<String>) -> InvalidAvailability {
    InvalidAvailability::NotAvailability { why: why.into() }
}
