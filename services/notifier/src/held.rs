//! The right to write a card: for how long it is had, what is recorded under it, and how it is given back.

use std::time::Duration;

use televent_broker::InviteMessage;
use televent_runtime::{Backoff, Failpoint};
use televent_store::{
    CardKey, CardLease, CardRecord, CardRequest, CardState, SentCard, StoreError, Urgency,
};
use televent_telegram::{CALL_TIMEOUT, CallError};
use tokio::time::Instant;
use tracing::{debug, warn};
use uuid::Uuid;

use crate::{
    calls::Turn,
    deliver::{DeliverError, Notifier},
};

/// How long a card is ours: two calls to Telegram and time to record them. JetStream's ack wait is longer.
pub(crate) const LEASE: Duration = Duration::from_secs(45);

/// What must be left of the lease before a call is begun: the call, and time to record it.
const NEEDED_FOR_A_CALL: Duration = CALL_TIMEOUT.saturating_add(Duration::from_secs(5));

/// Waits between tries to record what Telegram has done.
const RECORD_BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(100),
    longest: Duration::from_secs(2),
};

/// The right to write a card, and since when.
pub(crate) struct Held {
    pub(crate) lease: CardLease,
    since: Instant,
    urgency: Urgency,
}

impl Held {
    /// For a card of the reader: which one it is shows when it is given.
    pub(crate) fn new(message: &InviteMessage, event_id: Uuid) -> Self {
        Self {
            lease: CardLease {
                key: CardKey {
                    event_id,
                    telegram_id: message.telegram_id,
                    recurrence_id: String::new(),
                },
                holder: Uuid::new_v4(),
            },
            since: Instant::now(),
            urgency: message.urgency,
        }
    }

    pub(crate) fn turn(&self) -> Turn {
        Turn {
            urgency: self.urgency,
            since: self.since,
        }
    }
}

impl Notifier {
    /// Takes the right to write a card of a reader, the first one or that with the recurrence key `which`. Cards that nobody waits for
    /// are asked for together.
    #[tracing::instrument(level = "debug", name = "lease the card", skip_all)]
    pub(crate) async fn lease(
        &self,
        held: &Held,
        which: Option<&str>,
    ) -> Result<Option<CardState>, DeliverError> {
        let store = &self.store;
        let CardLease { key, holder } = &held.lease;
        let request = CardRequest {
            event_id: key.event_id,
            telegram_id: key.telegram_id,
            recurrence_id: which.map(str::to_owned),
            holder: *holder,
        };
        if held.urgency == Urgency::Bulk {
            let ask = |requests: Vec<CardRequest>| async move {
                told(store.lease_cards(&requests, LEASE).await)
            };
            if let Some(state) = self.leases.ask(request.clone(), ask).await {
                return Ok(state);
            }
        }
        // Should all of a gathering come here, they do so one after the other.
        let _turn = self.turn(held.urgency).await?;
        Ok(store.lease_card(&request, LEASE).await?)
    }

    /// Records what Telegram has done, patiently: forgetting a message that is out would send it twice. A card that nobody waited for
    /// is recorded `with_others` where nothing has to be said of it in the organizer's object.
    #[tracing::instrument(level = "debug", name = "record the card", skip_all)]
    pub(crate) async fn record(
        &self,
        held: &Held,
        sent: SentCard,
        settles: Option<Uuid>,
        with_others: bool,
    ) -> Result<(), DeliverError> {
        let record = CardRecord {
            lease: held.lease.clone(),
            sent,
            outbox_id: settles,
        };
        let is_gathered = with_others && held.urgency == Urgency::Bulk;
        let recorded = if is_gathered && self.record_with_others(&record).await {
            Ok(true)
        } else {
            let record = || self.store.record_card(&record);
            self.while_held(held, record).await
        };
        match recorded {
            Ok(true) => {
                Failpoint::CardRecorded.reached();
                Ok(())
            }
            Ok(false) => Err(DeliverError::Busy),
            Err(error) => Err(DeliverError::Unrecorded(error)),
        }
    }

    async fn record_with_others(&self, record: &CardRecord) -> bool {
        let store = &self.store;
        let ask =
            |records: Vec<CardRecord>| async move { told(store.record_cards(&records).await) };
        self.records.ask(record.clone(), ask).await == Some(true)
    }

    /// Gives the lease back, so that the next try need not wait until it runs out: patiently, since Postgres may have given it and
    /// broken off before it said so.
    pub(crate) async fn give_back(&self, held: &Held, why: &DeliverError) {
        let (store, lease) = (&self.store, &held.lease);
        let given_back = match why {
            DeliverError::Unrecorded(_) => return,
            DeliverError::Call(CallError::Ambiguous { .. }) => {
                let release = || store.release_unknown_card(lease);
                self.while_held(held, release).await
            }
            _ => self.while_held(held, || store.release_card(lease)).await,
        };
        if let Err(error) = given_back {
            debug!(
                error = &error as &dyn std::error::Error,
                "a lease runs out by itself"
            );
        }
    }

    /// Writes to Postgres what has become of a card, again and again as long as the lease holds.
    async fn while_held<T, F>(&self, held: &Held, write: impl Fn() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut failures = 0;
        loop {
            let error = match write().await {
                Ok(written) => return Ok(written),
                Err(error) => error,
            };
            failures += 1;
            let wait = RECORD_BACKOFF.after(failures);
            if held.since.elapsed() + wait >= LEASE || self.store.is_closed() {
                return Err(error);
            }
            warn!(
                error = &error as &dyn std::error::Error,
                failures, "what has become of a card can't be written yet"
            );
            tokio::time::sleep(wait).await;
        }
    }
}

/// What was said to all of a gathering; without that each asks by itself.
fn told<T>(answers: Result<T, StoreError>) -> Option<T> {
    answers
        .inspect_err(|error| {
            warn!(
                error = error as &dyn std::error::Error,
                "cards that were asked for together are asked for one by one"
            );
        })
        .ok()
}

/// Whether a lease that was taken then leaves time for a call, and for recording it.
pub(crate) fn allows_a_call(since: Instant) -> Result<(), DeliverError> {
    if since.elapsed() + NEEDED_FOR_A_CALL <= LEASE {
        Ok(())
    } else {
        Err(DeliverError::OutOfTime)
    }
}
