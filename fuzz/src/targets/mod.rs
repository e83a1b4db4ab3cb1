//! A file for each target.

pub(crate) mod buttons;
pub(crate) mod cards;
pub(crate) mod configuration;
pub(crate) mod dialogs;
pub(crate) mod headers;
pub(crate) mod icalendar;
pub(crate) mod paths;
pub(crate) mod payloads;
pub(crate) mod quick_events;
pub(crate) mod scheduling;
pub(crate) mod updates;
pub(crate) mod xml;

use chrono::{DateTime, TimeDelta, Utc};
use televent_calendar::TelegramUserId;

/// The moment at which everything happens.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_500)
}

/// Somebody by their number.
pub(crate) fn person(number: i64) -> TelegramUserId {
    TelegramUserId::new(number).expect("small numbers are ids")
}
