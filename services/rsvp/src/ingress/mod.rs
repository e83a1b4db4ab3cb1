//! Updates of the Bot API come in, by webhook or by long polling, and are stored before Telegram is told that we have them: in
//! JetStream, or in Postgres while JetStream is away. Telegram keeps a press for 150 seconds only, so nothing else is done here.

mod polling;
mod webhook;

use chrono::Utc;
use serde_json::Value;
use televent_broker::{NotStored, StoredIn, UpdateIntake, UpdateMessage};
use televent_runtime::{Failpoint, trace, without_quotations};
use televent_store::ReceivedUpdate;
use televent_telegram::{IncomingKind, essentials, parse_update};
use tracing::{Instrument as _, Span, field::Empty, info_span, warn};

pub use polling::run_polling;
pub use webhook::{WEBHOOK_PATH, keep_webhook_registered, webhook_router};

/// The largest message that is stored of an update. Of what we know, the essentials have a few kilobytes.
const MAX_STORED_BYTES: usize = 64 * 1024;

/// Takes updates in. Cheap to clone.
#[derive(Clone)]
pub struct Ingress {
    /// Where they are stored.
    pub intake: UpdateIntake,
    /// Whose update ids these are.
    pub bot_id: i64,
}

impl Ingress {
    /// Stores an update: its essentials, or, where they can't be read, all of it, so that whoever applies it gives it up with its
    /// reason. Kinds that nobody acts on, and what is no update at all, are done with at once.
    ///
    /// # Errors
    /// When it is stored nowhere; it must be delivered again.
    pub(crate) async fn accept(&self, update: &Value) -> Result<(), NotStored> {
        let span = info_span!(
            "receive update",
            otel.kind = "producer",
            otel.status_code = Empty,
            messaging.system = "nats",
            messaging.operation.type = "send",
            messaging.operation.name = "publish",
        );
        self.store(update).instrument(span).await
    }

    async fn store(&self, update: &Value) -> Result<(), NotStored> {
        let read = essentials(update).and_then(|kept| Ok((parse_update(&kept)?, kept)));
        let (update_id, from, kept) = match read {
            Ok((incoming, _)) if incoming.kind == IncomingKind::Other => {
                count("ignored");
                return Ok(());
            }
            Ok((incoming, kept)) => (incoming.update_id, incoming.from, kept),
            Err(garbage) => {
                let Some(update_id) = garbage.update_id else {
                    note_garbage(None, &garbage.why);
                    return Ok(());
                };
                count("garbage");
                (update_id, None, update.clone())
            }
        };
        let message = UpdateMessage {
            bot_id: self.bot_id,
            received_at: Utc::now(),
            update: kept,
        };
        let payload = match message.to_bytes() {
            Ok(payload) if payload.len() <= MAX_STORED_BYTES => payload,
            Ok(_) => {
                note_garbage(Some(update_id), "it is too large");
                return Ok(());
            }
            Err(error) => {
                note_garbage(Some(update_id), &error.to_string());
                return Ok(());
            }
        };
        Failpoint::UpdateReceived.reached();
        let stored = self
            .intake
            .store(&ReceivedUpdate {
                message_id: message.message_id(update_id),
                subject: UpdateMessage::subject(from.map(|from| from.id)),
                payload,
                traceparent: trace::current(),
            })
            .await;
        count(match &stored {
            Ok(StoredIn::JetStream) => "stored",
            Ok(StoredIn::Postgres) => "stored_in_postgres",
            Err(_) => "not_stored",
        });
        if stored.is_err() {
            Span::current().record("otel.status_code", "ERROR");
        }
        Failpoint::UpdateStored.reached();
        stored.map(|_| ())
    }
}

/// What is no update, or no update of Telegram's, is logged without its content, and counted.
pub(crate) fn note_garbage(update_id: Option<i64>, why: &str) {
    count("garbage");
    warn!(
        telegram.update_id = update_id,
        why = without_quotations(why),
        "an update can't be read and is dropped"
    );
}

fn count(outcome: &'static str) {
    metrics::counter!("televent_updates_total", "outcome" => outcome).increment(1);
}
