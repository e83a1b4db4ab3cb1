//! A meeting with everything that a change of it concerns, and the changes: the organizer's, those of devices, and answers.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::answer::part_stat_of;
use super::copy::copy_for;
use super::message::{Message, Method, about};
use super::plan::{CopyChange, CopyWrite, Plan, Stored};
use super::rows::attendee_rows;
use super::source::Source;
use super::{Owner, ScheduleStatus, Upsert, reaches};
use crate::address::{CalendarUserAddress, InternalDomain, TelegramUserId};
use crate::object::{Attendee, AttendeeEdit, CalendarObject, Component, Edit};
use crate::part_stat::PartStat;

mod answering;
mod devices;
mod organizer;

pub use answering::{MAX_REFRESHED_BYTES, MAX_REFRESHED_COPIES};
pub use organizer::MAX_DELIVERED_BYTES;

/// A meeting as it is stored: the organizer's object, and what there is of each person in it.
#[derive(Debug, Clone)]
pub struct Meeting {
    /// Whose calendar the organizer's object is in.
    pub organizer: Owner,
    /// The organizer's object; `None` if there is none yet, or none any more.
    pub object: Option<CalendarObject>,
    /// Everybody with an internal address in it, before or after the change, but for the organizer.
    pub people: BTreeMap<TelegramUserId, Person>,
    /// The domain of internal addresses.
    pub domain: InternalDomain,
}

/// Somebody in a meeting.
#[derive(Debug, Clone)]
pub struct Person {
    /// Whether there is a calendar into which a copy can go.
    pub has_calendar: bool,
    /// What becomes of a message to them, as far as it is known.
    pub delivery: ScheduleStatus,
    /// Their copy, if they have one.
    pub copy: Option<CalendarObject>,
}

/// What the organizer's PUT does.
#[derive(Debug, Clone)]
pub struct OrganizerPut {
    /// What to store at the place of the request, and what is in it.
    pub upsert: Upsert,
    /// What it means for others. It does not repeat the organizer's object.
    pub plan: Plan,
}

/// A change that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// CALDAV:allowed-organizer-scheduling-object-change (RFC 6638 section 3.2.4.3).
    #[error("{0}")]
    OrganizerChange(&'static str),
    /// CALDAV:allowed-attendee-scheduling-object-change (RFC 6638 section 3.2.4.4).
    #[error("{0}")]
    AttendeeChange(String),
}

impl Meeting {
    /// Somebody has a calendar from now on: the copy that waited for that.
    pub fn join(&self, who: TelegramUserId, now: DateTime<Utc>) -> Plan {
        let mut plan = Plan::default();
        let address = self.address(who);
        let has_none = self
            .people
            .get(&who)
            .is_some_and(|person| person.has_calendar && person.copy.is_none());
        let object = self.object.as_ref().filter(|_| has_none);
        if let Some(copy) = object.and_then(|object| copy_for(&Source::of(object), &address, None))
        {
            let mut components = copy.components().iter();
            // Who has answered in Telegram before knows what it says.
            if components
                .any(|component| part_stat_of(component, &address) == Some(&PartStat::NeedsAction))
            {
                let method = Method::to_tell_of(&copy);
                plan.messages.push(message(who, method, &copy, now));
            }
            plan.copies.push(CopyChange {
                of: who,
                write: CopyWrite::Create(copy),
            });
        }
        plan
    }

    /// The organizer's object with what became of the message to somebody, if that is news; whoever has answered got it.
    pub fn delivered(&self, to: TelegramUserId, status: ScheduleStatus) -> Option<Stored> {
        self.delivered_to(&BTreeMap::from([(to, status)]))
    }

    /// As [`Self::delivered`], of many people at once.
    pub fn delivered_to(
        &self,
        deliveries: &BTreeMap<TelegramUserId, ScheduleStatus>,
    ) -> Option<Stored> {
        let object = self.object.as_ref()?;
        let news = |component: &Component, attendee: &Attendee| {
            let id = attendee.address.telegram_user_id(&self.domain)?;
            let status = deliveries.get(&id)?.as_str();
            let said = attendee.schedule_status.as_deref();
            let is_a_delivery = said.is_none_or(|said| ScheduleStatus::parse(said).is_some());
            (is_a_delivery && said != Some(status) && reaches(component, &attendee.address))
                .then_some(status)
        };
        // Mostly there is none, and an edit reads the object anew.
        let mut components = object.components().iter();
        if !components.any(|component| {
            let mut attendees = component.attendees().iter();
            attendees.any(|attendee| news(component, attendee).is_some())
        }) {
            return None;
        }
        let mut edit = Edit::of(object);
        edit.attendees(|component, attendee| AttendeeEdit {
            schedule_status: news(component, attendee).map(|status| Some(status.to_owned())),
            ..AttendeeEdit::default()
        });
        let object = edit.finish();
        (Some(&object) != self.object.as_ref()).then(|| self.stored(object))
    }

    fn stored(&self, object: CalendarObject) -> Stored {
        Stored {
            attendees: attendee_rows(&object, &self.organizer, &self.domain),
            object,
        }
    }

    fn address(&self, of: TelegramUserId) -> CalendarUserAddress {
        CalendarUserAddress::internal(of, &self.domain)
    }

    fn copy_of(&self, who: TelegramUserId) -> Option<&CalendarObject> {
        self.people.get(&who)?.copy.as_ref()
    }
}

fn message(
    to: TelegramUserId,
    method: Method,
    object: &CalendarObject,
    now: DateTime<Utc>,
) -> Message {
    Message {
        to,
        from: None,
        method,
        text: about(object, method, now),
    }
}
