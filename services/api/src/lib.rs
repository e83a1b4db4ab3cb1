//! The CalDAV server: calendar apps on one side, one transaction in Postgres on the other. It never talks
//! to Telegram; what people must be told stands in the outbox, and a relay is woken after the commit.
//!
//! A request goes through [`routes`] (which method, whose resource), one file of `methods` or `reports`, a pure
//! decision in `televent-calendar`, and one statement of `televent-store`. What a resource says of itself stands in the tables
//! of `properties`.

mod admission;
mod auth;
mod availability;
mod client_family;
mod compression;
mod conditions;
mod error;
mod export;
mod feed;
mod free_busy;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod headers;
mod methods;
mod multistatus;
mod path;
mod properties;
mod reports;
mod representation;
mod resource;
mod routes;
mod scene;
mod scheduling;
mod setup;
mod sync_token;
mod xml;

use televent_broker::RelayWaker;
use televent_calendar::InternalDomain;
use televent_store::{Directory, Store};

pub use routes::router;

/// What requests are served with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Api {
    /// The system of record.
    pub store: Store,
    /// The domain of internal addresses.
    pub domain: InternalDomain,
    /// Wakes this process's relay.
    pub relay: RelayWaker,
    /// What devices are told, without a trailing slash.
    pub public_url: String,
    /// Where people meet the bot, if that is known.
    pub bot_page: Option<String>,
    /// Of which other people an account may know.
    pub directory: Directory,
}
