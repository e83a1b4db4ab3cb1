//! How updates are stored: in JetStream, or in Postgres while JetStream does not take them; from there they go to JetStream when it is
//! back. Presses live for 150 seconds at Telegram, so that no single failure here may keep them out.

use std::{sync::Arc, time::Duration};

use televent_runtime::Backoff;
use televent_store::{ReceivedUpdate, Store};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{Broker, BrokerError, connection::Publication, relay::RelayError};

/// How long JetStream may take for an update: an ack comes within milliseconds, or after an election within seconds.
const JETSTREAM_PATIENCE: Duration = Duration::from_secs(2);

/// How long Postgres may take. Both together are a small part of the minute for which Telegram waits, and of the life of a press.
const POSTGRES_PATIENCE: Duration = Duration::from_secs(3);

/// Updates that are published at once.
const BATCH: i64 = 256;

/// How often it is looked for updates that another process has left in Postgres.
const SAFETY_POLL: Duration = Duration::from_secs(5);

/// Waits after failures.
const BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(200),
    longest: Duration::from_secs(5),
};

/// Where an update is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredIn {
    /// In the stream `UPDATES`.
    JetStream,
    /// In the table `received_updates`.
    Postgres,
}

/// Neither JetStream nor Postgres has confirmed an update. It may be stored all the same.
#[derive(Debug, thiserror::Error)]
#[error("JetStream: {jetstream}; Postgres: {postgres}")]
pub struct NotStored {
    /// Why not JetStream.
    pub jetstream: BrokerError,
    /// Why not Postgres.
    pub postgres: String,
}

/// Stores updates, and brings those that had to wait in Postgres to JetStream. Cheap to clone.
#[derive(Clone)]
pub struct UpdateIntake {
    store: Store,
    broker: Broker,
    /// Raised when an update was left in Postgres.
    left: Arc<Notify>,
}

impl UpdateIntake {
    /// Stores in the one or the other.
    #[must_use]
    pub fn new(store: Store, broker: Broker) -> Self {
        Self {
            store,
            broker,
            left: Arc::default(),
        }
    }

    /// Stores an update, first where it is likelier to succeed.
    ///
    /// # Errors
    /// [`NotStored`]; it must be delivered again.
    pub async fn store(&self, update: &ReceivedUpdate) -> Result<StoredIn, NotStored> {
        // What is known not to be usable is not waited for.
        if self.broker.ready().is_ok() {
            let Err(jetstream) = self.publish(update).await else {
                return Ok(StoredIn::JetStream);
            };
            let Err(postgres) = self.leave_in_postgres(update).await else {
                return Ok(StoredIn::Postgres);
            };
            return Err(NotStored {
                jetstream,
                postgres,
            });
        }
        let Err(postgres) = self.leave_in_postgres(update).await else {
            return Ok(StoredIn::Postgres);
        };
        match self.publish(update).await {
            Ok(()) => Ok(StoredIn::JetStream),
            Err(jetstream) => Err(NotStored {
                jetstream,
                postgres,
            }),
        }
    }

    async fn publish(&self, update: &ReceivedUpdate) -> Result<(), BrokerError> {
        self.broker
            .publish(
                update.subject.clone(),
                &update.message_id,
                update.payload.clone(),
                update.traceparent.as_deref(),
                JETSTREAM_PATIENCE,
            )
            .await
    }

    async fn leave_in_postgres(&self, update: &ReceivedUpdate) -> Result<(), String> {
        let stored = self.store.add_received_update(update);
        match tokio::time::timeout(POSTGRES_PATIENCE, stored).await {
            Ok(Ok(())) => {
                self.left.notify_one();
                Ok(())
            }
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer in time".to_owned()),
        }
    }

    /// Publishes the updates that wait in Postgres, whenever JetStream takes them, until `shutdown` is cancelled. Several processes may
    /// do so at once: a repeat has the same message id, and one that is older than JetStream's memory is found processed.
    pub async fn relay(self, shutdown: CancellationToken) {
        let mut failures = 0;
        loop {
            tokio::select! {
                () = self.broker.until_ready() => {}
                () = shutdown.cancelled() => return,
            }
            match self.publish_waiting().await {
                Ok(()) => failures = 0,
                Err(error) => {
                    failures += 1;
                    warn!(
                        error = &error as &dyn std::error::Error,
                        failures, "the updates in Postgres can't be published now"
                    );
                }
            }
            let pause = if failures == 0 {
                SAFETY_POLL
            } else {
                BACKOFF.after(failures)
            };
            tokio::select! {
                () = self.left.notified(), if failures == 0 => {}
                () = tokio::time::sleep(pause) => {}
                () = shutdown.cancelled() => return,
            }
        }
    }

    async fn publish_waiting(&self) -> Result<(), RelayError> {
        loop {
            let waiting = self.store.received_updates(BATCH).await?;
            if waiting.is_empty() {
                return Ok(());
            }
            let publications = waiting.into_iter().map(|update| Publication {
                key: update.message_id.clone(),
                subject: update.subject,
                message_id: update.message_id,
                payload: update.payload,
                traceparent: update.traceparent,
            });
            let (published, refused) = self.broker.publish_all(publications).await;
            if !published.is_empty() {
                self.store.forget_received_updates(&published).await?;
                info!(
                    updates = published.len(),
                    "updates that waited in Postgres are published"
                );
            }
            if let Some((_, error)) = refused {
                return Err(error.into());
            }
        }
    }
}
