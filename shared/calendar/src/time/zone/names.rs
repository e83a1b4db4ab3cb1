//! Which zone a TZID means. RFC 5545 section 3.8.3.1 leaves the names to each program, and each took the chance.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono_tz::{TZ_VARIANTS, Tz};
use windows_timezones::WindowsTimezone;

/// The longest TZID that is looked up, in bytes. The longest description of Windows has about 70.
const MAX_TZID_BYTES: usize = 255;

/// The zone that a TZID means: an IANA name, one with a vendor's path before it, one in another case, a name of Windows,
/// or the description that Windows shows for it. `None` for what nobody can know from the name; then the object's own
/// VTIMEZONE has the word ([`Zones`](super::Zones)).
pub fn resolve_tzid(tzid: &str) -> Option<Tz> {
    let tzid = tzid.trim();
    if tzid.is_empty() || tzid.len() > MAX_TZID_BYTES {
        return None;
    }
    tzid.parse()
        .ok()
        .or_else(|| after_path(tzid, |name| name.parse().ok()))
        .or_else(|| iana_in_any_case(tzid))
        .or_else(|| after_path(tzid, iana_in_any_case))
        .or_else(|| WINDOWS_NAMES.get(&tzid.to_ascii_lowercase()).copied())
        .or_else(|| windows_description(tzid))
}

/// Tries the last three, two and one parts of a path like `/mozilla.org/20050126_1/America/Argentina/Ushuaia`.
fn after_path(tzid: &str, resolve: impl Fn(&str) -> Option<Tz>) -> Option<Tz> {
    let starts: Vec<usize> = tzid
        .rmatch_indices('/')
        .map(|(at, _)| at + 1)
        .take(3)
        .collect();
    starts
        .into_iter()
        .rev()
        .find_map(|start| tzid.get(start..).and_then(&resolve))
}

fn iana_in_any_case(name: &str) -> Option<Tz> {
    static LOWER_CASE_NAMES: LazyLock<HashMap<String, Tz>> = LazyLock::new(|| {
        TZ_VARIANTS
            .iter()
            .map(|zone| (zone.name().to_ascii_lowercase(), *zone))
            .collect()
    });
    LOWER_CASE_NAMES.get(&name.to_ascii_lowercase()).copied()
}

/// The zones of Windows. Its crate can't list them, but it knows the one of each IANA zone.
static WINDOWS_ZONES: LazyLock<Vec<WindowsTimezone>> = LazyLock::new(|| {
    TZ_VARIANTS
        .iter()
        .filter_map(|zone| WindowsTimezone::try_from(*zone).ok())
        .collect()
});

/// `W. Europe Standard Time`, in lower case.
static WINDOWS_NAMES: LazyLock<HashMap<String, Tz>> = LazyLock::new(|| {
    let zones = WINDOWS_ZONES.iter();
    zones
        .filter_map(|zone| {
            Some((
                zone.name().to_ascii_lowercase(),
                zone.tzdb_id().parse().ok()?,
            ))
        })
        .collect()
});

/// The cities of each description in lower case, separated by commas, and each city on its own.
static WINDOWS_CITIES: LazyLock<HashMap<String, Tz>> = LazyLock::new(|| {
    let mut cities = HashMap::new();
    for windows in WINDOWS_ZONES.iter() {
        let Some(zone) = windows.tzdb_id().parse::<Tz>().ok() else {
            continue;
        };
        let names = cities_of(windows.description()).unwrap_or_default();
        for city in &names {
            cities.insert(city.clone(), zone);
        }
        cities.insert(names.join(","), zone);
    }
    cities
});

/// `(UTC+01:00) Amsterdam, Berlin, …`, also with `GMT`, with a dot in the offset or with slashes between the cities, as
/// older servers write it. The list of cities changed over the years, so each city counts, the first one first.
fn windows_description(tzid: &str) -> Option<Tz> {
    let cities = cities_of(tzid)?;
    let whole = WINDOWS_CITIES.get(&cities.join(","));
    whole
        .or_else(|| cities.iter().find_map(|city| WINDOWS_CITIES.get(city)))
        .copied()
}

/// The lower-cased cities after the offset in parentheses; `None` if there is no such offset.
fn cities_of(description: &str) -> Option<Vec<String>> {
    let (offset, cities) = description.strip_prefix('(')?.split_once(')')?;
    if !(offset.starts_with("UTC") || offset.starts_with("GMT")) {
        return None;
    }
    let cities = cities
        .split([',', '/', ';'])
        .map(|city| city.trim().to_lowercase());
    Some(cities.filter(|city| !city.is_empty()).collect())
}

#[cfg(test)]
mod tests;
