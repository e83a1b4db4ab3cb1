//! How a component repeats.

use super::*;

fn repetition(lines: &[&str]) -> Option<Repetition> {
    let object = events(&[lines]);
    object.repetition(object.master_or_first())
}

const MONDAY_IN_BERLIN: &str = "DTSTART;TZID=Europe/Berlin:20270104T230000";

/// When `RRULE:FREQ=WEEKLY` ends with another part.
fn end(start: &str, part: &str) -> Option<RepetitionEnd> {
    let found = repetition(&[start, &format!("RRULE:FREQ=WEEKLY;{part}")]).unwrap();
    found.rule.map(|_| found.end)
}

#[test]
fn a_rule_that_says_all_instances_is_told() {
    let found = repetition(&[MONDAY_IN_BERLIN, "RRULE:FREQ=WEEKLY;INTERVAL=2"]).unwrap();
    assert_eq!(found.start, at("20270104T230000").naive_utc());
    assert_eq!(found.zone, Some(Tz::Europe__Berlin));
    assert_eq!(found.rule.unwrap().interval, 2);
    assert_eq!(found.end, RepetitionEnd::Never);
    assert!(!found.has_exceptions);
    let days = repetition(&[
        "DTSTART;VALUE=DATE:20270104",
        "RRULE:FREQ=DAILY",
        "EXDATE;VALUE=DATE:20270106",
    ])
    .unwrap();
    assert_eq!((days.start, days.zone), (at("20270104").naive_utc(), None));
    assert!(days.has_exceptions && days.rule.is_some());
}

#[test]
fn what_does_not_repeat_is_told_from_what_repeats_in_another_way() {
    assert_eq!(repetition(&[MONDAY_IN_BERLIN]), None);
    assert_eq!(
        repetition(&[
            MONDAY_IN_BERLIN,
            "RECURRENCE-ID:20270104T220000Z",
            "RRULE:FREQ=DAILY"
        ]),
        None
    );
    for lines in [
        &[
            MONDAY_IN_BERLIN,
            "RRULE:FREQ=WEEKLY",
            "RRULE:FREQ=DAILY;COUNT=3",
        ][..],
        &[MONDAY_IN_BERLIN, "RRULE:FREQ=WEEKLY", "RRULE:FREQ=NEVER"],
        &[
            MONDAY_IN_BERLIN,
            "RRULE:FREQ=WEEKLY",
            "RDATE:20270105T120000Z",
        ],
        &[MONDAY_IN_BERLIN, "RRULE:FREQ=WEEKLY", "EXRULE:FREQ=MONTHLY"],
        &[MONDAY_IN_BERLIN, "RDATE:20270105T120000Z"],
        &[MONDAY_IN_BERLIN, "RRULE:FREQ=WEEKLY;BYDAY=TU"],
        &[MONDAY_IN_BERLIN, "RRULE:FREQ=WEEKLY;INTERVAL=0"],
        &[MONDAY_IN_BERLIN, "RRULE:FREQ=WEEKLY;UNTIL=20270104T215959Z"],
        &[
            MONDAY_IN_BERLIN,
            "RRULE:FREQ=WEEKLY;COUNT=3;UNTIL=20280104T215959Z",
        ],
        &["DTSTART;VALUE=DATE:20270104", "RRULE:FREQ=HOURLY"],
    ] {
        assert_eq!(repetition(lines).unwrap().rule, None, "{lines:?}");
    }
}

#[test]
fn until_is_told_as_the_last_day_that_it_allows() {
    let day = |text: &str| Some(RepetitionEnd::Day(at(text).date_naive()));
    for (start, part, expected) in [
        (MONDAY_IN_BERLIN, "COUNT=4", Some(RepetitionEnd::Count(4))),
        (MONDAY_IN_BERLIN, "UNTIL=20270111T220000Z", day("20270111")),
        (MONDAY_IN_BERLIN, "UNTIL=20270111T215959Z", day("20270110")),
        (MONDAY_IN_BERLIN, "UNTIL=20270712T210000Z", day("20270712")),
        (MONDAY_IN_BERLIN, "UNTIL=20270712T205959Z", day("20270711")),
        (MONDAY_IN_BERLIN, "UNTIL=20270111", day("20270111")),
        (MONDAY_IN_BERLIN, "UNTIL=20270111T225959", day("20270110")),
        (MONDAY_IN_BERLIN, "UNTIL=20270104T220000Z", day("20270104")),
        (
            "DTSTART:20270104T090000",
            "UNTIL=20270111T085959",
            day("20270110"),
        ),
        (
            "DTSTART;VALUE=DATE:20270104",
            "UNTIL=20270111",
            day("20270111"),
        ),
        (
            "DTSTART;VALUE=DATE:20270104",
            "UNTIL=20270111T230000Z",
            day("20270111"),
        ),
        // Clocks go forward on 28 March at 2:00, and back on 31 October at 3:00.
        (
            "DTSTART;TZID=Europe/Berlin:20270103T023000",
            "UNTIL=20270328T013000Z",
            day("20270328"),
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20270103T023000",
            "UNTIL=20270328T012959Z",
            day("20270327"),
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20270103T023000",
            "UNTIL=20271031T003000Z",
            day("20271031"),
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20270103T023000",
            "UNTIL=20271031T002959Z",
            day("20271030"),
        ),
    ] {
        assert_eq!(end(start, part), expected, "{start}, {part}");
    }
}

#[test]
fn a_zone_without_a_name_has_no_rule_that_others_could_read() {
    let zone = "BEGIN:VTIMEZONE\r\nTZID:Own\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0130\r\nTZOFFSETTO:+0130\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
    let lines = ["DTSTART;TZID=Own:20270104T090000", "RRULE:FREQ=WEEKLY"];
    let known = object("VEVENT", zone, &[&lines]);
    let found = known.repetition(known.master_or_first()).unwrap();
    assert_eq!((found.zone, found.rule), (None, None));
    assert!(
        repetition(&lines).unwrap().rule.is_some(),
        "a local time in no zone that is known"
    );
}
