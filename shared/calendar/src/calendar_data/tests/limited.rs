//! Overrides and busy periods that are left out.

use super::*;

const SERIES: &str = "DTSTART:20260105T100000Z|DTEND:20260105T110000Z|RRULE:FREQ=DAILY";

/// The recurrence ids that stay.
#[track_caller]
fn check(overrides: &[&str], start: &str, end: &str, expected: &[&str]) {
    let all: Vec<&str> = std::iter::once(SERIES)
        .chain(overrides.iter().copied())
        .collect();
    let object = components("VEVENT", &all);
    let request = CalendarDataRequest {
        recurrence: Some(RecurrenceSet::Limit(range(start, end))),
        ..ALL
    };
    let data = applied(&request, &object, &Zone::UTC);
    assert!(data.contains("RRULE:FREQ=DAILY\r\n"));
    let ids: Vec<_> = data
        .lines()
        .filter_map(|line| line.strip_prefix("RECURRENCE-ID"))
        .map(|line| line.rsplit_once(':').unwrap().1)
        .collect();
    assert_eq!(ids, expected, "{start} {end}");
}

#[test]
fn overrides_stay_if_they_or_what_they_replace_are_in_the_range() {
    let moved = "RECURRENCE-ID:20260107T100000Z|DTSTART:20260120T100000Z|DTEND:20260120T120000Z";
    let kept = "RECURRENCE-ID:20260109T100000Z|DTSTART:20260109T100000Z|DTEND:20260109T110000Z";
    let overrides = [moved, kept];
    let (first, second) = ("20260107T100000Z", "20260109T100000Z");
    check(&overrides, "20260107", "20260108", &[first]);
    check(&overrides, "20260107T103000", "20260107T104000", &[first]);
    check(&overrides, "20260107T110000", "20260108", &[]);
    check(&overrides, "20260120T113000", "20260120T114000", &[first]);
    check(&overrides, "20260120T120000", "20260121", &[]);
    check(&overrides, "20260109", "", &[first, second]);
    check(&overrides, "", "20260107T100000", &[]);
    check(&overrides, "", "20260107T100001", &[first]);
    let future = "RECURRENCE-ID;RANGE=THISANDFUTURE:20260109T100000Z|DTSTART:20260109T150000Z";
    check(&[moved, future], "20990101", "20990102", &[second]);
    check(&[moved, future], "20260108", "20260109", &[]);
}

#[test]
fn overrides_of_days_take_their_days() {
    let object = components(
        "VEVENT",
        &[
            "DTSTART;VALUE=DATE:20260105|DTEND;VALUE=DATE:20260107|RRULE:FREQ=WEEKLY",
            "RECURRENCE-ID;VALUE=DATE:20260112|DTSTART;VALUE=DATE:20260120",
        ],
    );
    let stays = |start: &str, end: &str| {
        let request = CalendarDataRequest {
            recurrence: Some(RecurrenceSet::Limit(range(start, end))),
            ..ALL
        };
        applied(&request, &object, &Zone::UTC).contains("RECURRENCE-ID")
    };
    assert!(stays("20260113", "20260114") && stays("20260120T120000", "20260120T130000"));
    assert!(!stays("20260114", "20260115") && !stays("20260121", "20260122"));
}

#[test]
fn busy_periods_stay_if_they_overlap_the_range() {
    let lines = "FREEBUSY:20260105T100000Z/PT1H,20260106T100000Z/20260106T110000Z,20260107T100000Z/PT1H|\
                 FREEBUSY;FBTYPE=FREE:20260110T000000Z/P1D|FREEBUSY:odd";
    let object = component("VFREEBUSY", lines);
    let limited = |start: &str, end: &str| {
        let request = CalendarDataRequest {
            limit_freebusy: Some(range(start, end)),
            ..ALL
        };
        let data = applied(&request, &object, &Zone::UTC);
        lines_of(&data, "VFREEBUSY")[0][1..].join("|")
    };
    assert_eq!(limited("20260101", ""), lines);
    assert_eq!(
        limited("20260106", "20260107"),
        "FREEBUSY:20260106T100000Z/20260106T110000Z|FREEBUSY:odd"
    );
    assert_eq!(
        limited("20260105T105959", "20260107"),
        "FREEBUSY:20260105T100000Z/PT1H,20260106T100000Z/20260106T110000Z|FREEBUSY:odd"
    );
    assert_eq!(
        limited("20260110T120000", "20260111"),
        "FREEBUSY;FBTYPE=FREE:20260110T000000Z/P1D|FREEBUSY:odd"
    );
}
