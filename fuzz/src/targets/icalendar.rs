//! Calendar objects: what clients PUT, with everything that is asked of stored ones; and messages, time zones, availability,
//! and requests for free-busy times, which are iCalendar, too.

use std::ops::ControlFlow;

use chrono::TimeDelta;
use televent_calendar::{
    Availability, BusyTime, CalendarDataRequest, CalendarObject, CalendarUserAddress,
    ComponentSelection, Export, FreeBusyRequest, InternalDomain, PartStat, RecurrenceSet, Scope,
    TimeRange, Window, Zone, conflicts, content_line, occurrence_bounds, occurrences, taken_times,
    time_zone_property, try_for_each_occurrence,
};

use super::{now, person};

/// Names and values of iCalendar.
pub(crate) const WORDS: &[&str] = &[
    "BEGIN:VCALENDAR\r\n",
    "END:VCALENDAR\r\n",
    "BEGIN:VEVENT\r\n",
    "END:VEVENT\r\n",
    "BEGIN:VTODO\r\n",
    "END:VTODO\r\n",
    "BEGIN:VALARM\r\n",
    "END:VALARM\r\n",
    "BEGIN:VTIMEZONE\r\nTZID:Mine\r\n",
    "END:VTIMEZONE\r\n",
    "BEGIN:STANDARD\r\n",
    "END:STANDARD\r\n",
    "BEGIN:VFREEBUSY\r\n",
    "END:VFREEBUSY\r\n",
    "BEGIN:VAVAILABILITY\r\n",
    "END:VAVAILABILITY\r\n",
    "BEGIN:AVAILABLE\r\n",
    "END:AVAILABLE\r\n",
    "UID:1\r\n",
    "DTSTAMP:20260101T000000Z\r\n",
    "DTSTART:20260101T100000Z\r\n",
    "DTSTART;VALUE=DATE:20260101\r\n",
    "DTSTART;TZID=Mine:20260329T023000\r\n",
    "DTSTART;TZID=Europe/Berlin:20260329T023000\r\n",
    "DTSTART:99991231T235959\r\n",
    "DTSTART:00000101T000000Z\r\n",
    "DTEND:20260101T110000Z\r\n",
    "DURATION:PT1H\r\n",
    "DURATION:-P999999999W\r\n",
    "DUE:20260101T110000Z\r\n",
    "RECURRENCE-ID:20260102T100000Z\r\n",
    "RECURRENCE-ID;RANGE=THISANDFUTURE:20260102T100000Z\r\n",
    "RRULE:FREQ=DAILY\r\n",
    "RRULE:FREQ=SECONDLY;COUNT=2147483647\r\n",
    "RRULE:FREQ=YEARLY;BYDAY=5MO;BYSETPOS=-1\r\n",
    "RRULE:RSCALE=HEBREW;FREQ=MONTHLY;SKIP=BACKWARD\r\n",
    "RRULE:FREQ=MONTHLY;BYMONTHDAY=31;INTERVAL=4294967295\r\n",
    "EXRULE:FREQ=HOURLY\r\n",
    "RDATE;VALUE=PERIOD:20260101T100000Z/PT9999H\r\n",
    "EXDATE:20260102T100000Z\r\n",
    ";UNTIL=20990101",
    ";COUNT=10",
    ";INTERVAL=3",
    ";BYHOUR=1,2,3",
    ";BYMONTH=2",
    ";BYWEEKNO=53",
    ";BYYEARDAY=-366",
    ";WKST=SU",
    "ORGANIZER:mailto:tg_1@televent.internal\r\n",
    "ATTENDEE:mailto:tg_2@televent.internal\r\n",
    "ATTENDEE;PARTSTAT=ACCEPTED;RSVP=TRUE:mailto:tg_2@televent.internal\r\n",
    "ATTENDEE;SCHEDULE-AGENT=NONE:mailto:a@b\r\n",
    ";PARTSTAT=DECLINED",
    ";CN=\"A, B\"",
    ";CN=^n^'^^",
    ";SCHEDULE-STATUS=1.2",
    ";DELEGATED-TO=\"mailto:x@y\"",
    ";RSVP=TRUE",
    ";TZID=Mine",
    ";VALUE=DATE",
    "METHOD:REQUEST\r\n",
    "METHOD:CANCEL\r\n",
    "STATUS:CANCELLED\r\n",
    "SEQUENCE:2147483647\r\n",
    "TRANSP:TRANSPARENT\r\n",
    "TRIGGER:-PT15M\r\n",
    "TRIGGER;RELATED=END:P1W\r\n",
    "REPEAT:4294967295\r\n",
    "TZOFFSETFROM:+2359\r\n",
    "TZOFFSETTO:-2359\r\n",
    "SUMMARY:a\r\n",
    "LOCATION:https://meet.example/x?a=b&c\r\n",
    "GEO:48.1;11.5\r\n",
    "CONFERENCE:https://x/\r\n",
    "X-A:\r\n",
    "\r\n ",
    "\r\n\t",
    "BUSYTYPE:BUSY\r\n",
    "FREEBUSY:20260101T100000Z/20260101T110000Z\r\n",
    "PRIORITY:9\r\n",
    "URL:https://example.org\r\n",
];

/// Reads, and asks.
pub(crate) fn run(input: &[u8]) {
    let _ = time_zone_property(input);
    if let Ok(availability) = Availability::parse(input) {
        let _ = availability.busy_periods(&(now()..now() + TimeDelta::days(30)));
    }
    let _ = FreeBusyRequest::parse(input);
    let joined: Vec<u8> = content_line::lines(input)
        .flat_map(|line| line.raw().to_vec())
        .collect();
    let after_mark = input.strip_prefix("\u{feff}".as_bytes()).unwrap_or(input);
    assert_eq!(joined, after_mark, "the lines are the whole file");
    if let Ok(message) = CalendarObject::parse_message(input.to_vec()) {
        assert_eq!(message.as_bytes(), input);
    }
    let Ok(object) = CalendarObject::parse(input.to_vec()) else {
        return;
    };
    assert_eq!(object.as_bytes(), input, "its bytes are kept");
    ask(&object);
}

/// Everything that is asked of a stored object.
pub(crate) fn ask(object: &CalendarObject) {
    let me = CalendarUserAddress::internal(person(2), &InternalDomain::default());
    let again = CalendarObject::from_stored(object.as_bytes().to_vec());
    assert_eq!(again.as_ref(), Ok(object));
    let whole = ComponentSelection::whole("VCALENDAR");
    let zone = Zone::Named(chrono_tz::Europe::Berlin);
    let range = now()..now() + TimeDelta::days(365);
    let asked = TimeRange::between(range.start, range.end);
    let bounds = occurrence_bounds(object);
    for window in [
        Window::default(),
        Window {
            from: Some(range.start),
            to: Some(range.end),
        },
    ] {
        let found = occurrences(object, &window, &zone);
        let mut count = 0_usize;
        try_for_each_occurrence(object, &window, &zone, |_| {
            count += 1;
            if count < found.items.len() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        assert!(count >= found.items.len().min(1));
        for item in &found.items {
            assert!(item.from <= item.to, "{item:?}");
            // In another zone, days and floating times begin up to a day before or after.
            let slack = TimeDelta::days(2);
            let is_within = bounds.first.is_none_or(|first| first - slack <= item.from);
            assert!(is_within, "{item:?} is before {bounds:?}");
        }
    }
    for recurrence in [
        None,
        Some(RecurrenceSet::Expand(asked)),
        Some(RecurrenceSet::Limit(asked)),
    ] {
        let request = CalendarDataRequest {
            selection: Some(whole.clone()),
            recurrence,
            limit_freebusy: Some(asked),
            omit_time_zones: true,
        };
        let _ = request.apply(object, &zone);
    }
    let who = [me.clone()];
    let mut busy = BusyTime::new(range.clone(), &who);
    if busy.add(object, &zone).is_ok() {
        for period in busy.finish() {
            assert!(period.start < period.end);
        }
    }
    let component = object.master_or_first();
    let times = taken_times(object, component, &zone, now());
    let _ = conflicts(object, &zone, &who, &times, 10);
    let mut export = Export::new();
    let exported = export.push(object);
    let file = [Export::header("name", None), exported, Export::footer()].concat();
    assert!(content_line::lines(&file).all(|line| line.raw().ends_with(b"\r\n")));
    for component in object.components() {
        object.whereabouts(component.recurrence_key());
        object.repetition(component);
    }
    let answered = object.set_part_stat(&me, &Scope::All, &PartStat::Accepted);
    let again = CalendarObject::from_stored(answered.as_bytes().to_vec());
    assert_eq!(again.as_ref(), Ok(&answered));
    let renamed = object.with_organizer(&me, Some("A \"quoted\"; name\r\nX:y"));
    assert!(CalendarObject::from_stored(renamed.as_bytes().to_vec()).is_ok());
}
