//! What is in an attendee's copy: what the attendee may see, and what the attendee has made of it.

use super::world::World;
use super::*;

const SERIES: &str =
    "@ORG|DTSTAMP:20260101T000000Z|SUMMARY:Weekly|RRULE:FREQ=DAILY;COUNT=9|A:@ann|A:@bob";
const FOR_ANN: &str = "@ORG|RECURRENCE-ID:20260106T100000Z|DTSTART:20260106T120000Z|DTEND:20260106T130000Z|SUMMARY:Ann|A:@ann";
const FOR_CAT: &str = "@ORG|RECURRENCE-ID:20260107T100000Z|DTSTART:20260107T100000Z|DTEND:20260107T110000Z|SUMMARY:Cat|A:@ann|A:@bob|A:@cat";

fn summaries(copy: &str) -> Vec<&str> {
    copy.lines()
        .filter_map(|line| line.strip_prefix("SUMMARY:"))
        .collect()
}

#[test]
fn a_copy_shows_the_instances_that_include_its_owner() {
    let world = World::of(&[SERIES, FOR_ANN, FOR_CAT]);
    assert_eq!(summaries(&world.copy(1)), ["Weekly", "Ann", "Cat"]);
    assert_eq!(summaries(&world.copy(2)), ["Weekly", "Cat"]);
    assert_eq!(summaries(&world.copy(3)), ["Cat"]);
    assert!(!world.copy(1).contains("EXDATE"));
    assert!(world.copy(2).contains("\nEXDATE:20260106T100000Z\n"));
    assert!(!world.copy(3).contains("RRULE") && !world.copy(3).contains("EXDATE"));
    // The time of an instance without Bob is none of his business.
    assert!(!world.copy(2).contains("20260106T120000Z"));
}

#[test]
fn an_instance_taken_from_somebody_is_written_as_the_series_writes_times() {
    for (start, end, id, exdate) in [
        (
            "DTSTART;VALUE=DATE:20260105",
            "DTEND;VALUE=DATE:20260106",
            "RECURRENCE-ID;VALUE=DATE:20260106|DTSTART;VALUE=DATE:20260108|DTEND;VALUE=DATE:20260109",
            "EXDATE;VALUE=DATE:20260106",
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20260105T100000",
            "DTEND;TZID=Europe/Berlin:20260105T110000",
            "RECURRENCE-ID;TZID=Europe/Berlin;RANGE=THISANDFUTURE:20260106T100000|DTSTART:20260106T100000Z",
            "EXDATE;TZID=Europe/Berlin:20260106T100000",
        ),
        (
            "DTSTART:20260105T100000",
            "DTEND:20260105T110000",
            "RECURRENCE-ID:20260106T100000|DTSTART:20260106T120000|DTEND:20260106T130000",
            "EXDATE:20260106T100000",
        ),
    ] {
        let series = format!("@ORG|{start}|{end}|RRULE:FREQ=DAILY|A:@ann|A:@bob");
        let world = World::of(&[&series, &format!("@ORG|{id}|A:@ann")]);
        assert!(world.copy(2).contains(&format!("\n{exdate}\n")), "{exdate}");
        assert!(!world.copy(1).contains("EXDATE"));
    }
}

#[test]
fn what_is_between_the_organizer_and_a_program_is_not_copied() {
    let alarm = "BEGIN:VALARM|TRIGGER:-PT5M|ACTION:DISPLAY|DESCRIPTION:mine|END:VALARM";
    let world = World::of(&[&format!(
        "ORGANIZER;SCHEDULE-STATUS=1.1;CN=Me:@me|X-MOZ-LASTACK:20260101T000000Z|X-MOZ-SNOOZE-TIME-1:x|X-KEEP:y|\
         REQUEST-STATUS:2.0;Success|A;SCHEDULE-FORCE-SEND=REQUEST;CN=Ann:@ann|A;CN=Eve:@eve|{alarm}"
    )]);
    let copy = world.copy(1);
    for private in ["VALARM", "LASTACK", "SNOOZE", "REQUEST-STATUS", "SCHEDULE-"] {
        assert!(!copy.contains(private), "{private} in {copy}");
    }
    for kept in [
        "\nORGANIZER;CN=Me:mailto:tg_1000@",
        "\nX-KEEP:y\n",
        "\nATTENDEE;CN=Ann:mailto:tg_1@",
        "\nATTENDEE;CN=Eve:mailto:eve@",
    ] {
        assert!(copy.contains(kept), "{kept} not in {copy}");
    }
}

#[test]
fn what_is_an_attendees_own_survives_the_organizers_changes() {
    let mut world = World::of(&[SERIES]);
    let alarm = "BEGIN:VALARM\nTRIGGER:-PT5M\nACTION:DISPLAY\nDESCRIPTION:Ann's\nEND:VALARM\n";
    let own =
        "TRANSP:TRANSPARENT|CATEGORIES:PRIVATE|COMMENT:My own|X-COLOR:red|EXDATE:20260108T100000Z|";
    let before = world.copy(1);
    let sent = before
        .replace("SUMMARY:", &format!("{}SUMMARY:", own.replace('|', "\n")))
        .replace(
            "ATTENDEE:mailto:tg_1@",
            "ATTENDEE;PARTSTAT=ACCEPTED;X-COLOR=blue:mailto:tg_1@",
        )
        .replace("END:VEVENT\n", &format!("{alarm}END:VEVENT\n"));
    world.device_puts(1, &sent).unwrap();
    assert_eq!(world.answers(1), ["=ACCEPTED", "20260108T100000Z=DECLINED"]);
    // Time and again.
    for title in ["Monthly", "Yearly"] {
        world.put(&[&SERIES.replace("Weekly", title)]);
        let copy = world.copy(1);
        assert_eq!(summaries(&copy), [title]);
        for line in own.split_terminator('|').chain([alarm]) {
            assert_eq!(copy.matches(line).count(), 1, "{line} in {copy}");
        }
        assert!(
            copy.contains("ATTENDEE;PARTSTAT=ACCEPTED;X-COLOR=blue:mailto:tg_1@"),
            "{copy}"
        );
        // It is nobody else's business.
        for private in ["PRIVATE", "My own", "X-COLOR", "TRANSP", "VALARM", "EXDATE"] {
            assert!(!world.copy(2).contains(private) && !text(world.object()).contains(private));
        }
    }
}

#[test]
fn an_instance_begins_with_what_its_attendee_made_of_the_series() {
    let mut world = World::of(&[SERIES]);
    let alarm = "BEGIN:VALARM|TRIGGER:-PT5M|ACTION:DISPLAY|DESCRIPTION:x|END:VALARM";
    let change = format!("X-MINE:1|{alarm}|END:VEVENT").replace('|', "\n");
    world.device_changes(1, "END:VEVENT", &change).unwrap();
    world.put(&[SERIES, FOR_ANN]);
    assert_eq!(world.copy(1).matches("X-MINE:1").count(), 2);
    assert_eq!(world.copy(1).matches("BEGIN:VALARM").count(), 2);
}

#[test]
fn what_an_attendee_left_alone_follows_the_organizer() {
    let with = |transp: &str, role: &str| {
        format!("@ORG|TRANSP:{transp}|CATEGORIES:{transp}|A;ROLE={role}:@ann|A;ROLE={role}:@bob")
    };
    let mut world = World::of(&[&with("OPAQUE", "CHAIR")]);
    world.device_changes(1, "TRANSP:OPAQUE\n", "").unwrap();
    world.put(&[&with("TRANSPARENT", "NON-PARTICIPANT")]);
    // Ann has taken TRANSP out, Bob has nothing of his own.
    assert!(!world.copy(1).contains("TRANSP:"));
    assert!(world.copy(2).contains("\nTRANSP:TRANSPARENT\n"));
    for who in [1, 2] {
        let copy = world.copy(who);
        assert!(copy.contains("\nCATEGORIES:TRANSPARENT\n"));
        assert_eq!(copy.matches("ROLE=NON-PARTICIPANT").count(), 2, "{copy}");
    }
}

#[test]
fn who_is_invited_to_an_instance_alone_sees_no_other() {
    let mut world = World::of(&[SERIES, FOR_CAT]);
    assert_eq!(world.answers(3), ["20260107T100000Z=NEEDS-ACTION"]);
    world.press(3, None, &PartStat::Accepted).unwrap();
    assert_eq!(world.answers(3), ["20260107T100000Z=ACCEPTED"]);
    assert_eq!(world.answers_in_copy(3, 3), world.answers(3));
    assert_eq!(world.answers_in_copy(1, 3), world.answers(3));
    // Nobody answers for what they are not invited to.
    assert!(
        world
            .press(3, Some("20260108T100000Z"), &PartStat::Accepted)
            .is_none()
    );
    assert!(world.press(3, Some(""), &PartStat::Accepted).is_none());
}

#[test]
fn an_answer_for_one_instance_makes_it_a_component_everywhere() {
    let mut world = World::of(&[SERIES]);
    let key = "20260107T100000Z";
    world
        .device_changes(2, "SUMMARY:", "X-BOB:1\nSUMMARY:")
        .unwrap();
    let tags = world.tags.clone();
    world.press(1, Some(key), &PartStat::Declined).unwrap();
    assert_eq!(
        world.answers(1),
        ["=NEEDS-ACTION", "20260107T100000Z=DECLINED"]
    );
    assert_eq!(
        world.answers(2),
        ["=NEEDS-ACTION", "20260107T100000Z=NEEDS-ACTION"]
    );
    for of in [1, 2] {
        for who in [1, 2] {
            assert_eq!(world.answers_in_copy(of, who), world.answers(who));
        }
    }
    // Each has made it of their own copy.
    assert_eq!(world.copy(2).matches("X-BOB:1").count(), 2);
    assert!(!text(world.object()).contains("X-BOB"));
    assert_eq!(world.tags[&id(2)], tags[&id(2)]);
    assert!(world.tags[&id(1)] > tags[&id(1)]);
    let instance = world.object().component(key).unwrap();
    assert!(!instance.repeats);
    assert_eq!(
        instance.timing.start.as_ref().unwrap().key().to_string(),
        key
    );
}

#[test]
fn instances_stand_in_one_order_however_they_came() {
    let keys = ["20260106T100000Z", "20260108T100000Z", "20260111T100000Z"];
    let texts: Vec<String> = [[0, 1, 2], [2, 1, 0], [1, 2, 0]]
        .map(|order| {
            let mut world = World::of(&[SERIES]);
            for index in order {
                world
                    .press(1, Some(keys[index]), &PartStat::Declined)
                    .unwrap();
            }
            text(world.object())
        })
        .into();
    assert_eq!(texts[0], texts[1]);
    assert_eq!(texts[0], texts[2]);
}

#[test]
fn an_instance_is_written_as_the_series_writes_times() {
    let vtimezone = "BEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0300\n\
        TZOFFSETTO:+0300\nEND:STANDARD\nEND:VTIMEZONE\n";
    for (times, key, lines) in [
        (
            "DTSTART;VALUE=DATE:20260105|DTEND;VALUE=DATE:20260107",
            "20260109",
            "RECURRENCE-ID;VALUE=DATE:20260109|DTSTART;VALUE=DATE:20260109|DTEND;VALUE=DATE:20260111",
        ),
        (
            "DTSTART:20260105T100000|DURATION:PT1H",
            "20260109T100000",
            "RECURRENCE-ID:20260109T100000|DTSTART:20260109T100000|DURATION:PT1H",
        ),
        (
            "DTSTART;TZID=Mine:20260105T100000|DTEND;TZID=Mine:20260105T110000",
            "20260109T100000",
            "RECURRENCE-ID;TZID=Mine:20260109T100000|DTSTART;TZID=Mine:20260109T100000|DTEND;TZID=Mine:20260109T110000",
        ),
        // The clocks change on the 29th of March.
        (
            "DTSTART;TZID=Europe/Berlin:20260105T100000|DTEND:20260105T100000Z",
            "20260401T080000Z",
            "RECURRENCE-ID;TZID=Europe/Berlin:20260401T100000|DTSTART;TZID=Europe/Berlin:20260401T100000|DTEND:20260401T090000Z",
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20260105T023000|DTEND;TZID=Europe/Berlin:20260105T033000",
            "20260329T013000Z",
            "RECURRENCE-ID;TZID=Europe/Berlin:20260329T033000|DTSTART;TZID=Europe/Berlin:20260329T033000|DTEND;TZID=Europe/Berlin:20260329T043000",
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20260105T023000|DTEND;TZID=Europe/Berlin:20260105T033000",
            "20261025T003000Z",
            "RECURRENCE-ID;TZID=Europe/Berlin:20261025T023000|DTSTART;TZID=Europe/Berlin:20261025T023000",
        ),
        // A PERIOD has a length of its own.
        (
            "DTSTART:20260105T100000Z|DURATION:PT1H|RDATE;VALUE=PERIOD:20260109T120000Z/PT3H",
            "20260109T120000Z",
            "RECURRENCE-ID:20260109T120000Z|DTSTART:20260109T120000Z|DTEND:20260109T150000Z",
        ),
    ] {
        let event = event(&super::lines(&format!(
            "@ORG|{times}|RRULE:FREQ=DAILY|A:@ann"
        )));
        let file = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{vtimezone}{event}END:VCALENDAR\n");
        let mut world = World::new();
        let sent = CalendarObject::parse(file.into_bytes()).unwrap();
        world.put_object(sent).unwrap();
        world.press(1, Some(key), &PartStat::Accepted).unwrap();
        for stored in [text(world.object()), world.copy(1)] {
            let (_, instance) = stored.split_once("\nRECURRENCE-ID").unwrap();
            let instance = format!("RECURRENCE-ID{instance}");
            for line in lines.split('|') {
                assert!(
                    instance.contains(&format!("{line}\n")),
                    "{line} not in {instance}"
                );
            }
        }
        assert_eq!(
            world.answers(1),
            ["=NEEDS-ACTION".to_owned(), format!("{key}=ACCEPTED")]
        );
        assert_eq!(world.answers_in_copy(1, 1), world.answers(1));
    }
}

#[test]
fn an_instance_after_a_this_and_future_is_as_that_says() {
    let series = "@ORG|DTSTART;TZID=Europe/Berlin:20260105T100000|DTEND;TZID=Europe/Berlin:20260105T110000|RRULE:FREQ=DAILY|A:@ann|A:@bob";
    // Ten days later, at eight in UTC, and without Bob.
    let later = "@ORG|RECURRENCE-ID;TZID=Europe/Berlin;RANGE=THISANDFUTURE:20260107T100000|\
                 DTSTART:20260117T080000Z|DTEND:20260117T083000Z|SUMMARY:Later|A:@ann";
    let mut world = World::of(&[series, later]);
    let key = "20260115T090000Z";
    world.press(1, Some(key), &PartStat::Accepted).unwrap();
    let instance = world.object().component(key).unwrap();
    assert_eq!(instance.summary.as_deref(), Some("Later"));
    assert_eq!(
        instance.timing.start.as_ref().unwrap().key().to_string(),
        "20260125T080000Z"
    );
    assert_eq!(
        instance.timing.end.as_ref().unwrap().key().to_string(),
        "20260125T083000Z"
    );
    assert!(!instance.this_and_future);
    assert!(world.press(2, Some(key), &PartStat::Accepted).is_none());
    assert!(
        world
            .press(2, Some("20260106T090000Z"), &PartStat::Accepted)
            .is_some()
    );
}

#[test]
fn a_to_do_that_is_only_due_has_instances() {
    let todo = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTODO\nUID:u\nDUE:20260105T100000Z\nRRULE:FREQ=DAILY\n@ORG\nA:@ann\nEND:VTODO\nEND:VCALENDAR\n";
    let mut world = World::new();
    let sent = CalendarObject::parse(lines(todo).into_bytes()).unwrap();
    world.put_object(sent).unwrap();
    let key = "20260107T100000Z";
    world.press(1, Some(key), &PartStat::Accepted).unwrap();
    assert!(world.copy(1).contains("RECURRENCE-ID:20260107T100000Z\n"));
    assert!(world.copy(1).contains("\nDUE:20260107T100000Z\n"));
    let again = world.press(1, Some(key), &PartStat::Accepted).unwrap();
    assert!(again.organizer.is_none() && again.copies.is_empty());
}

#[test]
fn how_far_somebody_is_with_a_to_do_is_theirs_until_it_is_called_off() {
    let todo = |lines: &str| {
        let text = format!(
            "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTODO\nUID:u\nDUE:20260105T100000Z\n@ORG\n{lines}END:VTODO\nEND:VCALENDAR\n"
        );
        CalendarObject::parse(super::lines(&text).into_bytes()).unwrap()
    };
    let asked = todo("SUMMARY:a\nSTATUS:NEEDS-ACTION\nA:@ann\n");
    let mut world = World::new();
    world.put_object(asked.clone()).unwrap();
    world
        .device_changes(
            1,
            "STATUS:NEEDS-ACTION\n",
            "STATUS:IN-PROCESS\nPERCENT-COMPLETE:40\n",
        )
        .unwrap();
    world
        .put_object(todo("SUMMARY:b\nSTATUS:NEEDS-ACTION\nA:@ann\n"))
        .unwrap();
    for line in ["SUMMARY:b", "STATUS:IN-PROCESS", "PERCENT-COMPLETE:40"] {
        assert!(world.copy(1).contains(&format!("\n{line}\n")), "{line}");
    }
    world
        .put_object(todo("SUMMARY:b\nSTATUS:CANCELLED\nA:@ann\n"))
        .unwrap();
    assert!(
        world.copy(1).contains("\nSTATUS:CANCELLED\n") && !world.copy(1).contains("IN-PROCESS")
    );
    // Out, and in again.
    world.put_object(todo("SUMMARY:b\n")).unwrap();
    assert!(world.copy(1).contains("STATUS:CANCELLED"));
    world.put_object(asked).unwrap();
    assert!(
        world.copy(1).contains("\nSTATUS:NEEDS-ACTION\n") && !world.copy(1).contains("CANCELLED")
    );
}

#[test]
fn lines_and_folds_come_as_the_organizer_wrote_them() {
    let summary = "ж".repeat(60);
    // In the middle of a character.
    let (head, tail) = summary.as_bytes().split_at(65);
    for ending in ["\r\n", "\n"] {
        let event = lines(
            "BEGIN:VEVENT|UID:u|DTSTART:20260105T100000Z|DTEND:20260105T110000Z|RRULE:FREQ=DAILY|@ORG|A;X=\"a;b:c\":@ann|A:@bob|SUMMARY:",
        );
        let mut file = b"BEGIN:VCALENDAR|VERSION:2.0|".to_vec();
        file.extend_from_slice(event.as_bytes());
        file.extend_from_slice(head);
        file.extend_from_slice(b"| ");
        file.extend_from_slice(tail);
        file.extend_from_slice(b"|END:VEVENT|END:VCALENDAR|");
        let file: Vec<u8> = file
            .split(|byte| *byte == b'|')
            .collect::<Vec<_>>()
            .join(ending.as_bytes());
        let sent = CalendarObject::parse(file).unwrap();
        let mut world = World::new();
        world.put_object(sent).unwrap();
        world
            .press(1, Some("20260106T100000Z"), &PartStat::Accepted)
            .unwrap();
        world.press(1, Some(""), &PartStat::Tentative).unwrap();
        for object in [
            world.object(),
            world.copy_object(1).unwrap(),
            world.copy_object(2).unwrap(),
        ] {
            let summaries = object
                .components()
                .iter()
                .map(|component| component.summary.as_deref());
            assert_eq!(summaries.collect::<Vec<_>>(), [Some(summary.as_str()); 2]);
            let bytes = object.as_bytes();
            let carriage_returns = bytes.iter().filter(|byte| **byte == b'\r').count();
            let line_feeds = bytes.iter().filter(|byte| **byte == b'\n').count();
            assert_eq!(
                carriage_returns,
                if ending == "\n" { 0 } else { line_feeds }
            );
            assert!(String::from_utf8_lossy(bytes).contains("X=\"a;b:c\""));
        }
    }
}

#[test]
fn an_address_that_is_written_twice_is_one_person() {
    let mut world = World::of(&[
        "@ORG|A:@ann|A;CN=Ann:MAILTO:TG_1@televent.internal|A:MAILTO:tg_1@TELEVENT.internal|A:@bob",
    ]);
    world
        .device_changes(
            1,
            "ATTENDEE:mailto:tg_1@",
            "ATTENDEE;PARTSTAT=DECLINED:mailto:tg_1@",
        )
        .unwrap();
    assert_eq!(world.answers(1), ["=DECLINED"]);
    for stored in [text(world.object()), world.copy(1), world.copy(2)] {
        assert_eq!(stored.matches("PARTSTAT=DECLINED").count(), 2, "{stored}");
    }
}

#[test]
fn a_large_copy_is_not_repeated_in_each_instance() {
    let mut world = World::of(&["@ORG|RRULE:FREQ=DAILY|A:@ann"]);
    let large = format!("X-LARGE:{}\nEND:VEVENT", "x".repeat(600_000));
    world.device_changes(1, "END:VEVENT", &large).unwrap();
    let instances: Vec<String> = (10..30)
        .map(|day| format!("@ORG|RECURRENCE-ID:202601{day}T100000Z|DTSTART:202601{day}T120000Z|DTEND:202601{day}T130000Z|A:@ann"))
        .collect();
    let mut components = vec!["@ORG|RRULE:FREQ=DAILY|A:@ann"];
    components.extend(instances.iter().map(String::as_str));
    world.put(&components);
    let copy = world.copy_object(1).unwrap();
    assert_eq!(copy.components().len(), 21);
    assert!(copy.as_bytes().len() < 3 * crate::object::MAX_OBJECT_BYTES);
    assert!(world.copy(1).contains("X-LARGE"));
}
