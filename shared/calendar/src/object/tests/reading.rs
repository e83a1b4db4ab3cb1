//! What is read from the objects of real clients, and what is forgiven.

use super::*;
use crate::part_stat::ScheduleAgent;
use crate::time::EventTime;

#[test]
fn bytes_are_kept() {
    for (name, bytes) in FIXTURES {
        let object = CalendarObject::parse(bytes.to_vec()).unwrap();
        assert_eq!(object.as_bytes(), *bytes, "{name}");
        assert_eq!(object.clone().into_bytes(), *bytes, "{name}");
        assert_eq!(object.kind(), ComponentKind::Event, "{name}");
        assert!(
            object
                .attendees()
                .iter()
                .any(|attendee| attendee.address == friend()),
            "{name}"
        );
    }
}

/// What is in an inbox is read as objects are, and is none that a calendar could hold.
#[test]
fn stored_message_is_read() {
    let message = calendar(&format!("METHOD:REQUEST\r\n{}", event("")));
    let read = CalendarObject::from_stored(message.clone().into_bytes()).unwrap();
    assert_eq!((read.uid(), read.kind()), ("u", ComponentKind::Event));
    assert_eq!(read.as_bytes(), message.as_bytes());
    assert!(CalendarObject::parse(message.into_bytes()).is_err());
}

#[test]
fn ios_object_is_read() {
    let object = fixture("ios");
    assert_eq!(object.uid(), "0C1D7E52-3A55-4E0B-9A5B-6B1F4C0A77F1");
    assert_eq!(
        object.organizer().unwrap().as_str(),
        "tg_1000@televent.internal"
    );
    assert_eq!(object.organizer_name(), Some("Jonas Köhler"));
    let event = object.master_or_first();
    assert_eq!(event.summary.as_deref(), Some("Übergabe & Frühstück"));
    assert_eq!(
        event.location.as_deref(),
        Some("Café am Markt, Hinterzimmer")
    );
    assert_eq!(
        (event.recurrence_key(), event.repeats, event.sequence),
        ("", false, 0)
    );
    let Some(EventTime::Zoned { start, end, zone }) = &event.start else {
        panic!("{:?}", event.start)
    };
    assert_eq!(start.to_rfc3339(), "2026-01-12T09:30:00+00:00");
    assert_eq!(end.unwrap().to_rfc3339(), "2026-01-12T10:30:00+00:00");
    assert_eq!(zone.name(), "Europe/Berlin");
    let attendees = object.attendees();
    let attendees: Vec<_> = attendees
        .iter()
        .map(|attendee| {
            (
                attendee.address.as_str(),
                attendee.common_name.as_deref().unwrap(),
                &attendee.part_stat,
            )
        })
        .collect();
    assert_eq!(
        attendees,
        [
            (
                "tg_98765@televent.internal",
                "Weber, Lena",
                &PartStat::NeedsAction
            ),
            (
                "tg_1000@televent.internal",
                "Jonas Köhler",
                &PartStat::Accepted
            ),
            (
                "Raum3@example.org",
                "Außenstelle Südwest – Besprechungszimmer im dritten Stock",
                &PartStat::Tentative
            ),
        ]
    );
}

#[test]
fn macos_series_is_read() {
    let object = fixture("macos");
    let [series, instance] = object.components() else {
        panic!()
    };
    assert!(series.repeats && !instance.repeats);
    assert_eq!(series.recurrence_id, None);
    assert_eq!(
        series.url.as_deref(),
        Some("https://meet.example.org/r/1?a=b;c")
    );
    assert_eq!(instance.recurrence_id.as_deref(), Some("20260112T080000Z"));
    assert_eq!(object.master_or_first().summary.as_deref(), Some("Weekly"));
    let keys: Vec<_> = object
        .attendees()
        .into_iter()
        .map(|attendee| attendee.recurrence_id)
        .collect();
    assert_eq!(keys, ["", "", "20260112T080000Z", "20260112T080000Z"]);
}

#[test]
fn thunderbird_object_is_read() {
    let object = fixture("thunderbird");
    // The ATTENDEE of an e-mail alarm is not invited.
    assert_eq!(object.attendees().len(), 2);
    let event = object.master_or_first();
    assert_eq!(event.summary.as_deref(), Some("Planning; part 2"));
    assert_eq!(
        event.description.as_deref(),
        Some("Bring your notes; see the wiki\nhttps://wiki.example.org/plan, page 2")
    );
    assert!(
        matches!(&event.start, Some(EventTime::Zoned { zone, .. }) if zone.name() == "Europe/Berlin")
    );
}

#[test]
fn davx5_google_and_outlook_objects_are_read() {
    let davx5 = fixture("davx5");
    let event = davx5.master_or_first();
    assert!(
        matches!(&event.start, Some(EventTime::AllDay { first, last }) if first.to_string() == "2026-01-17" && last.to_string() == "2026-01-18")
    );
    assert_eq!(
        (event.status.as_deref(), event.sequence),
        (Some("CONFIRMED"), 3)
    );

    let google = fixture("google");
    let event = google.master_or_first();
    let title = "Ops review 📅 and the rest of a long title that has to be folded somewhere 📅";
    assert_eq!(event.summary.as_deref(), Some(title));
    assert_eq!(google.organizer().unwrap().as_str(), "ops@example.org");

    let outlook = fixture("outlook");
    assert_eq!(outlook.organizer_name(), Some("Falk, Ines"));
    assert_eq!(
        outlook.attendees()[0].common_name.as_deref(),
        Some("Nora: Vertrieb; Süd")
    );
    let event = outlook.master_or_first();
    assert_eq!(event.summary.as_deref(), Some("Quartalszahlen"));
    assert!(
        matches!(&event.start, Some(EventTime::Zoned { zone, .. }) if zone.name() == "Europe/Berlin")
    );
}

#[test]
fn what_clients_really_send_is_tolerated() {
    let one = calendar(&event(""));
    for (what, file) in [
        ("LF", one.replace("\r\n", "\n")),
        ("byte order mark", format!("\u{feff}{one}")),
        ("blank lines", format!("{one}\r\n \r\n\r\n")),
        ("no last line ending", one.trim_end().to_owned()),
        ("lower case", one.to_lowercase()),
        ("trailing spaces", one.replace("VEVENT\r\n", "VEVENT \r\n")),
        ("no VERSION", one.replace("VERSION:2.0\r\n", "")),
        ("a zone and a private component", one.replace("BEGIN:VEVENT", "BEGIN:VTIMEZONE\r\nTZID:X\r\nEND:VTIMEZONE\r\nBEGIN:X-Y\r\nUID:other\r\nEND:X-Y\r\nBEGIN:VEVENT")),
        ("odd names", calendar(&event("X_ODD.name1:1\r\nX-EMPTY:\r\n"))),
        ("control characters", calendar(&event("DESCRIPTION:a\u{b}b\u{7f}c\r\n"))),
        ("bytes in another encoding", calendar(&event("SUMMARY:x\r\n"))),
        ("an attendee without an address", calendar(&event("ATTENDEE;CN=Nobody:\r\n"))),
        ("repeated texts", calendar(&event("SUMMARY:a\r\nSUMMARY:b\r\nSEQUENCE:x\r\n"))),
        ("a date without VALUE", one.replace("20260105T100000Z", "20260105")),
        ("fold in a name", one.replace("DTSTART:", "DTS\r\n TART:")),
        ("to-do", one.replace("VEVENT", "VTODO").replace("DTSTART:20260105T100000Z\r\n", "")),
    ] {
        let object = parse(&file).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(object.as_bytes(), file.as_bytes(), "{what}");
        assert_eq!(object.uid(), "u", "{what}");
        assert_eq!(object.attendees(), [], "{what}");
    }
    let mut latin_1 = calendar(&event("SUMMARY:M\u{1}nchen\r\n")).into_bytes();
    let at = latin_1.iter().position(|byte| *byte == 1).unwrap();
    latin_1[at] = 0xFC;
    let object = CalendarObject::parse(latin_1).unwrap();
    assert_eq!(
        object.master_or_first().summary.as_deref(),
        Some("M\u{fffd}nchen")
    );
}

#[test]
fn journals_and_free_busy_are_kept() {
    let kept = |lines: &str, kind: &str| {
        let file = calendar(&format!("BEGIN:{kind}\r\nUID:u\r\n{lines}END:{kind}\r\n"));
        let object = parse(&file).unwrap_or_else(|error| panic!("{kind} {lines:?}: {error}"));
        assert_eq!(object.kind().as_str(), kind);
        object.master_or_first().start.clone()
    };
    let at =
        |hour| chrono::TimeZone::with_ymd_and_hms(&chrono::Utc, 2026, 1, 5, hour, 0, 0).unwrap();
    let zoned = |end| {
        Some(EventTime::Zoned {
            start: at(9),
            end,
            zone: chrono_tz::Tz::UTC,
        })
    };
    let (start, end) = ("DTSTART:20260105T090000Z\r\n", "DTEND:20260105T100000Z\r\n");
    assert_eq!(kept("", "VJOURNAL"), None);
    assert_eq!(kept(&format!("{start}{end}"), "VJOURNAL"), zoned(None));
    assert_eq!(
        kept(&format!("{start}{end}"), "VFREEBUSY"),
        zoned(Some(at(10)))
    );
    // Without both, only its FREEBUSY properties say when it is.
    assert_eq!(kept(start, "VFREEBUSY"), None);
    assert_eq!(kept(end, "VFREEBUSY"), None);
    let without_uid = calendar("BEGIN:VFREEBUSY\r\nEND:VFREEBUSY\r\n");
    assert!(
        parse(&without_uid)
            .unwrap_err()
            .to_string()
            .contains("a VFREEBUSY has no UID")
    );
    for kind in ComponentKind::ALL {
        assert_eq!(
            ComponentKind::parse(&kind.as_str().to_lowercase()),
            Some(kind)
        );
    }
}

#[test]
fn schedule_agent_is_read() {
    let line = |agent: &str| format!("ATTENDEE{agent}:mailto:a@b\r\n");
    for (agent, expected) in [
        ("", ScheduleAgent::Server),
        (";SCHEDULE-AGENT=SERVER", ScheduleAgent::Server),
        (";schedule-agent=client", ScheduleAgent::Client),
        (";SCHEDULE-AGENT=NONE", ScheduleAgent::None),
        (";SCHEDULE-AGENT=X-PIGEON", ScheduleAgent::None),
    ] {
        let object = parse(&calendar(&event(&line(agent)))).unwrap();
        assert_eq!(object.attendees()[0].schedule_agent, expected, "{agent}");
    }
}

#[test]
fn somebody_is_invited_to_the_series_or_else_to_the_first_instance_with_them() {
    let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n\
        BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260101T090000Z\r\nRRULE:FREQ=DAILY\r\nATTENDEE:mailto:a@x\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID:20260102T090000Z\r\nDTSTART:20260102T100000Z\r\n\
        ATTENDEE:mailto:a@x\r\nATTENDEE:mailto:b@x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let object = CalendarObject::parse(text.into()).unwrap();
    let component_of = |address: &str| {
        let address = CalendarUserAddress::parse(address).unwrap();
        object
            .component_of(&address)
            .map(|component| component.recurrence_key().to_owned())
    };
    assert_eq!(component_of("mailto:a@x").unwrap(), "");
    assert_eq!(component_of("mailto:b@x").unwrap(), "20260102T090000Z");
    assert_eq!(component_of("mailto:c@x"), None);
}
