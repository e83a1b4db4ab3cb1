//! Reading a RECUR value (RFC 5545 section 3.3.10).

use std::ops::RangeInclusive;

use chrono::Weekday;

use crate::time::Moment;

/// FREQ, the shortest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Frequency {
    /// SECONDLY.
    Secondly,
    /// MINUTELY.
    Minutely,
    /// HOURLY.
    Hourly,
    /// DAILY.
    Daily,
    /// WEEKLY.
    Weekly,
    /// MONTHLY.
    Monthly,
    /// YEARLY.
    Yearly,
}

/// What becomes of a day that a month does not have (RFC 7529 section 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Skip {
    /// OMIT: there is no instance.
    #[default]
    Omit,
    /// BACKWARD: it is the last day of the month.
    Backward,
    /// FORWARD: it is the first day of the next month.
    Forward,
}

/// One BYDAY: `MO`, or with an ordinal `1MO`, `-1SU`. The ordinal is 0 if there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByDay {
    /// Which of these weekdays, counted from either end.
    pub ordinal: i16,
    /// Days from Monday.
    pub weekday: u8,
}

/// A rule (RFC 5545 section 3.3.10). Lists are sorted and hold nothing twice; an empty one stands for a part that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// FREQ.
    pub frequency: Frequency,
    /// INTERVAL, at least 1.
    pub interval: u32,
    /// COUNT, at least 1.
    pub count: Option<u64>,
    /// UNTIL, in whatever form it is written.
    pub until: Option<Moment>,
    /// BYSECOND.
    pub by_second: Vec<i16>,
    /// BYMINUTE.
    pub by_minute: Vec<i16>,
    /// BYHOUR.
    pub by_hour: Vec<i16>,
    /// BYDAY.
    pub by_day: Vec<ByDay>,
    /// BYMONTHDAY, from -31 to 31.
    pub by_month_day: Vec<i16>,
    /// BYYEARDAY, from -366 to 366.
    pub by_year_day: Vec<i16>,
    /// BYWEEKNO, from -53 to 53.
    pub by_week_no: Vec<i16>,
    /// BYMONTH, from 1 to 12.
    pub by_month: Vec<i16>,
    /// BYSETPOS, from -366 to 366.
    pub by_set_pos: Vec<i16>,
    /// WKST, in days from Monday.
    pub week_start: u8,
    /// SKIP.
    pub skip: Skip,
}

impl Rule {
    /// Reads a rule. `None` for one that nobody can follow: without a FREQ, with INTERVAL=0, a value out of its range, or
    /// another calendar than the Gregorian. Parts with other names are somebody's extensions, and are passed over.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rule = Self::every(Frequency::Yearly);
        let mut frequency = None;
        for part in text.split(';') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim().to_ascii_uppercase();
            match name.trim().to_ascii_uppercase().as_str() {
                "FREQ" => frequency = Some(parse_frequency(&value)?),
                "INTERVAL" => {
                    rule.interval = value.parse().ok().filter(|interval| *interval > 0)?;
                }
                "COUNT" => rule.count = Some(value.parse().ok().filter(|count| *count > 0)?),
                "UNTIL" => rule.until = Some(Moment::parse(&value, None)?),
                "BYSECOND" => rule.by_second = from_zero(&value, 0..=60)?,
                "BYMINUTE" => rule.by_minute = from_zero(&value, 0..=59)?,
                "BYHOUR" => rule.by_hour = from_zero(&value, 0..=23)?,
                "BYDAY" => rule.by_day = list(&value, parse_by_day)?,
                "BYMONTHDAY" => rule.by_month_day = from_either_end(&value, 31)?,
                "BYYEARDAY" => rule.by_year_day = from_either_end(&value, 366)?,
                "BYWEEKNO" => rule.by_week_no = from_either_end(&value, 53)?,
                "BYMONTH" => rule.by_month = from_zero(&value, 1..=12)?,
                "BYSETPOS" => rule.by_set_pos = from_either_end(&value, 366)?,
                "WKST" => rule.week_start = parse_weekday(&value)?,
                "RSCALE" if value != "GREGORIAN" => return None,
                "SKIP" => rule.skip = parse_skip(&value)?,
                _ => {}
            }
        }
        rule.frequency = frequency?;
        Some(rule)
    }

    const fn every(frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: 1,
            count: None,
            until: None,
            by_second: Vec::new(),
            by_minute: Vec::new(),
            by_hour: Vec::new(),
            by_day: Vec::new(),
            by_month_day: Vec::new(),
            by_year_day: Vec::new(),
            by_week_no: Vec::new(),
            by_month: Vec::new(),
            by_set_pos: Vec::new(),
            week_start: 0,
            skip: Skip::Omit,
        }
    }
}

fn parse_frequency(text: &str) -> Option<Frequency> {
    Some(match text {
        "SECONDLY" => Frequency::Secondly,
        "MINUTELY" => Frequency::Minutely,
        "HOURLY" => Frequency::Hourly,
        "DAILY" => Frequency::Daily,
        "WEEKLY" => Frequency::Weekly,
        "MONTHLY" => Frequency::Monthly,
        "YEARLY" => Frequency::Yearly,
        _ => return None,
    })
}

fn parse_skip(text: &str) -> Option<Skip> {
    Some(match text {
        "OMIT" => Skip::Omit,
        "BACKWARD" => Skip::Backward,
        "FORWARD" => Skip::Forward,
        _ => return None,
    })
}

/// Days from Monday.
fn parse_weekday(text: &str) -> Option<u8> {
    let weekday = match text {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    };
    u8::try_from(weekday.num_days_from_monday()).ok()
}

fn parse_by_day(text: &str) -> Option<ByDay> {
    let (ordinal, weekday) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let ordinal = if ordinal.is_empty() {
        0
    } else {
        parse_from_either_end(ordinal, 53)?
    };
    Some(ByDay {
        ordinal,
        weekday: parse_weekday(weekday)?,
    })
}

/// `-1` is the last, `1` and `+1` the first of at most `most`.
fn parse_from_either_end(text: &str, most: i16) -> Option<i16> {
    let number: i16 = text.parse().ok()?;
    (number != 0 && (-most..=most).contains(&number)).then_some(number)
}

fn from_either_end(text: &str, most: i16) -> Option<Vec<i16>> {
    list(text, |text| parse_from_either_end(text, most))
}

fn from_zero(text: &str, range: RangeInclusive<i16>) -> Option<Vec<i16>> {
    list(text, |text| {
        let number = text.parse().ok()?;
        range.contains(&number).then_some(number)
    })
}

/// A list of values. Empty parts are passed over: programs leave a comma at the end, or the whole list empty.
fn list<T: Ord>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let mut values = parts.map(parse).collect::<Option<Vec<T>>>()?;
    values.sort_unstable();
    values.dedup();
    Some(values)
}
