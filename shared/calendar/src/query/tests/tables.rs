//! Each row of the tables of RFC 4791 section 9.9, in all ways in which a range can lie.

use super::*;

/// Hours of the day of the tests, and what is before and after all of them.
const NEVER_BEFORE: i64 = i64::MIN;
const NEVER_AFTER: i64 = i64::MAX;
const SECONDS: i64 = 3_600;

/// The day on which everything is.
const DAY: &str = "20260105";

/// Compares what is found with a condition of the RFC, whose `start` and `end` are in seconds of the day, for ranges from
/// and to each of the times and the seconds around them.
#[track_caller]
fn check(
    kind: &str,
    lines: &str,
    times: &[i64],
    wanted: impl Fn(ComponentFilter) -> ComponentFilter,
    condition: impl Fn(i64, i64) -> bool,
) {
    let object = component(kind, &lines.replace('@', DAY));
    let mut edges: Vec<i64> = times
        .iter()
        .flat_map(|time| [time - 1, *time, time + 1])
        .chain([-100_000, 200_000])
        .collect();
    edges.sort_unstable();
    edges.dedup();
    let instant = |seconds: i64| at(DAY) + chrono::TimeDelta::seconds(seconds);
    let starts = edges.iter().copied().chain([NEVER_BEFORE]);
    for start in starts {
        for end in edges.iter().copied().chain([NEVER_AFTER]) {
            if start >= end || (start == NEVER_BEFORE && end == NEVER_AFTER) {
                continue;
            }
            let range = TimeRange {
                start: (start != NEVER_BEFORE).then(|| instant(start)),
                end: (end != NEVER_AFTER).then(|| instant(end)),
            };
            let innermost = match kind {
                _ if lines.contains("VALARM") => "VALARM",
                kind => kind,
            };
            let filter = wanted(all(innermost, Some(range), vec![], vec![]));
            assert_eq!(
                found(filter, &object),
                condition(start, end),
                "{kind} {lines} in {start}..{end}"
            );
        }
    }
}

#[track_caller]
fn row(kind: &str, lines: &str, times: &[i64], condition: impl Fn(i64, i64) -> bool) {
    check(kind, lines, times, |filter| filter, condition);
}

#[test]
fn events() {
    const START: i64 = 10 * SECONDS;
    const END: i64 = 11 * SECONDS;
    const DAY_LONG: i64 = 24 * SECONDS;
    let times = &[START, END];
    let overlaps = |start, end| start < END && end > START;
    let touches = |start, end| start <= START && end > START;
    let all_day = |start, end| start < DAY_LONG && end > 0;
    row(
        "VEVENT",
        "DTSTART:@T100000Z|DTEND:@T110000Z",
        times,
        overlaps,
    );
    row("VEVENT", "DTSTART:@T100000Z|DURATION:PT1H", times, overlaps);
    row("VEVENT", "DTSTART:@T100000Z|DURATION:PT0S", times, touches);
    row("VEVENT", "DTSTART:@T100000Z", times, touches);
    let days = &[0, DAY_LONG];
    row("VEVENT", "DTSTART;VALUE=DATE:@", days, all_day);
    row("VEVENT", "DTSTART;VALUE=DATE:@|DURATION:P1D", days, all_day);
    row(
        "VEVENT",
        "DTSTART;VALUE=DATE:@|DTEND;VALUE=DATE:20260106",
        days,
        all_day,
    );
    // A day has no room for less than itself.
    row(
        "VEVENT",
        "DTSTART;VALUE=DATE:@|DURATION:PT0S",
        days,
        all_day,
    );
    row(
        "VEVENT",
        "DTSTART:@T100000Z|DTEND:@T100000Z",
        times,
        touches,
    );
}

#[test]
fn to_dos() {
    const START: i64 = 10 * SECONDS;
    const DUE: i64 = 11 * SECONDS;
    let times = &[START, DUE];
    row(
        "VTODO",
        "DTSTART:@T100000Z|DURATION:PT1H",
        times,
        |start, end| start <= DUE && (end > START || end >= DUE),
    );
    row(
        "VTODO",
        "DTSTART:@T100000Z|DUE:@T110000Z",
        times,
        |start, end| (start < DUE || start <= START) && (end > START || end >= DUE),
    );
    row(
        "VTODO",
        "DTSTART:@T100000Z|DUE:@T100000Z",
        times,
        |start, end| start <= START && end >= START,
    );
    row("VTODO", "DTSTART:@T100000Z", times, |start, end| {
        start <= START && end > START
    });
    row("VTODO", "DUE:@T110000Z", times, |start, end| {
        start < DUE && end >= DUE
    });
    // As long as there are dates, COMPLETED and CREATED mean nothing.
    row(
        "VTODO",
        "DUE:@T110000Z|CREATED:20200101T000000Z|COMPLETED:20200101T000000Z",
        times,
        |start, end| start < DUE && end >= DUE,
    );
    let (created, completed) = (START, DUE);
    row(
        "VTODO",
        "CREATED:@T100000Z|COMPLETED:@T110000Z",
        times,
        |start, end| {
            (start <= created || start <= completed) && (end >= created || end >= completed)
        },
    );
    row("VTODO", "COMPLETED:@T110000Z", times, |start, end| {
        start <= completed && end >= completed
    });
    row("VTODO", "CREATED:@T100000Z", times, |_, end| end > created);
    row("VTODO", "SUMMARY:Some day", times, |_, _| true);
}

#[test]
fn journals() {
    const START: i64 = 10 * SECONDS;
    let times = &[START];
    row("VJOURNAL", "DTSTART:@T100000Z", times, |start, end| {
        start <= START && end > START
    });
    row(
        "VJOURNAL",
        "DTSTART:@T100000Z|DTEND:@T120000Z",
        times,
        |start, end| start <= START && end > START,
    );
    row(
        "VJOURNAL",
        "DTSTART;VALUE=DATE:@",
        &[0, 24 * SECONDS],
        |start, end| start < 24 * SECONDS && end > 0,
    );
    row("VJOURNAL", "SUMMARY:No time", times, |_, _| false);
}

#[test]
fn free_busy() {
    const START: i64 = 10 * SECONDS;
    const END: i64 = 11 * SECONDS;
    let times = &[START, END];
    let periods = "FREEBUSY;FBTYPE=FREE:@T100000Z/PT1H,@T200000Z/@T210000Z";
    row(
        "VFREEBUSY",
        "DTSTART:@T100000Z|DTEND:@T110000Z",
        times,
        |start, end| start <= END && end > START,
    );
    let both = format!("DTSTART:@T100000Z|DTEND:@T110000Z|{periods}");
    row("VFREEBUSY", &both, times, |start, end| {
        start <= END && end > START
    });
    let times = &[START, END, 20 * SECONDS, 21 * SECONDS];
    let overlaps =
        |start, end| (start < END && end > START) || (start < 21 * SECONDS && end > 20 * SECONDS);
    row("VFREEBUSY", periods, times, overlaps);
    // One of DTSTART and DTEND is not enough, and DURATION means something else.
    row(
        "VFREEBUSY",
        &format!("DTSTART:@T120000Z|DURATION:PT9H|{periods}"),
        times,
        overlaps,
    );
    row("VFREEBUSY", "DTSTART:@T100000Z", times, |_, _| false);
}

#[test]
fn alarms() {
    let alarm = |kind: &str, lines: &str, trigger: &str, times: &[i64]| {
        let lines = format!("{lines}|BEGIN:VALARM|ACTION:DISPLAY|{trigger}|END:VALARM");
        let expected: Vec<i64> = times.to_vec();
        check(
            kind,
            &lines,
            times,
            |filter| all(kind, None, vec![], vec![filter]),
            |start, end| expected.iter().any(|time| start <= *time && end > *time),
        );
    };
    let hour = "DTSTART:@T100000Z|DTEND:@T110000Z";
    alarm("VEVENT", hour, "TRIGGER:-PT15M", &[10 * SECONDS - 900]);
    alarm(
        "VEVENT",
        hour,
        "TRIGGER;RELATED=START:PT5M",
        &[10 * SECONDS + 300],
    );
    alarm(
        "VEVENT",
        hour,
        "TRIGGER;RELATED=END:-PT5M",
        &[11 * SECONDS - 300],
    );
    alarm(
        "VEVENT",
        hour,
        "TRIGGER;related=end:-P1D",
        &[11 * SECONDS - 86_400],
    );
    alarm(
        "VEVENT",
        hour,
        "TRIGGER;VALUE=DATE-TIME:@T070000Z",
        &[7 * SECONDS],
    );
    alarm(
        "VEVENT",
        hour,
        "TRIGGER:-PT30M|REPEAT:2|DURATION:PT10M",
        &[34_200, 34_800, 35_400],
    );
    alarm(
        "VEVENT",
        hour,
        "TRIGGER;VALUE=DATE-TIME:@T070000Z|REPEAT:1|DURATION:PT1H",
        &[7 * SECONDS, 8 * SECONDS],
    );
    // One without the other repeats nothing.
    alarm("VEVENT", hour, "TRIGGER:PT0S|REPEAT:2", &[10 * SECONDS]);
    alarm(
        "VEVENT",
        hour,
        "TRIGGER:PT0S|DURATION:PT10M",
        &[10 * SECONDS],
    );
    alarm("VEVENT", hour, "TRIGGER:soon", &[]);
    alarm("VEVENT", hour, "DESCRIPTION:no trigger", &[]);
    let due = "DUE:@T110000Z";
    alarm("VTODO", due, "TRIGGER:-PT1H", &[10 * SECONDS]);
    alarm("VTODO", due, "TRIGGER;RELATED=END:PT1H", &[12 * SECONDS]);
    alarm("VTODO", "SUMMARY:x", "TRIGGER:-PT1H", &[]);
    alarm(
        "VTODO",
        "SUMMARY:x",
        "TRIGGER;VALUE=DATE-TIME:@T070000Z",
        &[7 * SECONDS],
    );
}

#[test]
fn properties() {
    let event = component(
        "VEVENT",
        "DTSTART:20260105T100000Z|DURATION:PT1H|DTSTAMP:20260101T000000Z|CREATED:20260102T000000Z|\
         LAST-MODIFIED:20260103T000000Z|X-DATE:20260104T000000Z",
    );
    let todo = component(
        "VTODO",
        "DTSTART:20260105T100000Z|DURATION:PT1H|COMPLETED:20260106T000000Z",
    );
    let due = component("VTODO", "DUE:20260105T110000Z");
    for (object, name, time) in [
        (&event, "DTSTAMP", "20260101T000000"),
        (&event, "created", "20260102T000000"),
        (&event, "LAST-MODIFIED", "20260103T000000"),
        (&event, "DTSTART", "20260105T100000"),
        (&event, "DTEND", "20260105T110000"),
        (&todo, "COMPLETED", "20260106T000000"),
        (&todo, "DUE", "20260105T110000"),
        (&due, "DUE", "20260105T110000"),
    ] {
        let second = chrono::TimeDelta::seconds(1);
        let is_found = |start, end| {
            let value = ValueTest::TimeRange(TimeRange { start, end });
            let filter = property(name, Some(value), vec![]);
            found(
                all(object.kind().as_str(), None, vec![filter], vec![]),
                object,
            )
        };
        let time = at(time);
        assert!(is_found(Some(time), Some(time + second)), "{name}");
        assert!(is_found(Some(time), None), "{name}");
        assert!(is_found(None, Some(time + second)), "{name}");
        assert!(!is_found(Some(time - second), Some(time)), "{name}");
        assert!(!is_found(Some(time + second), None), "{name}");
    }
    for (object, name) in [
        (&event, "X-DATE"),
        (&event, "DUE"),
        (&todo, "DTEND"),
        (&due, "DTSTART"),
    ] {
        let filter = is_at(name, "20000101", "20300101");
        assert!(
            !found(
                all(object.kind().as_str(), None, vec![filter], vec![]),
                object
            ),
            "{name}"
        );
    }
}
