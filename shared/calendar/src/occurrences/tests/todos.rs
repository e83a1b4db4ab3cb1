//! To-dos: they may have a start, a time when they are due, both, or none.

use super::*;

fn todo(components: &[&[&str]], window: &Window) -> Vec<String> {
    shown(&object("VTODO", "", components), window, Tz::UTC)
}

#[test]
fn to_dos_repeat_as_events_do() {
    for (lines, expected) in [
        (
            &["DTSTART:20260105T100000Z", "DUE:20260106T100000Z"][..],
            [
                "20260105T100000/20260106T100000",
                "20260112T100000/20260113T100000",
            ],
        ),
        (
            &["DTSTART:20260105T100000Z", "DURATION:PT1H"],
            [
                "20260105T100000/20260105T110000",
                "20260112T100000/20260112T110000",
            ],
        ),
        (
            &["DTSTART:20260105T100000Z"],
            [
                "20260105T100000/20260105T100000",
                "20260112T100000/20260112T100000",
            ],
        ),
        (
            &["DUE:20260105T100000Z"],
            [
                "20260105T100000/20260105T100000",
                "20260112T100000/20260112T100000",
            ],
        ),
        (
            &["DTSTART;VALUE=DATE:20260105", "DUE;VALUE=DATE:20260105"],
            ["20260105/20260105", "20260112/20260112"],
        ),
        (
            &["DTSTART;VALUE=DATE:20260105", "DUE;VALUE=DATE:20260107"],
            ["20260105/20260107", "20260112/20260114"],
        ),
        (
            &["DUE;VALUE=DATE:20260105"],
            ["20260105/20260105", "20260112/20260112"],
        ),
        (
            &["DTSTART:20260105T100000Z", "DUE:20260104T100000Z"],
            [
                "20260105T100000/20260105T100000",
                "20260112T100000/20260112T100000",
            ],
        ),
    ] {
        let mut lines = lines.to_vec();
        lines.push("RRULE:FREQ=WEEKLY;COUNT=2");
        assert_eq!(todo(&[&lines], &Window::default()), expected, "{lines:?}");
    }
}

#[test]
fn what_is_only_due_has_no_start() {
    let due = object(
        "VTODO",
        "",
        &[&[
            "DUE;TZID=Europe/Berlin:20260327T100000",
            "RRULE:FREQ=DAILY;COUNT=3",
        ]],
    );
    let found = occurrences(&due, &Window::default(), &Zone::UTC);
    let last = &found.items[2];
    assert_eq!(
        (&last.start, &last.end),
        (
            &None,
            &Moment::parse("20260329T100000", Some("Europe/Berlin"))
        )
    );
    assert_eq!(last.recurrence_id, last.end);
    assert_eq!(show(last), "20260329T080000/20260329T080000");
}

/// RFC 4791 section 9.9: a to-do that is due when a window ends is in it, and one without dates in any.
#[test]
fn to_dos_touch_a_window() {
    let due: &[&str] = &["DUE:20260105T100000Z"];
    assert_eq!(
        todo(&[due], &window("20260101", "20260105T100000")),
        ["20260105T100000/20260105T100000"]
    );
    assert_eq!(
        todo(&[due], &window("20260105T100000", "20260106")),
        ["20260105T100000/20260105T100000"]
    );
    assert_eq!(
        todo(&[due], &window("20260105T100001", "20260106")),
        [""; 0]
    );
    let undated = object("VTODO", "", &[&["SUMMARY:Some day"]]);
    let found = occurrences(&undated, &window("20260101", "20260102"), &Zone::UTC);
    let [one] = &found.items[..] else {
        panic!("{found:?}")
    };
    assert_eq!(
        (&one.start, &one.end, one.from, one.to),
        (
            &None,
            &None,
            DateTime::<Utc>::MIN_UTC,
            DateTime::<Utc>::MAX_UTC
        )
    );
}

#[test]
fn an_instance_of_a_to_do_may_have_no_dates() {
    let series: &[&str] = &["DTSTART:20260105T100000Z", "RRULE:FREQ=DAILY;COUNT=2"];
    let changed: &[&str] = &["RECURRENCE-ID;RANGE=THISANDFUTURE:20260106T100000Z"];
    let object = object("VTODO", "", &[series, changed]);
    let found = occurrences(&object, &window("20260101", "20260102"), &Zone::UTC);
    assert_eq!(found.items.len(), 1);
    assert_eq!(found.items[0].component, 1);
    assert_eq!(
        occurrence_bounds(&object),
        Bounds {
            first: None,
            last: None
        }
    );
}
