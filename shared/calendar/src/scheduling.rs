//! What a change of an object means for the people in it: pure decisions.
//!
//! A [`Meeting`] is the organizer's object and the copies of it in the calendars of the invited. Each function here takes it
//! as it is, and who does what, and returns a [`Plan`]: what to write where, and whose cards are stale. None of them knows
//! how. [`Meeting::organizer_put`] and [`Meeting::organizer_delete`] are the organizer's changes; [`Meeting::attendee_put`],
//! [`Meeting::attendee_delete`] and [`Meeting::answer`] are those of the invited, from their devices and from Telegram;
//! [`Meeting::join`] is for somebody who has an account from now on.
//!
//! The rules are those of RFC 6638 section 3.2, where the organizer's server delivers to the internal attendees:
//!
//! * Only the organizer's own object invites. An object whose ORGANIZER is somebody else is a copy at most.
//! * An object with attendees and without an ORGANIZER is its owner's, and the property is added.
//! * The server owns PARTSTAT of those whom it invites: a client neither answers for others nor loses their answers.
//! * A copy is what the organizer's object says to one attendee (`copy`), and what that attendee has made of it.

use std::collections::BTreeSet;

use crate::address::{CalendarUserAddress, InternalDomain, TelegramUserId};
use crate::object::{CalendarObject, Component};
use crate::part_stat::{PartStat, ScheduleAgent};

mod answer;
mod attendee;
mod cancellation;
mod cards;
mod change;
mod copy;
mod exclusions;
mod instance;
mod meeting;
mod message;
mod plan;
mod rows;
mod source;
mod status;
mod upsert;
mod views;

pub use answer::Answers;
pub use cards::MAX_INSTANCE_CARDS;
pub use instance::{Instance, instance, told_on_card};
pub use meeting::{
    MAX_DELIVERED_BYTES, MAX_REFRESHED_BYTES, MAX_REFRESHED_COPIES, Meeting, OrganizerPut, Person,
    Refusal,
};
pub use message::{Message, Method};
pub use plan::{CopyChange, CopyWrite, Plan, Stored};
pub use rows::attendee_rows;
pub use status::ScheduleStatus;

/// Whether the server delivers what this component says to somebody: it names them, and leaves it to the server.
pub(crate) fn reaches(component: &Component, address: &CalendarUserAddress) -> bool {
    let attendee = component.attendee(address);
    attendee.is_some_and(|attendee| attendee.schedule_agent == ScheduleAgent::Server)
}

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
    /// SCHEDULE-STATUS as written.
    pub schedule_status: Option<String>,
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
    /// Who is asked by this, for the first time or anew: by recurrence key, sorted.
    pub asked: Vec<(String, TelegramUserId)>,
    /// Who gets a request even if nothing has changed for them (SCHEDULE-FORCE-SEND, RFC 6638 section 7.2).
    pub forced: BTreeSet<TelegramUserId>,
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
