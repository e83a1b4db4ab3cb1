//! Updates of the Bot API come in, by webhook or by long polling, and are stored in JetStream before
//! Telegram is told that we have them. Telegram keeps a press for 150 seconds only, so nothing else is
//! done here.

mod polling;
mod webhook;

use chrono::Utc;
use serde_json::Value;
use televent_broker::{Broker, BrokerError, UpdateMessage};
use televent_runtime::Failpoint;
use televent_telegram::{IncomingKind, essentials, parse_update};
use tracing::warn;

pub use polling::run_polling;
pub use webhook::{WEBHOOK_PATH, keep_webhook_registered, webhook_router};

/// Takes updates in. Cheap to clone.
#[derive(Clone)]
pub struct Ingress {
    /// Where they are stored.
    pub broker: Broker,
    /// Whose update ids these are.
    pub bot_id: i64,
}

impl Ingress {
    /// Stores an update. Garbage, and kinds that nobody acts on, are done with at once.
    ///
    /// # Errors
    /// When JetStream did not confirm; the update must be delivered again.
    pub(crate) async fn accept(&self, update: &Value) -> Result<(), BrokerError> {
        let read = essentials(update).and_then(|kept| Ok((parse_update(&kept)?, kept)));
        let (incoming, update) = match read {
            Ok(read) => read,
            Err(garbage) => {
                note_garbage(garbage.update_id, &garbage.why);
                return Ok(());
            }
        };
        if incoming.kind == IncomingKind::Other {
            count("ignored");
            return Ok(());
        }
        let message = UpdateMessage {
            bot_id: self.bot_id,
            received_at: Utc::now(),
            update,
        };
        Failpoint::UpdateReceived.reached();
        let payload = message
            .to_bytes()
            .map_err(|error| BrokerError::Publish(error.to_string()))?;
        self.broker
            .publish(
                UpdateMessage::subject(incoming.from.map(|from| from.id)),
                &message.message_id(incoming.update_id),
                payload,
            )
            .await?;
        Failpoint::UpdateStored.reached();
        count("stored");
        Ok(())
    }
}

/// An update that can't be read is logged once, with its id and without its content, and counted.
pub(crate) fn note_garbage(update_id: Option<i64>, why: &str) {
    count("garbage");
    warn!(
        telegram.update_id = update_id,
        why, "an update can't be read and is dropped"
    );
}

fn count(outcome: &'static str) {
    metrics::counter!("televent_updates_total", "outcome" => outcome).increment(1);
}
