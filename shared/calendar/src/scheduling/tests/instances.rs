//! Changed instances of a series.

use super::*;

pub(super) const SERIES: &str = "@ORG|RRULE:FREQ=DAILY|LOCATION:Here|A:@ann|A:@bob";

#[test]
fn a_new_instance_inherits_answers_if_it_is_where_and_when_the_series_says() {
    for (what, instance, expected) in [
        ("title", "SUMMARY:Special|LOCATION:Here", "ACCEPTED"),
        ("as a duration", "DURATION:PT1H|LOCATION:Here", "ACCEPTED"),
        (
            "in another zone",
            "DTSTART;TZID=Europe/Berlin:20260107T110000|LOCATION:Here",
            "ACCEPTED",
        ),
        ("another place", "LOCATION:There", "NEEDS-ACTION"),
        ("no place", "SUMMARY:x", "NEEDS-ACTION"),
        (
            "another time",
            "DTSTART:20260107T103000Z|LOCATION:Here",
            "NEEDS-ACTION",
        ),
        (
            "longer",
            "DTEND:20260107T120000Z|LOCATION:Here",
            "NEEDS-ACTION",
        ),
        (
            "all day",
            "DTSTART:20260107|DTEND:20260108|LOCATION:Here",
            "NEEDS-ACTION",
        ),
    ] {
        let times = [
            ("DTSTART", "20260107T100000Z"),
            ("DTEND", "20260107T110000Z"),
        ];
        let missing = times.iter().filter(|(name, _)| !instance.contains(name));
        let missing =
            missing.filter(|(name, _)| *name != "DTEND" || !instance.contains("DURATION:"));
        let times: String = missing
            .map(|(name, value)| format!("{name}:{value}|"))
            .collect();
        let instance = format!("{times}{instance}");
        let old = accepted(&of(&[SERIES]), 1);
        let sent = format!(
            "@ORG|RECURRENCE-ID:20260107T100000Z|{instance}|A:@ann|A;PS=ACCEPTED:@bob|A;PS=ACCEPTED:mailto:tg_3@televent.internal"
        );
        let upsert = put(Some(&old), of(&[SERIES, &sent]));
        let key = "20260107T100000Z";
        assert_eq!(
            answers(&upsert),
            [
                ("", 1, "ACCEPTED"),
                ("", 2, "NEEDS-ACTION"),
                (key, 1, expected),
                (key, 2, "NEEDS-ACTION"),
                (key, 3, "NEEDS-ACTION"),
            ],
            "{what}"
        );
        let are_asked = match expected {
            "ACCEPTED" => vec![(key, 3)],
            _ => vec![(key, 1), (key, 2), (key, 3)],
        };
        assert_eq!(asked(&upsert), are_asked, "{what}");
        assert_eq!(
            (ids(&upsert.newly_invited), ids(&upsert.stale_cards)),
            (vec![3], vec![1, 2]),
            "{what}"
        );
        // Once more is no change.
        assert!(put(Some(&upsert.object), upsert.object.clone()).unchanged);
    }
}

#[test]
fn a_new_instance_of_a_series_that_moves_inherits_nothing() {
    let old = accepted(&of(&[SERIES]), 1);
    let instance = "@ORG|RECURRENCE-ID:20260107T110000Z|DTSTART:20260107T110000Z|DTEND:20260107T120000Z|LOCATION:Here|A:@ann";
    let moved = format!("{SERIES}|DTSTART:20260105T110000Z|DTEND:20260105T120000Z");
    let upsert = put(Some(&old), of(&[&moved, instance]));
    assert_eq!(
        answers(&upsert),
        [
            ("", 1, "NEEDS-ACTION"),
            ("", 2, "NEEDS-ACTION"),
            ("20260107T110000Z", 1, "NEEDS-ACTION")
        ]
    );
}

#[test]
fn instances_keep_their_own_answers() {
    let instance = |extra: &str| {
        format!(
            "@ORG|RECURRENCE-ID:20260107T100000Z|DTSTART:20260107T150000Z|DTEND:20260107T160000Z|A:@ann{extra}"
        )
    };
    let key = "20260107T100000Z";
    let scope = Scope::Instance(key.to_owned());
    let sent = of(&[SERIES, &instance("")]);
    let first = put(None, sent.clone()).object;
    let old = press(&accepted(&first, 1), 1, &scope, &PartStat::Declined);
    assert!(put(Some(&old), sent).unchanged);

    // A change of the instance asks for the instance only.
    let upsert = put(Some(&old), of(&[SERIES, &instance("|LOCATION:Roof")]));
    assert_eq!(
        answers(&upsert),
        [
            ("", 1, "ACCEPTED"),
            ("", 2, "NEEDS-ACTION"),
            (key, 1, "NEEDS-ACTION")
        ]
    );
    assert_eq!(
        (asked(&upsert), ids(&upsert.stale_cards)),
        (vec![(key, 1)], vec![1])
    );

    // A change of the series asks for the series only.
    let upsert = put(
        Some(&old),
        of(&[&SERIES.replace("Here", "There"), &instance("")]),
    );
    assert_eq!(
        answers(&upsert),
        [
            ("", 1, "NEEDS-ACTION"),
            ("", 2, "NEEDS-ACTION"),
            (key, 1, "DECLINED")
        ]
    );
    assert_eq!(ids(&upsert.stale_cards), [1, 2]);

    // The instance goes.
    let upsert = put(Some(&old), of(&[SERIES]));
    assert_eq!(
        answers(&upsert),
        [("", 1, "ACCEPTED"), ("", 2, "NEEDS-ACTION")]
    );
    assert_eq!(ids(&upsert.stale_cards), [1, 2]);

    // Bob is invited to the series already: to one more instance he is no new guest.
    let upsert = put(Some(&old), of(&[SERIES, &instance("|A:@bob")]));
    assert_eq!(
        (ids(&upsert.newly_invited), ids(&upsert.stale_cards)),
        (vec![], vec![2])
    );
}

#[test]
fn instances_without_their_series_stand_alone() {
    let instance = "@ORG|RECURRENCE-ID:20260107T100000Z|DTSTART:20260107T100000Z|DTEND:20260107T110000Z|A:@ann";
    let upsert = put(None, of(&[instance]));
    assert_eq!(
        (answers(&upsert), ids(&upsert.newly_invited)),
        (vec![("20260107T100000Z", 1, "NEEDS-ACTION")], vec![1])
    );
    let old = accepted(&upsert.object, 1);
    let upsert = put(Some(&old), of(&[SERIES, instance]));
    assert_eq!(
        answers(&upsert),
        [
            ("", 1, "NEEDS-ACTION"),
            ("", 2, "NEEDS-ACTION"),
            ("20260107T100000Z", 1, "ACCEPTED")
        ]
    );
}
