//! Leases: one holder for a name at a time.

use std::time::Duration;

use anyhow::Result;
use televent_store::Lease;
use uuid::Uuid;

use crate::support::Ground;

fn lease(name: &str) -> Lease {
    Lease {
        name: name.to_owned(),
        holder: Uuid::new_v4(),
        time_to_live: Duration::from_secs(30),
    }
}

#[tokio::test]
async fn lease_has_one_holder_who_can_renew_it() -> Result<()> {
    let ground = Ground::new().await?;
    let (mine, yours) = (lease("polling"), lease("polling"));
    assert!(ground.store.hold_lease(&mine).await?);
    assert!(ground.store.hold_lease(&mine).await?);
    assert!(!ground.store.hold_lease(&yours).await?);
    assert!(ground.store.hold_lease(&lease("sweeping")).await?);
    Ok(())
}

#[tokio::test]
async fn renewal_moves_the_expiry() -> Result<()> {
    let ground = Ground::new().await?;
    let mine = lease("polling");
    ground.store.hold_lease(&mine).await?;
    ground
        .sql("update leases set expires_at = now() - interval '1 second'")
        .await?;
    assert!(ground.store.hold_lease(&mine).await?);
    assert!(!ground.store.hold_lease(&lease("polling")).await?);
    Ok(())
}

#[tokio::test]
async fn lease_that_ran_out_is_taken_and_its_old_holder_is_out() -> Result<()> {
    let ground = Ground::new().await?;
    let (mine, yours) = (lease("polling"), lease("polling"));
    ground.store.hold_lease(&mine).await?;
    ground
        .sql("update leases set expires_at = now() - interval '1 second'")
        .await?;
    assert!(ground.store.hold_lease(&yours).await?);
    assert!(!ground.store.hold_lease(&mine).await?);
    // Nor can it give away what is no longer its own.
    ground.store.release_lease(&mine).await?;
    assert!(!ground.store.hold_lease(&lease("polling")).await?);
    Ok(())
}

#[tokio::test]
async fn released_lease_is_free_at_once() -> Result<()> {
    let ground = Ground::new().await?;
    let (mine, yours) = (lease("polling"), lease("polling"));
    ground.store.hold_lease(&mine).await?;
    ground.store.release_lease(&mine).await?;
    assert!(ground.store.hold_lease(&yours).await?);
    Ok(())
}

#[tokio::test]
async fn of_two_takers_at_once_one_holds_it() -> Result<()> {
    let ground = Ground::new().await?;
    let (mine, yours) = (lease("polling"), lease("polling"));
    let gate = "insert into leases values ('polling', gen_random_uuid(), now())";
    let (a, b) = ground
        .race(
            gate,
            ground.store.hold_lease(&mine),
            ground.store.hold_lease(&yours),
        )
        .await?;
    assert_ne!(a?, b?, "one of them must have it");
    Ok(())
}
