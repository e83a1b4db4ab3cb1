//! Presses and commands that are no new answer: what they are decided on, and what they leave behind.

use anyhow::Result;
use televent_store::{NoticeKind, Pressed, PressedMessage};
use uuid::Uuid;

use crate::{
    cards::key,
    support::{ANN, BOB, BOT, Draft, Ground, SAM, at, attendee, notice, person, press},
};

/// A message to Bob.
fn message(message_id: i64) -> PressedMessage {
    PressedMessage {
        chat_id: BOB,
        message_id,
    }
}

#[tokio::test]
async fn press_finds_what_it_is_decided_on() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let Pressed::Found(found) = ground.store.pressed(&press(5, BOB), id, None).await? else {
        panic!("the event must be found");
    };
    assert_eq!(
        (found.object.as_slice(), found.version, found.deleted),
        (&b"one"[..], 1, false)
    );
    assert_eq!(
        (
            found.owner,
            found.owner_name.as_str(),
            found.owner_organizes
        ),
        (person(ANN), "Ann", true)
    );
    assert_eq!((found.last_answer, found.message_is_known), (None, false));

    ground.answer(&press(5, BOB), id, 1, "ACCEPTED").await?;
    ground.store.remove_event(id, 2, &[]).await?;
    let Pressed::Found(found) = ground.store.pressed(&press(6, BOB), id, None).await? else {
        panic!("the event must be found");
    };
    assert_eq!((found.version, found.deleted), (3, true));
    assert_eq!(found.last_answer, Some((5, at(5))));
    let Pressed::Found(found) = ground.store.pressed(&press(6, SAM), id, None).await? else {
        panic!("the event must be found");
    };
    assert_eq!(
        found.last_answer, None,
        "another person's answer is not theirs"
    );
    Ok(())
}

#[tokio::test]
async fn last_answer_is_the_newest_of_all_instances() -> Result<()> {
    let ground = Ground::new().await?;
    let mut draft = Draft::new("uid-a", "one", &[BOB]);
    draft.attendees.push(attendee(BOB));
    draft.attendees[1].recurrence_id = "20260105".to_owned();
    let id = ground.event("a.ics", &draft).await?;
    ground.sql("update event_attendees set answered_by_update = 9, answered_at = 'epoch' where recurrence_id = ''").await?;
    ground.sql("update event_attendees set answered_by_update = 8, answered_at = now() where recurrence_id <> ''").await?;
    let Pressed::Found(found) = ground.store.pressed(&press(10, BOB), id, None).await? else {
        panic!("the event must be found");
    };
    assert_eq!(found.last_answer.map(|(update_id, _)| update_id), Some(8));
    Ok(())
}

#[tokio::test]
async fn press_on_no_event_and_press_of_old_are_told_apart() -> Result<()> {
    let ground = Ground::new().await?;
    let nowhere = Uuid::now_v7();
    assert!(matches!(
        ground.store.pressed(&press(5, BOB), nowhere, None).await?,
        Pressed::NoSuchEvent
    ));
    ground.store.note_update(BOT, 5).await?;
    ground.store.note_update(BOT, 5).await?;
    assert!(matches!(
        ground.store.pressed(&press(5, BOB), nowhere, None).await?,
        Pressed::AlreadyProcessed
    ));
    Ok(())
}

#[tokio::test]
async fn message_is_known_as_the_card_or_as_a_copy_of_the_presser() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    for message_id in [11, 12] {
        ground
            .store
            .adopt_message(
                &key(id, BOB),
                PressedMessage {
                    chat_id: BOB,
                    message_id,
                },
            )
            .await?;
    }
    for (who, message_id, known) in [
        (BOB, 11, true),
        (BOB, 12, true),
        (BOB, 13, false),
        (SAM, 11, false),
    ] {
        let message = PressedMessage {
            chat_id: who,
            message_id,
        };
        let Pressed::Found(found) = ground
            .store
            .pressed(&press(5, who), id, Some(message))
            .await?
        else {
            panic!("the event must be found");
        };
        assert_eq!(
            found.message_is_known, known,
            "{who} pressed on {message_id}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn repeated_answer_moves_its_time_and_changes_no_version() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB, SAM]))
        .await?;
    ground.answer(&press(5, BOB), id, 1, "ACCEPTED").await?;
    ground
        .store
        .adopt_message(&key(id, BOB), message(11))
        .await?;
    ground
        .sql("update invite_cards set choosing = true")
        .await?;
    ground.sql("delete from outbox_messages").await?;
    let versions = ground.versions().await?;

    let told = || [notice(NoticeKind::Invite, BOB)];
    assert!(
        ground
            .store
            .confirm_answer(&press(8, BOB), id, 2, &told())
            .await?
    );
    assert_eq!(
        ground.attendees().await?,
        ["4711 NEEDS-ACTION", "98765 ACCEPTED 8"]
    );
    assert_eq!(
        ground.outbox().await?,
        ["invite_notification 98765 pending"]
    );
    assert_eq!(
        ground
            .rows("select choosing::text from invite_cards")
            .await?,
        ["false"]
    );
    assert_eq!(ground.versions().await?, versions);

    // A press that was decided on before the repeat must be decided again: it is the older one.
    assert!(!ground.answer(&press(7, BOB), id, 2, "DECLINED").await?);

    let after = ground.everything().await?;
    assert!(
        !ground
            .store
            .confirm_answer(&press(8, BOB), id, 2, &told())
            .await?
    );
    assert_eq!(ground.everything().await?, after);
    Ok(())
}

#[tokio::test]
async fn card_is_reopened_once_and_an_answer_closes_it() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    ground
        .store
        .adopt_message(&key(id, BOB), message(11))
        .await?;
    ground.sql("delete from outbox_messages").await?;
    let choosing = "select choosing::text from invite_cards";

    let told = || notice(NoticeKind::Invite, BOB);
    assert!(
        ground
            .store
            .reopen_card(&press(5, BOB), id, 1, &told())
            .await?
    );
    assert_eq!(ground.rows(choosing).await?, ["true"]);
    let after = ground.everything().await?;
    assert!(
        !ground
            .store
            .reopen_card(&press(5, BOB), id, 1, &told())
            .await?
    );
    assert_eq!(ground.everything().await?, after);
    assert_eq!(
        ground.outbox().await?,
        ["invite_notification 98765 pending"]
    );

    assert!(ground.answer(&press(6, BOB), id, 1, "DECLINED").await?);
    assert_eq!(ground.rows(choosing).await?, ["false"]);
    Ok(())
}

#[tokio::test]
async fn press_on_what_the_event_no_longer_is_writes_nothing() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    ground.answer(&press(5, BOB), id, 1, "ACCEPTED").await?;
    ground.store.remove_event(id, 2, &[]).await?;
    let before = ground.everything().await?;
    let told = notice(NoticeKind::Invite, BOB);
    for (event_id, sequence) in [(id, 1), (id, 2), (id, 3), (Uuid::now_v7(), 1)] {
        let press = press(6, BOB);
        assert!(
            !ground
                .store
                .confirm_answer(&press, event_id, sequence, &[told])
                .await?
        );
        assert!(
            !ground
                .store
                .reopen_card(&press, event_id, sequence, &told)
                .await?
        );
    }
    assert_eq!(ground.everything().await?, before);
    Ok(())
}

#[tokio::test]
async fn invitations_whose_card_did_not_arrive_wait_and_are_announced_once() -> Result<()> {
    let ground = Ground::new().await?;
    let older = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let newer = ground
        .event("b.ics", &Draft::new("uid-b", "two", &[BOB, SAM]))
        .await?;
    let seen = ground
        .event("c.ics", &Draft::new("uid-c", "three", &[BOB]))
        .await?;
    ground
        .sql(&format!(
            "update event_attendees set schedule_status = '1.1' where event_id = '{seen}'"
        ))
        .await?;
    ground
        .sql(&format!(
            "update event_attendees set schedule_status = '1.0' where event_id = '{older}'"
        ))
        .await?;
    let deleted = ground
        .event("d.ics", &Draft::new("uid-d", "four", &[BOB]))
        .await?;
    ground.store.remove_event(deleted, 1, &[]).await?;
    let mut copy = Draft::new("uid-e", "five", &[BOB]);
    copy.attendees[0].invited = false;
    ground.event("e.ics", &copy).await?;
    ground.sql("delete from outbox_messages").await?;

    let waiting = ground.store.waiting_invitations(person(BOB), 10).await?;
    assert_eq!(waiting, [newer, older]);
    assert_eq!(
        ground.store.waiting_invitations(person(BOB), 1).await?,
        [newer]
    );

    let announced = || {
        waiting
            .iter()
            .map(|id| (*id, notice(NoticeKind::Invite, BOB)))
            .collect::<Vec<_>>()
    };
    ground
        .store
        .announce_waiting(&press(5, BOB), &announced())
        .await?;
    assert_eq!(
        ground.rows("select concat_ws(' ', event_id, telegram_id, kind) from outbox_messages order by id").await?,
        [newer, older].map(|id| format!("{id} 98765 invite_notification"))
    );
    let after = ground.everything().await?;
    ground
        .store
        .announce_waiting(&press(5, BOB), &announced())
        .await?;
    assert_eq!(ground.everything().await?, after);
    Ok(())
}

#[tokio::test]
async fn nothing_that_waits_is_a_processed_update_all_the_same() -> Result<()> {
    let ground = Ground::new().await?;
    ground.store.announce_waiting(&press(5, BOB), &[]).await?;
    assert!(matches!(
        ground
            .store
            .pressed(&press(5, BOB), Uuid::now_v7(), None)
            .await?,
        Pressed::AlreadyProcessed
    ));
    assert_eq!(ground.outbox().await?, [""; 0]);
    Ok(())
}
