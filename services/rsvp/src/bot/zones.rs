//! In which time zone somebody is: by what they write, or by where they are.

use chrono_tz::{TZ_VARIANTS, Tz};
use televent_conversation::{City, Screen};
use televent_language::Language;
use televent_places::{Place, places_named, zone_at};
use televent_telegram::Said;

use super::{Reply, Turn};
use crate::apply::ApplyError;

pub(super) async fn time_zone_said(turn: &Turn<'_>, said: &Said) -> Result<Reply, ApplyError> {
    let (zone, chosen) = match said {
        Said::Text(text) => match named(text) {
            Some(found) => found,
            None => {
                let unknown = Some(text.clone());
                return Ok(Reply::with(Screen::TimeZone { unknown }));
            }
        },
        Said::Location {
            latitude,
            longitude,
        } => match zone_at(*latitude, *longitude) {
            Some(zone) => (zone, chosen()),
            None => return Ok(Reply::with(Screen::TimeZone { unknown: None })),
        },
        Said::Users(_) => return Ok(Reply::with(Screen::TimeZone { unknown: None })),
    };
    choose(turn, zone).await?;
    Ok(Reply::with(chosen).ending())
}

/// One of several cities of a name, by its button.
pub(super) async fn choose_by_name(turn: &Turn<'_>, name: &str) -> Result<Reply, ApplyError> {
    match name.parse() {
        Ok(zone) => {
            choose(turn, zone).await?;
            Ok(Reply::here(chosen()))
        }
        Err(_) => Ok(Reply::default()),
    }
}

async fn choose(turn: &Turn<'_>, zone: Tz) -> Result<(), ApplyError> {
    let store = &turn.apply.store;
    Ok(store.choose_time_zone(turn.from.id, zone.name()).await?)
}

const fn chosen() -> Screen {
    Screen::TimeZoneChosen {
        city: None,
        others: Vec::new(),
    }
}

/// The zone of a city, and what is said of it: more where it may be another city, or is not the one that the zone is
/// named after.
fn named(text: &str) -> Option<(Tz, Screen)> {
    let mut places = places_named(text).into_iter();
    let Some(first) = places.next() else {
        return city_of_zone(text).map(|zone| (zone, chosen()));
    };
    let others: Vec<City> = places.map(city).collect();
    let names_zone = first.country.is_none() || Language::English.zone(first.zone) == first.name;
    let zone = first.zone;
    let is_plain = others.is_empty() && names_zone;
    let screen = Screen::TimeZoneChosen {
        city: (!is_plain).then(|| city(first)),
        others,
    };
    Some((zone, screen))
}

/// A zone by the name that its city has in one of our languages.
fn city_of_zone(text: &str) -> Option<Tz> {
    let wanted = text.trim().to_lowercase();
    TZ_VARIANTS.into_iter().find(|zone| {
        Language::ALL
            .iter()
            .any(|language| language.zone(*zone).to_lowercase() == wanted)
    })
}

fn city(place: Place) -> City {
    City {
        name: place.name,
        country: place.country,
        zone: place.zone.name().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_found_by_what_they_are_called_in_every_language() {
        let with_city = TZ_VARIANTS
            .into_iter()
            .filter(|zone| zone.name().contains('/'));
        for zone in with_city.step_by(31) {
            for language in Language::ALL {
                let name = language.zone(zone);
                assert!(named(&name).is_some(), "{name} ({zone})");
            }
        }
    }

    #[test]
    fn more_is_said_where_a_name_alone_could_be_misread() {
        let said = |text: &str| match named(text) {
            Some((zone, Screen::TimeZoneChosen { city, others })) => (
                zone,
                city.map(|city| (city.name, city.country.unwrap_or_default())),
                others.len(),
            ),
            other => panic!("{text}: {other:?}"),
        };
        let of = |name: &str, country: &str| Some((name.to_owned(), country.to_owned()));
        assert_eq!(said("Берлин"), (Tz::Europe__Berlin, None, 0));
        assert_eq!(said("Europe/Berlin"), (Tz::Europe__Berlin, None, 0));
        assert_eq!(said("München"), (Tz::Europe__Berlin, of("Munich", "DE"), 0));
        let (zone, city, others) = said("Birmingham");
        assert_eq!((zone, city), (Tz::Europe__London, of("Birmingham", "GB")));
        assert!(others > 0);
        assert!(named("Nowhereville").is_none());
    }
}
