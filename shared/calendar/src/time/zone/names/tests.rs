//! Tests of time zones.

use super::*;

#[test]
fn tzids_in_the_wild_are_resolved() {
    for (tzid, expected) in [
        ("Europe/Berlin", Some(Tz::Europe__Berlin)),
        (
            "America/Argentina/Ushuaia",
            Some(Tz::America__Argentina__Ushuaia),
        ),
        ("UTC", Some(Tz::UTC)),
        ("Etc/UTC", Some(Tz::Etc__UTC)),
        ("GMT", Some(Tz::GMT)),
        ("US/Pacific", Some(Tz::US__Pacific)),
        // Vendors' paths.
        (
            "/mozilla.org/20050126_1/Europe/Berlin",
            Some(Tz::Europe__Berlin),
        ),
        (
            "/mozilla.org/20050126_1/America/Argentina/Ushuaia",
            Some(Tz::America__Argentina__Ushuaia),
        ),
        (
            "/freeassociation.sourceforge.net/Europe/Vienna",
            Some(Tz::Europe__Vienna),
        ),
        (
            "/softwarestudio.org/Olson_20011030_5/America/New_York",
            Some(Tz::America__New_York),
        ),
        ("/citadel.org/20210210_1/UTC", Some(Tz::UTC)),
        ("tzone://Microsoft/Utc", Some(Tz::UTC)),
        ("tzone://Microsoft/Custom", None),
        // Any case, spaces around.
        ("europe/berlin", Some(Tz::Europe__Berlin)),
        ("AMERICA/NEW_YORK", Some(Tz::America__New_York)),
        (" Europe/Berlin ", Some(Tz::Europe__Berlin)),
        ("/example.org/europe/paris", Some(Tz::Europe__Paris)),
        // Windows.
        ("W. Europe Standard Time", Some(Tz::Europe__Berlin)),
        ("w. europe standard time", Some(Tz::Europe__Berlin)),
        ("Pacific Standard Time", Some(Tz::America__Los_Angeles)),
        ("Romance Standard Time", Some(Tz::Europe__Paris)),
        ("Russian Standard Time", Some(Tz::Europe__Moscow)),
        ("India Standard Time", Some(Tz::Asia__Kolkata)),
        ("FLE Standard Time", Some(Tz::Europe__Kiev)),
        ("AUS Eastern Standard Time", Some(Tz::Australia__Sydney)),
        // What Windows shows for them, over the years.
        (
            "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
            Some(Tz::Europe__Berlin),
        ),
        (
            "(GMT+01.00) Amsterdam / Berlin / Bern / Rome / Stockholm / Vienna",
            Some(Tz::Europe__Berlin),
        ),
        (
            "(UTC-05:00) Eastern Time (US & Canada)",
            Some(Tz::America__New_York),
        ),
        (
            "(UTC+03:00) Moscow, St. Petersburg, Volgograd",
            Some(Tz::Europe__Moscow),
        ),
        ("(UTC) Coordinated Universal Time", Some(Tz::Etc__UTC)),
        // Nobody can know.
        ("Customized Time Zone", None),
        ("(UTC+01:00) Atlantis", None),
        ("(somewhere) Berlin", None),
        ("Mars/Olympus", None),
        ("", None),
        ("/", None),
        ("///", None),
    ] {
        let zone = resolve_tzid(tzid);
        let same = zone == expected || zone.zip(expected).is_some_and(|(a, b)| same_rules(a, b));
        assert!(same, "{tzid}: {zone:?} instead of {expected:?}");
    }
}

/// `Etc/UTC` and `UTC`, `Europe/Kyiv` and `Europe/Kiev` are the same zone.
fn same_rules(a: Tz, b: Tz) -> bool {
    use chrono::{Offset, TimeZone};
    let winter = chrono::NaiveDate::from_ymd_opt(2026, 1, 5)
        .unwrap()
        .and_hms_opt(12, 0, 0)
        .unwrap();
    let summer = chrono::NaiveDate::from_ymd_opt(2026, 7, 5)
        .unwrap()
        .and_hms_opt(12, 0, 0)
        .unwrap();
    [winter, summer]
        .iter()
        .all(|at| a.offset_from_utc_datetime(at).fix() == b.offset_from_utc_datetime(at).fix())
}

#[test]
fn nearly_all_zones_of_windows_are_known() {
    assert!(WINDOWS_NAMES.len() >= 135, "{}", WINDOWS_NAMES.len());
}

#[test]
fn a_long_tzid_is_not_looked_up() {
    assert_eq!(
        resolve_tzid(&format!("{}Europe/Berlin", "/x".repeat(MAX_TZID_BYTES))),
        None
    );
}
