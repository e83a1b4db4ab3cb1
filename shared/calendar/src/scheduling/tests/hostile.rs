//! Objects that are as large, or as mean, as they may be: what they ask for is done or refused, and soon.

use chrono::{Days, NaiveDate};

use super::world::World;
use super::*;
use crate::object::{MAX_DATES, MAX_INSTANCES, MAX_OBJECT_BYTES};

const SERIES: &str = "@ORG|DTSTART:20260101T100000Z|DTEND:20260101T110000Z|RRULE:FREQ=DAILY|A:@ann";

/// `20260101`, or so many days later.
fn day(days: u64) -> String {
    let day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(days);
    day.format("%Y%m%d").to_string()
}

/// The times of an instance that is an hour late.
fn late(days: u64) -> String {
    let day = day(days);
    format!("RECURRENCE-ID:{day}T100000Z|DTSTART:{day}T110000Z|DTEND:{day}T120000Z")
}

/// Everybody has an account.
fn with_calendars(sent: &CalendarObject) -> World {
    let mut world = World::new();
    let people = sent.attendees().into_iter();
    for id in people.filter_map(|one| one.address.telegram_user_id(&domain())) {
        let person = Person {
            has_calendar: true,
            delivery: ScheduleStatus::Delivered,
            copy: None,
        };
        world.meeting.people.insert(id, person);
    }
    world.meeting.people.remove(&id(OWNER));
    world.put_object(sent.clone()).unwrap();
    world
}

fn refused(world: &mut World, who: i64, sent: &str) -> String {
    match world.device_puts(who, sent) {
        Err(Refusal::AttendeeChange(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn many_people_get_their_copies() {
    const MANY: usize = 200;
    let people: String = (1..=MANY)
        .map(|who| {
            format!("|A;CN=Somebody Else;ROLE=REQ-PARTICIPANT:mailto:tg_{who}@televent.internal")
        })
        .collect();
    let meeting = |title: &str| of(&[&format!("@ORG|SUMMARY:{title}|RRULE:FREQ=DAILY{people}")]);
    let mut world = with_calendars(&meeting("a"));
    assert_eq!(
        world.put_object(meeting("a")).unwrap().plan,
        Plan::default()
    );
    world
        .device_changes(7, "SUMMARY", "X-MINE:1\nSUMMARY")
        .unwrap();
    world
        .press(1, Some("20260112T100000Z"), &PartStat::Accepted)
        .unwrap();
    let renamed = world.put_object(meeting("b")).unwrap();
    assert_eq!(renamed.plan.copies.len(), MANY);
    assert!(world.copy(7).contains("X-MINE:1") && world.copy(8).contains("SUMMARY:b"));
    assert_eq!(world.answers_in_copy(8, 1), world.answers(1));
    assert_eq!(world.delete().copies.len(), MANY);
}

#[test]
fn what_is_too_large_for_so_many_people_is_refused() {
    let count = MAX_DELIVERED_BYTES / 900_000 + 1;
    let people: String = (1..=count)
        .map(|who| format!("|A:mailto:tg_{who}@televent.internal"))
        .collect();
    let large = format!("|X-LARGE:{}", "x".repeat(900_000));
    let mut world = with_calendars(&of(&[&format!("{SERIES}{people}")]));
    let refused = world.put_object(of(&[&format!("{SERIES}{large}{people}")]));
    assert!(matches!(refused, Err(Refusal::OrganizerChange(_))));
    // It is fine for some, and so is a small part of it for all, and for those who get no copy.
    let once = format!("@ORG|{}{people}", late(4));
    assert!(
        world
            .put_object(of(&[&format!("{SERIES}{large}"), &once]))
            .is_ok()
    );
    let mut world = World::new();
    assert!(
        world
            .put_object(of(&[&format!("{SERIES}{large}{people}")]))
            .is_ok()
    );
}

#[test]
fn as_many_instances_as_there_may_be_have_no_room_for_one_more() {
    let instances: Vec<String> = (0..MAX_INSTANCES as u64 - 1)
        .map(|days| {
            let people = (0..4).map(|who| 1 + (days * 31 + who * 17) % 299);
            let people: String = people
                .map(|who| format!("|A:mailto:tg_{who}@televent.internal"))
                .collect();
            format!("@ORG|{}{people}", late(days))
        })
        .collect();
    let mut components = vec![SERIES];
    components.extend(instances.iter().map(String::as_str));
    let sent = of(&components);
    let mut world = with_calendars(&sent);
    assert_eq!(world.put_object(sent).unwrap().plan, Plan::default());
    world.press(1, None, &PartStat::Accepted).unwrap();
    let one_more = "20310101T100000Z";
    assert!(
        world
            .press(1, Some(one_more), &PartStat::Accepted)
            .is_none()
    );
    let copy = world.copy(1);
    let sent = copy.replacen("RRULE:", &format!("EXDATE:{one_more}\nRRULE:"), 1);
    assert!(refused(&mut world, 1, &sent).contains("no room"));
    // Everybody but Ann is out.
    let put = world.put(&[SERIES]);
    let cancelled = put
        .plan
        .messages
        .iter()
        .filter(|message| message.method == Method::Cancel);
    assert_eq!(cancelled.count(), 298);
}

#[test]
fn a_series_as_large_as_it_may_be_has_no_room_for_instances() {
    let large = format!("{SERIES}|X-LARGE:{}|A:@bob", "x".repeat(900_000));
    let mut world = World::of(&[&large]);
    assert!(
        world
            .press(1, Some("20260107T100000Z"), &PartStat::Accepted)
            .is_none()
    );
    world.press(1, None, &PartStat::Accepted).unwrap();
    let copy = world.copy(1);
    let exdates: String = (0..1_000)
        .map(|days| format!("EXDATE:{}T100000Z\n", day(days)))
        .collect();
    let sent = copy.replacen("RRULE:", &format!("{exdates}RRULE:"), 1);
    assert!(refused(&mut world, 1, &sent).contains("no room"));
    assert!(world.object().as_bytes().len() < MAX_OBJECT_BYTES);
    // Large copies of others are not written for each answer.
    assert_eq!(world.answers_in_copy(2, 1), ["=ACCEPTED"]);
    let large = of(&[&large.replace("A:@bob", "A:@bob|A:@cat|A:@dan")]);
    let mut world = with_calendars(&large);
    let others: usize = (2..=4).map(|who| world.copy(who).len()).sum();
    assert!(others > MAX_REFRESHED_BYTES);
    let plan = world.press(1, None, &PartStat::Accepted).unwrap();
    assert_eq!(plan.copies.len(), 1);
    assert_eq!(world.answers_in_copy(1, 1), ["=ACCEPTED"]);
}

#[test]
fn as_many_dates_as_there_may_be_are_taken_out() {
    let days: Vec<String> = (0..MAX_DATES as u64).map(day).collect();
    let dates: Vec<String> = days.iter().map(|day| format!("{day}T100000Z")).collect();
    let mut world = World::of(&[SERIES]);
    let put = world.put(&[&format!("{SERIES}|EXDATE:{}", dates.join(","))]);
    assert_eq!(put.plan.instance_cards.len(), MAX_INSTANCE_CARDS);
    assert!(
        world
            .press(1, Some(&dates[700]), &PartStat::Accepted)
            .is_none()
    );
    world.press(1, None, &PartStat::Accepted).unwrap();

    let mut world = World::of(&[SERIES]);
    let copy = world.copy(1);
    let sent = copy.replacen("RRULE:", &format!("EXDATE:{}\nRRULE:", dates.join(",")), 1);
    assert!(refused(&mut world, 1, &sent).contains("no room"));
    // In a zone that nobody knows, each looked up once.
    let unknown: String = days
        .iter()
        .map(|day| format!("|EXDATE;TZID=Nowhere:{day}T100000"))
        .collect();
    let put = world.put(&[&format!("{SERIES}{unknown}")]);
    assert_eq!(put.plan.instance_cards.len(), MAX_INSTANCE_CARDS);
}

#[test]
fn rules_that_have_no_end_are_not_followed_to_it() {
    for rule in [
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=SECONDLY;COUNT=2000000000",
        "RRULE:FREQ=YEARLY;BYSETPOS=-1;BYSECOND=0,1,2,3,4,5;BYMINUTE=0,1,2,3,4,5;BYHOUR=0,1,2,3,4,5;COUNT=999999",
        "RRULE:FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30",
        "RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO;BYMONTH=2;BYMONTHDAY=29;COUNT=100",
    ] {
        let rules = [rule; 40].join("|");
        let exrules = rules.replace("RRULE", "EXRULE");
        let one = format!("@ORG|{rule}|A:@ann");
        for series in [one, format!("@ORG|{rules}|{exrules}|A:@ann")] {
            let far = "EXDATE:20260106T100000Z,20990101T100000Z";
            let mut world = World::of(&[&series]);
            let _ = world.press(1, Some("20990101T100000Z"), &PartStat::Accepted);
            world.put(&[&format!("{series}|{far}")]);
            let mut world = World::of(&[&series]);
            let copy = world.copy(1);
            let _ = world.device_puts(1, &copy.replacen("RRULE:", &format!("{far}\nRRULE:"), 1));
        }
    }
}

#[test]
fn instances_in_a_zone_of_their_own_are_read_once() {
    let observances: String = (0..500)
        .map(|year| {
            format!(
                "BEGIN:STANDARD\nDTSTART:{}0101T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY\nEND:STANDARD\n",
                1900 + year % 200
            )
        })
        .collect();
    let zone = format!("BEGIN:VTIMEZONE\nTZID:Mine\n{observances}END:VTIMEZONE\n");
    let in_zone = |lines: &str| lines.replace(":2", ";TZID=Mine:2").replace("0000Z", "0000");
    let instances: String = (0..800)
        .map(|days| event(&lines(&format!("@ORG|A:@ann|{}", in_zone(&late(days))))))
        .collect();
    let series = event(&lines(&in_zone(SERIES)));
    let file = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{zone}{series}{instances}END:VCALENDAR\n");
    let mut world = World::new();
    world
        .put_object(CalendarObject::parse(file.into_bytes()).unwrap())
        .unwrap();
    world
        .press(1, Some("20300101T100000"), &PartStat::Accepted)
        .unwrap();
    world
        .device_changes(1, "ATTENDEE:", "ATTENDEE;PARTSTAT=ACCEPTED:")
        .unwrap();
    assert_eq!(world.answers(1).first().unwrap(), "=ACCEPTED");
    assert_eq!(world.answers_in_copy(1, 1), world.answers(1));
}
