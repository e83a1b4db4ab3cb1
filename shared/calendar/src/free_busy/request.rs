//! What a client posts to its scheduling outbox to learn when others are busy (RFC 6638 section 5, RFC 5546 section 3.3.2).

use std::collections::HashSet;
use std::ops::Range;

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::at_most_one;
use crate::address::CalendarUserAddress;
use crate::content_line::Property;
use crate::object::MAX_UID_BYTES;
use crate::time::{Moment, Zones};
use crate::tree::{Node, NotICalendar};

/// The most ATTENDEEs that are asked for at once: the calendars of each are read.
pub const MAX_RECIPIENTS: usize = 250;

/// A VFREEBUSY with METHOD:REQUEST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeBusyRequest {
    /// UID.
    pub uid: String,
    /// Who asks.
    pub organizer: Participant,
    /// Who is asked for: at least one, each once.
    pub attendees: Vec<Participant>,
    /// From DTSTART to DTEND, never empty.
    pub range: Range<DateTime<Utc>>,
    /// The UID of the event that is being planned: its own time shall not count (X-CALENDARSERVER-MASK-UID, as Apple's
    /// programs send it).
    pub masked_uid: Option<String>,
}

/// An ORGANIZER or ATTENDEE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Who it is.
    pub address: CalendarUserAddress,
    /// The CAL-ADDRESS as written: clients look for it in the answer.
    pub written: String,
    /// CN.
    pub common_name: Option<String>,
}

/// Why a request can't be answered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidFreeBusyRequest {
    /// CALDAV:valid-calendar-data (RFC 4791 section 5.3.2.1).
    #[error("not valid iCalendar: {0}")]
    NotICalendar(#[from] NotICalendar),
    /// CALDAV:valid-scheduling-message (RFC 6638 section 5.2.1).
    #[error("not a request for busy time: {why}")]
    NotARequest {
        /// What is wrong with it.
        why: String,
    },
}

impl FreeBusyRequest {
    /// Reads a request.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidFreeBusyRequest> {
        let calendar = Node::read(bytes)?;
        let method = one(&calendar, "METHOD")?;
        if !method.value_text().trim().eq_ignore_ascii_case("REQUEST") {
            return Err(refused("METHOD is not REQUEST"));
        }
        let mut found = None;
        for component in &calendar.components {
            match component.name.as_str() {
                "VTIMEZONE" => {}
                "VFREEBUSY" if found.is_none() => found = Some(component),
                "VFREEBUSY" => return Err(refused("it holds more than one VFREEBUSY")),
                name => return Err(refused(format!("it holds a {name:.40}"))),
            }
        }
        let component = found.ok_or_else(|| refused("it holds no VFREEBUSY"))?;
        let zones = Zones::new(bytes);
        let uid = one(component, "UID")?.value_text().trim().to_owned();
        if uid.is_empty() || uid.len() > MAX_UID_BYTES || uid.chars().any(char::is_control) {
            return Err(refused(format!(
                "the UID is not 1 to {MAX_UID_BYTES} bytes of printable text"
            )));
        }
        let range = instant(component, "DTSTART", &zones)?..instant(component, "DTEND", &zones)?;
        if range.is_empty() {
            return Err(refused("DTEND is not after DTSTART"));
        }
        let masked = component.property("X-CALENDARSERVER-MASK-UID");
        Ok(Self {
            uid,
            organizer: Participant::read(&one(component, "ORGANIZER")?, "ORGANIZER")?,
            attendees: attendees(component)?,
            range,
            masked_uid: masked.map(|uid| uid.value_text().trim().to_owned()),
        })
    }
}

impl Participant {
    fn read(property: &Property<'_>, name: &str) -> Result<Self, InvalidFreeBusyRequest> {
        let written = property.value_text().trim().to_owned();
        let address = CalendarUserAddress::parse(&written)
            .map_err(|error| refused(format!("{name}: {error}")))?;
        Ok(Self {
            address,
            written,
            common_name: property
                .parameter("CN")
                .filter(|name| !name.trim().is_empty()),
        })
    }
}

fn attendees(component: &Node<'_>) -> Result<Vec<Participant>, InvalidFreeBusyRequest> {
    let mut attendees = Vec::new();
    let mut known = HashSet::new();
    for line in component.properties_named("ATTENDEE") {
        let property = line
            .property()
            .ok_or_else(|| refused("an ATTENDEE can't be read"))?;
        let attendee = Participant::read(&property, "ATTENDEE")?;
        if known.insert(attendee.address.clone()) {
            attendees.push(attendee);
        }
        if attendees.len() > MAX_RECIPIENTS {
            return Err(refused(format!(
                "it has more than {MAX_RECIPIENTS} ATTENDEEs"
            )));
        }
    }
    if attendees.is_empty() {
        return Err(refused("it has no ATTENDEE"));
    }
    Ok(attendees)
}

/// The property that must be there once.
fn one<'n>(component: &'n Node<'_>, name: &'n str) -> Result<Property<'n>, InvalidFreeBusyRequest> {
    let property = at_most_one(component, name).map_err(refused)?;
    property.ok_or_else(|| refused(format!("it has no {name}")))
}

fn instant(
    component: &Node<'_>,
    name: &str,
    zones: &Zones<'_>,
) -> Result<DateTime<Utc>, InvalidFreeBusyRequest> {
    one(component, name)?;
    let mut lines = component.properties_named(name);
    match lines.next().and_then(|line| line.moment(zones)) {
        Some(Moment::Zoned { local, zone }) => Ok(zone.to_utc(local)),
        // Some programs leave out the Z of the UTC that RFC 5546 section 3.3.2 wants.
        Some(Moment::Floating { local, .. }) => Ok(local.and_utc()),
        _ => Err(refused(format!("{name} is not a time in UTC"))),
    }
}

fn refused(why: impl Into<String>) -> InvalidFreeBusyRequest {
    InvalidFreeBusyRequest::NotARequest { why: why.into() }
}
