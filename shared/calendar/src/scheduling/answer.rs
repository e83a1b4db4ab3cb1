//! An attendee's answer, put into the organizer's object.

use crate::address::{CalendarUserAddress, InternalDomain, TelegramUserId};
use crate::object::{CalendarObject, Scope};
use crate::part_stat::{PartStat, ScheduleAgent};

/// What an answer does to an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The object says so now.
    Changed(CalendarObject),
    /// It said so already.
    Unchanged,
    /// It does not invite this person, or not to this instance.
    NotInvited,
}

/// Puts the answer of a Telegram user into the organizer's object: absolute, so that twice is once. Only those answer whom
/// the server invites: an object of an outside organizer, or an attendee whom somebody else asks, is left alone.
///
/// The caller finds the object in the organizer's calendar; that the ORGANIZER is its owner is settled when it is stored.
pub fn answer(
    object: &CalendarObject,
    from: TelegramUserId,
    scope: &Scope,
    part_stat: &PartStat,
    domain: &InternalDomain,
) -> Answer {
    let address = CalendarUserAddress::internal(from, domain);
    let organizer = object
        .organizer()
        .and_then(|organizer| organizer.telegram_user_id(domain));
    if !object.kind().is_scheduled() || organizer.is_none_or(|organizer| organizer == from) {
        return Answer::NotInvited;
    }
    let asked = |recurrence_key: &str, attendees: &[crate::object::Attendee]| {
        scope.includes(recurrence_key)
            && attendees.iter().any(|attendee| {
                attendee.address == address && attendee.schedule_agent == ScheduleAgent::Server
            })
    };
    if !object
        .components()
        .iter()
        .any(|component| asked(component.recurrence_key(), component.attendees()))
    {
        return Answer::NotInvited;
    }
    let answered = object.with_part_stats(|component, attendee| {
        (*attendee == address && asked(component.recurrence_key(), component.attendees()))
            .then(|| part_stat.clone())
    });
    if answered == *object {
        Answer::Unchanged
    } else {
        Answer::Changed(answered)
    }
}
