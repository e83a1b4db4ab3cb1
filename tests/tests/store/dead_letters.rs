//! Dead letters and the outbox rows that died with them.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use televent_store::NewDeadLetter;
use uuid::Uuid;

use crate::support::{BOB, Draft, Ground};

fn letter(outbox_id: Option<Uuid>) -> NewDeadLetter<'static> {
    NewDeadLetter {
        id: Uuid::now_v7(),
        stream: "INVITES",
        subject: "televent.invite.x.98765",
        payload: json!({ "v": 1 }),
        reason: "400: can't parse entities",
        deliveries: 7,
        outbox_id,
    }
}

/// An event whose only outbox row is published; its id.
async fn published_row(ground: &Ground) -> Result<Uuid> {
    let draft = Draft::new("uid-a", "one", &[BOB]);
    ground.event("a.ics", &draft).await?;
    let id = draft.first_notice();
    ground.store.mark_published(&[(id, 0)]).await?;
    Ok(id)
}

async fn row(ground: &Ground) -> Result<Vec<String>> {
    ground
        .rows(
            "select concat_ws(' ', state, publication, attempts, last_error) from outbox_messages",
        )
        .await
}

#[tokio::test]
async fn given_up_message_takes_its_outbox_row_with_it() -> Result<()> {
    let ground = Ground::new().await?;
    let id = published_row(&ground).await?;
    let dead = letter(Some(id));
    ground.store.add_dead_letter(&dead).await?;

    assert_eq!(row(&ground).await?, ["dead 0 0 400: can't parse entities"]);
    let kept = ground
        .store
        .dead_letter(dead.id)
        .await?
        .expect("the letter");
    assert_eq!(
        (kept.stream.as_str(), kept.subject.as_str()),
        (dead.stream, dead.subject)
    );
    assert_eq!(
        (kept.payload, kept.reason.as_str()),
        (dead.payload, dead.reason)
    );
    assert_eq!((kept.deliveries, kept.outbox_id), (7, Some(id)));
    assert_eq!(ground.store.outbox_counts().await?.dead, 1);
    ground
        .sql("update outbox_messages set due_at = now() - interval '1 day'")
        .await?;
    assert_eq!(ground.store.sweep_outbox().await?, 0);
    assert_eq!(ground.store.claim_outbox(10, Duration::ZERO).await?, []);
    assert!(!ground.store.outbox_is_open(id).await?);
    Ok(())
}

#[tokio::test]
async fn retried_letter_makes_its_row_pending_under_a_new_message_id() -> Result<()> {
    let ground = Ground::new().await?;
    let id = published_row(&ground).await?;
    ground
        .store
        .note_outbox_failure(id, Duration::ZERO, "429")
        .await?;
    let dead = letter(Some(id));
    ground.store.add_dead_letter(&dead).await?;

    assert!(ground.store.close_dead_letter(dead.id, true).await?);
    assert!(ground.store.dead_letter(dead.id).await?.is_none());
    let claims = ground.store.claim_outbox(10, Duration::ZERO).await?;
    assert_eq!(
        claims
            .iter()
            .map(|claim| (claim.id, claim.publication))
            .collect::<Vec<_>>(),
        [(id, 1)]
    );
    assert!(
        ground
            .rows("select 'x' from outbox_messages where settled_at is not null or attempts > 0")
            .await?
            .is_empty()
    );
    assert!(
        !ground.store.close_dead_letter(dead.id, true).await?,
        "there is none any more"
    );
    Ok(())
}

#[tokio::test]
async fn dropped_letter_completes_its_row() -> Result<()> {
    let ground = Ground::new().await?;
    let id = published_row(&ground).await?;
    let dead = letter(Some(id));
    ground.store.add_dead_letter(&dead).await?;
    assert!(ground.store.close_dead_letter(dead.id, false).await?);
    assert_eq!(ground.store.outbox_counts().await?.dead, 0);
    assert_eq!(
        row(&ground).await?,
        ["completed 0 0 400: can't parse entities"]
    );
    assert_eq!(ground.store.claim_outbox(10, Duration::ZERO).await?, []);
    Ok(())
}

#[tokio::test]
async fn settled_row_does_not_die_of_a_repeat() -> Result<()> {
    let ground = Ground::new().await?;
    let id = published_row(&ground).await?;
    ground.store.settle_outbox(id).await?;
    ground.store.add_dead_letter(&letter(Some(id))).await?;
    assert_eq!(row(&ground).await?, ["completed 0 0"]);
    assert!(ground.store.dead_letters(10).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn one_row_dies_once() -> Result<()> {
    let ground = Ground::new().await?;
    let id = published_row(&ground).await?;
    let (first, second) = (letter(Some(id)), letter(Some(id)));
    let (a, b) = ground
        .race(
            "select from outbox_messages for update",
            ground.store.add_dead_letter(&first),
            ground.store.add_dead_letter(&second),
        )
        .await?;
    a?;
    b?;
    assert_eq!(ground.store.dead_letters(10).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn letters_without_a_row_are_kept_and_listed_newest_first() -> Result<()> {
    let ground = Ground::new().await?;
    let letters = [letter(None), letter(None), letter(None)];
    for (age, letter) in letters.iter().enumerate() {
        ground.store.add_dead_letter(letter).await?;
        let id = letter.id;
        ground.sql(&format!("update dead_letters set created_at = now() - interval '{age} hours' where id = '{id}'")).await?;
    }
    let listed = ground.store.dead_letters(2).await?;
    assert_eq!(
        listed.iter().map(|kept| kept.id).collect::<Vec<_>>(),
        [letters[0].id, letters[1].id]
    );
    assert!(ground.store.close_dead_letter(letters[0].id, true).await?);
    assert_eq!(ground.store.dead_letters(10).await?.len(), 2);
    Ok(())
}
