//! The notifier, the only one who writes cards: a message says that somebody's card may be stale; the
//! present state is read and rendered, and the card is sent, edited, or left as it is.

mod calls;
mod card;
mod chat;
mod conflicts;
mod deliver;
mod failure;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod gathering;
mod held;
mod pace;
mod present;
mod schedule_status;

use std::sync::{Arc, atomic::AtomicBool};

use televent_broker::{Broker, InviteMessage, NOTIFIER, run_consumer};
use televent_calendar::InternalDomain;
use televent_runtime::config::Limits;
use televent_store::Store;
use televent_telegram::BotApi;
use tokio::sync::{OnceCell, Semaphore};
use tokio_util::sync::CancellationToken;
use url::Url;

use calls::Caller;
use deliver::Notifier;
use gathering::Gathering;
use pace::Pacer;

/// The bot that writes, and how fast it may.
#[derive(Clone)]
pub struct Bot {
    /// Its access to the Bot API.
    pub api: BotApi,
    /// The part of its token before the colon: what is limited.
    pub id: i64,
    /// Its limits, which all its processes keep together.
    pub limits: Limits,
}

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
    bot: Bot,
    config: NotifierConfig,
    shutdown: CancellationToken,
) {
    let notifier = Arc::new(Notifier {
        store: store.clone(),
        edit_interval: bot.limits.edit_interval,
        username: OnceCell::new(),
        caller: Caller {
            bot: bot.api,
            pacer: Pacer::new(store.clone(), bot.id, bot.limits, shutdown.clone()),
            refuses_tg_time: AtomicBool::new(false),
        },
        domain: config.domain,
        public_url: config.public_url,
        exports: Semaphore::new(chat::EXPORTS_AT_ONCE),
        bulk: Semaphore::new(deliver::bulk_at_once()),
        leases: Gathering::default(),
        records: Gathering::default(),
        organizers: schedule_status::OrganizerTurns::default(),
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
