//! Long polling: one process of the fleet at a time, under a lease. Asking for the next updates is what
//! tells Telegram to forget those before, so it is done only after they are stored.
//!
//! The lease keeps polls from ending each other; it is not what keeps updates. Whoever polls confirms what it has stored itself, and
//! an update has one id, so two who poll lose and repeat nothing. Therefore a process whose lease can't be renewed, because Postgres
//! is away, goes on: nobody else can take it then. Only where a part of the fleet reaches Postgres may somebody have taken it; then
//! Telegram says so (409), and the process keeps quiet for longer and longer until it learns who holds the lease.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use serde_json::Value;
use televent_runtime::Backoff;
use televent_store::{Lease, Store};
use televent_telegram::{BotApi, CallError};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use super::Ingress;

/// How long a process that died keeps others from polling. A press is answered within its spinner only if
/// somebody else takes over soon.
const LEASE_FOR: Duration = Duration::from_secs(12);

/// How often the lease is renewed beside the poll, which may take longer than the lease lasts.
const RENEW_EVERY: Duration = Duration::from_secs(3);

/// How often a process that does not poll looks whether it may: a press shall not wait longer when another one stops.
const LEASE_RETRY: Duration = Duration::from_secs(1);

const BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(500),
    longest: Duration::from_secs(10),
};

/// Waits after a conflict while the lease can't be renewed: somebody who has it polls, and must not be disturbed; if they die, a press
/// still has time.
const CONFLICT_BACKOFF: Backoff = Backoff {
    first: Duration::from_secs(8),
    longest: Duration::from_secs(60),
};

/// Polls until `shutdown` is cancelled.
pub async fn run_polling(store: Store, bot: BotApi, ingress: Ingress, shutdown: CancellationToken) {
    let lease = Lease {
        name: format!("polling of bot {}", ingress.bot_id),
        holder: Uuid::new_v4(),
        time_to_live: LEASE_FOR,
    };
    while !shutdown.is_cancelled() {
        let held = match store.hold_lease(&lease).await {
            Ok(held) => held,
            Err(error) => {
                warn!(
                    error = &error as &dyn std::error::Error,
                    "the lease of polling can't be taken now"
                );
                false
            }
        };
        if held {
            let in_doubt = AtomicBool::new(false);
            let stop = shutdown.child_token();
            // The poll is cut off; a renewal is not: it might reach Postgres after the lease was given back, and take it again.
            let polling = async {
                tokio::select! {
                    () = poll(&bot, &ingress, &in_doubt, &shutdown) => {}
                    () = stop.cancelled() => {}
                }
                stop.cancel();
            };
            let renewing = async {
                renew_until_lost(&store, &lease, &in_doubt, &stop).await;
                stop.cancel();
            };
            tokio::join!(polling, renewing);
        }
        tokio::select! {
            () = tokio::time::sleep(LEASE_RETRY) => {}
            () = shutdown.cancelled() => {}
        }
    }
    if let Err(error) = store.release_lease(&lease).await {
        warn!(
            error = &error as &dyn std::error::Error,
            "the lease of polling runs out by itself"
        );
    }
}

/// Renews the lease; returns when somebody else has it, and between two renewals when `stop` is cancelled. While Postgres does not
/// answer, the lease is `in_doubt`.
async fn renew_until_lost(
    store: &Store,
    lease: &Lease,
    in_doubt: &AtomicBool,
    stop: &CancellationToken,
) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(RENEW_EVERY) => {}
            () = stop.cancelled() => return,
        }
        match tokio::time::timeout(RENEW_EVERY, store.hold_lease(lease)).await {
            Ok(Ok(true)) => {
                if in_doubt.swap(false, Ordering::Relaxed) {
                    info!("the lease of polling is renewed again");
                }
            }
            Ok(Ok(false)) => {
                warn!("another process polls for updates now");
                return;
            }
            Ok(Err(_)) | Err(_) => {
                if !in_doubt.swap(true, Ordering::Relaxed) {
                    warn!("the lease of polling can't be renewed; this process goes on polling");
                }
            }
        }
    }
}

/// Polls until `shutdown` is cancelled.
async fn poll(
    bot: &BotApi,
    ingress: &Ingress,
    in_doubt: &AtomicBool,
    shutdown: &CancellationToken,
) {
    info!("this process polls for updates");
    let mut failures = 0;
    let mut offset = None;
    let mut webhook_is_gone = false;
    while !shutdown.is_cancelled() {
        let round = async {
            // A webhook that is still set would refuse every poll.
            if !webhook_is_gone {
                bot.delete_webhook().await?;
                webhook_is_gone = true;
            }
            bot.get_updates(offset).await
        };
        match round.await {
            Ok(updates) => {
                failures = 0;
                if !store_updates(ingress, &updates, shutdown).await {
                    return;
                }
                // Ids begin anew somewhere after a quiet week: what is confirmed is not asked for again.
                offset = updates
                    .iter()
                    .filter_map(|update| update.get("update_id")?.as_i64())
                    .map(|id| id + 1)
                    .max();
            }
            Err(error) => {
                failures += 1;
                let wait = match &error {
                    CallError::RetryAfter(wait) => *wait,
                    CallError::Conflict { .. } if in_doubt.load(Ordering::Relaxed) => {
                        CONFLICT_BACKOFF.after(failures)
                    }
                    _ => BACKOFF.after(failures),
                };
                warn!(%error, failures, "updates can't be fetched now");
                tokio::time::sleep(wait).await;
            }
        }
    }
}

/// Stores all updates of a poll (at most a hundred) together, so that a slow server costs its patience once, and however long that
/// takes; `false` when a shutdown came first.
async fn store_updates(ingress: &Ingress, updates: &[Value], shutdown: &CancellationToken) -> bool {
    let stored: Vec<_> = updates
        .iter()
        .map(|update| store_update(ingress, update, shutdown))
        .collect();
    join_all(stored).await.into_iter().all(|stored| stored)
}

/// Stores an update, however long that takes; `false` when a shutdown came first.
async fn store_update(ingress: &Ingress, update: &Value, shutdown: &CancellationToken) -> bool {
    let mut failures = 0;
    while let Err(error) = ingress.accept(update).await {
        failures += 1;
        warn!(
            error = &error as &dyn std::error::Error,
            failures, "an update can't be stored now"
        );
        tokio::select! {
            () = tokio::time::sleep(BACKOFF.after(failures)) => {}
            () = shutdown.cancelled() => return false,
        }
    }
    true
}
