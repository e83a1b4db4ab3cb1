//! Long polling: one process of the fleet at a time, under a lease. Asking for the next updates is what
//! tells Telegram to forget those before, so it is done only after they are stored.

use std::time::Duration;

use serde_json::Value;
use televent_runtime::Backoff;
use televent_store::{Lease, Store};
use televent_telegram::{BotApi, CallError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use super::Ingress;

/// How long a process that died keeps others from polling. A press is answered within its spinner only if
/// somebody else takes over soon.
const LEASE_FOR: Duration = Duration::from_secs(12);

/// How often the lease is renewed beside the poll, which may take longer than the lease lasts.
const RENEW_EVERY: Duration = Duration::from_secs(3);

/// How often a process that does not poll looks whether it may.
const LEASE_RETRY: Duration = Duration::from_secs(3);

const BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(500),
    longest: Duration::from_secs(10),
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
            tokio::select! {
                () = poll(&bot, &ingress, &shutdown) => {}
                () = renew_until_lost(&store, &lease) => {}
                () = shutdown.cancelled() => {}
            }
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

/// Renews the lease; returns when somebody else may have it.
async fn renew_until_lost(store: &Store, lease: &Lease) {
    let mut renewed = Instant::now();
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        match tokio::time::timeout(RENEW_EVERY, store.hold_lease(lease)).await {
            Ok(Ok(true)) => renewed = Instant::now(),
            Ok(Ok(false)) => {
                warn!("another process polls for updates now");
                return;
            }
            Ok(Err(_)) | Err(_) if renewed.elapsed() + 2 * RENEW_EVERY < LEASE_FOR => {}
            Ok(Err(_)) | Err(_) => {
                warn!("the lease of polling can't be renewed");
                return;
            }
        }
    }
}

/// Polls until `shutdown` is cancelled.
async fn poll(bot: &BotApi, ingress: &Ingress, shutdown: &CancellationToken) {
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
                for update in updates {
                    if !store_update(ingress, &update, shutdown).await {
                        return;
                    }
                    let id = update.get("update_id").and_then(Value::as_i64);
                    offset = id.map(|id| id + 1).max(offset);
                }
            }
            Err(error) => {
                failures += 1;
                let wait = match &error {
                    CallError::RetryAfter(wait) => *wait,
                    _ => BACKOFF.after(failures),
                };
                warn!(%error, failures, "updates can't be fetched now");
                tokio::time::sleep(wait).await;
            }
        }
    }
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
