//! What people read, in their language: Fluent messages (`messages/`), and dates, times, numbers and recurrences in words.
//! Pure: no I/O and no clock.

mod date;
mod isolate;
mod language;
mod list;
mod messages;
mod number;
mod per_language;
mod plural;
mod recurrence;
mod time;
mod when;
mod zone;

pub use isolate::isolate;
pub use language::Language;
pub use messages::Argument;
