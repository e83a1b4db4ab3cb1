//! Whose free-busy times are told to whom: each chooses it, and who has not is seen by their acquaintances.

use anyhow::Result;
use televent_store::{Directory, FreeBusyVisibility};

use crate::{
    free_busy::{BOB, ask, bob},
    support::{ANN, Answer, EVENT, Ground, INBOX, PUBLIC_URL, invitation, person},
};

const BOBS: &str = "mailto:tg_98765@televent.internal";

async fn choose(ground: &Ground, visibility: FreeBusyVisibility) -> Result<()> {
    let done = ground
        .store
        .set_free_busy_visibility(person(BOB), visibility)
        .await?;
    anyhow::ensure!(done, "Bob has an account");
    Ok(())
}

/// Whether Ann is told Bob's times.
async fn is_told(ground: &Ground) -> Result<bool> {
    Ok(ask(ground, &[BOBS]).await?.text().contains("2.0;Success"))
}

/// An answer about `id`, as one about somebody else.
fn anonymous(answer: &Answer, id: i64) -> String {
    answer.shown().replace(&format!("tg_{id}@"), "tg_0@")
}

#[tokio::test]
async fn times_are_told_to_whom_their_owner_chose() -> Result<()> {
    for (visibility, to_strangers, to_acquaintances) in [
        (FreeBusyVisibility::Everyone, true, true),
        (FreeBusyVisibility::Acquaintances, false, true),
        (FreeBusyVisibility::Nobody, false, false),
    ] {
        for directory in [Directory::Acquaintances, Directory::Everyone] {
            let ground = Ground::with(PUBLIC_URL, directory).await?;
            bob(&ground).await?;
            choose(&ground, visibility).await?;
            assert_eq!(
                is_told(&ground).await?,
                to_strangers,
                "{visibility:?} {directory:?}"
            );
            ground.put(EVENT, invitation("uid-i")).await?;
            assert_eq!(
                is_told(&ground).await?,
                to_acquaintances,
                "{visibility:?} {directory:?}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn who_may_not_be_seen_looks_like_nobody() -> Result<()> {
    let ground = Ground::new().await?;
    bob(&ground).await?;
    choose(&ground, FreeBusyVisibility::Nobody).await?;
    ground.put(EVENT, invitation("uid-i")).await?;
    let nobody = ask(&ground, &["mailto:tg_4711@televent.internal"]).await?;
    assert_eq!(
        anonymous(&ask(&ground, &[BOBS]).await?, BOB),
        anonymous(&nobody, 4_711)
    );
    // The directory shows him as before.
    let answer = ground
        .propfind("/dav/principals/98765/", "0", "<d:displayname/>")
        .await?;
    assert!(
        answer.text().contains("<d:displayname>Bob<"),
        "{}",
        answer.shown()
    );
    Ok(())
}

#[tokio::test]
async fn times_that_everyone_may_see_make_nobody_found_by_name() -> Result<()> {
    let ground = Ground::new().await?;
    bob(&ground).await?;
    choose(&ground, FreeBusyVisibility::Everyone).await?;
    assert!(is_told(&ground).await?);
    let answer = ground
        .propfind("/dav/principals/98765/", "0", "<d:displayname/>")
        .await?;
    assert_eq!(answer.status, 404);
    Ok(())
}

#[tokio::test]
async fn who_was_picked_is_told_and_who_picked_is_not() -> Result<()> {
    let ground = Ground::new().await?;
    bob(&ground).await?;
    ground
        .store
        .note_picked(person(ANN), &[person(BOB)])
        .await?;
    assert!(!is_told(&ground).await?);
    ground
        .store
        .note_picked(person(BOB), &[person(ANN)])
        .await?;
    assert!(is_told(&ground).await?);
    Ok(())
}

#[tokio::test]
async fn everybody_is_told_their_own_times() -> Result<()> {
    let ground = Ground::new().await?;
    let nobody = FreeBusyVisibility::Nobody;
    ground
        .store
        .set_free_busy_visibility(person(ANN), nobody)
        .await?;
    let answer = ask(&ground, &["mailto:tg_1001@televent.internal"]).await?;
    assert!(answer.text().contains("2.0;Success"), "{}", answer.shown());
    Ok(())
}

#[tokio::test]
async fn inbox_is_no_calendar_to_be_asked_about() -> Result<()> {
    let ground = Ground::new().await?;
    let range = "<c:time-range start='20260105T000000Z' end='20260106T000000Z'/>";
    let answer = ground.report(INBOX, "c:free-busy-query", range).await?;
    assert_eq!(answer.status, 403, "{}", answer.shown());
    Ok(())
}
