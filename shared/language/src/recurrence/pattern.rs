//! Which of the ways to repeat that have words a rule is.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use televent_calendar::{ByDay, Frequency, RecurrenceRule, Skip};

/// Monday to Friday, in days from Monday.
const WORKDAYS: [u8; 5] = [0, 1, 2, 3, 4];
/// Days from Monday.
const WEEK: [u8; 7] = [0, 1, 2, 3, 4, 5, 6];
/// The last day of the longest month.
const LAST_DAY: i16 = 31;
/// The most days of a month or year that are listed; nobody reads more.
const MAX_DAYS: usize = 6;
/// A leap year: it has every date.
const LEAP_YEAR: i32 = 2024;

/// A way to repeat. Intervals are at least 1; weekdays are in days from Monday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// Every so many hours.
    Hours(u32),
    /// Every so many days.
    Days(u32),
    /// On some weekdays, in order, of every so many weeks.
    Weekdays { interval: u32, weekdays: Vec<u8> },
    /// On Monday, Tuesday, Wednesday, Thursday and Friday.
    Workdays,
    /// On some days, in order, of every so many months.
    MonthDays { interval: u32, days: Vec<u8> },
    /// On one day of every so many months.
    Months { interval: u32, day: DayOfMonth },
    /// On some days, in order, of every so many years. Those of LEAP_YEAR.
    Dates {
        interval: u32,
        dates: Vec<NaiveDate>,
    },
    /// On one day of a month of every so many years.
    Years {
        interval: u32,
        month: u8,
        day: DayOfMonth,
    },
}

/// A day of a month that moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayOfMonth {
    Last,
    /// The first Monday and the like.
    Weekday(Nth, u8),
    /// The first of those from Monday to Friday, and the like.
    Workday(Nth),
}

/// Which one of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nth {
    First,
    Second,
    Third,
    Fourth,
    Fifth,
    Last,
}

impl Nth {
    const fn of(ordinal: i16) -> Option<Self> {
        Some(match ordinal {
            1 => Self::First,
            2 => Self::Second,
            3 => Self::Third,
            4 => Self::Fourth,
            5 => Self::Fifth,
            -1 => Self::Last,
            _ => return None,
        })
    }
}

impl Pattern {
    /// That of a rule which gives its first instance, `start`. `None` if no words are exactly it.
    pub(super) fn of(rule: &RecurrenceRule, start: NaiveDateTime) -> Option<Self> {
        let is_told_otherwise = rule.skip != Skip::Omit
            || !rule.by_year_day.is_empty()
            || !rule.by_week_no.is_empty()
            || !is_time_of(rule, start);
        if is_told_otherwise {
            return None;
        }
        let interval = rule.interval;
        match rule.frequency {
            Frequency::Secondly | Frequency::Minutely => None,
            Frequency::Hourly => says_no_day(rule).then_some(Self::Hours(interval)),
            Frequency::Daily => Self::daily(rule),
            Frequency::Weekly => Self::weekly(rule, start),
            Frequency::Monthly => Self::monthly(rule, start),
            Frequency::Yearly => Self::yearly(rule, start),
        }
    }

    fn daily(rule: &RecurrenceRule) -> Option<Self> {
        if says_no_day(rule) {
            return Some(Self::Days(rule.interval));
        }
        let has_weekdays_only =
            rule.by_month.is_empty() && rule.by_month_day.is_empty() && rule.by_set_pos.is_empty();
        (has_weekdays_only && rule.interval == 1)
            .then(|| plain_weekdays(&rule.by_day).and_then(Self::every_week))?
    }

    fn weekly(rule: &RecurrenceRule, start: NaiveDateTime) -> Option<Self> {
        let has_weekdays_only =
            rule.by_month.is_empty() && rule.by_month_day.is_empty() && rule.by_set_pos.is_empty();
        if !has_weekdays_only {
            return None;
        }
        let first = weekday_of(start.date());
        let weekdays = if rule.by_day.is_empty() {
            vec![first]
        } else {
            plain_weekdays(&rule.by_day)?
        };
        if rule.interval == 1 {
            return Self::every_week(weekdays);
        }
        // Words take the week for one that begins on Monday: in the others, too, each day is as far from the first instance.
        let distance = |weekday: u8, week_start: u8| {
            let place = |weekday: u8| (i16::from(weekday) - i16::from(week_start)).rem_euclid(7);
            place(weekday) - place(first)
        };
        let is_the_same = weekdays
            .iter()
            .all(|weekday| distance(*weekday, rule.week_start) == distance(*weekday, 0));
        is_the_same.then_some(Self::Weekdays {
            interval: rule.interval,
            weekdays,
        })
    }

    fn every_week(weekdays: Vec<u8>) -> Option<Self> {
        match weekdays.as_slice() {
            [] => None,
            all if all == WEEK => Some(Self::Days(1)),
            some if some == WORKDAYS => Some(Self::Workdays),
            _ => Some(Self::Weekdays {
                interval: 1,
                weekdays,
            }),
        }
    }

    fn monthly(rule: &RecurrenceRule, start: NaiveDateTime) -> Option<Self> {
        if !rule.by_month.is_empty() {
            return None;
        }
        let interval = rule.interval;
        let says_every_weekday = rule.by_set_pos.is_empty()
            && rule.by_month_day.is_empty()
            && !rule.by_day.is_empty()
            && interval == 1;
        if says_every_weekday && let Some(weekdays) = plain_weekdays(&rule.by_day) {
            return Self::every_week(weekdays);
        }
        Some(match day_of_month(rule, start.date())? {
            Told::Days(days) if days.len() > MAX_DAYS => return None,
            Told::Days(days) => Self::MonthDays { interval, days },
            Told::One(day) => Self::Months { interval, day },
        })
    }

    fn yearly(rule: &RecurrenceRule, start: NaiveDateTime) -> Option<Self> {
        let interval = rule.interval;
        let mut months: Vec<u8> = numbers(&rule.by_month)?;
        if months.is_empty() {
            // Without BYMONTH the other parts count in the year.
            if !rule.by_day.is_empty() || !rule.by_month_day.is_empty() {
                return None;
            }
            months = vec![u8::try_from(start.month()).ok()?];
        }
        if months.len() > 1 && !rule.by_set_pos.is_empty() {
            // It counts in all the months together.
            return None;
        }
        match (day_of_month(rule, start.date())?, months.as_slice()) {
            (Told::One(day), [month]) => Some(Self::Years {
                interval,
                month: *month,
                day,
            }),
            (Told::One(_), _) => None,
            (Told::Days(days), months) => {
                let dates = months.iter().flat_map(|month| {
                    let date = |day: &u8| {
                        NaiveDate::from_ymd_opt(LEAP_YEAR, u32::from(*month), u32::from(*day))
                    };
                    days.iter().map(date)
                });
                // A date that no year has would not be told.
                let dates = dates.collect::<Option<Vec<_>>>()?;
                (dates.len() <= MAX_DAYS).then_some(Self::Dates { interval, dates })
            }
        }
    }

    /// Whether it says which days they are.
    pub(super) const fn names_days(&self) -> bool {
        !matches!(self, Self::Hours(_) | Self::Days(_))
    }
}

/// What a rule says of the days of a month.
enum Told {
    Days(Vec<u8>),
    One(DayOfMonth),
}

/// `None` if it is neither some days by their numbers nor one day.
fn day_of_month(rule: &RecurrenceRule, start: NaiveDate) -> Option<Told> {
    let told = match (rule.by_month_day.as_slice(), rule.by_day.as_slice()) {
        ([], []) if rule.by_set_pos.is_empty() => Told::Days(vec![u8::try_from(start.day()).ok()?]),
        ([-1], []) if rule.by_set_pos.is_empty() => Told::One(DayOfMonth::Last),
        (days, []) if rule.by_set_pos.is_empty() => Told::Days(numbers(days)?),
        ([], weekdays) => by_weekday(weekdays, &rule.by_set_pos)?,
        _ => return None,
    };
    Some(told)
}

fn by_weekday(weekdays: &[ByDay], positions: &[i16]) -> Option<Told> {
    if let ([day], []) = (weekdays, positions) {
        let nth = Nth::of(day.ordinal)?;
        return Some(Told::One(DayOfMonth::Weekday(nth, day.weekday)));
    }
    let [position] = positions else {
        return None;
    };
    let weekdays = plain_weekdays(weekdays)?;
    let day = match weekdays.as_slice() {
        [weekday] => DayOfMonth::Weekday(Nth::of(*position)?, *weekday),
        some if some == WORKDAYS => DayOfMonth::Workday(Nth::of(*position)?),
        all if all == WEEK && *position == -1 => DayOfMonth::Last,
        all if all == WEEK && (1..=LAST_DAY).contains(position) => {
            return Some(Told::Days(numbers(&[*position])?));
        }
        _ => return None,
    };
    Some(Told::One(day))
}

/// Whether the instances are at the time of day of the first one, or every hour.
fn is_time_of(rule: &RecurrenceRule, start: NaiveDateTime) -> bool {
    let is_that = |list: &[i16], value: u32| {
        list.is_empty() || matches!(list, [only] if u32::try_from(*only) == Ok(value))
    };
    if rule.frequency < Frequency::Daily {
        return rule.by_hour.is_empty() && rule.by_minute.is_empty() && rule.by_second.is_empty();
    }
    is_that(&rule.by_hour, start.hour())
        && is_that(&rule.by_minute, start.minute())
        && is_that(&rule.by_second, start.second())
}

const fn says_no_day(rule: &RecurrenceRule) -> bool {
    rule.by_month.is_empty()
        && rule.by_month_day.is_empty()
        && rule.by_day.is_empty()
        && rule.by_set_pos.is_empty()
}

/// Weekdays without ordinals, from Monday on.
fn plain_weekdays(days: &[ByDay]) -> Option<Vec<u8>> {
    let plain = |day: &ByDay| (day.ordinal == 0).then_some(day.weekday);
    let mut weekdays = days.iter().map(plain).collect::<Option<Vec<_>>>()?;
    weekdays.sort_unstable();
    Some(weekdays)
}

/// A list of which none is counted from the end.
fn numbers(list: &[i16]) -> Option<Vec<u8>> {
    let number = |number: &i16| u8::try_from(*number).ok();
    list.iter().map(number).collect()
}

fn weekday_of(date: NaiveDate) -> u8 {
    // At most 6.
    u8::try_from(date.weekday().num_days_from_monday()).unwrap_or_default()
}
