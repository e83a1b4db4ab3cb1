//! Changed instances: RECURRENCE-ID, with and without RANGE=THISANDFUTURE.

use super::*;

const SERIES: &[&str] = &[
    "DTSTART;TZID=Europe/Berlin:20260105T100000",
    "DTEND;TZID=Europe/Berlin:20260105T110000",
    "RRULE:FREQ=DAILY;COUNT=4",
];

#[test]
fn an_override_takes_the_place_of_its_instance() {
    for id in [
        "RECURRENCE-ID;TZID=Europe/Berlin:20260106T100000",
        "RECURRENCE-ID:20260106T090000Z",
        "RECURRENCE-ID:20260106T100000",
        "RECURRENCE-ID;VALUE=DATE:20260106",
        "RECURRENCE-ID;TZID=America/New_York:20260106T040000",
    ] {
        let moved = events(&[SERIES, &[id, "DTSTART:20260110T080000Z", "DURATION:PT2H"]]);
        assert_eq!(
            shown(&moved, &Window::default(), Tz::UTC),
            [
                "20260105T090000/20260105T100000",
                "20260107T090000/20260107T100000",
                "20260108T090000/20260108T100000",
                "20260110T080000/20260110T100000#1",
            ],
            "{id}"
        );
        // It is where it is, not where it was.
        assert_eq!(
            shown(&moved, &window("20260106", "20260107"), Tz::UTC),
            [""; 0],
            "{id}"
        );
        assert_eq!(
            shown(&moved, &window("20260110", "20260111"), Tz::UTC),
            ["20260110T080000/20260110T100000#1"],
            "{id}"
        );
        let found = occurrences(&moved, &window("20260110", "20260111"), &Zone::UTC);
        assert_eq!(
            found.items[0].recurrence_id,
            Moment::parse("20260106T100000", Some("Europe/Berlin")),
            "{id}"
        );
    }
}

#[test]
fn an_override_of_nothing_is_an_instance() {
    let orphan = events(&[
        SERIES,
        &["RECURRENCE-ID:20260301T090000Z", "DTSTART:20260301T090000Z"],
    ]);
    assert_eq!(
        shown(&orphan, &window("20260201", "20260401"), Tz::UTC),
        ["20260301T090000/20260301T090000#1"]
    );
    // Also where an EXDATE takes away what it stands for.
    let excluded = events(&[
        &[
            "DTSTART:20260105T100000Z",
            "RRULE:FREQ=DAILY;COUNT=2",
            "EXDATE:20260106T100000Z",
        ],
        &["RECURRENCE-ID:20260106T100000Z", "DTSTART:20260106T120000Z"],
    ]);
    assert_eq!(
        shown(&excluded, &Window::default(), Tz::UTC),
        [
            "20260105T100000/20260105T100000",
            "20260106T120000/20260106T120000#1"
        ]
    );
}

#[test]
fn overrides_need_no_series() {
    let invited_to_two = events(&[
        &[
            "RECURRENCE-ID:20260107T100000Z",
            "DTSTART:20260107T110000Z",
            "RRULE:FREQ=DAILY",
        ],
        &[
            "RECURRENCE-ID;TZID=Europe/Berlin:20260106T100000",
            "DTSTART;TZID=Europe/Berlin:20260106T100000",
            "DURATION:PT1H",
        ],
    ]);
    let found = occurrences(&invited_to_two, &Window::default(), &Zone::UTC);
    assert_eq!(
        found.items.iter().map(show).collect::<Vec<_>>(),
        [
            "20260106T090000/20260106T100000#1",
            "20260107T110000/20260107T110000"
        ]
    );
    assert_eq!(
        found.items[1].recurrence_id,
        Moment::parse("20260107T100000Z", None)
    );
}

#[test]
fn what_does_not_repeat_has_no_recurrence_id() {
    let single = events(&[&["DTSTART:20260105T100000Z"]]);
    let found = occurrences(&single, &Window::default(), &Zone::UTC);
    assert_eq!(
        found.items,
        [Occurrence {
            component: 0,
            recurrence_id: None,
            start: Moment::parse("20260105T100000Z", None),
            end: None,
            from: at("20260105T100000"),
            to: at("20260105T100000"),
        }]
    );
}

#[test]
fn a_day_is_overridden_by_its_day() {
    let days = events(&[
        &["DTSTART;VALUE=DATE:20260105", "RRULE:FREQ=DAILY;COUNT=3"],
        &[
            "RECURRENCE-ID;VALUE=DATE:20260106",
            "DTSTART:20260106T100000Z",
        ],
        &[
            "RECURRENCE-ID:20260107T000000Z",
            "DTSTART;VALUE=DATE:20260109",
            "DTEND;VALUE=DATE:20260111",
        ],
    ]);
    assert_eq!(
        shown(&days, &Window::default(), Tz::UTC),
        [
            "20260105/20260106",
            "20260106T100000/20260106T100000#1",
            "20260109/20260111#2"
        ]
    );
}

#[test]
fn this_and_future_moves_all_that_follow() {
    let id = "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20260107T100000";
    for (lines, expected) in [
        (
            &[
                "DTSTART;TZID=Europe/Berlin:20260107T140000",
                "DURATION:PT2H",
            ][..],
            [
                "20260107T130000/20260107T150000#1",
                "20260108T130000/20260108T150000#1",
            ],
        ),
        (
            &["DTSTART:20260108T090000Z"],
            [
                "20260108T090000/20260108T090000#1",
                "20260109T090000/20260109T090000#1",
            ],
        ),
        // To the same time of day in another zone.
        (
            &["DTSTART;TZID=America/New_York:20260107T100000"],
            [
                "20260107T150000/20260107T150000#1",
                "20260108T150000/20260108T150000#1",
            ],
        ),
        (
            &["DTSTART;VALUE=DATE:20260110"],
            ["20260110/20260111#1", "20260111/20260112#1"],
        ),
    ] {
        let mut changed = vec![id];
        changed.extend(lines);
        let moved = events(&[SERIES, &changed]);
        let mut all = vec![
            "20260105T090000/20260105T100000",
            "20260106T090000/20260106T100000",
        ];
        all.extend(expected);
        assert_eq!(shown(&moved, &Window::default(), Tz::UTC), all, "{lines:?}");
    }
}

#[test]
fn what_moved_far_is_found_where_it_is() {
    let moved = events(&[
        &[
            "DTSTART:20260101T100000Z",
            "DURATION:PT1H",
            "RRULE:FREQ=DAILY",
        ],
        &[
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260301T100000Z",
            "DTSTART:20260401T100000Z",
            "DURATION:PT1H",
        ],
        &[
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260601T100000Z",
            "DTSTART:20260530T100000Z",
            "DURATION:PT2H",
        ],
        &["RECURRENCE-ID:20260603T100000Z", "DTSTART:20260604T100000Z"],
    ]);
    assert_eq!(
        shown(&moved, &window("20260315", "20260402"), Tz::UTC),
        ["20260401T100000/20260401T110000#1"]
    );
    assert_eq!(
        shown(&moved, &window("20260602", "20260605"), Tz::UTC),
        [
            "20260602T100000/20260602T110000#1",
            "20260602T100000/20260602T120000#2",
            "20260603T100000/20260603T110000#1",
            "20260603T100000/20260603T120000#2",
            "20260604T100000/20260604T100000#3",
            "20260604T100000/20260604T110000#1",
            "20260604T100000/20260604T120000#2",
        ]
    );
    let found = occurrences(&moved, &window("20270101", "20270102"), &Zone::UTC);
    assert_eq!(
        found.items[0].recurrence_id,
        Moment::parse("20270103T100000Z", None)
    );
    assert_eq!(show(&found.items[0]), "20270101T100000/20270101T120000#2");
}

/// Servers write the changed instance in UTC, and mean the time of day of the series.
#[test]
fn this_and_future_in_utc_keeps_the_time_of_day() {
    let moved = events(&[
        &[
            "DTSTART;TZID=Europe/Berlin:20260301T100000",
            "RRULE:FREQ=MONTHLY;COUNT=3",
        ],
        &[
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260301T090000Z",
            "DTSTART:20260301T110000Z",
        ],
    ]);
    assert_eq!(
        shown(&moved, &Window::default(), Tz::UTC),
        [
            "20260301T110000/20260301T110000#1",
            "20260401T100000/20260401T100000#1",
            "20260501T100000/20260501T100000#1"
        ]
    );
}
