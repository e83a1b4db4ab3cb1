//! When somebody is busy: the VFREEBUSY that CALDAV:free-busy-query answers (RFC 4791 section 7.10), and that others ask
//! for by the scheduling outbox (RFC 6638 section 5).
//!
//! [`BusyTime`] gathers it from objects and from an [`Availability`], [`FreeBusyRequest`] is what a client asks, [`report`]
//! and [`reply`] write answers: of periods, never of what takes them. Who may see whose busy time is for the caller to know.

use chrono::{DateTime, Utc};

use crate::content_line::Property;
use crate::time::{Duration, Moment};
use crate::tree::{Node, PropertyLine};

mod availability;
mod busy_time;
mod conflicts;
mod request;
mod write;

pub use availability::{Availability, InvalidAvailability, MAX_AVAILABILITY_COMPONENTS};
pub use busy_time::{BusyTime, MAX_BUSY_INSTANCES};
pub use conflicts::{Conflict, conflicts, taken_times};
pub use request::{FreeBusyRequest, InvalidFreeBusyRequest, MAX_RECIPIENTS, Participant};
pub use write::{reply, report};

/// FBTYPE of what is not free (RFC 5545 section 3.2.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BusyType {
    /// `BUSY`; also what this server does not know.
    Busy,
    /// `BUSY-UNAVAILABLE`.
    Unavailable,
    /// `BUSY-TENTATIVE`.
    Tentative,
}

impl BusyType {
    /// Reads the parameter in any case. `None` for `FREE`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_uppercase().as_str() {
            "FREE" => None,
            "BUSY-UNAVAILABLE" => Some(Self::Unavailable),
            "BUSY-TENTATIVE" => Some(Self::Tentative),
            _ => Some(Self::Busy),
        }
    }

    /// The value of the parameter.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "BUSY",
            Self::Unavailable => "BUSY-UNAVAILABLE",
            Self::Tentative => "BUSY-TENTATIVE",
        }
    }
}

/// A time at which somebody is not free; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BusyPeriod {
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// In which way they are not free.
    pub busy: BusyType,
}

/// The periods of a FREEBUSY property, as starts and ends (RFC 5545 section 3.3.9). What can't be read is left out.
pub(crate) fn periods(line: &PropertyLine<'_>) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let Some(property) = line.property() else {
        return Vec::new();
    };
    property
        .value_text()
        .split(',')
        .filter_map(period)
        .collect()
}

/// A PERIOD in UTC, with its end or its length.
pub(crate) fn period(text: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let (start, end) = text.trim().split_once('/')?;
    let start = utc(start)?;
    let end = match Duration::parse(end) {
        Some(duration) => start.checked_add_signed(duration.nominal())?,
        None => utc(end)?,
    };
    Some((start, end))
}

/// The property of this name, if there is one.
///
/// # Errors
/// Why it does not count: there are several, or it can't be read.
fn at_most_one<'n>(component: &'n Node<'_>, name: &'n str) -> Result<Option<Property<'n>>, String> {
    let mut named = component.properties_named(name);
    let Some(line) = named.next() else {
        return Ok(None);
    };
    if named.next().is_some() {
        return Err(format!("it has more than one {name}"));
    }
    let property = line.property();
    property
        .map(Some)
        .ok_or_else(|| format!("its {name} can't be read"))
}

fn utc(text: &str) -> Option<DateTime<Utc>> {
    match Moment::parse(text, None)? {
        Moment::Zoned { local, zone } => Some(zone.to_utc(local)),
        Moment::Date(_) | Moment::Floating { .. } => None,
    }
}

#[cfg(test)]
mod tests;
