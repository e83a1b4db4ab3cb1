//! Recurrence rules (RFC 5545 section 3.3.10 with SKIP of RFC 7529) as a sequence of local times, in bounded work.
//!
//! A rule knows no zone: it counts on the calendar and on the clock (RFC 5545 section 3.8.5.3), and whoever asks makes
//! instants of the local times. Each FREQ divides time into periods, and the instances in a period are a product
//! ([`period`]): some dates, each at some hours, minutes and seconds ([`times`]). Which dates match is a bit mask of each
//! month ([`days`]). So a period is counted without walking through it, periods far before what is asked are jumped over,
//! and whole days and months without an instance are, too ([`instances`]).

mod days;
mod instances;
mod period;
mod rule;
mod times;

pub(crate) use instances::Instances;
pub use rule::{ByDay, Frequency, Rule, Skip};

/// The most steps for one question about one object: a period looked at, an instance found, a month's dates computed. To
/// count through a century of days takes 38,000; all of them take less than twenty milliseconds.
pub(crate) const MAX_STEPS: u32 = 65_536;

/// The work that is left. Whoever spends the last of it has not seen everything.
#[derive(Debug)]
pub(crate) struct Budget {
    steps: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: MAX_STEPS }
    }
}

impl Budget {
    /// Takes some steps; `None` if there are not so many, and then none is left.
    pub(crate) fn spend(&mut self, steps: u32) -> Option<()> {
        let left = self.steps.checked_sub(steps);
        self.steps = left.unwrap_or(0);
        left.map(|_| ())
    }

    /// The steps that are left.
    #[cfg(test)]
    pub(crate) fn left(&self) -> u32 {
        self.steps
    }

    /// Whether it was not enough.
    pub(crate) fn is_spent(&self) -> bool {
        self.steps == 0
    }
}

#[cfg(test)]
mod tests;
