//! One component while its lines are being read.

use std::collections::HashMap;
use std::ops::Range;

use crate::address::{CalendarUserAddress, InvalidAddress};
use crate::content_line::{Line, LineEnding, Property};
use crate::object::component::{AttendeeLine, Schedule, Timing};
use crate::object::{Attendee, Component, ComponentKind, ObjectError, Organizer};
use crate::part_stat::{PartStat, ScheduleAgent};
use crate::text::unescape;
use crate::time::{Duration, EventTime, Moment, NamedZones, Zone};

/// What has been read of a component.
pub(super) struct Draft {
    kind: ComponentKind,
    ending: LineEnding,
    after_begin: usize,
    uid: Option<String>,
    recurrence: Option<Moment>,
    this_and_future: bool,
    organizer: Option<Organizer>,
    attendee_lines: Vec<AttendeeLine>,
    attendees: Vec<Attendee>,
    /// Where each attendee stands in the list.
    addresses: HashMap<CalendarUserAddress, usize>,
    first_attendee_at: Option<usize>,
    start: Option<Moment>,
    end: Option<Moment>,
    due: Option<Moment>,
    duration: Option<Duration>,
    summary: Option<String>,
    location: Option<String>,
    description: Option<String>,
    url: Option<String>,
    status: Option<String>,
    sequence: Option<i64>,
    stamp: Option<Moment>,
    schedule: Schedule,
    recurrence_lines: Vec<Range<usize>>,
    zones: NamedZones,
}

impl Draft {
    pub(super) fn new(kind: ComponentKind, begin: &Line<'_>) -> Self {
        Self {
            kind,
            ending: begin.ending().unwrap_or(LineEnding::CrLf),
            after_begin: begin.span.end,
            uid: None,
            recurrence: None,
            this_and_future: false,
            organizer: None,
            attendee_lines: Vec::new(),
            attendees: Vec::new(),
            addresses: HashMap::new(),
            first_attendee_at: None,
            start: None,
            end: None,
            due: None,
            duration: None,
            summary: None,
            location: None,
            description: None,
            url: None,
            status: None,
            sequence: None,
            stamp: None,
            schedule: Schedule::default(),
            recurrence_lines: Vec::new(),
            zones: NamedZones::default(),
        }
    }

    /// Whether a property (its name in upper case) is one of those that are read.
    pub(super) fn reads(name: &[u8]) -> bool {
        const NAMES: &[&[u8]] = &[
            b"ATTENDEE",
            b"DESCRIPTION",
            b"DTEND",
            b"DTSTAMP",
            b"DTSTART",
            b"DUE",
            b"DURATION",
            b"EXDATE",
            b"EXRULE",
            b"LOCATION",
            b"ORGANIZER",
            b"RDATE",
            b"RECURRENCE-ID",
            b"RRULE",
            b"SEQUENCE",
            b"STATUS",
            b"SUMMARY",
            b"UID",
            b"URL",
        ];
        NAMES.contains(&name)
    }

    /// Takes in one property, whose name is given in upper case.
    pub(super) fn property(
        &mut self,
        name: &[u8],
        property: &Property<'_>,
        line: &Line<'_>,
    ) -> Result<(), ObjectError> {
        if matches!(name, b"RRULE" | b"EXRULE" | b"RDATE" | b"EXDATE") {
            self.recurrence_lines.push(line.span.clone());
        }
        match name {
            b"UID" => {
                let uid = std::str::from_utf8(property.value());
                let uid = uid.map_err(|_| ObjectError::not_icalendar("the UID is not UTF-8"))?;
                set_once(&mut self.uid, uid.to_owned(), "UID")?;
            }
            b"RECURRENCE-ID" => {
                set_once(
                    &mut self.recurrence,
                    moment(property, "RECURRENCE-ID")?,
                    "RECURRENCE-ID",
                )?;
                let range = property.parameter("RANGE");
                self.this_and_future =
                    range.is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE"));
            }
            b"ORGANIZER" => self.organizer(property)?,
            b"ATTENDEE" => self.attendee(property, line)?,
            b"DTSTART" => set_once(&mut self.start, moment(property, "DTSTART")?, "DTSTART")?,
            b"DTEND" => set_once(&mut self.end, moment(property, "DTEND")?, "DTEND")?,
            b"DUE" => set_once(&mut self.due, moment(property, "DUE")?, "DUE")?,
            b"DURATION" => {
                let duration = Duration::parse(property.value_text().trim());
                let duration = duration
                    .ok_or_else(|| ObjectError::not_icalendar("DURATION is not a duration"))?;
                set_once(&mut self.duration, duration, "DURATION")?;
            }
            b"RRULE" | b"EXRULE" => self
                .schedule
                .rules
                .push(rule_parts(name, &property.value_text())),
            b"RDATE" => dates(property, &mut self.zones, &mut self.schedule.extra_dates),
            b"EXDATE" => dates(property, &mut self.zones, &mut self.schedule.excluded_dates),
            b"SUMMARY" => set_first(&mut self.summary, || unescape(&property.value_text())),
            b"LOCATION" => set_first(&mut self.location, || unescape(&property.value_text())),
            b"DESCRIPTION" => set_first(&mut self.description, || unescape(&property.value_text())),
            b"URL" => set_first(&mut self.url, || property.value_text().into_owned()),
            b"STATUS" => set_first(&mut self.status, || {
                property.value_text().trim().to_ascii_uppercase()
            }),
            b"DTSTAMP" => {
                let value = property.value_text();
                self.stamp = self
                    .stamp
                    .take()
                    .or_else(|| Moment::parse(value.trim(), None));
            }
            b"SEQUENCE" => {
                self.sequence = self.sequence.or(property.value_text().trim().parse().ok());
            }
            _ => {}
        }
        Ok(())
    }

    fn organizer(&mut self, property: &Property<'_>) -> Result<(), ObjectError> {
        let address = address(property)?
            .ok_or_else(|| ObjectError::invalid_object("ORGANIZER has no address"))?;
        match &self.organizer {
            Some(first) if first.address != address => Err(ObjectError::DifferentOrganizers),
            Some(_) => Ok(()),
            None => {
                let schedule_agent = property
                    .parameter("SCHEDULE-AGENT")
                    .map(|text| ScheduleAgent::parse(&text));
                self.organizer = Some(Organizer {
                    address,
                    common_name: common_name(property),
                    schedule_agent: schedule_agent.unwrap_or_default(),
                });
                Ok(())
            }
        }
    }

    fn attendee(&mut self, property: &Property<'_>, line: &Line<'_>) -> Result<(), ObjectError> {
        self.first_attendee_at.get_or_insert(line.span.start);
        // Some clients keep a line for a person without an address; nobody can be asked by it.
        let Some(address) = address(property)? else {
            return Ok(());
        };
        let next = self.attendees.len();
        let index = *self.addresses.entry(address.clone()).or_insert(next);
        self.attendee_lines.push(AttendeeLine {
            span: line.span.clone(),
            attendee: index,
        });
        if index == next {
            let part_stat = property
                .parameter("PARTSTAT")
                .and_then(|text| PartStat::parse(&text).ok());
            let schedule_agent = property
                .parameter("SCHEDULE-AGENT")
                .map(|text| ScheduleAgent::parse(&text));
            self.attendees.push(Attendee {
                // Known when the component ends.
                recurrence_id: String::new(),
                address,
                common_name: common_name(property),
                // A value that is no token means what an unknown token means: NEEDS-ACTION (RFC 5545 section 3.2.12).
                part_stat: part_stat.unwrap_or_default(),
                rsvp: property
                    .parameter("RSVP")
                    .map(|rsvp| rsvp.eq_ignore_ascii_case("TRUE")),
                schedule_agent: schedule_agent.unwrap_or_default(),
                schedule_status: property.parameter("SCHEDULE-STATUS"),
                forces_request: property
                    .parameter("SCHEDULE-FORCE-SEND")
                    .is_some_and(|method| method.eq_ignore_ascii_case("REQUEST")),
            });
        }
        Ok(())
    }

    /// How many dates RDATE and EXDATE list, the repeated ones, too.
    pub(super) const fn dates(&self) -> usize {
        self.schedule.extra_dates.len() + self.schedule.excluded_dates.len()
    }

    /// The UID, the organizer, and the component itself.
    pub(super) fn finish(mut self) -> Result<(String, Option<Organizer>, Component), ObjectError> {
        let uid = self.uid.filter(|uid| !uid.trim().is_empty());
        let uid = uid.ok_or_else(|| {
            ObjectError::invalid_object(format!("a {} has no UID", self.kind.as_str()))
        })?;
        if self.kind == ComponentKind::Event && self.start.is_none() {
            return Err(ObjectError::invalid_object("a VEVENT has no DTSTART"));
        }
        let recurrence_id = self.recurrence.as_ref().map(|id| id.key().to_string());
        for attendee in &mut self.attendees {
            attendee.recurrence_id = recurrence_id.clone().unwrap_or_default();
        }
        let times = [
            ("DTSTART", &self.start),
            ("DTEND", &self.end),
            ("DUE", &self.due),
        ];
        let times = times
            .into_iter()
            .filter_map(|(name, moment)| Some(format!("{name} {}", moment.as_ref()?.fact())));
        self.schedule.times = times
            .chain(
                self.duration
                    .map(|duration| format!("DURATION {duration:?}")),
            )
            .collect();
        let repeats = self
            .schedule
            .rules
            .iter()
            .any(|rule| rule.iter().any(|part| part == "RRULE"))
            || !self.schedule.extra_dates.is_empty();
        self.schedule.normalise();
        let (start, end, duration) = match (self.kind, self.start, self.end.or(self.due)) {
            (ComponentKind::Event | ComponentKind::Todo, start, end) => (start, end, self.duration),
            // A journal entry is at a time or on a day, and takes none of it (RFC 5545 section 3.6.3).
            (ComponentKind::Journal, start, _) => (start, None, None),
            // Only both say when it is (RFC 4791 section 9.9); DURATION has another meaning in a VFREEBUSY.
            (ComponentKind::FreeBusy, Some(start), Some(end)) => (Some(start), Some(end), None),
            (ComponentKind::FreeBusy, ..) => (None, None, None),
        };
        let timing = Timing {
            start,
            end,
            duration,
            recurrence_id: self.recurrence,
            recurrence_lines: self.recurrence_lines,
        };
        let component = Component {
            recurrence_id,
            this_and_future: self.this_and_future,
            summary: self.summary,
            location: self.location,
            description: self.description,
            url: self.url,
            status: self.status,
            sequence: self.sequence.unwrap_or_default(),
            stamp: self.stamp.map(|stamp| stamp.to_utc(&Zone::UTC)),
            start: EventTime::new(
                self.kind,
                timing.start.clone(),
                timing.end.clone(),
                timing.duration,
            ),
            repeats,
            schedule: self.schedule,
            timing,
            has_organizer: self.organizer.is_some(),
            attendee_lines: self.attendee_lines,
            attendees: self.attendees,
            organizer_at: self.first_attendee_at.unwrap_or(self.after_begin),
            ending: self.ending,
        };
        Ok((uid, self.organizer, component))
    }
}

/// Sets what RFC 5545 section 3.6 allows once.
fn set_once<T>(slot: &mut Option<T>, value: T, name: &str) -> Result<(), ObjectError> {
    if slot.is_some() {
        return Err(ObjectError::invalid_object(format!(
            "a component has more than one {name}"
        )));
    }
    *slot = Some(value);
    Ok(())
}

/// Sets what should stand once, but does no harm if it is repeated: the first wins.
fn set_first(slot: &mut Option<String>, value: impl FnOnce() -> String) {
    if slot.is_none() {
        *slot = Some(value());
    }
}

fn moment(property: &Property<'_>, name: &str) -> Result<Moment, ObjectError> {
    Moment::parse(
        property.value_text().trim(),
        property.parameter("TZID").as_deref(),
    )
    .ok_or_else(|| ObjectError::not_icalendar(format!("{name} is neither a date nor a time")))
}

/// The value of an ATTENDEE or ORGANIZER; `None` if it is empty.
fn address(property: &Property<'_>) -> Result<Option<CalendarUserAddress>, ObjectError> {
    match CalendarUserAddress::parse(&property.value_text()) {
        Ok(address) => Ok(Some(address)),
        Err(InvalidAddress::Empty) => Ok(None),
        Err(error) => Err(ObjectError::not_icalendar(error.to_string())),
    }
}

fn common_name(property: &Property<'_>) -> Option<String> {
    property.parameter("CN").filter(|name| !name.is_empty())
}

/// The parts of a rule in upper case and sorted, without those that say the default. The name of the property is one of
/// them, so that an RRULE never equals an EXRULE.
fn rule_parts(name: &[u8], value: &str) -> Vec<String> {
    let value = value.to_ascii_uppercase();
    let parts = value
        .split(';')
        .map(str::trim)
        .filter(|part| !matches!(*part, "" | "INTERVAL=1" | "WKST=MO"));
    let mut parts: Vec<String> = parts.map(str::to_owned).collect();
    parts.push(String::from_utf8_lossy(name).into_owned());
    parts.sort_unstable();
    parts
}

/// Each date of an RDATE or EXDATE. What can't be read is compared as written.
fn dates(property: &Property<'_>, zones: &mut NamedZones, into: &mut Vec<String>) {
    let tzid = property.parameter("TZID");
    let zone = tzid.as_deref().and_then(|tzid| zones.get(tzid));
    for date in property
        .value_text()
        .split(',')
        .map(str::trim)
        .filter(|date| !date.is_empty())
    {
        // A period of an RDATE is a start and an end or a duration (RFC 5545 section 3.3.9).
        let (start, rest) = date.split_once('/').unwrap_or((date, ""));
        let start = Moment::parse_in(start, tzid.as_deref(), zone.as_ref())
            .map_or_else(|| start.to_owned(), |moment| moment.fact());
        into.push(if rest.is_empty() {
            start
        } else {
            format!("{start}/{rest}")
        });
    }
}
