//! Where the borders of time zones are.

use std::sync::LazyLock;

use chrono_tz::Tz;
use tzf_rs::EmbeddedFinder;

static FINDER: LazyLock<EmbeddedFinder> = LazyLock::new(EmbeddedFinder::new);

/// The time zone at a latitude and longitude in degrees. `None` for what is no place on the Earth.
#[must_use]
pub fn zone_at(latitude: f64, longitude: f64) -> Option<Tz> {
    let is_place = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
    if !is_place {
        return None;
    }
    FINDER.get_tz_name(longitude, latitude).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_in_their_zones() {
        for (latitude, longitude, zone) in [
            (52.52, 13.40, Tz::Europe__Berlin),
            (48.21, 16.37, Tz::Europe__Vienna),
            (30.04, 31.24, Tz::Africa__Cairo),
            (55.75, 37.62, Tz::Europe__Moscow),
            (37.77, -122.42, Tz::America__Los_Angeles),
            (19.08, 72.88, Tz::Asia__Kolkata),
            (-33.87, 151.21, Tz::Australia__Sydney),
        ] {
            assert_eq!(zone_at(latitude, longitude), Some(zone));
        }
    }

    #[test]
    fn every_place_has_a_zone_and_nothing_else_has() {
        for latitude in (-90..=90).step_by(9) {
            for longitude in (-180..=180).step_by(9) {
                let zone = zone_at(f64::from(latitude), f64::from(longitude));
                assert!(zone.is_some(), "{latitude} {longitude}");
            }
        }
        for (latitude, longitude) in [
            (90.1, 0.0),
            (0.0, 180.5),
            (f64::NAN, 0.0),
            (0.0, f64::INFINITY),
        ] {
            assert_eq!(zone_at(latitude, longitude), None);
        }
    }
}
