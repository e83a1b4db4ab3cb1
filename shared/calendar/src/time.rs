//! When an event is: DTSTART with DTEND, DUE or DURATION (RFC 5545 sections 3.6.1, 3.6.2 and 3.8.2).

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::object::ComponentKind;

mod value;
mod zone;

pub use value::{Duration, Moment};
pub(crate) use value::{Key, date_text, local_text, utc_text};
pub(crate) use zone::{CustomZones, NamedZones, push_vtimezone};
pub use zone::{Zone, Zones, resolve_tzid};

/// How far the last zone is behind UTC: a day, or a time without a zone, is over for everybody so much later.
const LAST_ZONE_BEHIND_UTC: TimeDelta = TimeDelta::hours(12);

/// When an event is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventTime {
    /// Whole days, wherever one is.
    AllDay {
        /// The first day.
        first: NaiveDate,
        /// The last day, itself included. (DTEND is the day after.)
        last: NaiveDate,
    },
    /// A local time without a zone (RFC 5545 section 3.3.5, form 1), or with one that nobody knows.
    Floating {
        /// The beginning.
        start: NaiveDateTime,
        /// The end, if it is after the beginning.
        end: Option<NaiveDateTime>,
        /// The TZID as written, if there was one and it could not be resolved.
        zone_name: Option<String>,
    },
    /// A moment, and the zone in which the organizer thinks of it.
    Zoned {
        /// The beginning.
        start: DateTime<Utc>,
        /// The end, if it is after the beginning.
        end: Option<DateTime<Utc>>,
        /// The zone of DTSTART; UTC for a time that ends in `Z`, or is in a zone that has no name of its own.
        zone: Tz,
    },
}

impl EventTime {
    /// From DTSTART and DTEND, DUE or DURATION. A to-do that is only due is at the time when it is due.
    pub(crate) fn new(
        kind: ComponentKind,
        start: Option<Moment>,
        end: Option<Moment>,
        duration: Option<Duration>,
    ) -> Option<Self> {
        let (start, end) = match (start, end) {
            (Some(start), end) => (start, end),
            (None, Some(due)) => (due, None),
            (None, None) => return None,
        };
        Some(match start {
            Moment::Date(first) => Self::AllDay {
                first,
                last: last_day(kind, first, end.as_ref(), duration),
            },
            Moment::Floating {
                local: start,
                zone_name,
            } => {
                let end = match (end, duration) {
                    (Some(end), _) => Some(end.local()),
                    (None, Some(duration)) => duration
                        .add_days(start)
                        .and_then(|end| end.checked_add_signed(duration.exact())),
                    (None, None) => None,
                };
                Self::Floating {
                    start,
                    end: end.filter(|end| *end > start),
                    zone_name,
                }
            }
            Moment::Zoned { local, zone } => {
                let start = zone.to_utc(local);
                let end = match (end, duration) {
                    (Some(Moment::Zoned { local, zone }), _) => Some(zone.to_utc(local)),
                    // RFC 5545 section 3.8.2.2 wants the form of DTSTART; a bare time can only mean its zone.
                    (Some(end), _) => Some(zone.to_utc(end.local())),
                    (None, Some(duration)) => duration
                        .add_days(local)
                        .and_then(|end| zone.to_utc(end).checked_add_signed(duration.exact())),
                    (None, None) => None,
                };
                Self::Zoned {
                    start,
                    end: end.filter(|end| *end > start),
                    zone: zone.tz().unwrap_or(Tz::UTC),
                }
            }
        })
    }

    /// When it is over for everybody. Where it says no end, that is when it begins; a day, or a time without a zone, lasts
    /// longest where the clocks are furthest behind UTC.
    #[must_use]
    pub fn over_at(&self) -> DateTime<Utc> {
        match self {
            Self::Zoned { start, end, .. } => end.unwrap_or(*start),
            Self::Floating { start, end, .. } => over_everywhere(end.unwrap_or(*start).and_utc()),
            Self::AllDay { last, .. } => {
                let end = last.succ_opt().unwrap_or(*last);
                over_everywhere(end.and_time(NaiveTime::MIN).and_utc())
            }
        }
    }
}

/// When a day, or a time without a zone, that ends then in UTC is over in every zone.
pub(crate) fn over_everywhere(end: DateTime<Utc>) -> DateTime<Utc> {
    end.checked_add_signed(LAST_ZONE_BEHIND_UTC).unwrap_or(end)
}

/// The last day of something that begins on a day. Without an end it is that day alone (RFC 5545 section 3.6.1).
fn last_day(
    kind: ComponentKind,
    first: NaiveDate,
    end: Option<&Moment>,
    duration: Option<Duration>,
) -> NaiveDate {
    let last = match (end, duration) {
        // DTEND is the first day after the event; what is due on a day is due on that day.
        (Some(Moment::Date(end)), _) if kind == ComponentKind::Event => end.pred_opt(),
        (Some(end), _) => Some(end.date()),
        (None, Some(duration)) => first.checked_add_days(Days::new(duration.whole_days() - 1)),
        (None, None) => None,
    };
    last.map_or(first, |last| last.max(first))
}

#[cfg(test)]
mod tests;
