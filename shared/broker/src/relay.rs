//! The relay: takes pending outbox rows and publishes them. Every process that writes runs one, woken
//! in-process right after its commits; the slow poll finds what another process left behind.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use televent_runtime::Backoff;
use televent_store::{Claim, HOUSEKEEPING_BATCH, Store, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};
use uuid::Uuid;

use crate::{Broker, BrokerError, InviteMessage};

/// Rows taken at once, and publishes in flight.
const BATCH: i64 = 256;

/// How long claimed rows are kept from other relays. Longer than the time-out of a publish.
const CLAIM_FOR: Duration = Duration::from_secs(30);

/// How often the outbox is looked at without being woken.
const SAFETY_POLL: Duration = Duration::from_secs(2);

/// How often rows that were published and never settled are looked for, and old ones deleted.
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(30);

/// Batches that one round of housekeeping does at most.
const MAX_HOUSEKEEPING_BATCHES: u32 = 100;

/// Waits after failures.
const BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(200),
    longest: Duration::from_secs(5),
};

/// Wakes the relay of this process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct RelayWaker(Arc<Notify>);

impl RelayWaker {
    /// Says that a transaction with outbox rows is committed.
    pub fn wake(&self) {
        self.0.notify_one();
    }
}

/// Publishes, and keeps the outbox in order, until `shutdown` is cancelled.
pub async fn run_relay(
    store: Store,
    broker: Broker,
    waker: RelayWaker,
    shutdown: CancellationToken,
) {
    tokio::join!(
        keep_publishing(&store, &broker, &waker, &shutdown),
        // Also while NATS is away: then its figures matter most.
        keep_house(&store, &shutdown),
    );
}

async fn keep_publishing(
    store: &Store,
    broker: &Broker,
    waker: &RelayWaker,
    shutdown: &CancellationToken,
) {
    let mut failures = 0;
    loop {
        let pause = if failures == 0 {
            SAFETY_POLL
        } else {
            BACKOFF.after(failures)
        };
        tokio::select! {
            () = waker.0.notified(), if failures == 0 => {}
            () = tokio::time::sleep(pause) => {}
            () = shutdown.cancelled() => return,
        }
        // Without a broker nothing is claimed: the rows wait where they are.
        tokio::select! {
            () = broker.until_ready() => {}
            () = shutdown.cancelled() => return,
        }
        match drain(store, broker, shutdown).await {
            Ok(()) => failures = 0,
            Err(error) => {
                failures += 1;
                warn!(
                    error = &error as &dyn std::error::Error,
                    failures, "the outbox can't be published now"
                );
                broker.look_after();
            }
        }
    }
}

async fn keep_house(store: &Store, shutdown: &CancellationToken) {
    loop {
        if let Err(error) = tidy(store).await {
            warn!(
                error = &error as &dyn std::error::Error,
                "the outbox can't be looked after now"
            );
        }
        tokio::select! {
            () = tokio::time::sleep(HOUSEKEEPING_EVERY) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum RelayError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Broker(#[from] BrokerError),
}

/// Publishes batches until no row is pending.
async fn drain(
    store: &Store,
    broker: &Broker,
    shutdown: &CancellationToken,
) -> Result<(), RelayError> {
    while !shutdown.is_cancelled() {
        let claims = store.claim_outbox(BATCH, CLAIM_FOR).await?;
        if claims.is_empty() {
            return Ok(());
        }
        let taken = claims.len();
        let (published, refused) = publish(broker, claims).await;
        debug!(rows = published.len(), "published from the outbox");
        metrics::counter!("televent_outbox_published_total").increment(published.len() as u64);
        store.mark_published(&published).await?;
        if let Some((ids, error)) = refused {
            store.unclaim_outbox(&ids, Duration::ZERO).await?;
            return Err(error.into());
        }
        if i64::try_from(taken).unwrap_or(BATCH) < BATCH {
            return Ok(());
        }
    }
    Ok(())
}

/// Publishes a batch with all acks in flight together. Returns the ids that are stored, and those that
/// are not with the first reason.
async fn publish(
    broker: &Broker,
    claims: Vec<Claim>,
) -> (Vec<Uuid>, Option<(Vec<Uuid>, BrokerError)>) {
    let mut acks = Vec::with_capacity(claims.len());
    for claim in claims {
        acks.push((claim.id, begin(broker, claim).await));
    }
    let outcomes = join_all(acks.into_iter().map(async |(id, ack)| {
        let outcome = match ack {
            Ok(ack) => ack
                .await
                .map(|_| ())
                .map_err(|error| BrokerError::Publish(error.to_string())),
            Err(error) => Err(error),
        };
        (id, outcome)
    }))
    .await;
    let mut published = Vec::with_capacity(outcomes.len());
    let mut refused: Option<(Vec<Uuid>, BrokerError)> = None;
    for (id, outcome) in outcomes {
        match outcome {
            Ok(()) => published.push(id),
            Err(error) => refused.get_or_insert((Vec::new(), error)).0.push(id),
        }
    }
    (published, refused)
}

async fn begin(
    broker: &Broker,
    claim: Claim,
) -> Result<async_nats::jetstream::context::PublishAckFuture, BrokerError> {
    let message = InviteMessage::from(claim);
    let payload = message
        .to_bytes()
        .map_err(|error| BrokerError::Publish(error.to_string()))?;
    broker
        .begin_publish(message.subject(), &message_id(&claim), payload)
        .await
}

/// The outbox id; with a suffix where the row is deliberately published anew, so that JetStream does
/// not take that for a repeat.
fn message_id(claim: &Claim) -> String {
    match claim.publication {
        0 => claim.id.to_string(),
        again => format!("{}.{again}", claim.id),
    }
}

async fn tidy(store: &Store) -> Result<(), StoreError> {
    let mut swept = 0;
    for _ in 0..MAX_HOUSEKEEPING_BATCHES {
        let batch = store.sweep_outbox().await?;
        swept += batch;
        if batch < u64::from(HOUSEKEEPING_BATCH) {
            break;
        }
    }
    if swept > 0 {
        info!(rows = swept, "published again what was never settled");
        metrics::counter!("televent_outbox_swept_total").increment(swept);
    }
    for _ in 0..MAX_HOUSEKEEPING_BATCHES {
        if store.purge().await? < u64::from(HOUSEKEEPING_BATCH) {
            break;
        }
    }
    let counts = store.outbox_counts().await?;
    for (state, rows) in [
        ("pending", counts.pending),
        ("published", counts.published),
        ("dead", counts.dead),
    ] {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a gauge need not be exact above 2^52"
        )]
        metrics::gauge!("televent_outbox_rows", "state" => state).set(rows as f64);
    }
    Ok(())
}
