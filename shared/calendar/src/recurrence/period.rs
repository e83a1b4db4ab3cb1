//! The instances in one period of a rule.

use chrono::{NaiveDate, NaiveDateTime};

use super::Budget;
use super::times::Times;

/// How many entries of BYSETPOS cost as much as a step.
const POSITIONS_PER_STEP: usize = 16;

/// The instances in one period: each date at each time, or those of them that BYSETPOS names.
#[derive(Debug)]
pub(super) struct Period {
    pub(super) dates: Vec<NaiveDate>,
    pub(super) times: Times,
    positions: Option<Vec<usize>>,
}

impl Period {
    /// One without an instance.
    pub(super) const fn empty(times: Times) -> Self {
        Self {
            dates: Vec::new(),
            times,
            positions: None,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.positions.as_ref().map_or_else(|| self.all(), Vec::len)
    }

    fn all(&self) -> usize {
        self.dates.len() * self.times.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<NaiveDateTime> {
        let place = match &self.positions {
            Some(positions) => *positions.get(index)?,
            None => index,
        };
        self.at(place)
    }

    fn at(&self, place: usize) -> Option<NaiveDateTime> {
        let times = self.times.len();
        let date = self.dates.get(place.checked_div(times)?)?;
        Some(date.and_time(self.times.nth(place % times)))
    }

    /// How many of its instances are before a time.
    pub(super) fn rank(&self, time: NaiveDateTime) -> usize {
        let days = self.dates.partition_point(|date| *date < time.date());
        let mut rank = days * self.times.len();
        if self.dates.get(days) == Some(&time.date()) {
            rank += self.times.rank(time.time());
        }
        match &self.positions {
            Some(positions) => positions.partition_point(|place| *place < rank),
            None => rank,
        }
    }

    /// Keeps the instances at these positions, counted from either end. `None` if the budget is spent.
    pub(super) fn choose(&mut self, positions: &[i16], budget: &mut Budget) -> Option<()> {
        self.positions = None;
        if positions.is_empty() {
            return Some(());
        }
        budget.spend(u32::try_from(positions.len() / POSITIONS_PER_STEP).unwrap_or(u32::MAX))?;
        let all = self.all();
        let place = |position: &i16| {
            let distance = usize::from(position.unsigned_abs());
            let place = if *position > 0 {
                Some(distance - 1)
            } else {
                all.checked_sub(distance)
            };
            place.filter(|place| *place < all)
        };
        let mut places: Vec<usize> = positions.iter().filter_map(place).collect();
        places.sort_unstable();
        places.dedup();
        self.positions = Some(places);
        Some(())
    }
}
