//! A set of times of a day as a product: some hours, at each some minutes, at each some seconds. It is counted and
//! indexed without being listed, for BYHOUR, BYMINUTE and BYSECOND can name all 86,400 seconds.

use chrono::{NaiveDateTime, NaiveTime, Timelike};

use super::rule::{Frequency, Rule};

const ALL_HOURS: u64 = (1 << 24) - 1;
const ALL_MINUTES: u64 = (1 << 60) - 1;

/// The times, as bit masks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    hours: u64,
    minutes: u64,
    seconds: u64,
}

impl Times {
    /// Those of a rule. What it does not say is that of the start, or anything if FREQ goes through it.
    pub(super) fn new(rule: &Rule, start: NaiveDateTime) -> Self {
        let part = |listed: &[i16], finest: Frequency, all: u64, of_start: u32| match mask(listed) {
            0 if rule.frequency <= finest => all,
            0 => 1 << of_start,
            mask => mask & all,
        };
        // A leap second is the second before it, as everywhere here.
        let seconds: Vec<i16> = rule
            .by_second
            .iter()
            .map(|second| *second.min(&59))
            .collect();
        Self {
            hours: part(&rule.by_hour, Frequency::Hourly, ALL_HOURS, start.hour()),
            minutes: part(
                &rule.by_minute,
                Frequency::Minutely,
                ALL_MINUTES,
                start.minute(),
            ),
            seconds: part(&seconds, Frequency::Secondly, ALL_MINUTES, start.second()),
        }
    }

    /// Those within one hour, minute or second, which begins at this second of the day and has so many seconds. All, if
    /// it is a day.
    pub(super) fn within(self, begin: u32, seconds: i64) -> Self {
        let (hour, minute, second) = (begin / 3_600, begin / 60 % 60, begin % 60);
        let keep =
            |mask: u64, is_kept: bool, bit: u32| if is_kept { mask & (1 << bit) } else { mask };
        Self {
            hours: keep(self.hours, seconds <= 3_600, hour),
            minutes: keep(self.minutes, seconds <= 60, minute),
            seconds: keep(self.seconds, seconds <= 1, second),
        }
    }

    /// The first second of the day, from `from` on, at which a period of this many seconds that has any of them may
    /// begin. It is `from` if the period there has; otherwise it may have to be asked again. `None` if there is none on
    /// this day.
    pub(super) fn next_period(self, from: u32, seconds: i64) -> Option<u32> {
        let (hour, minute, second) = (from / 3_600, from / 60 % 60, from % 60);
        let next_hour = next_bit(self.hours, hour)?;
        if next_hour > hour {
            return Some(next_hour * 3_600);
        }
        if seconds <= 60 {
            match next_bit(self.minutes, minute) {
                None => return Some((hour + 1) * 3_600).filter(|next| *next < 86_400),
                Some(next) if next > minute => return Some(hour * 3_600 + next * 60),
                Some(_) => {}
            }
        }
        if seconds <= 1 {
            match next_bit(self.seconds, second) {
                None => return Some((from / 60 + 1) * 60).filter(|next| *next < 86_400),
                Some(next) if next > second => return Some(from - second + next),
                Some(_) => {}
            }
        }
        Some(from)
    }

    /// How many there are.
    pub(super) fn len(self) -> usize {
        count(self.hours) * self.per_hour()
    }

    /// The one at an index; midnight if there is none.
    pub(super) fn nth(self, index: usize) -> NaiveTime {
        let per_minute = count(self.seconds).max(1);
        let per_hour = self.per_hour().max(1);
        let hour = nth_bit(self.hours, index / per_hour);
        let minute = nth_bit(self.minutes, index % per_hour / per_minute);
        let second = nth_bit(self.seconds, index % per_minute);
        NaiveTime::from_hms_opt(hour, minute, second).unwrap_or_default()
    }

    /// How many are before a time.
    pub(super) fn rank(self, time: NaiveTime) -> usize {
        let mut rank = count_below(self.hours, time.hour()) * self.per_hour();
        if has_bit(self.hours, time.hour()) {
            rank += count_below(self.minutes, time.minute()) * count(self.seconds);
            if has_bit(self.minutes, time.minute()) {
                rank += count_below(self.seconds, time.second());
            }
        }
        rank
    }

    fn per_hour(self) -> usize {
        count(self.minutes) * count(self.seconds)
    }
}

fn mask(numbers: &[i16]) -> u64 {
    numbers.iter().fold(0, |mask, number| mask | (1 << number))
}

const fn count(mask: u64) -> usize {
    mask.count_ones() as usize
}

const fn has_bit(mask: u64, bit: u32) -> bool {
    mask >> bit & 1 == 1
}

const fn count_below(mask: u64, bit: u32) -> usize {
    count(mask & ((1 << bit) - 1))
}

/// The first bit that is set, from `from` on.
fn next_bit(mask: u64, from: u32) -> Option<u32> {
    let rest = mask >> from;
    (rest != 0).then(|| from + rest.trailing_zeros())
}

/// The place of the bit that is set after `index` others; 64 if there are not so many.
fn nth_bit(mask: u64, index: usize) -> u32 {
    let mut rest = mask;
    for _ in 0..index {
        rest &= rest.wrapping_sub(1);
    }
    rest.trailing_zeros()
}
