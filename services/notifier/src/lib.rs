//! The notifier, the only one who writes cards: a message says that somebody's card may be stale; the
//! present state is read and rendered, and the card is sent, edited, or left as it is.

mod card;
mod chat;
mod deliver;
mod present;
mod schedule_status;

use std::sync::Arc;

use televent_broker::{Broker, InviteMessage, NOTIFIER, run_consumer};
use televent_calendar::InternalDomain;
use televent_store::Store;
use televent_telegram::BotApi;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use url::Url;

use deliver::Notifier;

/// What the notifier is told of the server.
#[derive(Clone, Debug)]
pub struct NotifierConfig {
    /// The domain of internal addresses.
    pub domain: InternalDomain,
    /// Where devices and browsers reach the api.
    pub public_url: Url,
}

/// Runs the notifier until `shutdown` is cancelled.
pub async fn run(
    store: Store,
    broker: Broker,
    bot: BotApi,
    config: NotifierConfig,
    shutdown: CancellationToken,
) {
    let notifier = Arc::new(Notifier {
        store: store.clone(),
        bot,
        domain: config.domain,
        public_url: config.public_url,
        exports: Semaphore::new(chat::EXPORTS_AT_ONCE),
    });
    run_consumer(
        NOTIFIER,
        broker,
        store,
        InviteMessage::outbox_id_of,
        move |delivery| {
            let notifier = Arc::clone(&notifier);
            async move { notifier.handle(&delivery).await }
        },
        shutdown,
    )
    .await;
}
