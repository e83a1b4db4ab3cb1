//! Time zones, by the name of their city.

use std::sync::LazyLock;

use chrono_tz::Tz;
use icu_datetime::{NoCalendarFormatter, fieldsets::zone::ExemplarCity};
use icu_time::{
    TimeZone,
    zone::iana::{IanaParser, IanaParserBorrowed},
};

use crate::{Language, per_language::PerLanguage};

static CITIES: LazyLock<PerLanguage<NoCalendarFormatter<ExemplarCity>>> = LazyLock::new(|| {
    PerLanguage::new(|language| {
        NoCalendarFormatter::try_new(language.locale().into(), ExemplarCity)
            .expect("the compiled data has every language")
    })
});

static ZONES: LazyLock<IanaParserBorrowed<'static>> = LazyLock::new(IanaParser::new);

/// What is UTC under another name, and has no city.
const UTC_NAMES: [&str; 14] = [
    "UTC",
    "Etc/UTC",
    "Etc/UCT",
    "Etc/Universal",
    "Etc/Zulu",
    "Etc/GMT",
    "Etc/GMT0",
    "Etc/GMT+0",
    "Etc/GMT-0",
    "Etc/Greenwich",
    "UCT",
    "Universal",
    "Zulu",
    "GMT",
];

impl Language {
    /// The city of a zone: `Berlin`. One without a city is told by the last part of its name; `UTC` is UTC.
    #[must_use]
    pub fn zone(self, zone: Tz) -> String {
        let name = zone.name();
        if UTC_NAMES.contains(&name) {
            return "UTC".to_owned();
        }
        let known = ZONES.parse(name);
        if known == TimeZone::UNKNOWN || !name.contains('/') || name.starts_with("Etc/") {
            let last = name.rsplit('/').next().unwrap_or(name);
            return last.replace('_', " ");
        }
        CITIES.get(self).format(&known.without_offset()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_told_by_their_city() {
        for (zone, expected) in [
            (Tz::Europe__Berlin, ["Berlin", "Berlin", "Берлин", "برلين"]),
            (Tz::Europe__Moscow, ["Moscow", "Moskau", "Москва", "موسكو"]),
            (Tz::Africa__Cairo, ["Cairo", "Kairo", "Каир", "القاهرة"]),
            (
                Tz::America__New_York,
                ["New York", "New York", "Нью-Йорк", "نيويورك"],
            ),
            (
                Tz::Asia__Calcutta,
                ["Kolkata", "Kalkutta", "Калькутта", "كالكتا"],
            ),
            (
                Tz::Asia__Kolkata,
                ["Kolkata", "Kalkutta", "Калькутта", "كالكتا"],
            ),
            (Tz::UTC, ["UTC"; 4]),
            (Tz::Etc__UTC, ["UTC"; 4]),
            (Tz::Etc__GMTPlus5, ["GMT+5"; 4]),
            (Tz::CET, ["CET"; 4]),
        ] {
            assert_eq!(Language::ALL.map(|language| language.zone(zone)), expected);
        }
    }

    #[test]
    fn every_zone_has_a_name() {
        for zone in chrono_tz::TZ_VARIANTS {
            for language in Language::ALL {
                let name = language.zone(zone);
                assert!(
                    !name.is_empty() && !name.contains(['_', '/']),
                    "{zone}: {name}"
                );
            }
        }
    }
}
