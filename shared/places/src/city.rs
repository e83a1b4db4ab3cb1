//! Cities by name.

use chrono_tz::{TZ_VARIANTS, Tz};

use crate::name::fold;

const CITIES: &str = include_str!("../cities.tsv");

/// Longest name that is looked for, in characters: people write more by mistake only.
const LONGEST_NAME: usize = 80;

/// Most cities of one name that are told.
const MOST_PLACES: usize = 4;

/// How many people a city seems to have more if the name is what its map says, and not merely one that it has somewhere or
/// had once.
const OWN_NAME_COUNTS: u64 = 10;

/// A city is told beside the largest of its name if it has at least one of so many of its people.
const TOLD_FROM: u64 = 100;

/// Where somebody may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name in English, or else its own; of a time zone that is named as such, that name.
    pub name: String,
    /// Its country (ISO 3166-1, two letters). A time zone may have none.
    pub country: Option<String>,
    /// Its time zone.
    pub zone: Tz,
}

/// The places of a name, the largest first, only one for each time zone. A name is that of a city, in whichever of its
/// spellings, with or without the code of its country behind a comma, or that of a time zone (`Europe/Berlin`).
#[must_use]
pub fn places_named(text: &str) -> Vec<Place> {
    let text = text.trim();
    if text.chars().count() > LONGEST_NAME {
        return Vec::new();
    }
    if let Some(zone) = zone_named(text) {
        return vec![zone];
    }
    let (name, country) = match text.rsplit_once(',') {
        Some((name, country)) => (name, Some(country.trim())),
        None => (text, None),
    };
    let mut places = cities_named(&fold(name), country);
    if places.is_empty() {
        places.extend(city_of_zone(text));
    }
    places
}

fn cities_named(wanted: &str, country: Option<&str>) -> Vec<Place> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(u64, Place)> = CITIES
        .lines()
        .filter_map(|line| {
            let mut fields = line.split('\t');
            let (zone, code, people) = (fields.next()?, fields.next()?, fields.next()?);
            let (name, mut spellings) = (fields.next()?, fields.next()?.split('|'));
            let is_own = spellings.next()? == wanted;
            if !is_own && !spellings.any(|spelling| spelling == wanted)
                || country.is_some_and(|country| !country.eq_ignore_ascii_case(code))
            {
                return None;
            }
            let people: u64 = people.parse().ok()?;
            let weight = people * if is_own { OWN_NAME_COUNTS } else { 1 };
            let place = Place {
                name: name.to_owned(),
                country: Some(code.to_owned()),
                zone: zone.parse().ok()?,
            };
            Some((weight, place))
        })
        .collect();
    found.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let largest = found.first().map_or(0, |(weight, _)| *weight);
    let mut places: Vec<Place> = Vec::new();
    for (weight, place) in found {
        if weight.saturating_mul(TOLD_FROM) < largest {
            break;
        }
        if places.len() < MOST_PLACES && places.iter().all(|known| known.zone != place.zone) {
            places.push(place);
        }
    }
    places
}

/// A time zone by its whole name.
fn zone_named(text: &str) -> Option<Place> {
    let zone = TZ_VARIANTS
        .into_iter()
        .find(|zone| zone.name().eq_ignore_ascii_case(text))?;
    Some(named_after(zone))
}

/// A time zone by the city in its name, which may be smaller than those that we know.
fn city_of_zone(text: &str) -> Option<Place> {
    let wanted = fold(text);
    let zone = TZ_VARIANTS.into_iter().find(|zone| {
        let city = zone.name().rsplit_once('/').map(|(_, city)| city);
        city.is_some_and(|city| fold(city) == wanted)
    })?;
    Some(named_after(zone))
}

fn named_after(zone: Tz) -> Place {
    Place {
        name: zone.name().to_owned(),
        country: None,
        zone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first place of a name: country and zone.
    fn first(name: &str) -> Option<(String, Tz)> {
        let place = places_named(name).into_iter().next()?;
        Some((place.country.unwrap_or_default(), place.zone))
    }

    #[test]
    fn cities_are_found_in_the_languages_of_their_people_and_readers() {
        for (name, country, zone) in [
            ("Munich", "DE", Tz::Europe__Berlin),
            ("münchen", "DE", Tz::Europe__Berlin),
            ("Muenchen", "DE", Tz::Europe__Berlin),
            ("Мюнхен", "DE", Tz::Europe__Berlin),
            ("ميونخ", "DE", Tz::Europe__Berlin),
            ("Berlin", "DE", Tz::Europe__Berlin),
            ("Köln", "DE", Tz::Europe__Berlin),
            ("Wien", "AT", Tz::Europe__Vienna),
            ("Zürich", "CH", Tz::Europe__Zurich),
            ("Mailand", "IT", Tz::Europe__Rome),
            ("Roma", "IT", Tz::Europe__Rome),
            ("Москва", "RU", Tz::Europe__Moscow),
            ("Moskau", "RU", Tz::Europe__Moscow),
            ("Санкт-Петербург", "RU", Tz::Europe__Moscow),
            ("Питер", "RU", Tz::Europe__Moscow),
            ("Екатеринбург", "RU", Tz::Asia__Yekaterinburg),
            ("Ростов-на-Дону", "RU", Tz::Europe__Moscow),
            ("Алматы", "KZ", Tz::Asia__Almaty),
            ("Нью-Йорк", "US", Tz::America__New_York),
            ("new york", "US", Tz::America__New_York),
            ("San Francisco", "US", Tz::America__Los_Angeles),
            ("Mumbai", "IN", Tz::Asia__Kolkata),
            ("Bombay", "IN", Tz::Asia__Kolkata),
            ("القاهرة", "EG", Tz::Africa__Cairo),
            ("دبي", "AE", Tz::Asia__Dubai),
            ("الرياض", "SA", Tz::Asia__Riyadh),
            ("الإسكندرية", "EG", Tz::Africa__Cairo),
            ("Paris", "FR", Tz::Europe__Paris),
            ("London", "GB", Tz::Europe__London),
            ("Kyiv", "UA", Tz::Europe__Kyiv),
            ("Washington", "US", Tz::America__New_York),
        ] {
            assert_eq!(first(name), Some((country.to_owned(), zone)), "{name:?}");
        }
    }

    #[test]
    fn of_several_cities_the_largest_comes_first() {
        let countries = |name| -> Vec<String> {
            let places = places_named(name).into_iter();
            places.filter_map(|place| place.country).collect()
        };
        assert_eq!(countries("Birmingham"), ["GB", "US", "US"]);
        // Not beside a village that has long had another name.
        assert_eq!(countries("Berlin"), ["DE"]);
        assert_eq!(countries("San Jose").first().unwrap(), "US");
        assert!(countries("San Jose").contains(&"CR".to_owned()));
        assert_eq!(
            first("San José, cr"),
            Some(("CR".to_owned(), Tz::America__Costa_Rica))
        );
        assert_eq!(countries("Munich"), ["DE"]);
    }

    #[test]
    fn zones_are_found_by_their_own_names() {
        for (name, zone) in [
            ("europe/berlin", Tz::Europe__Berlin),
            ("UTC", Tz::UTC),
            ("Longyearbyen", Tz::Arctic__Longyearbyen),
        ] {
            assert_eq!(first(name).unwrap().1, zone, "{name}");
        }
    }

    #[test]
    fn what_is_no_place_is_not_found() {
        for text in [
            "",
            " ",
            ",",
            ", DE",
            "Nowhereville",
            "42",
            "|",
            "\t",
            "Berlin\tDE",
            "Europe",
            &"a".repeat(5_000),
        ] {
            assert_eq!(places_named(text), [], "{text:?}");
        }
    }

    #[test]
    fn each_line_is_a_city_that_is_found_by_its_name() {
        let mut count = 0;
        for line in CITIES.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let [zone, country, people, name, spellings] = fields.as_slice() else {
                panic!("{line:?}");
            };
            assert!(zone.parse::<Tz>().is_ok(), "{zone}");
            assert_eq!(country.len(), 2, "{line:?}");
            assert!(people.parse::<u64>().is_ok(), "{line:?}");
            let own = spellings.split('|').next().unwrap();
            let folded = fold(name);
            // Names in other scripts than those that are kept.
            assert!(
                own == folded || !spellings.split('|').any(|spelling| spelling == folded),
                "{line:?}"
            );
            count += 1;
        }
        assert!(count > 30_000, "{count}");
    }
}
