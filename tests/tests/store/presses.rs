//! Presses and commands that are no new answer: what they are decided on, and what they leave behind.

use anyhow::Result;
use televent_store::{NoticeKind, Pressed, PressedMessage, UpdateOutcome};
use uuid::Uuid;

use crate::{
    cards::key,
    pressed::card,
    support::{BOB, BOT, Draft, Ground, SAM, notice, person, press},
};

/// A message to Bob.
fn message(message_id: i64) -> PressedMessage {
    PressedMessage {
        chat_id: BOB,
        message_id,
    }
}

#[tokio::test]
async fn press_on_no_event_and_press_of_old_are_told_apart() -> Result<()> {
    let ground = Ground::new().await?;
    let nowhere = Uuid::now_v7();
    assert!(matches!(
        ground.store.pressed(&press(5, BOB), &card(nowhere)).await?,
        Pressed::NoSuchEvent
    ));
    ground.store.note_update(BOT, 5).await?;
    ground.store.note_update(BOT, 5).await?;
    assert!(matches!(
        ground.store.pressed(&press(5, BOB), &card(nowhere)).await?,
        Pressed::AlreadyProcessed
    ));
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
            .confirm_answer(&press(8, BOB), &key(id, BOB), &[String::new()], 2, &told())
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
            .confirm_answer(&press(8, BOB), &key(id, BOB), &[String::new()], 2, &told())
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
            .reopen_card(&press(5, BOB), &key(id, BOB), 1, &told())
            .await?
    );
    assert_eq!(ground.rows(choosing).await?, ["true"]);
    let after = ground.everything().await?;
    assert!(
        !ground
            .store
            .reopen_card(&press(5, BOB), &key(id, BOB), 1, &told())
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
    ground.store.remove_event(id, 2).await?;
    let before = ground.everything().await?;
    let told = notice(NoticeKind::Invite, BOB);
    for (event_id, version) in [(id, 1), (id, 2), (id, 3), (Uuid::now_v7(), 1)] {
        let (press, card) = (press(6, BOB), key(event_id, BOB));
        assert!(
            !ground
                .store
                .confirm_answer(&press, &card, &[String::new()], version, &[told])
                .await?
        );
        assert!(
            !ground
                .store
                .reopen_card(&press, &card, version, &told)
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
            "update event_attendees set schedule_status = '1.2' where event_id = '{seen}'"
        ))
        .await?;
    ground
        .sql(&format!(
            "update event_attendees set schedule_status = '1.0' where event_id = '{older}'"
        ))
        .await?;
    let answered = ground
        .event("f.ics", &Draft::new("uid-f", "six", &[BOB]))
        .await?;
    ground
        .sql(&format!(
            "update event_attendees set schedule_status = '2.0' where event_id = '{answered}'"
        ))
        .await?;
    let deleted = ground
        .event("d.ics", &Draft::new("uid-d", "four", &[BOB]))
        .await?;
    ground.store.remove_event(deleted, 1).await?;
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
    let outcome = || UpdateOutcome {
        cards: announced(),
        ..UpdateOutcome::default()
    };
    assert!(
        ground
            .store
            .finish_update(&press(5, BOB), &outcome())
            .await?
    );
    assert_eq!(
        ground.rows("select concat_ws(' ', event_id, telegram_id, kind) from outbox_messages order by id").await?,
        [newer, older].map(|id| format!("{id} 98765 invite_notification"))
    );
    let after = ground.everything().await?;
    assert!(
        !ground
            .store
            .finish_update(&press(5, BOB), &outcome())
            .await?
    );
    assert_eq!(ground.everything().await?, after);
    Ok(())
}

#[tokio::test]
async fn nothing_that_waits_is_a_processed_update_all_the_same() -> Result<()> {
    let ground = Ground::new().await?;
    let nothing = UpdateOutcome::default();
    ground.store.finish_update(&press(5, BOB), &nothing).await?;
    assert!(matches!(
        ground
            .store
            .pressed(&press(5, BOB), &card(Uuid::now_v7()))
            .await?,
        Pressed::AlreadyProcessed
    ));
    assert_eq!(ground.outbox().await?, [""; 0]);
    Ok(())
}
