//! What is read from one VEVENT, VTODO, VJOURNAL or VFREEBUSY.

use std::ops::Range;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::address::CalendarUserAddress;
use crate::content_line::LineEnding;
use crate::part_stat::{PartStat, ScheduleAgent};
use crate::time::{Duration, EventTime, Moment};

/// The kinds of components that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ComponentKind {
    /// VEVENT (RFC 5545 section 3.6.1).
    Event,
    /// VTODO (RFC 5545 section 3.6.2).
    Todo,
    /// VJOURNAL (RFC 5545 section 3.6.3).
    Journal,
    /// VFREEBUSY (RFC 5545 section 3.6.4), as clients publish it (RFC 4791 section 4.1).
    FreeBusy,
}

impl ComponentKind {
    /// All of them: CALDAV:supported-calendar-component-set.
    pub const ALL: [Self; 4] = [Self::Event, Self::Todo, Self::Journal, Self::FreeBusy];

    /// The kind of a component of this name, in any case. `None` if such components are not kept.
    pub fn parse(name: &str) -> Option<Self> {
        let has_name = |kind: &Self| kind.as_str().eq_ignore_ascii_case(name);
        Self::ALL.into_iter().find(has_name)
    }

    /// The name of the component: `VEVENT`, `VTODO`, `VJOURNAL` or `VFREEBUSY`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "VEVENT",
            Self::Todo => "VTODO",
            Self::Journal => "VJOURNAL",
            Self::FreeBusy => "VFREEBUSY",
        }
    }

    /// Whether storing one invites its attendees: RFC 6638 section 3.1 schedules events and to-dos only.
    pub const fn is_scheduled(self) -> bool {
        matches!(self, Self::Event | Self::Todo)
    }
}

/// Which instances an answer is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All that the person is invited to.
    All,
    /// The one component with this recurrence key ([`Component::recurrence_key`]); the empty key is the series itself.
    Instance(String),
}

impl Scope {
    /// Whether a component with this recurrence key is meant.
    pub fn includes(&self, recurrence_key: &str) -> bool {
        match self {
            Self::All => true,
            Self::Instance(key) => key == recurrence_key,
        }
    }
}

/// One VEVENT, VTODO, VJOURNAL or VFREEBUSY: the series (or single event), or a changed instance of it.
#[derive(Debug, Clone)]
pub struct Component {
    /// The key of RECURRENCE-ID, never empty: `20260105` for a day, `20260105T090000Z` for a moment (whatever the zone in
    /// which it was written), `20260105T100000` for a local time without a known zone. `None` for the series itself.
    pub recurrence_id: Option<String>,
    /// RANGE=THISANDFUTURE on the RECURRENCE-ID (RFC 5545 section 3.2.13).
    pub this_and_future: bool,
    /// SUMMARY.
    pub summary: Option<String>,
    /// LOCATION.
    pub location: Option<String>,
    /// DESCRIPTION.
    pub description: Option<String>,
    /// URL, as written.
    pub url: Option<String>,
    /// STATUS, in upper case.
    pub status: Option<String>,
    /// SEQUENCE; 0 if missing or not a number.
    pub sequence: i64,
    /// DTSTAMP: when this state of it was written (RFC 5545 section 3.8.7.2). `None` if it is missing or can't be read.
    pub stamp: Option<DateTime<Utc>>,
    /// When it is; `None` for anything but a VEVENT without dates.
    pub start: Option<EventTime>,
    /// Whether it repeats: it has an RRULE or an RDATE.
    pub repeats: bool,
    /// The properties that say when it is, in a form to compare.
    pub(crate) schedule: Schedule,
    /// The same properties as they are written.
    pub(crate) timing: Timing,
    /// Whether it has an ORGANIZER of its own.
    pub(super) has_organizer: bool,
    /// Every ATTENDEE line, the repeated ones, too.
    pub(super) attendee_lines: Vec<AttendeeLine>,
    /// The first line of each attendee.
    pub(super) attendees: Vec<Attendee>,
    /// Where an ORGANIZER would be put.
    pub(super) organizer_at: usize,
    /// How its lines end.
    pub(super) ending: LineEnding,
}

/// The properties that say when a component is, each normalised so that equal means the same. Lists are sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Schedule {
    /// DTSTART, DTEND, DUE and DURATION.
    pub times: Vec<String>,
    /// Each RRULE (and EXRULE) as its sorted parts.
    pub rules: Vec<Vec<String>>,
    /// Each date of each RDATE.
    pub extra_dates: Vec<String>,
    /// Each date of each EXDATE.
    pub excluded_dates: Vec<String>,
}

/// The properties that say when a component is. A TZID is resolved by its name alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timing {
    /// DTSTART.
    pub start: Option<Moment>,
    /// DTEND or DUE.
    pub end: Option<Moment>,
    /// DURATION.
    pub duration: Option<Duration>,
    /// RECURRENCE-ID.
    pub recurrence_id: Option<Moment>,
    /// Where each RRULE, EXRULE, RDATE and EXDATE stands in the file.
    pub recurrence_lines: Vec<Range<usize>>,
}

/// An ATTENDEE of one component (RFC 5545 section 3.8.4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendee {
    /// The recurrence key of the component; empty for the series itself.
    pub recurrence_id: String,
    /// Who it is.
    pub address: CalendarUserAddress,
    /// CN.
    pub common_name: Option<String>,
    /// PARTSTAT.
    pub part_stat: PartStat,
    /// RSVP, if it is there.
    pub rsvp: Option<bool>,
    /// SCHEDULE-AGENT.
    pub schedule_agent: ScheduleAgent,
    /// SCHEDULE-STATUS as written: a code such as `1.2`, or several (RFC 6638 section 7.3).
    pub schedule_status: Option<String>,
    /// Whether SCHEDULE-FORCE-SEND asks for a request to them (RFC 6638 section 7.2).
    pub forces_request: bool,
}

/// Where an ATTENDEE line stands and whose it is.
#[derive(Debug, Clone)]
pub(super) struct AttendeeLine {
    pub span: Range<usize>,
    /// An index in the attendees of the component.
    pub attendee: usize,
}

impl Component {
    /// The recurrence key; empty for the series itself.
    pub fn recurrence_key(&self) -> &str {
        self.recurrence_id.as_deref().unwrap_or_default()
    }

    /// Whether the organizer has called it off (RFC 5545 section 3.8.1.11).
    pub fn is_cancelled(&self) -> bool {
        self.status.as_deref() == Some("CANCELLED")
    }

    /// Somebody among those who attend. Each address stands there once.
    pub fn attendee(&self, address: &CalendarUserAddress) -> Option<&Attendee> {
        let mut attendees = self.attendees.iter();
        attendees.find(|attendee| attendee.address == *address)
    }

    /// Where the first ATTENDEE line of somebody stands in the file.
    pub(crate) fn line_of(&self, address: &CalendarUserAddress) -> Option<Range<usize>> {
        let mut attendees = self.attendees.iter();
        let attendee = attendees.position(|attendee| attendee.address == *address)?;
        let mut lines = self.attendee_lines.iter();
        let line = lines.find(|line| line.attendee == attendee)?;
        Some(line.span.clone())
    }

    /// What its RRULEs, EXRULEs and RDATEs say, in a form to compare: equal means the same. `None` if it does not repeat. What
    /// EXDATE takes out does not count.
    pub fn repetition_key(&self) -> Option<String> {
        if !self.repeats {
            return None;
        }
        let rules = self.schedule.rules.iter().map(|rule| rule.join(";"));
        let dates = self.schedule.extra_dates.iter().cloned();
        Some(rules.chain(dates).collect::<Vec<_>>().join("\n"))
    }

    /// The zone of DTEND, if it has a known one.
    pub fn end_zone(&self) -> Option<Tz> {
        match &self.timing.end {
            Some(Moment::Zoned { zone, .. }) => zone.tz(),
            _ => None,
        }
    }

    /// Its attendees, each once.
    pub fn attendees(&self) -> &[Attendee] {
        &self.attendees
    }
}

impl Schedule {
    /// Brings the lists into an order of their own: that of the file means nothing.
    pub(super) fn normalise(&mut self) {
        self.rules.sort_unstable();
        for dates in [&mut self.extra_dates, &mut self.excluded_dates] {
            dates.sort_unstable();
            dates.dedup();
        }
    }
}
