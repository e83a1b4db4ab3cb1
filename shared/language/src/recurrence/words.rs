//! The words of a way to repeat.

use chrono::NaiveDate;

use super::pattern::{DayOfMonth, Nth, Pattern};
use crate::{Argument, Language};

impl Nth {
    /// Its name in the messages.
    const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Third => "third",
            Self::Fourth => "fourth",
            Self::Fifth => "fifth",
            Self::Last => "last",
        }
    }
}

impl Language {
    pub(super) fn pattern(self, pattern: &Pattern) -> String {
        match pattern {
            Pattern::Hours(interval) => {
                self.every(*interval, "recurrence-every-hour", "recurrence-every-hours")
            }
            Pattern::Days(interval) => {
                self.every(*interval, "recurrence-every-day", "recurrence-every-days")
            }
            Pattern::Workdays => self.text("recurrence-every-workday"),
            Pattern::Weekdays { interval, weekdays } => self.weekdays(*interval, weekdays),
            Pattern::MonthDays { interval, days } => self.month_days(*interval, days),
            Pattern::Months { interval: 1, day } => {
                let (every, day) = (self.months(1), self.day_of_month(*day));
                let arguments = [("every", (&every).into()), ("day", (&day).into())];
                self.say("recurrence-every-month-on", &arguments)
            }
            Pattern::Months { interval, day } => {
                let (every, day) = (self.months(*interval), self.day_of_month(*day));
                let arguments = [("every", (&every).into()), ("day", (&day).into())];
                self.say("recurrence-every-months-on", &arguments)
            }
            Pattern::Dates { interval, dates } => self.dates(*interval, dates),
            Pattern::Years {
                interval,
                month,
                day,
            } => {
                let (every, day) = (self.years(*interval), self.day_of_month(*day));
                let month = [("month", number(*month))];
                let month = self.say("recurrence-of-month", &month);
                self.say(
                    "recurrence-every-years-on",
                    &[
                        ("every", (&every).into()),
                        ("day", (&day).into()),
                        ("month", (&month).into()),
                    ],
                )
            }
        }
    }

    fn weekdays(self, interval: u32, weekdays: &[u8]) -> String {
        let every = self.every(interval, "recurrence-every-week", "recurrence-every-weeks");
        if let [weekday] = weekdays {
            let weekday = weekday_number(*weekday);
            if interval == 1 {
                return self.say("recurrence-every-weekday", &[("weekday", weekday)]);
            }
            let weekday = self.say("recurrence-weekday", &[("weekday", weekday)]);
            let arguments = [("every", (&every).into()), ("weekday", (&weekday).into())];
            return self.say("recurrence-every-weeks-on-one", &arguments);
        }
        let name = |weekday: &u8| {
            let weekday = weekday_number(*weekday);
            self.say("recurrence-weekday", &[("weekday", weekday)])
        };
        let list = self.list(&weekdays.iter().map(name).collect::<Vec<_>>());
        match (interval, weekdays.len()) {
            (1, 2) => self.say(
                "recurrence-every-two-weekdays",
                &[("weekdays", (&list).into())],
            ),
            (1, _) => self.say(
                "recurrence-every-several-weekdays",
                &[("weekdays", (&list).into())],
            ),
            (_, 2) => self.with_list("recurrence-every-weeks-on-two", &every, "weekdays", &list),
            _ => self.with_list(
                "recurrence-every-weeks-on-several",
                &every,
                "weekdays",
                &list,
            ),
        }
    }

    fn month_days(self, interval: u32, days: &[u8]) -> String {
        let name = |day: &u8| self.say("recurrence-day-of-month", &[("day", number(*day))]);
        let list = self.list(&days.iter().map(name).collect::<Vec<_>>());
        let id = match days.len() {
            1 => "recurrence-every-months-on-one-day",
            2 => "recurrence-every-months-on-two-days",
            _ => "recurrence-every-months-on-several-days",
        };
        self.with_list(id, &self.months(interval), "days", &list)
    }

    fn dates(self, interval: u32, dates: &[NaiveDate]) -> String {
        let name = |date: &NaiveDate| self.day_and_month(*date);
        let list = self.list(&dates.iter().map(name).collect::<Vec<_>>());
        let every = self.years(interval);
        self.with_list("recurrence-every-years-on-dates", &every, "dates", &list)
    }

    fn with_list(self, id: &str, every: &str, name: &str, list: &str) -> String {
        self.say(id, &[("every", every.into()), (name, list.into())])
    }

    fn day_of_month(self, day: DayOfMonth) -> String {
        match day {
            DayOfMonth::Last => self.text("recurrence-on-last-day"),
            DayOfMonth::Workday(nth) => {
                self.say("recurrence-on-nth-workday", &[("nth", nth.name().into())])
            }
            DayOfMonth::Weekday(nth, weekday) => self.say(
                "recurrence-on-nth-weekday",
                &[
                    ("nth", nth.name().into()),
                    ("weekday", weekday_number(weekday)),
                ],
            ),
        }
    }

    fn months(self, interval: u32) -> String {
        self.every(
            interval,
            "recurrence-every-month",
            "recurrence-every-months",
        )
    }

    fn years(self, interval: u32) -> String {
        self.every(interval, "recurrence-every-year", "recurrence-every-years")
    }

    fn every(self, interval: u32, one: &str, more: &str) -> String {
        if interval == 1 {
            return self.text(one);
        }
        self.say(more, &[("count", Argument::Number(i64::from(interval)))])
    }
}

fn number(number: u8) -> Argument<'static> {
    Argument::Number(i64::from(number))
}

/// ISO 8601 begins with 1 for Monday.
fn weekday_number(days_from_monday: u8) -> Argument<'static> {
    number(days_from_monday + 1)
}
