//! Edits of an object: single content lines are replaced or put in, and every other byte stays.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::{Attendee, CalendarObject, Component, Scope, parse};
use crate::address::CalendarUserAddress;
use crate::content_line::{
    LineEnding, Property, common_name_parameter, encode_parameter, line_at, push_line_with, splice,
};
use crate::part_stat::PartStat;
use crate::simple_event::Invitee;
use crate::tree::Node;

/// What an attendee's lines shall say; what is not named here stays as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct AttendeeEdit {
    /// PARTSTAT.
    pub part_stat: Option<PartStat>,
    /// RSVP=TRUE: an answer is expected.
    pub asks: bool,
    /// SCHEDULE-STATUS; `Some(None)` takes it out.
    pub schedule_status: Option<Option<String>>,
    /// Takes SCHEDULE-FORCE-SEND out, which is for the server alone (RFC 6638 section 7.2).
    pub sent: bool,
}

/// Edits that are collected and made in one pass.
pub(crate) struct Edit<'o> {
    object: &'o CalendarObject,
    edits: Vec<(Range<usize>, Vec<u8>)>,
}

impl CalendarObject {
    /// Sets PARTSTAT on every ATTENDEE line of this address in the scope, and changes nothing else. A line that says it
    /// already (a missing PARTSTAT says NEEDS-ACTION, RFC 5545 section 3.2.12) stays byte for byte.
    pub fn set_part_stat(
        &self,
        address: &CalendarUserAddress,
        scope: &Scope,
        part_stat: &PartStat,
    ) -> Self {
        self.with_part_stats(|component, attendee| {
            (attendee.address == *address && scope.includes(component.recurrence_key()))
                .then(|| part_stat.clone())
        })
    }

    /// As [`Self::set_part_stat`], for many attendees in one pass: `wanted` says what an attendee's lines in a component
    /// shall say, or `None` to leave them.
    pub(crate) fn with_part_stats(
        &self,
        wanted: impl Fn(&Component, &Attendee) -> Option<PartStat>,
    ) -> Self {
        let mut edit = Edit::of(self);
        edit.attendees(|component, attendee| AttendeeEdit {
            part_stat: wanted(component, attendee),
            ..AttendeeEdit::default()
        });
        edit.finish()
    }

    /// Adds an ORGANIZER to each component that has none: before its first ATTENDEE, or else at its beginning.
    /// An object of another organizer stays as it is: its components must not have two.
    pub fn with_organizer(&self, address: &CalendarUserAddress, common_name: Option<&str>) -> Self {
        if self
            .organizer()
            .is_some_and(|organizer| organizer != address)
        {
            return self.clone();
        }
        let common_name = common_name.map(common_name_parameter).unwrap_or_default();
        let text = format!("ORGANIZER{common_name}:{}", address.to_cal_address());
        let edits: Vec<_> = self
            .components()
            .iter()
            .filter(|component| !component.has_organizer)
            .map(|component| {
                let line = own_line(text.as_bytes(), component.ending);
                (component.organizer_at..component.organizer_at, line)
            })
            .collect();
        self.edited(&edits)
    }

    /// Adds an ATTENDEE to each component for everybody who is not in it yet: behind the last one, or where an ORGANIZER would
    /// be. Everything else stays byte for byte.
    pub fn with_attendees(&self, invitees: &[Invitee]) -> Self {
        let edits: Vec<_> = self
            .components()
            .iter()
            .filter_map(|component| {
                let last = component.attendee_lines.last();
                let at = last.map_or(component.organizer_at, |line| line.span.end);
                let is_new = |invitee: &&Invitee| component.attendee(&invitee.address).is_none();
                let lines: Vec<u8> = invitees
                    .iter()
                    .filter(is_new)
                    .flat_map(|invitee| own_line(invitee.line().as_bytes(), component.ending))
                    .collect();
                (!lines.is_empty()).then_some((at..at, lines))
            })
            .collect();
        self.edited(&edits)
    }

    fn edited(&self, edits: &[(Range<usize>, Vec<u8>)]) -> Self {
        if edits.is_empty() {
            return self.clone();
        }
        let bytes = splice(&self.bytes, edits);
        // The limits on size and lines are for what clients send; an answer must not fail because a line grew.
        let view = parse::view(&bytes)
            .expect("an edited line is the same property with another parameter, or one that the server writes");
        Self {
            bytes,
            view: Arc::new(view),
        }
    }
}

impl<'o> Edit<'o> {
    pub(crate) const fn of(object: &'o CalendarObject) -> Self {
        Self {
            object,
            edits: Vec::new(),
        }
    }

    /// Edits the lines of attendees. Call it once: a line is edited once.
    pub(crate) fn attendees(&mut self, wanted: impl Fn(&Component, &Attendee) -> AttendeeEdit) {
        for component in self.object.components() {
            for line in &component.attendee_lines {
                let Some(attendee) = component.attendees.get(line.attendee) else {
                    continue;
                };
                let edit = wanted(component, attendee);
                self.edits
                    .extend(attendee_edit(&self.object.bytes, &line.span, &edit));
            }
        }
    }

    /// Makes a component say this value of a property that it has once, without parameters. The value is written as it is.
    pub(crate) fn set(&mut self, node: &Node<'_>, name: &str, value: &str) {
        let text = format!("{name}:{value}");
        match node.properties_named(name).next() {
            Some(line) => {
                if line.line.unfolded().as_ref() != text.as_bytes() {
                    let rewritten = line.line.rewritten(text.as_bytes(), LineEnding::CrLf);
                    self.edits.push((line.line.span.clone(), rewritten));
                }
            }
            None => {
                let ending = node.begin.ending().unwrap_or(LineEnding::CrLf);
                let at = node.begin.span.end;
                self.edits.push((at..at, own_line(text.as_bytes(), ending)));
            }
        }
    }

    /// Sets a parameter on each ORGANIZER, or takes it out.
    pub(crate) fn organizer_parameter(
        &mut self,
        nodes: &[&Node<'_>],
        name: &str,
        value: Option<&str>,
    ) {
        for line in nodes
            .iter()
            .flat_map(|node| node.properties_named("ORGANIZER"))
        {
            let Some(property) = line.property() else {
                continue;
            };
            let text = match value {
                Some(value) => property.with_parameter(name, value),
                None => property.without_parameters(&[name]),
            };
            if text != *line.line.unfolded() {
                let rewritten = line.line.rewritten(&text, LineEnding::CrLf);
                self.edits.push((line.line.span.clone(), rewritten));
            }
        }
    }

    /// The object with all edits.
    pub(crate) fn finish(mut self) -> CalendarObject {
        self.edits.sort_by_key(|(span, _)| span.start);
        self.object.edited(&self.edits)
    }
}

/// A line of the server's own, with its line ending.
fn own_line(text: &[u8], ending: LineEnding) -> Vec<u8> {
    let mut line = Vec::new();
    push_line_with(&mut line, text, ending);
    line
}

/// The edit that makes an ATTENDEE line say what is wanted, unless it does.
fn attendee_edit(
    file: &[u8],
    span: &Range<usize>,
    wanted: &AttendeeEdit,
) -> Option<(Range<usize>, Vec<u8>)> {
    let line = line_at(file, span);
    let mut text = line.unfolded();
    if wanted.asks {
        text = edited_text(text, |property| {
            let asks = property.parameter("RSVP");
            let asks = asks.is_some_and(|rsvp| rsvp.eq_ignore_ascii_case("TRUE"));
            (!asks).then(|| property.with_parameter("RSVP", "TRUE"))
        });
    }
    if let Some(status) = &wanted.schedule_status {
        text = edited_text(text, |property| match status {
            Some(status) if property.parameter("SCHEDULE-STATUS").as_ref() == Some(status) => None,
            Some(status) => {
                Some(property.with_parameter("SCHEDULE-STATUS", &encode_parameter(status)))
            }
            None => Some(property.without_parameters(&["SCHEDULE-STATUS"])),
        });
    }
    // In this order in any case, so that the same is written in the same way whatever stood there before.
    if let Some(part_stat) = &wanted.part_stat {
        text = with_part_stat(text, part_stat);
    }
    if wanted.sent {
        text = edited_text(text, |property| {
            Some(property.without_parameters(&["SCHEDULE-FORCE-SEND"]))
        });
    }
    (text != line.unfolded()).then(|| (span.clone(), line.rewritten(&text, LineEnding::CrLf)))
}

fn with_part_stat<'a>(text: Cow<'a, [u8]>, part_stat: &PartStat) -> Cow<'a, [u8]> {
    edited_text(text, |property| {
        // `PartStat::Other` can be made of any text; what is no token never reaches a line.
        let part_stat = PartStat::parse(part_stat.as_str()).ok()?;
        let mut written = property
            .parameters("PARTSTAT")
            .map(|text| PartStat::parse(&text).unwrap_or_default())
            .peekable();
        let says_it = match written.peek() {
            None => part_stat == PartStat::NeedsAction,
            Some(_) => written.all(|written| written == part_stat),
        };
        (!says_it).then(|| property.with_parameter("PARTSTAT", part_stat.as_str()))
    })
}

/// The unfolded line after an edit; as it was, if there is nothing to edit.
fn edited_text<'a>(
    text: Cow<'a, [u8]>,
    edit: impl FnOnce(&Property<'_>) -> Option<Vec<u8>>,
) -> Cow<'a, [u8]> {
    let edited = Property::parse(Cow::Borrowed(&*text))
        .ok()
        .and_then(|property| edit(&property));
    edited.map_or(text, Cow::Owned)
}
