//! The relay: takes pending outbox rows and publishes them. Every process that writes runs one, woken
//! in-process right after its commits; the slow poll finds what another process left behind, and when what waits is due.
//!
//! Where the bot's messages are limited, only what can be sent soon is published: the queue waits in Postgres, where what is
//! urgent can go first and nobody stands behind somebody else's five hundred cards.

use std::{sync::Arc, time::Duration};

use televent_runtime::{Backoff, Failpoint, config::Limits};
use televent_store::{Claim, HOUSEKEEPING_BATCH, SHORTEST_DEFERRAL, Store, StoreError};
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};
use uuid::Uuid;

use crate::{Broker, BrokerError, InviteMessage, connection::Publication, provision::INVITES};

/// Rows taken at once, and publishes in flight.
const BATCH: i64 = 256;

/// How long claimed rows are kept from other relays. Longer than the time-out of a publish, and no longer than needed: what a relay
/// has claimed without hearing of it, because Postgres broke off, waits for so long.
const CLAIM_FOR: Duration = Duration::from_secs(10);

/// How long acks are waited for once a shutdown was asked for. Then the rows are given back, so that others need not wait until the
/// claim runs out.
const ACKS_AT_SHUTDOWN: Duration = Duration::from_secs(1);

/// How often the outbox is looked at without being woken: what is given back is seen here before it is due.
const SAFETY_POLL: Duration = SHORTEST_DEFERRAL;

/// How often the outbox is looked at while something in it is due and has to wait for its turn.
const TURN_POLL: Duration = Duration::from_millis(50);

/// How much of an urgency is published ahead, as the time that it takes to send it: long enough that the next claim comes in time.
const WINDOW: Duration = Duration::from_secs(1);

/// The bounds of the window, in rows: with its two windows and what somebody waits for, a notifier is not full.
const WINDOW_ROWS: std::ops::RangeInclusive<u32> = 10..=200;

/// How often rows that were published and never settled are looked for, and old ones deleted.
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(30);

/// Batches that one round of housekeeping does at most.
const MAX_HOUSEKEEPING_BATCHES: u32 = 100;

/// How much longer than a claim has taken the next one is put off: where many write at once, a relay wakes for many of them together,
/// and Postgres has its time for them. While there is little to do it takes a millisecond.
const REST_PER_CLAIM: u32 = 4;

/// The same while something waits for its turn, since each claim reads all of that.
const REST_PER_CLAIM_BEHIND: u32 = 20;

/// How long that is at most: half the time that the largest window takes at a thousand messages a second.
const LONGEST_REST: Duration = Duration::from_millis(100);

/// How long a server that does not wait for its disk may take to write what it has acknowledged; it takes some milliseconds.
const WRITTEN_WITHIN: Duration = Duration::from_secs(2);

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
        Failpoint::Committed.reached();
        self.0.notify_one();
    }
}

/// How much is published ahead of what the bot may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayWindow {
    /// Everything: the bot has no limits.
    Everything,
    /// As many rows of an urgency.
    Rows(u32),
}

impl RelayWindow {
    /// For a bot with these limits.
    #[must_use]
    pub fn of(limits: &Limits) -> Self {
        if limits.are_lifted() {
            return Self::Everything;
        }
        let most = *WINDOW_ROWS.end();
        // Where only chats are limited, there is nothing else to go by.
        let rows = limits.messages_per_second.map_or(most, |rate| {
            let seconds = u32::try_from(WINDOW.as_secs()).unwrap_or(1);
            rate.get().saturating_mul(seconds)
        });
        Self::Rows(rows.clamp(*WINDOW_ROWS.start(), most))
    }
}

/// Publishes, and keeps the outbox in order, until `shutdown` is cancelled.
pub async fn run_relay(
    store: Store,
    broker: Broker,
    waker: RelayWaker,
    window: RelayWindow,
    shutdown: CancellationToken,
) {
    let publisher = Publisher {
        store: &store,
        broker: &broker,
        window,
        shutdown: &shutdown,
    };
    tokio::join!(
        publisher.run(&waker),
        // Also while NATS is away: then its figures matter most.
        keep_house(&store, &broker, &shutdown),
    );
}

struct Publisher<'a> {
    store: &'a Store,
    broker: &'a Broker,
    window: RelayWindow,
    shutdown: &'a CancellationToken,
}

impl Publisher<'_> {
    async fn run(&self, waker: &RelayWaker) {
        let mut failures = 0;
        // When to look again without being woken.
        let mut look_at = Instant::now();
        let mut latest = Latest::default();
        loop {
            tokio::select! {
                () = tokio::time::sleep(latest.rest()) => {}
                () = self.shutdown.cancelled() => return,
            }
            let look = if failures == 0 {
                look_at
            } else {
                Instant::now() + BACKOFF.after(failures)
            };
            let is_woken = tokio::select! {
                () = waker.0.notified(), if failures == 0 => true,
                () = tokio::time::sleep_until(look) => false,
                () = self.shutdown.cancelled() => return,
            };
            // Without a broker nothing is claimed: the rows wait where they are.
            tokio::select! {
                () = self.broker.until_ready() => {}
                () = self.shutdown.cancelled() => return,
            }
            match self.round(is_woken, &mut latest).await {
                Ok(look_in) => {
                    failures = 0;
                    if let Some(look_in) = look_in {
                        look_at = Instant::now() + look_in;
                    }
                }
                Err(error) => {
                    failures += 1;
                    warn!(
                        error = &error as &dyn std::error::Error,
                        failures, "the outbox can't be published now"
                    );
                    self.broker.look_after();
                }
            }
        }
    }

    /// Publishes what there is. Returns after how long to look again: when the next row is due, at the latest after a poll, which
    /// comes sooner than anything that has been given back meanwhile. `None` is when it was said before, where whoever has written a
    /// row that is due wakes us.
    async fn round(
        &self,
        is_woken: bool,
        latest: &mut Latest,
    ) -> Result<Option<Duration>, RelayError> {
        let connection = self.broker.connection();
        if latest.connection != connection {
            publish_again_what_is_lost(self.store, self.broker, latest.unwritten()).await?;
            latest.connection = connection;
        }
        self.drain(latest).await?;
        if is_woken && self.window == RelayWindow::Everything {
            return Ok(None);
        }
        let due_in = self.store.outbox_due_in().await?;
        let is_due = due_in.is_some_and(|due_in| due_in.is_zero());
        latest.is_behind = is_due && self.window != RelayWindow::Everything;
        Ok(Some(due_in.map_or(SAFETY_POLL, |due_in| {
            due_in.clamp(TURN_POLL, SAFETY_POLL)
        })))
    }

    /// Returns when a shutdown was asked for, and acks have had time to come all the same.
    async fn acks_are_late(&self) {
        self.shutdown.cancelled().await;
        tokio::time::sleep(ACKS_AT_SHUTDOWN).await;
    }

    /// Publishes batches until one is not full: then nothing is pending that can be sent soon, but for what stands behind more than a
    /// batch of one person's, which has its turn at the next look. Where all is published that there is, the next batch is claimed
    /// while one is on its way.
    async fn drain(&self, latest: &mut Latest) -> Result<(), RelayError> {
        let Latest {
            published_at,
            claim_took,
            ..
        } = latest;
        let mut claims = self.claim(claim_took).await?;
        while !claims.is_empty() {
            let is_full = i64::try_from(claims.len()).is_ok_and(|taken| taken >= BATCH);
            let publish = self.publish(claims, published_at);
            let (published, next) = match self.window {
                RelayWindow::Everything if is_full => {
                    tokio::join!(publish, self.claim(claim_took))
                }
                // What may be sent soon is known when these are marked.
                RelayWindow::Rows(_) if is_full => {
                    publish.await?;
                    (Ok(()), self.claim(claim_took).await)
                }
                _ => (publish.await, Ok(Vec::new())),
            };
            if published.is_err() || self.shutdown.is_cancelled() {
                let next = ids(&next.unwrap_or_default());
                self.store.unclaim_outbox(&next, Duration::ZERO).await?;
                return published;
            }
            claims = next?;
        }
        Ok(())
    }

    /// Claims a batch, and notes how long that has taken.
    async fn claim(&self, took: &mut Duration) -> Result<Vec<Claim>, RelayError> {
        let asked_at = Instant::now();
        let claims = match self.window {
            RelayWindow::Everything => self.store.claim_outbox(BATCH, CLAIM_FOR).await?,
            RelayWindow::Rows(window) => {
                let window = i64::from(window);
                self.store
                    .claim_outbox_within(window, BATCH, CLAIM_FOR)
                    .await?
            }
        };
        *took = asked_at.elapsed();
        if !claims.is_empty() {
            Failpoint::RelayClaimed.reached();
        }
        Ok(claims)
    }

    /// Publishes a batch and marks it, and notes when something of it was published.
    async fn publish(
        &self,
        claims: Vec<Claim>,
        published_at: &mut Option<Instant>,
    ) -> Result<(), RelayError> {
        let ids = ids(&claims);
        let (published, refused) = tokio::select! {
            outcome = publish(self.broker, claims) => outcome,
            // Whoever publishes them next does so under the same ids.
            () = self.acks_are_late() => (Vec::new(), Some((ids, BrokerError::Stopping))),
        };
        debug!(rows = published.len(), "published from the outbox");
        metrics::counter!("televent_outbox_published_total").increment(published.len() as u64);
        Failpoint::RelayPublished.reached();
        if !published.is_empty() {
            *published_at = Some(Instant::now());
        }
        self.store.mark_published(&published).await?;
        Failpoint::RelayMarked.reached();
        if let Some((ids, error)) = refused {
            self.store.unclaim_outbox(&ids, Duration::ZERO).await?;
            return Err(error.into());
        }
        Ok(())
    }
}

fn ids(claims: &[Claim]) -> Vec<Uuid> {
    claims.iter().map(|claim| claim.id).collect()
}

/// What a relay has published last, and by which connection: after a new one the server may be another, or one that has died with what
/// it had not written.
#[derive(Default)]
struct Latest {
    connection: u64,
    published_at: Option<Instant>,
    claim_took: Duration,
    /// Whether something was due and had to wait for its turn: then there is no use in a claim for each row that comes.
    is_behind: bool,
}

impl Latest {
    /// Since when a server may not have written what was published.
    fn unwritten(&self) -> Duration {
        self.published_at
            .map_or(Duration::ZERO, |at| at.elapsed() + WRITTEN_WITHIN)
    }

    /// How long to leave Postgres to others.
    fn rest(&self) -> Duration {
        if self.is_behind {
            (self.claim_took * REST_PER_CLAIM_BEHIND).clamp(TURN_POLL, LONGEST_REST)
        } else {
            TURN_POLL.min(self.claim_took * REST_PER_CLAIM)
        }
    }
}

/// Makes rows pending again that were published before the stream was made anew, or within `unwritten` of now. JetStream drops, by their
/// ids, those that it still has.
async fn publish_again_what_is_lost(
    store: &Store,
    broker: &Broker,
    unwritten: Duration,
) -> Result<(), RelayError> {
    let made_at = broker.made_at(INVITES).await?;
    let rows = store.publish_again(made_at, unwritten).await?;
    if rows > 0 {
        info!(rows, "published again what NATS may have lost");
        metrics::counter!("televent_outbox_swept_total").increment(rows);
    }
    Ok(())
}

async fn keep_house(store: &Store, broker: &Broker, shutdown: &CancellationToken) {
    loop {
        let tidied = tokio::select! {
            tidied = tidy(store, broker) => tidied,
            () = shutdown.cancelled() => return,
        };
        if let Err(error) = tidied {
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

/// Why what waits in Postgres is not published now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RelayError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Broker(#[from] BrokerError),
}

/// Publishes a batch. Returns the publications that are stored, and those that are not with the first reason.
async fn publish(
    broker: &Broker,
    claims: Vec<Claim>,
) -> (Vec<(Uuid, i32)>, Option<(Vec<Uuid>, BrokerError)>) {
    let mut unwritable = None;
    let mut publications = Vec::with_capacity(claims.len());
    for claim in claims {
        let id = claim.id;
        match publication(claim) {
            Ok(publication) => publications.push(publication),
            Err(error) => unwritable = Some((vec![id], error)),
        }
    }
    let (published, refused) = broker.publish_all(publications).await;
    let refused = refused.map(|(claims, error)| {
        let ids = claims.into_iter().map(|(id, _)| id).collect();
        (ids, error)
    });
    (published, refused.or(unwritable))
}

fn publication(claim: Claim) -> Result<Publication<(Uuid, i32)>, BrokerError> {
    let message = InviteMessage::from(&claim);
    let payload = message
        .to_bytes()
        .map_err(|error| BrokerError::Publish(error.to_string()))?;
    Ok(Publication {
        key: claim.publication(),
        subject: message.subject(),
        message_id: message_id(&claim),
        payload,
        traceparent: claim.traceparent,
    })
}

/// The outbox id; with a suffix where the row is deliberately published anew, so that JetStream does
/// not take that for a repeat.
fn message_id(claim: &Claim) -> String {
    match claim.publication {
        0 => claim.id.to_string(),
        again => format!("{}.{again}", claim.id),
    }
}

async fn tidy(store: &Store, broker: &Broker) -> Result<(), RelayError> {
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
    // A stream that somebody has deleted was made anew without a new connection. Last, since all else needs no NATS.
    if broker.ready().is_ok() {
        publish_again_what_is_lost(store, broker, Duration::ZERO).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn window_is_a_second_of_the_rate_within_bounds() {
        for (rate, expected) in [(1, 10), (30, 30), (1_000, 200)] {
            let limits = Limits {
                messages_per_second: NonZeroU32::new(rate),
                ..Limits::NONE
            };
            assert_eq!(RelayWindow::of(&limits), RelayWindow::Rows(expected));
        }
        let only_chats = Limits {
            chat_messages_per_second: NonZeroU32::new(1),
            ..Limits::NONE
        };
        assert_eq!(RelayWindow::of(&only_chats), RelayWindow::Rows(200));
        assert_eq!(RelayWindow::of(&Limits::NONE), RelayWindow::Everything);
    }
}
