//! What a change of an object means for the people in it: pure decisions.
//!
//! [`upsert`] decides about a PUT, [`remove`] about a DELETE, [`answer`] about a press in Telegram. Each takes the objects
//! before and after and returns what to store and whom to tell; none of them knows how.
//!
//! The rules are those of RFC 6638 section 3.2, where the organizer's server delivers to the internal attendees:
//!
//! * Only the organizer's own object invites. An object whose ORGANIZER is somebody else is a copy, and is left alone.
//! * An object with attendees and without an ORGANIZER is its owner's, and the property is added.
//! * The server owns PARTSTAT of those whom it invites: a client neither answers for others nor loses their answers.

use crate::address::{CalendarUserAddress, InternalDomain, TelegramUserId};
use crate::object::CalendarObject;
use crate::part_stat::PartStat;

mod answer;
mod change;
mod rows;
mod upsert;

pub use answer::{Answer, answer};
pub use rows::{attendee_rows, remove};
pub use upsert::upsert;

/// Whose calendar an object is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Who it is.
    pub telegram_id: TelegramUserId,
    /// The name for an ORGANIZER that the server adds.
    pub common_name: String,
}

/// What the owner of an object is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The ORGANIZER, by the property or for want of it.
    Organizer,
    /// An attendee at most: the ORGANIZER is somebody else.
    Attendee,
    /// There are neither attendees nor an ORGANIZER, or the object is of a kind that invites nobody.
    Alone,
}

/// One attendee as the store keeps it. Its answer is always the one in the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttendeeRow {
    /// The recurrence key of the component; empty for the series itself.
    pub recurrence_id: String,
    /// Who it is.
    pub address: CalendarUserAddress,
    /// Who it is in Telegram, if the address is internal.
    pub telegram_id: Option<TelegramUserId>,
    /// CN.
    pub common_name: Option<String>,
    /// PARTSTAT.
    pub part_stat: PartStat,
    /// Whether this server delivers to them: the owner organizes, the address is internal and not the owner's, and
    /// SCHEDULE-AGENT leaves it to the server.
    pub invited: bool,
}

/// What a PUT means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upsert {
    /// What to store.
    pub object: CalendarObject,
    /// Whether that is byte for byte what was sent.
    pub stored_as_sent: bool,
    /// Whether that is byte for byte what was stored before.
    pub unchanged: bool,
    /// What the owner is in it.
    pub role: Role,
    /// The ORGANIZER of what to store.
    pub organizer: Option<CalendarUserAddress>,
    /// All attendees of what to store.
    pub attendees: Vec<AttendeeRow>,
    /// Who has not been invited before, in any instance; sorted.
    pub newly_invited: Vec<TelegramUserId>,
    /// Who was invited before, and whose card may be wrong now, since what it shows has changed or the invitation is gone;
    /// sorted. Nobody is in both lists.
    pub stale_cards: Vec<TelegramUserId>,
    /// Whether somebody had answered and is asked again.
    pub answers_reset: bool,
}

/// What the owner of an object is in it.
pub(crate) fn role_of(object: &CalendarObject, owner: &Owner, domain: &InternalDomain) -> Role {
    match object.organizer() {
        _ if !object.kind().is_scheduled() => Role::Alone,
        Some(organizer) if organizer.telegram_user_id(domain) == Some(owner.telegram_id) => {
            Role::Organizer
        }
        Some(_) => Role::Attendee,
        None if object
            .components()
            .iter()
            .all(|component| component.attendees().is_empty()) =>
        {
            Role::Alone
        }
        None => Role::Organizer,
    }
}

#[cfg(test)]
mod tests;
