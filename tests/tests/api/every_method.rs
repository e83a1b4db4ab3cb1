//! Every method on every kind of resource with every odd body: nothing that a client sends is the server's fault.

use anyhow::Result;
use televent_tests::message;

use crate::{
    access::METHODS,
    support::{
        CALENDAR, EVENT, Ground, HOME, INBOX, NAMESPACES, OUTBOX, PRINCIPAL, invitation, object,
    },
};

const RESOURCES: [&str; 20] = [
    "/",
    "/dav/",
    "/dav/principals/",
    PRINCIPAL,
    "/dav/principals/6666/",
    "/dav/calendars/",
    HOME,
    INBOX,
    OUTBOX,
    CALENDAR,
    EVENT,
    "/dav/calendars/1001/default/none.ics",
    "/dav/calendars/1001/default/a%0Ab%2F%E2%82%AC.ics",
    "/dav/calendars/1001/none/",
    "/dav/calendars/1001/n%22%3Cne%2F/",
    "/dav/calendars/1001/inbox/m.ics",
    "/dav/calendars/1001/inbox/a.ics",
    "/dav/calendars/6666/default/",
    "/principals/users/tg_1001/",
    "/feeds/none.ics",
];

/// Roots of documents that some method reads, and one that none does.
const ROOTS: [&str; 15] = [
    "d:propfind",
    "d:propertyupdate",
    "c:mkcalendar",
    "d:mkcol",
    "d:acl-principal-prop-set",
    "c:calendar-multiget",
    "c:calendar-query",
    "d:expand-property",
    "c:free-busy-query",
    "d:principal-match",
    "d:principal-property-search",
    "cs:calendarserver-principal-search",
    "d:principal-search-property-set",
    "d:sync-collection",
    "d:lockinfo",
];

/// What stands in them.
fn inner() -> Vec<String> {
    let everywhere = "<d:href>/dav/calendars/1001/default/a.ics</d:href><d:sync-token>data:,x/1</d:sync-token><d:sync-level>1</d:sync-level>\
                      <c:time-range start='20260101T000000Z' end='20270101T000000Z'/>\
                      <c:filter><c:comp-filter name='VCALENDAR'><c:comp-filter name='VEVENT'/></c:comp-filter></c:filter>\
                      <d:property name='owner'><d:property name='displayname'/></d:property><d:self/>\
                      <cs:search-token>a</cs:search-token>";
    vec![
        String::new(),
        "<d:prop/>".to_owned(),
        "text".to_owned(),
        format!("{everywhere}<d:prop><d:displayname/><c:calendar-data/></d:prop>"),
        format!("{everywhere}<d:allprop/>"),
        format!("{everywhere}<d:propname/>"),
        // NUL and other characters that XML can't hold, where a text, a name and an attribute are read.
        "<d:set><d:prop><d:displayname>a\0b</d:displayname></d:prop></d:set>".to_owned(),
        "<d:set><d:prop><d:displayname>a\u{1}\u{fffe}b</d:displayname><e:e xmlns:e='urn:\0' f='\0'>\0</e:e></d:prop></d:set>".to_owned(),
        "<d:set><d:prop><c:calendar-timezone>BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:\0\nEND:VTIMEZONE\nEND:VCALENDAR</c:calendar-timezone>\
         <c:calendar-timezone-id>\0</c:calendar-timezone-id></d:prop></d:set>"
            .to_owned(),
        "<d:set><d:prop><d:resourcetype><c:calendar/></d:resourcetype><c:supported-calendar-component-set><c:comp name='\0'/><c:comp name='VEVENT'/></c:supported-calendar-component-set></d:prop></d:set>".to_owned(),
        "<d:sync-token>data:,00000000-0000-0000-0000-0000ca1e03e9/0/1</d:sync-token><d:limit><d:nresults>9223372036854775807</d:nresults></d:limit><d:prop/>".to_owned(),
        "<c:time-range start='00010101T000000Z' end='99991231T235959Z'/><c:filter><c:comp-filter name='VCALENDAR'>\
         <c:time-range start='00000101T000000Z' end='99991231T235960Z'/></c:comp-filter></c:filter>\
         <d:prop><c:calendar-data><c:expand start='00000101T000000Z' end='99991231T235959Z'/></c:calendar-data></d:prop>\
         <d:href>/dav/calendars/1001/default/a.ics</d:href><d:href>\0</d:href>"
            .to_owned(),
        "<c:filter><c:comp-filter name='VCALENDAR'><c:comp-filter name='VEVENT'><c:time-range start='-200000 01 01T00 00 00Z'/>\
         </c:comp-filter></c:comp-filter></c:filter><c:time-range start='-200000 01 01T00 00 00Z' end='20260101T000000Z'/><d:prop/>"
            .to_owned(),
    ]
}

fn bodies() -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"\0".to_vec(),
        b"\xff\xfe<\0a\0/\0>\0".to_vec(),
        b"<".to_vec(),
        b"<a xmlns='DAV:'".to_vec(),
        object("uid-a", "").into_bytes(),
        object("uid-\u{1}", "SUMMARY:\u{fffe}\r\n").into_bytes(),
        invitation("uid-a").into_bytes(),
        object("uid-a", "RRULE:FREQ=SECONDLY\r\n").into_bytes(),
        object("uid-a", "").replace("2026", "9999").into_bytes(),
        object("uid-a", "").replace("2026", "0000").into_bytes(),
        object("uid-a", "")
            .replace("VEVENT", "VFREEBUSY")
            .into_bytes(),
    ];
    for root in ROOTS {
        for inner in inner() {
            bodies.push(format!("<{root} {NAMESPACES}>{inner}</{root}>").into_bytes());
        }
    }
    bodies
}

/// The methods that read a body.
const READERS: [&str; 7] = [
    "PUT",
    "POST",
    "PROPFIND",
    "PROPPATCH",
    "REPORT",
    "MKCALENDAR",
    "MKCOL",
];

const HEADERS: [&[(&str, &str)]; 3] = [
    &[("depth", "1")],
    &[
        ("depth", "0"),
        ("prefer", "return=representation"),
        ("destination", "/dav/calendars/1001/default/moved.ics"),
        ("overwrite", "F"),
        ("accept-encoding", "gzip"),
    ],
    &[
        ("depth", "infinity"),
        ("prefer", "return=minimal"),
        ("destination", "/dav/calendars/1001/moved/"),
        ("if", "(<DAV:no-lock>)"),
        ("if-none-match", "*"),
    ],
];

#[tokio::test]
async fn no_request_is_the_servers_fault() -> Result<()> {
    let ground = Ground::new().await?;
    ground.put(EVENT, invitation("uid-z")).await?;
    let message = message("REQUEST", &invitation("uid-m"));
    ground.database.deliver(1_001, "m.ics", &message).await?;
    let bodies = bodies();
    let mut faults = Vec::new();
    for path in RESOURCES {
        for method in METHODS {
            // Of the others, which read no body, one is as good as all.
            let (bodies, headers) = if READERS.contains(&method) {
                (bodies.as_slice(), 1)
            } else {
                (&bodies[..1], HEADERS.len())
            };
            for (index, body) in bodies.iter().enumerate() {
                for headers in HEADERS.iter().cycle().skip(index).take(headers) {
                    let answer = ground.send(method, path, headers, body.clone()).await?;
                    if answer.status >= 500 && answer.status != 507 {
                        let body = String::from_utf8_lossy(body);
                        faults.push(format!(
                            "{} {method} {path} {headers:?} {body:?}",
                            answer.status
                        ));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}
