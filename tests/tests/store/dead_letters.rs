//! Dead letters and the outbox rows that died with them.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use televent_store::{BrokenTry, MessageKey, NewDeadLetter, RetryOutcome, Tries, Trouble};
use uuid::Uuid;

use crate::support::{BOB, Draft, Ground};

fn letter(outbox_id: Option<Uuid>) -> NewDeadLetter<'static> {
    NewDeadLetter {
        id: Uuid::now_v7(),
        stream: "INVITES",
        subject: "televent.invite.x.98765",
        message_id: "message",
        payload: json!({ "v": 1 }),
        reason: "400: can't parse entities",
        deliveries: 7,
        published_at: None,
        outbox_id,
    }
}

async fn retry(ground: &Ground, id: Uuid) -> Result<RetryOutcome> {
    Ok(ground.store.retry_dead_letter(id, "UPDATES").await?)
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
    assert_eq!(ground.store.count_dead_letters().await?, 1);
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

    assert_eq!(retry(&ground, dead.id).await?, RetryOutcome::Retried);
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
    assert_eq!(retry(&ground, dead.id).await?, RetryOutcome::NoSuchLetter);
    Ok(())
}

#[tokio::test]
async fn dropped_letter_completes_its_row() -> Result<()> {
    let ground = Ground::new().await?;
    let id = published_row(&ground).await?;
    let dead = letter(Some(id));
    ground.store.add_dead_letter(&dead).await?;
    assert!(ground.store.drop_dead_letter(dead.id).await?);
    assert_eq!(ground.store.count_dead_letters().await?, 0);
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
    assert_eq!(
        ground.store.dead_letter_ids().await?.last(),
        Some(&letters[0].id)
    );
    assert_eq!(
        retry(&ground, letters[0].id).await?,
        RetryOutcome::NothingToSend,
        "of an invitation only its row tells what to send"
    );
    assert!(ground.store.drop_dead_letter(letters[0].id).await?);
    assert_eq!(ground.store.count_dead_letters().await?, 2);
    Ok(())
}

#[tokio::test]
async fn letter_tells_what_its_message_has_been_through() -> Result<()> {
    let ground = Ground::new().await?;
    let id = published_row(&ground).await?;
    for error in ["timed out", "500"] {
        ground
            .store
            .note_outbox_failure(id, Duration::ZERO, error)
            .await?;
    }
    ground.store.defer_outbox(id, Duration::ZERO).await?;
    ground.store.mark_published(&[(id, 1)]).await?;
    ground
        .sql("update outbox_messages set due_at = now() - interval '1 day', created_at = '2026-01-02 03:04:05Z'")
        .await?;
    assert_eq!(ground.store.sweep_outbox().await?, 1);
    let first = letter(Some(id));
    ground.store.add_dead_letter(&first).await?;

    let kept = ground
        .store
        .dead_letter(first.id)
        .await?
        .expect("it is there");
    let expected = Tries {
        failed: Some(2),
        last_error: Some("500".to_owned()),
        publications: Some(3),
        sweeps: Some(1),
        ..Tries::default()
    };
    assert_eq!(kept.tries.as_deref(), Some(&expected));
    let written = kept.first_seen_at.expect("it is known");
    assert_eq!(written.to_rfc3339(), "2026-01-02T03:04:05+00:00");
    assert_eq!((kept.retries, kept.history.len()), (0, 0));

    // Retried twice, it comes back each time, and shows what was.
    let mut last = first.id;
    for retries in 1..=2 {
        assert_eq!(retry(&ground, last).await?, RetryOutcome::Retried);
        let again = NewDeadLetter {
            reason: "still refused",
            deliveries: 1,
            ..letter(Some(id))
        };
        ground.store.add_dead_letter(&again).await?;
        let kept = ground
            .store
            .dead_letter(again.id)
            .await?
            .expect("it is back");
        assert_eq!(kept.retries, retries);
        assert_eq!(kept.first_seen_at, Some(written));
        let history = &kept.history;
        assert_eq!(history.len(), usize::try_from(retries)?);
        assert_eq!(
            (history[0].reason.as_str(), history[0].deliveries),
            (first.reason, 7)
        );
        assert_eq!(history[0].tries.as_ref(), Some(&expected));
        assert_eq!(
            kept.tries.as_deref().map(|tries| tries.failed),
            Some(Some(0)),
            "its tries are counted anew"
        );
        last = again.id;
    }
    Ok(())
}

#[tokio::test]
async fn history_is_bounded() -> Result<()> {
    let ground = Ground::new().await?;
    let id = published_row(&ground).await?;
    for n in 0..25 {
        let reason = format!("for the {n}th time");
        let letter = NewDeadLetter {
            reason: &reason,
            ..letter(Some(id))
        };
        ground.store.add_dead_letter(&letter).await?;
        assert_eq!(retry(&ground, letter.id).await?, RetryOutcome::Retried);
    }
    let last = letter(Some(id));
    ground.store.add_dead_letter(&last).await?;
    let kept = ground
        .store
        .dead_letter(last.id)
        .await?
        .expect("it is there");
    assert_eq!((kept.retries, kept.history.len()), (25, 20));
    assert_eq!(kept.history[0].reason, "for the 5th time");
    Ok(())
}

#[tokio::test]
async fn update_that_is_retried_waits_to_be_published_under_a_new_message_id() -> Result<()> {
    let ground = Ground::new().await?;
    let update = |payload| NewDeadLetter {
        stream: "UPDATES",
        subject: "televent.update.98765",
        message_id: "1000-500",
        payload,
        ..letter(None)
    };
    let (json, text) = (update(json!({ "v": 9 })), update(json!("no json")));
    for (letter, expected) in [
        (&json, ("1000-500.1", r#"{"v": 9}"#)),
        (&text, ("1000-500.2", "no json")),
    ] {
        ground.store.add_dead_letter(letter).await?;
        assert_eq!(retry(&ground, letter.id).await?, RetryOutcome::Retried);
        let waiting = ground.store.received_updates(10).await?;
        let last = waiting.last().expect("it waits");
        assert_eq!(last.subject, letter.subject);
        assert_eq!(
            (last.message_id.as_str(), str::from_utf8(&last.payload)?),
            expected
        );
    }
    Ok(())
}

#[tokio::test]
async fn tries_that_end_leave_nothing_and_those_that_do_not_are_counted() -> Result<()> {
    let ground = Ground::new().await?;
    let id = published_row(&ground).await?;
    let key = MessageKey {
        stream: "INVITES",
        message_id: "message",
        outbox_id: Some(id),
    };
    let store = &ground.store;
    let trouble = |unended, timeouts| Trouble { unended, timeouts };
    assert_eq!(store.trouble(&key).await?, trouble(0, 0));
    // It ends, and has to wait.
    store.begin_try(&key).await?;
    store.end_try(&key, false).await?;
    assert_eq!(store.trouble(&key).await?, trouble(0, 0));
    // Its process dies.
    store.begin_try(&key).await?;
    assert_eq!(store.trouble(&key).await?, trouble(1, 0));
    // It runs out of time, once noted and once not; then it panics.
    store.begin_try(&key).await?;
    for begun in [true, false] {
        store
            .note_broken_try(&key, BrokenTry::TimedOut, begun, "too slow")
            .await?;
    }
    assert_eq!(store.trouble(&key).await?, trouble(1, 2));
    for begun in [true, false] {
        if begun {
            store.begin_try(&key).await?;
        }
        store
            .note_broken_try(&key, BrokenTry::Panicked, begun, "panic")
            .await?;
    }
    assert_eq!(store.trouble(&key).await?, trouble(3, 2));
    // It goes back to the outbox, which is an end and not the end of it.
    store.begin_try(&key).await?;
    store.end_try(&key, true).await?;
    assert_eq!(store.trouble(&key).await?, trouble(3, 2));
    let dead = letter(Some(id));
    store.add_dead_letter(&dead).await?;
    let kept = store.dead_letter(dead.id).await?.expect("it is there");
    let tries = kept.tries.expect("they are known");
    assert_eq!((tries.unended, tries.timeouts), (3, 2));
    assert_eq!(tries.last_error.as_deref(), Some("panic"));
    // An operator's retry begins anew.
    assert_eq!(retry(&ground, dead.id).await?, RetryOutcome::Retried);
    assert_eq!(store.trouble(&key).await?, trouble(0, 0));
    store.begin_try(&key).await?;
    store.settle_outbox(id).await?;
    store.end_try(&key, true).await?;
    let rows = ground
        .rows("select message_id from troubled_messages")
        .await?;
    assert_eq!(rows, Vec::<String>::new());
    Ok(())
}
