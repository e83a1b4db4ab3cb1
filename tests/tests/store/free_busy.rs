//! Who may see when somebody is busy.

use anyhow::Result;
use televent_calendar::TelegramUserId;
use televent_store::{Directory, FreeBusyVisibility};
use uuid::Uuid;

use crate::support::{ANN, BOB, Draft, Ground, SAM, account, person};

const EVERYONE: Directory = Directory::Everyone;
const ACQUAINTANCES: Directory = Directory::Acquaintances;
const NOBODY: [i64; 0] = [];

/// Was invited, and has no account.
const GUEST: i64 = 4_242;

/// Ann, Bob and Sam, who have accounts, and a guest.
async fn people() -> Result<Ground> {
    let ground = Ground::new().await?;
    for id in [BOB, SAM] {
        ground.store.add_user(&account(id, Uuid::now_v7())).await?;
    }
    ground.store.set_reachable(person(GUEST), true).await?;
    Ok(ground)
}

/// Whose times `asker` sees.
async fn seen(ground: &Ground, asker: i64, directory: Directory) -> Result<Vec<i64>> {
    let everybody = [ANN, BOB, SAM, GUEST, 31].map(person);
    let seen = ground
        .store
        .free_busy_visible(person(asker), &everybody, directory)
        .await?;
    let mut seen: Vec<i64> = seen.into_iter().map(TelegramUserId::get).collect();
    seen.sort_unstable();
    Ok(seen)
}

async fn choose(ground: &Ground, id: i64, visibility: FreeBusyVisibility) -> Result<bool> {
    let store = &ground.store;
    Ok(store
        .set_free_busy_visibility(person(id), visibility)
        .await?)
}

#[tokio::test]
async fn who_has_not_chosen_is_seen_by_whom_the_directory_says() -> Result<()> {
    let ground = people().await?;
    assert_eq!(seen(&ground, ANN, EVERYONE).await?, [ANN, SAM, BOB]);
    assert_eq!(seen(&ground, ANN, ACQUAINTANCES).await?, [ANN]);
    let lunch = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    assert_eq!(seen(&ground, ANN, ACQUAINTANCES).await?, [ANN, BOB]);
    assert_eq!(seen(&ground, BOB, ACQUAINTANCES).await?, [ANN, BOB]);
    ground.store.remove_event(lunch, 1).await?;
    assert_eq!(seen(&ground, ANN, ACQUAINTANCES).await?, [ANN]);
    Ok(())
}

#[tokio::test]
async fn who_has_chosen_is_seen_by_whom_they_chose() -> Result<()> {
    let ground = people().await?;
    ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    for (visibility, by_ann, by_sam) in [
        (FreeBusyVisibility::Everyone, true, true),
        (FreeBusyVisibility::Acquaintances, true, false),
        (FreeBusyVisibility::Nobody, false, false),
    ] {
        assert!(choose(&ground, BOB, visibility).await?);
        for directory in [EVERYONE, ACQUAINTANCES] {
            for (asker, expected) in [(ANN, by_ann), (SAM, by_sam), (BOB, true)] {
                assert_eq!(
                    seen(&ground, asker, directory).await?.contains(&BOB),
                    expected,
                    "{visibility:?} {directory:?} {asker}"
                );
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn only_accounts_choose() -> Result<()> {
    let ground = people().await?;
    assert!(!choose(&ground, GUEST, FreeBusyVisibility::Everyone).await?);
    assert!(!choose(&ground, 31, FreeBusyVisibility::Everyone).await?);
    assert_eq!(seen(&ground, ANN, ACQUAINTANCES).await?, [ANN]);
    Ok(())
}

/// Whoever could open another's calendar by picking them could open all.
#[tokio::test]
async fn the_picked_see_the_picker_and_not_the_other_way_round() -> Result<()> {
    let ground = people().await?;
    let picked = [BOB, GUEST, BOB, ANN].map(person);
    for _ in 0..2 {
        ground.store.note_picked(person(ANN), &picked).await?;
    }
    assert_eq!(
        ground
            .rows("select picker || ' ' || picked from picked_users order by 1")
            .await?,
        ["1001 4242", "1001 98765"]
    );
    assert_eq!(seen(&ground, BOB, ACQUAINTANCES).await?, [ANN, BOB]);
    assert_eq!(seen(&ground, ANN, ACQUAINTANCES).await?, [ANN]);
    assert_eq!(seen(&ground, SAM, ACQUAINTANCES).await?, [SAM]);
    // The guest sees it as soon as they have an account to ask by.
    assert_eq!(seen(&ground, GUEST, ACQUAINTANCES).await?, [ANN]);

    choose(&ground, ANN, FreeBusyVisibility::Nobody).await?;
    assert_eq!(seen(&ground, BOB, ACQUAINTANCES).await?, [BOB]);
    Ok(())
}

#[tokio::test]
async fn picks_of_strangers_are_not_noted() -> Result<()> {
    let ground = people().await?;
    ground.store.note_picked(person(31), &[person(ANN)]).await?;
    ground.store.note_picked(person(ANN), &[]).await?;
    let none = ground.rows("select picked::text from picked_users").await?;
    assert!(none.is_empty(), "{none:?}");
    assert_eq!(seen(&ground, 31, ACQUAINTANCES).await?, NOBODY);
    Ok(())
}
