//! DATE, DATE-TIME and DURATION values (RFC 5545 sections 3.3.4, 3.3.5 and 3.3.6).

use std::fmt;

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc,
};

use super::zone::Zone;

/// A DATE or DATE-TIME with its zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// A day.
    Date(NaiveDate),
    /// A local time without a zone that is known.
    Floating {
        /// The time.
        local: NaiveDateTime,
        /// The TZID as written, if there was one.
        zone_name: Option<String>,
    },
    /// A local time in a known zone.
    Zoned {
        /// The time as the clocks of the zone show it.
        local: NaiveDateTime,
        /// The zone; UTC for a time that ends in `Z`.
        zone: Zone,
    },
}

impl Moment {
    /// Reads a value by its shape, for many programs forget VALUE=DATE. A `Z` beats a TZID, which means what its name says
    /// ([`Zone::by_name`]).
    pub fn parse(value: &str, tzid: Option<&str>) -> Option<Self> {
        Self::parse_in(value, tzid, tzid.and_then(Zone::by_name).as_ref())
    }

    /// As [`Self::parse`], with the zone of the TZID looked up before: for long lists, and for zones of an object's own.
    pub fn parse_in(value: &str, tzid: Option<&str>, zone: Option<&Zone>) -> Option<Self> {
        let Some((date, time)) = value.split_once(['T', 't']) else {
            return parse_date(value).map(Self::Date);
        };
        let (time, is_utc) = match time.strip_suffix(['Z', 'z']) {
            Some(time) => (time, true),
            None => (time, false),
        };
        let local = parse_date(date)?.and_time(parse_time(time)?);
        let zone = if is_utc {
            Some(Zone::UTC)
        } else {
            zone.cloned()
        };
        Some(match zone {
            Some(zone) => Self::Zoned { local, zone },
            None => Self::Floating {
                local,
                zone_name: tzid.map(str::to_owned),
            },
        })
    }

    /// What identifies an instance.
    pub(crate) fn key(&self) -> Key {
        match self {
            Self::Date(date) => Key::Date(*date),
            Self::Floating { local, .. } => Key::Floating(*local),
            Self::Zoned { local, zone } => Key::Utc(zone.to_utc(*local).naive_utc()),
        }
    }

    /// The moment that a key means.
    pub(crate) const fn of_key(key: Key) -> Self {
        match key {
            Key::Date(date) => Self::Date(date),
            Key::Floating(local) => Self::Floating {
                local,
                zone_name: None,
            },
            Key::Utc(local) => Self::Zoned {
                local,
                zone: Zone::UTC,
            },
        }
    }

    /// What the property says, zone included: moving a series to another zone changes its later instances.
    pub(crate) fn fact(&self) -> String {
        match self {
            Self::Date(date) => date_text(*date),
            Self::Floating { local, zone_name } => {
                local_text(*local) + " " + zone_name.as_deref().unwrap_or_default()
            }
            Self::Zoned { local, zone } => local_text(*local) + " " + zone.name(),
        }
    }

    /// The instant. A day (its midnight) and a local time without a known zone are in `floating`.
    pub fn to_utc(&self, floating: &Zone) -> DateTime<Utc> {
        match self {
            Self::Date(_) | Self::Floating { .. } => floating.to_utc(self.local()),
            Self::Zoned { local, zone } => zone.to_utc(*local),
        }
    }

    /// The day, as one sees it there.
    pub fn date(&self) -> NaiveDate {
        match self {
            Self::Date(date) => *date,
            Self::Floating { local, .. } | Self::Zoned { local, .. } => local.date(),
        }
    }

    /// The local time; midnight for a day.
    pub fn local(&self) -> NaiveDateTime {
        match self {
            Self::Date(date) => date.and_time(NaiveTime::MIN),
            Self::Floating { local, .. } | Self::Zoned { local, .. } => *local,
        }
    }
}

/// A recurrence key: equal for equal moments, whatever the zones in which they were written. As a text it is what RECURRENCE-ID
/// would say; as this it is compared fifty thousand times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    Date(NaiveDate),
    Floating(NaiveDateTime),
    Utc(NaiveDateTime),
}

impl Key {
    /// Reads its text.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Moment::parse(text, None).map(|moment| moment.key())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => formatter.write_str(&date_text(*date)),
            Self::Floating(local) => formatter.write_str(&local_text(*local)),
            Self::Utc(at) => formatter.write_str(&(local_text(*at) + "Z")),
        }
    }
}

/// `20260105`. (A format string takes ten times as long, and an object may hold fifty thousand dates.)
pub(crate) fn date_text(date: NaiveDate) -> String {
    let mut text = String::with_capacity("20260105T090000Z".len());
    match u32::try_from(date.year()) {
        Ok(year @ 0..10_000) => push_digits(&mut text, year, 1_000),
        _ => text.push_str(&date.year().to_string()),
    }
    push_digits(&mut text, date.month(), 10);
    push_digits(&mut text, date.day(), 10);
    text
}

/// `20260105T090000`.
pub(crate) fn local_text(local: NaiveDateTime) -> String {
    let mut text = date_text(local.date());
    text.push('T');
    for part in [local.hour(), local.minute(), local.second()] {
        push_digits(&mut text, part, 10);
    }
    text
}

/// `20260105T090000Z`.
pub(crate) fn utc_text(at: DateTime<Utc>) -> String {
    local_text(at.naive_utc()) + "Z"
}

/// All digits of a number, of which the first is worth `worth`.
fn push_digits(text: &mut String, number: u32, worth: u32) {
    let mut worth = worth;
    while worth > 0 {
        text.extend(char::from_digit(number / worth % 10, 10));
        worth /= 10;
    }
}

/// `20260105`.
fn parse_date(text: &str) -> Option<NaiveDate> {
    let year = i32::try_from(digits(text, 0..4)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, digits(text, 4..6)?, digits(text, 6..8)?);
    date.filter(|_| text.len() == 8)
}

/// `090000`. A leap second counts as the second before it, for no zone here has any.
fn parse_time(text: &str) -> Option<NaiveTime> {
    let second = digits(text, 4..6)?;
    let second = if second == 60 { 59 } else { second };
    let time = NaiveTime::from_hms_opt(digits(text, 0..2)?, digits(text, 2..4)?, second);
    time.filter(|_| text.len() == 6)
}

/// ASCII digits only: `parse` alone would take a sign.
fn digits(text: &str, range: std::ops::Range<usize>) -> Option<u32> {
    let digits = text.get(range)?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())
        .flatten()
}

/// A DURATION: days are days of the calendar, the rest is exact (RFC 5545 section 3.3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration {
    days: u32,
    seconds: u32,
    negative: bool,
}

impl Duration {
    /// Reads `P1W`, `P1DT2H`, `-PT15M` and the like; weeks beside other parts are taken, too.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let text = text.strip_prefix(['P', 'p'])?;
        let (days, time) = text
            .split_once(['T', 't'])
            .map_or((text, None), |(days, time)| (days, Some(time)));
        if days.is_empty() && time.is_none_or(str::is_empty) {
            return None;
        }
        let days = sum_of_parts(days, &[(b'W', 7), (b'D', 1)])?;
        let seconds = sum_of_parts(
            time.unwrap_or_default(),
            &[(b'H', 3_600), (b'M', 60), (b'S', 1)],
        )?;
        Some(Self {
            days,
            seconds,
            negative,
        })
    }

    /// The days that it takes on a calendar: a part of a day counts as one. At least one.
    pub(crate) fn whole_days(self) -> u64 {
        if self.negative {
            return 1;
        }
        (u64::from(self.days) + u64::from(self.seconds).div_ceil(86_400)).max(1)
    }

    /// The local time after its days. `None` if it is negative or ends beyond all calendars.
    pub(crate) fn add_days(self, start: NaiveDateTime) -> Option<NaiveDateTime> {
        if self.negative {
            None
        } else {
            start.checked_add_days(Days::new(u64::from(self.days)))
        }
    }

    /// The exact part.
    pub(crate) fn exact(self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.seconds))
    }

    /// All of it, with days of 24 hours; negative for one that goes back.
    pub fn nominal(self) -> TimeDelta {
        let seconds = i64::from(self.days) * 86_400 + i64::from(self.seconds);
        TimeDelta::seconds(if self.negative { -seconds } else { seconds })
    }
}

/// `1H30M` with the seconds of each letter, which come in this order, each at most once.
fn sum_of_parts(text: &str, units: &[(u8, u32)]) -> Option<u32> {
    let mut rest = text;
    let mut units = units.iter();
    let mut sum = 0_u32;
    while !rest.is_empty() {
        let end = rest.bytes().position(|byte| !byte.is_ascii_digit())?;
        let (number, tail) = rest.split_at(end);
        let letter = tail.bytes().next()?.to_ascii_uppercase();
        let (_, size) = units.find(|(unit, _)| *unit == letter)?;
        sum = sum.checked_add(number.parse::<u32>().ok()?.checked_mul(*size)?)?;
        rest = tail.get(1..)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests;
