//! A whole calendar as one iCalendar stream, for programs that know no CalDAV (RFC 5545 section 3.4).
//!
//! It is written piece by piece, in the order [`Export::header`], [`Export::push`] for each object, [`Export::footer`], so
//! that no calendar has to be in memory. Components keep their bytes, but for line endings.

use std::collections::{HashMap, HashSet};

use crate::PRODUCT_ID;
use crate::content_line::{LineEnding, Property, encode_parameter, lines, push_line};
use crate::object::CalendarObject;
use crate::text::escape;
use crate::time::resolve_tzid;
use crate::tree::Node;

/// What has to be known of the objects that were written: their time zones.
///
/// A TZID means one VTIMEZONE in a stream. Many programs call zones of their own the same ("Customized Time Zone"), so that
/// a second definition gets another TZID, in the VTIMEZONE and in all that refers to it.
#[derive(Debug, Default)]
pub struct Export {
    /// By TZID and definition, the TZID in the stream.
    zones: HashMap<(String, Vec<u8>), String>,
    tzids: HashSet<String>,
}

impl Export {
    /// Nothing written yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The beginning of the stream. The name becomes NAME (RFC 7986 section 5.1) and X-WR-CALNAME, which more programs
    /// read. A color is `#RRGGBB`, as Apple's programs write it, or the name of one (RFC 7986 section 5.9).
    pub fn header(name: &str, color: Option<&str>) -> Vec<u8> {
        let mut file = Vec::new();
        push_line(&mut file, "BEGIN:VCALENDAR");
        push_line(&mut file, "VERSION:2.0");
        push_line(&mut file, &format!("PRODID:{PRODUCT_ID}"));
        push_line(&mut file, "CALSCALE:GREGORIAN");
        for property in ["NAME", "X-WR-CALNAME"] {
            push_line(&mut file, &format!("{property}:{}", escape(name)));
        }
        if let Some(color) = color {
            let property = if color.starts_with('#') {
                "X-APPLE-CALENDAR-COLOR"
            } else {
                "COLOR"
            };
            push_line(&mut file, &format!("{property}:{}", escape(color)));
        }
        file
    }

    /// The components of an object, after those of its VTIMEZONEs that are not there yet.
    pub fn push(&mut self, object: &CalendarObject) -> Vec<u8> {
        let mut file = Vec::new();
        let mut renamed = HashMap::new();
        let bytes = object.as_bytes();
        let calendar = Node::of(object);
        for zone in calendar.named("VTIMEZONE") {
            let Some(tzid) = tzid_of(zone) else {
                continue;
            };
            let (name, is_new) = self.zone(&tzid, definition(&tzid, zone, bytes));
            if is_new {
                let text = bytes.get(zone.span.clone()).unwrap_or_default();
                push_zone(&mut file, text, &tzid, &name);
            }
            if name != tzid {
                renamed.insert(tzid, name);
            }
        }
        for component in &calendar.components {
            if component.name != "VTIMEZONE" {
                let text = bytes.get(component.span.clone()).unwrap_or_default();
                push_component(&mut file, text, &renamed);
            }
        }
        file
    }

    /// The end of the stream.
    pub fn footer() -> Vec<u8> {
        b"END:VCALENDAR\r\n".to_vec()
    }

    /// The TZID that a zone has in the stream, and whether it has to be written.
    fn zone(&mut self, tzid: &str, definition: Vec<u8>) -> (String, bool) {
        let key = (tzid.to_owned(), definition);
        if let Some(name) = self.zones.get(&key) {
            return (name.clone(), false);
        }
        let numbered = (2..).map(|number: usize| format!("{tzid} ({number})"));
        let mut names = std::iter::once(tzid.to_owned()).chain(numbered);
        let name = names
            .find(|name| !self.tzids.contains(name))
            .expect("of endless names, one is not taken");
        self.tzids.insert(name.clone());
        self.zones.insert(key, name.clone());
        (name, true)
    }
}

fn tzid_of(zone: &Node<'_>) -> Option<String> {
    let tzid = zone.property("TZID")?.value_text().trim().to_owned();
    (!tzid.is_empty()).then_some(tzid)
}

/// What tells zones of one TZID apart: their lines, however they are folded. Nothing does if the name says all.
fn definition(tzid: &str, zone: &Node<'_>, bytes: &[u8]) -> Vec<u8> {
    if resolve_tzid(tzid).is_some() {
        return Vec::new();
    }
    let text = bytes.get(zone.span.clone()).unwrap_or_default();
    let unfolded: Vec<_> = lines(text).map(|line| line.unfolded()).collect();
    unfolded.join(&b'\n')
}

/// A VTIMEZONE, whose TZID may be another now.
fn push_zone(file: &mut Vec<u8>, text: &[u8], tzid: &str, name: &str) {
    for line in lines(text) {
        let property = Property::parse(line.unfolded()).ok();
        match property.filter(|property| name != tzid && property.is("TZID")) {
            Some(property) => {
                let renamed = [property.before_value(), name.as_bytes()].concat();
                push_with_crlf(file, &line.rewritten(&renamed, LineEnding::CrLf));
            }
            None => push_with_crlf(file, line.raw()),
        }
    }
}

/// A component, in which some TZIDs may be others now.
fn push_component(file: &mut Vec<u8>, text: &[u8], renamed: &HashMap<String, String>) {
    if renamed.is_empty() {
        push_with_crlf(file, text);
        return;
    }
    for line in lines(text) {
        let property = Property::parse(line.unfolded()).ok();
        let renamed = property.and_then(|property| {
            let name = renamed.get(property.parameter("TZID")?.trim())?;
            Some(property.with_parameter("TZID", &encode_parameter(name)))
        });
        match renamed {
            Some(text) => push_with_crlf(file, &line.rewritten(&text, LineEnding::CrLf)),
            None => push_with_crlf(file, line.raw()),
        }
    }
}

/// Adds lines as they are, but for their line endings.
fn push_with_crlf(file: &mut Vec<u8>, lines: &[u8]) {
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        file.extend_from_slice(body.strip_suffix(b"\r").unwrap_or(body));
        file.extend_from_slice(LineEnding::CrLf.as_bytes());
    }
}

#[cfg(test)]
mod tests;
