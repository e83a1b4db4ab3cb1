//! Selected components and properties, and what is left out of them.

use super::*;

fn event() -> CalendarObject {
    object(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:u\nDTSTART:20260105\nSUM\n MARY;X=\"a:b\":Long\n  text\n\
         BEGIN:VALARM\nACTION:AUDIO\nTRIGGER:PT0S\nEND:VALARM\nX-LAST:1\nEND:VEVENT\nEND:VCALENDAR\n",
    )
}

#[track_caller]
fn check(selection: ComponentSelection, expected: &str) {
    let request = CalendarDataRequest {
        selection: Some(selection),
        ..ALL
    };
    assert_eq!(
        applied(&request, &event(), &Zone::UTC).replace('\n', "|"),
        expected
    );
}

#[test]
fn lines_that_stay_keep_their_bytes() {
    let in_event = |properties| {
        selection(
            "vcalendar",
            named(&["version"]),
            vec![selection("vevent", properties, vec![])],
        )
    };
    check(
        in_event(named(&["summary", "X-LAST"])),
        "BEGIN:VCALENDAR|VERSION:2.0|BEGIN:VEVENT|SUM| MARY;X=\"a:b\":Long|  text|X-LAST:1|END:VEVENT|END:VCALENDAR|",
    );
    check(
        in_event(named(&["summary:", "uid:"])),
        "BEGIN:VCALENDAR|VERSION:2.0|BEGIN:VEVENT|UID:|SUMMARY;X=\"a:b\":|END:VEVENT|END:VCALENDAR|",
    );
    // With its value beats without.
    check(
        in_event(named(&["uid:", "UID"])),
        "BEGIN:VCALENDAR|VERSION:2.0|BEGIN:VEVENT|UID:u|END:VEVENT|END:VCALENDAR|",
    );
    check(
        in_event(PropertySelection::All),
        "BEGIN:VCALENDAR|VERSION:2.0|BEGIN:VEVENT|UID:u|DTSTART:20260105|SUM| MARY;X=\"a:b\":Long|  text|X-LAST:1|\
         END:VEVENT|END:VCALENDAR|",
    );
    let alarms = selection(
        "VEVENT",
        named(&[]),
        vec![ComponentSelection::whole("VALARM")],
    );
    check(
        selection("VCALENDAR", named(&[]), vec![alarms]),
        "BEGIN:VCALENDAR|BEGIN:VEVENT|BEGIN:VALARM|ACTION:AUDIO|TRIGGER:PT0S|END:VALARM|END:VEVENT|END:VCALENDAR|",
    );
    check(
        selection(
            "VCALENDAR",
            named(&["PRODID"]),
            vec![ComponentSelection::whole("VTODO")],
        ),
        "BEGIN:VCALENDAR|PRODID:x|END:VCALENDAR|",
    );
}

#[test]
fn time_zones_that_everybody_knows_are_left_out() {
    let zone = |tzid: &str| format!("BEGIN:VTIMEZONE\nTZID:{tzid}\nEND:VTIMEZONE\n");
    let request = CalendarDataRequest {
        omit_time_zones: true,
        ..ALL
    };
    for (tzid, is_left_out) in [
        ("Europe/Berlin", true),
        ("US/Eastern", true),
        ("W. Europe Standard Time", false),
        ("/mozilla.org/20050126_1/Europe/Berlin", false),
        ("Our own", false),
    ] {
        let text = format!(
            "BEGIN:VCALENDAR\n{}BEGIN:VEVENT\nUID:u\nDTSTART;TZID={tzid}:20260105T100000\nEND:VEVENT\nEND:VCALENDAR\n",
            zone(tzid)
        );
        let data = applied(&request, &object(&text), &Zone::UTC);
        let expected = if is_left_out {
            text.replace(&zone(tzid), "")
        } else {
            text
        };
        assert_eq!(data, expected);
    }
}

#[test]
fn steps_follow_each_other() {
    let request = CalendarDataRequest {
        selection: Some(selection(
            "VCALENDAR",
            named(&["VERSION"]),
            vec![selection(
                "VEVENT",
                named(&["UID", "DTSTART", "RECURRENCE-ID"]),
                vec![],
            )],
        )),
        recurrence: Some(RecurrenceSet::Expand(range("20060103", "20060104"))),
        omit_time_zones: true,
        limit_freebusy: Some(range("20060103", "20060104")),
    };
    assert_eq!(
        applied(&request, &resource("abcd2"), &eastern()),
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART:20060103T170000Z\r\n\
         RECURRENCE-ID:20060103T170000Z\r\nUID:00959BC664CA650E933C892C@example.com\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
}
