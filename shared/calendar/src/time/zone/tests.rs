//! Tests of zones.

use proptest::prelude::*;

use super::*;

fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").unwrap()
}

/// RFC 5545 section 3.3.5 has the first two as its examples.
#[test]
fn gaps_and_folds_of_the_clock_follow_the_rfc() {
    for (zone, text, utc) in [
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
        let at = Zone::from(zone).to_utc(local(text));
        assert_eq!(
            at.format("%Y%m%dT%H%M%SZ").to_string(),
            utc,
            "{zone} {text}"
        );
    }
}

proptest! {
    #[test]
    fn every_local_time_has_a_moment(seconds in -5_000_000_000_i64..10_000_000_000, zone in 0..chrono_tz::TZ_VARIANTS.len()) {
        let tz = chrono_tz::TZ_VARIANTS[zone];
        let zone = Zone::from(tz);
        let local = DateTime::from_timestamp(seconds, 0).unwrap().naive_utc();
        let at = zone.to_utc(local);
        let back = zone.to_local(at);
        // Only in a gap the clock shows another time, a later one.
        let in_gap = tz.offset_from_local_datetime(&local) == LocalResult::None;
        prop_assert!(if in_gap { back > local } else { back == local }, "{tz} {local} {back}");
        prop_assert!(zone.earliest_local(at) <= local && local <= zone.latest_local(at), "{tz} {local}");
    }
}
