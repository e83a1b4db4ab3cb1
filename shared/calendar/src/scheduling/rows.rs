//! The attendees of an object, and which of them the server invites.

use super::{AttendeeRow, Owner, Role, role_of};
use crate::address::{InternalDomain, TelegramUserId};
use crate::object::{Attendee, CalendarObject};
use crate::part_stat::ScheduleAgent;

/// All attendees of an object that is in the owner's calendar.
pub fn attendee_rows(
    object: &CalendarObject,
    owner: &Owner,
    domain: &InternalDomain,
) -> Vec<AttendeeRow> {
    let role = role_of(object, owner, domain);
    let row = |attendee: Attendee| AttendeeRow {
        telegram_id: attendee.address.telegram_user_id(domain),
        invited: invited(&attendee, role, owner, domain).is_some(),
        recurrence_id: attendee.recurrence_id,
        address: attendee.address,
        common_name: attendee.common_name,
        part_stat: attendee.part_stat,
        schedule_status: attendee.schedule_status,
    };
    object.attendees().into_iter().map(row).collect()
}

/// The attendee's Telegram id, if the server delivers to them.
pub(super) fn invited(
    attendee: &Attendee,
    role: Role,
    owner: &Owner,
    domain: &InternalDomain,
) -> Option<TelegramUserId> {
    if role != Role::Organizer || attendee.schedule_agent != ScheduleAgent::Server {
        return None;
    }
    // RFC 6638 section 3.2.1: the organizer gets no message about their own meeting.
    attendee
        .address
        .telegram_user_id(domain)
        .filter(|id| *id != owner.telegram_id)
}
