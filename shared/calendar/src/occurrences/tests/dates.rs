//! RRULE, RDATE, EXDATE and EXRULE together, and what a window takes of them.

use super::*;

#[test]
fn dates_are_added() {
    let start = "DTSTART;TZID=Europe/Berlin:20260105T100000";
    check(
        &[
            start,
            "DURATION:PT1H",
            "RDATE;TZID=Europe/Berlin:20260701T100000,20260107T120000",
            "RDATE:20260106T090000Z",
            "RDATE;VALUE=DATE:20260108",
            "RDATE:20260105T090000Z,x,",
        ],
        "20260101",
        "20270101",
        &[
            "20260105T090000/20260105T100000",
            "20260106T090000/20260106T100000",
            "20260107T110000/20260107T120000",
            "20260108T090000/20260108T100000",
            "20260701T080000/20260701T090000",
        ],
    );
    check(
        &[
            "DTSTART;VALUE=DATE:20260105",
            "RDATE;VALUE=DATE:20260110,20260105",
            "RDATE:20260112T230000Z",
        ],
        "20260101",
        "20270101",
        &[
            "20260105/20260106",
            "20260110/20260111",
            "20260112/20260113",
        ],
    );
    // Periods have lengths of their own, also where the window has only their end.
    let periods = [
        start,
        "DTEND;TZID=Europe/Berlin:20260105T110000",
        "RDATE;VALUE=PERIOD:20260106T090000Z/20260108T090000Z,20260110T090000Z/PT3H",
    ];
    check(
        &periods,
        "20260101",
        "20270101",
        &[
            "20260105T090000/20260105T100000",
            "20260106T090000/20260108T090000",
            "20260110T090000/20260110T120000",
        ],
    );
    check(
        &periods,
        "20260108",
        "20260109",
        &["20260106T090000/20260108T090000"],
    );
}

#[test]
fn rules_are_united_and_their_common_instances_come_once() {
    check(
        &[
            "DTSTART:20260105T100000Z",
            "RRULE:FREQ=DAILY;COUNT=3",
            "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3",
            "RDATE:20260106T100000Z,20260106T110000Z",
        ],
        "20260101",
        "20270101",
        &[
            "20260105T100000/20260105T100000",
            "20260106T100000/20260106T100000",
            "20260106T110000/20260106T110000",
            "20260107T100000/20260107T100000",
            "20260109T100000/20260109T100000",
        ],
    );
}

#[test]
fn dates_are_excluded_in_whatever_form() {
    let start = "DTSTART;TZID=Europe/Berlin:20260105T100000";
    let rule = "RRULE:FREQ=DAILY;COUNT=3";
    let without_second = [
        "20260105T090000/20260105T090000",
        "20260107T090000/20260107T090000",
    ];
    for exdate in [
        "EXDATE;TZID=Europe/Berlin:20260106T100000",
        "EXDATE:20260106T090000Z",
        "EXDATE:20260106T100000",
        "EXDATE;VALUE=DATE:20260106",
        "EXDATE:20260106",
        "EXDATE;TZID=America/New_York:20260106T040000",
        "EXDATE;TZID=W. Europe Standard Time:20260106T100000,20270101T100000",
        "EXDATE:x,20260106T090000Z,,",
        "EXRULE:FREQ=DAILY;BYDAY=TU",
        "EXRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=1",
    ] {
        check(
            &[start, rule, exdate],
            "20260101",
            "20270101",
            &without_second,
        );
    }
    for exdate in [
        "EXDATE:20260106T100000",
        "EXDATE:20260106T090000Z",
        "EXDATE;TZID=Europe/Berlin:20260106T110000",
    ] {
        check(
            &[
                start,
                rule,
                "EXDATE:20260105T090000Z,20260107T090000Z",
                exdate,
            ],
            "20260101",
            "20270101",
            if exdate.ends_with("110000") {
                &["20260106T090000/20260106T090000"]
            } else {
                &[]
            },
        );
    }
    for exdate in [
        "EXDATE;VALUE=DATE:20260106",
        "EXDATE:20260106T000000",
        "EXDATE:20260106T000000Z",
        "EXRULE:FREQ=DAILY;BYMONTHDAY=6",
    ] {
        check(
            &["DTSTART;VALUE=DATE:20260105", rule, exdate],
            "20260101",
            "20270101",
            &["20260105/20260106", "20260107/20260108"],
        );
    }
}

#[test]
fn a_window_takes_what_overlaps_it() {
    let weekly = [
        "DTSTART:20260105T100000Z",
        "DTEND:20260105T110000Z",
        "RRULE:FREQ=WEEKLY",
    ];
    let third = "20260119T100000/20260119T110000";
    for (from, to, expected) in [
        ("20260119T100000", "20260119T110000", &[third][..]),
        ("20260119T105959", "20260119T120000", &[third]),
        ("20260119T090000", "20260119T100001", &[third]),
        ("20260119T103000", "20260119T103001", &[third]),
        ("20260119T110000", "20260126T100000", &[]),
        ("20260101", "20260105T100000", &[]),
    ] {
        check(&weekly, from, to, expected);
    }
    // Without a length: at the beginning of the window, and not at its end.
    let point = ["DTSTART:20260105T100000Z", "RRULE:FREQ=WEEKLY"];
    check(
        &point,
        "20260119T100000",
        "20260126T100000",
        &["20260119T100000/20260119T100000"],
    );
    // Long instances that began long before.
    let long = [
        "DTSTART:20260101T000000Z",
        "DURATION:P10D",
        "RRULE:FREQ=DAILY",
    ];
    check(
        &long,
        "20260801T120000",
        "20260801T130000",
        &[
            "20260723/20260802",
            "20260724/20260803",
            "20260725/20260804",
            "20260726/20260805",
            "20260727/20260806",
            "20260728/20260807",
            "20260729/20260808",
            "20260730/20260809",
            "20260731/20260810",
            "20260801/20260811",
        ],
    );
}

#[test]
fn odd_lengths_are_none() {
    for (lines, expected) in [
        (
            &["DTSTART:20260105T100000Z", "DTEND:20260105T090000Z"][..],
            "20260105T100000/20260105T100000",
        ),
        (
            &["DTSTART:20260105T100000Z", "DURATION:-PT1H"],
            "20260105T100000/20260105T100000",
        ),
        (
            &["DTSTART:20260105T100000Z", "DURATION:P4294967295D"],
            "20260105T100000/20260105T100000",
        ),
        (
            &["DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260105"],
            "20260105/20260106",
        ),
        (
            &["DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260101"],
            "20260105/20260106",
        ),
        (
            &["DTSTART;VALUE=DATE:20260105", "DURATION:PT36H"],
            "20260105/20260107",
        ),
        (
            &["DTSTART;VALUE=DATE:20260105", "DTEND:20260106T120000Z"],
            "20260105/20260107",
        ),
        (
            &[
                "DTSTART;TZID=Europe/Berlin:20260105T100000",
                "DTEND;VALUE=DATE:20260106",
            ],
            "20260105T090000/20260105T230000",
        ),
        (
            &[
                "DTSTART;TZID=Europe/Berlin:20260105T100000",
                "DTEND:20260105T110000",
            ],
            "20260105T090000/20260105T100000",
        ),
    ] {
        check(lines, "20260101", "20270101", &[expected]);
    }
}

#[test]
fn a_rule_takes_out_a_period_that_begins_before_the_window() {
    let series = [
        "DTSTART:20260105T000000Z",
        "RDATE;VALUE=PERIOD:20260503T000000Z/PT100H",
        "EXRULE:FREQ=YEARLY;BYDAY=SU",
    ];
    check(&series, "20260504", "20260510", &[]);
    check(
        &series[..2],
        "20260504",
        "20260510",
        &["20260503/20260507T040000"],
    );
}
