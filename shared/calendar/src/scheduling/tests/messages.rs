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
