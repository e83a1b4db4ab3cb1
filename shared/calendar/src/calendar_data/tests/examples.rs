//! The examples of RFC 4791 section 7.8 on the calendar of its appendix B.

use super::*;

/// The lines of a resource but those that hold one of these texts.
fn without(name: &str, parts: &[&str]) -> String {
    let (_, text) = RESOURCES.iter().find(|(known, _)| *known == name).unwrap();
    let kept = |line: &&str| !parts.iter().any(|part| line.contains(part));
    text.split_inclusive('\n').filter(kept).collect()
}

#[test]
fn partial_retrieval() {
    let event = [
        "SUMMARY",
        "UID",
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "RDATE",
        "EXRULE",
        "EXDATE",
        "RECURRENCE-ID",
    ];
    let request = CalendarDataRequest {
        selection: Some(selection(
            "VCALENDAR",
            named(&["VERSION"]),
            vec![
                selection("VEVENT", named(&event), vec![]),
                ComponentSelection::whole("VTIMEZONE"),
            ],
        )),
        ..ALL
    };
    for (name, left_out) in [
        ("abcd2", &["PRODID", "DTSTAMP"][..]),
        (
            "abcd3",
            &[
                "PRODID",
                "DTSTAMP",
                "ATTENDEE",
                "LAST-MODIFIED:2006",
                "ORGANIZER",
                "SEQUENCE",
                "STATUS",
            ],
        ),
    ] {
        let data = applied(&request, &resource(name), &eastern());
        assert_eq!(data, without(name, left_out));
    }
}

#[test]
fn recurring_events_limited() {
    let limited = |start: &str, end: &str| {
        let request = CalendarDataRequest {
            recurrence: Some(RecurrenceSet::Limit(range(start, end))),
            ..ALL
        };
        applied(&request, &resource("abcd2"), &eastern())
    };
    let whole = without("abcd2", &[]);
    assert_eq!(limited("20060103", "20060105"), whole);
    let event = whole
        .find("BEGIN:VEVENT\r\nDTSTAMP:20060206T001121Z\r\nDTSTART;TZID=US/Eastern:20060104")
        .unwrap();
    let without_override = format!("{}END:VCALENDAR\r\n", &whole[..event]);
    assert_eq!(limited("20060105", "20060106"), without_override);
}

#[test]
fn recurring_events_expanded() {
    let request = CalendarDataRequest {
        recurrence: Some(RecurrenceSet::Expand(range("20060103", "20060105"))),
        ..ALL
    };
    // The RFC forgets the Z of its times.
    let second = applied(&request, &resource("abcd2"), &eastern());
    assert_eq!(
        second,
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example Corp.//CalDAV Client//EN\r\n\
         BEGIN:VEVENT\r\nDTSTART:20060103T170000Z\r\nRECURRENCE-ID:20060103T170000Z\r\nDTSTAMP:20060206T001121Z\r\n\
         DURATION:PT1H\r\nSUMMARY:Event #2\r\nUID:00959BC664CA650E933C892C@example.com\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nDTSTART:20060104T190000Z\r\nRECURRENCE-ID:20060104T170000Z\r\nDTSTAMP:20060206T001121Z\r\n\
         DURATION:PT1H\r\nSUMMARY:Event #2 bis\r\nUID:00959BC664CA650E933C892C@example.com\r\nEND:VEVENT\r\n\
         END:VCALENDAR\r\n"
    );
    let third = applied(&request, &resource("abcd3"), &eastern());
    assert_eq!(lines_of(&third, "VTIMEZONE"), [] as [Vec<String>; 0]);
    assert!(third.contains("BEGIN:VEVENT\r\nDTSTART:20060104T150000Z\r\nATTENDEE"));
    assert!(!third.contains("RECURRENCE-ID"));
}

#[test]
fn stored_free_busy_limited() {
    let request = CalendarDataRequest {
        limit_freebusy: Some(range("20060102", "20060103")),
        ..ALL
    };
    let data = applied(&request, &resource("abcd8"), &eastern());
    let others = ["FREEBUSY:20", "FBTYPE=BUSY-UNAVAILABLE"];
    assert_eq!(data, without("abcd8", &others));
}
