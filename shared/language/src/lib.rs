//! What people read, in their language: Fluent messages (`messages/`), and dates, times, numbers and recurrences in words.
//! Pure: no I/O and no clock.

mod isolate;
mod language;
mod messages;
mod number;
mod per_language;
mod plural;

pub use isolate::isolate;
pub use language::Language;
pub use messages::Argument;
