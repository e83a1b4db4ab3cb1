//! Answers: from a device, by deletion, and from Telegram.

use super::world::World;
use super::*;

const SERIES: &str =
    "@ORG|DTSTAMP:20260101T000000Z|SUMMARY:Weekly|RRULE:FREQ=DAILY;COUNT=9|A:@ann|A:@bob";
const MOVED: &str = "@ORG|RECURRENCE-ID:20260107T100000Z|DTSTART:20260107T150000Z|DTEND:20260107T160000Z|SUMMARY:Moved|A:@ann|A:@bob";
const KEY: &str = "20260107T100000Z";

fn assert_agreement(world: &World) {
    for of in [1, 2] {
        for who in [1, 2] {
            let in_copy = world.answers_in_copy(of, who);
            let known = world.answers(who);
            assert!(
                in_copy.iter().all(|answer| known.contains(answer)),
                "{in_copy:?}, {known:?}"
            );
        }
    }
}

#[test]
fn an_answer_from_a_device_reaches_everybody() {
    let mut world = World::of(&[SERIES, MOVED]);
    let tags = world.tags.clone();
    assert_eq!(
        (world.inbox(1), world.inbox(2)),
        (vec!["REQUEST"], vec!["REQUEST"])
    );
    let plan = world.device_changes(
        1,
        "ATTENDEE:mailto:tg_1@",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:tg_1@",
    );
    let plan = plan.unwrap();
    assert_eq!(
        world.answers(1),
        ["=ACCEPTED", "20260107T100000Z=NEEDS-ACTION"]
    );
    assert_agreement(&world);
    assert_eq!(plan.answered, Some((id(1), vec![String::new()])));
    assert_eq!(plan.stale_cards, [id(1)].into());
    assert!(plan.stale_tally && plan.asked.is_empty());
    // The organizer hears of it, and the question has been read.
    assert_eq!(
        (world.inbox(1), world.inbox(2), world.inbox(OWNER)),
        (vec![], vec!["REQUEST"], vec!["REPLY"])
    );
    // RFC 6638 sections 3.2.2.3, 4.2 and 3.2.10.
    assert!(world.copy(1).contains("\nORGANIZER;SCHEDULE-STATUS=1.2:"));
    assert!(
        text(world.object())
            .contains("ATTENDEE;SCHEDULE-STATUS=2.0;PARTSTAT=ACCEPTED:mailto:tg_1@")
    );
    assert!(world.tags[&id(1)] > tags[&id(1)]);
    assert_eq!(world.tags[&id(2)], tags[&id(2)]);
    // Once more is nothing.
    let copy = world.copy(1);
    assert_eq!(world.device_puts(1, &copy).unwrap(), Plan::default());
}

#[test]
fn a_device_answers_for_one_instance_by_a_component_of_it() {
    let mut world = World::of(&[SERIES]);
    let instance = event(&lines(
        "RECURRENCE-ID:20260107T100000Z|DTSTART:20260107T100000Z|DTEND:20260107T110000Z|\
        SUMMARY:Weekly|@ORG|A;PS=TENTATIVE:@ann|A;PS=ACCEPTED:@bob|BEGIN:VALARM|TRIGGER:-PT1H|ACTION:AUDIO|END:VALARM",
    ));
    let change = format!("{instance}END:VCALENDAR");
    world.device_changes(1, "END:VCALENDAR", &change).unwrap();
    assert_eq!(
        world.answers(1),
        ["=NEEDS-ACTION", "20260107T100000Z=TENTATIVE"]
    );
    assert_eq!(
        world.answers(2),
        ["=NEEDS-ACTION", "20260107T100000Z=NEEDS-ACTION"]
    );
    assert_agreement(&world);
    assert!(world.copy(1).contains("VALARM"));
    // A component that changes nothing but an alarm answers nothing.
    let other = instance
        .replace("20260107", "20260108")
        .replace("TENTATIVE", "NEEDS-ACTION");
    let plan = world.device_changes(1, "END:VCALENDAR", &format!("{other}END:VCALENDAR"));
    assert_eq!(plan.unwrap().organizer, None);
    assert_eq!(world.answers(1).len(), 2);
}

#[test]
fn an_instance_with_an_alarm_of_its_own_is_else_as_the_series_is() {
    let mut world = World::of(&[SERIES]);
    let instance = event(&lines(
        "RECURRENCE-ID:20260107T100000Z|DTSTART:20260107T100000Z|DTEND:20260107T110000Z|SUMMARY:Weekly|@ORG|A:@ann|A:@bob|\
         BEGIN:VALARM|TRIGGER:-PT1H|ACTION:AUDIO|END:VALARM",
    ));
    let change = format!("{instance}END:VCALENDAR");
    world.device_changes(1, "END:VCALENDAR", &change).unwrap();
    world.press(2, None, &PartStat::Accepted).unwrap();
    world.press(1, None, &PartStat::Tentative).unwrap();
    let tags = world.tags.clone();
    world.put(&[&SERIES.replace("A:@ann", "A;PS=ACCEPTED:@me|A:@ann")]);
    world.put(&[&SERIES.replace("Weekly", "Monthly")]);
    assert_eq!(world.object().components().len(), 1);
    assert!(world.tags[&id(1)] > tags[&id(1)]);
    let copy = world.copy(1);
    assert_eq!(copy.matches("VALARM").count(), 2);
    assert_eq!(copy.matches("SUMMARY:Monthly").count(), 2);
    for (who, said) in [(1, "TENTATIVE"), (2, "ACCEPTED")] {
        let both = [format!("={said}"), format!("{KEY}={said}")];
        assert_eq!(world.answers_in_copy(1, who), both);
    }
    // Its owner says of the series what they don't say of the instance.
    world
        .device_changes(1, "PARTSTAT=TENTATIVE", "PARTSTAT=ACCEPTED")
        .unwrap();
    assert_eq!(
        world.answers(1),
        ["=ACCEPTED", "20260107T100000Z=TENTATIVE"]
    );
    assert_agreement(&world);

    // It goes as it came.
    let mut world = World::of(&[SERIES]);
    world.device_changes(1, "END:VCALENDAR", &change).unwrap();
    let copy = world.copy(1).replace(&instance, "");
    let plan = world.device_puts(1, &copy).unwrap();
    assert!(plan.organizer.is_none() && !world.copy(1).contains("VALARM"));
}

#[test]
fn an_instance_that_was_taken_out_is_there_if_there_is_no_series_any_more() {
    let mut world = World::of(&[SERIES]);
    world
        .device_changes(1, "SUMMARY", "EXDATE:20260107T100000Z\nSUMMARY")
        .unwrap();
    let instance = "@ORG|RECURRENCE-ID:20260107T100000Z|DTSTART:20260107T100000Z|DTEND:20260107T110000Z|SUMMARY:Once|A:@ann";
    world.put(&[instance]);
    assert_eq!(world.answers_in_copy(1, 1), ["20260107T100000Z=DECLINED"]);
    assert!(!world.copy(1).contains("EXDATE"));
}

#[test]
fn taking_an_instance_out_declines_it_in_whatever_form() {
    for exdate in [
        "EXDATE:20260107T100000Z",
        "EXDATE;VALUE=DATE:20260107",
        "EXDATE;TZID=Europe/Berlin:20260107T110000",
        "EXDATE:20260107T100000",
        "EXDATE:20260109T100000Z,20260107T100000Z",
        "EXDATE:20260109T100000Z\nEXDATE:20260107T100000Z",
    ] {
        for components in [&[SERIES][..], &[SERIES, MOVED]] {
            let mut world = World::of(components);
            let mut sent = world.copy(1);
            if let Some(at) = sent.find("BEGIN:VEVENT\nUID:u\nRECURRENCE-ID").or_else(|| {
                let id = sent.find("RECURRENCE-ID")?;
                sent[..id].rfind("BEGIN:VEVENT")
            }) {
                sent.replace_range(at..sent.rfind("END:VCALENDAR").unwrap(), "");
            }
            world
                .device_puts(
                    1,
                    &sent.replacen("SUMMARY", &format!("{exdate}\nSUMMARY"), 1),
                )
                .unwrap();
            assert!(
                world.answers(1).contains(&format!("{KEY}=DECLINED")),
                "{exdate}: {:?}",
                world.answers(1)
            );
            assert_agreement(&world);
            assert!(
                world
                    .answers_in_copy(2, 1)
                    .contains(&format!("{KEY}=DECLINED"))
            );
            // It stays out, through changes of the organizer's and answers of others.
            let renamed: Vec<String> = components
                .iter()
                .map(|one| one.replace("Weekly", "Monthly"))
                .collect();
            world.press(2, Some(KEY), &PartStat::Accepted).unwrap();
            world.put(&renamed.iter().map(String::as_str).collect::<Vec<_>>());
            assert!(
                world.copy(1).contains("Monthly")
                    && !world.copy(1).contains("RECURRENCE-ID:20260107")
            );
            assert!(
                world.answers(1).contains(&format!("{KEY}=DECLINED")),
                "{exdate}"
            );
            // Until they come after all.
            world.press(1, Some(KEY), &PartStat::Accepted).unwrap();
            assert!(
                world
                    .answers_in_copy(1, 1)
                    .contains(&format!("{KEY}=ACCEPTED")),
                "{exdate}"
            );
            assert!(!world.copy(1).contains("20260107T100000Z\nSUMMARY"));
        }
    }
}

#[test]
fn an_instance_that_is_asked_anew_comes_back() {
    let mut world = World::of(&[SERIES]);
    world
        .device_changes(1, "SUMMARY", "EXDATE:20260107T100000Z\nSUMMARY")
        .unwrap();
    assert_eq!(world.answers_in_copy(1, 1), ["=NEEDS-ACTION"]);
    world.put(&[SERIES, MOVED]);
    assert_eq!(
        world.answers(1),
        ["=NEEDS-ACTION", "20260107T100000Z=NEEDS-ACTION"]
    );
    assert_eq!(world.answers_in_copy(1, 1), world.answers(1));
    assert!(!world.copy(1).contains("EXDATE"));
}

#[test]
fn nobody_answers_for_others() {
    let mut world = World::of(&[SERIES]);
    world.press(2, None, &PartStat::Declined).unwrap();
    let sent = world
        .copy(1)
        .replace("PARTSTAT=DECLINED", "PARTSTAT=ACCEPTED");
    let plan = world.device_puts(1, &sent).unwrap();
    assert_eq!(plan.organizer, None);
    assert_eq!(world.answers_in_copy(1, 2), ["=DECLINED"]);
    // A copy from before the answer of another takes that in (RFC 6638 section 3.2.10.1).
    let old = world
        .copy(1)
        .replace("PARTSTAT=DECLINED", "PARTSTAT=NEEDS-ACTION");
    let old = old.replace(
        "ATTENDEE:mailto:tg_1@",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:tg_1@",
    );
    world.device_puts(1, &old).unwrap();
    assert_eq!(
        (world.answers(1), world.answers(2)),
        (vec!["=ACCEPTED".to_owned()], vec!["=DECLINED".to_owned()])
    );
    assert_agreement(&world);
}

#[test]
fn a_late_answer_counts_only_from_who_knows_what_it_changes() {
    for (is_current, stamp, counts) in [
        (true, "20251231T000000Z", true),
        (false, "20251231T000000Z", false),
        // After the answer by card.
        (false, "20260102T000000Z", true),
    ] {
        let mut world = World::of(&[SERIES, MOVED]);
        let sent = world
            .copy(1)
            .replace("DTSTAMP:20260101T000000Z", &format!("DTSTAMP:{stamp}"));
        let sent = sent.replacen(
            "ATTENDEE:mailto:tg_1@",
            "ATTENDEE;PARTSTAT=DECLINED:mailto:tg_1@",
            1,
        );
        let sent = sent.replace("SUMMARY:Weekly", "X-MINE:1\nSUMMARY:Weekly");
        world.press(1, None, &PartStat::Accepted).unwrap();
        assert!(world.copy(1).contains("DTSTAMP:20260101T000200Z"));
        world.device_puts_over(1, &sent, is_current).unwrap();
        let expected = if counts { "=DECLINED" } else { "=ACCEPTED" };
        assert_eq!(world.answers(1).first().unwrap(), expected);
        assert_agreement(&world);
        assert!(world.copy(1).contains("X-MINE:1"));

        // So it is with an instance that was taken out before they came after all.
        let mut world = World::of(&[SERIES]);
        let sent = world
            .copy(1)
            .replace("DTSTAMP:20260101T000000Z", &format!("DTSTAMP:{stamp}"));
        let sent = sent.replace("SUMMARY", "X-MINE:1\nEXDATE:20260107T100000Z\nSUMMARY");
        world.press(1, Some(KEY), &PartStat::Accepted).unwrap();
        world.device_puts_over(1, &sent, is_current).unwrap();
        let expected = if counts { "DECLINED" } else { "ACCEPTED" };
        assert_eq!(
            world.answers(1),
            ["=NEEDS-ACTION".to_owned(), format!("{KEY}={expected}")]
        );
        assert_agreement(&world);
        assert_eq!(world.copy(1).contains("EXDATE"), counts);
        assert!(world.copy(1).contains("X-MINE:1"));
    }
}

#[test]
fn what_was_called_off_takes_no_answer() {
    let mut world = World::of(&[SERIES]);
    world.press(1, None, &PartStat::Tentative).unwrap();
    world.delete();
    assert!(world.copy(1).contains("\nSTATUS:CANCELLED\n"));
    assert_eq!(
        (world.inbox(1), world.inbox(2)),
        (vec!["CANCEL"], vec!["CANCEL"])
    );
    let plan = world
        .device_changes(1, "PARTSTAT=TENTATIVE", "PARTSTAT=ACCEPTED")
        .unwrap();
    assert!(plan.organizer.is_none() && plan.messages.is_empty());
    assert_eq!(world.answers_in_copy(1, 1), ["=TENTATIVE"]);
    assert!(world.press(1, None, &PartStat::Accepted).is_none());
    let plan = world.device_deletes(1);
    assert_eq!((plan.messages.len(), plan.organizer), (0, None));
    assert_eq!(world.copy(1), "");

    // So it is with whom was taken out.
    let mut world = World::of(&[SERIES]);
    world.put(&[&SERIES.replace("|A:@ann", "")]);
    let plan = world.device_changes(
        1,
        "ATTENDEE:mailto:tg_1@",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:tg_1@",
    );
    assert!(plan.unwrap().organizer.is_none());
    assert_eq!(world.answers_in_copy(1, 1), ["=NEEDS-ACTION"]);
    assert!(world.device_deletes(1).organizer.is_none());
    assert!(!text(world.object()).contains("tg_1@"));
}

#[test]
fn a_deletion_declines_unless_nobody_shall_hear_of_it() {
    let mut world = World::of(&[SERIES, MOVED]);
    world.press(1, Some(KEY), &PartStat::Accepted).unwrap();
    let quiet = world.meeting.attendee_delete(id(1), false, world.now);
    assert_eq!(
        (quiet.organizer, quiet.messages.len(), quiet.copies.len()),
        (None, 0, 1)
    );
    let plan = world.device_deletes(1);
    assert_eq!(world.copy(1), "");
    assert_eq!(world.answers(1), ["=DECLINED", "20260107T100000Z=DECLINED"]);
    assert_agreement(&world);
    assert_eq!(
        plan.answered,
        Some((id(1), vec![String::new(), KEY.to_owned()]))
    );
    assert_eq!(world.inbox(OWNER), ["REPLY"]);
    // Who has declined before says nothing new.
    world.press(2, None, &PartStat::Declined).unwrap();
    world.press(2, Some(KEY), &PartStat::Declined).unwrap();
    let plan = world.device_deletes(2);
    assert_eq!((plan.organizer, plan.messages.len()), (None, 0));
}

#[test]
fn a_deleted_copy_comes_back_when_its_owner_comes_or_is_asked() {
    let mut world = World::of(&[SERIES]);
    world.device_deletes(1);
    // A new title is no reason.
    world.put(&[&SERIES.replace("Weekly", "Monthly")]);
    assert_eq!(world.copy(1), "");
    world.press(1, None, &PartStat::Declined).unwrap();
    assert_eq!(world.copy(1), "");
    world.press(1, None, &PartStat::Tentative).unwrap();
    assert_eq!(world.answers_in_copy(1, 1), ["=TENTATIVE"]);
    world.device_deletes(1);
    world.put(&[&format!("{SERIES}|LOCATION:There")]);
    assert_eq!(world.answers_in_copy(1, 1), ["=NEEDS-ACTION"]);
    assert_eq!(world.inbox(1), ["REQUEST"]);

    // Also who had said that they come, and deleted it quietly.
    world.press(1, None, &PartStat::Accepted).unwrap();
    world.meeting.people.get_mut(&id(1)).unwrap().copy = None;
    world.press(1, None, &PartStat::Accepted).unwrap();
    assert_eq!(world.answers_in_copy(1, 1), ["=ACCEPTED"]);
}

#[test]
fn an_answer_for_all_is_for_what_is_as_the_series_is() {
    let like = "@ORG|RECURRENCE-ID:20260108T100000Z|DTSTART:20260108T100000Z|DTEND:20260108T110000Z|SUMMARY:Like|A:@ann|A:@bob";
    let mut world = World::of(&[SERIES, MOVED, like]);
    world
        .press(1, Some("20260109T100000Z"), &PartStat::Declined)
        .unwrap();
    world.press(1, None, &PartStat::Accepted).unwrap();
    assert_eq!(
        world.answers(1),
        [
            "=ACCEPTED",
            "20260107T100000Z=NEEDS-ACTION",
            "20260108T100000Z=ACCEPTED",
            "20260109T100000Z=DECLINED"
        ]
    );
    assert_agreement(&world);
    let again = world.press(1, None, &PartStat::Accepted).unwrap();
    assert_eq!(
        (again.organizer, again.copies.len(), again.messages.len()),
        (None, 0, 0)
    );
}

#[test]
fn who_joins_finds_the_copy_with_what_they_have_said() {
    let mut world = World::of(&["@ORG|A:@ann|A:@dan"]);
    assert!(
        world
            .press(4, None, &PartStat::Accepted)
            .unwrap()
            .copies
            .iter()
            .all(|change| change.of == id(1))
    );
    let plan = world.join(4);
    assert_eq!(world.answers_in_copy(4, 4), ["=ACCEPTED"]);
    assert!(plan.messages.is_empty() && plan.stale_cards.is_empty());
    assert_eq!(world.join(4), Plan::default());
    let mut world = World::of(&["@ORG|A:@ann|A:@dan"]);
    assert_eq!(world.inbox(4), Vec::<&str>::new());
    world.join(4);
    assert_eq!(world.inbox(4), ["REQUEST"]);
    // Nobody joins what they are not invited to.
    let mut world = World::of(&["@ORG|A:@ann|A;SCHEDULE-AGENT=CLIENT:@dan"]);
    assert_eq!(world.join(4), Plan::default());
}

#[test]
fn what_became_of_a_message_is_written_until_there_is_an_answer() {
    let mut world = World::of(&[SERIES]);
    let status = |object: &CalendarObject, who: i64| {
        let attendees = object.attendees().into_iter();
        let of = CalendarUserAddress::internal(id(who), &domain());
        attendees
            .filter(|one| one.address == of)
            .map(|one| one.schedule_status.unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        world.meeting.delivered(id(1), ScheduleStatus::Delivered),
        None
    );
    let failed = world
        .meeting
        .delivered(id(1), ScheduleStatus::Failed)
        .unwrap();
    assert_eq!(
        (status(&failed.object, 1), status(&failed.object, 2)),
        (vec!["5.1".to_owned()], vec!["1.2".to_owned()])
    );
    assert_eq!(
        failed.attendees,
        attendee_rows(&failed.object, &owner(), &domain())
    );
    world.press(1, Some(KEY), &PartStat::Accepted).unwrap();
    let failed = world
        .meeting
        .delivered(id(1), ScheduleStatus::Failed)
        .unwrap();
    assert_eq!(status(&failed.object, 1), ["5.1", "2.0"]);
    world.press(1, None, &PartStat::Accepted).unwrap();
    assert_eq!(world.meeting.delivered(id(1), ScheduleStatus::Failed), None);
    assert_eq!(world.meeting.delivered(id(3), ScheduleStatus::Failed), None);
    // A change leaves it, and a new question is a new message.
    world.put(&[&SERIES.replace("Weekly", "Monthly")]);
    assert_eq!(status(world.object(), 1), ["2.0"]);
    world.put(&[&format!("{SERIES}|LOCATION:There")]);
    assert_eq!(status(world.object(), 1), ["1.2"]);
}

#[test]
fn an_organizer_who_has_not_heard_of_an_answer_does_not_lose_it() {
    let mut world = World::of(&[SERIES]);
    world.press(1, Some(KEY), &PartStat::Declined).unwrap();
    let stored = world.object().clone();
    let put = world.put(&[SERIES]);
    assert!(put.upsert.unchanged);
    assert_eq!(put.plan, Plan::default());
    world.put(&[&SERIES.replace("Weekly", "Monthly")]);
    assert_eq!(
        world.answers(1),
        ["=NEEDS-ACTION", "20260107T100000Z=DECLINED"]
    );
    assert_eq!(
        world.object().component(KEY).unwrap().summary.as_deref(),
        Some("Monthly")
    );
    assert_agreement(&world);
    // What the organizer takes out, or asks anew, is gone with its answers.
    for series in [
        format!("{SERIES}|EXDATE:{KEY}"),
        SERIES.replace("COUNT=9", "COUNT=2"),
        format!("{SERIES}|LOCATION:There"),
    ] {
        let mut world = world.clone();
        world.meeting.object = Some(stored.clone());
        world.put(&[&series]);
        assert_eq!(world.answers(1), ["=NEEDS-ACTION"], "{series}");
    }
}
