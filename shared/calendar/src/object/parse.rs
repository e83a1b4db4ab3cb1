//! Reading an object: one iterative pass over its content lines.
//!
//! What is strict and what is not: the structure (BEGIN, END, one UID, one kind) is, and so are the properties that this
//! server acts on. A property that nobody here reads only has to be a line with a name and a colon.

use std::collections::{HashMap, HashSet};

use super::component::ComponentKind;
use super::{
    Component, MAX_ATTENDEES, MAX_COMPONENT_DEPTH, MAX_DATES, MAX_INSTANCES, MAX_LINES,
    MAX_OBJECT_BYTES, MAX_OBSERVANCES, MAX_TIME_ZONES, MAX_UID_BYTES, ObjectError, Organizer, View,
};
use crate::address::CalendarUserAddress;
use crate::content_line::{Line, Property, lines, property_name};
use crate::time::CustomZones;

mod draft;

use draft::Draft;

/// Refuses what is too large, or holds bytes that no text has, before anything is read.
pub(super) fn check_limits(bytes: &[u8]) -> Result<(), ObjectError> {
    if bytes.len() > MAX_OBJECT_BYTES {
        return Err(ObjectError::TooLarge {
            bytes: bytes.len(),
            max: MAX_OBJECT_BYTES,
        });
    }
    if bytes.contains(&0) {
        return Err(ObjectError::not_icalendar("it holds a NUL byte"));
    }
    if !bytes.contains(&b'\n') {
        let why = "it has no line breaks (curl sends them with --data-binary, and removes them with --data)";
        return Err(ObjectError::not_icalendar(why));
    }
    // A carriage return that ends no line would make our folds ambiguous, and readers disagree about it.
    let mut next = bytes.iter().skip(1).chain(std::iter::once(&0));
    if bytes
        .iter()
        .any(|byte| next.next() != Some(&b'\n') && *byte == b'\r')
    {
        return Err(ObjectError::not_icalendar(
            "it holds a carriage return that does not end a line",
        ));
    }
    if lines(bytes).nth(MAX_LINES).is_some() {
        return Err(ObjectError::not_icalendar(format!(
            "it has more than {MAX_LINES} lines"
        )));
    }
    Ok(())
}

/// Refuses what takes long to work with, though it is not large.
pub(super) fn check_counts(view: &View) -> Result<(), ObjectError> {
    let counts = [
        (view.dates, MAX_DATES, "dates in RDATE and EXDATE"),
        (view.time_zones, MAX_TIME_ZONES, "VTIMEZONEs"),
        (view.observances, MAX_OBSERVANCES, "parts of VTIMEZONEs"),
    ];
    match counts.iter().find(|(found, most, _)| found > most) {
        Some((found, most, what)) => Err(ObjectError::invalid_object(format!(
            "it has {found} {what}, more than {most}"
        ))),
        None => Ok(()),
    }
}

/// Reads what scheduling and cards need.
pub(super) fn view(bytes: &[u8]) -> Result<View, ObjectError> {
    read(Reader::default(), bytes)
}

/// As [`view`], of what shall be in a calendar: no message.
pub(super) fn view_without_method(bytes: &[u8]) -> Result<View, ObjectError> {
    let reader = Reader {
        refuses_method: true,
        ..Reader::default()
    };
    read(reader, bytes)
}

fn read(mut reader: Reader, bytes: &[u8]) -> Result<View, ObjectError> {
    for line in lines(bytes) {
        reader
            .line(&line)
            .map_err(|error| at_line(error, bytes, &line))?;
    }
    reader.finish()
}

/// Says where the fault is: the person who reads it has the file before them.
fn at_line(error: ObjectError, bytes: &[u8], line: &Line<'_>) -> ObjectError {
    let number = || {
        1 + bytes
            .iter()
            .take(line.span.start)
            .filter(|byte| **byte == b'\n')
            .count()
    };
    match error {
        ObjectError::NotICalendar { why } => ObjectError::NotICalendar {
            why: format!("line {}: {why}", number()),
        },
        ObjectError::InvalidObject { why } => ObjectError::InvalidObject {
            why: format!("line {}: {why}", number()),
        },
        other => other,
    }
}

/// The state of the pass.
#[derive(Default)]
struct Reader {
    refuses_method: bool,
    /// The names of the open components in upper case, VCALENDAR first.
    open: Vec<Vec<u8>>,
    /// Whether the VCALENDAR has ended.
    ended: bool,
    /// The component that is being read.
    draft: Option<Draft>,
    kind: Option<ComponentKind>,
    uid: Option<String>,
    organizer: Option<Organizer>,
    components: Vec<Component>,
    /// Where each component stands, by its recurrence key.
    by_key: HashMap<String, usize>,
    people: HashSet<CalendarUserAddress>,
    dates: usize,
    time_zones: usize,
    observances: usize,
}

impl Reader {
    fn line(&mut self, line: &Line<'_>) -> Result<(), ObjectError> {
        let text = line.unfolded();
        if text.trim_ascii().is_empty() {
            return Ok(());
        }
        if self.ended {
            return Err(ObjectError::not_icalendar(
                "there is something after END:VCALENDAR",
            ));
        }
        let not_a_property = |error: crate::content_line::NotAProperty| {
            ObjectError::not_icalendar(error.to_string())
        };
        let name = property_name(&text)
            .map_err(not_a_property)?
            .to_ascii_uppercase();
        let depth = self.open.len();
        match (name.as_slice(), depth) {
            (b"BEGIN", _) => {
                let property = Property::parse(text).map_err(not_a_property)?;
                self.begin(property.value().trim_ascii().to_ascii_uppercase(), line)
            }
            (b"END", 1..) => {
                let property = Property::parse(text).map_err(not_a_property)?;
                self.end(&property.value().trim_ascii().to_ascii_uppercase())
            }
            (_, 0) => Err(ObjectError::not_icalendar(
                "it does not begin with BEGIN:VCALENDAR",
            )),
            (b"METHOD", 1) if self.refuses_method => {
                // RFC 4791 section 4.1.
                Err(ObjectError::invalid_object(
                    "METHOD is for messages, not for objects in a calendar",
                ))
            }
            (b"VERSION", 1) => {
                let property = Property::parse(text).map_err(not_a_property)?;
                if property
                    .value_text()
                    .split(';')
                    .any(|version| version.trim() == "2.0")
                {
                    Ok(())
                } else {
                    Err(ObjectError::not_icalendar("VERSION is not 2.0"))
                }
            }
            (name, 2) => match self.draft.as_mut() {
                Some(draft) if Draft::reads(name) => {
                    let property = Property::parse(text).map_err(not_a_property)?;
                    draft.property(name, &property, line)
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn begin(&mut self, name: Vec<u8>, line: &Line<'_>) -> Result<(), ObjectError> {
        if self.open.len() >= MAX_COMPONENT_DEPTH {
            return Err(ObjectError::not_icalendar(format!(
                "components are nested deeper than {MAX_COMPONENT_DEPTH}"
            )));
        }
        match (self.open.len(), name.as_slice()) {
            (1, b"VTIMEZONE") => self.time_zones += 1,
            (2, _) if self.is_in_time_zone() => self.observances += 1,
            (0, b"VCALENDAR") | (2.., _) => {}
            (0, _) => {
                return Err(ObjectError::not_icalendar(
                    "it does not begin with BEGIN:VCALENDAR",
                ));
            }
            // Private components are somebody's business beside the event, and stay with it.
            (_, other) if other.starts_with(b"X-") => {}
            (_, other) => {
                let name = String::from_utf8_lossy(other);
                let Some(kind) = ComponentKind::parse(&name) else {
                    let name = name.chars().take(40).collect();
                    return Err(ObjectError::UnsupportedComponent { name });
                };
                self.begin_component(kind, line)?;
            }
        }
        self.open.push(name);
        Ok(())
    }

    fn is_in_time_zone(&self) -> bool {
        self.open
            .last()
            .is_some_and(|name| name.as_slice() == b"VTIMEZONE")
    }

    fn begin_component(&mut self, kind: ComponentKind, line: &Line<'_>) -> Result<(), ObjectError> {
        let first = *self.kind.get_or_insert(kind);
        if first != kind {
            return Err(ObjectError::invalid_object(format!(
                "it holds both a {} and a {}",
                first.as_str(),
                kind.as_str()
            )));
        }
        let found = self.components.len() + 1;
        if found > MAX_INSTANCES {
            return Err(ObjectError::TooManyInstances {
                found,
                max: MAX_INSTANCES,
            });
        }
        self.draft = Some(Draft::new(kind, line));
        Ok(())
    }

    fn end(&mut self, name: &[u8]) -> Result<(), ObjectError> {
        if self.open.pop().as_deref() != Some(name) {
            return Err(ObjectError::not_icalendar(
                "an END does not match its BEGIN",
            ));
        }
        match self.open.len() {
            0 => self.ended = true,
            1 => {
                if let Some(draft) = self.draft.take() {
                    self.end_component(draft)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end_component(&mut self, draft: Draft) -> Result<(), ObjectError> {
        self.dates += draft.dates();
        let (uid, organizer, component) = draft.finish()?;
        if uid.len() > MAX_UID_BYTES {
            return Err(ObjectError::invalid_object(format!(
                "the UID is longer than {MAX_UID_BYTES} bytes"
            )));
        }
        if self.uid.get_or_insert_with(|| uid.clone()) != &uid {
            return Err(ObjectError::invalid_object(
                "it holds components of different UIDs",
            ));
        }
        if let Some(organizer) = organizer {
            let first = self.organizer.get_or_insert_with(|| organizer.clone());
            if first.address != organizer.address {
                return Err(ObjectError::DifferentOrganizers);
            }
        }
        let people = component
            .attendees
            .iter()
            .map(|attendee| attendee.address.clone());
        self.people.extend(people);
        let found = component.attendee_lines.len().max(self.people.len());
        if found > MAX_ATTENDEES {
            return Err(ObjectError::TooManyAttendees {
                found,
                max: MAX_ATTENDEES,
            });
        }
        let index = self.components.len();
        let key = component.recurrence_key().to_owned();
        if self.by_key.insert(key, index).is_some() {
            let why = match &component.recurrence_id {
                Some(key) => format!("two components have the RECURRENCE-ID {key}"),
                None => "two components of the same UID have no RECURRENCE-ID".to_owned(),
            };
            return Err(ObjectError::invalid_object(why));
        }
        self.components.push(component);
        Ok(())
    }

    fn finish(self) -> Result<View, ObjectError> {
        if !self.ended {
            return Err(ObjectError::not_icalendar("it ends before END:VCALENDAR"));
        }
        let (Some(kind), Some(uid)) = (self.kind, self.uid) else {
            return Err(ObjectError::invalid_object(
                "it holds none of VEVENT, VTODO, VJOURNAL and VFREEBUSY",
            ));
        };
        Ok(View {
            uid,
            kind,
            organizer: self.organizer,
            components: self.components,
            by_key: self.by_key,
            dates: self.dates,
            time_zones: self.time_zones,
            observances: self.observances,
            zones: CustomZones::new(),
        })
    }
}
