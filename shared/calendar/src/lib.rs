//! Calendar rules without I/O: addresses, iCalendar objects, time zones, recurrence, scheduling decisions.
//!
//! Everything here is a pure function of its arguments: no clock, no randomness, no database, no network. The services
//! read the old object, call [`scheduling`], and apply what it decided in one transaction.
//!
//! Three rules shape the crate:
//!
//! * **What a client wrote comes back byte for byte.** Objects are never printed from a parsed tree; [`object`] keeps the
//!   bytes and edits single content lines ([`content_line`]).
//! * **Whatever a client wrote is answered in bounded work.** When a series is ([`occurrences`](mod@occurrences)) is found
//!   lazily, and what would take too long is cut and says so.
//! * **Only an exact address is internal** ([`address`]): everything that merely looks like one is an outsider.
//!
//! Deliberately elsewhere: SQL (the store), how a card looks (the notifier), HTTP and preconditions (the api).

pub mod address;
pub mod content_line;
pub mod object;
pub mod occurrences;
pub mod part_stat;
mod recurrence;
pub mod scheduling;
pub mod text;
pub mod time;

pub use address::{
    CalendarUserAddress, InternalDomain, InvalidAddress, InvalidInternalDomain,
    InvalidTelegramUserId, TelegramUserId, generate_internal_email, is_internal_email,
    resolve_internal_email,
};
pub use object::{Attendee, CalendarObject, Component, ComponentKind, ObjectError, Scope};
pub use occurrences::{
    Bounds, Occurrence, Occurrences, Window, occurrence_bounds, occurrences,
    try_for_each_occurrence,
};
pub use part_stat::{InvalidPartStat, PartStat, ScheduleAgent};
pub use scheduling::{
    Answer, AttendeeRow, Owner, Role, Upsert, answer, attendee_rows, remove, upsert,
};
pub use time::{EventTime, Moment, Zone, Zones, resolve_tzid};
