//! Dates, by the patterns and names of CLDR, in the Gregorian calendar.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate, Weekday};
use icu_calendar::{Date, Gregorian};
use icu_datetime::{FixedCalendarDateTimeFormatter, fieldsets, options::Length};

use crate::{Language, per_language::PerLanguage};

type Formatter<Fields> = FixedCalendarDateTimeFormatter<Gregorian, Fields>;

macro_rules! formatter {
    ($name:ident, $fields:ty, $with_length:expr) => {
        static $name: LazyLock<PerLanguage<Formatter<$fields>>> = LazyLock::new(|| {
            PerLanguage::new(|language| {
                let with_length: fn(Language) -> $fields = $with_length;
                Formatter::try_new(language.locale().into(), with_length(language))
                    .expect("the compiled data has every language")
            })
        });
    };
}

formatter!(DATES, fieldsets::YMDE, |language| {
    fieldsets::YMDE::for_length(short(language))
});
formatter!(PLAIN_DATES, fieldsets::YMD, |language| {
    fieldsets::YMD::for_length(short(language))
});
formatter!(DAYS_AND_MONTHS, fieldsets::MD, |_| fieldsets::MD::long());
#[cfg(test)]
formatter!(MONTHS, fieldsets::M, |_| fieldsets::M::long());
formatter!(WEEKDAYS, fieldsets::E, |_| fieldsets::E::long());

/// Arabic shortens no names, and its dates in digits turn around beside other text.
const fn short(language: Language) -> Length {
    match language {
        Language::English | Language::German | Language::Russian => Length::Medium,
        Language::Arabic => Length::Long,
    }
}

/// Any Monday.
const A_MONDAY: NaiveDate = NaiveDate::from_ymd_opt(2024, 1, 1).expect("a date");

/// `None` beyond the years that ICU4X counts, -9999 to 9999.
fn gregorian(date: NaiveDate) -> Option<Date<Gregorian>> {
    let month = u8::try_from(date.month()).ok()?;
    let day = u8::try_from(date.day()).ok()?;
    Date::try_new_gregorian(date.year(), month, day).ok()
}

/// What a formatter makes of a date; ISO 8601 for one that no calendar app can mean.
macro_rules! formatted {
    ($formatter:ident, $language:expr, $date:expr) => {{
        let date: NaiveDate = $date;
        match gregorian(date) {
            Some(date) => $formatter.get($language).format(&date).to_string(),
            None => date.to_string(),
        }
    }};
}

impl Language {
    /// A date with its weekday, both short: `Fri, 15 Jan 2027`.
    #[must_use]
    pub fn date(self, date: NaiveDate) -> String {
        formatted!(DATES, self, date)
    }

    /// A date without its weekday, short: `15 Jan 2027`.
    #[must_use]
    pub fn plain_date(self, date: NaiveDate) -> String {
        formatted!(PLAIN_DATES, self, date)
    }

    /// The day of a year that is known: `15 January`.
    #[must_use]
    pub fn day_and_month(self, date: NaiveDate) -> String {
        formatted!(DAYS_AND_MONTHS, self, date)
    }

    /// The name of the month of a date, as it stands alone: `January`.
    #[cfg(test)]
    pub(crate) fn month_name(self, date: NaiveDate) -> String {
        formatted!(MONTHS, self, date)
    }

    /// The name of a weekday, as it stands alone: `Friday`.
    #[must_use]
    pub fn weekday(self, weekday: Weekday) -> String {
        let days = u64::from(weekday.num_days_from_monday());
        formatted!(WEEKDAYS, self, A_MONDAY + chrono::Days::new(days))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(tell: impl Fn(Language) -> String) -> [String; 4] {
        Language::ALL.map(tell)
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn dates_are_told_with_their_weekday() {
        for (day, expected) in [
            (
                "2027-01-15",
                [
                    "Fri, 15 Jan 2027",
                    "Fr., 15.01.2027",
                    "пт, 15 янв. 2027\u{202f}г.",
                    "الجمعة، 15 يناير 2027",
                ],
            ),
            (
                "2027-05-02",
                [
                    "Sun, 2 May 2027",
                    "So., 02.05.2027",
                    "вс, 2 мая 2027\u{202f}г.",
                    "الأحد، 2 مايو 2027",
                ],
            ),
            (
                "2028-02-29",
                [
                    "Tue, 29 Feb 2028",
                    "Di., 29.02.2028",
                    "вт, 29 февр. 2028\u{202f}г.",
                    "الثلاثاء، 29 فبراير 2028",
                ],
            ),
        ] {
            assert_eq!(told(|language| language.date(date(day))), expected);
        }
    }

    #[test]
    fn parts_of_dates_are_told() {
        let day = date("2027-09-01");
        assert_eq!(
            told(|language| language.plain_date(day)),
            [
                "1 Sept 2027",
                "01.09.2027",
                "1 сент. 2027\u{202f}г.",
                "1 سبتمبر 2027"
            ]
        );
        assert_eq!(
            told(|language| language.day_and_month(day)),
            ["1 September", "1. September", "1 сентября", "1 سبتمبر"]
        );
        assert_eq!(
            told(|language| language.month_name(day)),
            ["September", "September", "сентябрь", "سبتمبر"]
        );
        assert_eq!(
            told(|language| language.weekday(Weekday::Wed)),
            ["Wednesday", "Mittwoch", "среда", "الأربعاء"]
        );
        assert_eq!(
            told(|language| language.weekday(Weekday::Sun)),
            ["Sunday", "Sonntag", "воскресенье", "الأحد"]
        );
    }

    #[test]
    fn a_date_that_no_calendar_means_is_told_all_the_same() {
        for day in [
            NaiveDate::MIN,
            NaiveDate::MAX,
            date("0000-01-01"),
            date("-0044-03-15"),
        ] {
            for language in Language::ALL {
                assert!(!language.date(day).is_empty());
            }
        }
    }
}
