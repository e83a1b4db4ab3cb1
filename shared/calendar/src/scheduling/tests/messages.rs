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

/// METHOD of the only message in somebody's inbox, with the recurrence keys of what is in it.
fn told(world: &World, who: i64) -> (Method, Vec<String>) {
    let [message] = &world.inboxes[&id(who)][..] else {
        panic!("{:?}", world.inbox(who));
    };
    let read = CalendarObject::from_stored(message.text.clone()).unwrap();
    let keys = read.components().iter().map(Component::recurrence_key);
    (message.method, keys.map(str::to_owned).collect())
}

#[test]
fn what_is_called_off_is_told_as_such() {
    let instance = |lines: &str| {
        format!(
            "@ORG|RECURRENCE-ID:20260107T100000Z|DTSTART:20260107T100000Z|DTEND:20260107T110000Z|{lines}|A:@ann|A:@bob"
        )
    };
    let series = |lines: &str| format!("@ORG|{lines}|RRULE:FREQ=DAILY|A:@ann|A:@bob");
    let (cancelled, planned) = (instance("STATUS:CANCELLED"), instance("STATUS:CONFIRMED"));
    let whole = vec![String::new()];
    let one = vec!["20260107T100000Z".to_owned()];
    let both = [whole.clone(), one.clone()].concat();
    for (before, after, method, keys) in [
        // All of it.
        (
            vec![series("")],
            vec![series("STATUS:CANCELLED")],
            Method::Cancel,
            &whole,
        ),
        (
            vec![series("STATUS:CANCELLED")],
            vec![series("")],
            Method::Request,
            &whole,
        ),
        (
            vec![series(""), planned.clone()],
            vec![series("STATUS:CANCELLED|SUMMARY:Off"), cancelled.clone()],
            Method::Cancel,
            &both,
        ),
        (
            vec![series(""), planned.clone()],
            vec![series("STATUS:CANCELLED"), planned.clone()],
            Method::Request,
            &both,
        ),
        // An instance, where it was as the series, or had changed.
        (
            vec![series("")],
            vec![series(""), cancelled.clone()],
            Method::Cancel,
            &one,
        ),
        (
            vec![series("")],
            vec![series("SEQUENCE:4"), cancelled.clone()],
            Method::Cancel,
            &one,
        ),
        (
            vec![series(""), planned.clone()],
            vec![series(""), cancelled.clone()],
            Method::Cancel,
            &one,
        ),
        // With something else.
        (
            vec![series("")],
            vec![series("SUMMARY:New"), cancelled.clone()],
            Method::Request,
            &both,
        ),
        (
            vec![series(""), cancelled.clone()],
            vec![series(""), instance("STATUS:CANCELLED|SUMMARY:New")],
            Method::Request,
            &both,
        ),
        // It takes place after all.
        (
            vec![series(""), cancelled.clone()],
            vec![series(""), planned.clone()],
            Method::Request,
            &both,
        ),
    ] {
        let put = |world: &mut World, components: &[String]| {
            world.put(&components.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let mut world = World::new();
        put(&mut world, &before);
        for part_stat in [PartStat::Tentative, PartStat::Accepted] {
            world.press(1, None, &part_stat).unwrap();
        }
        world.inboxes.clear();
        let last = |world: &World| {
            let components = world.object().components().iter();
            components.map(|component| component.sequence).max()
        };
        let sequence = last(&world);
        put(&mut world, &after);
        assert_eq!(
            told(&world, 1),
            (method, keys.clone()),
            "{before:?} to {after:?}"
        );
        if method == Method::Cancel {
            assert!(last(&world) > sequence, "{before:?} to {after:?}");
        }
        // Bob has not answered: what he was asked is still in the message, but for what is off altogether.
        let to_bob = if keys == &one {
            (Method::Request, both.clone())
        } else {
            (method, keys.clone())
        };
        assert_eq!(told(&world, 2), to_bob, "{before:?} to {after:?}");
        let copy = world.copy_object(1).unwrap();
        assert_eq!(copy.components().len(), after.len());
        world.inboxes.clear();
        assert_eq!(put(&mut world, &after).plan, Plan::default());
    }
}
