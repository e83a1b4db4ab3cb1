//! The attendees of an object, as a statement takes them.

use televent_calendar::{AttendeeRow, TelegramUserId};

/// Attendee rows as columns, for `unnest`.
#[derive(Default)]
pub(crate) struct AttendeeColumns {
    pub(crate) recurrence_ids: Vec<String>,
    pub(crate) addresses: Vec<String>,
    pub(crate) telegram_ids: Vec<Option<i64>>,
    pub(crate) statuses: Vec<String>,
    pub(crate) invited: Vec<bool>,
}

impl AttendeeColumns {
    pub(crate) fn from_rows(rows: &[AttendeeRow]) -> Self {
        Self {
            recurrence_ids: rows.iter().map(|row| row.recurrence_id.clone()).collect(),
            addresses: rows
                .iter()
                .map(|row| row.address.as_str().to_owned())
                .collect(),
            telegram_ids: rows
                .iter()
                .map(|row| row.telegram_id.map(TelegramUserId::get))
                .collect(),
            statuses: rows
                .iter()
                .map(|row| row.part_stat.as_str().to_owned())
                .collect(),
            invited: rows.iter().map(|row| row.invited).collect(),
        }
    }
}
