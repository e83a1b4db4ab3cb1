//! RRULE alone, and the many ways in which it is written.

use super::*;

#[test]
fn the_start_is_always_the_first_instance() {
    for (rule, expected) in [
        // A Monday, and Tuesdays. It counts as one of COUNT.
        (
            "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=3",
            &[
                "20260105T100000/20260105T100000",
                "20260106T100000/20260106T100000",
                "20260113T100000/20260113T100000",
            ][..],
        ),
        (
            "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=1",
            &["20260105T100000/20260105T100000"],
        ),
        (
            "RRULE:FREQ=YEARLY;UNTIL=20250101T000000Z",
            &["20260105T100000/20260105T100000"],
        ),
        (
            "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=5",
            &["20260105T100000/20260105T100000"],
        ),
    ] {
        check(
            &["DTSTART:20260105T100000Z", rule],
            "20000101",
            "20500101",
            expected,
        );
    }
}

#[test]
fn until_ends_a_series_in_whatever_form() {
    let two = [
        "20260105T090000/20260105T090000",
        "20260106T090000/20260106T090000",
    ];
    for until in [
        "20260106T090000Z",
        "20260106T100000",
        "20260106",
        "20260107T085959Z",
        "20260107T095959",
    ] {
        let rule = format!("RRULE:FREQ=DAILY;UNTIL={until}");
        check(
            &["DTSTART;TZID=Europe/Berlin:20260105T100000", &rule],
            "20260101",
            "20270101",
            &two,
        );
    }
    // East of UTC the date in UTC is another one.
    check(
        &[
            "DTSTART;TZID=Asia/Tokyo:20260105T070000",
            "RRULE:FREQ=DAILY;UNTIL=20260105T220000Z",
        ],
        "20260101",
        "20270101",
        &[
            "20260104T220000/20260104T220000",
            "20260105T220000/20260105T220000",
        ],
    );
    for until in [
        "20260106",
        "20260106T000000Z",
        "20260106T235959Z",
        "20260106T000000",
    ] {
        let rule = format!("RRULE:FREQ=DAILY;UNTIL={until}");
        check(
            &["DTSTART;VALUE=DATE:20260105", &rule],
            "20260101",
            "20270101",
            &["20260105/20260106", "20260106/20260107"],
        );
    }
    for until in ["20260106T100000", "20260106T100000Z", "20260106"] {
        let rule = format!("RRULE:FREQ=DAILY;UNTIL={until}");
        check(
            &["DTSTART:20260105T100000", &rule],
            "20260101",
            "20270101",
            &[
                "20260105T100000/20260105T100000",
                "20260106T100000/20260106T100000",
            ],
        );
    }
}

#[test]
fn a_rule_that_nobody_can_follow_repeats_nothing() {
    for rule in [
        "",
        "FREQ=",
        "FREQ=FORTNIGHTLY",
        "INTERVAL=2",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=x",
        "FREQ=DAILY;INTERVAL=99999999999999999999",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=-2",
        "FREQ=DAILY;UNTIL=never",
        "FREQ=DAILY;UNTIL=",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;BYMONTH=0",
        "FREQ=DAILY;BYHOUR=24",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=YEARLY;BYYEARDAY=367",
        "FREQ=YEARLY;BYWEEKNO=54",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYDAY=É",
        "FREQ=MONTHLY;BYSETPOS=0",
        "FREQ=MONTHLY;BYSETPOS=367",
        "FREQ=WEEKLY;WKST=",
        "RSCALE=HEBREW;FREQ=YEARLY",
    ] {
        let line = format!("RRULE:{rule}");
        let object = events(&[&["DTSTART:20260105T100000Z", &line]]);
        let found = occurrences(&object, &Window::default(), &Zone::UTC);
        assert!(found.complete, "{rule}");
        assert_eq!(found.items.len(), 1, "{rule}");
        assert_eq!(found.items[0].recurrence_id, None, "{rule}");
    }
}

#[test]
fn oddly_written_rules_are_followed() {
    let two = [
        "20260105T100000/20260105T100000",
        "20260106T100000/20260106T100000",
    ];
    for rule in [
        "FREQ=DAILY;COUNT=2",
        "freq=daily;count=2",
        "COUNT=2;FREQ=DAILY",
        " FREQ = DAILY ; COUNT = 2 ",
        "FREQ=DAILY;COUNT=2;",
        ";;FREQ=DAILY;COUNT=2",
        "FREQ=DAILY;COUNT=2;X-NAME=1",
        "FREQ=DAILY;COUNT=2;BYDAY=",
        "FREQ=DAILY;COUNT=2;BYDAY=MO,TU,",
        "RSCALE=GREGORIAN;FREQ=DAILY;COUNT=2;SKIP=OMIT",
        "FREQ=DAILY;COUNT=2;BYEASTER=1",
        "FREQ=DAILY;COUNT=02",
        "FREQ=WEEKLY;BYDAY=1MO,+1TU;COUNT=2",
        "FREQ=DAILY;COUNT=2;BYSECOND=0,60;BYSETPOS=1",
    ] {
        let line = format!("RRULE:{rule}");
        check(
            &["DTSTART:20260105T100000Z", &line],
            "20260101",
            "20270101",
            &two,
        );
    }
}

/// RFC 7529 section 4.1, and its example in section 5.
#[test]
fn skip_moves_what_a_month_does_not_have() {
    for (start, rule, expected) in [
        (
            "20260131",
            "FREQ=MONTHLY;COUNT=4;SKIP=BACKWARD",
            ["20260131", "20260228", "20260331", "20260430"],
        ),
        (
            "20260131",
            "FREQ=MONTHLY;COUNT=4;SKIP=FORWARD",
            ["20260131", "20260301", "20260331", "20260501"],
        ),
        (
            "20260131",
            "FREQ=MONTHLY;COUNT=4;SKIP=OMIT",
            ["20260131", "20260331", "20260531", "20260731"],
        ),
        (
            "20240229",
            "RSCALE=GREGORIAN;FREQ=YEARLY;COUNT=4;SKIP=FORWARD",
            ["20240229", "20250301", "20260301", "20270301"],
        ),
        (
            "20240229",
            "RSCALE=GREGORIAN;FREQ=YEARLY;COUNT=4;SKIP=BACKWARD",
            ["20240229", "20250228", "20260228", "20270228"],
        ),
        (
            "20260131",
            "FREQ=MONTHLY;COUNT=4;BYMONTHDAY=1,31;SKIP=FORWARD",
            ["20260131", "20260201", "20260301", "20260331"],
        ),
    ] {
        let object = events(&[&[
            &format!("DTSTART;VALUE=DATE:{start}"),
            &format!("RRULE:{rule}"),
        ]]);
        let shown = shown(&object, &Window::default(), Tz::UTC);
        let days: Vec<&str> = shown.iter().map(|text| &text[..8]).collect();
        assert_eq!(days, expected, "{rule}");
    }
    // What leaves its month is found by those who ask for the next one only.
    let object = events(&[&[
        "DTSTART;VALUE=DATE:20260131",
        "RRULE:FREQ=MONTHLY;SKIP=FORWARD",
    ]]);
    assert_eq!(
        shown(&object, &window("20260301", "20260315"), Tz::UTC),
        ["20260301/20260302"]
    );
}

#[test]
fn parts_that_mean_nothing_to_a_day_are_passed_over() {
    check(
        &[
            "DTSTART;VALUE=DATE:20260105",
            "RRULE:FREQ=DAILY;COUNT=2;BYHOUR=9,10;BYMINUTE=30",
        ],
        "20260101",
        "20270101",
        &["20260105/20260106", "20260106/20260107"],
    );
    check(
        &["DTSTART;VALUE=DATE:20260105", "RRULE:FREQ=HOURLY;COUNT=2"],
        "20260101",
        "20270101",
        &["20260105/20260106"],
    );
}
