//! Requests by the scheduling outbox, and answers.

use super::*;

/// As in RFC 6638 appendix B.5.
const REQUEST: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example Corp.//CalDAV Client//EN\r\nMETHOD:REQUEST\r\n\
    BEGIN:VFREEBUSY\r\nUID:4FD3AD926350\r\nDTSTAMP:20090602T190420Z\r\nDTSTART:20090602T000000Z\r\n\
    DTEND:20090604T000000Z\r\nORGANIZER;CN=\"Cyrus Daboo\":mailto:cyrus@example.com\r\n\
    ATTENDEE;CN=\"Wilfredo Sanchez Vega\":mailto:wilfredo@example.com\r\n\
    ATTENDEE;CN=\"Bernard Desruisseaux\":MAILTO:bernard@Example.net\r\nATTENDEE:mailto:mike@example.org\r\n\
    END:VFREEBUSY\r\nEND:VCALENDAR\r\n";

fn parse(text: &str) -> Result<FreeBusyRequest, InvalidFreeBusyRequest> {
    FreeBusyRequest::parse(text.as_bytes())
}

#[test]
fn a_request_is_read() {
    let request = parse(REQUEST).unwrap();
    assert_eq!(request.uid, "4FD3AD926350");
    assert_eq!(request.range, span("20090602", "20090604"));
    assert_eq!(request.organizer.address.as_str(), "cyrus@example.com");
    assert_eq!(
        request.organizer.common_name.as_deref(),
        Some("Cyrus Daboo")
    );
    let attendees: Vec<_> = request
        .attendees
        .iter()
        .map(|attendee| (attendee.address.as_str(), attendee.written.as_str()))
        .collect();
    assert_eq!(
        attendees,
        [
            ("wilfredo@example.com", "mailto:wilfredo@example.com"),
            ("bernard@example.net", "MAILTO:bernard@Example.net"),
            ("mike@example.org", "mailto:mike@example.org"),
        ]
    );
    assert_eq!(request.masked_uid, None);
    let apple = REQUEST
        .replace(
            "END:VFREEBUSY",
            "X-CALENDARSERVER-MASK-UID:ABC\r\nATTENDEE:mailto:mike@EXAMPLE.org\r\nEND:VFREEBUSY",
        )
        .replace(
            "DTSTART:20090602T000000Z",
            "DTSTART;TZID=Europe/Berlin:20090602T020000",
        )
        .replace("\r\n", "\n");
    let apple = parse(&apple).unwrap();
    assert_eq!(apple.masked_uid.as_deref(), Some("ABC"));
    assert_eq!((apple.attendees.len(), apple.range), (3, request.range));
}

#[test]
fn what_is_no_request_is_refused_with_its_reason() {
    let refused = |why: &str| format!("not a request for busy time: {why}");
    let line = |name: &str| {
        let found = REQUEST.lines().find(|line| line.starts_with(name)).unwrap();
        format!("{found}\r\n")
    };
    let without = |name: &str| REQUEST.replace(&line(name), "");
    let twice = |name: &str| REQUEST.replace(&line(name), &line(name).repeat(2));
    let no_attendee: String = REQUEST
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("ATTENDEE"))
        .collect();
    let many: String = (0..=MAX_RECIPIENTS)
        .map(|id| format!("ATTENDEE:mailto:a{id}@b.c\r\n"))
        .collect();
    let event = "BEGIN:VEVENT\r\nEND:VEVENT\r\n";
    for (text, expected) in [
        (
            String::new(),
            "not valid iCalendar: line 1: it ends before END:VCALENDAR".to_owned(),
        ),
        (without("METHOD"), refused("it has no METHOD")),
        (
            REQUEST.replace("REQUEST", "PUBLISH"),
            refused("METHOD is not REQUEST"),
        ),
        (
            REQUEST.replace("VFREEBUSY", "VEVENT"),
            refused("it holds a VEVENT"),
        ),
        (
            REQUEST.replace("BEGIN:VFREEBUSY", &format!("{event}BEGIN:VFREEBUSY")),
            refused("it holds a VEVENT"),
        ),
        (
            REQUEST.replace(
                "BEGIN:VFREEBUSY",
                "BEGIN:VFREEBUSY\r\nEND:VFREEBUSY\r\nBEGIN:VFREEBUSY",
            ),
            refused("it holds more than one VFREEBUSY"),
        ),
        (
            REQUEST.split("BEGIN:VFREEBUSY").next().unwrap().to_owned() + "END:VCALENDAR\r\n",
            refused("it holds no VFREEBUSY"),
        ),
        (without("UID"), refused("it has no UID")),
        (
            REQUEST.replace("UID:4FD3AD926350", "UID: "),
            refused("the UID is not 1 to 1024 bytes of printable text"),
        ),
        (
            REQUEST.replace("UID:4", "UID:\u{1}"),
            refused("the UID is not 1 to 1024 bytes of printable text"),
        ),
        (without("DTSTART"), refused("it has no DTSTART")),
        (twice("DTEND"), refused("it has more than one DTEND")),
        (
            REQUEST.replace("DTEND:20090604T000000Z", "DTEND:20090604"),
            refused("DTEND is not a time in UTC"),
        ),
        (
            REQUEST.replace("DTSTART:20090602T000000Z", "DTSTART:20090602"),
            refused("DTSTART is not a time in UTC"),
        ),
        (
            REQUEST.replace("20090604", "20090602"),
            refused("DTEND is not after DTSTART"),
        ),
        (without("ORGANIZER"), refused("it has no ORGANIZER")),
        (
            twice("ORGANIZER"),
            refused("it has more than one ORGANIZER"),
        ),
        (
            REQUEST.replace("mailto:cyrus@example.com", ""),
            refused("ORGANIZER: an address is empty"),
        ),
        (
            REQUEST.replace("mailto:mike@example.org", ""),
            refused("ATTENDEE: an address is empty"),
        ),
        (
            REQUEST.replace("ATTENDEE:", "ATTENDEE;X=\"a:"),
            refused("an ATTENDEE can't be read"),
        ),
        (no_attendee.clone(), refused("it has no ATTENDEE")),
        (
            no_attendee.replace("END:VFREEBUSY", &format!("{many}END:VFREEBUSY")),
            refused("it has more than 250 ATTENDEEs"),
        ),
    ] {
        assert_eq!(parse(&text).unwrap_err().to_string(), expected, "{text}");
    }
}

#[test]
fn answers_are_written_as_the_rfcs_show_them() {
    let busy = |start: &str, end: &str, busy| BusyPeriod {
        start: at(start),
        end: at(end),
        busy,
    };
    let request = parse(REQUEST).unwrap();
    let periods = [
        busy("20090602T110000", "20090602T120000", BusyType::Busy),
        busy("20090603T170000", "20090603T180000", BusyType::Unavailable),
    ];
    let written = reply(
        &request,
        &request.attendees[0],
        at("20090602T200733"),
        &periods,
    );
    assert_eq!(
        String::from_utf8(written).unwrap(),
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Televent//CalDAV server//EN\r\nMETHOD:REPLY\r\nBEGIN:VFREEBUSY\r\n\
         UID:4FD3AD926350\r\nDTSTAMP:20090602T200733Z\r\nDTSTART:20090602T000000Z\r\nDTEND:20090604T000000Z\r\n\
         ORGANIZER;CN=Cyrus Daboo:mailto:cyrus@example.com\r\n\
         ATTENDEE;CN=Wilfredo Sanchez Vega:mailto:wilfredo@example.com\r\n\
         FREEBUSY;FBTYPE=BUSY:20090602T110000Z/20090602T120000Z\r\n\
         FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20090603T170000Z/20090603T180000Z\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    );
    let period = [busy(
        "20060104T150000",
        "20060104T160000",
        BusyType::Tentative,
    )];
    let range = span("20060104T140000", "20060105T220000");
    let written = report("a;b", at("20050125T090000"), &range, &period);
    assert_eq!(
        String::from_utf8(written.clone()).unwrap(),
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Televent//CalDAV server//EN\r\nBEGIN:VFREEBUSY\r\nUID:a\\;b\r\n\
         DTSTAMP:20050125T090000Z\r\nDTSTART:20060104T140000Z\r\nDTEND:20060105T220000Z\r\n\
         FREEBUSY;FBTYPE=BUSY-TENTATIVE:20060104T150000Z/20060104T160000Z\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    );
    // Whoever stores it reads the same.
    let stored = CalendarObject::parse(written).unwrap();
    let mut again = BusyTime::new(range, &[]);
    again.add(&stored, &Zone::UTC).unwrap();
    assert_eq!(again.finish(), period);
}

#[test]
fn time_without_its_z_is_taken_for_utc() {
    let bare = REQUEST.replace("DTEND:20090604T000000Z", "DTEND:20090604T000000");
    let (bare, whole) = (bare.as_bytes(), REQUEST.as_bytes());
    assert_eq!(
        FreeBusyRequest::parse(bare).unwrap().range,
        FreeBusyRequest::parse(whole).unwrap().range
    );
}
