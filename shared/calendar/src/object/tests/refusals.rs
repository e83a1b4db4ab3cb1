//! What is refused, and what the limits are.

use super::*;

#[test]
fn what_is_not_icalendar_is_refused() {
    let one = calendar(&event(""));
    for (file, expected) in [
        (String::new(), "no line breaks"),
        ("hello".to_owned(), "no line breaks"),
        (one.replace("\r\n", ""), "--data-binary"),
        (one.replace("\r\n", "\r"), "no line breaks"),
        (
            "hello: world\n".to_owned(),
            "line 1: it does not begin with BEGIN:VCALENDAR",
        ),
        (
            "<html>\n</html>\n".to_owned(),
            "line 1: a line has no colon",
        ),
        ("\r\n".to_owned(), "ends before END:VCALENDAR"),
        (event(""), "does not begin with BEGIN:VCALENDAR"),
        (
            one.replace("END:VCALENDAR\r\n", ""),
            "ends before END:VCALENDAR",
        ),
        (
            one.replace("END:VEVENT\r\n", ""),
            "line 6: an END does not match its BEGIN",
        ),
        (
            one.replace("END:VEVENT", "END:VTODO"),
            "an END does not match its BEGIN",
        ),
        (format!("{one}{one}"), "after END:VCALENDAR"),
        (
            one.replace("VERSION:2.0", "VERSION:1.0"),
            "VERSION is not 2.0",
        ),
        (one.replace("UID:u", "UID:u\0"), "NUL"),
        (one.replace("UID:u", "UID:u\rX:y"), "carriage return"),
        (one.replace("UID:u\r\n", "UID:u\r\r\n"), "carriage return"),
        (
            one.replace("UID:u", "UID:u\r\nprose without a colon"),
            "line 5: a line has no colon",
        ),
        (
            one.replace("20260105T100000Z", "tomorrow"),
            "DTSTART is neither a date nor a time",
        ),
        (
            one.replace("20260105T100000Z", "20260230"),
            "DTSTART is neither a date nor a time",
        ),
        (
            calendar(&event("RECURRENCE-ID:x\r\n")),
            "RECURRENCE-ID is neither",
        ),
        (
            calendar(&event("DURATION:1h\r\n")),
            "DURATION is not a duration",
        ),
        (
            calendar(&event("ATTENDEE;CN=\"open:mailto:a@b\r\n")),
            "a quoted parameter value does not end",
        ),
        (
            calendar(&event("ATTENDEE:mailto:a\u{1}@b\r\n")),
            "control character",
        ),
        (
            calendar(&event(&format!(
                "ATTENDEE:mailto:{}@b\r\n",
                "a".repeat(2_000)
            ))),
            "an address is",
        ),
    ] {
        let error = parse(&file).unwrap_err();
        let ObjectError::NotICalendar { .. } = &error else {
            panic!("{error:?} for {file:?}")
        };
        assert!(
            error.to_string().contains(expected),
            "{error}, not {expected}, for {file:?}"
        );
    }
}

#[test]
fn what_is_not_one_object_is_refused() {
    let instance = event("RECURRENCE-ID:20260105T100000Z\r\n");
    for (file, expected) in [
        (
            calendar(""),
            "none of VEVENT, VTODO, VJOURNAL and VFREEBUSY",
        ),
        (
            calendar("BEGIN:VTIMEZONE\r\nTZID:X\r\nEND:VTIMEZONE\r\n"),
            "none of VEVENT, VTODO, VJOURNAL and VFREEBUSY",
        ),
        (
            calendar(&format!("METHOD:REQUEST\r\n{}", event(""))),
            "line 3: METHOD",
        ),
        (
            calendar(&format!("{}method:publish\r\n", event(""))),
            "METHOD",
        ),
        (
            calendar(&format!(
                "{}{}",
                event(""),
                instance.replace("UID:u", "UID:v")
            )),
            "different UIDs",
        ),
        (
            calendar(&format!(
                "{}{}",
                event(""),
                instance.replace("VEVENT", "VTODO")
            )),
            "both a VEVENT and a VTODO",
        ),
        (
            calendar(&event("").replace("UID:u\r\n", "")),
            "a VEVENT has no UID",
        ),
        (
            calendar(&event("").replace("UID:u", "UID: ")),
            "a VEVENT has no UID",
        ),
        (
            calendar(&event("").replace("UID:u", &format!("UID:{}", "u".repeat(1_025)))),
            "longer than 1024",
        ),
        (
            calendar(&event("").replace("DTSTART:20260105T100000Z\r\n", "")),
            "a VEVENT has no DTSTART",
        ),
        (
            calendar(&event("DTSTART:20260106T100000Z\r\n")),
            "more than one DTSTART",
        ),
        (calendar(&event("UID:u\r\n")), "more than one UID"),
        (
            calendar(&format!("{}{}", event(""), event(""))),
            "have no RECURRENCE-ID",
        ),
        (
            calendar(&format!("{instance}{instance}")),
            "have the RECURRENCE-ID 20260105T100000Z",
        ),
        // The same moment, written in two ways.
        (
            calendar(&format!(
                "{instance}{}",
                event("RECURRENCE-ID;TZID=Europe/Berlin:20260105T110000\r\n")
            )),
            "have the RECURRENCE-ID 20260105T100000Z",
        ),
        (
            calendar(&event("ORGANIZER;CN=x:\r\n")),
            "ORGANIZER has no address",
        ),
    ] {
        let error = parse(&file).unwrap_err();
        let ObjectError::InvalidObject { .. } = &error else {
            panic!("{error:?} for {file:?}")
        };
        assert!(
            error.to_string().contains(expected),
            "{error}, not {expected}"
        );
    }
}

#[test]
fn other_components_are_not_supported() {
    for name in ["VAVAILABILITY", "VPOLL", "VALARM", "SOMETHING"] {
        let alone = calendar(&event("").replace("VEVENT", name));
        let beside = calendar(&format!(
            "{}{}",
            event(""),
            event("").replace("VEVENT", name)
        ));
        for file in [alone, beside] {
            assert_eq!(
                parse(&file),
                Err(ObjectError::UnsupportedComponent {
                    name: name.to_owned()
                })
            );
        }
    }
}

#[test]
fn organizers_must_be_the_same() {
    let series = event("ORGANIZER:mailto:A@Example.org\r\n");
    let instance =
        |organizer: &str| event(&format!("RECURRENCE-ID:20260105T100000Z\r\n{organizer}"));
    let with = |organizer: &str| parse(&calendar(&format!("{series}{}", instance(organizer))));
    assert!(with("ORGANIZER;CN=A:MAILTO:A@example.ORG\r\n").is_ok());
    assert!(with("").is_ok());
    assert_eq!(
        with("ORGANIZER:mailto:b@example.org\r\n"),
        Err(ObjectError::DifferentOrganizers)
    );
    let twice = event("ORGANIZER:mailto:a@b\r\nORGANIZER:mailto:c@d\r\n");
    assert_eq!(
        parse(&calendar(&twice)),
        Err(ObjectError::DifferentOrganizers)
    );
}

#[test]
fn every_limit_is_an_error() {
    let large = "x".repeat(MAX_OBJECT_BYTES + 1);
    assert_eq!(
        parse(&large),
        Err(ObjectError::TooLarge {
            bytes: MAX_OBJECT_BYTES + 1,
            max: MAX_OBJECT_BYTES
        })
    );

    let attendees = |count| calendar(&event(&"ATTENDEE:mailto:a@b\r\n".repeat(count)));
    assert!(parse(&attendees(MAX_ATTENDEES)).is_ok());
    let found = MAX_ATTENDEES + 1;
    assert_eq!(
        parse(&attendees(found)),
        Err(ObjectError::TooManyAttendees {
            found,
            max: MAX_ATTENDEES
        })
    );

    let instances = |count: usize| {
        let instance = |n: usize| {
            event(&format!(
                "RECURRENCE-ID:{:08}T000000Z\r\n",
                20_000_101 + (n / 28) % 12 * 100 + n % 28 + n / 336 * 10_000
            ))
        };
        calendar(&(0..count).map(instance).collect::<String>())
    };
    assert!(parse(&instances(MAX_INSTANCES)).is_ok());
    let found = MAX_INSTANCES + 1;
    assert_eq!(
        parse(&instances(found)),
        Err(ObjectError::TooManyInstances {
            found,
            max: MAX_INSTANCES
        })
    );

    let lines = parse(&calendar(&event(&"X:\r\n".repeat(MAX_LINES)))).unwrap_err();
    assert!(
        lines.to_string().contains("more than 100000 lines"),
        "{lines}"
    );

    let dated = |dates: usize| {
        let list = vec!["20260101"; dates / 2].join(",");
        calendar(&event(&format!("RDATE:{list}\r\nEXDATE:{list}\r\n")))
    };
    assert!(parse(&dated(MAX_DATES)).is_ok());
    let dates = parse(&dated(MAX_DATES + 2)).unwrap_err().to_string();
    assert!(
        dates.contains("20002 dates in RDATE and EXDATE, more than 20000"),
        "{dates}"
    );
    // What is stored stays readable.
    assert!(CalendarObject::from_stored(dated(MAX_DATES + 2).into_bytes()).is_ok());

    let zones = |count: usize, parts: usize| {
        let parts = "BEGIN:STANDARD\r\nEND:STANDARD\r\n".repeat(parts);
        let zone = format!("BEGIN:VTIMEZONE\r\nTZID:A\r\n{parts}END:VTIMEZONE\r\n");
        calendar(&(zone.repeat(count) + &event("")))
    };
    assert!(parse(&zones(MAX_TIME_ZONES, 4)).is_ok());
    for (zones, why) in [
        (
            zones(MAX_TIME_ZONES + 1, 1),
            "501 VTIMEZONEs, more than 500",
        ),
        (
            zones(1, MAX_OBSERVANCES + 1),
            "2001 parts of VTIMEZONEs, more than 2000",
        ),
    ] {
        let refused = parse(&zones).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }

    let nested = |depth| {
        calendar(&event(&format!(
            "{}{}",
            "BEGIN:X\r\n".repeat(depth),
            "END:X\r\n".repeat(depth)
        )))
    };
    assert!(parse(&nested(MAX_COMPONENT_DEPTH - 2)).is_ok());
    let deep = parse(&nested(MAX_COMPONENT_DEPTH - 1)).unwrap_err();
    assert!(deep.to_string().contains("deeper than 16"), "{deep}");
}

/// On a small stack, so that recursion over the input would end the test.
#[test]
fn the_worst_files_of_a_mebibyte_need_no_stack() {
    let fill = |unit: &str| unit.repeat((MAX_OBJECT_BYTES - 300) / unit.len());
    let long_line = |name: &str, unit: &str, end: &str| {
        calendar(&event(&format!("{name}{}{end}\r\n", fill(unit))))
    };
    let files = [
        fill("BEGIN:VCALENDAR\r\n"),
        format!("BEGIN:VCALENDAR\r\n{}", fill("BEGIN:VEVENT\r\n")),
        calendar(&event(&fill("BEGIN:A\n"))),
        fill("\n"),
        fill("\r\n "),
        fill(" "),
        fill("A:\n "),
        long_line(
            "ATTENDEE",
            ";PARTSTAT=ACCEPTED",
            ":mailto:tg_98765@televent.internal",
        ),
        long_line(
            "ATTENDEE;MEMBER=\"a\"",
            ",\"a\"",
            ":mailto:tg_98765@televent.internal",
        ),
        long_line("ATTENDEE;CN=", "^", ":mailto:tg_98765@televent.internal"),
        long_line(
            "ATTENDEE;CN=\"",
            "\r\n x",
            "\":mailto:tg_98765@televent.internal",
        ),
        long_line("ATTENDEE;CN=", "\"", ":mailto:tg_98765@televent.internal"),
        long_line("SUMMARY:", "\\", ""),
        long_line("RRULE:", "FREQ=DAILY;", ""),
        long_line(
            "EXDATE;TZID=(UTC+01:00) Atlantis:20260105T100000",
            ",20260105T100000",
            "",
        ),
        long_line("DURATION:P", "1", "D"),
    ];
    let check = move || {
        for file in files {
            assert!(file.len() <= MAX_OBJECT_BYTES);
            if let Ok(object) = parse(&file) {
                let once = object.set_part_stat(&friend(), &Scope::All, &PartStat::Declined);
                assert_eq!(
                    once.set_part_stat(&friend(), &Scope::All, &PartStat::Declined),
                    once
                );
            }
        }
    };
    std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(check)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn people_are_counted_over_all_instances() {
    let instance = |n: usize, people: std::ops::Range<usize>| {
        let attendees: String = people
            .map(|person| format!("ATTENDEE:mailto:{person}@example.org\r\n"))
            .collect();
        event(&format!("RECURRENCE-ID:2026010{n}T000000Z\r\n{attendees}"))
    };
    let half = MAX_ATTENDEES / 2;
    let the_same_twice = instance(1, 0..half) + &instance(2, 0..half);
    assert!(parse(&calendar(&the_same_twice)).is_ok());
    let others = instance(1, 0..half) + &instance(2, half..MAX_ATTENDEES + 1);
    assert_eq!(
        parse(&calendar(&others)),
        Err(ObjectError::TooManyAttendees {
            found: MAX_ATTENDEES + 1,
            max: MAX_ATTENDEES
        })
    );
}
