//! Which instances have cards of their own.

use chrono::{DateTime, Utc};

use super::super::instance::{Found, end_of_component, find};
use super::world::World;
use super::*;

const SERIES: &str = "@ORG|SUMMARY:Daily|RRULE:FREQ=DAILY;COUNT=60|A:@ann|A:@bob";

fn instance(day: &str, lines: &str) -> String {
    let times = if lines.contains("DTSTART") {
        String::new()
    } else {
        format!("DTSTART:{day}T100000Z|DTEND:{day}T110000Z|")
    };
    format!("@ORG|RECURRENCE-ID:{day}T100000Z|SUMMARY:Daily|{times}{lines}")
}

/// When the instance with this key is over; `None` if there is none.
fn instance_end(object: &CalendarObject, key: &str) -> Option<DateTime<Utc>> {
    let component = object.component(key).map(end_of_component);
    component.or_else(|| find(object, std::iter::once(key)).first().map(Found::end))
}

const BOTH: &str = "A:@ann|A:@bob";

fn moved(day: &str, to: &str) -> String {
    instance(
        day,
        &format!("DTSTART:{to}T150000Z|DTEND:{to}T160000Z|{BOTH}"),
    )
}

/// `["1 20260107"]`: who has a card for which day.
fn cards(put: &OrganizerPut) -> Vec<String> {
    let cards = put.plan.instance_cards.iter();
    cards
        .map(|(who, key)| {
            assert!(put.plan.stale_cards.contains(who));
            format!("{who} {}", &key[..8])
        })
        .collect()
}

fn put(world: &mut World, components: &[&str]) -> Vec<String> {
    cards(&world.put(components))
}

#[test]
fn what_differs_from_the_series_has_cards() {
    for (what, instance, expected) in [
        (
            "the title",
            instance("20260107", "A:@ann|A:@bob").replace("Daily", "Special"),
            vec![],
        ),
        (
            "an hour later",
            moved("20260107", "20260107"),
            vec!["1 20260107", "2 20260107"],
        ),
        // Farther than any window around it.
        (
            "a month later",
            moved("20260107", "20260207"),
            vec!["1 20260107", "2 20260107"],
        ),
        ("into the past", moved("20260107", "20251207"), vec![]),
        (
            "another place",
            instance("20260107", "LOCATION:There|A:@ann|A:@bob"),
            vec!["1 20260107", "2 20260107"],
        ),
        (
            "called off",
            instance("20260107", "STATUS:CANCELLED|A:@ann|A:@bob"),
            vec!["1 20260107", "2 20260107"],
        ),
        (
            "without Bob",
            instance("20260107", "A:@ann"),
            vec!["2 20260107"],
        ),
        (
            "with Cat",
            instance("20260107", "A:@ann|A:@bob|A:@cat"),
            vec!["3 20260107"],
        ),
    ] {
        let mut world = World::of(&[SERIES]);
        let components = [SERIES, &instance];
        assert_eq!(put(&mut world, &components), expected, "{what}");
        // It is told once.
        assert_eq!(world.put(&components).plan, Plan::default(), "{what}");
        assert_eq!(
            put(&mut world, &[&SERIES.replace("Daily", "Weekly"), &instance]),
            Vec::<String>::new()
        );
        // Of the first PUT everybody is told what they are invited to.
        let mut first = World::new();
        let invited: Vec<_> = expected
            .iter()
            .filter(|_| what != "without Bob")
            .copied()
            .collect();
        assert_eq!(put(&mut first, &components), invited, "{what}");
    }
}

#[test]
fn what_changes_once_more_is_told_once_more() {
    let mut world = World::of(&[SERIES, &moved("20260107", "20260108")]);
    let again = moved("20260107", "20260109");
    assert_eq!(
        put(&mut world, &[SERIES, &again]),
        ["1 20260107", "2 20260107"]
    );
    // It stays where it is, and the series comes to another place.
    let place = format!("{SERIES}|LOCATION:There");
    let same = instance("20260110", BOTH);
    let mut world = World::of(&[SERIES, &same]);
    assert_eq!(
        put(&mut world, &[&place, &same]),
        ["1 20260110", "2 20260110"]
    );
    // Cat is new in an instance that was there before.
    let with_cat = again.replace("A:@bob", "A:@bob|A:@cat");
    let mut world = World::of(&[SERIES, &again]);
    assert_eq!(put(&mut world, &[SERIES, &with_cat]), ["3 20260107"]);
    // And taken out again, as from the series.
    assert_eq!(put(&mut world, &[SERIES, &again]), Vec::<String>::new());
    assert!(world.copy(3).contains("CANCELLED"));
}

#[test]
fn instances_taken_out_are_told_of_to_those_who_were_in_them() {
    for exdate in [
        "EXDATE:20260107T100000Z",
        "EXDATE;VALUE=DATE:20260107",
        "EXDATE;TZID=Europe/Berlin:20260107T110000",
    ] {
        let taken = format!("{SERIES}|{exdate}");
        let mut world = World::of(&[SERIES]);
        assert_eq!(
            put(&mut world, &[&taken]),
            ["1 20260107", "2 20260107"],
            "{exdate}"
        );
        assert_eq!(world.put(&[&taken]).plan, Plan::default());
        // Ann was in it, and Bob was not.
        let mut world = World::of(&[SERIES, &instance("20260107", "A:@ann")]);
        assert_eq!(put(&mut world, &[&taken]), ["1 20260107"], "{exdate}");
    }
    // What has never been cannot be taken out.
    let mut world = World::of(&[SERIES]);
    let never = format!("{SERIES}|EXDATE:20260107T103000Z");
    assert_eq!(put(&mut world, &[&never]), Vec::<String>::new());
}

#[test]
fn what_is_over_has_no_cards() {
    let at = |time: &str| -> DateTime<Utc> { time.parse().unwrap() };
    for (now, components, is_told) in [
        (
            "2026-01-07T15:59:00Z",
            vec![moved("20260107", "20260107")],
            false,
        ),
        (
            "2026-01-07T15:58:00Z",
            vec![moved("20260107", "20260107")],
            true,
        ),
        (
            "2026-03-01T00:00:00Z",
            vec![moved("20260107", "20260401")],
            true,
        ),
    ] {
        let mut world = World::of(&[SERIES]);
        world.now = at(now);
        let mut all = vec![SERIES];
        all.extend(components.iter().map(String::as_str));
        assert_eq!(!put(&mut world, &all).is_empty(), is_told, "{now}");
    }
    // A day is over when it is over everywhere.
    let days = "@ORG|DTSTART;VALUE=DATE:20260105|DTEND;VALUE=DATE:20260106|RRULE:FREQ=DAILY|A:@ann";
    let place = "@ORG|RECURRENCE-ID;VALUE=DATE:20260107|DTSTART;VALUE=DATE:20260107|DTEND;VALUE=DATE:20260108|LOCATION:x|A:@ann";
    for (now, is_told) in [
        ("2026-01-08T11:00:00Z", true),
        ("2026-01-08T12:00:00Z", false),
    ] {
        let mut world = World::of(&[days]);
        world.now = at(now);
        assert_eq!(
            !put(&mut world, &[days, place]).is_empty(),
            is_told,
            "{now}"
        );
    }
}

#[test]
fn the_next_to_come_are_told_of_and_no_more() {
    let days: Vec<String> = (10..32).map(|day| format!("202601{day}")).collect();
    let instances: Vec<String> = days.iter().rev().map(|day| moved(day, day)).collect();
    let mut components = vec![SERIES];
    components.extend(instances.iter().map(String::as_str));
    let mut world = World::of(&[SERIES]);
    let told = put(&mut world, &components);
    let expected = |who: i64| {
        days.iter()
            .take(MAX_INSTANCE_CARDS)
            .map(move |day| format!("{who} {day}"))
    };
    assert_eq!(told, expected(1).chain(expected(2)).collect::<Vec<_>>());
    let taken: Vec<String> = days
        .iter()
        .map(|day| format!("EXDATE:{day}T100000Z"))
        .collect();
    let mut world = World::of(&[SERIES]);
    let told = put(&mut world, &[&format!("{SERIES}|{}", taken.join("|"))]);
    assert_eq!(told, expected(1).chain(expected(2)).collect::<Vec<_>>());
}

#[test]
fn an_instance_is_described_whether_or_not_it_is_there() {
    let object = of(&[
        &SERIES.replace("COUNT=60", "COUNT=60|EXDATE:20260109T100000Z"),
        &moved("20260107", "20260201"),
    ]);
    for (key, start, is_gone) in [
        ("20260107T100000Z", "20260201T150000Z", false),
        ("20260108T100000Z", "20260108T100000Z", false),
        ("20260109T100000Z", "20260109T100000Z", true),
        ("20270109T100000Z", "20270109T100000Z", true),
    ] {
        let instance = super::super::instance(&object, key).unwrap();
        assert_eq!(
            instance.component.timing.start.unwrap().key().to_string(),
            start
        );
        assert_eq!(
            (instance.is_gone, instance.component.repeats),
            (is_gone, false)
        );
    }
    assert!(super::super::instance(&object, "nonsense").is_none());
    assert_eq!(
        instance_end(&object, "20260107T100000Z"),
        Some("2026-02-01T16:00:00Z".parse().unwrap())
    );
    assert_eq!(
        instance_end(&object, "20260108T100000Z"),
        Some("2026-01-08T11:00:00Z".parse().unwrap())
    );
    assert_eq!(instance_end(&object, "20260109T100000Z"), None);
}
