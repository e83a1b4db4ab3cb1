//! Updates become effects, each committed with the update's id; then the press is answered.

mod decide;
pub(crate) mod press;

use std::{sync::Arc, time::Duration};

use televent_broker::{Broker, Delivery, Outcome, RSVP, RelayWaker, UpdateMessage, run_consumer};
use televent_calendar::InternalDomain;
use televent_runtime::Backoff;
use televent_store::{PressRecord, Store, StoreError};
use televent_telegram::{
    Answer, BotApi, CallError, CallbackData, Incoming, IncomingKind, Press, parse_update,
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, warn};

use crate::bot;

/// Waits between tries while Postgres is away.
const BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(200),
    longest: Duration::from_secs(30),
};

/// Wait before the next part of what does not fit into one delivery.
const UNFINISHED_RETRY: Duration = Duration::from_millis(200);

/// Deliveries after which an update is given up. Nobody waits for an answer after some hours.
const MAX_DELIVERIES: u64 = 500;

/// Deliveries after which an update is given up of which a part is done each time: more than the largest account has parts, and
/// done before the stream forgets the update.
const MAX_PARTS: u64 = 10_000;

/// Applies updates.
pub(crate) struct Apply {
    pub(crate) store: Store,
    pub(crate) bot: BotApi,
    pub(crate) domain: InternalDomain,
    pub(crate) relay: RelayWaker,
}

/// Why an update has no effect yet.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApplyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The event kept changing under us.
    #[error("the event is being changed by others")]
    Busy,
    /// More is to be done than fits into one delivery.
    #[error("a part of it is done")]
    Unfinished,
    /// A bug: it was read when it was stored.
    #[error("the stored object can't be read: {0}")]
    Object(#[from] televent_calendar::ObjectError),
    /// A bug: a screen or a step has no JSON.
    #[error("a screen can't be written: {0}")]
    Json(#[source] serde_json::Error),
}

/// Runs the consumer until `shutdown` is cancelled.
pub async fn run_apply(
    store: Store,
    broker: Broker,
    bot: BotApi,
    domain: InternalDomain,
    relay: RelayWaker,
    shutdown: CancellationToken,
) {
    let apply = Arc::new(Apply {
        store: store.clone(),
        bot,
        domain,
        relay,
    });
    run_consumer(
        RSVP,
        broker,
        store,
        |_| None,
        move |delivery| {
            let apply = Arc::clone(&apply);
            async move { apply.handle(&delivery).await }
        },
        shutdown,
    )
    .await;
}

impl Apply {
    async fn handle(&self, delivery: &Delivery) -> Outcome {
        let message = match UpdateMessage::from_bytes(&delivery.payload) {
            Ok(message) => message,
            Err(error) => return error.outcome(delivery.deliveries),
        };
        let incoming = match parse_update(&message.update) {
            Ok(incoming) => incoming,
            // Perhaps a program that knows more can read it: then an operator retries it.
            Err(garbage) => {
                return Outcome::Dead {
                    why: garbage.to_string(),
                };
            }
        };
        match self.apply(&message, incoming).await {
            Ok(()) => Outcome::Done,
            Err(error) => after(&error, delivery.deliveries),
        }
    }

    #[tracing::instrument(level = "debug", skip_all)]
    async fn apply(&self, message: &UpdateMessage, incoming: Incoming) -> Result<(), ApplyError> {
        let Some(from) = incoming.from else {
            return Ok(());
        };
        let record = PressRecord {
            bot_id: message.bot_id,
            update_id: incoming.update_id,
            telegram_id: from.id,
            received_at: message.received_at,
        };
        match incoming.kind {
            IncomingKind::Press(press) => match press.data.parse() {
                Ok(CallbackData::Card(button)) => {
                    press::apply(self, &record, &from, &press, &button).await
                }
                Ok(CallbackData::Bot(what)) => {
                    bot::press(self, &record, &from, &press, &what).await
                }
                Err(_) => bot::press(self, &record, &from, &press, "").await,
            },
            IncomingKind::Said(said) => bot::message(self, &record, &from, said).await,
            IncomingKind::Membership { reachable } => {
                bot::membership(self, &record, reachable).await
            }
            IncomingKind::Other => Ok(()),
        }
    }
}

fn after(error: &ApplyError, deliveries: u64) -> Outcome {
    let why = error.to_string();
    match error {
        ApplyError::Object(_) | ApplyError::Json(_) => return Outcome::Dead { why },
        ApplyError::Unfinished if deliveries < MAX_PARTS => {
            return Outcome::Retry {
                after: UNFINISHED_RETRY,
                why,
            };
        }
        ApplyError::Store(StoreError::Unavailable(_))
        | ApplyError::Busy
        | ApplyError::Unfinished => {
            warn!(
                error = error as &dyn std::error::Error,
                deliveries, "an update has to wait"
            );
        }
        ApplyError::Store(_) => {
            error!(
                error = error as &dyn std::error::Error,
                deliveries, "an update can't be applied"
            );
        }
    }
    if deliveries >= MAX_DELIVERIES {
        return Outcome::Dead {
            why: format!("given up after {deliveries} deliveries: {why}"),
        };
    }
    Outcome::Retry {
        after: BACKOFF.after(deliveries),
        why,
    }
}

/// Stops the spinner on the button. What was pressed is committed already, so failing here is only a pity.
pub(crate) async fn answer_press(apply: &Apply, press: &Press, answer: &Answer) {
    match apply
        .bot
        .answer_callback_query(&press.query_id, answer)
        .await
    {
        Ok(()) => {}
        Err(CallError::QueryTooOld) => debug!("a press was answered too late for its spinner"),
        Err(error) => warn!(%error, "a press was applied and could not be answered"),
    }
}
