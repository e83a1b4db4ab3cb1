//! Time zones: a local time's instant, and an instant's local time.
//!
//! A zone is known by its name (in `names`) or by what the object itself says about it (in `vtimezone`).

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

mod names;
mod vtimezone;
mod write;

pub use names::resolve_tzid;
pub use vtimezone::CustomZone;
pub(crate) use write::push_vtimezone;

/// A time zone. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Zone {
    /// One of the IANA database.
    Named(Tz),
    /// What a VTIMEZONE says (RFC 5545 section 3.6.5), when its name says nothing.
    Custom(Arc<CustomZone>),
}

impl From<Tz> for Zone {
    fn from(zone: Tz) -> Self {
        Self::Named(zone)
    }
}

impl Zone {
    /// UTC.
    pub const UTC: Self = Self::Named(Tz::UTC);

    /// The zone that a TZID means by its name alone: see [`resolve_tzid`].
    pub fn by_name(tzid: &str) -> Option<Self> {
        resolve_tzid(tzid).map(Self::Named)
    }

    /// The zone of the first VTIMEZONE in an iCalendar stream, as CALDAV:calendar-timezone holds one (RFC 4791 section
    /// 5.2.2). `None` if there is none that can be read.
    pub fn of_calendar(bytes: &[u8]) -> Option<Self> {
        let tzid = vtimezone::first_tzid(bytes)?;
        Zones::new(bytes).resolve(&tzid)
    }

    /// Its IANA name, or the TZID of its VTIMEZONE.
    pub fn name(&self) -> &str {
        match self {
            Self::Named(zone) => zone.name(),
            Self::Custom(zone) => zone.name(),
        }
    }

    /// The zone of the IANA database, if it is one.
    pub fn tz(&self) -> Option<Tz> {
        match self {
            Self::Named(zone) => Some(*zone),
            Self::Custom(_) => None,
        }
    }

    /// The instant of a local time. A time that comes twice is the first of the two; one that the clock skips is read with
    /// the offset before the gap (RFC 5545 section 3.3.5).
    pub fn to_utc(&self, local: NaiveDateTime) -> DateTime<Utc> {
        let offset = match self {
            Self::Named(zone) => offset_of_local(*zone, local),
            Self::Custom(zone) => zone.offset_of_local(local),
        };
        shifted(local, -offset).and_utc()
    }

    /// What the clocks of the zone show at an instant.
    pub fn to_local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        shifted(at.naive_utc(), self.offset_at(at))
    }

    /// The earliest local time whose instant is not before this one: a gap shortly before lets some come late.
    pub(crate) fn earliest_local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        let offset = self.offset_at(at).min(self.offset_at(near(at, -1)));
        shifted(at.naive_utc(), offset)
    }

    /// A local time after which all instants are after this one.
    pub(crate) fn latest_local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        let offset = self.offset_at(at).max(self.offset_at(near(at, 1)));
        shifted(at.naive_utc(), offset)
    }

    /// Local time minus UTC.
    fn offset_at(&self, at: DateTime<Utc>) -> TimeDelta {
        let seconds = match self {
            Self::Named(zone) => zone
                .offset_from_utc_datetime(&at.naive_utc())
                .fix()
                .local_minus_utc(),
            Self::Custom(zone) => zone.offset_at(at),
        };
        TimeDelta::seconds(i64::from(seconds))
    }
}

/// Zones by their names, each looked up once: a list of thousands of dates may name one in each line.
#[derive(Debug, Default)]
pub(crate) struct NamedZones {
    found: HashMap<String, Option<Zone>>,
}

impl NamedZones {
    /// See [`Zone::by_name`].
    pub(crate) fn get(&mut self, tzid: &str) -> Option<Zone> {
        if let Some(found) = self.found.get(tzid) {
            return found.clone();
        }
        let zone = Zone::by_name(tzid);
        self.found.insert(tzid.to_owned(), zone.clone());
        zone
    }
}

/// The zones that the VTIMEZONEs of an object describe and that are not known by their names; read when first needed.
pub(crate) type CustomZones = OnceLock<HashMap<String, Zone>>;

/// The zones of one object: by their names, or else by the VTIMEZONEs that it holds, which are read when first needed.
#[derive(Debug)]
pub struct Zones<'a> {
    bytes: &'a [u8],
    named: RefCell<NamedZones>,
    custom: CustomZones,
    /// In place of `custom`: what was read before.
    shared: Option<&'a CustomZones>,
}

impl<'a> Zones<'a> {
    /// The zones of this iCalendar stream.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            named: RefCell::default(),
            custom: CustomZones::new(),
            shared: None,
        }
    }

    /// As [`Self::new`], where what is read once is kept.
    pub(crate) fn kept_in(custom: &'a CustomZones, bytes: &'a [u8]) -> Self {
        Self {
            shared: Some(custom),
            ..Self::new(bytes)
        }
    }

    /// What a TZID means. `None` if neither its name nor a VTIMEZONE says it.
    pub fn resolve(&self, tzid: &str) -> Option<Zone> {
        let named = self.named.borrow_mut().get(tzid);
        named.or_else(|| {
            let custom = self.shared.unwrap_or(&self.custom);
            let custom = custom.get_or_init(|| vtimezone::read(self.bytes));
            custom.get(tzid.trim()).cloned()
        })
    }
}

/// Local time minus UTC, as [`Zone::to_utc`] wants it.
fn offset_of_local(zone: Tz, local: NaiveDateTime) -> TimeDelta {
    /// Steps into the past to leave a gap; the longest gap is the day that Samoa skipped in 2011.
    const STEP_MINUTES: i64 = 15;
    const MAX_STEPS: i64 = 26 * 60 / STEP_MINUTES;
    let found = (0..=MAX_STEPS).find_map(|step| {
        let before = shifted(local, TimeDelta::minutes(-step * STEP_MINUTES));
        match zone.offset_from_local_datetime(&before) {
            LocalResult::Single(offset) => Some(offset),
            LocalResult::Ambiguous(first, _) if step == 0 => Some(first),
            LocalResult::Ambiguous(_, second) => Some(second),
            LocalResult::None => None,
        }
    });
    let seconds = found.map_or(0, |offset| offset.fix().local_minus_utc());
    TimeDelta::seconds(i64::from(seconds))
}

/// Stays where it is at the ends of all calendars.
fn shifted(time: NaiveDateTime, by: TimeDelta) -> NaiveDateTime {
    time.checked_add_signed(by).unwrap_or(time)
}

/// So many days after, or before, an instant: farther than any change of the clocks reaches.
fn near(at: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    at.checked_add_signed(TimeDelta::days(days)).unwrap_or(at)
}

#[cfg(test)]
mod tests;
