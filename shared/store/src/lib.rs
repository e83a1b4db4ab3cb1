//! Postgres, the only system of record. The one crate with SQL: a file for each aggregate.
//!
//! Every write that the world must hear of adds its outbox rows in the same statement, and every
//! precondition stands in a `WHERE` clause, so that what was decided on is what is changed.
//! What to write is decided elsewhere, in `televent-calendar`.

mod answers;
mod calendars;
mod cards;
mod dead_letters;
mod devices;
mod digest;
mod error;
mod events;
mod leases;
mod outbox;
mod pool;
mod users;

pub use answers::{AnswerWrite, Invitation, MAX_COPIES, PressRecord, Pressed, PressedMessage};
pub use calendars::{Calendar, DEFAULT_CALENDAR_SLUG};
pub use cards::{Card, CardCopy, CardKey, CardLease, CardSubject, SentCard};
pub use dead_letters::{DeadLetter, NewDeadLetter};
pub use devices::{Device, DeviceSecret, InvalidDeviceSecret};
pub use digest::digest;
pub use error::StoreError;
pub use events::{Event, EventSummary, NewEvent, ObjectWrite, RemoveOutcome, Slot, WriteOutcome};
pub use leases::Lease;
pub use outbox::{Claim, HOUSEKEEPING_BATCH, Notice, NoticeKind, OutboxCounts, SWEEP_AFTER};
pub use pool::{MAX_CONNECTIONS, SchemaState, Store};
pub use users::{NewUser, Person, User};
