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
        assert_eq!(
            moment(value, tzid).unwrap().key().to_string(),
            key,
            "{value} {tzid}"
        );
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
}
