//! Who is invited, who is told, and whose answer stands.

use super::instances::SERIES;
use super::world::World;
use super::*;

#[test]
fn first_put_invites_the_internal_attendees() {
    let sent = of(&["@ORG|A;PS=ACCEPTED:@me|A:@ann|A;PS=NEEDS-ACTION:@bob|A;PS=ACCEPTED:@eve"]);
    let upsert = put(None, sent);
    assert_eq!(
        text(&upsert.object),
        text(&of(&["@ORG|A;PS=ACCEPTED:@me|A;SCHEDULE-STATUS=1.2:@ann|\
            A;PS=NEEDS-ACTION;SCHEDULE-STATUS=1.2:@bob|\
            A;PS=ACCEPTED;SCHEDULE-STATUS=5.2:@eve"]))
    );
    assert!(!upsert.stored_as_sent && !upsert.unchanged);
    assert!(put(None, upsert.object.clone()).stored_as_sent);
    assert_eq!(upsert.role, Role::Organizer);
    assert_eq!(
        upsert.organizer.unwrap().as_str(),
        "tg_1000@televent.internal"
    );
    assert_eq!(ids(&upsert.newly_invited), [1, 2]);
    assert_eq!(ids(&upsert.stale_cards), []);
    let rows: Vec<_> = upsert
        .attendees
        .iter()
        .map(|row| {
            (
                row.address.as_str(),
                row.telegram_id.map(TelegramUserId::get),
                row.part_stat.as_str(),
                row.invited,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("tg_1000@televent.internal", Some(1_000), "ACCEPTED", false),
            ("tg_1@televent.internal", Some(1), "NEEDS-ACTION", true),
            ("tg_2@televent.internal", Some(2), "NEEDS-ACTION", true),
            ("eve@example.org", None, "ACCEPTED", false),
        ]
    );
}

#[test]
fn a_client_cannot_answer_for_those_it_invites() {
    let upsert = put(
        None,
        of(&["@ORG|A;PS=ACCEPTED:@ann|A;X=1;PS=DECLINED:@bob|A:@me"]),
    );
    assert_eq!(
        text(&unsaid(&upsert.object)),
        text(&of(&[
            "@ORG|A;PS=NEEDS-ACTION:@ann|A;X=1;PS=NEEDS-ACTION:@bob|A:@me"
        ]))
    );
    assert!(!upsert.stored_as_sent);
    assert_eq!(asked(&upsert), [("", 1), ("", 2)]);
    // The same PUT again is no change.
    let again = put(
        Some(&upsert.object),
        of(&["@ORG|A;PS=ACCEPTED:@ann|A;X=1;PS=DECLINED:@bob|A:@me"]),
    );
    assert!(again.unchanged && !again.stored_as_sent);
    assert_eq!((again.newly_invited, again.stale_cards), (vec![], vec![]));
}

#[test]
fn an_object_without_organizer_is_its_owners() {
    let sent = of(&["SUMMARY:Lunch|A:@ann|A:@eve"]);
    let first = put(None, sent.clone());
    let organizer = "ORGANIZER;CN=\"Jo ^'X^' Doe, Jr\":mailto:tg_1000@televent.internal";
    assert_eq!(
        text(&unsaid(&first.object)),
        text(&of(&[&format!("SUMMARY:Lunch|{organizer}|A:@ann|A:@eve")]))
    );
    assert!(!first.stored_as_sent);
    assert_eq!(
        (first.role, ids(&first.newly_invited)),
        (Role::Organizer, vec![1])
    );

    let again = put(Some(&first.object), sent.clone());
    assert!(again.unchanged);

    // Also after an answer, and when the owner's name has changed.
    let answered = accepted(&first.object, 1);
    let renamed = Owner {
        common_name: "Somebody".to_owned(),
        ..owner()
    };
    let again = upsert(
        Some(&answered),
        (sent, false),
        &renamed,
        &domain(),
        &known_people(),
    );
    assert!(
        again.unchanged,
        "{}",
        String::from_utf8_lossy(again.object.as_bytes())
    );
    assert_eq!((again.newly_invited, again.stale_cards), (vec![], vec![]));
}

#[test]
fn an_owner_without_a_name_gets_no_empty_one() {
    let nameless = Owner {
        common_name: String::new(),
        ..owner()
    };
    let upsert = upsert(
        None,
        (of(&["A:@ann"]), false),
        &nameless,
        &domain(),
        &known_people(),
    );
    assert_eq!(text(&unsaid(&upsert.object)), text(&of(&["@ORG|A:@ann"])));
}

#[test]
fn an_object_of_somebody_else_invites_nobody_and_is_left_alone() {
    for organizer in [
        "mailto:boss@example.org",
        "mailto:tg_2@televent.internal",
        "mailto:tg_1000@televent.internal.example.org",
        "mailto:TG_1000@televent.internal",
        "urn:uuid:1",
    ] {
        let sent = of(&[&format!(
            "ORGANIZER:{organizer}|A;PS=DECLINED:@me|A;PS=ACCEPTED:@ann|A:@bob"
        )]);
        let upsert = put(None, sent.clone());
        assert_eq!(
            (&upsert.object, upsert.role),
            (&sent, Role::Attendee),
            "{organizer}"
        );
        assert!(upsert.stored_as_sent && upsert.newly_invited.is_empty());
        assert!(upsert.attendees.iter().all(|row| !row.invited));
        assert_eq!(
            answer(&sent, 1, &Scope::All, &PartStat::Accepted) == Answer::NotInvited,
            !organizer.starts_with("mailto:tg_2@")
        );
        // An invitation of the owner's that becomes one of somebody else: its cards are void.
        let upsert = put(Some(&of(&["@ORG|A:@ann|A:@bob"])), sent);
        assert_eq!(
            (ids(&upsert.newly_invited), ids(&upsert.stale_cards)),
            (vec![], vec![1, 2])
        );
    }
}

#[test]
fn an_object_with_nobody_in_it_is_left_alone() {
    let sent = of(&["SUMMARY:Dentist"]);
    let upsert = put(None, sent.clone());
    assert_eq!(
        (&upsert.object, upsert.role, upsert.organizer),
        (&sent, Role::Alone, None)
    );
    assert!(
        upsert.stored_as_sent && upsert.attendees.is_empty() && upsert.newly_invited.is_empty()
    );
    // Everybody was taken out.
    let upsert = put(Some(&of(&["@ORG|A:@ann"])), sent.clone());
    assert_eq!((upsert.object, ids(&upsert.stale_cards)), (sent, vec![1]));
}

#[test]
fn journals_and_free_busy_invite_nobody() {
    for kind in ["VJOURNAL", "VFREEBUSY"] {
        let event = of(&["@ORG|A;PS=ACCEPTED:@me|A;PS=ACCEPTED:@ann|A:@bob"]);
        for sent in [event.clone(), of(&["A:@ann|A:@bob"])] {
            let text = String::from_utf8(sent.into_bytes()).unwrap();
            let sent = CalendarObject::parse(text.replace("VEVENT", kind).into_bytes()).unwrap();
            let upsert = put(None, sent.clone());
            assert_eq!(
                (&upsert.object, upsert.role),
                (&sent, Role::Alone),
                "{kind}"
            );
            assert_eq!(
                (ids(&upsert.newly_invited), answers(&upsert)),
                (vec![], vec![])
            );
            let pressed = answer(&sent, 2, &Scope::All, &PartStat::Accepted);
            assert_eq!(pressed, Answer::NotInvited);
            // What was an event is none any more.
            assert_eq!(ids(&put(Some(&event), sent).stale_cards), [1, 2]);
        }
    }
}

#[test]
fn others_deliver_where_schedule_agent_says_so() {
    let sent = of(&[
        "@ORG|A;SCHEDULE-AGENT=CLIENT;PS=ACCEPTED:@ann|A;SCHEDULE-AGENT=NONE;PS=TENTATIVE:@bob",
    ]);
    let upsert = put(None, sent.clone());
    assert_eq!(upsert.object, sent);
    assert_eq!(answers(&upsert), []);
    assert_eq!(
        answer(&sent, 1, &Scope::All, &PartStat::Declined),
        Answer::NotInvited
    );
    // From the client to the server: a new invitation, whatever was answered elsewhere.
    let upsert = put(
        Some(&sent),
        of(&["@ORG|A;PS=ACCEPTED:@ann|A;SCHEDULE-AGENT=NONE;PS=TENTATIVE:@bob"]),
    );
    assert_eq!(
        (answers(&upsert), ids(&upsert.newly_invited)),
        (vec![("", 1, "NEEDS-ACTION")], vec![1])
    );
}

#[test]
fn a_stale_put_loses_no_answer() {
    let sent = of(&["@ORG|SUMMARY:Old|A:@ann|A;PS=NEEDS-ACTION:@bob"]);
    let old = press(
        &accepted(&put(None, sent.clone()).object, 1),
        2,
        &Scope::All,
        &PartStat::Declined,
    );
    let again = put(Some(&old), sent);
    assert!(again.unchanged && !again.stored_as_sent && again.asked.is_empty());
    assert_eq!((again.newly_invited, again.stale_cards), (vec![], vec![]));

    let renamed = put(
        Some(&old),
        of(&["@ORG|SUMMARY:New|A;PS=TENTATIVE:@ann|A:@bob|A:mailto:tg_3@televent.internal"]),
    );
    assert_eq!(
        answers(&renamed),
        [
            ("", 1, "ACCEPTED"),
            ("", 2, "DECLINED"),
            ("", 3, "NEEDS-ACTION")
        ]
    );
    assert_eq!((asked(&renamed), renamed.unchanged), (vec![("", 3)], false));
    assert_eq!(
        (ids(&renamed.newly_invited), ids(&renamed.stale_cards)),
        (vec![3], vec![1, 2])
    );
}

#[test]
fn repeated_lines_are_made_to_agree() {
    let sent = of(&["@ORG|A:@ann|A;PS=ACCEPTED:MAILTO:tg_1@TELEVENT.internal"]);
    let first = put(None, sent.clone());
    assert_eq!(
        text(&unsaid(&first.object)),
        text(&of(&[
            "@ORG|A:@ann|A;PS=NEEDS-ACTION:MAILTO:tg_1@TELEVENT.internal"
        ]))
    );
    let old = accepted(&first.object, 1);
    assert_eq!(
        text(&unsaid(&old)),
        text(&of(&[
            "@ORG|A;PS=ACCEPTED:@ann|A;PS=ACCEPTED:MAILTO:tg_1@TELEVENT.internal"
        ]))
    );
    assert!(put(Some(&old), sent).unchanged);
}

#[test]
fn everything_that_a_card_shows_makes_it_stale() {
    let old = of(&["@ORG|SUMMARY:a|A:@ann|A:@bob"]);
    for new in [
        "@ORG|SUMMARY:b|A:@ann|A:@bob",
        "@ORG|SUMMARY:a|DESCRIPTION:x|A:@ann|A:@bob",
        "@ORG|SUMMARY:a|URL:x|A:@ann|A:@bob",
        "@ORG|SUMMARY:a|STATUS:CANCELLED|A:@ann|A:@bob",
        "@ORG|SUMMARY:a|RRULE:FREQ=DAILY|A:@ann|A:@bob",
        "ORGANIZER;CN=Me:@me|SUMMARY:a|A:@ann|A:@bob",
    ] {
        let upsert = put(Some(&old), of(&[new]));
        assert_eq!(
            (ids(&upsert.newly_invited), ids(&upsert.stale_cards)),
            (vec![], vec![1, 2]),
            "{new}"
        );
    }
    let upsert = put(
        Some(&old),
        of(&["@ORG|SUMMARY:a|A:@bob|A:mailto:tg_3@televent.internal|X-A:b"]),
    );
    assert_eq!(
        (ids(&upsert.newly_invited), ids(&upsert.stale_cards)),
        (vec![3], vec![1])
    );
}

#[test]
fn a_delete_makes_every_card_stale() {
    let instance =
        "@ORG|RECURRENCE-ID:20260107T100000Z|A:@ann|A:@cat|A:@eve|A:@me|A;SCHEDULE-AGENT=NONE:@dan";
    for (components, stale) in [
        (vec![SERIES, instance], vec![1, 2, 3]),
        (vec!["SUMMARY:x"], vec![]),
    ] {
        let plan = World::of(&components).delete();
        let cards: Vec<_> = plan.stale_cards.iter().copied().collect();
        assert_eq!(ids(&cards), stale);
        assert_eq!(plan.stale_tally, !stale.is_empty());
    }
}

#[test]
fn only_the_invited_answer() {
    let object = of(&["@ORG|A:@me|A:@ann|A:@eve"]);
    let answer = |who, scope: &Scope| answer(&object, who, scope, &PartStat::Accepted);
    let instance = Scope::Instance("20260107T100000Z".to_owned());
    let Answer::Changed(answered) = answer(1, &Scope::All) else {
        panic!("not invited");
    };
    assert_eq!(
        text(&answered),
        text(&of(&[
            "@ORG|A:@me|A;SCHEDULE-STATUS=2.0;PS=ACCEPTED:@ann|A:@eve"
        ]))
    );
    assert_eq!(answer(2, &Scope::All), Answer::NotInvited);
    assert_eq!(answer(OWNER, &Scope::All), Answer::NotInvited);
    assert_eq!(answer(1, &instance), Answer::NotInvited);
    let changed = accepted(&object, 1);
    assert_eq!(
        super::answer(&changed, 1, &Scope::All, &PartStat::Accepted),
        Answer::Unchanged
    );
    assert_eq!(
        super::answer(&object, 1, &Scope::All, &PartStat::NeedsAction),
        Answer::Unchanged
    );
}
