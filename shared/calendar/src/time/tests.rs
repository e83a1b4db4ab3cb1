//! Tests of times.

use chrono::TimeZone;

use super::*;

fn event(properties: &[&str]) -> Option<EventTime> {
    read(ComponentKind::Event, properties)
}

/// `["DTSTART;TZID=Europe/Berlin:20260105T100000", "DURATION:PT1H"]`.
fn read(kind: ComponentKind, properties: &[&str]) -> Option<EventTime> {
    let (mut start, mut end, mut duration) = (None, None, None);
    for property in properties {
        let (name, value) = property.rsplit_once(':').unwrap();
        let (name, tzid) = match name.split_once(";TZID=") {
            Some((name, tzid)) => (name, Some(tzid)),
            None => (name, None),
        };
        match name {
            "DTSTART" => start = Some(Moment::parse(value, tzid).unwrap()),
            "DTEND" | "DUE" => end = Some(Moment::parse(value, tzid).unwrap()),
            _ => duration = Some(Duration::parse(value).unwrap()),
        }
    }
    EventTime::new(kind, start, end, duration)
}

fn day(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%Y%m%d").unwrap()
}

fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").unwrap()
}

#[test]
fn all_day_events_end_on_their_last_day() {
    for (properties, first, last) in [
        (&["DTSTART:20260105"][..], "20260105", "20260105"),
        (
            &["DTSTART:20260105", "DTEND:20260106"],
            "20260105",
            "20260105",
        ),
        (
            &["DTSTART:20260105", "DTEND:20260108"],
            "20260105",
            "20260107",
        ),
        (
            &["DTSTART:20260105", "DTEND:20260105"],
            "20260105",
            "20260105",
        ),
        (
            &["DTSTART:20260105", "DTEND:20250105"],
            "20260105",
            "20260105",
        ),
        (
            &["DTSTART:20260105", "DURATION:P1D"],
            "20260105",
            "20260105",
        ),
        (
            &["DTSTART:20260105", "DURATION:P1W"],
            "20260105",
            "20260111",
        ),
        (
            &["DTSTART:20260105", "DURATION:PT36H"],
            "20260105",
            "20260106",
        ),
        (
            &["DTSTART:20260105", "DURATION:-P3D"],
            "20260105",
            "20260105",
        ),
        (
            &["DTSTART:20260105", "DURATION:P4294967295D"],
            "20260105",
            "20260105",
        ),
        (
            &["DTSTART:20260105", "DTEND:20260106T120000"],
            "20260105",
            "20260106",
        ),
    ] {
        let expected = EventTime::AllDay {
            first: day(first),
            last: day(last),
        };
        assert_eq!(event(properties), Some(expected), "{properties:?}");
    }
}

#[test]
fn floating_times_have_no_zone() {
    for (properties, end, zone_name) in [
        (&["DTSTART:20260105T100000"][..], None, None),
        (
            &["DTSTART:20260105T100000", "DTEND:20260105T110000"],
            Some("20260105T110000"),
            None,
        ),
        (
            &["DTSTART:20260105T100000", "DTEND:20260105T100000"],
            None,
            None,
        ),
        (
            &["DTSTART:20260105T100000", "DTEND:20260105T090000"],
            None,
            None,
        ),
        (
            &["DTSTART:20260105T100000", "DURATION:P1DT1H"],
            Some("20260106T110000"),
            None,
        ),
        (
            &["DTSTART:20260105T100000", "DTEND:20260107"],
            Some("20260107T000000"),
            None,
        ),
        (
            &[
                "DTSTART;TZID=Custom:20260105T100000",
                "DTEND;TZID=Custom:20260105T110000",
            ],
            Some("20260105T110000"),
            Some("Custom"),
        ),
    ] {
        let expected = EventTime::Floating {
            start: local("20260105T100000"),
            end: end.map(local),
            zone_name: zone_name.map(str::to_owned),
        };
        assert_eq!(event(properties), Some(expected), "{properties:?}");
    }
}

#[test]
fn zoned_times_are_moments() {
    for (properties, start, end, zone) in [
        (
            &["DTSTART:20260105T100000Z"][..],
            "20260105T100000",
            None,
            Tz::UTC,
        ),
        (
            &[
                "DTSTART;TZID=Europe/Berlin:20260105T100000",
                "DTEND;TZID=Europe/Berlin:20260105T113000",
            ],
            "20260105T090000",
            Some("20260105T103000"),
            Tz::Europe__Berlin,
        ),
        // A flight: the end in another zone.
        (
            &[
                "DTSTART;TZID=Europe/Berlin:20260105T100000",
                "DTEND;TZID=America/New_York:20260105T130000",
            ],
            "20260105T090000",
            Some("20260105T180000"),
            Tz::Europe__Berlin,
        ),
        (
            &[
                "DTSTART;TZID=Europe/Berlin:20260105T100000",
                "DTEND:20260105T100000Z",
            ],
            "20260105T090000",
            Some("20260105T100000"),
            Tz::Europe__Berlin,
        ),
        (
            &[
                "DTSTART;TZID=Europe/Berlin:20260105T100000",
                "DTEND:20260105T110000",
            ],
            "20260105T090000",
            Some("20260105T100000"),
            Tz::Europe__Berlin,
        ),
        // A day is a day of the calendar, though 29 March has 23 hours; 24 hours are 24 hours.
        (
            &["DTSTART;TZID=Europe/Berlin:20260328T120000", "DURATION:P1D"],
            "20260328T110000",
            Some("20260329T100000"),
            Tz::Europe__Berlin,
        ),
        (
            &[
                "DTSTART;TZID=Europe/Berlin:20260328T120000",
                "DURATION:PT24H",
            ],
            "20260328T110000",
            Some("20260329T110000"),
            Tz::Europe__Berlin,
        ),
    ] {
        let expected = EventTime::Zoned {
            start: Utc.from_utc_datetime(&local(start)),
            end: end.map(|end| Utc.from_utc_datetime(&local(end))),
            zone,
        };
        assert_eq!(event(properties), Some(expected), "{properties:?}");
    }
}

#[test]
fn to_dos_are_at_their_due_time() {
    let todo = |properties: &[&str]| read(ComponentKind::Todo, properties);
    assert_eq!(todo(&[]), None);
    let expected = EventTime::AllDay {
        first: day("20260105"),
        last: day("20260105"),
    };
    assert_eq!(todo(&["DUE:20260105"]), Some(expected));
    let expected = EventTime::AllDay {
        first: day("20260105"),
        last: day("20260107"),
    };
    assert_eq!(todo(&["DTSTART:20260105", "DUE:20260107"]), Some(expected));
    let start = Utc.from_utc_datetime(&local("20260105T100000"));
    assert_eq!(
        todo(&["DUE:20260105T100000Z"]),
        Some(EventTime::Zoned {
            start,
            end: None,
            zone: Tz::UTC
        })
    );
}
