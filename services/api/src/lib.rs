//! The CalDAV server: calendar apps on one side, one transaction in Postgres on the other. It never talks
//! to Telegram; what people must be told stands in the outbox, and a relay is woken after the commit.
//!
//! A request goes through [`routes`] (which method, whose resource), one file of `methods`, a pure
//! decision in `televent-calendar`, and one statement of `televent-store`.

mod auth;
mod conditions;
mod error;
mod methods;
mod path;
mod properties;
mod representation;
mod routes;
mod setup_page;
mod xml;

use televent_broker::RelayWaker;
use televent_calendar::InternalDomain;
use televent_store::Store;

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
}
