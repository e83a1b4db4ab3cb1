//! Edits of an object: single content lines are replaced or put in, and every other byte stays.

use std::ops::Range;
use std::sync::Arc;

use super::{CalendarObject, Component, Scope, parse};
use crate::address::CalendarUserAddress;
use crate::content_line::{LineEnding, Property, encode_parameter, fold, line_at, splice};
use crate::part_stat::PartStat;

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
            (attendee == address && scope.includes(component.recurrence_key()))
                .then(|| part_stat.clone())
        })
    }

    /// As [`Self::set_part_stat`], for many attendees in one pass: `wanted` says what an attendee's lines in a component
    /// shall say, or `None` to leave them.
    pub(crate) fn with_part_stats(
        &self,
        wanted: impl Fn(&Component, &CalendarUserAddress) -> Option<PartStat>,
    ) -> Self {
        let mut edits = Vec::new();
        for component in self.components() {
            for attendee in &component.attendee_lines {
                if let Some(part_stat) = wanted(component, &attendee.address) {
                    edits.extend(part_stat_edit(&self.bytes, &attendee.span, &part_stat));
                }
            }
        }
        self.edited(&edits)
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
        let common_name = common_name
            .map(encode_parameter)
            .filter(|name| !name.is_empty());
        let common_name = common_name
            .map(|name| format!(";CN={name}"))
            .unwrap_or_default();
        let text = format!("ORGANIZER{common_name}:{}", address.to_cal_address());
        let edits: Vec<_> = self
            .components()
            .iter()
            .filter(|component| !component.has_organizer)
            .map(|component| {
                let mut line = fold(text.as_bytes(), component.ending);
                line.extend_from_slice(component.ending.as_bytes());
                (component.organizer_at..component.organizer_at, line)
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
            .expect("an edited line is the same property with another parameter, or an ORGANIZER");
        Self {
            bytes,
            view: Arc::new(view),
        }
    }
}

/// The edit that makes an ATTENDEE line say `part_stat`, unless it does.
fn part_stat_edit(
    file: &[u8],
    span: &Range<usize>,
    part_stat: &PartStat,
) -> Option<(Range<usize>, Vec<u8>)> {
    // `PartStat::Other` can be made of any text; what is no token never reaches a line.
    let part_stat = PartStat::parse(part_stat.as_str()).ok()?;
    let line = line_at(file, span);
    let property = Property::parse(line.unfolded()).ok()?;
    let mut written = property
        .parameters("PARTSTAT")
        .map(|text| PartStat::parse(&text).unwrap_or_default())
        .peekable();
    let says_it = match written.peek() {
        None => part_stat == PartStat::NeedsAction,
        Some(_) => written.all(|written| written == part_stat),
    };
    if says_it {
        return None;
    }
    let text = property.with_parameter("PARTSTAT", part_stat.as_str());
    Some((span.clone(), line.rewritten(&text, LineEnding::CrLf)))
}
