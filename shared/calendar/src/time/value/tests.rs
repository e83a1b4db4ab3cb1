//! Tests of date and time values.

use proptest::prelude::*;

use super::*;

fn moment(value: &str, tzid: &str) -> Option<Moment> {
    Moment::parse(value, (!tzid.is_empty()).then_some(tzid))
}

#[test]
fn moments_have_keys() {
    for (value, tzid, key) in [
        ("20260105", "", "20260105"),
        ("20260105", "Europe/Berlin", "20260105"),
        ("20260105T100000Z", "", "20260105T100000Z"),
        ("20260105T100000Z", "Europe/Berlin", "20260105T100000Z"),
        ("20260105T110000", "Europe/Berlin", "20260105T100000Z"),
        (
            "20260705T120000",
            "W. Europe Standard Time",
            "20260705T100000Z",
        ),
        ("20260105T100000", "", "20260105T100000"),
        ("20260105T100000", "Customized Time Zone", "20260105T100000"),
        ("20161231T235960Z", "", "20161231T235959Z"),
    ] {
        assert_eq!(moment(value, tzid).unwrap().key(), key, "{value} {tzid}");
    }
}

#[test]
fn what_is_no_moment_is_refused() {
    for bad in [
        "",
        "T",
        "2026010",
        "202601050",
        "20261305",
        "20260230",
        "+2026010",
        "2026-01-05",
        "20260105T",
        "20260105T1000",
        "20260105T250000",
        "20260105T100000+0100",
        "20260105T100000ZZ",
        "20260105 100000",
        "２０２６0105",
        "20260105T1000é0",
    ] {
        assert_eq!(moment(bad, ""), None, "{bad}");
    }
}

/// RFC 5545 section 3.3.5 has the first two as its examples.
#[test]
fn gaps_and_folds_of_the_clock_follow_the_rfc() {
    for (zone, local, utc) in [
        (Tz::America__New_York, "20071104T013000", "20071104T053000Z"),
        (Tz::America__New_York, "20070311T023000", "20070311T073000Z"),
        (Tz::Europe__Berlin, "20260329T023000", "20260329T013000Z"),
        (Tz::Europe__Berlin, "20260329T020000", "20260329T010000Z"),
        (Tz::Europe__Berlin, "20260329T030000", "20260329T010000Z"),
        (Tz::Europe__Berlin, "20261025T023000", "20261025T003000Z"),
        // Half an hour.
        (
            Tz::Australia__Lord_Howe,
            "20261004T021500",
            "20261003T154500Z",
        ),
        // A whole day.
        (Tz::Pacific__Apia, "20111230T120000", "20111230T220000Z"),
        (Tz::Asia__Kathmandu, "20260105T100000", "20260105T041500Z"),
    ] {
        let Some(Moment::Floating { local, .. }) = Moment::parse(local, None) else {
            panic!("{local}")
        };
        assert_eq!(
            to_utc(local, zone).format("%Y%m%dT%H%M%SZ").to_string(),
            utc,
            "{zone} {local}"
        );
    }
}

#[test]
fn durations_are_read() {
    let duration = |days, seconds, negative| {
        Some(Duration {
            days,
            seconds,
            negative,
        })
    };
    for (text, expected) in [
        ("PT1H", duration(0, 3_600, false)),
        ("PT60M", duration(0, 3_600, false)),
        ("+P1DT2H3M4S", duration(1, 7_384, false)),
        ("P2W", duration(14, 0, false)),
        ("-PT15M", duration(0, 900, true)),
        ("PT0S", duration(0, 0, false)),
        ("P1D", duration(1, 0, false)),
        ("pt1h", duration(0, 3_600, false)),
        ("P", None),
        ("PT", None),
        ("", None),
        ("1H", None),
        ("P1H", None),
        ("PT1D", None),
        ("PT1M1H", None),
        ("PT1H1H", None),
        ("PTH", None),
        ("PT1", None),
        ("PT-1H", None),
        ("P99999999999999999999D", None),
        ("P4294967295W", None),
    ] {
        assert_eq!(Duration::parse(text), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn nothing_that_is_read_panics(value in "[0-9TZ+\\-PWDHMS/é]{0,20}", zone in 0..chrono_tz::TZ_VARIANTS.len()) {
        let zone = chrono_tz::TZ_VARIANTS[zone];
        if let Some(moment) = Moment::parse(&value, Some(zone.name())) {
            moment.key();
            moment.fact();
        }
        if let Some(duration) = Duration::parse(&value) {
            duration.whole_days();
            duration.add_days(NaiveDateTime::MAX);
        }
    }

    #[test]
    fn every_local_time_has_a_moment(seconds in -5_000_000_000_i64..10_000_000_000, zone in 0..chrono_tz::TZ_VARIANTS.len()) {
        let zone = chrono_tz::TZ_VARIANTS[zone];
        let local = DateTime::from_timestamp(seconds, 0).unwrap().naive_utc();
        let back = to_utc(local, zone).with_timezone(&zone).naive_local();
        // Only in a gap the clock shows another time, a later one.
        let in_gap = zone.offset_from_local_datetime(&local) == LocalResult::None;
        prop_assert!(if in_gap { back > local } else { back == local }, "{zone} {local} {back}");
    }
}
