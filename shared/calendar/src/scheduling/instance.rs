//! One instance of a series as a component of its own: where an answer is for it alone, and it has none yet.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::exclusions::Exclusions;
use crate::address::CalendarUserAddress;
use crate::content_line::{LineEnding, Property, push_line_with, splice};
use crate::object::{CalendarObject, Component, ComponentKind, MAX_INSTANCES, MAX_OBJECT_BYTES};
use crate::occurrences::{Occurrence, instances_by_key};
use crate::time::{EventTime, Key, Moment, Zone, date_text, local_text, over_everywhere, utc_text};
use crate::tree::{Node, PropertyLine};

/// Properties of a series that its instances don't have, and RECURRENCE-ID, which is written anew.
const OF_SERIES: [&str; 5] = ["RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID"];

/// An instance of a series that has no component of its own.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Its recurrence key.
    pub key: Key,
    /// The same as a text.
    pub text: String,
    /// The recurrence key of the component that says how it is: the series, or the THISANDFUTURE before it.
    pub as_in: String,
    occurrence: Occurrence,
}

/// An object would become larger than its owner's client could send it (CALDAV:max-resource-size, CALDAV:max-instances), or
/// can't say it: a series whose times contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoRoom;

/// Of these recurrence keys, those of instances that the series has and nobody has changed; in order.
pub(super) fn find<'k>(object: &CalendarObject, keys: impl Iterator<Item = &'k str>) -> Vec<Found> {
    find_keys(object, keys.filter_map(Key::parse))
}

/// As [`find`], where the keys are no texts.
pub(super) fn find_keys(object: &CalendarObject, keys: impl Iterator<Item = Key>) -> Vec<Found> {
    let found = instances_by_key(object, keys);
    found
        .into_iter()
        .filter_map(|(key, occurrence)| {
            let as_in = object.components().get(occurrence.component)?;
            Some(Found {
                text: key.to_string(),
                key,
                as_in: as_in.recurrence_key().to_owned(),
                occurrence,
            })
        })
        .collect()
}

impl Found {
    /// When it is over.
    pub(super) fn end(&self) -> DateTime<Utc> {
        match &self.occurrence.start {
            Some(Moment::Zoned { .. }) => self.occurrence.to,
            _ => over_everywhere(self.occurrence.to),
        }
    }
}

/// The object with a component for each of these instances that says what the series says for it. `found` may be of another
/// object of the same series: those that this one has as components or takes out are left, and those of parts that it does
/// not have.
///
/// # Errors
/// If that is too much for it.
pub(super) fn with_found(
    object: &CalendarObject,
    found: &[Found],
) -> Result<CalendarObject, NoRoom> {
    let is_missing = |found: &&Found| object.component(&found.text).is_none();
    let mut missing = found.iter().filter(is_missing).peekable();
    if missing.peek().is_none() {
        return Ok(object.clone());
    }
    let calendar = Node::of(object);
    let nodes = calendar.kept(object);
    let excluded = Exclusions::of(&nodes, object);
    let mut components = object.components().len();
    let mut bytes = object.as_bytes().len();
    let mut added: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    for found in missing.filter(|found| !excluded.contains(found.key)) {
        let node = object.position(&found.as_in);
        let Some(node) = node.and_then(|index| nodes.get(index)) else {
            continue;
        };
        let Some(text) = written(node, &nodes, object, &found.occurrence) else {
            continue;
        };
        components += 1;
        bytes += text.len();
        if components > MAX_INSTANCES || bytes > MAX_OBJECT_BYTES {
            return Err(NoRoom);
        }
        let place = place_of(&found.text, object, &nodes);
        added.entry(place).or_default().extend_from_slice(&text);
    }
    if added.is_empty() {
        return Ok(object.clone());
    }
    let edits: Vec<_> = added.into_iter().map(|(at, text)| (at..at, text)).collect();
    CalendarObject::from_stored(splice(object.as_bytes(), &edits)).map_err(|_| NoRoom)
}

/// Where the component with a new key goes: after the last one with a lower key, so that the same components stand in the same
/// order, in whatever order they came.
fn place_of(key: &str, object: &CalendarObject, nodes: &[&Node<'_>]) -> usize {
    let mut components = object.components().iter().zip(nodes).rev();
    let before = components.find(|(component, _)| component.recurrence_key() < key);
    before
        .map(|(_, node)| node)
        .or(nodes.last())
        .map_or(0, |node| node.span.end)
}

/// An instance of a series as its own component says it, or would say it.
#[derive(Debug, Clone)]
pub struct Instance {
    /// The component.
    pub component: Component,
    /// Whether the series has it no more.
    pub is_gone: bool,
    /// When it would be by the series, without its end; `None` if no series is here.
    pub original: Option<EventTime>,
}

/// The instance with this recurrence key, whether or not there still is one: `None` only if no series and no component could
/// have it.
pub fn instance(object: &CalendarObject, key: &str) -> Option<Instance> {
    if let Some(component) = object.component(key) {
        return Some(Instance {
            component: component.clone(),
            is_gone: false,
            original: original(object, key),
        });
    }
    let found =
        Key::parse(key).and_then(|key| instances_by_key(object, std::iter::once(key)).remove(&key));
    let is_gone = found.is_none();
    let occurrence = found.or_else(|| imagined(object, key))?;
    let calendar = Node::of(object);
    let nodes = calendar.kept(object);
    let node = nodes.get(occurrence.component)?;
    let component = written(node, &nodes, object, &occurrence)?;
    let mut file = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n".to_vec();
    file.extend_from_slice(&component);
    file.extend_from_slice(b"END:VCALENDAR\r\n");
    let alone = CalendarObject::from_stored(file).ok()?;
    let component = alone.component(key).cloned()?;
    Some(Instance {
        component,
        is_gone,
        original: original(object, key),
    })
}

/// What a card with this recurrence key tells somebody: the instance, or with the empty key what they are invited to, or
/// else what there is. `None` only if no series and no component could have the instance.
pub fn told_on_card(
    object: &CalendarObject,
    key: &str,
    reader: &CalendarUserAddress,
) -> Option<Instance> {
    if !key.is_empty() {
        return instance(object, key);
    }
    let component = object.component_of(reader);
    Some(Instance {
        component: component
            .unwrap_or_else(|| object.master_or_first())
            .clone(),
        is_gone: false,
        original: None,
    })
}

fn original(object: &CalendarObject, key: &str) -> Option<EventTime> {
    EventTime::new(object.kind(), imagined(object, key)?.start, None, None)
}

/// An instance that the series does not have, as long as the others are.
fn imagined(object: &CalendarObject, key: &str) -> Option<Occurrence> {
    let component = object.position("")?;
    let timing = &object.components().get(component)?.timing;
    let first = timing.start.as_ref()?;
    let start = match (Moment::parse(key, None)?, first) {
        (Moment::Zoned { local, zone }, Moment::Zoned { zone: own, .. }) => Moment::Zoned {
            local: own.to_local(zone.to_utc(local)),
            zone: own.clone(),
        },
        (other, _) => other,
    };
    let shifted = |end: &Moment| {
        let local = start
            .local()
            .checked_add_signed(end.local() - first.local())?;
        Some(match end {
            Moment::Date(_) => Moment::Date(local.date()),
            Moment::Floating { zone_name, .. } => Moment::Floating {
                local,
                zone_name: zone_name.clone(),
            },
            Moment::Zoned { zone, .. } => Moment::Zoned {
                local,
                zone: zone.clone(),
            },
        })
    };
    let from = start.to_utc(&Zone::UTC);
    Some(Occurrence {
        component,
        recurrence_id: Some(start.clone()),
        end: timing.end.as_ref().and_then(shifted),
        start: Some(start),
        from,
        to: from,
    })
}

/// When a component, as it stands alone, is over: never, if it says no time.
pub(super) fn end_of_component(component: &Component) -> DateTime<Utc> {
    let start = component.start.as_ref();
    start.map_or(DateTime::<Utc>::MAX_UTC, EventTime::over_at)
}

/// The component of an instance: what `node` says, at the times of the instance. `None` if the series says no time.
fn written(
    node: &Node<'_>,
    nodes: &[&Node<'_>],
    object: &CalendarObject,
    instance: &Occurrence,
) -> Option<Vec<u8>> {
    let ending = node.begin.ending().unwrap_or(LineEnding::CrLf);
    let series = nodes.get(object.position("")?)?;
    // A to-do may be due, and begin at no time.
    let series_start = ["DTSTART", "DUE"]
        .into_iter()
        .find_map(|name| series.properties_named(name).next())?;
    let recurrence_id = instance.recurrence_id.as_ref()?;
    let recurrence_id = line_at_time(series_start, recurrence_id, "RECURRENCE-ID")?;
    let mut file = node.begin.raw().to_vec();
    let mut push = |text: &[u8]| push_line_with(&mut file, text, ending);
    push(&recurrence_id);
    let has_end = ["DTEND", "DUE"]
        .into_iter()
        .any(|name| node.properties_named(name).next().is_some());
    // An RDATE that is a PERIOD may have a length of its own, whatever DURATION says.
    let end = instance
        .end
        .as_ref()
        .filter(|_| !has_end && has_periods(object));
    for line in &node.properties {
        if OF_SERIES.iter().any(|name| line.is(name)) || end.is_some() && line.is("DURATION") {
            continue;
        }
        let moment = if line.is("DTSTART") {
            instance.start.as_ref()
        } else if line.is("DTEND") || line.is("DUE") {
            instance.end.as_ref()
        } else {
            None
        };
        let name = String::from_utf8_lossy(line.name()).into_owned();
        match moment.and_then(|moment| line_at_time(line, moment, &name)) {
            Some(text) => push(&text),
            None => push(&line.line.unfolded()),
        }
    }
    let name = match object.kind() {
        ComponentKind::Todo => "DUE",
        _ => "DTEND",
    };
    if let Some(text) = end.and_then(|end| line_at_time(series_start, end, name)) {
        push(&text);
    }
    for inner in &node.components {
        let text = object.as_bytes().get(inner.span.clone());
        file.extend_from_slice(text.unwrap_or_default());
    }
    push_line_with(&mut file, format!("END:{}", node.name).as_bytes(), ending);
    Some(file)
}

fn has_periods(object: &CalendarObject) -> bool {
    let dates = object.master().map(|series| &series.schedule.extra_dates);
    dates.is_some_and(|dates| dates.iter().any(|date| date.contains('/')))
}

/// A property with the parameters of `like` and another time.
fn line_at_time(like: &PropertyLine<'_>, moment: &Moment, name: &str) -> Option<Vec<u8>> {
    let property = like.property()?.without_parameters(&["RANGE"]);
    let property = Property::parse(property.into()).ok()?;
    let is_utc = property
        .value()
        .trim_ascii()
        .to_ascii_uppercase()
        .ends_with(b"Z");
    let value = match moment {
        Moment::Date(date) => date_text(*date),
        // A THISANDFUTURE in UTC gives its instances the zone of the series.
        Moment::Zoned { local, zone } if is_utc => utc_text(zone.to_utc(*local)),
        Moment::Floating { local, .. } | Moment::Zoned { local, .. } => local_text(*local),
    };
    let mut text = name.as_bytes().to_vec();
    text.extend_from_slice(property.before_value().get(property.name().len()..)?);
    text.extend_from_slice(value.as_bytes());
    Some(text)
}
