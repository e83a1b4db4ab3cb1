//! When somebody is at all available.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

/// Office hours in Montreal, as in RFC 7953 appendix A.
const OFFICE: &str = "UID:a|SUMMARY:Monday to Friday from 9:00 to 18:00|DTSTART;TZID=America/Montreal:20061002T090000|\
    DTEND;TZID=America/Montreal:20061002T180000|RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR";

/// A component with these lines, separated by pipes, and these components in it.
fn component(name: &str, lines: &str, components: &[String]) -> String {
    let lines: String = lines
        .split('|')
        .filter(|line| !line.is_empty())
        .map(|line| format!("{line}\r\n"))
        .collect();
    format!(
        "BEGIN:{name}\r\n{lines}{}END:{name}\r\n",
        components.concat()
    )
}

/// A VAVAILABILITY with these lines and AVAILABLEs.
fn times(lines: &str, available: &[&str]) -> String {
    let available: Vec<String> = available
        .iter()
        .map(|lines| component("AVAILABLE", lines, &[]))
        .collect();
    component("VAVAILABILITY", lines, &available)
}

fn calendar(components: &[String]) -> String {
    component("VCALENDAR", "VERSION:2.0", components)
}

fn parse(components: &[String]) -> Result<Availability, InvalidAvailability> {
    Availability::parse(calendar(components).as_bytes())
}

/// The busy time between two instants.
fn busy(components: &[String], start: &str, end: &str) -> Vec<String> {
    let availability = parse(components).unwrap();
    let mut busy = BusyTime::new(span(start, end), &[]);
    busy.add_availability(&availability).unwrap();
    shown(&busy.finish())
}

#[track_caller]
fn check(components: &[String], expected: &[&str]) {
    assert_eq!(
        busy(components, "20260105", "20260107"),
        expected,
        "{components:?}"
    );
}

/// Some hours of the fifth of January 2026.
fn hours(uid: &str, from: u8, to: u8) -> String {
    format!("UID:{uid}|DTSTART:20260105T{from:02}0000Z|DTEND:20260105T{to:02}0000Z")
}

#[test]
fn example_of_the_rfc() {
    let mut busy = BusyTime::new(span("20061106T050000", "20061107T050000"), &[]);
    let office = "DTSTART;TZID=America/Montreal:20061002T000000";
    let office = parse(&[times(office, &[OFFICE])]).unwrap();
    busy.add_availability(&office).unwrap();
    let meeting = "DTSTART;TZID=America/Montreal:20061106T120000|DURATION:PT1H|SUMMARY:Meeting";
    busy.add(&crate::rfc4791::component("VEVENT", meeting), &Zone::UTC)
        .unwrap();
    assert_eq!(
        shown(&busy.finish()),
        [
            "U 06T0500/06T1400",
            "B 06T1700/06T1800",
            "U 06T2300/07T0500"
        ]
    );
}

#[test]
fn without_available_all_of_its_time_is_busy_and_none_beyond_it() {
    let all = ["U 05T0000/07T0000"];
    check(&[times("", &[])], &all);
    check(&[times("DTSTART:20260101T000000Z", &[])], &all);
    check(&[times("DTEND:20270101T000000Z", &[])], &all);
    let noon = "DTSTART:20260105T120000Z";
    check(&[times(noon, &[])], &["U 05T1200/07T0000"]);
    check(
        &[times(&noon.replace("DTSTART", "DTEND"), &[])],
        &["U 05T0000/05T1200"],
    );
    check(
        &[times(&format!("{noon}|DURATION:PT2H"), &[])],
        &["U 05T1200/05T1400"],
    );
    check(
        &[times(
            "DTSTART;TZID=Europe/Berlin:20260105T120000|DTEND;TZID=Europe/Berlin:20260105T140000",
            &[],
        )],
        &["U 05T1100/05T1300"],
    );
    for outside in ["DTEND:20260105T000000Z", "DTSTART:20260107T000000Z"] {
        check(&[times(outside, &[])], &[]);
    }
}

#[test]
fn busy_type_is_the_one_that_it_says() {
    let day = "DTEND:20260106T000000Z";
    for (lines, expected) in [
        ("", "U 05T0000/06T0000"),
        ("|BUSYTYPE:BUSY-UNAVAILABLE", "U 05T0000/06T0000"),
        ("|BUSYTYPE:busy-tentative", "T 05T0000/06T0000"),
        ("|BUSYTYPE:BUSY", "B 05T0000/06T0000"),
        ("|BUSYTYPE:X-ON-CALL", "B 05T0000/06T0000"),
    ] {
        check(&[times(&format!("{day}{lines}"), &[])], &[expected]);
    }
}

#[test]
fn available_repeats_with_its_exceptions_and_overrides() {
    let series = "UID:s|DTSTART:20260101T090000Z|DURATION:PT8H|RRULE:FREQ=DAILY";
    check(
        &[times("", &[series])],
        &[
            "U 05T0000/05T0900",
            "U 05T1700/06T0900",
            "U 06T1700/07T0000",
        ],
    );
    check(
        &[times("", &[&format!("{series}|EXDATE:20260106T090000Z")])],
        &["U 05T0000/05T0900", "U 05T1700/07T0000"],
    );
    let later =
        "UID:s|RECURRENCE-ID:20260106T090000Z|DTSTART:20260106T120000Z|DTEND:20260106T130000Z";
    // In whatever order they stand.
    for available in [[series, later], [later, series]] {
        check(
            &[times("", &available)],
            &[
                "U 05T0000/05T0900",
                "U 05T1700/06T1200",
                "U 06T1300/07T0000",
            ],
        );
    }
    // Another UID is another series.
    check(
        &[times("", &[series, &later.replace("UID:s", "UID:t")])],
        &[
            "U 05T0000/05T0900",
            "U 05T1700/06T0900",
            "U 06T1700/07T0000",
        ],
    );
}

#[test]
fn available_frees_the_time_of_its_own_vavailability_alone() {
    check(
        &[times(
            "DTSTART:20260105T080000Z|DTEND:20260105T180000Z",
            &[&hours("a", 6, 10), &hours("b", 9, 11), &hours("c", 17, 20)],
        )],
        &["U 05T1100/05T1700"],
    );
    let morning = times("DTEND:20260105T120000Z", &[&hours("a", 8, 16)]);
    let evening = times("DTSTART:20260105T120000Z|DTEND:20260106T000000Z", &[]);
    check(
        &[morning, evening],
        &["U 05T0000/05T0800", "U 05T1200/06T0000"],
    );
}

#[test]
fn higher_priority_takes_the_place_of_lower_and_one_is_the_highest() {
    let office = |priority: &str| times(priority, &[&hours("a", 8, 16)]);
    let holiday = |priority: &str| {
        let lines =
            format!("BUSYTYPE:BUSY|DTSTART:20260105T100000Z|DTEND:20260105T180000Z{priority}");
        times(&lines, &[&hours("b", 12, 14)])
    };
    let holiday_wins: &[&str] = &[
        "U 05T0000/05T0800",
        "B 05T1000/05T1200",
        "B 05T1400/05T1800",
        "U 05T1800/07T0000",
    ];
    let office_wins: &[&str] = &["U 05T0000/05T0800", "U 05T1600/07T0000"];
    // What makes busy comes before what frees.
    let both: &[&str] = &[
        "U 05T0000/05T0800",
        "B 05T1600/05T1800",
        "U 05T1600/07T0000",
    ];
    for (first, second, expected) in [
        ("", "|PRIORITY:1", holiday_wins),
        ("", "|PRIORITY:9", holiday_wins),
        ("PRIORITY:0", "|PRIORITY:9", holiday_wins),
        ("PRIORITY:2", "|PRIORITY:1", holiday_wins),
        ("PRIORITY:9", "", office_wins),
        ("PRIORITY:1", "|PRIORITY:2", office_wins),
        ("PRIORITY:1", "|PRIORITY:0", office_wins),
        ("", "", both),
        ("", "|PRIORITY:0", both),
        ("PRIORITY:5", "|PRIORITY:5", both),
    ] {
        let components = [office(first), holiday(second)];
        check(&components, expected);
        let [office, holiday] = components;
        check(&[holiday, office], expected);
    }
}

#[test]
fn zone_is_what_its_vtimezone_says_where_its_name_says_nothing() {
    let zone = |offset: &str| {
        let lines = format!("DTSTART:19700101T000000|TZOFFSETFROM:{offset}|TZOFFSETTO:{offset}");
        component(
            "VTIMEZONE",
            "TZID:Our own zone",
            &[component("STANDARD", &lines, &[])],
        )
    };
    let office = "UID:a|DTSTART;TZID=Our own zone:20260105T090000|DURATION:PT8H";
    let all = times("DTEND;TZID=Our own zone:20260106T000000", &[office]);
    check(
        &[zone("+0230"), all.clone()],
        &["U 05T0000/05T0630", "U 05T1430/05T2130"],
    );
    assert_eq!(
        parse(&[all]).unwrap_err().to_string(),
        "not an availability: DTEND is not a time in UTC or in a time zone that is known"
    );
}

#[test]
fn time_of_day_stays_when_the_clocks_change() {
    let office = "UID:a|DTSTART;TZID=Europe/Berlin:20260101T090000|DURATION:PT1H|RRULE:FREQ=DAILY";
    assert_eq!(
        busy(
            &[times("DTSTART:20260328T000000Z", &[office])],
            "20260328T120000",
            "20260329T120000"
        ),
        ["U 28T1200/29T0700", "U 29T0800/29T1200"]
    );
}

#[test]
fn what_is_no_availability_is_refused_with_its_reason() {
    let refused = |why: &str| format!("not an availability: {why}");
    let whole = |lines: &str| vec![times(lines, &[])];
    let one = |lines: &str| vec![times("", &[lines])];
    let many = hours("a", 8, 9);
    let many = vec![many.as_str(); MAX_AVAILABILITY_COMPONENTS];
    for (components, expected) in [
        (vec![], refused("it holds no VAVAILABILITY")),
        (
            vec![component("VEVENT", "UID:a", &[])],
            refused("it holds a VEVENT"),
        ),
        (
            vec![component(
                "VAVAILABILITY",
                "",
                &[component("VEVENT", "UID:a", &[])],
            )],
            refused("a VAVAILABILITY holds a VEVENT"),
        ),
        (
            vec![times("", &many)],
            refused("it holds more than 100 components"),
        ),
        (
            whole("PRIORITY:10"),
            refused("PRIORITY is not a number from 0 to 9"),
        ),
        (
            whole("PRIORITY:high"),
            refused("PRIORITY is not a number from 0 to 9"),
        ),
        (
            whole("BUSYTYPE:FREE"),
            refused("BUSYTYPE is FREE, which AVAILABLE is for"),
        ),
        (
            whole("BUSYTYPE:BUSY|BUSYTYPE:BUSY"),
            refused("it has more than one BUSYTYPE"),
        ),
        (
            whole("DTSTART;VALUE=DATE:20260105"),
            refused("DTSTART is not a time in UTC or in a time zone that is known"),
        ),
        (
            whole("DTSTART:20260105T000000"),
            refused("DTSTART is not a time in UTC or in a time zone that is known"),
        ),
        (
            whole("DTSTART:soon"),
            refused("DTSTART is not a time in UTC or in a time zone that is known"),
        ),
        (
            whole("DURATION:PT1H"),
            refused("it has a DURATION and no DTSTART"),
        ),
        (
            whole("DTSTART:20260105T000000Z|DTEND:20260106T000000Z|DURATION:PT1H"),
            refused("it has both DTEND and DURATION"),
        ),
        (
            whole("DTSTART:20260105T000000Z|DURATION:-PT1H"),
            refused("DURATION is not a duration"),
        ),
        (
            whole("DTSTART:20260105T000000Z|DTEND:20260105T000000Z"),
            refused("its end is not after its DTSTART"),
        ),
        (
            one("DTSTART:20260105T000000Z|DURATION:PT1H"),
            refused("an AVAILABLE has no UID"),
        ),
        (
            one("UID:a|DTSTART:20260105T000000Z"),
            refused("an AVAILABLE has no DTSTART, or neither DTEND nor DURATION"),
        ),
        (
            one("UID:a|DTEND:20260105T000000Z"),
            refused("an AVAILABLE has no DTSTART, or neither DTEND nor DURATION"),
        ),
        (
            one(&format!("{}|RECURRENCE-ID:never", hours("a", 8, 9))),
            "an AVAILABLE, taken as a VEVENT, can't be read: not valid iCalendar: line 7: RECURRENCE-ID is neither a date nor a time".to_owned(),
        ),
    ] {
        assert_eq!(
            parse(&components).unwrap_err().to_string(),
            expected,
            "{components:?}"
        );
    }
    let error = Availability::parse(b"hello").unwrap_err();
    assert!(
        matches!(error, InvalidAvailability::NotICalendar(_)),
        "{error}"
    );
    // What is private is left alone.
    let private = component("X-OURS", "X:1", &[]);
    let with_private = component("VAVAILABILITY", "", std::slice::from_ref(&private));
    assert_eq!(parse(&[private, with_private]).map(|_| ()), Ok(()));
}

#[test]
fn too_much_is_refused() {
    let minutely = "UID:a|DTSTART:20260101T000000Z|DURATION:PT30S|RRULE:FREQ=MINUTELY";
    let availability = parse(&[times("", &[minutely])]).unwrap();
    let too_many = Err(TooManyInstances {
        max: MAX_BUSY_INSTANCES,
    });
    let found = availability.busy_periods(&span("20260101", "20260110"));
    assert_eq!(found.map(|found| found.len()), Ok(9 * 24 * 60));
    let found = availability.busy_periods(&span("20260101", "20260120"));
    assert_eq!(found, too_many);
    // Nothing is looked at beyond its time.
    let past = parse(&[times("DTEND:20260102T000000Z", &[minutely])]).unwrap();
    let found = past.busy_periods(&span("20270101", "20280101"));
    assert_eq!(found, Ok(Vec::new()));
}

proptest! {
    /// Minute by minute: the highest of those that cover it decides.
    #[test]
    fn each_minute_is_as_the_highest_priority_says(
        all in prop::collection::vec(
            (0_u8..4, 0_i64..50, 1_i64..30, prop::collection::vec((0_i64..60, 1_i64..20), 0..4)),
            1..5,
        ),
    ) {
        let minute = |minute: i64| at("20260105") + TimeDelta::minutes(minute);
        let utc = |at: i64| utc_text(minute(at));
        let components: Vec<String> = all
            .iter()
            .map(|(priority, start, length, available)| {
                let lines = format!("PRIORITY:{priority}|DTSTART:{}|DTEND:{}", utc(*start), utc(start + length));
                let available: Vec<String> = available
                    .iter()
                    .enumerate()
                    .map(|(index, (from, length))| {
                        format!("UID:{index}|DTSTART:{}|DTEND:{}", utc(*from), utc(from + length))
                    })
                    .collect();
                let available: Vec<&str> = available.iter().map(String::as_str).collect();
                times(&lines, &available)
            })
            .collect();
        let found = parse(&components).unwrap().busy_periods(&(minute(10)..minute(60))).unwrap();
        for now in 0..90 {
            let is_in = |start: i64, length: i64| (start..start + length).contains(&now);
            let covering = || all.iter().filter(|(_, start, length, _)| is_in(*start, *length));
            let strength = |priority: u8| if priority == 0 { 0 } else { 10 - priority };
            let highest = covering().map(|(priority, ..)| strength(*priority)).max();
            let is_free = covering()
                .filter(|(priority, ..)| Some(strength(*priority)) == highest)
                .any(|(_, _, _, available)| available.iter().any(|(from, length)| is_in(*from, *length)));
            let expected = highest.is_some() && !is_free && (10..60).contains(&now);
            let is_busy = found.iter().any(|period| period.start <= minute(now) && minute(now) < period.end);
            prop_assert_eq!(is_busy, expected, "{}", now);
        }
    }
}
