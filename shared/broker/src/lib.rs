//! NATS JetStream, the one crate that speaks it: subjects, payloads, streams and consumers, the publisher,
//! the consumer runner, and the relay that publishes the outbox.
//!
//! JetStream carries keys between processes and may lose them: what must happen is known to Postgres,
//! and what stays unsettled there is published again.

mod access;
mod connection;
mod consumer;
mod lag;
mod node;
mod payload;
mod permissions;
mod provision;
mod pull;
mod refusals;
mod relay;
mod tries;
mod update_intake;

pub use access::{InvalidNatsKey, NatsKey, NatsKeyPair, NatsUser};
pub use connection::{Broker, BrokerError, MIN_SERVER_VERSION};
pub use consumer::{Consumer, Delivery, Outcome, run_consumer};
pub use lag::ConsumerLag;
pub use payload::{InvalidPayload, InviteMessage, UpdateMessage, WIRE_VERSION};
pub use provision::{ACK_WAIT, INVITES, NOTIFIER, RSVP, UPDATES};
pub use relay::{RelayWaker, RelayWindow, run_relay};
pub use update_intake::{NotStored, StoredIn, UpdateIntake};
