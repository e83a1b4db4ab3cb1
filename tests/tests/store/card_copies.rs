//! Messages that show a card beside it: none is forgotten.

use anyhow::Result;
use televent_store::{CardCopy, MAX_COPIES, PressedMessage};
use uuid::Uuid;

use crate::{
    cards::{invited, key, lease, let_leases_run_out, record, sent, shown, take, take_and_record},
    support::{BOB, Draft, SAM},
};

/// A message to Bob.
fn message(message_id: i64) -> PressedMessage {
    PressedMessage {
        chat_id: BOB,
        message_id,
    }
}

/// Which of the two messages was written last nobody knows, so the card is to be looked at again.
#[tokio::test]
async fn first_send_recorded_after_the_lease_was_lost_is_a_copy_and_leaves_its_row_open()
-> Result<()> {
    let (ground, id, outbox_id) = invited().await?;
    let (slow, fast) = (lease(id, BOB), lease(id, BOB));
    take(&ground.store, &slow).await?;
    let_leases_run_out(&ground).await?;
    take(&ground.store, &fast).await?.expect("the card");
    let other_row = Uuid::now_v7();
    assert!(
        ground
            .store
            .record_card(&record(&fast, sent(12, "new"), Some(other_row)))
            .await?
    );
    assert!(
        !ground
            .store
            .record_card(&record(&slow, sent(11, "old"), Some(outbox_id)))
            .await?
    );

    assert_eq!(shown(&ground, &slow.key).await?, ["12", "11 old"]);
    assert!(ground.store.outbox_is_open(outbox_id).await?);
    let card = take(&ground.store, &lease(id, BOB))
        .await?
        .expect("the card");
    assert_eq!((card.message, card.rendered), (Some((BOB, 12)), None));
    let copy = CardCopy {
        message_id: 11,
        rendered: Some("old".to_owned()),
    };
    assert_eq!(card.copies, [copy]);
    Ok(())
}

#[tokio::test]
async fn slow_writer_does_not_free_the_card_of_the_next_one() -> Result<()> {
    let (ground, id, outbox_id) = invited().await?;
    let (slow, fast) = (lease(id, BOB), lease(id, BOB));
    take(&ground.store, &slow).await?;
    let_leases_run_out(&ground).await?;
    take(&ground.store, &fast).await?.expect("the card");
    assert!(
        !ground
            .store
            .record_card(&record(&slow, sent(11, "old"), Some(outbox_id)))
            .await?
    );
    assert_eq!(take(&ground.store, &lease(id, BOB)).await?, None);
    assert!(
        ground
            .store
            .record_card(&record(&fast, sent(12, "new"), Some(outbox_id)))
            .await?
    );
    assert_eq!(shown(&ground, &slow.key).await?, ["12 new", "11 old"]);
    assert!(!ground.store.outbox_is_open(outbox_id).await?);
    Ok(())
}

#[tokio::test]
async fn edit_recorded_after_the_lease_was_lost_is_no_copy_of_the_card() -> Result<()> {
    let (ground, id, outbox_id) = invited().await?;
    let first = lease(id, BOB);
    let row = Some(Uuid::now_v7());
    take_and_record(&ground.store, &first, sent(11, "first"), row).await?;
    let (slow, fast) = (lease(id, BOB), lease(id, BOB));
    take(&ground.store, &slow).await?.expect("the card");
    let_leases_run_out(&ground).await?;
    take(&ground.store, &fast).await?.expect("the card");
    assert!(
        ground
            .store
            .record_card(&record(&fast, sent(11, "newer"), Some(Uuid::now_v7())))
            .await?
    );
    assert!(
        !ground
            .store
            .record_card(&record(&slow, sent(11, "older"), Some(outbox_id)))
            .await?
    );
    assert_eq!(shown(&ground, &first.key).await?, ["11"]);
    assert!(ground.store.outbox_is_open(outbox_id).await?);
    Ok(())
}

/// The press on a first message, whose sender seemed to be dead, made it the card before the second was recorded.
#[tokio::test]
async fn send_that_finds_another_card_is_a_copy_and_leaves_its_row_open() -> Result<()> {
    let (ground, id, outbox_id) = invited().await?;
    let writer = lease(id, BOB);
    take(&ground.store, &writer).await?;
    ground.store.adopt_message(&writer.key, message(11)).await?;
    assert!(
        !ground
            .store
            .record_card(&record(&writer, sent(12, "first"), Some(outbox_id)))
            .await?
    );
    assert_eq!(shown(&ground, &writer.key).await?, ["11", "12 first"]);
    assert!(ground.store.outbox_is_open(outbox_id).await?);
    let next = take(&ground.store, &lease(id, BOB)).await?;
    assert_eq!(
        next.map(|card| card.unfinished),
        Some(false),
        "the lease is given back all the same"
    );
    Ok(())
}

#[tokio::test]
async fn unknown_message_becomes_the_card_or_a_copy_and_is_adopted_once() -> Result<()> {
    let (ground, id, _) = invited().await?;
    let key = key(id, BOB);
    for message_id in [11, 11, 12, 12, 11] {
        ground
            .store
            .adopt_message(
                &key,
                PressedMessage {
                    chat_id: BOB,
                    message_id,
                },
            )
            .await?;
    }
    assert_eq!(shown(&ground, &key).await?, ["11", "12"]);
    let card = take(&ground.store, &lease(id, BOB))
        .await?
        .expect("the card");
    assert_eq!(card.message, Some((BOB, 11)));
    assert_eq!((card.rendered, card.unfinished), (None, false));
    assert_eq!(
        card.copies,
        [CardCopy {
            message_id: 12,
            rendered: None
        }]
    );
    Ok(())
}

/// The writer died after the send; the press on what it had sent makes that message the card.
#[tokio::test]
async fn message_is_adopted_while_its_lease_runs() -> Result<()> {
    let (ground, id, outbox_id) = invited().await?;
    let writer = lease(id, BOB);
    take(&ground.store, &writer).await?;
    ground
        .store
        .adopt_message(
            &writer.key,
            PressedMessage {
                chat_id: BOB,
                message_id: 11,
            },
        )
        .await?;
    assert_eq!(take(&ground.store, &lease(id, BOB)).await?, None);
    ground
        .store
        .record_card(&record(&writer, sent(11, "first"), Some(outbox_id)))
        .await?;
    assert_eq!(shown(&ground, &writer.key).await?, ["11 first"]);
    Ok(())
}

#[tokio::test]
async fn copies_are_recorded_and_forgotten_one_by_one() -> Result<()> {
    let (ground, id, _) = invited().await?;
    let key = key(id, BOB);
    for message_id in [11, 12, 13] {
        ground
            .store
            .adopt_message(
                &key,
                PressedMessage {
                    chat_id: BOB,
                    message_id,
                },
            )
            .await?;
    }
    ground.store.record_copy(&key, 12, "new").await?;
    ground.store.forget_copy(&key, 13).await?;
    ground.store.forget_copy(&key, 99).await?;
    assert_eq!(shown(&ground, &key).await?, ["11", "12 new"]);
    Ok(())
}

#[tokio::test]
async fn message_that_is_known_of_another_event_stays_what_it_is() -> Result<()> {
    let (ground, id, _) = invited().await?;
    let other = ground
        .event("b.ics", &Draft::new("uid-b", "two", &[BOB, SAM]))
        .await?;
    for message_id in [11, 12] {
        ground
            .store
            .adopt_message(&key(id, BOB), message(message_id))
            .await?;
    }
    for message_id in [11, 12] {
        ground
            .store
            .adopt_message(&key(other, BOB), message(message_id))
            .await?;
    }
    assert_eq!(shown(&ground, &key(id, BOB)).await?, ["11", "12"]);
    assert_eq!(shown(&ground, &key(other, BOB)).await?, [""; 0]);
    // Message ids are a chat's own: Sam may have one of the same number.
    ground
        .store
        .adopt_message(&key(other, SAM), message(11))
        .await?;
    assert_eq!(shown(&ground, &key(other, SAM)).await?, ["11"]);
    Ok(())
}

#[tokio::test]
async fn copies_beyond_their_limit_are_not_taken() -> Result<()> {
    let (ground, id, _) = invited().await?;
    for message_id in 11..=30 {
        ground
            .store
            .adopt_message(&key(id, BOB), message(message_id))
            .await?;
    }
    let known = shown(&ground, &key(id, BOB)).await?.len();
    assert_eq!(i64::try_from(known)?, 1 + MAX_COPIES);
    Ok(())
}
