//! Writing one instance of a recurrence set, in UTC (RFC 4791 section 9.6.5).
//!
//! Lines that say nothing of time keep their bytes. Days stay days, and local times without a known zone stay local.

use crate::content_line::{LineEnding, push_line_with};
use crate::object::ComponentKind;
use crate::occurrences::Occurrence;
use crate::time::{Duration, Moment, Zone, Zones, date_text, local_text, utc_text};
use crate::tree::{Node, PropertyLine};

/// Writes a VCALENDAR without references to time zones.
pub(super) struct Writer<'a> {
    file: Vec<u8>,
    kind: ComponentKind,
    zones: &'a Zones<'a>,
    floating: &'a Zone,
}

impl<'a> Writer<'a> {
    pub(super) const fn new(kind: ComponentKind, zones: &'a Zones<'a>, floating: &'a Zone) -> Self {
        Self {
            file: Vec::new(),
            kind,
            zones,
            floating,
        }
    }

    /// How much has been written.
    pub(super) fn bytes(&self) -> usize {
        self.file.len()
    }

    /// The beginning of a component, and its properties.
    pub(super) fn begin(&mut self, component: &Node<'_>) {
        self.file.extend_from_slice(component.begin.raw());
        for line in &component.properties {
            self.property(line);
        }
    }

    /// The end of the outermost component, and of the file.
    pub(super) fn end(mut self, component: &Node<'_>) -> Vec<u8> {
        self.line(component, &format!("END:{}", component.name));
        self.file
    }

    /// A component as it is. It recurses no deeper than components nest.
    pub(super) fn component(&mut self, component: &Node<'_>) {
        self.begin(component);
        for inner in &component.components {
            self.component(inner);
        }
        self.line(component, &format!("END:{}", component.name));
    }

    /// The instance that a component describes.
    pub(super) fn instance(&mut self, component: &Node<'_>, instance: &Occurrence) {
        self.file.extend_from_slice(component.begin.raw());
        let recurrence_id = instance.recurrence_id.as_ref().map(|moment| {
            let at = moment.to_utc(self.floating);
            time_line("RECURRENCE-ID", moment, at)
        });
        let start = instance.start.as_ref();
        let start = start.map(|start| time_line("DTSTART", start, instance.from));
        let mut end = instance.end.as_ref().map(|end| {
            let name = match self.kind {
                ComponentKind::Todo => "DUE",
                _ => "DTEND",
            };
            time_line(name, end, instance.to)
        });
        for line in [start, recurrence_id].into_iter().flatten() {
            self.line(component, &line);
        }
        for line in &component.properties {
            match line.name().to_ascii_uppercase().as_slice() {
                b"RRULE" | b"EXRULE" | b"RDATE" | b"EXDATE" | b"DTSTART" | b"RECURRENCE-ID" => {}
                b"DTEND" | b"DUE" if instance.end.is_some() => {}
                b"DURATION" if instance.end.is_some() => {
                    if is_exact(line, instance) {
                        end = None;
                        self.property(line);
                    }
                }
                _ => self.property(line),
            }
        }
        if let Some(end) = end {
            self.line(component, &end);
        }
        for inner in &component.components {
            self.component(inner);
        }
        self.line(component, &format!("END:{}", component.name));
    }

    /// A property as it is, but in UTC if it has a TZID.
    fn property(&mut self, line: &PropertyLine<'_>) {
        let in_utc = line.property().and_then(|property| {
            let tzid = property.parameter("TZID")?;
            let zone = self.zones.resolve(&tzid);
            let value = property.value_text();
            let converted = value.split(',').map(|value| {
                let moment = Moment::parse_in(value.trim(), None, zone.as_ref());
                moment.map_or_else(
                    || value.to_owned(),
                    |moment| time_text(&moment, moment.to_utc(self.floating)),
                )
            });
            let converted = converted.collect::<Vec<_>>().join(",");
            Some(property.with_value_without_parameter("TZID", &converted))
        });
        match in_utc {
            Some(text) => {
                let rewritten = line.line.rewritten(&text, LineEnding::CrLf);
                self.file.extend_from_slice(&rewritten);
            }
            None => self.file.extend_from_slice(line.line.raw()),
        }
    }

    /// A line of our own in a component, with its line ending.
    fn line(&mut self, component: &Node<'_>, text: &str) {
        let ending = component.begin.ending().unwrap_or(LineEnding::CrLf);
        push_line_with(&mut self.file, text.as_bytes(), ending);
    }
}

/// Whether a DURATION says how long this instance is: a day is no day when the clocks change, and RDATE may say another
/// length.
fn is_exact(line: &PropertyLine<'_>, instance: &Occurrence) -> bool {
    let duration = line
        .property()
        .and_then(|property| Duration::parse(property.value_text().trim()));
    let is_day = matches!(instance.start, Some(Moment::Date(_)));
    duration.is_some_and(|duration| {
        let exact = duration.nominal() == instance.to - instance.from;
        exact || is_day && days_of(instance) == Some(duration.nominal())
    })
}

/// How many days of the calendar an instance takes.
fn days_of(instance: &Occurrence) -> Option<chrono::TimeDelta> {
    let (start, end) = (instance.start.as_ref()?, instance.end.as_ref()?);
    Some(end.local() - start.local())
}

fn time_line(name: &str, moment: &Moment, at: chrono::DateTime<chrono::Utc>) -> String {
    let value = match moment {
        Moment::Date(_) => ";VALUE=DATE",
        Moment::Floating { .. } | Moment::Zoned { .. } => "",
    };
    format!("{name}{value}:{}", time_text(moment, at))
}

/// A moment in the form that it keeps, where `at` is its instant.
fn time_text(moment: &Moment, at: chrono::DateTime<chrono::Utc>) -> String {
    match moment {
        Moment::Date(date) => date_text(*date),
        Moment::Floating { local, .. } => local_text(*local),
        Moment::Zoned { .. } => utc_text(at),
    }
}
