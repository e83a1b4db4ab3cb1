//! What an attendee's client may do to a copy, and what not (RFC 6638 section 3.2.2.1).

use super::world::World;
use super::*;

const SERIES: &str = "@ORG|DTSTAMP:20260101T000000Z|SEQUENCE:1|SUMMARY:Weekly|LOCATION:Here|DESCRIPTION:Long|URL:http://a|\
    DTSTART;TZID=Europe/Berlin:20260105T100000|DTEND;TZID=Europe/Berlin:20260105T110000|\
    RRULE:FREQ=DAILY;COUNT=9|RDATE;TZID=Europe/Berlin:20260205T100000|EXDATE;TZID=Europe/Berlin:20260106T100000|\
    A:@ann|A:@bob|A:@eve";
const INSTANCE: &str = "@ORG|RECURRENCE-ID;TZID=Europe/Berlin:20260107T100000|SUMMARY:Once|\
    DTSTART;TZID=Europe/Berlin:20260107T120000|DTEND;TZID=Europe/Berlin:20260107T130000|A:@ann|A:@bob";

fn refused(world: &mut World, from: &str, to: &str) -> String {
    let before = world.clone();
    let refusal = world.device_changes(1, from, to);
    let Err(Refusal::AttendeeChange(why)) = refusal else {
        panic!("{from} to {to}: {refusal:?}");
    };
    assert_eq!(world.object(), before.object());
    assert_eq!(world.copy_object(1), before.copy_object(1));
    why
}

#[test]
fn what_is_the_organizers_is_refused_by_its_name() {
    let mut world = World::of(&[SERIES, INSTANCE]);
    for (from, to, name) in [
        ("SUMMARY:Weekly", "SUMMARY:Monthly", "SUMMARY"),
        ("SUMMARY:Weekly\n", "", "SUMMARY"),
        ("SUMMARY:Once", "SUMMARY:Twice", "SUMMARY"),
        ("LOCATION:Here", "LOCATION:There", "LOCATION"),
        ("DESCRIPTION:Long", "DESCRIPTION:Short", "DESCRIPTION"),
        ("URL:http://a", "URL:http://b", "URL"),
        (
            "SUMMARY:Weekly",
            "STATUS:CANCELLED\nSUMMARY:Weekly",
            "STATUS",
        ),
        (
            "SUMMARY:Weekly",
            "STATUS:TENTATIVE\nSUMMARY:Weekly",
            "STATUS",
        ),
        (
            "Berlin:20260105T100000\nDTEND",
            "Berlin:20260105T103000\nDTEND",
            "the time",
        ),
        (
            "Berlin:20260105T110000",
            "Berlin:20260105T120000",
            "the time",
        ),
        (
            "DTEND;TZID=Europe/Berlin:20260107T130000",
            "DURATION:PT2H",
            "the time",
        ),
        // As late today, but not in summer.
        (
            "DTSTART;TZID=Europe/Berlin:20260105T100000\nDTEND;TZID=Europe/Berlin:20260105T110000",
            "DTSTART:20260105T090000Z\nDTEND:20260105T100000Z",
            "the time",
        ),
        ("COUNT=9", "COUNT=8", "the recurrence"),
        ("RRULE:FREQ=DAILY;COUNT=9\n", "", "the recurrence"),
        ("20260205T100000", "20260206T100000", "the recurrence"),
        ("EXDATE;TZID=Europe/Berlin:20260106T100000\n", "", "EXDATE"),
        ("ATTENDEE:@bob\n", "", "the list of attendees"),
        (
            "ATTENDEE:@bob\n",
            "ATTENDEE:@bob\nATTENDEE:@cat\n",
            "the list of attendees",
        ),
        ("ATTENDEE:@ann\n", "", "the list of attendees"),
        (
            "ATTENDEE:@eve\n",
            "ATTENDEE:mailto:adam@example.org\n",
            "the list of attendees",
        ),
        (
            "RECURRENCE-ID;TZID",
            "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID",
            "RANGE",
        ),
        // It is no instance.
        (
            "Berlin:20260107T100000",
            "Berlin:20260107T101500",
            "no instance",
        ),
    ] {
        let why = refused(&mut world, from, to);
        assert!(why.contains(name), "{name}: {why}");
    }
    let without = |world: &World, begin: &str| {
        let copy = world.copy(1);
        let from = copy.find(begin).unwrap();
        let from = copy[..from].rfind("BEGIN:VEVENT").unwrap();
        let to = from + copy[from..].find("END:VEVENT\n").unwrap();
        format!("{}{}", &copy[..from], &copy[to + "END:VEVENT\n".len()..])
    };
    for (begin, name) in [
        ("RRULE", "the series"),
        ("RECURRENCE-ID", "20260107T090000Z"),
    ] {
        let why = world.device_puts(1, &without(&world, begin)).unwrap_err();
        assert!(why.to_string().contains(name), "{why}");
    }
    let another = world.copy(1).replace("UID:u", "UID:v");
    let why = world.device_puts(1, &another).unwrap_err().to_string();
    assert!(why.contains("UID"), "{why}");
    let todo = world.copy(1).replace("VEVENT", "VTODO");
    let why = world.device_puts(1, &todo).unwrap_err().to_string();
    assert!(why.contains("kind of component"), "{why}");
    let stolen = world
        .copy(1)
        .replace("ORGANIZER:mailto:tg_1000@", "ORGANIZER:mailto:tg_2@");
    let why = world.device_puts(1, &stolen).unwrap_err().to_string();
    assert!(why.contains("ORGANIZER"), "{why}");
}

#[test]
fn what_is_an_attendees_own_is_taken() {
    let mut world = World::of(&[SERIES, INSTANCE]);
    let stored = world.object().clone();
    for (from, to) in [
        ("SUMMARY:Weekly", "TRANSP:TRANSPARENT\nSUMMARY:Weekly"),
        (
            "SUMMARY:Weekly",
            "PERCENT-COMPLETE:4\nCOMPLETED:20260101T000000Z\nSUMMARY:Weekly",
        ),
        (
            "SUMMARY:Weekly",
            "CREATED:20260101T000000Z\nLAST-MODIFIED:20260101T000000Z\nSUMMARY:Weekly",
        ),
        ("SUMMARY:Weekly", "CATEGORIES:y\nX-MINE:z\nSUMMARY:Weekly"),
        ("DTSTAMP:20260101T000000Z", "DTSTAMP:20260102T000000Z"),
        (
            "VERSION:2.0",
            "PRODID:-//mine\nCALSCALE:GREGORIAN\nVERSION:2.0",
        ),
        (
            "END:VEVENT",
            "BEGIN:VALARM\nTRIGGER:-PT5M\nACTION:AUDIO\nEND:VALARM\nEND:VEVENT",
        ),
        ("ATTENDEE:@ann", "ATTENDEE;RSVP=FALSE;CN=\"Ann, me\":@ann"),
        ("SUMMARY:Weekly", "STATUS:CONFIRMED\nSUMMARY:Weekly"),
        // The same in other words.
        ("DTEND;TZID=Europe/Berlin:20260105T110000", "DURATION:PT1H"),
        (
            "DTSTART;TZID=Europe/Berlin:20260107T120000",
            "DTSTART:20260107T110000Z",
        ),
        (
            "EXDATE;TZID=Europe/Berlin:20260106T100000",
            "EXDATE:20260106T090000Z",
        ),
        ("EXDATE:20260106T090000Z", "EXDATE;VALUE=DATE:20260106"),
        ("COUNT=9", "COUNT=9;INTERVAL=1"),
        ("DESCRIPTION:Long", "DESCRIPTION:Lo\n ng  "),
        (
            "ATTENDEE:@eve",
            "ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:eve@EXAMPLE.org",
        ),
        // Some programs list the organizer.
        ("ATTENDEE:@bob", "ATTENDEE:@me\nATTENDEE:@bob"),
    ] {
        let plan = world.device_changes(1, from, to);
        let plan = plan.unwrap_or_else(|error| panic!("{from} to {to}: {error}"));
        assert_eq!((plan.organizer, plan.messages.len()), (None, 0), "{to}");
    }
    assert_eq!(world.object(), &stored);
    // What eve says is the organizer's client's business.
    assert!(!world.copy(1).contains("PARTSTAT=ACCEPTED"));
}

#[test]
fn times_in_a_zone_of_their_own_are_compared() {
    let zone = |tzid: &str, offset: &str| {
        format!(
            "BEGIN:VTIMEZONE\nTZID:{tzid}\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:{offset}\nTZOFFSETTO:{offset}\nEND:STANDARD\nEND:VTIMEZONE\n"
        )
    };
    let event = |start: &str| {
        lines(&format!(
            "BEGIN:VEVENT\nUID:u\nDTSTART{start}\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\n@ORG\nA:@ann\nEND:VEVENT\n"
        ))
    };
    let file = |zone: &str, start: &str| {
        format!(
            "BEGIN:VCALENDAR\nVERSION:2.0\n{zone}{}END:VCALENDAR\n",
            event(start)
        )
    };
    let mut world = World::new();
    let stored = file(&zone("Mine", "+0300"), ";TZID=Mine:20260105T100000");
    world
        .put_object(CalendarObject::parse(stored.into_bytes()).unwrap())
        .unwrap();
    for (sent, is_taken) in [
        (
            file(&zone("Yours", "+0300"), ";TZID=Yours:20260105T100000"),
            true,
        ),
        (
            file(&zone("Yours", "+0200"), ";TZID=Yours:20260105T100000"),
            false,
        ),
        (
            file(&zone("Yours", "+0200"), ";TZID=Yours:20260105T090000"),
            false,
        ),
        (file("", ";TZID=Europe/Moscow:20260105T100000"), true),
        (file("", ";TZID=Europe/Berlin:20260105T080000"), false),
        (file("", ":20260105T100000"), false),
    ] {
        assert_eq!(
            world.clone().device_puts(1, &sent).is_ok(),
            is_taken,
            "{sent}"
        );
    }
}

#[test]
fn a_days_event_is_the_same_in_each_way_to_write_it() {
    let mut world =
        World::of(&["@ORG|DTSTART;VALUE=DATE:20260105|DTEND;VALUE=DATE:20260106|A:@ann"]);
    world
        .device_changes(1, "DTEND;VALUE=DATE:20260106\n", "")
        .unwrap();
    world
        .device_changes(1, "ATTENDEE:", "DURATION:P1D\nATTENDEE:")
        .unwrap();
    assert!(
        world
            .device_changes(1, "DURATION:P1D", "DURATION:P2D")
            .is_err()
    );
}

#[test]
fn who_is_invited_to_an_instance_cannot_make_it_a_series() {
    let mut world = World::of(&[
        "@ORG|RRULE:FREQ=DAILY|A:@ann",
        "@ORG|RECURRENCE-ID:20260107T100000Z|A:@cat",
    ]);
    let copy = world.copy(3);
    let series = world.copy(1).replace("tg_1@", "tg_3@");
    let (_, series) = series.split_once("BEGIN:VEVENT").unwrap();
    let (series, _) = series.split_once("END:VEVENT").unwrap();
    let sent = copy.replacen(
        "BEGIN:VEVENT",
        &format!("BEGIN:VEVENT{series}END:VEVENT\nBEGIN:VEVENT"),
        1,
    );
    let why = world.device_puts(3, &sent).unwrap_err().to_string();
    assert!(why.contains("some instances only"), "{why}");
    let another = copy.replace("RECURRENCE-ID:20260107", "RECURRENCE-ID:20260108");
    assert!(world.device_puts(3, &another).is_err());
}

#[test]
fn another_organizer_is_refused_as_long_as_somebody_is_invited() {
    let mut world = World::of(&["@ORG|A:@ann"]);
    for organizer in ["@bob", "mailto:boss@example.org"] {
        let sent = of(&[&format!("ORGANIZER:{organizer}|A:@ann")]);
        let Err(Refusal::OrganizerChange(_)) = world.put_object(sent.clone()) else {
            panic!("{organizer}");
        };
        let mut alone = World::of(&["@ORG|A:@eve"]);
        let put = alone.put_object(sent).unwrap();
        assert_eq!(put.upsert.role, Role::Attendee);
        assert!(put.plan.copies.is_empty() && put.plan.messages.is_empty());
    }
    // Who is in no meeting any more has nobody to ask.
    world.put(&["@ORG|SUMMARY:x"]);
    assert!(world.put_object(of(&["ORGANIZER:@bob|A:@ann"])).is_ok());
}
