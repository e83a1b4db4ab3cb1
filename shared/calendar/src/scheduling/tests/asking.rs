//! Which changes of the organizer ask everyone again (RFC 6638 section 3.2.8).

use super::world::World;
use super::*;

#[test]
fn only_significant_changes_ask_again() {
    const BASE: &str =
        "DTSTART;TZID=Europe/Berlin:20260105T100000|DTEND;TZID=Europe/Berlin:20260105T110000";
    const SERIES: &str =
        "RRULE:FREQ=WEEKLY;COUNT=10|EXDATE:20260112T090000Z|RDATE:20260113T090000Z";
    let base = format!("{BASE}|{SERIES}|LOCATION:Room 1");
    for (change, from, to, significant) in [
        ("start", "20260105T100000", "20260105T103000", true),
        ("end", "20260105T110000", "20260105T120000", true),
        ("zone", "Europe/Berlin", "Europe/London", true),
        ("place", "Room 1", "Room 2", true),
        ("no place", "|LOCATION:Room 1", "", true),
        ("more often", "COUNT=10", "COUNT=11", true),
        ("for ever", ";COUNT=10", "", true),
        ("another rule", "WEEKLY", "DAILY", true),
        ("another end", "COUNT=10", "UNTIL=20260401T000000Z", true),
        ("one brought back", "|EXDATE:20260112T090000Z", "", true),
        (
            "another one taken out",
            "EXDATE:20260112T090000Z",
            "EXDATE:20260119T090000Z",
            true,
        ),
        (
            "one more",
            "RDATE:20260113T090000Z",
            "RDATE:20260113T090000Z,20260114T090000Z",
            true,
        ),
        (
            "one moved",
            "RDATE:20260113T090000Z",
            "RDATE:20260114T090000Z",
            true,
        ),
        (
            "a duration for the end",
            "DTEND;TZID=Europe/Berlin:20260105T110000",
            "DURATION:PT2H",
            true,
        ),
        // Instances that are taken out change nothing for those who come to the others.
        ("less often", "COUNT=10", "COUNT=9", false),
        (
            "one taken out",
            "EXDATE:20260112T090000Z",
            "EXDATE:20260112T090000Z,20260119T090000Z",
            false,
        ),
        (
            "two lists",
            "EXDATE:20260112T090000Z",
            "EXDATE:20260112T090000Z|EXDATE:20260119T090000Z",
            false,
        ),
        ("one less", "|RDATE:20260113T090000Z", "", false),
        (
            "no series any more",
            "RRULE:FREQ=WEEKLY;COUNT=10|",
            "",
            false,
        ),
        // The same in other words.
        (
            "the name of the zone",
            "Europe/Berlin",
            "/mozilla.org/20050126_1/Europe/Berlin",
            false,
        ),
        (
            "Windows' name of the zone",
            "Europe/Berlin",
            "W. Europe Standard Time",
            false,
        ),
        (
            "order of the rule",
            "FREQ=WEEKLY;COUNT=10",
            "COUNT=10;INTERVAL=1;FREQ=weekly",
            false,
        ),
        ("title", "LOCATION", "SUMMARY:x|LOCATION", false),
        ("SEQUENCE", "LOCATION", "SEQUENCE:4|LOCATION", false),
        ("status", "LOCATION", "STATUS:CANCELLED|LOCATION", false),
        ("private", "LOCATION", "X-FOO:x|LOCATION", false),
    ] {
        let old = accepted(&of(&[&format!("@ORG|{base}|A:@ann|A:@bob")]), 1);
        assert!(base.contains(from), "{change}");
        let new = of(&[&format!(
            "@ORG|{}|A;PS=ACCEPTED:@ann|A:@bob",
            base.replace(from, to)
        )]);
        let upsert = put(Some(&old), new);
        let expected = if significant {
            "NEEDS-ACTION"
        } else {
            "ACCEPTED"
        };
        assert_eq!(
            answers(&upsert),
            [("", 1, expected), ("", 2, "NEEDS-ACTION")],
            "{change}"
        );
        assert_eq!(!upsert.asked.is_empty(), significant, "{change}");
        assert_eq!(ids(&upsert.newly_invited), [], "{change}");
        let unseen = [
            "SEQUENCE",
            "private",
            "the name of the zone",
            "Windows' name of the zone",
            "order of the rule",
        ];
        assert_eq!(
            ids(&upsert.stale_cards),
            if unseen.contains(&change) {
                vec![]
            } else {
                vec![1, 2]
            },
            "{change}"
        );
    }
}

#[test]
fn a_series_that_ends_earlier_keeps_answers() {
    for (old, new, significant) in [
        ("FREQ=DAILY", "FREQ=DAILY;UNTIL=20260201", false),
        (
            "FREQ=DAILY;UNTIL=20260301",
            "FREQ=DAILY;UNTIL=20260201",
            false,
        ),
        (
            "FREQ=DAILY;UNTIL=20260201",
            "FREQ=DAILY;UNTIL=20260301",
            true,
        ),
        (
            "FREQ=DAILY;UNTIL=20260301",
            "FREQ=DAILY;UNTIL=20260201T000000Z",
            true,
        ),
        (
            "FREQ=DAILY;UNTIL=20260301",
            "FREQ=WEEKLY;UNTIL=20260201",
            true,
        ),
        ("FREQ=DAILY", "FREQ=DAILY;COUNT=3", false),
        ("FREQ=DAILY;COUNT=9", "FREQ=DAILY;COUNT=10", true),
        ("FREQ=DAILY;COUNT=10", "FREQ=DAILY;COUNT=9", false),
        ("FREQ=DAILY;COUNT=x", "FREQ=DAILY;COUNT=y", true),
        (
            "FREQ=DAILY|EXRULE:FREQ=WEEKLY;COUNT=9",
            "FREQ=DAILY|EXRULE:FREQ=WEEKLY;COUNT=8",
            true,
        ),
        ("FREQ=DAILY|EXRULE:FREQ=WEEKLY", "FREQ=DAILY", true),
        ("FREQ=DAILY", "FREQ=DAILY|RRULE:FREQ=WEEKLY", true),
    ] {
        let with = |rule: &str| of(&[&format!("@ORG|RRULE:{rule}|A:@ann")]);
        let upsert = put(Some(&accepted(&with(old), 1)), with(new));
        assert_eq!(!upsert.asked.is_empty(), significant, "{old} to {new}");
    }
}

#[test]
fn sequence_never_falls_and_is_newer_for_who_is_invited_again() {
    let sequence = |world: &World| world.object().components()[0].sequence;
    let mut world = World::of(&["@ORG|SEQUENCE:3|A:@ann|A:@bob"]);
    // Ann is out, then all are, then it is nobody's meeting.
    for sent in [
        "@ORG|A:@bob",
        "@ORG|SEQUENCE:1",
        "SUMMARY:Alone",
        "SEQUENCE:2",
    ] {
        world.put(&[sent]);
        assert_eq!(sequence(&world), 3, "{sent}");
    }
    assert!(world.copy(1).contains("SEQUENCE:3") && world.copy(1).contains("CANCELLED"));
    // Cat has not heard of it.
    world.put(&["@ORG|A:@cat"]);
    assert_eq!(sequence(&world), 3);
    world.put(&["@ORG|A:@cat|A:@ann"]);
    assert_eq!(sequence(&world), 4);
    assert!(world.copy(1).contains("SEQUENCE:4") && !world.copy(1).contains("CANCELLED"));
    assert!(unfolded(&world.inboxes[&id(1)][0].text).contains("METHOD:REQUEST\nVERSION:2.0\n"));
    assert!(unfolded(&world.inboxes[&id(1)][0].text).contains("SEQUENCE:4"));
    // Who is invited is not invited again.
    world.put(&["@ORG|A:@cat|A:@ann"]);
    assert_eq!(sequence(&world), 4);
    // A higher one is the client's.
    world.put(&["@ORG|A:@cat"]);
    world.put(&["@ORG|SEQUENCE:9|A:@cat|A:@ann"]);
    assert_eq!(sequence(&world), 9);
    // To an instance alone.
    let series = "@ORG|SEQUENCE:9|RRULE:FREQ=DAILY|A:@cat";
    let instance = "@ORG|RECURRENCE-ID:20260107T100000Z|DTSTART:20260107T100000Z|DTEND:20260107T110000Z|A:@cat";
    world.put(&[series, instance]);
    world.put(&[series, &format!("{instance}|A:@ann")]);
    let sequences = world.object().components().iter();
    let sequences: Vec<_> = sequences.map(|component| component.sequence).collect();
    assert_eq!(sequences, [10, 11]);
    // What the owner of a cancelled copy makes of it is not believed without end.
    world.delete();
    world
        .device_changes(1, "SEQUENCE:12", "SEQUENCE:9223372036854775807")
        .unwrap();
    world.put(&["@ORG|A:@ann"]);
    assert_eq!(sequence(&world), (1 << 30) + 1);
}

#[test]
fn a_sequence_that_is_none_is_the_clients() {
    for sent in ["SEQUENCE:-1", "@ORG|SEQUENCE:-1|A:@ann"] {
        let upsert = put(None, of(&[sent]));
        assert!(text(&upsert.object).contains("SEQUENCE:-1"), "{sent}");
    }
}
