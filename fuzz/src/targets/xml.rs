//! Bodies of WebDAV.

use std::sync::OnceLock;

use televent_calendar::CalendarObject;

/// Elements and what stands in them.
pub(crate) const WORDS: &[&str] = &[
    "<d:propfind xmlns:d=\"DAV:\">",
    "</d:propfind>",
    "<d:prop>",
    "</d:prop>",
    "<d:allprop/>",
    "<d:propname/>",
    "<d:include>",
    "</d:include>",
    "<d:getetag/>",
    "<d:resourcetype/>",
    "<d:sync-token>data:,00000000-0000-0000-0000-000000000007/1</d:sync-token>",
    "<d:href>/dav/calendars/5/default/a.ics</d:href>",
    "<d:set>",
    "</d:set>",
    "<d:remove>",
    "</d:remove>",
    "<d:propertyupdate xmlns:d='DAV:'>",
    "</d:propertyupdate>",
    "<d:displayname>x</d:displayname>",
    "<c:calendar-query xmlns:c=\"urn:ietf:params:xml:ns:caldav\" xmlns:d='DAV:'>",
    "</c:calendar-query>",
    "<c:filter>",
    "</c:filter>",
    "<c:comp-filter name=\"VCALENDAR\">",
    "<c:comp-filter name='VEVENT'>",
    "</c:comp-filter>",
    "<c:time-range start='20260101T000000Z' end=\"20270101T000000Z\"/>",
    "<c:prop-filter name='SUMMARY'>",
    "</c:prop-filter>",
    "<c:param-filter name='PARTSTAT'>",
    "</c:param-filter>",
    "<c:text-match collation='i;unicode-casemap' negate-condition='yes'>",
    "</c:text-match>",
    "<c:is-not-defined/>",
    "<c:calendar-data>",
    "</c:calendar-data>",
    "<c:comp name='VEVENT'>",
    "</c:comp>",
    "<c:allcomp/>",
    "<c:allprop/>",
    "<c:prop name='UID' novalue='yes'/>",
    "<c:expand start='20260101T000000Z' end='20270101T000000Z'/>",
    "<c:limit-recurrence-set start='20260101T000000Z' end='20270101T000000Z'/>",
    "<c:calendar-timezone>",
    "</c:calendar-timezone>",
    "<c:calendar-availability>",
    "<d:property name='owner' namespace='DAV:'/>",
    "<d:property-search>",
    "<d:match match-type='equals'>",
    "xmlns:a='urn:a'",
    "xmlns=''",
    " a:b='c'",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?xml version='1.0'?>",
    "<!DOCTYPE a [<!ENTITY b 'c'>]>",
    "&#x41;",
    "&#0;",
    "&lt;",
    "&b;",
    "xml:lang='en'",
];

/// Reads it, as each method and report does.
pub(crate) fn run(input: &[u8]) {
    static OBJECTS: OnceLock<Vec<CalendarObject>> = OnceLock::new();
    let objects = OBJECTS.get_or_init(|| {
        let object = CalendarObject::parse(SERIES.to_vec()).expect("it is one");
        vec![object]
    });
    televent_api::fuzzing::body(input, objects);
}

const SERIES: &[u8] = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n\
    DTSTART:20260101T100000Z\r\nDTEND:20260101T110000Z\r\nSUMMARY:Plain\r\nRRULE:FREQ=DAILY\r\nORGANIZER:mailto:tg_1@televent.internal\r\n\
    ATTENDEE;PARTSTAT=ACCEPTED:mailto:tg_2@televent.internal\r\nBEGIN:VALARM\r\nTRIGGER:-PT15M\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\n\
    END:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
