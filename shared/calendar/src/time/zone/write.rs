//! A VTIMEZONE (RFC 5545 section 3.6.5) of a zone of the IANA database, as clients want one beside each TZID.

use std::collections::BTreeMap;

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday,
};
use chrono::{Offset, TimeZone};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

use crate::content_line::push_line;
use crate::time::local_text;

/// Years after the event that it is right for, even where no rule says when the clocks change: somebody may make a series of
/// the event.
const YEARS_AFTER: i32 = 6;

/// No zone changes its clocks twice within this time.
const STEP: TimeDelta = TimeDelta::hours(12);

/// A change of the clocks.
#[derive(Clone, PartialEq, Eq)]
struct Change {
    /// What the clocks showed then, before they changed.
    onset: NaiveDateTime,
    kind: Kind,
}

/// What changes of the clocks have in common that one rule can describe.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    /// Local time minus UTC before and after it, in seconds.
    from: i32,
    to: i32,
    is_daylight: bool,
    month: u32,
    weekday: u32,
    time: NaiveTime,
    name: String,
}

/// The lines of a VTIMEZONE that is right from the year before `first` to some years after `last`.
pub(crate) fn push_vtimezone(file: &mut Vec<u8>, zone: Tz, first: NaiveDate, last: NaiveDate) {
    let from = new_year(first.year() - 1);
    let to = new_year(last.year() + YEARS_AFTER);
    push_line(file, "BEGIN:VTIMEZONE");
    push_line(file, &format!("TZID:{}", zone.name()));
    let begin = offset(zone, from);
    push_observance(
        file,
        begin.is_daylight,
        (begin.seconds, begin.seconds, &begin.name),
        begin.local(from),
        None,
    );
    let mut changes: BTreeMap<Kind, Vec<NaiveDateTime>> = BTreeMap::new();
    for change in changes_between(zone, from, to) {
        changes.entry(change.kind).or_default().push(change.onset);
    }
    let mut groups: Vec<_> = changes.into_iter().collect();
    groups.sort_by_key(|(_, onsets)| onsets.first().copied());
    for (kind, onsets) in groups {
        let Some((first, others)) = onsets.split_first() else {
            continue;
        };
        let when = yearly_rule(&onsets, to.year()).or_else(|| {
            let dates: Vec<String> = others.iter().map(|onset| local_text(*onset)).collect();
            (!dates.is_empty()).then(|| format!("RDATE:{}", dates.join(",")))
        });
        let offsets = (kind.from, kind.to, kind.name.as_str());
        push_observance(file, kind.is_daylight, offsets, *first, when.as_deref());
    }
    push_line(file, "END:VTIMEZONE");
}

fn push_observance(
    file: &mut Vec<u8>,
    is_daylight: bool,
    (from, to, name): (i32, i32, &str),
    onset: NaiveDateTime,
    when: Option<&str>,
) {
    let part = if is_daylight { "DAYLIGHT" } else { "STANDARD" };
    push_line(file, &format!("BEGIN:{part}"));
    push_line(file, &format!("DTSTART:{}", local_text(onset)));
    push_line(file, &format!("TZOFFSETFROM:{}", offset_text(from)));
    push_line(file, &format!("TZOFFSETTO:{}", offset_text(to)));
    if !name.is_empty() {
        push_line(file, &format!("TZNAME:{name}"));
    }
    if let Some(when) = when {
        push_line(file, when);
    }
    push_line(file, &format!("END:{part}"));
}

/// The offset of a zone at an instant.
#[derive(Clone, PartialEq, Eq)]
struct OffsetThen {
    seconds: i32,
    is_daylight: bool,
    name: String,
}

impl OffsetThen {
    fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        let shift = TimeDelta::seconds(i64::from(self.seconds));
        at.naive_utc().checked_add_signed(shift).unwrap_or_default()
    }
}

fn offset(zone: Tz, at: DateTime<Utc>) -> OffsetThen {
    let offset = zone.offset_from_utc_datetime(&at.naive_utc());
    let name = offset.abbreviation().unwrap_or_default();
    OffsetThen {
        seconds: offset.fix().local_minus_utc(),
        is_daylight: offset.dst_offset() > TimeDelta::zero(),
        // Zones without letters of their own are named by their offset, which says nothing new.
        name: if name.starts_with(['+', '-']) {
            String::new()
        } else {
            name.to_owned()
        },
    }
}

fn changes_between(zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut at = from;
    let mut before = offset(zone, at);
    while at < to {
        let next = at.checked_add_signed(STEP).unwrap_or(to);
        let after = offset(zone, next);
        if before.seconds != after.seconds {
            let instant = first_with(zone, after.seconds, at, next);
            let onset = before.local(instant);
            let kind = Kind {
                from: before.seconds,
                to: after.seconds,
                is_daylight: after.is_daylight,
                month: onset.month(),
                weekday: onset.weekday().num_days_from_monday(),
                time: onset.time(),
                name: after.name.clone(),
            };
            changes.push(Change { onset, kind });
        }
        at = next;
        before = after;
    }
    changes
}

/// The first second between two instants at which the offset is this one.
fn first_with(zone: Tz, seconds: i32, from: DateTime<Utc>, to: DateTime<Utc>) -> DateTime<Utc> {
    let (mut before, mut after) = (from.timestamp(), to.timestamp());
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        let is_after = DateTime::from_timestamp(middle, 0)
            .is_some_and(|middle| offset(zone, middle).seconds == seconds);
        if is_after {
            after = middle;
        } else {
            before = middle;
        }
    }
    DateTime::from_timestamp(after, 0).unwrap_or(to)
}

/// The rule of what happens each year up to the end: on the second Sunday of a month, or on its last.
fn yearly_rule(onsets: &[NaiveDateTime], end_year: i32) -> Option<String> {
    let (first, last) = (onsets.first()?, onsets.last()?);
    let is_yearly = onsets
        .iter()
        .zip(first.year()..)
        .all(|(onset, year)| onset.year() == year);
    if onsets.len() < 2 || !is_yearly || last.year() + 1 != end_year {
        return None;
    }
    let is_last = |onset: &NaiveDateTime| {
        let in_a_week = onset.date().checked_add_days(Days::new(7));
        in_a_week.is_some_and(|day| day.month() != onset.month())
    };
    let ordinal = |onset: &NaiveDateTime| i64::from(onset.day().div_ceil(7));
    let position = if onsets.iter().all(is_last) {
        -1
    } else {
        let position = ordinal(first);
        onsets
            .iter()
            .all(|onset| ordinal(onset) == position)
            .then_some(position)?
    };
    let day = match first.weekday() {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    };
    let month = first.month();
    Some(format!(
        "RRULE:FREQ=YEARLY;BYMONTH={month};BYDAY={position}{day}"
    ))
}

fn new_year(year: i32) -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(year, 1, 1)
        .unwrap_or_default()
        .and_time(NaiveTime::MIN)
        .and_utc()
}

/// UTC-OFFSET (RFC 5545 section 3.3.14).
fn offset_text(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.abs();
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if rest == 0 {
        format!("{sign}{hours:02}{minutes:02}")
    } else {
        format!("{sign}{hours:02}{minutes:02}{rest:02}")
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::TZ_VARIANTS;

    use super::*;
    use crate::time::Zone;

    fn written(zone: Tz) -> String {
        let day = NaiveDate::from_ymd_opt(2027, 1, 15).unwrap();
        let mut file = Vec::new();
        push_vtimezone(&mut file, zone, day, day);
        String::from_utf8(file).unwrap()
    }

    #[test]
    fn rules_are_found() {
        assert_eq!(
            written(Tz::Europe__Berlin),
            "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n\
             BEGIN:STANDARD\r\nDTSTART:20260101T010000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\nEND:STANDARD\r\n\
             BEGIN:DAYLIGHT\r\nDTSTART:20260329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\n\
             RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n\
             BEGIN:STANDARD\r\nDTSTART:20261025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\n\
             RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n\
             END:VTIMEZONE\r\n"
        );
        let new_york = written(Tz::America__New_York);
        assert!(new_york.contains("BYMONTH=3;BYDAY=2SU"), "{new_york}");
        assert!(new_york.contains("BYMONTH=11;BYDAY=1SU"), "{new_york}");
        assert!(!written(Tz::Asia__Kolkata).contains("RRULE"));
    }

    #[test]
    fn every_zone_reads_back_as_it_is() {
        for zone in TZ_VARIANTS {
            // A name that says nothing, so that what is read is the definition.
            let text = written(zone).replace(&format!("TZID:{}\r\n", zone.name()), "TZID:X\r\n");
            let file = format!("BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n");
            let read = Zone::of_calendar(file.as_bytes()).unwrap();
            assert!(matches!(read, Zone::Custom(_)), "{zone}");
            let (mut at, end) = (new_year(2026), new_year(2033));
            while at < end {
                assert_eq!(
                    read.to_local(at),
                    Zone::Named(zone).to_local(at),
                    "{zone} {at}\n{text}"
                );
                at += TimeDelta::hours(5);
            }
        }
    }
}
