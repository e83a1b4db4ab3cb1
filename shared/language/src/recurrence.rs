//! How something repeats, in words.

use chrono::{DateTime, Days, TimeZone, Utc};
use chrono_tz::Tz;
use televent_calendar::{Repetition, RepetitionEnd};

use crate::{Argument, Language};

mod pattern;
#[cfg(test)]
mod tests;
mod words;

use pattern::Pattern;

/// How many weeks the days of two zones are compared: a year, so that every change of the clocks is among them.
const WEEKS_COMPARED: u64 = 53;

impl Language {
    /// How something repeats, such as `Every Monday until 30 Jun 2027`. `None` if there are no words that say exactly that.
    /// The days are those of the event's zone: where the `reader` may have another day then, the zone is told, too.
    #[must_use]
    pub fn recurrence(self, repetition: &Repetition, reader: Option<Tz>) -> Option<String> {
        let rule = repetition.rule.as_ref()?;
        let pattern = Pattern::of(rule, repetition.start)?;
        let mut words = self.pattern(&pattern);
        match repetition.end {
            RepetitionEnd::Never => {}
            // What happens once does not repeat.
            RepetitionEnd::Count(0 | 1) => return None,
            RepetitionEnd::Count(count) => {
                let count = Argument::Number(i64::try_from(count).ok()?);
                words = self.say(
                    "recurrence-times",
                    &[("rule", (&words).into()), ("count", count)],
                );
            }
            // The last day does not say the last hour.
            RepetitionEnd::Day(_) if matches!(pattern, Pattern::Hours(_)) => return None,
            RepetitionEnd::Day(last) => {
                let last = self.plain_date(last);
                words = self.say(
                    "recurrence-until",
                    &[("rule", (&words).into()), ("date", (&last).into())],
                );
            }
        }
        if repetition.has_exceptions {
            words = self.say("recurrence-exceptions", &[("rule", (&words).into())]);
        }
        let names_days = pattern.names_days() || matches!(repetition.end, RepetitionEnd::Day(_));
        match (repetition.zone, reader) {
            (Some(zone), Some(reader)) if names_days && days_differ(repetition, zone, reader) => {
                Some(self.in_zone(&words, &self.zone(zone)))
            }
            _ => Some(words),
        }
    }

    /// [`recurrence`](Self::recurrence), or only that it repeats.
    #[must_use]
    pub fn repeats(self, repetition: &Repetition, reader: Option<Tz>) -> String {
        self.recurrence(repetition, reader)
            .unwrap_or_else(|| self.text("recurrence-repeats"))
    }
}

/// Whether it may be another day for the reader than in the zone of the event.
fn days_differ(repetition: &Repetition, zone: Tz, reader: Tz) -> bool {
    (0..=WEEKS_COMPARED).any(|weeks| {
        let moment: Option<DateTime<Tz>> = repetition
            .start
            .checked_add_days(Days::new(7 * weeks))
            .and_then(|local| zone.from_local_datetime(&local).earliest());
        moment.is_some_and(|moment| {
            let there = moment.with_timezone(&Utc).with_timezone(&reader);
            there.date_naive() != moment.date_naive()
        })
    })
}
