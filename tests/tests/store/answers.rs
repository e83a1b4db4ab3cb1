//! Answers: what one writes, and which of two counts.

use anyhow::Result;
use televent_store::{Pressed, WriteOutcome};
use uuid::Uuid;

use crate::{
    answering::answered,
    cards::{key, lease, let_leases_run_out, record, sent, shown, take},
    pressed::card,
    support::{ANN, BOB, Draft, Ground, SAM, attendee, person, press},
};

const THE_EVENT: &str = "select from events for update";

#[tokio::test]
async fn answer_changes_object_attendee_versions_and_outbox_at_once() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB, SAM]))
        .await?;
    ground.sql("delete from outbox_messages").await?;

    assert!(ground.answer(&press(5, BOB), id, 1, "ACCEPTED").await?);
    assert_eq!(
        ground.versions().await?,
        ["a.ics 2 3 98765 ACCEPTED", "ctag 3"]
    );
    assert_eq!(
        ground.attendees().await?,
        ["4711 NEEDS-ACTION", "98765 ACCEPTED 5"]
    );
    assert_eq!(
        ground.outbox().await?,
        [
            "invite_notification 98765 pending",
            "rsvp_notification 1001 pending"
        ]
    );
    assert_eq!(
        ground.slot("a.ics").await?.event.expect("the event").object,
        answered(BOB, "ACCEPTED").into_bytes()
    );
    Ok(())
}

#[tokio::test]
async fn of_two_answers_at_once_one_is_written_and_the_other_can_be_tried_again() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB, SAM]))
        .await?;
    ground.sql("delete from outbox_messages").await?;
    let (bobs, sams) = (press(5, BOB), press(6, SAM));
    let (a, b) = ground
        .race(
            THE_EVENT,
            ground.answer(&bobs, id, 1, "ACCEPTED"),
            ground.answer(&sams, id, 1, "DECLINED"),
        )
        .await?;
    let (a, b) = (a?, b?);

    assert_ne!(a, b, "one of them must win");
    let (winner, loser, status) = if a {
        (bobs, sams, "DECLINED")
    } else {
        (sams, bobs, "ACCEPTED")
    };
    assert_eq!(
        ground
            .rows("select update_id::text from processed_updates")
            .await?,
        [winner.update_id.to_string()]
    );
    assert_eq!(ground.outbox().await?.len(), 2);
    let Pressed::Found(rows, _) = ground.store.pressed(&loser, &card(id)).await? else {
        panic!("the loser's update must count as not processed");
    };
    let version = rows.organizer.expect("the organizer's object").version;
    assert!(ground.answer(&loser, id, version, status).await?);
    assert_eq!(
        ground.attendees().await?,
        ["4711 DECLINED 6", "98765 ACCEPTED 5"]
    );
    assert_eq!(ground.versions().await?[1], "ctag 4");
    Ok(())
}

#[tokio::test]
async fn one_update_twice_at_once_is_written_once() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let update = press(5, BOB);
    let (a, b) = ground
        .race(
            THE_EVENT,
            ground.answer(&update, id, 1, "ACCEPTED"),
            ground.answer(&update, id, 1, "ACCEPTED"),
        )
        .await?;
    assert_ne!(a?, b?, "one of them must win");
    let after = ground.everything().await?;

    // A repeat that has loaded the event anew passes the first guard, and not the second.
    assert!(!ground.answer(&update, id, 2, "ACCEPTED").await?);
    assert_eq!(ground.everything().await?, after);
    assert!(matches!(
        ground.store.pressed(&update, &card(id)).await?,
        Pressed::AlreadyProcessed
    ));
    assert_eq!(
        ground.versions().await?,
        ["a.ics 2 3 98765 ACCEPTED", "ctag 3"]
    );
    Ok(())
}

#[tokio::test]
async fn answer_that_fails_its_guard_writes_nothing() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    ground
        .replace(id, 1, &Draft::new("uid-a", "two", &[BOB]))
        .await?;
    let before = ground.everything().await?;
    for (event_id, sequence) in [(id, 1), (id, 3), (Uuid::now_v7(), 1)] {
        assert!(
            !ground
                .answer(&press(5, BOB), event_id, sequence, "ACCEPTED")
                .await?
        );
    }
    assert_eq!(ground.everything().await?, before);

    ground.store.remove_event(id, 2).await?;
    let before = ground.everything().await?;
    assert!(!ground.answer(&press(5, BOB), id, 3, "ACCEPTED").await?);
    assert_eq!(ground.everything().await?, before);
    Ok(())
}

#[tokio::test]
async fn same_update_id_of_another_bot_is_another_update() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    assert!(ground.answer(&press(5, BOB), id, 1, "ACCEPTED").await?);
    let mut others = press(5, BOB);
    others.bot_id += 1;
    assert!(ground.answer(&others, id, 2, "DECLINED").await?);
    Ok(())
}

#[tokio::test]
async fn answer_reaches_the_named_instances_of_one_person_only() -> Result<()> {
    let ground = Ground::new().await?;
    let mut draft = Draft::new("uid-a", "one", &[BOB, SAM]);
    for (telegram_id, instance) in [(BOB, "20260105"), (BOB, "20260112"), (SAM, "20260105")] {
        let mut row = attendee(telegram_id);
        row.recurrence_id = instance.to_owned();
        draft.attendees.push(row);
    }
    let event_id = ground.event("a.ics", &draft).await?;
    let keys = ["", "20260112", "20260119"];
    let written = ground
        .answer_for(&press(5, BOB), event_id, 1, "DECLINED", &keys)
        .await?;
    assert!(written);
    assert_eq!(
        ground.attendees().await?,
        [
            "4711 NEEDS-ACTION",
            "98765 DECLINED 5",
            "20260105 4711 NEEDS-ACTION",
            "20260105 98765 NEEDS-ACTION",
            "20260112 98765 DECLINED 5",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn of_answer_and_replace_at_once_one_is_done() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let draft = Draft::new("uid-a", "two", &[BOB]);
    let bobs = press(5, BOB);
    let (answered, replaced) = ground
        .race(
            THE_EVENT,
            ground.answer(&bobs, id, 1, "ACCEPTED"),
            ground.replace(id, 1, &draft),
        )
        .await?;
    let versions = ground.versions().await?;
    match (answered?, replaced?) {
        (true, WriteOutcome::Conflict) => {
            assert_eq!(versions, ["a.ics 2 3 98765 ACCEPTED", "ctag 3"]);
        }
        (false, WriteOutcome::Done) => {
            assert_eq!(versions, ["a.ics 2 3 two", "ctag 3"]);
            assert_eq!(
                ground
                    .rows("select update_id::text from processed_updates")
                    .await?,
                [""; 0]
            );
        }
        both => panic!("one of them must win: {both:?}"),
    }
    Ok(())
}

/// Somebody taps while the card that they tap on is still being recorded, by who has its lease or by who had it.
#[tokio::test]
async fn answer_and_record_of_the_card_at_once_are_both_done() -> Result<()> {
    for (lease_is_lost, messages) in [(false, ["11 r"].as_slice()), (true, &["", "11 r"])] {
        let ground = Ground::new().await?;
        let draft = Draft::new("uid-a", "one", &[BOB]);
        let id = ground.event("a.ics", &draft).await?;
        // There is a row of Bob to wait for.
        ground.store.set_reachable(person(BOB), false).await?;
        let bobs_card = lease(id, BOB);
        take(&ground.store, &bobs_card).await?.expect("the lease");
        if lease_is_lost {
            let_leases_run_out(&ground).await?;
            take(&ground.store, &lease(id, BOB))
                .await?
                .expect("the lease");
        }
        let bobs = press(5, BOB);
        let record = record(&bobs_card, sent(11, "r"), Some(Uuid::now_v7()));
        // The recording comes to the gate first: that is the order in which the two have met.
        let recording = ground.store.record_card(&record);
        let answer = async {
            ground.database.until_waiting(1).await?;
            ground.answer(&bobs, id, 1, "ACCEPTED").await
        };
        let (recorded, answered) = ground
            .race(
                "select from users, event_attendees for update",
                recording,
                answer,
            )
            .await?;
        assert_eq!((recorded?, answered?), (!lease_is_lost, true));
        assert_eq!(ground.attendees().await?, ["98765 ACCEPTED 5"]);
        assert_eq!(shown(&ground, &key(id, BOB)).await?, messages);
    }
    Ok(())
}

/// One has attendees and wants to add an outbox row; the other has the event and wants the attendees.
#[tokio::test]
async fn outbox_row_does_not_wait_for_a_change_of_its_event() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let mut other = ground.database.connect().await?;
    let mut writing = sqlx::Connection::begin(&mut other).await?;
    sqlx::query("update event_attendees set answered_at = now(), answered_by_update = 5")
        .execute(&mut *writing)
        .await?;
    let draft = Draft::new("uid-a", "two", &[BOB]);
    let replace = ground.replace(id, 1, &draft);
    let finish = async {
        ground.database.until_waiting(1).await?;
        sqlx::query("insert into outbox_messages (id, kind, event_id, telegram_id) values (gen_random_uuid(), 'rsvp_notification', $1, $2)")
            .bind(id)
            .bind(ANN)
            .execute(&mut *writing)
            .await?;
        writing.commit().await?;
        anyhow::Ok(())
    };
    let (replaced, finished) = tokio::join!(replace, finish);
    finished?;
    assert_eq!(replaced?, WriteOutcome::Done);
    assert_eq!(ground.attendees().await?, ["98765 NEEDS-ACTION 5"]);
    Ok(())
}
