//! When a device was used last, in words.

use chrono::{DateTime, Datelike as _, Utc};
use chrono_tz::Tz;
use televent_language::Language;

/// From so many days on a date says more than their number.
const DAYS_IN_WORDS: i64 = 7;

/// Such as `used 2 hours ago`. Not told more exactly than in hours: the last use is noted once an hour.
pub(super) fn last_use(
    at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    zone: Option<Tz>,
    language: Language,
) -> String {
    let Some(at) = at else {
        return language.text("device-never-used");
    };
    let ago = now - at;
    match (ago.num_days(), ago.num_hours()) {
        (..=0, ..=1) => language.text("device-used-lately"),
        (..=0, hours) => language.say("device-used-hours", &[("count", hours.into())]),
        (days @ ..DAYS_IN_WORDS, _) => language.say("device-used-days", &[("count", days.into())]),
        _ => language.say(
            "device-used-on",
            &[("date", (&date(at, zone, language)).into())],
        ),
    }
}

/// The day of a moment, in the reader's zone where it is known.
pub(super) fn date(at: DateTime<Utc>, zone: Option<Tz>, language: Language) -> String {
    let day = at.with_timezone(&zone.unwrap_or(Tz::UTC)).date_naive();
    language.say(
        "device-date",
        &[
            ("day", (&format!("{:02}", day.day())).into()),
            ("month", (&format!("{:02}", day.month())).into()),
            ("year", (&day.year().to_string()).into()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;

    #[test]
    fn last_use_is_told_in_hours_then_in_days_then_by_its_date() {
        let now: DateTime<Utc> = "2026-04-03T23:30:00Z".parse().unwrap();
        let told = |hours: i64, language| {
            let at = Some(now - Duration::hours(hours));
            last_use(at, now, Some(Tz::Europe__Berlin), language)
        };
        assert_eq!(last_use(None, now, None, Language::English), "never used");
        for (hours, language, expected) in [
            (-1, Language::English, "used in the last two hours"),
            (1, Language::English, "used in the last two hours"),
            (2, Language::English, "used 2 hours ago"),
            (24, Language::English, "used 1 day ago"),
            (6 * 24, Language::English, "used 6 days ago"),
            (7 * 24, Language::English, "last used on 2026-03-28"),
            (24, Language::German, "vor 1 Tag benutzt"),
            (7 * 24, Language::German, "zuletzt benutzt am 28.03.2026"),
            (2, Language::Russian, "использовалось 2 часа назад"),
            (21, Language::Russian, "использовалось 21 час назад"),
            (5 * 24, Language::Russian, "использовалось 5 дней назад"),
            (2, Language::Arabic, "استُخدم قبل ساعتين"),
            (48, Language::Arabic, "استُخدم قبل يومين"),
        ] {
            assert_eq!(told(hours, language), expected, "{hours} {language:?}");
        }
    }
}
