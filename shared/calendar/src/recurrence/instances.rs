//! The instances of a rule in order, period by period.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use super::Budget;
use super::days::{MAX_YEAR, MatchingDays};
use super::period::Period;
use super::rule::{Frequency, Rule, Skip};
use super::times::Times;

const SECONDS_PER_DAY: i64 = 86_400;

/// The local times that a rule gives.
#[derive(Debug)]
pub(crate) struct Instances {
    frequency: Frequency,
    interval: i64,
    week_start: i64,
    days: MatchingDays,
    times: Times,
    positions: Vec<i16>,
    /// Instances have to be at or after this one, and are counted from it.
    first: NaiveDateTime,
    /// The period in which DTSTART is.
    origin: i64,
    from: NaiveDateTime,
    to: NaiveDateTime,
    /// How many instances COUNT leaves.
    left: Option<u64>,
    /// The period to look at next.
    next_period: i64,
    period: Period,
    /// The instance to give next, as an index in the period.
    index: usize,
}

impl Instances {
    /// The instances after the first, which is `start` itself whether it matches or not, and counts as one of COUNT (RFC
    /// 5545 section 3.8.5.3). Only those from `from` to `to`, both included, are given.
    pub(crate) fn after_start(
        rule: &Rule,
        start: NaiveDateTime,
        from: NaiveDateTime,
        to: NaiveDateTime,
    ) -> Self {
        let mut instances = Self::matching(rule, start, from, to);
        instances.first = start
            .checked_add_signed(TimeDelta::seconds(1))
            .unwrap_or(start);
        instances.left = rule.count.map(|count| count - 1);
        instances
    }

    /// The instances from the start on that match, as EXRULE has them (RFC 2445 section 4.8.5.2).
    pub(crate) fn matching(
        rule: &Rule,
        start: NaiveDateTime,
        from: NaiveDateTime,
        to: NaiveDateTime,
    ) -> Self {
        let times = Times::new(rule, start);
        let mut instances = Self {
            frequency: rule.frequency,
            interval: i64::from(rule.interval),
            week_start: i64::from(rule.week_start),
            days: MatchingDays::new(rule, start.date()),
            times,
            positions: rule.by_set_pos.clone(),
            first: start,
            origin: 0,
            from,
            to,
            left: rule.count,
            next_period: 0,
            period: Period::empty(times),
            index: 0,
        };
        instances.origin = instances.period_of(start);
        instances.next_period = instances.origin;
        if rule.count.is_none() {
            // Nothing has to be counted on the way. SKIP=FORWARD may leave its period by a day.
            let day_before = Days::new(u64::from(rule.skip == Skip::Forward));
            let from = from.checked_sub_days(day_before).unwrap_or(from).max(start);
            instances.next_period = instances.aligned(instances.period_of(from));
        }
        instances
    }

    /// The next one. `None` if there is none, or if the budget is spent.
    pub(crate) fn next(&mut self, budget: &mut Budget) -> Option<NaiveDateTime> {
        budget.spend(1)?;
        while self.index >= self.period.len() {
            self.load_next(budget)?;
        }
        if self.left == Some(0) {
            return None;
        }
        let instance = self
            .period
            .get(self.index)
            .filter(|instance| *instance <= self.to)?;
        self.index += 1;
        self.left = self.left.map(|left| left - 1);
        Some(instance)
    }

    /// The last one, by counting; for rules with COUNT. If `to` is before it, perhaps `to` itself. `None` if there is none.
    /// Not to be relied on if the budget is spent.
    pub(crate) fn last(mut self, budget: &mut Budget) -> Option<NaiveDateTime> {
        let mut last = None;
        while self.left != Some(0) && self.load_next(budget).is_some() {
            let here = self.period.len().saturating_sub(self.index);
            let left = self.left.and_then(|left| usize::try_from(left).ok());
            let taken = here.min(left.unwrap_or(here));
            let index = (self.index + taken).checked_sub(1).filter(|_| taken > 0);
            let instance = index.and_then(|index| self.period.get(index));
            last = instance.map(|instance| instance.min(self.to)).or(last);
            self.left = self.left.map(|left| left.saturating_sub(taken as u64));
        }
        last
    }

    /// Goes to the next period that has dates, and in it to the first instance that is wanted. `None` if there is none, or
    /// if the budget is spent.
    fn load_next(&mut self, budget: &mut Budget) -> Option<()> {
        loop {
            if self.left == Some(0) {
                return None;
            }
            let period = self.next_period;
            let begin = self.begin_of(period).filter(|begin| *begin <= self.to)?;
            budget.spend(1)?;
            let candidate = self.first_candidate(period, begin, budget)?;
            if candidate > period {
                self.next_period = self.aligned(candidate);
                continue;
            }
            self.next_period = period + self.interval;
            self.collect(begin, budget)?;
            if self.period.dates.is_empty() {
                continue;
            }
            self.period.choose(&self.positions, budget)?;
            let before_first = self.period.rank(self.first);
            self.index = before_first.max(self.period.rank(self.from));
            let passed = (self.index - before_first) as u64;
            self.left = self.left.map(|left| left.saturating_sub(passed));
            return Some(());
        }
    }

    /// The first period, from `period` on, that may hold an instance: `period` itself if it may. `None` if none does
    /// before the end of the calendar, or if the budget is spent.
    fn first_candidate(
        &mut self,
        period: i64,
        begin: NaiveDateTime,
        budget: &mut Budget,
    ) -> Option<i64> {
        if self.frequency >= Frequency::Monthly {
            return Some(period);
        }
        let date = begin.date();
        let open = self.days.next(date, budget)?;
        if self.frequency == Frequency::Weekly || open > date {
            return Some(self.period_of(open.and_time(NaiveTime::MIN)).max(period));
        }
        let second = begin.num_seconds_from_midnight();
        let next = if self.frequency == Frequency::Daily {
            Some(second)
        } else {
            self.times.next_period(second, self.seconds())
        };
        let next = match next {
            Some(second) => {
                date.and_time(NaiveTime::from_num_seconds_from_midnight_opt(second, 0)?)
            }
            None => date.succ_opt()?.and_time(NaiveTime::MIN),
        };
        Some(self.period_of(next))
    }

    /// Reads the dates and times of a period. `None` if the budget is spent.
    fn collect(&mut self, begin: NaiveDateTime, budget: &mut Budget) -> Option<()> {
        let before = self.period.dates.last().copied();
        self.period.dates.clear();
        self.period.times = self.times;
        match self.frequency {
            Frequency::Yearly => {
                for month in 1..=12 {
                    self.collect_month(begin.date().with_month(month)?, before, budget)?;
                }
            }
            Frequency::Monthly => self.collect_month(begin.date(), before, budget)?,
            Frequency::Weekly => {
                for date in begin.date().iter_days().take(7) {
                    if self.days.contains(date, budget)? {
                        self.period.dates.push(date);
                    }
                }
            }
            _ => {
                self.period.dates.push(begin.date());
                self.period.times = self
                    .times
                    .within(begin.num_seconds_from_midnight(), self.seconds());
            }
        }
        Some(())
    }

    /// Adds the dates of a month, but for the last date of the period before: with SKIP=FORWARD, the first of a month may
    /// come from two of them.
    fn collect_month(
        &mut self,
        first: NaiveDate,
        before: Option<NaiveDate>,
        budget: &mut Budget,
    ) -> Option<()> {
        let mut mask = self.days.of_month(first, budget)?;
        while mask != 0 {
            let day = Days::new(u64::from(mask.trailing_zeros()));
            let date = first.checked_add_days(day)?;
            if self.period.dates.last().copied().or(before) != Some(date) {
                self.period.dates.push(date);
            }
            mask &= mask - 1;
        }
        Some(())
    }

    /// The number of the period in which a time is. The numbers count on from an arbitrary one.
    fn period_of(&self, time: NaiveDateTime) -> i64 {
        let day = i64::from(time.num_days_from_ce());
        match self.frequency {
            Frequency::Yearly => i64::from(time.year()),
            Frequency::Monthly => i64::from(time.year()) * 12 + i64::from(time.month0()),
            // The first of January of the year 1, day 1, was a Monday.
            Frequency::Weekly => (day - 1 - self.week_start).div_euclid(7),
            _ => {
                let seconds = day * SECONDS_PER_DAY + i64::from(time.num_seconds_from_midnight());
                seconds.div_euclid(self.seconds())
            }
        }
    }

    /// When a period begins. `None` beyond [`MAX_YEAR`].
    fn begin_of(&self, period: i64) -> Option<NaiveDateTime> {
        let day = |day: i64| NaiveDate::from_num_days_from_ce_opt(i32::try_from(day).ok()?);
        let month = |year: i64, month0: i64| {
            NaiveDate::from_ymd_opt(
                i32::try_from(year).ok()?,
                u32::try_from(month0 + 1).ok()?,
                1,
            )
        };
        let begin = match self.frequency {
            Frequency::Yearly => month(period, 0)?.and_time(NaiveTime::MIN),
            Frequency::Monthly => {
                month(period.div_euclid(12), period.rem_euclid(12))?.and_time(NaiveTime::MIN)
            }
            Frequency::Weekly => {
                day(period.checked_mul(7)? + 1 + self.week_start)?.and_time(NaiveTime::MIN)
            }
            _ => {
                let seconds = period.checked_mul(self.seconds())?;
                let second = u32::try_from(seconds.rem_euclid(SECONDS_PER_DAY)).ok()?;
                day(seconds.div_euclid(SECONDS_PER_DAY))?
                    .and_time(NaiveTime::from_num_seconds_from_midnight_opt(second, 0)?)
            }
        };
        (begin.year() <= MAX_YEAR).then_some(begin)
    }

    /// The first period from this one on that INTERVAL does not pass over.
    fn aligned(&self, period: i64) -> i64 {
        let beyond = (period - self.origin).rem_euclid(self.interval);
        if beyond == 0 {
            period
        } else {
            period + self.interval - beyond
        }
    }

    /// The seconds of a period of a day or less.
    fn seconds(&self) -> i64 {
        match self.frequency {
            Frequency::Secondly => 1,
            Frequency::Minutely => 60,
            Frequency::Hourly => 3_600,
            _ => SECONDS_PER_DAY,
        }
    }
}
