//! An iCalendar stream as a tree of components with their content lines, for what asks about any component or property;
//! [`crate::object`] keeps only what scheduling and cards need.
//!
//! Reading is one iterative pass, linear in the bytes. The tree is at most [`MAX_COMPONENT_DEPTH`] deep, so that whoever
//! walks through it may recurse. Every line is a span of the bytes: whoever edits uses [`splice`](crate::content_line::splice).

use std::borrow::Cow;
use std::ops::Range;

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::content_line::{Line, Property, lines, property_name};
use crate::object::{CalendarObject, MAX_COMPONENT_DEPTH};
use crate::time::{Moment, Zone, Zones};

/// The bytes are no VCALENDAR whose components nest as RFC 5545 section 3.4 wants it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {why}")]
pub struct NotICalendar {
    /// The number of the physical line, counted from 1.
    line: usize,
    /// What is wrong with it.
    why: &'static str,
}

/// A component: what stands between its BEGIN and its END.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    /// In upper case.
    pub name: String,
    /// All of its lines, BEGIN and END included.
    pub span: Range<usize>,
    /// Its BEGIN line.
    pub begin: Line<'a>,
    /// Its own properties, in the order of the file.
    pub properties: Vec<PropertyLine<'a>>,
    /// The components in it, in the order of the file.
    pub components: Vec<Node<'a>>,
}

/// A line with a name.
#[derive(Debug)]
pub(crate) struct PropertyLine<'a> {
    pub line: Line<'a>,
    /// Unfolded.
    text: Cow<'a, [u8]>,
    name_bytes: usize,
}

impl<'a> Node<'a> {
    /// The VCALENDAR of a stream that holds one and nothing else.
    pub fn read(bytes: &'a [u8]) -> Result<Self, NotICalendar> {
        let mut reader = Reader::default();
        let mut end = 0;
        for line in lines(bytes) {
            let at = line.span.start;
            end = line.span.end;
            reader
                .line(line)
                .map_err(|why| not_icalendar(bytes, at, why))?;
        }
        reader
            .root
            .ok_or_else(|| not_icalendar(bytes, end, "it ends before END:VCALENDAR"))
    }

    /// The VCALENDAR of an object.
    pub fn of(object: &'a CalendarObject) -> Self {
        Self::read(object.as_bytes())
            .expect("reading an object refuses what is no VCALENDAR of nested components")
    }

    /// The VEVENTs, VTODOs and so on of an object, whose VCALENDAR this is: as many, and in the same order, as
    /// [`CalendarObject::components`].
    pub fn kept(&self, object: &CalendarObject) -> Vec<&Self> {
        self.named(object.kind().as_str()).collect()
    }

    /// The components of this name, which is given in upper case.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.components
            .iter()
            .filter(move |component| component.name == name)
    }

    /// The properties of this name, in any case.
    pub fn properties_named<'n>(
        &'n self,
        name: &'n str,
    ) -> impl Iterator<Item = &'n PropertyLine<'a>> {
        self.properties.iter().filter(move |line| line.is(name))
    }

    /// The first property of this name that can be read.
    pub fn property(&self, name: &str) -> Option<Property<'_>> {
        let mut named = self.properties.iter().filter(|line| line.is(name));
        named.find_map(PropertyLine::property)
    }

    /// The instant of the first property of this name. Days and times without a zone are in `floating`.
    pub fn instant(&self, name: &str, zones: &Zones<'_>, floating: &Zone) -> Option<DateTime<Utc>> {
        self.properties_named(name)
            .find_map(|line| Some(line.moment(zones)?.to_utc(floating)))
    }
}

impl PropertyLine<'_> {
    /// Its name as written.
    pub fn name(&self) -> &[u8] {
        self.text.get(..self.name_bytes).unwrap_or_default()
    }

    /// Whether this is its name, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name.as_bytes())
    }

    /// The property, if its parameters can be read.
    pub fn property(&self) -> Option<Property<'_>> {
        Property::parse(Cow::Borrowed(&*self.text)).ok()
    }

    /// Its value as a day or time.
    pub fn moment(&self, zones: &Zones<'_>) -> Option<Moment> {
        let property = self.property()?;
        let tzid = property.parameter("TZID");
        let zone = tzid.as_deref().and_then(|tzid| zones.resolve(tzid));
        Moment::parse_in(property.value_text().trim(), tzid.as_deref(), zone.as_ref())
    }
}

/// The state of the pass.
#[derive(Default)]
struct Reader<'a> {
    open: Vec<Node<'a>>,
    root: Option<Node<'a>>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: Line<'a>) -> Result<(), &'static str> {
        let text = line.unfolded();
        if text.trim_ascii().is_empty() {
            return Ok(());
        }
        if self.root.is_some() {
            return Err("there is something after END:VCALENDAR");
        }
        let Ok(name) = property_name(&text) else {
            return Err("a line is no property: it has no name, or no colon");
        };
        let name_bytes = name.len();
        if name.eq_ignore_ascii_case(b"BEGIN") {
            return self.begin(component_name(text)?, line);
        }
        let Some(component) = self.open.last_mut() else {
            return Err("it does not begin with BEGIN:VCALENDAR");
        };
        if name.eq_ignore_ascii_case(b"END") {
            return self.end(&component_name(text)?, &line);
        }
        component.properties.push(PropertyLine {
            line,
            text,
            name_bytes,
        });
        Ok(())
    }

    fn begin(&mut self, name: String, line: Line<'a>) -> Result<(), &'static str> {
        if self.open.is_empty() && name != "VCALENDAR" {
            return Err("it does not begin with BEGIN:VCALENDAR");
        }
        if self.open.len() >= MAX_COMPONENT_DEPTH {
            return Err("components are nested too deeply");
        }
        self.open.push(Node {
            name,
            span: line.span.clone(),
            begin: line,
            properties: Vec::new(),
            components: Vec::new(),
        });
        Ok(())
    }

    fn end(&mut self, name: &str, line: &Line<'a>) -> Result<(), &'static str> {
        let Some(mut component) = self.open.pop_if(|component| component.name == name) else {
            return Err("an END does not match its BEGIN");
        };
        component.span.end = line.span.end;
        match self.open.last_mut() {
            Some(parent) => parent.components.push(component),
            None => self.root = Some(component),
        }
        Ok(())
    }
}

/// The value of a BEGIN or END line, in upper case.
fn component_name(text: Cow<'_, [u8]>) -> Result<String, &'static str> {
    let property = Property::parse(text).map_err(|_| "a BEGIN or END can't be read")?;
    Ok(property.value_text().trim().to_ascii_uppercase())
}

fn not_icalendar(bytes: &[u8], at: usize, why: &'static str) -> NotICalendar {
    let before = bytes.get(..at).unwrap_or(bytes);
    NotICalendar {
        line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_and_lines_are_found_where_they_stand() {
        let file = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nbegin:vevent\r\nSUM\r\n MARY:a\r\nBEGIN:VALARM\r\nTRIGGER:PT0S\r\n\
            END:VALARM\r\nUID:u\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let root = Node::read(file).unwrap();
        assert_eq!(root.span, 0..file.len());
        assert_eq!(root.named("VEVENT").count(), 2);
        let event = root.named("VEVENT").next().unwrap();
        assert!(file[event.span.clone()].starts_with(b"begin:vevent\r\nSUM"));
        assert!(file[event.span.clone()].ends_with(b"UID:u\r\nEND:VEVENT\r\n"));
        let names: Vec<_> = event.properties.iter().map(PropertyLine::name).collect();
        assert_eq!(names, [b"SUMMARY".as_slice(), b"UID"]);
        assert_eq!(event.property("summary").unwrap().value(), b"a");
        assert_eq!(event.components[0].name, "VALARM");
    }

    #[test]
    fn what_does_not_nest_is_refused_with_its_line() {
        for (file, expected) in [
            ("", "line 1: it ends before END:VCALENDAR"),
            ("BEGIN:VCALENDAR\n", "line 2: it ends before END:VCALENDAR"),
            ("UID:u\n", "line 1: it does not begin with BEGIN:VCALENDAR"),
            (
                "BEGIN:VEVENT\n",
                "line 1: it does not begin with BEGIN:VCALENDAR",
            ),
            (
                "END:VCALENDAR\n",
                "line 1: it does not begin with BEGIN:VCALENDAR",
            ),
            (
                "BEGIN:VCALENDAR\n\nEND:VEVENT\n",
                "line 3: an END does not match its BEGIN",
            ),
            (
                "BEGIN:VCALENDAR\nprose\n",
                "line 2: a line is no property: it has no name, or no colon",
            ),
            (
                "BEGIN:VCALENDAR\nEND:VCALENDAR\nA:b\n",
                "line 3: there is something after END:VCALENDAR",
            ),
            (
                "BEGIN:VCALENDAR\nBEGIN;X=\"a:b\n",
                "line 2: a BEGIN or END can't be read",
            ),
        ] {
            assert_eq!(
                Node::read(file.as_bytes()).unwrap_err().to_string(),
                expected,
                "{file:?}"
            );
        }
        let deep = "BEGIN:VCALENDAR\n".repeat(100_000);
        let error = Node::read(deep.as_bytes()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 17: components are nested too deeply"
        );
    }
}
