//! CALDAV:expand.

use super::*;

/// The times of each instance, in the order in which they are written.
#[track_caller]
fn check(kind: &str, lines: &[&str], start: &str, end: &str, expected: &[&str]) {
    let data = expanded(&components(kind, lines), start, end);
    assert_eq!(times(&data, kind), expected, "{lines:?}");
}

fn times(data: &str, kind: &str) -> Vec<String> {
    let is_time = |line: &&String| {
        ["DT", "DUE", "DURATION", "RECURRENCE-ID"]
            .iter()
            .any(|name| line.starts_with(name))
    };
    lines_of(data, kind)
        .iter()
        .map(|lines| {
            lines
                .iter()
                .filter(is_time)
                .cloned()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

#[test]
fn instances_are_in_utc_across_a_change_of_the_clocks() {
    check(
        "VEVENT",
        &[
            "DTSTART;TZID=Europe/Berlin:20260328T100000|DTEND;TZID=Europe/Berlin:20260328T110000|RRULE:FREQ=DAILY",
        ],
        "20260328",
        "20260330",
        &[
            "DTSTART:20260328T090000Z RECURRENCE-ID:20260328T090000Z DTEND:20260328T100000Z",
            "DTSTART:20260329T080000Z RECURRENCE-ID:20260329T080000Z DTEND:20260329T090000Z",
        ],
    );
    // A day is 23 hours long that night, which P1D does not say in UTC.
    check(
        "VEVENT",
        &["DTSTART;TZID=Europe/Berlin:20260327T120000|DURATION:P1D|RRULE:FREQ=DAILY;COUNT=2"],
        "20260327",
        "20260401",
        &[
            "DTSTART:20260327T110000Z RECURRENCE-ID:20260327T110000Z DURATION:P1D",
            "DTSTART:20260328T110000Z RECURRENCE-ID:20260328T110000Z DTEND:20260329T100000Z",
        ],
    );
}

#[test]
fn days_stay_days_and_local_times_stay_local() {
    check(
        "VEVENT",
        &["DTSTART;VALUE=DATE:20260105|DURATION:P2D|RRULE:FREQ=WEEKLY"],
        "20260113",
        "20260114",
        &["DTSTART;VALUE=DATE:20260112 RECURRENCE-ID;VALUE=DATE:20260112 DURATION:P2D"],
    );
    check(
        "VEVENT",
        &["DTSTART:20260105T100000|DTEND:20260105T110000|RRULE:FREQ=DAILY;COUNT=2"],
        "20260106",
        "20260107",
        &["DTSTART:20260106T100000 RECURRENCE-ID:20260106T100000 DTEND:20260106T110000"],
    );
    // Nobody knows what it means, and there is no VTIMEZONE to say it.
    check(
        "VEVENT",
        &["DTSTART;TZID=Our zone:20260105T100000|RRULE:FREQ=DAILY;COUNT=2"],
        "20260106",
        "20260107",
        &["DTSTART:20260106T100000 RECURRENCE-ID:20260106T100000"],
    );
}

#[test]
fn what_does_not_recur_has_no_recurrence_id() {
    let one =
        "DTSTART;TZID=Europe/Berlin:20260105T100000|DTEND;TZID=America/New_York:20260105T050000";
    check(
        "VEVENT",
        &[one],
        "20260105",
        "20260106",
        &["DTSTART:20260105T090000Z DTEND:20260105T100000Z"],
    );
    check("VEVENT", &[one], "20260106", "20260107", &[]);
    check(
        "VTODO",
        &["SUMMARY:Some day"],
        "20260106",
        "20260107",
        &[""],
    );
    check(
        "VJOURNAL",
        &["SUMMARY:No time"],
        "20260106",
        "20260107",
        &[],
    );
}

#[test]
fn overrides_stand_for_their_instances() {
    let series = "DTSTART:20260105T100000Z|DURATION:PT1H|RRULE:FREQ=DAILY;COUNT=4|EXDATE:20260108T100000Z|SUMMARY:a";
    let moved = "RECURRENCE-ID;TZID=Europe/Berlin:20260106T110000|DTSTART;TZID=Europe/Berlin:20260106T160000|SUMMARY:b";
    check(
        "VEVENT",
        &[series, moved],
        "20260105",
        "20260201",
        &[
            "DTSTART:20260105T100000Z RECURRENCE-ID:20260105T100000Z DURATION:PT1H",
            "DTSTART:20260106T150000Z RECURRENCE-ID:20260106T100000Z",
            "DTSTART:20260107T100000Z RECURRENCE-ID:20260107T100000Z DURATION:PT1H",
        ],
    );
    let future = "RECURRENCE-ID;RANGE=THISANDFUTURE:20260106T100000Z|DTSTART:20260106T120000Z|DURATION:PT2H|SUMMARY:c";
    let data = expanded(
        &components("VEVENT", &[series, future]),
        "20260107",
        "20260108",
    );
    assert_eq!(
        times(&data, "VEVENT"),
        ["DTSTART:20260107T120000Z RECURRENCE-ID:20260107T100000Z DURATION:PT2H"]
    );
    assert!(data.contains("SUMMARY:c") && !data.contains("RANGE"));
}

#[test]
fn to_dos_and_journals_recur_too() {
    check(
        "VTODO",
        &["DTSTART:20260105T100000Z|DUE:20260105T120000Z|RRULE:FREQ=DAILY"],
        "20260107",
        "20260108",
        &["DTSTART:20260107T100000Z RECURRENCE-ID:20260107T100000Z DUE:20260107T120000Z"],
    );
    check(
        "VTODO",
        &["DUE:20260105T120000Z|RRULE:FREQ=DAILY"],
        "20260107",
        "20260108",
        &["RECURRENCE-ID:20260107T120000Z DUE:20260107T120000Z"],
    );
    check(
        "VJOURNAL",
        &["DTSTART;VALUE=DATE:20260105|RRULE:FREQ=DAILY"],
        "20260107",
        "20260108",
        &["DTSTART;VALUE=DATE:20260107 RECURRENCE-ID;VALUE=DATE:20260107"],
    );
}

#[test]
fn lengths_of_their_own_are_written() {
    check(
        "VEVENT",
        &["DTSTART:20260105T100000Z|DURATION:PT1H|RDATE;VALUE=PERIOD:20260106T100000Z/PT3H"],
        "20260105",
        "20260107",
        &[
            "DTSTART:20260105T100000Z RECURRENCE-ID:20260105T100000Z DURATION:PT1H",
            "DTSTART:20260106T100000Z RECURRENCE-ID:20260106T100000Z DTEND:20260106T130000Z",
        ],
    );
}

#[test]
fn nothing_refers_to_a_time_zone_and_all_else_stays() {
    let object = object(
        "BEGIN:VCALENDAR\nVERSION:2.0\nX-WR-CALNAME:x\nBEGIN:VTIMEZONE\nTZID:Our zone\nBEGIN:STANDARD\nDTSTART:19700101T000000\n\
         TZOFFSETFROM:+0130\nTZOFFSETTO:+0130\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:X-OTHER\nX-Y:1\nEND:X-OTHER\n\
         BEGIN:VEVENT\nUID:u\nDTSTART;TZID=Our zone:20260105T100000\nX-WHEN;TZID=\"Our zone\";X-P=1:20260105T103000,\n 20260106T103000\n\
         X-ODD;TZID=Our zone:noon\nEXDATE;TZID=Our zone:20260106T100000\nRRULE:FREQ=DAILY;COUNT=2\nDESCRIPTION:Long\n  er\n\
         BEGIN:VALARM\nTRIGGER:-PT5M\nACTION:AUDIO\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n",
    );
    assert_eq!(
        expanded(&object, "20260101", "20260201").replace('\n', "|"),
        "BEGIN:VCALENDAR|VERSION:2.0|X-WR-CALNAME:x|BEGIN:X-OTHER|X-Y:1|END:X-OTHER|\
         BEGIN:VEVENT|DTSTART:20260105T083000Z|RECURRENCE-ID:20260105T083000Z|UID:u|\
         X-WHEN;X-P=1:20260105T090000Z,20260106T090000Z|X-ODD:noon|DESCRIPTION:Long|  er|\
         BEGIN:VALARM|TRIGGER:-PT5M|ACTION:AUDIO|END:VALARM|END:VEVENT|END:VCALENDAR|"
    );
    // Busy time has no instances.
    let free_busy = resource("abcd8");
    assert_eq!(
        expanded(&free_busy, "20260101", "20260102").as_bytes(),
        free_busy.as_bytes()
    );
}

#[test]
fn too_much_is_refused() {
    let expand = |object: &CalendarObject, end: &str| {
        let request = CalendarDataRequest {
            recurrence: Some(RecurrenceSet::Expand(range("20260105", end))),
            ..ALL
        };
        request.apply(object, &Zone::UTC).map(|data| data.len())
    };
    let too_many = Err(TooManyInstances {
        max: MAX_EXPANDED_INSTANCES,
    });
    let daily = component("VEVENT", "DTSTART:20260105T100000Z|RRULE:FREQ=DAILY");
    assert!(expand(&daily, "20310101").is_ok());
    assert_eq!(expand(&daily, "20330101"), too_many);
    assert_eq!(expand(&daily, ""), too_many);
    let large = format!(
        "DTSTART:20260105T100000Z|RRULE:FREQ=DAILY|DESCRIPTION:{}",
        "x".repeat(100_000)
    );
    let large = component("VEVENT", &large);
    assert!(expand(&large, "20260201").is_ok());
    assert_eq!(expand(&large, "20270101"), too_many);
}
