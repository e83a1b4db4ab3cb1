//! What is in inboxes.

use super::world::World;
use super::*;

#[test]
fn a_reply_says_who_answers_what_and_nothing_else() {
    let series = "@ORG|DTSTAMP:20260101T000000Z|SEQUENCE:3|SUMMARY:Weekly|DESCRIPTION:Long|LOCATION:Here|RRULE:FREQ=DAILY|\
        A;RSVP=TRUE;CN=Ann:@ann|A:@bob|A:@eve|BEGIN:VALARM|TRIGGER:PT0S|ACTION:AUDIO|END:VALARM";
    let mut world = World::of(&[series]);
    world
        .press(1, Some("20260107T100000Z"), &PartStat::Declined)
        .unwrap();
    let message = &world.inboxes[&id(OWNER)][0];
    assert_eq!((message.from, message.method), (Some(id(1)), Method::Reply));
    assert_eq!(
        unfolded(&message.text),
        lines(&format!(
            "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:{}\nMETHOD:REPLY\nBEGIN:VEVENT\nDTSTAMP:20260101T000200Z\n\
             RECURRENCE-ID:20260107T100000Z\nUID:u\nDTSTART:20260107T100000Z\nDTEND:20260107T110000Z\n@ORG\nSEQUENCE:3\n\
             SUMMARY:Weekly\nA;CN=Ann;PS=DECLINED:@ann\nREQUEST-STATUS:2.0;Success\nEND:VEVENT\nEND:VCALENDAR\n",
            crate::PRODUCT_ID
        ))
    );
    let read = CalendarObject::from_stored(message.text.clone()).unwrap();
    assert_eq!(world::answers_in(&read, 1), ["20260107T100000Z=DECLINED"]);
    // The next one takes its place, and that of another does not.
    world.press(1, None, &PartStat::Accepted).unwrap();
    world.press(2, None, &PartStat::Accepted).unwrap();
    assert_eq!(world.inbox(OWNER), ["REPLY", "REPLY"]);
}

#[test]
fn a_request_is_the_copy_as_its_owner_sees_it_first() {
    for file_begin in [
        "BEGIN:VCALENDAR\n",
        "\u{feff}BEGIN:VCALENDAR\n",
        "\n\nBEGIN:VCALENDAR\n",
        "BEGIN:\n VCALENDAR\n",
    ] {
        let event = event(&lines("@ORG|RRULE:FREQ=DAILY|A:@ann|A:@bob"));
        let file = format!("{file_begin}VERSION:2.0\n{event}END:VCALENDAR");
        let mut world = World::new();
        world
            .put_object(CalendarObject::parse(file.into_bytes()).unwrap())
            .unwrap();
        let message = &world.inboxes[&id(1)][0];
        assert_eq!(message.from, None);
        let said = unfolded(&message.text);
        assert_eq!(
            said,
            world
                .copy(1)
                .replacen("BEGIN:VCALENDAR\n", "BEGIN:VCALENDAR\nMETHOD:REQUEST\n", 1)
        );
        let read = CalendarObject::from_stored(message.text.clone()).unwrap();
        assert_eq!(read.uid(), "u");
        assert!(CalendarObject::parse(message.text.clone()).is_err());
    }
}

#[test]
fn a_reply_has_the_zones_that_it_names() {
    let zone = "BEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0300\nEND:STANDARD\nEND:VTIMEZONE\n";
    let event = event(&lines(
        "@ORG|DTSTART;TZID=Mine:20260105T100000|DURATION:PT1H|A:@ann",
    ));
    let file = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{zone}{event}END:VCALENDAR\n");
    let mut world = World::new();
    world
        .put_object(CalendarObject::parse(file.into_bytes()).unwrap())
        .unwrap();
    world.press(1, None, &PartStat::Accepted).unwrap();
    let reply = unfolded(&world.inboxes[&id(OWNER)][0].text);
    assert!(
        reply.contains(zone) && reply.contains("\nDURATION:PT1H\n"),
        "{reply}"
    );
}

/// What the only message in the organizer's inbox says.
fn replied(world: &World) -> String {
    match &world.inboxes[&id(OWNER)][..] {
        [message] => {
            let read = CalendarObject::from_stored(message.text.clone());
            assert!(message.method == Method::Reply && read.is_ok());
            unfolded(&message.text)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_comment_goes_with_the_answer_to_the_organizer_alone() {
    let mut world = World::of(&["@ORG|COMMENT:Be on time|A:@ann|A:@bob"]);
    assert!(world.copy(1).contains("COMMENT:Be on time"));
    let comment = "COMMENT;LANGUAGE=en:At the dentist's\\, sorry; and a very long time away from all of you\n";
    let before = format!("{comment}A:@ann");
    world
        .device_changes(1, "A:@ann", &before.replace("A:", "A;PS=DECLINED:"))
        .unwrap();
    let said = replied(&world);
    assert!(
        said.contains(&format!("\n{comment}REQUEST-STATUS")),
        "{said}"
    );
    assert!(!said.contains("Be on time"));
    assert!(world.copy(1).contains(comment));
    for other in [text(world.object()), world.copy(2)] {
        assert!(other.contains("Be on time") && !other.contains("dentist"));
    }
    // It is told once, and again when it says something else; then nobody has answered anew.
    world
        .device_changes(1, "A;PS=DECLINED:@ann", "A;PS=TENTATIVE:@ann")
        .unwrap();
    assert!(replied(&world).contains("TENTATIVE") && !replied(&world).contains("COMMENT"));
    let stored = world.object().clone();
    let plan = world.device_changes(1, "sorry", "alas").unwrap();
    assert_eq!((plan.answered, plan.stale_tally), (None, false));
    let said = replied(&world);
    assert!(
        said.contains("TENTATIVE") && said.contains("alas"),
        "{said}"
    );
    assert_eq!(world.object(), &stored);
    world.inboxes.clear();
    for (from, to) in [
        ("all of you\n", "all of you \n"),
        ("A;PS=TENTATIVE", "COMMENT: \nA;PS=TENTATIVE"),
        ("COMMENT;LANGUAGE=en", "X-NOTE"),
    ] {
        world.device_changes(1, from, to).unwrap();
    }
    assert!(world.inbox(OWNER).is_empty());
}

#[test]
fn a_comment_may_be_about_an_instance() {
    let mut world = World::of(&["@ORG|RRULE:FREQ=DAILY|A:@ann|A:@bob"]);
    let series = world.copy(1);
    let of_instance = |part_stat: &str, comment: &str| {
        let instance = event(&lines(&format!(
            "RECURRENCE-ID:20260107T100000Z|DTSTART:20260107T100000Z|DTEND:20260107T110000Z|@ORG|\
             A{part_stat}:@ann|A:@bob|COMMENT:{comment}"
        )));
        series.replace("END:VCALENDAR", &format!("{instance}END:VCALENDAR"))
    };
    // With no answer, it makes no instance of it for others.
    world.device_puts(1, &of_instance("", "Late")).unwrap();
    let said = replied(&world);
    assert!(said.contains("RECURRENCE-ID:20260107T100000Z") && said.contains("\nCOMMENT:Late\n"));
    assert!(!said.contains("RRULE") && world.object().components().len() == 1);
    world
        .device_puts(1, &of_instance(";PS=DECLINED", "Too late"))
        .unwrap();
    let said = replied(&world);
    assert!(said.contains("PS=DECLINED".replace("PS", "PARTSTAT").as_str()));
    assert!(said.contains("\nCOMMENT:Too late\n") && !said.contains("Late\n"));
    assert_eq!(
        world.answers(1),
        ["=NEEDS-ACTION", "20260107T100000Z=DECLINED"]
    );
    assert!(!world.copy(2).contains("COMMENT"));
}

#[test]
fn a_comment_of_an_older_answer_is_not_told() {
    let mut world = World::of(&["@ORG|DTSTAMP:20250101T000000Z|A:@ann"]);
    let fetched = world.copy(1);
    world.press(1, None, &PartStat::Accepted).unwrap();
    world.inboxes.clear();
    let late = lines("COMMENT:Ill\nA;PS=DECLINED:@ann");
    let late = fetched.replace(&lines("A:@ann"), &late);
    world.device_puts_over(1, &late, false).unwrap();
    assert!(world.inbox(OWNER).is_empty() && world.copy(1).contains("COMMENT:Ill"));
    assert_eq!(world.answers(1), ["=ACCEPTED"]);
}
