//! Times of the day, on a clock of 24 hours, and how long something takes.

use std::sync::LazyLock;

use chrono::{Duration, NaiveTime, Timelike};
use icu_datetime::{
    DateTimeFormatterPreferences, NoCalendarFormatter, fieldsets,
    options::{Alignment, TimePrecision},
};
use icu_locale_core::preferences::extensions::unicode::keywords::HourCycle;
use icu_time::Time;

use crate::{Argument, Language, per_language::PerLanguage};

static TIMES: LazyLock<PerLanguage<NoCalendarFormatter<fieldsets::T>>> = LazyLock::new(|| {
    PerLanguage::new(|language| {
        let mut preferences = DateTimeFormatterPreferences::from(language.locale());
        preferences.hour_cycle = Some(HourCycle::H23);
        let fields = fieldsets::T::short()
            .with_time_precision(TimePrecision::Minute)
            .with_alignment(Alignment::Column);
        NoCalendarFormatter::try_new(preferences, fields)
            .expect("the compiled data has every language")
    })
});

const MINUTES_OF_AN_HOUR: i64 = 60;
const MINUTES_OF_A_DAY: i64 = 24 * MINUTES_OF_AN_HOUR;

/// The hour and minute of a time; their ranges are the same in both crates.
fn clock(time: NaiveTime) -> Option<Time> {
    let hour = u8::try_from(time.hour()).ok()?;
    let minute = u8::try_from(time.minute()).ok()?;
    Time::try_new(hour, minute, 0, 0).ok()
}

impl Language {
    /// A time of the day to the minute: `09:00`.
    #[must_use]
    pub fn time(self, time: NaiveTime) -> String {
        match clock(time) {
            Some(time) => TIMES.get(self).format(&time).to_string(),
            None => time.to_string(),
        }
    }

    /// From one time of a day to another: `09:00 – 10:00`.
    #[must_use]
    pub fn time_range(self, from: NaiveTime, to: NaiveTime) -> String {
        self.range(&self.time(from), &self.time(to))
    }

    /// From one thing to another: `… – …`.
    #[must_use]
    pub fn range(self, from: &str, to: &str) -> String {
        self.say("time-range", &[("from", from.into()), ("to", to.into())])
    }

    /// How long something takes, in days of 24 hours, hours and whole minutes: `1 h 30 min`, `3 days`. Whatever takes less
    /// takes `0 min`; of a negative duration the size is told.
    #[must_use]
    pub fn duration(self, duration: Duration) -> String {
        let minutes = duration.num_minutes().saturating_abs();
        let parts = [
            ("time-days", "days", minutes / MINUTES_OF_A_DAY),
            (
                "time-hours",
                "hours",
                minutes % MINUTES_OF_A_DAY / MINUTES_OF_AN_HOUR,
            ),
            ("time-minutes", "minutes", minutes % MINUTES_OF_AN_HOUR),
        ];
        let say =
            |(id, name, count): (&str, &str, i64)| self.say(id, &[(name, Argument::Number(count))]);
        parts
            .into_iter()
            .filter(|(_, _, count)| *count != 0)
            .map(say)
            .reduce(|larger, smaller| {
                let two = [("larger", (&larger).into()), ("smaller", (&smaller).into())];
                self.say("time-and", &two)
            })
            .unwrap_or_else(|| say(("time-minutes", "minutes", 0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u32, minute: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(hour, minute, 59).unwrap()
    }

    #[test]
    fn times_have_24_hours() {
        for (time, expected) in [
            (at(0, 0), "00:00"),
            (at(9, 5), "09:05"),
            (at(23, 59), "23:59"),
        ] {
            assert_eq!(
                Language::ALL.map(|language| language.time(time)),
                [expected; 4]
            );
        }
        let told = Language::ALL.map(|language| language.time_range(at(9, 0), at(10, 30)));
        assert_eq!(told, ["09:00 – 10:30"; 4]);
    }

    #[test]
    fn durations_are_told_in_the_forms_of_the_language() {
        for (minutes, expected) in [
            (0, ["0 min", "0 Min.", "0 мин", "0 دقيقة"]),
            (1, ["1 min", "1 Min.", "1 мин", "دقيقة واحدة"]),
            (45, ["45 min", "45 Min.", "45 мин", "45 دقيقة"]),
            (60, ["1 h", "1 Std.", "1 ч", "ساعة واحدة"]),
            (
                90,
                [
                    "1 h 30 min",
                    "1 Std. 30 Min.",
                    "1 ч 30 мин",
                    "ساعة واحدة و30 دقيقة",
                ],
            ),
            (
                125,
                ["2 h 5 min", "2 Std. 5 Min.", "2 ч 5 мин", "ساعتان و5 دقائق"],
            ),
            (-180, ["3 h", "3 Std.", "3 ч", "3 ساعات"]),
            (1_440, ["1 day", "1 Tag", "1 день", "يوم واحد"]),
            (2 * 1_440, ["2 days", "2 Tage", "2 дня", "يومان"]),
            (5 * 1_440, ["5 days", "5 Tage", "5 дней", "5 أيام"]),
            (11 * 1_440, ["11 days", "11 Tage", "11 дней", "11 يومًا"]),
            (
                21 * 1_440 + 62,
                [
                    "21 days 1 h 2 min",
                    "21 Tage 1 Std. 2 Min.",
                    "21 день 1 ч 2 мин",
                    "21 يومًا وساعة واحدة ودقيقتان",
                ],
            ),
            (100 * 1_440, ["100 days", "100 Tage", "100 дней", "100 يوم"]),
        ] {
            let told = Language::ALL.map(|language| language.duration(Duration::minutes(minutes)));
            assert_eq!(told, expected);
        }
        assert_eq!(Language::English.duration(Duration::seconds(59)), "0 min");
        assert!(!Language::English.duration(Duration::MIN).is_empty());
    }
}
