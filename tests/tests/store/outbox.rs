//! The outbox: claims, publication, sweeping, settling.

use std::{collections::HashSet, time::Duration};

use anyhow::{Context as _, Result};
use televent_store::{Claim, NoticeKind, NoticeSubject, Urgency};
use uuid::Uuid;

use crate::support::{ANN, BOB, BOT, Draft, Ground, SAM, notice, person};

const MINUTE: Duration = Duration::from_secs(60);
const NOW: Duration = Duration::ZERO;

/// An event whose only outbox row is for Bob; its id.
async fn one_row(ground: &Ground) -> Result<Uuid> {
    let draft = Draft::new("uid-a", "one", &[BOB]);
    ground.event("a.ics", &draft).await?;
    Ok(draft.first_notice())
}

fn ids(claims: &[Claim]) -> Vec<Uuid> {
    claims.iter().map(|claim| claim.id).collect()
}

async fn state(ground: &Ground) -> Result<Vec<String>> {
    ground
        .rows("select concat_ws(' ', state, publication, attempts, last_error) from outbox_messages order by id")
        .await
}

async fn seconds_until_due(ground: &Ground) -> Result<i64> {
    let seconds = "select round(extract(epoch from due_at - now()) / 10)::bigint::text || '0' from outbox_messages";
    let row = ground.rows(seconds).await?.pop();
    Ok(row.context("there is no row")?.parse()?)
}

#[tokio::test]
async fn claim_says_all_that_a_message_carries() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[]))
        .await?;
    let told = [notice(NoticeKind::Rsvp, ANN)];
    ground.cancel(id, 1, &told).await?;
    let claims = ground.store.claim_outbox(10, MINUTE).await?;
    let expected = Claim {
        id: told[0].id,
        subject: NoticeSubject::Card {
            kind: NoticeKind::Rsvp,
            event_id: id,
        },
        telegram_id: person(ANN),
        publication: 0,
        urgency: Urgency::Bulk,
        traceparent: None,
    };
    assert_eq!(claims, [expected]);
    Ok(())
}

#[tokio::test]
async fn two_relays_never_claim_the_same_row() -> Result<()> {
    let ground = Ground::new().await?;
    let people: Vec<i64> = (1..=40).collect();
    ground
        .event("a.ics", &Draft::new("uid-a", "one", &people))
        .await?;
    let other = televent_store::Store::connect_lazy(&ground.database.url)?;
    let mut claimed = Vec::new();
    loop {
        let (a, b) = tokio::join!(
            ground.store.claim_outbox(3, MINUTE),
            other.claim_outbox(3, MINUTE)
        );
        let (a, b) = (a?, b?);
        if a.is_empty() && b.is_empty() {
            break;
        }
        assert!(a.len() <= 3 && b.len() <= 3);
        claimed.extend(ids(&a));
        claimed.extend(ids(&b));
    }
    assert_eq!(claimed.len(), 40);
    assert_eq!(claimed.iter().collect::<HashSet<_>>().len(), 40);
    Ok(())
}

/// Locked rows are passed over, not waited for.
#[tokio::test]
async fn relay_takes_what_another_is_not_just_claiming() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB, SAM]))
        .await?;
    let mut other = ground.database.connect().await?;
    let mut claiming = sqlx::Connection::begin(&mut other).await?;
    sqlx::query("select from outbox_messages where telegram_id = $1 for update")
        .bind(BOB)
        .execute(&mut *claiming)
        .await?;
    let claims = ground.store.claim_outbox(10, MINUTE).await?;
    assert_eq!(
        claims
            .iter()
            .map(|claim| claim.telegram_id)
            .collect::<Vec<_>>(),
        [person(SAM)]
    );
    Ok(())
}

#[tokio::test]
async fn claim_keeps_others_out_until_it_runs_out() -> Result<()> {
    let ground = Ground::new().await?;
    let id = one_row(&ground).await?;
    assert_eq!(ids(&ground.store.claim_outbox(10, MINUTE).await?), [id]);
    assert_eq!(ground.store.claim_outbox(10, MINUTE).await?, []);
    ground
        .sql("update outbox_messages set due_at = now() - interval '1 second'")
        .await?;
    assert_eq!(ids(&ground.store.claim_outbox(10, MINUTE).await?), [id]);
    Ok(())
}

#[tokio::test]
async fn refused_publication_gives_the_claim_back() -> Result<()> {
    let ground = Ground::new().await?;
    let id = one_row(&ground).await?;
    ground.store.claim_outbox(10, MINUTE).await?;
    ground.store.unclaim_outbox(&[id], NOW).await?;
    assert_eq!(ids(&ground.store.claim_outbox(10, MINUTE).await?), [id]);
    ground.store.unclaim_outbox(&[id], MINUTE).await?;
    assert_eq!(ground.store.claim_outbox(10, MINUTE).await?, []);
    Ok(())
}

#[tokio::test]
async fn row_that_was_settled_before_it_was_marked_published_stays_completed() -> Result<()> {
    let ground = Ground::new().await?;
    let id = one_row(&ground).await?;
    ground.store.claim_outbox(10, MINUTE).await?;
    assert!(ground.store.outbox_is_open(id).await?);
    ground.store.settle_outbox(id).await?;
    ground.store.mark_published(&[(id, 0)]).await?;
    ground.store.unclaim_outbox(&[id], NOW).await?;
    ground.store.note_outbox_failure(id, NOW, "late").await?;
    assert_eq!(state(&ground).await?, ["completed 0 0"]);
    assert!(!ground.store.outbox_is_open(id).await?);
    assert!(
        !ground.store.outbox_is_open(Uuid::now_v7()).await?,
        "what is not there is settled"
    );
    Ok(())
}

#[tokio::test]
async fn unsettled_publication_is_swept_under_a_new_message_id() -> Result<()> {
    let ground = Ground::new().await?;
    let id = one_row(&ground).await?;
    ground.store.claim_outbox(10, NOW).await?;
    ground.store.mark_published(&[(id, 0)]).await?;
    assert_eq!(state(&ground).await?, ["published 0 0"]);
    assert_eq!(seconds_until_due(&ground).await?, 300);
    assert_eq!(ground.store.sweep_outbox().await?, 0);
    assert_eq!(ground.store.claim_outbox(10, MINUTE).await?, []);

    ground
        .sql("update outbox_messages set due_at = now() - interval '1 second'")
        .await?;
    assert_eq!(ground.store.sweep_outbox().await?, 1);
    assert_eq!(ground.store.sweep_outbox().await?, 0);
    let claims = ground.store.claim_outbox(10, MINUTE).await?;
    assert_eq!(
        claims
            .iter()
            .map(|claim| (claim.id, claim.publication))
            .collect::<Vec<_>>(),
        [(id, 1)]
    );
    Ok(())
}

#[tokio::test]
async fn each_sweep_comes_later_than_the_one_before() -> Result<()> {
    let ground = Ground::new().await?;
    let id = one_row(&ground).await?;
    for (sweeps, seconds) in [
        (0, 300),
        (1, 600),
        (3, 2_400),
        (6, 19_200),
        (7, 19_200),
        (1_000, 19_200),
    ] {
        let again = format!("update outbox_messages set state = 'pending', sweeps = {sweeps}");
        ground.sql(&again).await?;
        ground.store.mark_published(&[(id, 0)]).await?;
        assert_eq!(
            seconds_until_due(&ground).await?,
            seconds,
            "{sweeps} sweeps"
        );
    }
    Ok(())
}

#[tokio::test]
async fn failed_tries_are_counted_and_keep_the_sweeper_away() -> Result<()> {
    let ground = Ground::new().await?;
    let id = one_row(&ground).await?;
    ground.store.claim_outbox(10, MINUTE).await?;
    // A fast consumer fails before the relay has noted the publication; the claim stays as it is.
    assert_eq!(
        ground
            .store
            .note_outbox_failure(id, MINUTE * 60, "500")
            .await?,
        1
    );
    assert_eq!(state(&ground).await?, ["pending 0 1 500"]);
    assert_eq!(seconds_until_due(&ground).await?, 60);

    ground.store.mark_published(&[(id, 0)]).await?;
    assert_eq!(
        ground
            .store
            .note_outbox_failure(id, MINUTE * 60, "429")
            .await?,
        2
    );
    assert_eq!(
        ground
            .store
            .note_outbox_failure(id, MINUTE * 60, "429 again")
            .await?,
        3
    );
    assert_eq!(state(&ground).await?, ["published 0 3 429 again"]);
    assert_eq!(seconds_until_due(&ground).await?, 3_900);

    ground.store.settle_outbox(id).await?;
    assert_eq!(state(&ground).await?, ["completed 0 3"]);
    Ok(())
}

#[tokio::test]
async fn counts_are_of_what_is_unsettled() -> Result<()> {
    let ground = Ground::new().await?;
    let draft = Draft::new("uid-a", "one", &[1, 2, 3, 4]);
    ground.event("a.ics", &draft).await?;
    ground
        .store
        .mark_published(&[(draft.notices[0].id, 0), (draft.notices[1].id, 0)])
        .await?;
    ground.store.settle_outbox(draft.notices[1].id).await?;
    let counts = ground.store.figures().await?;
    assert_eq!((counts.pending, counts.published), (2, 1));
    assert_eq!(ground.store.count_dead_letters().await?, 0);
    Ok(())
}

#[tokio::test]
async fn purge_takes_what_nobody_will_ask_for_again() -> Result<()> {
    let ground = Ground::new().await?;
    let draft = Draft::new("uid-a", "one", &[1, 2, 3]);
    ground.event("a.ics", &draft).await?;
    let [old, fresh, pending] = [0, 1, 2].map(|index| draft.notices[index].id);
    for id in [old, fresh] {
        ground.store.settle_outbox(id).await?;
    }
    ground
        .sql(&format!(
            "update outbox_messages set settled_at = now() - interval '25 hours' where id = '{old}'"
        ))
        .await?;
    ground.sql(&format!("update outbox_messages set created_at = now() - interval '1 year' where id = '{pending}'")).await?;
    for update_id in [1, 2] {
        ground.store.note_update(BOT, update_id).await?;
    }
    ground.sql("update processed_updates set processed_at = now() - interval '15 days' where update_id = 1").await?;

    assert_eq!(ground.store.purge().await?, 2);
    assert_eq!(ground.store.purge().await?, 0);
    assert_eq!(
        ground
            .rows("select id::text from outbox_messages order by id")
            .await?,
        [fresh.to_string(), pending.to_string()]
    );
    assert_eq!(
        ground
            .rows("select update_id::text from processed_updates")
            .await?,
        ["2"]
    );
    Ok(())
}
