//! Filters that ask about instances.

use super::*;

const DAILY: &str = "DTSTART:20260105T100000Z|DTEND:20260105T110000Z|RRULE:FREQ=DAILY";

#[test]
fn a_series_is_found_by_any_of_its_instances() {
    let endless = component("VEVENT", DAILY);
    for (start, end, expected) in [
        ("20260105T100000", "20260105T110000", true),
        ("20990705T103000", "20990705T104000", true),
        ("20990705T110000", "20990706T100000", false),
        ("21500101", "", true),
        ("", "20260105T100000", false),
        ("", "20260105T100001", true),
    ] {
        assert_eq!(
            found(in_range("VEVENT", start, end), &endless),
            expected,
            "{start} {end}"
        );
    }
    let holes = component(
        "VEVENT",
        "DTSTART:20260105T100000Z|RRULE:FREQ=DAILY;COUNT=3|EXDATE:20260106T100000Z|RDATE:20260201T100000Z",
    );
    for (day, next, expected) in [
        ("20260105", "20260106", true),
        ("20260106", "20260107", false),
        ("20260107", "20260108", true),
        ("20260108", "20260201", false),
        ("20260201", "20260202", true),
    ] {
        assert_eq!(
            found(in_range("vevent", day, next), &holes),
            expected,
            "{day}"
        );
    }
}

#[test]
fn days_and_times_without_a_zone_are_where_the_calendar_is() {
    let day = component("VEVENT", "DTSTART;VALUE=DATE:20260105");
    let noon = component("VEVENT", "DTSTART:20260105T120000|DURATION:PT1H");
    let zone = Zone::by_name("Asia/Tokyo").unwrap();
    for (object, start, end, utc, tokyo) in [
        (&day, "20260104T150000", "20260104T150001", false, true),
        (&day, "20260105T150000", "20260105T150001", true, false),
        (&noon, "20260105T033000", "20260105T034000", false, true),
        (&noon, "20260105T123000", "20260105T124000", true, false),
    ] {
        assert_eq!(
            found_in(in_range("VEVENT", start, end), object, &Zone::UTC),
            utc,
            "{start}"
        );
        assert_eq!(
            found_in(in_range("VEVENT", start, end), object, &zone),
            tokyo,
            "{start}"
        );
    }
}

#[test]
fn all_tests_hold_for_the_same_component() {
    let object = components(
        "VEVENT",
        &[
            &format!("{DAILY};COUNT=5|SUMMARY:Team"),
            "RECURRENCE-ID:20260107T100000Z|DTSTART:20260107T150000Z|DTEND:20260107T160000Z|SUMMARY:Moved|STATUS:TENTATIVE",
        ],
    );
    let both = |part: &str, start: &str, end: &str| {
        found(
            all(
                "VEVENT",
                Some(range(start, end)),
                vec![holds("SUMMARY", part)],
                vec![],
            ),
            &object,
        )
    };
    assert!(both("moved", "20260107T150000", "20260107T160000"));
    assert!(!both("team", "20260107T150000", "20260107T160000"));
    assert!(both("team", "20260106", "20260107"));
    assert!(!both("moved", "20260106", "20260107"));
    // What was moved away is not there any more.
    assert!(!both("", "20260107T100000", "20260107T110000"));
    let properties =
        |filters: Vec<PropertyFilter>| found(all("VEVENT", None, filters, vec![]), &object);
    assert!(properties(vec![
        holds("SUMMARY", "moved"),
        holds("STATUS", "tentative")
    ]));
    assert!(!properties(vec![
        holds("SUMMARY", "team"),
        holds("STATUS", "tentative")
    ]));
    assert!(properties(vec![
        holds("SUMMARY", "team"),
        no_property("STATUS")
    ]));
    assert!(!properties(vec![
        holds("SUMMARY", "moved"),
        is_at("DTSTART", "20260106", "20260107")
    ]));
    assert!(properties(vec![
        holds("SUMMARY", "team"),
        is_at("DTSTART", "20260106", "20260107")
    ]));
    assert!(properties(vec![
        holds("SUMMARY", "team"),
        is_at("DTEND", "20260106T110000", "20260106T110001")
    ]));
}

#[test]
fn what_follows_an_override_is_described_by_it() {
    let object = components(
        "VEVENT",
        &[
            &format!("{DAILY}|SUMMARY:Early"),
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260110T100000Z|DTSTART:20260110T150000Z|DTEND:20260110T160000Z|SUMMARY:Late",
        ],
    );
    let both = |part: &str, start: &str, end: &str| {
        found(
            all(
                "VEVENT",
                Some(range(start, end)),
                vec![holds("SUMMARY", part)],
                vec![],
            ),
            &object,
        )
    };
    assert!(both("late", "20270101T150000", "20270101T160000"));
    assert!(!both("early", "20270101", "20270102"));
    assert!(both("early", "20260109", "20260110"));
    assert!(!both("late", "20260109", "20260110"));
}

#[test]
fn alarms_go_off_for_each_instance() {
    let alarms = |filter: ComponentFilter, object: &CalendarObject| {
        found(all("VEVENT", None, vec![], vec![filter]), object)
    };
    let series = format!("{DAILY}|BEGIN:VALARM|ACTION:AUDIO|TRIGGER:-P2D|END:VALARM");
    let endless = component("VEVENT", &series);
    assert!(alarms(
        in_range("VALARM", "20991231T100000", "20991231T100001"),
        &endless
    ));
    assert!(!alarms(
        in_range("VALARM", "20991231T100001", "20991231T110000"),
        &endless
    ));
    assert!(alarms(
        in_range("VALARM", "20260103T100000", "20260103T100001"),
        &endless
    ));
    assert!(!alarms(
        in_range("VALARM", "20260102T100000", "20260103T100000"),
        &endless
    ));
    let audible = |action: &str| {
        let range = range("20260110T100000", "20260110T100001");
        all("valarm", Some(range), vec![holds("ACTION", action)], vec![])
    };
    assert!(alarms(audible("audio"), &endless));
    assert!(!alarms(audible("display"), &endless));
    // An override has the alarms that it says, and no others.
    let object = components(
        "VEVENT",
        &[
            &series,
            "RECURRENCE-ID:20260112T100000Z|DTSTART:20260112T100000Z|SUMMARY:quiet",
        ],
    );
    assert!(!alarms(
        in_range("VALARM", "20260110T100000", "20260110T100001"),
        &object
    ));
    assert!(alarms(
        in_range("VALARM", "20260111T100000", "20260111T100001"),
        &object
    ));
    assert!(alarms(no_component("VALARM"), &object));
    assert!(!alarms(no_component("VALARM"), &endless));
    let silent = all(
        "VEVENT",
        Some(range("20260112", "20260113")),
        vec![],
        vec![no_component("VALARM")],
    );
    assert!(found(silent, &object));
}

#[test]
fn a_series_that_is_too_much_work_matches() {
    // Each minute at second 0, and only at second 30: that there is none takes looking at each minute.
    let never = component(
        "VEVENT",
        "DTSTART:20260105T100000Z|RRULE:FREQ=SECONDLY;INTERVAL=60;BYSECOND=30",
    );
    assert!(found(in_range("VEVENT", "20260106", ""), &never));
    assert!(!found(in_range("VEVENT", "20260106", "20260107"), &never));
    let overrides = components(
        "VEVENT",
        &[
            &format!("{DAILY}|SUMMARY:series"),
            "RECURRENCE-ID:20260106T100000Z|DTSTART:20260106T100000Z|SUMMARY:override",
        ],
    );
    // The series does not end, but the override is known.
    let filter = all(
        "VEVENT",
        Some(range("20270101", "")),
        vec![holds("SUMMARY", "override")],
        vec![],
    );
    assert!(!found(filter, &overrides));
}
