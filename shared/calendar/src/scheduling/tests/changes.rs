//! What the organizer's changes do to the copies and inboxes of others (RFC 6638 section 3.2.1).

use super::world::World;
use super::*;

const MEETING: &str =
    "@ORG|DTSTAMP:20260101T000000Z|SEQUENCE:1|SUMMARY:Lunch|LOCATION:Here|A:@ann|A:@bob";

/// How one copy is changed: whether it is written, whether its schedule tag changes, and what is in its owner's inbox.
fn change_of(world: &World, before: &World, who: i64) -> (bool, bool, Vec<&'static str>) {
    let is_written = world.copy_object(who) != before.copy_object(who);
    let is_tagged = world.tags.get(&id(who)) != before.tags.get(&id(who));
    let inbox = world.inbox(who);
    (is_written, is_tagged, inbox)
}

#[test]
fn a_change_reaches_copies_as_far_as_it_says_something() {
    for (what, from, to, written, tagged, inbox) in [
        ("nothing", "Lunch", "Lunch", false, false, vec![]),
        (
            "DTSTAMP",
            "20260101T000000Z",
            "20260101T120000Z",
            false,
            false,
            vec![],
        ),
        (
            "LAST-MODIFIED",
            "SUMMARY",
            "LAST-MODIFIED:20260101T120000Z|SUMMARY",
            false,
            false,
            vec![],
        ),
        (
            "an alarm",
            "A:@ann",
            "A:@ann|BEGIN:VALARM|TRIGGER:PT0S|ACTION:AUDIO|END:VALARM",
            false,
            false,
            vec![],
        ),
        (
            "a status",
            "A:@ann",
            "A;SCHEDULE-STATUS=1.1:@ann",
            false,
            false,
            vec![],
        ),
        (
            "own answer",
            "A:@ann",
            "A;PS=ACCEPTED:@me|A:@ann",
            true,
            true,
            vec!["REQUEST"],
        ),
        ("title", "Lunch", "Dinner", true, true, vec!["REQUEST"]),
        ("place", "Here", "There", true, true, vec!["REQUEST"]),
        (
            "attendee",
            "A:@bob",
            "A:@bob|A:@eve",
            true,
            true,
            vec!["REQUEST"],
        ),
    ] {
        let mut world = World::of(&[MEETING]);
        world.press(1, None, &PartStat::Accepted).unwrap();
        world.press(2, None, &PartStat::Declined).unwrap();
        let before = world.clone();
        assert!(MEETING.contains(from));
        let put = world.put(&[&MEETING.replacen(from, to, 1)]);
        for who in [1, 2] {
            assert_eq!(
                change_of(&world, &before, who),
                (written, tagged, inbox.clone()),
                "{what}"
            );
        }
        let is_asked = what == "place";
        assert_eq!(put.plan.asked.len(), if is_asked { 2 } else { 0 }, "{what}");
        let expected = if is_asked {
            "=NEEDS-ACTION"
        } else {
            "=ACCEPTED"
        };
        assert_eq!(
            (world.answers(1), world.answers_in_copy(2, 1)),
            (vec![expected.to_owned()], vec![expected.to_owned()])
        );
        if what == "nothing" || what == "a status" {
            assert_eq!(put.plan, Plan::default(), "{what}");
        }
    }
}

#[test]
fn the_organizers_own_answer_changes_no_schedule_tag() {
    let with = |said: &str| MEETING.replace("A:@ann", &format!("A;PS={said}:@me|A:@ann"));
    let mut world = World::of(&[&with("TENTATIVE")]);
    world
        .device_changes(1, "SUMMARY", "X-MINE:1\nSUMMARY")
        .unwrap();
    let before = world.clone();
    world.put(&[&with("ACCEPTED")]);
    for who in [1, 2] {
        assert_eq!(
            change_of(&world, &before, who),
            (true, false, vec!["REQUEST"])
        );
        assert_eq!(world.answers_in_copy(who, OWNER), ["=ACCEPTED"]);
    }
    assert!(world.copy(1).contains("X-MINE"));
}

#[test]
fn a_significant_change_asks_again_and_raises_sequence() {
    let mut world = World::of(&[MEETING]);
    world.press(1, None, &PartStat::Accepted).unwrap();
    let put = world.put(&[&MEETING.replace("Here", "There")]);
    assert_eq!(
        put.plan.asked,
        [(String::new(), id(1)), (String::new(), id(2))]
    );
    assert_eq!(put.plan.stale_cards, [id(1), id(2)].into());
    assert!(put.plan.stale_tally && put.plan.answered.is_none());
    for stored in [text(world.object()), world.copy(1), world.copy(2)] {
        assert!(stored.contains("\nSEQUENCE:2\n"), "{stored}");
        assert!(stored.contains("RSVP=TRUE") && !stored.contains("ACCEPTED"));
    }
}

#[test]
fn sequence_is_the_clients_as_long_as_it_rises() {
    for (sent, place, expected) in [
        (Some(1), "Here", 1),
        (Some(0), "Here", 1),
        (None, "Here", 1),
        (Some(5), "Here", 5),
        (Some(1), "There", 2),
        (Some(2), "There", 2),
        (Some(7), "There", 7),
        (None, "There", 2),
        (Some(i64::MAX), "There", i64::MAX),
    ] {
        let mut world = World::of(&[MEETING]);
        let sequence = sent.map_or_else(String::new, |sent| format!("SEQUENCE:{sent}|"));
        world.put(&[&MEETING
            .replace("SEQUENCE:1|", &sequence)
            .replace("Here", place)]);
        assert_eq!(
            world.object().components()[0].sequence,
            expected,
            "{sent:?} {place}"
        );
        assert_eq!(
            world.copy_object(1).unwrap().components()[0].sequence,
            expected
        );
    }
    // It does not overflow.
    let mut world = World::of(&[&MEETING.replace("SEQUENCE:1", &format!("SEQUENCE:{}", i64::MAX))]);
    world.put(&[&MEETING.replace("Here", "There")]);
    world.delete();
    assert!(world.copy(1).contains(&format!("SEQUENCE:{}\n", i64::MAX)));
}

#[test]
fn who_comes_and_goes_is_told() {
    let alone = MEETING.replace("|A:@bob", "");
    let mut world = World::of(&[&alone]);
    let put = world.put(&[MEETING]);
    assert_eq!(
        (put.upsert.newly_invited, put.plan.asked),
        (vec![id(2)], vec![(String::new(), id(2))])
    );
    assert_eq!(
        (world.inbox(2), world.answers_in_copy(2, 2)),
        (vec!["REQUEST"], vec!["=NEEDS-ACTION".to_owned()])
    );
    world.press(2, None, &PartStat::Accepted).unwrap();
    world
        .device_changes(2, "SUMMARY", "X-MINE:1\nSUMMARY")
        .unwrap();

    let put = world.put(&[&alone]);
    assert_eq!(put.plan.stale_cards, [id(2)].into());
    assert_eq!(world.inbox(2), ["CANCEL"]);
    for line in ["STATUS:CANCELLED", "X-MINE:1", "SUMMARY:Lunch"] {
        assert!(world.copy(2).contains(&format!("\n{line}\n")), "{line}");
    }
    // What happens without them is none of their business.
    let before = world.clone();
    world.put(&[&alone.replace("Lunch", "Dinner")]);
    assert_eq!(
        change_of(&world, &before, 2),
        (false, false, vec!["CANCEL"])
    );

    world.put(&[MEETING]);
    assert_eq!(
        (world.inbox(2), world.answers_in_copy(2, 2)),
        (vec!["REQUEST"], vec!["=NEEDS-ACTION".to_owned()])
    );
    assert!(!world.copy(2).contains("CANCELLED") && world.copy(2).contains("X-MINE:1"));
}

#[test]
fn whom_a_client_serves_from_now_on_is_taken_out_and_may_come_back() {
    for agent in ["CLIENT", "NONE"] {
        let mut world = World::of(&[MEETING]);
        world.press(2, None, &PartStat::Accepted).unwrap();
        let served = MEETING.replace(
            "A:@bob",
            &format!("A;PS=ACCEPTED;SCHEDULE-AGENT={agent}:@bob"),
        );
        world.put(&[&served]);
        assert!(world.copy(2).contains("STATUS:CANCELLED"), "{agent}");
        assert_eq!(world.inbox(2), ["CANCEL"]);
        assert_eq!(world.answers(2), ["=ACCEPTED"]);
        assert!(world.press(2, None, &PartStat::Declined).is_none());
        let stored = text(world.object());
        assert!(
            !stored.contains(&format!("{agent};SCHEDULE-STATUS")),
            "{stored}"
        );
        world.put(&[MEETING]);
        assert!(!world.copy(2).contains("STATUS:CANCELLED"));
        assert_eq!(
            (world.inbox(2), world.answers(2)),
            (vec!["REQUEST"], vec!["=NEEDS-ACTION".to_owned()])
        );
    }
}

#[test]
fn a_meeting_ends_by_deletion_or_without_attendees() {
    for sent in [None, Some("@ORG|SUMMARY:Lunch"), Some("SUMMARY:Lunch")] {
        let mut world = World::of(&[MEETING]);
        world.device_deletes(2);
        let plan = match sent {
            None => world.delete(),
            Some(sent) => world.put(&[sent]).plan,
        };
        assert_eq!(plan.stale_cards, [id(1), id(2)].into(), "{sent:?}");
        assert!(world.copy(1).contains("\nSTATUS:CANCELLED\n"));
        // Who had deleted it gets no copy of what is no more.
        assert_eq!(
            (world.copy(2), world.inbox(2)),
            (String::new(), vec!["CANCEL"])
        );
        let cancel = &world.inboxes[&id(1)][0];
        assert!(unfolded(&cancel.text).contains("METHOD:CANCEL\n"));
    }
    // Deleted once more is nothing.
    assert_eq!(World::new().delete(), Plan::default());
}

#[test]
fn a_cancelled_copy_has_a_sequence_that_is_not_lower() {
    let mut world = World::of(&[MEETING]);
    world.delete();
    assert!(world.copy(1).contains("\nSEQUENCE:2\n"));
    let mut world = World::of(&[MEETING]);
    world.put(&[&MEETING
        .replace("|A:@bob", "")
        .replace("SEQUENCE:1", "SEQUENCE:4")]);
    assert!(world.copy(2).contains("\nSEQUENCE:4\n"));
}

#[test]
fn force_send_asks_again_if_it_says_so() {
    for (sent, answer, is_asked) in [
        ("A;SCHEDULE-FORCE-SEND=REQUEST:@ann", "=NEEDS-ACTION", true),
        (
            "A;SCHEDULE-FORCE-SEND=REQUEST;PS=NEEDS-ACTION:@ann",
            "=NEEDS-ACTION",
            true,
        ),
        (
            "A;SCHEDULE-FORCE-SEND=REQUEST;PS=DECLINED:@ann",
            "=DECLINED",
            false,
        ),
    ] {
        for has_copy in [true, false] {
            let mut world = World::of(&[MEETING]);
            world.press(1, None, &PartStat::Declined).unwrap();
            if !has_copy {
                world.device_deletes(1);
            }
            let before = world.clone();
            let put = world.put(&[&MEETING.replace("A:@ann", sent)]);
            assert_eq!(world.answers(1), [answer], "{sent}");
            assert_eq!(world.answers_in_copy(1, 1), [answer]);
            assert_eq!(
                (world.inbox(1), put.plan.resent),
                (vec!["REQUEST"], [id(1)].into())
            );
            assert_eq!(put.plan.asked.is_empty(), !is_asked);
            assert!(put.plan.stale_cards.contains(&id(1)));
            assert!(
                !text(world.object()).contains("FORCE-SEND")
                    && !world.copy(1).contains("FORCE-SEND")
            );
            // Bob sees at most that Ann is asked.
            let (_, is_tagged, inbox) = change_of(&world, &before, 2);
            assert_eq!(inbox, before.inbox(2));
            assert!(!is_tagged || is_asked);
        }
    }
}

#[test]
fn what_became_of_messages_is_written_where_it_belongs() {
    let mut world = World::new();
    world.meeting.people.insert(
        id(4),
        Person {
            has_calendar: false,
            delivery: ScheduleStatus::Pending,
            copy: None,
        },
    );
    world.meeting.people.insert(
        id(3),
        Person {
            has_calendar: false,
            delivery: ScheduleStatus::Failed,
            copy: None,
        },
    );
    world.put(&["ORGANIZER;SCHEDULE-STATUS=1.1:@me|A;SCHEDULE-STATUS=1.1:@me|A;SCHEDULE-STATUS=9:@ann|A:@cat|A:@dan|A:@eve|A;SCHEDULE-AGENT=NONE:@bob"]);
    let statuses: Vec<_> = world
        .object()
        .attendees()
        .into_iter()
        .map(|one| one.schedule_status)
        .collect();
    let expected = [
        None,
        Some("1.2"),
        Some("5.1"),
        Some("1.0"),
        Some("5.2"),
        None,
    ];
    assert_eq!(statuses, expected.map(|status| status.map(str::to_owned)));
}

#[test]
fn in_a_large_meeting_only_the_answerer_s_copy_changes_at_once() {
    let people: String = (1..=3)
        .chain(10..10 + 99)
        .map(|who| format!("|A:mailto:tg_{who}@televent.internal"))
        .collect();
    let mut world = World::of(&[&format!("@ORG|SUMMARY:a{people}")]);
    assert_eq!(world.meeting.people.len(), MAX_REFRESHED_COPIES + 2);
    world.press(1, None, &PartStat::Accepted).unwrap();
    assert_eq!(world.answers_in_copy(1, 1), ["=ACCEPTED"]);
    assert_eq!(world.answers_in_copy(2, 1), ["=NEEDS-ACTION"]);
    world.put(&[&format!("@ORG|SUMMARY:b{people}")]);
    assert_eq!(world.answers_in_copy(2, 1), ["=ACCEPTED"]);
}

#[test]
fn who_is_asked_once_more_is_alone_in_it() {
    let meeting = |ann: &str, bob: &str| format!("@ORG|SUMMARY:a|A{ann}:@ann|A{bob}:@bob|A:@cat");
    let forced = ";SCHEDULE-FORCE-SEND=REQUEST";
    for (before, after, told, retagged) in [
        // Ann shall think again; who waits for her answer is not their business.
        ("", format!("{forced};PS=NEEDS-ACTION"), vec![1], vec![1]),
        (
            "",
            format!("{forced};PS=NEEDS-ACTION;RSVP=TRUE"),
            vec![1],
            vec![1],
        ),
        (
            ";RSVP=TRUE",
            format!("{forced};PS=NEEDS-ACTION"),
            vec![1],
            vec![1],
        ),
        (
            ";RSVP=TRUE",
            format!("{forced};RSVP=FALSE"),
            vec![1],
            vec![1],
        ),
        // She is told once more, and nothing has changed.
        ("", format!("{forced};PS=ACCEPTED"), vec![1], vec![]),
        // Nobody is asked.
        ("", ";RSVP=TRUE".to_owned(), vec![1], vec![1]),
        (";RSVP=TRUE", ";RSVP=FALSE".to_owned(), vec![1], vec![1]),
        // Another role of hers is something that all see.
        (
            "",
            format!("{forced};ROLE=CHAIR"),
            vec![1, 2, 3],
            vec![1, 2, 3],
        ),
    ] {
        let mut world = World::of(&[&meeting(before, "")]);
        for who in 1..=3 {
            world.press(who, None, &PartStat::Accepted).unwrap();
        }
        world
            .device_changes(3, "SUMMARY", "X-MINE:1\nSUMMARY")
            .unwrap();
        world.inboxes.clear();
        world.tags.clear();
        world.put(&[&meeting(&after, "")]);
        let inboxes: Vec<i64> = (1..=3)
            .filter(|who| !world.inbox(*who).is_empty())
            .collect();
        assert_eq!(inboxes, told, "{before} to {after}");
        let tags = world.tags.iter().filter(|(_, changes)| **changes > 0);
        let tags: Vec<i64> = tags.map(|(who, _)| who.get()).collect();
        assert_eq!(tags, retagged, "{before} to {after}");
        // And yet all copies say it.
        let line = |text: String| {
            let lines = text.lines().map(str::to_owned);
            let own = lines.filter(|line| line.ends_with("tg_1@televent.internal"));
            own.collect::<Vec<_>>()
        };
        assert_eq!(
            line(world.copy(2)),
            line(world.copy(3)),
            "{before} to {after}"
        );
        assert!(world.copy(3).contains("X-MINE:1"));
    }
}
