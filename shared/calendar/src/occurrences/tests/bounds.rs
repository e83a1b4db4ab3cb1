//! Tests of bounds.

use super::*;

/// `first/last`, `-` where there is none.
fn bounds(object: &CalendarObject) -> String {
    let Bounds { first, last } = occurrence_bounds(object);
    let text = |at: Option<DateTime<Utc>>| at.map_or_else(|| "-".to_owned(), instant);
    format!("{}/{}", text(first), text(last))
}

#[test]
fn the_bounds_hold_the_first_and_the_last() {
    let berlin = "DTSTART;TZID=Europe/Berlin:20260105T100000";
    for (lines, expected) in [
        (&[berlin][..], "20260105T090000/20260105T090000"),
        (
            &[berlin, "DURATION:PT1H"],
            "20260105T090000/20260105T100000",
        ),
        (
            &[berlin, "DURATION:PT1H", "RRULE:FREQ=DAILY"],
            "20260105T090000/-",
        ),
        (
            &[berlin, "RRULE:FREQ=DAILY;COUNT=10"],
            "20260105T090000/20260114T090000",
        ),
        (
            &[
                berlin,
                "DURATION:PT1H",
                "RRULE:FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=1;COUNT=51",
            ],
            "20260105T090000/20750701T090000",
        ),
        (
            &[berlin, "RRULE:FREQ=DAILY;COUNT=10;UNTIL=20260107T090000Z"],
            "20260105T090000/20260107T090000",
        ),
        (
            &[
                berlin,
                "RRULE:FREQ=YEARLY;BYMONTHDAY=5;COUNT=40;UNTIL=20260520T000000Z",
            ],
            "20260105T090000/20260520",
        ),
        (
            &[berlin, "RRULE:FREQ=DAILY;COUNT=1"],
            "20260105T090000/20260105T090000",
        ),
        (
            &[
                berlin,
                "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=4",
            ],
            "20260105T090000/20260331T080000",
        ),
        (
            &[berlin, "RRULE:FREQ=DAILY;BYHOUR=10,12;COUNT=4"],
            "20260105T090000/20260106T110000",
        ),
        (
            &[berlin, "RRULE:FREQ=DAILY;UNTIL=20260701T080000Z"],
            "20260105T090000/20260701T080000",
        ),
        (
            &[berlin, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2"],
            "20260105T090000/20260105T090000",
        ),
        (
            &[berlin, "RRULE:FREQ=SECONDLY;COUNT=4294967296"],
            "20260105T090000/-",
        ),
        (
            &[berlin, "RDATE:20200101T000000Z,20300101T000000Z"],
            "20200101/20300101",
        ),
        (
            &[
                berlin,
                "RDATE;VALUE=PERIOD:20260106T090000Z/P10D,20260110T090000Z/PT1H",
            ],
            "20260105T090000/20260116T090000",
        ),
        // Wherever one is.
        (
            &["DTSTART;VALUE=DATE:20260105"],
            "20260104T100000/20260106T120000",
        ),
        (
            &[
                "DTSTART;VALUE=DATE:20260105",
                "RRULE:FREQ=DAILY;UNTIL=20260107",
            ],
            "20260104T100000/20260108T120000",
        ),
        (
            &["DTSTART:20260105T100000", "DURATION:PT1H"],
            "20260104T200000/20260105T230000",
        ),
        (
            &["DTSTART;TZID=Mars/Olympus:20260105T100000"],
            "20260104T200000/20260105T220000",
        ),
        // Alarms.
        (
            &[
                berlin,
                "BEGIN:VALARM",
                "TRIGGER:-P1D",
                "END:VALARM",
                "BEGIN:VALARM",
                "TRIGGER;RELATED=END:PT1H",
                "REPEAT:2",
                "DURATION:PT5M",
                "END:VALARM",
            ],
            "20260104T090000/20260105T101000",
        ),
        (
            &[
                berlin,
                "BEGIN:VALARM",
                "TRIGGER;VALUE=DATE-TIME:19760401T005545Z",
                "END:VALARM",
            ],
            "20260105T090000/20260105T090000",
        ),
        (
            &[
                berlin,
                "BEGIN:VALARM",
                "TRIGGER:-PT5M",
                "REPEAT:99999999999",
                "DURATION:P99999999D",
                "END:VALARM",
            ],
            "20260105T085500/20260105T090000",
        ),
    ] {
        assert_eq!(bounds(&events(&[lines])), expected, "{lines:?}");
    }
}

#[test]
fn overrides_are_within_the_bounds() {
    let object = events(&[
        &["DTSTART:20260105T100000Z", "RRULE:FREQ=DAILY;COUNT=10"],
        &["RECURRENCE-ID:20260106T100000Z", "DTSTART:20250101T100000Z"],
        &[
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260110T100000Z",
            "DTSTART:20260120T100000Z",
            "DURATION:P1D",
        ],
    ]);
    assert_eq!(bounds(&object), "20250101T100000/20260125T100000");
    let alone = events(&[&[
        "RECURRENCE-ID:20260106T100000Z",
        "DTSTART:20260107T100000Z",
        "RRULE:FREQ=DAILY",
    ]]);
    assert_eq!(bounds(&alone), "20260107T100000/20260107T100000");
    let someday = object_of_a_to_do_without_dates();
    assert_eq!(bounds(&someday), "-/-");
}

fn object_of_a_to_do_without_dates() -> CalendarObject {
    object("VTODO", "", &[&["SUMMARY:Some day"]])
}
