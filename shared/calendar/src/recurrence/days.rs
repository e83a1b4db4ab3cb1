//! Which days match the parts of a rule that speak of days, as a bit mask of each month.

use chrono::{Datelike, Days as DayCount, Months, NaiveDate};

use super::Budget;
use super::rule::{Frequency, Rule, Skip};

/// The last year that is looked at: iCalendar writes years with four digits.
pub(super) const MAX_YEAR: i32 = 9999;

/// How many entries of a list cost as much as a step.
const ENTRIES_PER_STEP: usize = 16;

/// What BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY and BYDAY say together.
#[derive(Debug)]
pub(super) struct MatchingDays {
    /// Bit 1 is January; 0 if any month will do.
    months: u16,
    /// Empty if any will do, as the lists below.
    month_days: Vec<i16>,
    /// Bit 0 is Monday, on any week.
    weekdays: u8,
    /// An ordinal and days from Monday.
    nth_weekdays: Vec<(i16, u8)>,
    /// Whether the ordinals count in the year and not in the month.
    nth_of_year: bool,
    year_days: Vec<i16>,
    weeks: Vec<i16>,
    /// In days from Monday.
    week_start: u8,
    skip: Skip,
    /// Steps for a month.
    cost: u32,
    /// The month that was asked for last, by its first day.
    last: Option<(NaiveDate, u32)>,
}

impl MatchingDays {
    /// Those of a rule. Where it says too little, the start says the rest (RFC 5545 section 3.3.10).
    pub(super) fn new(rule: &Rule, start: NaiveDate) -> Self {
        let is_yearly = rule.frequency == Frequency::Yearly;
        let has_ordinals =
            rule.frequency == Frequency::Monthly || is_yearly && rule.by_week_no.is_empty();
        let mut days = Self {
            months: rule
                .by_month
                .iter()
                .fold(0, |mask, month| mask | 1 << month),
            month_days: rule.by_month_day.clone(),
            weekdays: 0,
            nth_weekdays: Vec::new(),
            nth_of_year: is_yearly && rule.by_month.is_empty(),
            year_days: rule.by_year_day.clone(),
            weeks: rule.by_week_no.clone(),
            week_start: rule.week_start,
            skip: rule.skip,
            cost: 1,
            last: None,
        };
        if rule.frequency < Frequency::Monthly {
            // It expands nothing there, so that there is nothing to skip from.
            days.skip = Skip::Omit;
        }
        for day in &rule.by_day {
            if has_ordinals && day.ordinal != 0 {
                days.nth_weekdays.push((day.ordinal, day.weekday));
            } else {
                days.weekdays |= 1 << day.weekday;
            }
        }
        let says_no_day =
            rule.by_day.is_empty() && rule.by_month_day.is_empty() && rule.by_year_day.is_empty();
        if says_no_day {
            days.take_from_start(rule, start);
        }
        let entries = days.nth_weekdays.len() + days.year_days.len() + 8 * days.weeks.len();
        days.cost += u32::try_from(entries / ENTRIES_PER_STEP).unwrap_or(u32::MAX);
        days
    }

    fn take_from_start(&mut self, rule: &Rule, start: NaiveDate) {
        let day = i16::try_from(start.day()).unwrap_or_default();
        match rule.frequency {
            Frequency::Yearly if self.weeks.is_empty() => {
                self.month_days = vec![day];
                if self.months == 0 {
                    self.months = 1 << start.month();
                }
            }
            Frequency::Monthly => self.month_days = vec![day],
            Frequency::Yearly | Frequency::Weekly => {
                self.weekdays = 1 << start.weekday().num_days_from_monday();
            }
            _ => {}
        }
    }

    /// The matching days of the month that begins with `first`: bit 0 is the 1st. With SKIP=FORWARD the bit after the last
    /// day may be set, too. `None` if the budget is spent.
    pub(super) fn of_month(&mut self, first: NaiveDate, budget: &mut Budget) -> Option<u32> {
        if self.months != 0 && self.months >> first.month() & 1 == 0 {
            return Some(0);
        }
        if let Some((_, mask)) = self.last.filter(|(month, _)| *month == first) {
            return Some(mask);
        }
        budget.spend(self.cost)?;
        let mask = self.compute(first);
        self.last = Some((first, mask));
        Some(mask)
    }

    /// Whether a day matches. `None` if the budget is spent.
    pub(super) fn contains(&mut self, date: NaiveDate, budget: &mut Budget) -> Option<bool> {
        let mask = self.of_month(date.with_day(1)?, budget)?;
        Some(mask >> date.day0() & 1 == 1)
    }

    /// The first matching day from `date` on. `None` if there is none until [`MAX_YEAR`], or if the budget is spent.
    pub(super) fn next(&mut self, date: NaiveDate, budget: &mut Budget) -> Option<NaiveDate> {
        let mut first = date.with_day(1)?;
        let mut passed = date.day0();
        while first.year() <= MAX_YEAR {
            let rest = self.of_month(first, budget)? >> passed;
            if rest != 0 {
                let day = passed + rest.trailing_zeros();
                return first.checked_add_days(DayCount::new(u64::from(day)));
            }
            first = first.checked_add_months(Months::new(1))?;
            passed = 0;
        }
        None
    }

    fn compute(&self, first: NaiveDate) -> u32 {
        let length = u32::from(first.num_days_in_month());
        let mut days = match self.skip {
            Skip::Forward => u32::MAX >> (31 - length),
            Skip::Omit | Skip::Backward => u32::MAX >> (32 - length),
        };
        days &= if self.month_days.is_empty() {
            u32::MAX >> (32 - length)
        } else {
            self.by_month_day(length)
        };
        if self.weekdays != 0 || !self.nth_weekdays.is_empty() {
            days &= self.by_weekday(first) | self.by_nth_weekday(first, length);
        }
        if !self.year_days.is_empty() {
            days &= self.by_year_day(first);
        }
        if !self.weeks.is_empty() {
            days &= self.by_week(first, length);
        }
        days
    }

    fn by_month_day(&self, length: u32) -> u32 {
        let length = i64::from(length);
        bits(
            self.month_days
                .iter()
                .filter_map(|day| match i64::from(*day) {
                    day if day > length => match self.skip {
                        Skip::Omit => None,
                        Skip::Backward => Some(length - 1),
                        Skip::Forward => Some(length),
                    },
                    day => from_either_end(day, length),
                }),
        )
    }

    /// Every Monday and the like.
    fn by_weekday(&self, first: NaiveDate) -> u32 {
        /// Each seventh bit.
        const WEEKS: u64 = 0x0008_1020_4081;
        let from_monday = u64::from(self.weekdays) * WEEKS;
        (from_monday >> first.weekday().num_days_from_monday()) as u32
    }

    /// The first Monday and the like, of the month or of the year.
    fn by_nth_weekday(&self, first: NaiveDate, length: u32) -> u32 {
        let (first_weekday, days, before) = if self.nth_of_year {
            let before = i64::from(first.ordinal0());
            let new_year = i64::from(first.weekday().num_days_from_monday()) - before;
            (new_year.rem_euclid(7), days_of_year(first.year()), before)
        } else {
            (
                i64::from(first.weekday().num_days_from_monday()),
                i64::from(length),
                0,
            )
        };
        bits(self.nth_weekdays.iter().filter_map(|(ordinal, weekday)| {
            // The first of these weekdays, and how many there are.
            let offset = (i64::from(*weekday) - first_weekday).rem_euclid(7);
            let count = (days - offset + 6) / 7;
            let nth = from_either_end(i64::from(*ordinal), count)?;
            Some(offset + 7 * nth - before)
        }))
    }

    fn by_year_day(&self, first: NaiveDate) -> u32 {
        let before = i64::from(first.ordinal0());
        let days = days_of_year(first.year());
        let places = self
            .year_days
            .iter()
            .filter_map(|day| from_either_end(i64::from(*day), days));
        bits(places.map(|day| day - before))
    }

    /// A week belongs to the year in which it has four days or more.
    fn by_week(&self, first: NaiveDate, length: u32) -> u32 {
        let week_start = i64::from(self.week_start);
        bits((0..i64::from(length)).filter(|day| {
            let weekday = i64::from(first.weekday().num_days_from_monday()) + day;
            let since_week_start = (weekday - week_start).rem_euclid(7);
            // The fourth day of the week, counted from the first of January.
            let mut fourth = i64::from(first.ordinal0()) + day - since_week_start + 3;
            let mut year = first.year();
            if fourth < 0 {
                year -= 1;
                fourth += days_of_year(year);
            } else if fourth >= days_of_year(year) {
                fourth -= days_of_year(year);
                year += 1;
            }
            let week = fourth / 7;
            let weeks = week + (days_of_year(year) - 1 - fourth) / 7 + 1;
            self.weeks
                .iter()
                .any(|wanted| from_either_end(i64::from(*wanted), weeks) == Some(week))
        }))
    }
}

/// The place, from 0 on, of what is counted from 1 on or, negative, from the end.
fn from_either_end(number: i64, count: i64) -> Option<i64> {
    let place = if number > 0 {
        number - 1
    } else {
        count + number
    };
    (0..count).contains(&place).then_some(place)
}

/// Those of the places that a mask has.
fn bits(places: impl Iterator<Item = i64>) -> u32 {
    places
        .filter(|place| (0..32).contains(place))
        .fold(0, |mask, place| mask | 1 << place)
}

fn days_of_year(year: i32) -> i64 {
    if NaiveDate::from_ymd_opt(year, 2, 29).is_some() {
        366
    } else {
        365
    }
}
