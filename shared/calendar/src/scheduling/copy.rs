//! An attendee's copy of the organizer's object: what the attendee may see of it (RFC 6638 section 3.2.6), and what in it is
//! the attendee's own (section 3.2.2.1).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::answer::part_stat_of;
use super::exclusions::Exclusions;
use super::instance::{find, with_found};
use super::source::{Source, instance_keys};
use crate::address::CalendarUserAddress;
use crate::content_line::{
    Line, LineEnding, Property, lines, property_name, push_line_with, splice,
};
use crate::object::{CalendarObject, Component, ComponentKind, Edit, MAX_OBJECT_BYTES};
use crate::part_stat::PartStat;
use crate::time::Key;
use crate::tree::{Node, PropertyLine};

/// Properties that the organizer decides. What else an attendee puts into a copy stays the attendee's.
const OF_ORGANIZER: [&str; 31] = [
    "ATTACH",
    "ATTENDEE",
    "CLASS",
    "CONFERENCE",
    "CONTACT",
    "CREATED",
    "DESCRIPTION",
    "DTEND",
    "DTSTAMP",
    "DTSTART",
    "DUE",
    "DURATION",
    "EXDATE",
    "EXRULE",
    "GEO",
    "IMAGE",
    "LAST-MODIFIED",
    "LOCATION",
    "ORGANIZER",
    "PRIORITY",
    "RDATE",
    "RELATED-TO",
    "RECURRENCE-ID",
    "RESOURCES",
    "RRULE",
    "SEQUENCE",
    "STATUS",
    "STYLED-DESCRIPTION",
    "SUMMARY",
    "UID",
    "URL",
];

/// Properties of a copy that are the attendee's once they have changed them or taken them out, whatever the organizer has there.
const OF_ATTENDEE: [&str; 1] = ["TRANSP"];

/// As above, for to-dos: how far the attendee is.
const OF_ATTENDEE_TODO: [&str; 3] = ["STATUS", "COMPLETED", "PERCENT-COMPLETE"];

/// What some programs note about the organizer's own alarms, and answers to the organizer: no business of the invited.
const NOT_COPIED: [&str; 4] = [
    "REQUEST-STATUS",
    "X-MOZ-LASTACK",
    "X-MOZ-SNOOZE-TIME",
    "X-MOZ-GENERATION",
];

/// Parameters between the organizer and the server.
const NOT_COPIED_PARAMETERS: [&str; 2] = ["SCHEDULE-STATUS", "SCHEDULE-FORCE-SEND"];

/// A copy as it is, and the organizer's object that it was a copy of.
#[derive(Clone, Copy)]
pub(super) struct Previous<'a> {
    pub copy: &'a CalendarObject,
    pub organizer: &'a Source<'a>,
}

/// What an attendee has of the organizer's object; `None` if no instance includes them. What they had made of the copy
/// before stays.
pub(super) fn copy_for(
    source: &Source<'_>,
    address: &CalendarUserAddress,
    previous: Option<Previous<'_>>,
) -> Option<CalendarObject> {
    let with_separated = previous.and_then(|previous| previous.separated_in(source));
    match &with_separated {
        Some(object) => written_copy(&Source::of(object), address, previous),
        None => written_copy(source, address, previous),
    }
}

impl Previous<'_> {
    /// The organizer's object with those instances as components that the attendee has made components of the copy without
    /// an answer that is for them alone, as for an alarm. `None` if there are none.
    fn separated_in(&self, source: &Source<'_>) -> Option<CalendarObject> {
        let components = self.copy.components().iter();
        let keys = components
            .filter(|component| !component.is_cancelled())
            .map(Component::recurrence_key)
            .filter(|key| {
                self.organizer.object.component(key).is_none()
                    && source.object.component(key).is_none()
            });
        let found = find(source.object, keys);
        with_found(source.object, &found)
            .ok()
            .filter(|_| !found.is_empty())
    }
}

fn written_copy(
    source: &Source<'_>,
    address: &CalendarUserAddress,
    previous: Option<Previous<'_>>,
) -> Option<CalendarObject> {
    let object = source.object;
    let reached = source.reached(address);
    if reached.is_empty() {
        return None;
    }
    let before = previous.map(|previous| Own::read(source, address, previous));
    let own = before.as_ref().map(Own::parts);
    let instance_keys = source.instance_keys();
    let is_excluded = |index: usize| {
        let before = before.as_ref().map(|before| &before.excluded);
        let key = instance_keys.get(index);
        before
            .zip(key)
            .is_some_and(|(excluded, key)| key.is_some_and(|key| excluded.contains_key(&key)))
    };
    let mut excluded: BTreeSet<Vec<u8>> = BTreeSet::new();
    if let Some(before) = &before {
        let own = before.excluded.iter();
        let own = own.filter(|(key, _)| !source.excluded().contains(**key));
        excluded.extend(own.map(|(_, line)| line.clone()));
    }
    let mut file = source.calendar.begin.raw().to_vec();
    for line in &source.calendar.properties {
        file.extend_from_slice(line.line.raw());
    }
    let nodes = source.calendar.kept(object);
    let mut is_reached = vec![false; nodes.len()];
    for index in reached {
        if let Some(is_reached) = is_reached.get_mut(*index) {
            *is_reached = true;
        }
    }
    if source.reaches_series(address) {
        let others = nodes.iter().zip(&is_reached).filter(|(_, is)| !**is);
        let ids = others.filter_map(|(node, _)| node.properties_named("RECURRENCE-ID").next());
        excluded.extend(ids.filter_map(exdate));
    }
    let mut inherited_room = MAX_OBJECT_BYTES;
    let mut index = 0;
    for part in &source.calendar.components {
        if part.name != object.kind().as_str() {
            file.extend_from_slice(object.as_bytes().get(part.span.clone()).unwrap_or_default());
            continue;
        }
        let shown = index;
        index += 1;
        let Some(component) = object.components().get(shown) else {
            continue;
        };
        if is_reached.get(shown) != Some(&true) || is_excluded(shown) {
            continue;
        }
        let own = own
            .as_ref()
            .and_then(|own| own.of(component.recurrence_key(), &mut inherited_room));
        let mut writer = Writer {
            file: &mut file,
            ending: part.begin.ending().unwrap_or(LineEnding::CrLf),
            address,
            own,
        };
        let is_series = component.recurrence_id.is_none();
        let excluded = Some(&excluded).filter(|_| is_series);
        writer.component(object, part, component, excluded);
    }
    let ending = source.calendar.begin.ending();
    push_line_with(
        &mut file,
        b"END:VCALENDAR",
        ending.unwrap_or(LineEnding::CrLf),
    );
    let copy = CalendarObject::from_stored(file);
    Some(copy.expect("a part of an object that could be read can be read"))
}

/// Whether two copies without anything of an attendee's own say the same, but for when and with which program they were
/// written.
pub(super) fn say_the_same(one: &CalendarObject, other: &CalendarObject) -> bool {
    say_the_same_but(&[], one, other)
}

/// As [`say_the_same`], whatever they have as properties of these names.
pub(super) fn say_the_same_but(
    names: &[&str],
    one: &CalendarObject,
    other: &CalendarObject,
) -> bool {
    const OF_WRITING: [&str; 4] = ["CREATED", "DTSTAMP", "LAST-MODIFIED", "PRODID"];
    let said = |line: &Line<'_>| {
        let text = line.unfolded();
        let name = property_name(&text).unwrap_or_default();
        let mut ignored = OF_WRITING.iter().chain(names);
        !ignored.any(|ignored| name.eq_ignore_ascii_case(ignored.as_bytes()))
    };
    let text = |line: Line<'_>| line.unfolded().into_owned();
    lines(one.as_bytes())
        .filter(said)
        .map(text)
        .eq(lines(other.as_bytes()).filter(said).map(text))
}

/// A copy without what says who has answered what, and of whom an answer is expected.
pub(super) fn without_answers(copy: &CalendarObject) -> CalendarObject {
    let calendar = Node::of(copy);
    let nodes = calendar.kept(copy);
    let lines = nodes
        .iter()
        .flat_map(|node| node.properties_named("ATTENDEE"));
    let edits: Vec<_> = lines
        .filter_map(|line| {
            let text = line.property()?.without_parameters(&["PARTSTAT", "RSVP"]);
            let ending = line.line.ending().unwrap_or(LineEnding::CrLf);
            Some((line.line.span.clone(), line.line.rewritten(&text, ending)))
        })
        .collect();
    CalendarObject::from_stored(splice(copy.as_bytes(), &edits))
        .expect("a line without parameters is the same property")
}

/// A copy of what is no more: STATUS:CANCELLED, and a SEQUENCE that is not lower than the organizer's last.
pub(super) fn cancelled(copy: &CalendarObject, sequence: i64) -> CalendarObject {
    let calendar = Node::of(copy);
    let mut edit = Edit::of(copy);
    for (node, component) in calendar.kept(copy).into_iter().zip(copy.components()) {
        edit.set(node, "STATUS", "CANCELLED");
        if component.sequence < sequence {
            edit.set(node, "SEQUENCE", &sequence.to_string());
        }
    }
    edit.finish()
}

/// The line that takes an instance out of the series, from its RECURRENCE-ID.
fn exdate(recurrence_id: &PropertyLine<'_>) -> Option<Vec<u8>> {
    let property = recurrence_id.property()?;
    let text = property.without_parameters(&["RANGE"]);
    let mut line = b"EXDATE".to_vec();
    line.extend_from_slice(text.get(property.name().len()..)?);
    Some(line)
}

/// What an attendee has made of a copy, before it is written anew.
struct Own<'a> {
    copy: Node<'a>,
    previous: Previous<'a>,
    address: &'a CalendarUserAddress,
    /// Instances that the attendee took out of the copy, and that they still decline: by key, with the line.
    excluded: BTreeMap<Key, Vec<u8>>,
}

impl<'a> Own<'a> {
    fn read(source: &Source<'_>, address: &'a CalendarUserAddress, previous: Previous<'a>) -> Self {
        let copy = Node::of(previous.copy);
        let nodes = copy.kept(previous.copy);
        let series = previous
            .copy
            .position("")
            .and_then(|index| nodes.get(index));
        let all = Exclusions::of(&nodes, previous.copy);
        // What is not in a series can't be taken out of it.
        let is_in_series = source.reaches_series(address);
        let shown = instance_keys(previous.copy);
        let shown: HashSet<Key> = shown.into_iter().flatten().collect();
        let is_declined = |key: &Key| {
            let component = source.component_of_instance(*key);
            let said = component.and_then(|component| part_stat_of(component, address));
            said == Some(&PartStat::Declined) && !shown.contains(key)
        };
        let keys = all.keys().filter(|_| is_in_series).filter(is_declined);
        let lines = keys.filter_map(|key| Some((key, all.line(key, series?)?)));
        let excluded = lines.collect();
        Self {
            copy,
            previous,
            address,
            excluded,
        }
    }

    fn parts(&self) -> Parts<'_> {
        let copy = self.previous.copy;
        let organizer = self.previous.organizer;
        let of_organizer = organizer.calendar.kept(organizer.object);
        let components = copy.components().iter().zip(self.copy.kept(copy));
        let by_key = components.map(|(component, node)| {
            let key = component.recurrence_key();
            let position = |key: &str| organizer.object.position(key);
            let theirs = position(key).or_else(|| position("")).and_then(|index| {
                let component = organizer.object.components().get(index)?;
                Some((component, of_organizer.get(index).copied()?))
            });
            let part = Part::read(copy, component, node, theirs, self.address);
            (key.to_owned(), part)
        });
        Parts {
            by_key: by_key.collect(),
        }
    }
}

/// What is the attendee's own, by recurrence key.
struct Parts<'a> {
    by_key: HashMap<String, Part<'a>>,
}

impl<'a> Parts<'a> {
    /// A new instance begins with what the series has, as long as there is room for it, in bytes: each of a thousand
    /// instances must not repeat what makes a copy as large as it may be.
    fn of(&self, key: &str, inherited_room: &mut usize) -> Option<&Part<'a>> {
        if let Some(part) = self.by_key.get(key) {
            return Some(part);
        }
        let series = self.by_key.get("")?;
        *inherited_room = inherited_room.checked_sub(series.bytes())?;
        Some(series)
    }
}

/// The ATTENDEE of somebody in a component and its node.
fn line_of<'n, 'a>(
    address: &CalendarUserAddress,
    component: &Component,
    node: &'n Node<'a>,
) -> Option<&'n PropertyLine<'a>> {
    let at = component.line_of(address)?.start;
    let start = |line: &PropertyLine<'_>| line.line.span.start;
    let index = node.properties.binary_search_by_key(&at, start).ok()?;
    node.properties.get(index)
}

/// Whether the organizer has called all of it off.
pub(super) fn is_all_cancelled(object: &CalendarObject) -> bool {
    object.components().iter().all(Component::is_cancelled)
}

/// What in one component is the attendee's own.
struct Part<'a> {
    /// Names of properties that are not taken from the organizer.
    names: HashSet<Vec<u8>>,
    lines: Vec<&'a PropertyLine<'a>>,
    attendee: Option<&'a PropertyLine<'a>>,
    stamp: Option<&'a PropertyLine<'a>>,
    component: &'a Component,
    alarms: Vec<&'a [u8]>,
}

impl<'a> Part<'a> {
    /// How long it is.
    fn bytes(&self) -> usize {
        let lines = self.lines.iter().chain(&self.attendee);
        let lines = lines.map(|line| line.line.raw().len());
        lines.sum::<usize>() + self.alarms.iter().map(|alarm| alarm.len()).sum::<usize>()
    }

    fn read(
        copy: &'a CalendarObject,
        component: &'a Component,
        node: &'a Node<'a>,
        organizer: Option<(&Component, &Node<'_>)>,
        address: &CalendarUserAddress,
    ) -> Self {
        let is_one_of =
            |line: &PropertyLine<'_>, names: &[&str]| names.iter().any(|name| line.is(name));
        let known: HashSet<_> = organizer
            .iter()
            .flat_map(|(_, node)| &node.properties)
            .filter(|line| !is_one_of(line, &OF_ORGANIZER))
            .map(|line| line.line.unfolded())
            .collect();
        let of_todo = match copy.kind() {
            ComponentKind::Todo => &OF_ATTENDEE_TODO[..],
            _ => &[],
        };
        let said = |node: &Node<'_>, name: &str| -> Vec<Vec<u8>> {
            let lines = node.properties_named(name);
            lines
                .map(|line| line.line.unfolded().into_owned())
                .collect()
        };
        // Theirs is also what they have taken out.
        let changed: Vec<&str> = OF_ATTENDEE
            .iter()
            .chain(of_todo)
            .copied()
            // What was cancelled does not stay so if they are invited again, however far they were.
            .filter(|name| !(*name == "STATUS" && component.is_cancelled()))
            .filter(|name| {
                organizer.is_none_or(|(_, theirs)| said(node, name) != said(theirs, name))
            })
            .collect();
        let lines: Vec<_> = node
            .properties
            .iter()
            .filter(|line| {
                is_one_of(line, &changed)
                    || !is_one_of(line, &OF_ORGANIZER) && !known.contains(&line.line.unfolded())
            })
            .collect();
        let mut names: HashSet<Vec<u8>> = lines
            .iter()
            .map(|line| line.name().to_ascii_uppercase())
            .collect();
        names.extend(changed.iter().map(|name| name.as_bytes().to_vec()));
        let alarms = node.named("VALARM");
        let alarms = alarms.filter_map(|alarm| copy.as_bytes().get(alarm.span.clone()));
        let attendee = line_of(address, component, node).filter(|line| {
            // Between the organizer's server and the attendee, and no change of the attendee's.
            const OF_SERVER: [&str; 3] = ["PARTSTAT", "SCHEDULE-STATUS", "SCHEDULE-FORCE-SEND"];
            let said = |line: &PropertyLine<'_>| {
                line.property()
                    .map(|property| property.without_parameters(&OF_SERVER))
            };
            let organizers =
                organizer.and_then(|(component, node)| line_of(address, component, node));
            organizers.is_none_or(|organizers| said(line) != said(organizers))
        });
        Self {
            names,
            lines,
            attendee,
            stamp: node.properties_named("DTSTAMP").next(),
            component,
            alarms: alarms.collect(),
        }
    }
}

struct Writer<'f, 'a> {
    file: &'f mut Vec<u8>,
    ending: LineEnding,
    address: &'f CalendarUserAddress,
    own: Option<&'f Part<'a>>,
}

impl Writer<'_, '_> {
    fn component(
        &mut self,
        object: &CalendarObject,
        node: &Node<'_>,
        component: &Component,
        excluded: Option<&BTreeSet<Vec<u8>>>,
    ) {
        self.file.extend_from_slice(node.begin.raw());
        for line in &node.properties {
            self.property(line, component);
        }
        let own = self.own;
        let is_cancelled = component.is_cancelled();
        for line in own.iter().flat_map(|own| &own.lines) {
            if !(is_cancelled && line.is("STATUS")) {
                self.line(&line.line.unfolded());
            }
        }
        for line in excluded.into_iter().flatten() {
            self.line(line);
        }
        for inner in node
            .components
            .iter()
            .filter(|inner| inner.name != "VALARM")
        {
            let text = object.as_bytes().get(inner.span.clone());
            self.file.extend_from_slice(text.unwrap_or_default());
        }
        for alarm in own.iter().flat_map(|own| &own.alarms) {
            self.file.extend_from_slice(alarm);
        }
        self.line(format!("END:{}", node.name).as_bytes());
    }

    fn property(&mut self, line: &PropertyLine<'_>, component: &Component) {
        let name = line.name().to_ascii_uppercase();
        if NOT_COPIED
            .iter()
            .any(|private| name.starts_with(private.as_bytes()))
        {
            return;
        }
        match (name.as_slice(), self.own) {
            (b"ATTENDEE", _) => self.attendee(line, component),
            (b"ORGANIZER", _) => self.without_parameters(line),
            // With an answer that stands it says when that was given, so that an older one is known by it.
            (b"DTSTAMP", Some(own))
                if part_stat_of(component, self.address)
                    .is_some_and(|said| *said != PartStat::NeedsAction)
                    || own.component.stamp > component.stamp =>
            {
                let stamp = own.stamp.unwrap_or(line);
                self.line(&stamp.line.unfolded());
            }
            (b"STATUS", _) if component.is_cancelled() => {
                self.file.extend_from_slice(line.line.raw());
            }
            (_, Some(own)) if own.names.contains(&name) => {}
            _ => self.file.extend_from_slice(line.line.raw()),
        }
    }

    /// An ATTENDEE line: the attendee's own keeps the parameters that they gave it, but for what the organizer's server says
    /// of the answer.
    fn attendee(&mut self, line: &PropertyLine<'_>, component: &Component) {
        let is_own = |property: &Property<'_>| {
            CalendarUserAddress::parse(&property.value_text())
                .is_ok_and(|address| address == *self.address)
        };
        let own = self.own.and_then(|own| own.attendee?.property());
        let own = own.and_then(|own| Some((own, line.property().filter(is_own)?)));
        let Some((own, property)) = own else {
            self.without_parameters(line);
            return;
        };
        let answer = part_stat_of(component, self.address)
            .cloned()
            .unwrap_or_default();
        let said = own.parameter("PARTSTAT");
        let said = said.and_then(|text| PartStat::parse(&text).ok());
        let mut text = if said.unwrap_or_default() == answer {
            own.without_parameters(&NOT_COPIED_PARAMETERS)
        } else {
            own.with_parameter("PARTSTAT", answer.as_str())
        };
        let rsvp = property.parameter("RSVP");
        if answer == PartStat::NeedsAction
            && rsvp.is_some_and(|rsvp| rsvp.eq_ignore_ascii_case("TRUE"))
        {
            let asked = Property::parse(text.as_slice().into());
            let asked = asked.map(|property| property.with_parameter("RSVP", "TRUE"));
            text = asked.unwrap_or(text);
        }
        self.line(&text);
    }

    fn without_parameters(&mut self, line: &PropertyLine<'_>) {
        match line.property() {
            Some(property)
                if NOT_COPIED_PARAMETERS
                    .iter()
                    .any(|name| property.parameter(name).is_some()) =>
            {
                self.line(&property.without_parameters(&NOT_COPIED_PARAMETERS));
            }
            _ => self.file.extend_from_slice(line.line.raw()),
        }
    }

    fn line(&mut self, text: &[u8]) {
        push_line_with(self.file, text, self.ending);
    }
}
