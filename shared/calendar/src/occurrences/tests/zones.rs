//! Instances in zones: the clocks change, and VTIMEZONEs say how.

use super::*;
use crate::time::Zones;

#[test]
fn the_time_of_day_stays_when_the_clocks_change() {
    check(
        &[
            "DTSTART;TZID=Europe/Berlin:20260328T100000",
            "DTEND;TZID=Europe/Berlin:20260328T110000",
            "RRULE:FREQ=DAILY;COUNT=3",
        ],
        "20260101",
        "20270101",
        &[
            "20260328T090000/20260328T100000",
            "20260329T080000/20260329T090000",
            "20260330T080000/20260330T090000",
        ],
    );
    check(
        &[
            "DTSTART;TZID=America/New_York:20261031T090000",
            "DURATION:PT30M",
            "RRULE:FREQ=DAILY;UNTIL=20261102T140000Z",
        ],
        "20260101",
        "20270101",
        &[
            "20261031T130000/20261031T133000",
            "20261101T140000/20261101T143000",
            "20261102T140000/20261102T143000",
        ],
    );
}

/// RFC 5545 section 3.8.5.3: a computed time that is skipped is read as an explicit one would be.
#[test]
fn what_the_clocks_skip_comes_later_and_once() {
    check(
        &[
            "DTSTART;TZID=Europe/Berlin:20260328T023000",
            "RRULE:FREQ=DAILY;COUNT=3",
        ],
        "20260101",
        "20270101",
        &[
            "20260328T013000/20260328T013000",
            "20260329T013000/20260329T013000",
            "20260330T003000/20260330T003000",
        ],
    );
    // 02:00 is 03:00, and both are in the rule.
    check(
        &[
            "DTSTART;TZID=America/New_York:20260308T000000",
            "RRULE:FREQ=HOURLY;UNTIL=20260308T090000Z",
        ],
        "20260101",
        "20270101",
        &[
            "20260308T050000/20260308T050000",
            "20260308T060000/20260308T060000",
            "20260308T070000/20260308T070000",
            "20260308T080000/20260308T080000",
            "20260308T090000/20260308T090000",
        ],
    );
    check(
        &[
            "DTSTART;TZID=Europe/Berlin:20260329T013000",
            "RRULE:FREQ=MINUTELY;INTERVAL=30;UNTIL=20260329T013000Z",
        ],
        "20260101",
        "20270101",
        &[
            "20260329T003000/20260329T003000",
            "20260329T010000/20260329T010000",
            "20260329T013000/20260329T013000",
        ],
    );
}

#[test]
fn what_comes_twice_is_the_first() {
    check(
        &[
            "DTSTART;TZID=Europe/Berlin:20261024T023000",
            "RRULE:FREQ=DAILY;COUNT=3",
        ],
        "20260101",
        "20270101",
        &[
            "20261024T003000/20261024T003000",
            "20261025T003000/20261025T003000",
            "20261026T013000/20261026T013000",
        ],
    );
}

/// RFC 5545 section 3.8.5.3: DTEND is an exact length, DURATION counts days on the calendar.
#[test]
fn a_dtend_is_exact_and_a_duration_nominal() {
    check(
        &[
            "DTSTART;TZID=Europe/Berlin:20260327T120000",
            "DTEND;TZID=Europe/Berlin:20260328T120000",
            "RRULE:FREQ=DAILY;COUNT=2",
        ],
        "20260101",
        "20270101",
        &[
            "20260327T110000/20260328T110000",
            "20260328T110000/20260329T110000",
        ],
    );
    check(
        &[
            "DTSTART;TZID=Europe/Berlin:20260327T120000",
            "DURATION:P1D",
            "RRULE:FREQ=DAILY;COUNT=2",
        ],
        "20260101",
        "20270101",
        &[
            "20260327T110000/20260328T110000",
            "20260328T110000/20260329T100000",
        ],
    );
}

#[test]
fn an_end_is_shown_in_its_own_zone() {
    let flight = events(&[&[
        "DTSTART;TZID=Europe/Berlin:20260105T100000",
        "DTEND;TZID=America/New_York:20260105T130000",
        "RRULE:FREQ=WEEKLY;COUNT=2",
    ]]);
    let found = occurrences(&flight, &Window::default(), &Zone::UTC);
    let second = &found.items[1];
    assert_eq!(show(second), "20260112T090000/20260112T180000");
    assert_eq!(
        second.end,
        Moment::parse("20260112T130000", Some("America/New_York"))
    );
    assert_eq!(
        second.start,
        Moment::parse("20260112T100000", Some("Europe/Berlin"))
    );
    assert_eq!(second.recurrence_id, second.start);
}

#[test]
fn days_and_floating_times_are_those_of_the_reader() {
    let days = events(&[&["DTSTART;VALUE=DATE:20260328", "RRULE:FREQ=DAILY;COUNT=2"]]);
    assert_eq!(
        shown(&days, &Window::default(), Tz::Europe__Berlin),
        [
            "20260327T230000/20260328T230000",
            "20260328T230000/20260329T220000"
        ]
    );
    let floating = events(&[&[
        "DTSTART:20260328T100000",
        "DTEND:20260328T110000",
        "RRULE:FREQ=DAILY;COUNT=2",
    ]]);
    assert_eq!(
        shown(&floating, &Window::default(), Tz::Europe__Berlin),
        [
            "20260328T090000/20260328T100000",
            "20260329T080000/20260329T090000"
        ]
    );
    assert_eq!(
        shown(&floating, &Window::default(), Tz::America__New_York),
        [
            "20260328T140000/20260328T150000",
            "20260329T140000/20260329T150000"
        ]
    );
}

/// Half an hour of summer, from the first Monday of May to the second Tuesday of September, as no zone of IANA has it.
pub(super) const CUSTOM: &str = "BEGIN:VTIMEZONE\r\nTZID:Customized Time Zone\r\n\
    BEGIN:STANDARD\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0500\r\nTZOFFSETTO:+0430\r\n\
    RRULE:FREQ=YEARLY;BYDAY=2TU;BYMONTH=9\r\nEND:STANDARD\r\n\
    BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0430\r\nTZOFFSETTO:+0500\r\n\
    RRULE:FREQ=YEARLY;BYDAY=1MO;BYMONTH=5\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";

#[test]
fn a_vtimezone_is_followed_where_its_name_says_nothing() {
    let weekly = object(
        "VEVENT",
        CUSTOM,
        &[&[
            "DTSTART;TZID=Customized Time Zone:20260427T100000",
            "DTEND;TZID=Customized Time Zone:20260427T110000",
            "RRULE:FREQ=WEEKLY;COUNT=22",
            "EXDATE;TZID=Customized Time Zone:20260511T100000",
        ]],
    );
    let shown = shown(&weekly, &Window::default(), Tz::UTC);
    assert_eq!(shown.len(), 21);
    assert_eq!(
        shown[..3],
        [
            "20260427T053000/20260427T063000",
            "20260504T050000/20260504T060000",
            "20260518T050000/20260518T060000"
        ]
    );
    assert_eq!(
        shown[18..],
        [
            "20260907T050000/20260907T060000",
            "20260914T053000/20260914T063000",
            "20260921T053000/20260921T063000"
        ]
    );
}

#[test]
fn the_gap_and_the_overlap_of_a_vtimezone_follow_the_rfc() {
    let zone = Zone::of_calendar(CUSTOM.as_bytes()).unwrap();
    assert_eq!(zone.name(), "Customized Time Zone");
    assert_eq!(zone.tz(), None);
    for (local, utc) in [
        // 02:00 becomes 02:30 on 4 May.
        ("20260504T015959", "20260503T212959"),
        ("20260504T021500", "20260503T214500"),
        ("20260504T023000", "20260503T213000"),
        // 02:00 becomes 01:30 on 8 September.
        ("20260908T012959", "20260907T202959"),
        ("20260908T014500", "20260907T204500"),
        ("20260908T020000", "20260907T213000"),
    ] {
        assert_eq!(zone.to_utc(at(local).naive_utc()), at(utc), "{local}");
    }
    assert_eq!(
        zone.to_local(at("20260907T210000")),
        at("20260908T013000").naive_utc()
    );
}

#[test]
fn a_vtimezone_with_dates_and_an_end_is_followed() {
    let zone = "BEGIN:VTIMEZONE\r\nTZID:/x/Nowhere\r\n\
        BEGIN:STANDARD\r\nDTSTART:20000101T000000\r\nTZOFFSETFROM:+005328\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n\
        BEGIN:DAYLIGHT\r\nDTSTART:20200329T020000\r\nRDATE:20220327T020000,20230326T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\n\
        BEGIN:STANDARD\r\nDTSTART:20201025T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20221030T010000Z\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n\
        END:VTIMEZONE\r\n";
    let zone = Zones::new(zone.as_bytes()).resolve("/x/Nowhere").unwrap();
    for (utc, local) in [
        ("19990101T000000", "19990101T005328"),
        ("20000601T000000", "20000601T010000"),
        ("20200601T000000", "20200601T020000"),
        ("20210101T000000", "20210101T010000"),
        ("20210601T000000", "20210601T010000"),
        ("20220601T000000", "20220601T020000"),
        ("20221030T005959", "20221030T025959"),
        ("20221030T010000", "20221030T020000"),
        ("20991201T000000", "20991201T020000"),
    ] {
        assert_eq!(zone.to_local(at(utc)), at(local).naive_utc(), "{utc}");
    }
}

#[test]
fn a_zone_that_nobody_knows_is_that_of_the_reader() {
    let unknown = events(&[&["DTSTART;TZID=Mars/Olympus:20260105T100000"]]);
    assert_eq!(
        shown(&unknown, &Window::default(), Tz::Europe__Berlin),
        ["20260105T090000/20260105T090000"]
    );
    for broken in [
        "",
        "BEGIN:VTIMEZONE\r\nTZID:Mars/Olympus\r\nEND:VTIMEZONE\r\n",
        "BEGIN:VTIMEZONE\r\nTZID:Mars/Olympus\r\nBEGIN:STANDARD\r\nDTSTART:x\r\nTZOFFSETTO:+9900\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n",
    ] {
        assert_eq!(
            Zones::new(broken.as_bytes()).resolve("Mars/Olympus"),
            None,
            "{broken}"
        );
    }
    assert_eq!(
        Zone::of_calendar(b"BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nEND:VTIMEZONE\r\n"),
        Some(Zone::from(Tz::Europe__Berlin))
    );
}
