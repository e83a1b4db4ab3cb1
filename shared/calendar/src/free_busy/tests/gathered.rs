//! What counts as busy.

use proptest::prelude::*;

use super::*;

/// The busy time of `me@b.c` in the first half of January 2026.
#[track_caller]
fn check(objects: &[CalendarObject], expected: &[&str]) {
    let who = addresses(&["other@b.c", "mailto:me@b.c"]);
    let mut busy = BusyTime::new(span("20260101", "20260115"), &who);
    for object in objects {
        busy.add(object, &Zone::UTC).unwrap();
    }
    assert_eq!(shown(&busy.finish()), expected, "{objects:?}");
}

fn hour(lines: &str) -> CalendarObject {
    let separator = if lines.is_empty() { "" } else { "|" };
    component(
        "VEVENT",
        &format!("DTSTART:20260105T100000Z|DURATION:PT1H{separator}{lines}"),
    )
}

#[test]
fn status_and_transparency_say_how_busy_one_is() {
    const BUSY: &[&str] = &["B 05T1000/05T1100"];
    const TENTATIVE: &[&str] = &["T 05T1000/05T1100"];
    for (lines, expected) in [
        ("", BUSY),
        ("TRANSP:OPAQUE", BUSY),
        ("STATUS:CONFIRMED", BUSY),
        ("STATUS:X-OTHER", BUSY),
        ("STATUS:tentative", TENTATIVE),
        ("TRANSP:OPAQUE|STATUS:TENTATIVE", TENTATIVE),
        ("STATUS:CANCELLED", &[]),
        ("TRANSP:transparent", &[]),
        ("TRANSP:TRANSPARENT|STATUS:TENTATIVE", &[]),
    ] {
        check(&[hour(lines)], expected);
    }
}

#[test]
fn who_does_not_come_is_free() {
    const BUSY: &[&str] = &["B 05T1000/05T1100"];
    const TENTATIVE: &[&str] = &["T 05T1000/05T1100"];
    let others = "ORGANIZER:mailto:o@b.c|ATTENDEE;PARTSTAT=DECLINED:mailto:x@b.c";
    for (part_stat, expected) in [
        (";PARTSTAT=ACCEPTED", BUSY),
        (";PARTSTAT=X-LATE", BUSY),
        ("", TENTATIVE),
        (";PARTSTAT=NEEDS-ACTION", TENTATIVE),
        (";PARTSTAT=TENTATIVE", TENTATIVE),
        (";PARTSTAT=DECLINED", &[]),
        (";PARTSTAT=DELEGATED", &[]),
    ] {
        check(
            &[hour(&format!("{others}|ATTENDEE{part_stat}:mailto:me@B.C"))],
            expected,
        );
    }
    check(&[hour(others)], BUSY);
    // Programs often write no answer of the organizer's own.
    let own = "ORGANIZER:mailto:me@b.c|ATTENDEE;PARTSTAT=";
    check(&[hour(&format!("{own}NEEDS-ACTION:mailto:me@b.c"))], BUSY);
    check(&[hour(&format!("{own}DECLINED:mailto:me@b.c"))], &[]);
    check(
        &[hour(&format!(
            "STATUS:TENTATIVE|{own}ACCEPTED:mailto:me@b.c"
        ))],
        TENTATIVE,
    );
}

#[test]
fn instances_are_merged_by_type_and_cut_to_the_range() {
    let series = components(
        "VEVENT",
        &[
            "DTSTART:20251231T230000Z|DURATION:PT2H|RRULE:FREQ=DAILY;COUNT=4",
            "RECURRENCE-ID:20260101T230000Z|DTSTART:20260102T010000Z|DURATION:PT1H|STATUS:TENTATIVE",
            "RECURRENCE-ID:20260102T230000Z|DTSTART:20260102T230000Z|DURATION:PT2H|STATUS:CANCELLED",
        ],
    );
    check(
        std::slice::from_ref(&series),
        &[
            "B 01T0000/01T0100",
            "T 02T0100/02T0200",
            "B 03T2300/04T0100",
        ],
    );
    let next = component("VEVENT", "DTSTART:20260101T010000Z|DTEND:20260101T020000Z");
    let over = component("VEVENT", "DTSTART:20260102T013000Z|DTEND:20260102T014000Z");
    let within = component("VEVENT", "DTSTART:20260101T001500Z|DTEND:20260101T003000Z");
    check(
        &[over, within, series, next],
        &[
            "B 01T0000/01T0200",
            "T 02T0100/02T0200",
            "B 02T0130/02T0140",
            "B 03T2300/04T0100",
        ],
    );
    let days = component("VEVENT", "DTSTART;VALUE=DATE:20260114|DURATION:P3D");
    check(&[days], &["B 14T0000/15T0000"]);
    let moment = component("VEVENT", "DTSTART:20260105T100000Z");
    let todo = component("VTODO", "DTSTART:20260105T100000Z|DURATION:PT1H");
    let journal = component("VJOURNAL", "DTSTART;VALUE=DATE:20260105");
    check(&[moment, todo, journal], &[]);
}

#[test]
fn stored_busy_time_counts_within_its_bounds() {
    let periods = "FREEBUSY:20260105T100000Z/PT1H,20260105T110000Z/20260105T120000Z,odd,20260105T150000Z/20260105T140000Z|\
                   FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260106T100000Z/PT1H|FREEBUSY;FBTYPE=busy-tentative:20260107T100000Z/PT1H|\
                   FREEBUSY;FBTYPE=FREE:20260108T100000Z/PT1H|FREEBUSY;FBTYPE=X-OTHER:20260109T100000Z/PT1H";
    let all = [
        "B 05T1000/05T1200",
        "U 06T1000/06T1100",
        "T 07T1000/07T1100",
        "B 09T1000/09T1100",
    ];
    check(&[component("VFREEBUSY", periods)], &all);
    let bounded = format!("DTSTART:20260105T103000Z|DTEND:20260107T000000Z|{periods}");
    check(
        &[component("VFREEBUSY", &bounded)],
        &["B 05T1030/05T1200", "U 06T1000/06T1100"],
    );
}

#[test]
fn the_example_of_the_rfc() {
    let mut busy = BusyTime::new(span("20060104T140000", "20060105T220000"), &[]);
    for (_, text) in RESOURCES {
        busy.add(&object(text), &eastern()).unwrap();
    }
    // RFC 4791 section 7.10.1 shows the first two, and forgets the others of its appendix B.
    assert_eq!(
        shown(&busy.finish()),
        [
            "T 04T1500/04T1600",
            "B 04T1900/04T2000",
            "U 05T1000/05T1200",
            "B 05T1700/05T1800"
        ]
    );
}

#[test]
fn days_are_busy_where_the_calendar_is() {
    let day = component("VEVENT", "DTSTART;VALUE=DATE:20260105");
    let mut busy = BusyTime::new(span("20260101", "20260115"), &[]);
    busy.add(&day, &Zone::by_name("Asia/Tokyo").unwrap())
        .unwrap();
    assert_eq!(shown(&busy.finish()), ["B 04T1500/05T1500"]);
}

#[test]
fn too_much_is_refused() {
    let minutely = component(
        "VEVENT",
        "DTSTART:20260101T000000Z|DURATION:PT1S|RRULE:FREQ=MINUTELY",
    );
    let add = |end: &str, object: &CalendarObject| {
        BusyTime::new(span("20260101", end), &[]).add(object, &Zone::UTC)
    };
    let too_many = Err(TooManyInstances {
        max: MAX_BUSY_INSTANCES,
    });
    assert_eq!(add("20260114", &minutely), Ok(()));
    assert_eq!(add("20260120", &minutely), too_many);
    let periods = vec!["20260101T000000Z/PT1H"; MAX_BUSY_INSTANCES + 1].join(",");
    assert_eq!(
        add(
            "20260120",
            &component("VFREEBUSY", &format!("FREEBUSY:{periods}"))
        ),
        too_many
    );
    // What does not occupy anybody costs nothing.
    let free = component(
        "VEVENT",
        "DTSTART:20260101T000000Z|TRANSP:TRANSPARENT|RRULE:FREQ=SECONDLY",
    );
    assert_eq!(add("20990101", &free), Ok(()));
}

proptest! {
    #[test]
    fn every_minute_is_busy_as_some_event_says(
        events in prop::collection::vec((0_i64..60, 0_i64..20, any::<bool>()), 0..12),
        start in 0_i64..40,
        length in 1_i64..40,
    ) {
        let minute = |minute: i64| at("20260105") + chrono::TimeDelta::minutes(minute);
        let range = minute(start)..minute(start + length);
        let mut busy = BusyTime::new(range.clone(), &[]);
        for (from, length, is_tentative) in &events {
            let status = if *is_tentative { "TENTATIVE" } else { "CONFIRMED" };
            let start = utc_text(minute(*from));
            let event = component("VEVENT", &format!("DTSTART:{start}|DURATION:PT{length}M|STATUS:{status}"));
            busy.add(&event, &Zone::UTC).unwrap();
        }
        let periods = busy.finish();
        for at in 0..100 {
            for (busy, is_tentative) in [(BusyType::Busy, false), (BusyType::Tentative, true)] {
                let says = periods
                    .iter()
                    .filter(|period| period.busy == busy && period.start <= minute(at) && minute(at) < period.end)
                    .count();
                let is_busy = range.contains(&minute(at))
                    && events.iter().any(|(from, length, tentative)| {
                        *tentative == is_tentative && (*from..from + length).contains(&at)
                    });
                prop_assert_eq!(says, usize::from(is_busy));
            }
        }
        prop_assert!(periods.is_sorted_by_key(|period| period.start));
    }
}
