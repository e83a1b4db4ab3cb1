//! An attendee's answer, put into an object that names them: the organizer's, and every copy of it.

use std::collections::{BTreeMap, HashMap};

use super::change::differs_from_series;
use super::instance::{Found, NoRoom, find, with_found};
use super::reaches;
use crate::address::{CalendarUserAddress, InternalDomain, TelegramUserId};
use crate::object::{
    AttendeeEdit, CalendarObject, Component, Edit, MAX_INSTANCES, MAX_OBJECT_BYTES, Scope,
};
use crate::part_stat::PartStat;

/// Answers by recurrence key; the empty key is the master's.
pub type Answers = BTreeMap<String, PartStat>;

/// What somebody writes to the organizer with an answer: COMMENT lines, unfolded, by recurrence key.
pub(super) type Comments = BTreeMap<String, Vec<Vec<u8>>>;

/// SCHEDULE-STATUS of an attendee whose answer has been taken in (RFC 6638 section 4.2, RFC 5546 section 3.6.1).
pub(super) const REPLIED: &str = "2.0";

/// How large answers for single instances may make the organizer's object, in bytes; what is left is for the organizer.
const MAX_ANSWERED_BYTES: usize = MAX_OBJECT_BYTES - 64 * 1024;

/// How many components answers for single instances may bring the organizer's object to.
const MAX_ANSWERED_INSTANCES: usize = MAX_INSTANCES - 100;

/// What somebody answers of that to which an object invites them: absolute, so that twice is once. Only those answer whom the
/// server invites: an object of an outside organizer, or an attendee whom somebody else asks, is left alone.
///
/// An answer for one instance makes a component for it, where there is none (RFC 6638 section 4.2). An answer for all is for
/// the series, and for those of its instances that are as the series is: who was asked anew about an instance at another
/// time, or has answered for one alone, has not spoken of it.
///
/// The caller finds the object in the organizer's calendar; that the ORGANIZER is its owner is settled when it is stored.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    /// By components and instances that ask them; never empty.
    pub answers: Answers,
    /// Those of them that are no components yet.
    pub instances: Vec<Found>,
}

impl Reply {
    /// Of these answers, those that the organizer's object asks for; `None` if there are none.
    pub(super) fn of(
        object: &CalendarObject,
        from: TelegramUserId,
        mut answers: Answers,
        domain: &InternalDomain,
    ) -> Option<Self> {
        if !is_organized_by_another(object, from, domain) {
            return None;
        }
        let address = CalendarUserAddress::internal(from, domain);
        let asks = |key: &str| {
            let component = object.component(key);
            component.is_some_and(|component| reaches(component, &address))
        };
        let without_component = answers.keys().filter(|key| object.component(key).is_none());
        let mut instances = find(object, without_component.map(String::as_str));
        instances.retain(|instance| asks(&instance.as_in));
        answers.retain(|key, _| {
            asks(key)
                || instances
                    .binary_search_by(|instance| instance.text.as_str().cmp(key))
                    .is_ok()
        });
        (!answers.is_empty()).then_some(Self { answers, instances })
    }

    /// The same answer for everything in a scope; `None` if they are not invited to any of it.
    pub(super) fn in_scope(
        object: &CalendarObject,
        from: TelegramUserId,
        scope: &Scope,
        part_stat: &PartStat,
        domain: &InternalDomain,
    ) -> Option<Self> {
        let address = CalendarUserAddress::internal(from, domain);
        let keys: Vec<&str> = match scope {
            Scope::Instance(key) => vec![key.as_str()],
            Scope::All => keys_of_all(object, &address),
        };
        let keys = keys.into_iter();
        let answers = keys.map(|key| (key.to_owned(), part_stat.clone()));
        Self::of(object, from, answers.collect(), domain)
    }

    /// The recurrence keys of what it answers.
    pub(super) fn keys(&self) -> Vec<String> {
        self.answers.keys().cloned().collect()
    }

    /// Whether an object says all of it already.
    pub(super) fn stands_in(&self, object: &CalendarObject, address: &CalendarUserAddress) -> bool {
        self.answers.iter().all(|(key, part_stat)| {
            object
                .component(key)
                .and_then(|component| part_stat_of(component, address))
                == Some(part_stat)
        })
    }

    /// The organizer's object with these answers, with components for instances that have none.
    ///
    /// # Errors
    /// If the instances are too many for it.
    pub(super) fn said_in(
        &self,
        object: &CalendarObject,
        address: &CalendarUserAddress,
    ) -> Result<CalendarObject, NoRoom> {
        let separated = with_found(object, &self.instances)?;
        let is_larger = separated.as_bytes().len() > object.as_bytes().len();
        if is_larger
            && (separated.as_bytes().len() > MAX_ANSWERED_BYTES
                || separated.components().len() > MAX_ANSWERED_INSTANCES)
        {
            return Err(NoRoom);
        }
        Ok(self.written(&separated, address, Some(REPLIED), |_| false))
    }

    /// As [`Self::said_in`], a copy of `organizers`, which says it already. What does not name them is left.
    ///
    /// # Errors
    /// If the instances are too many for it.
    pub(super) fn said_in_copy(
        &self,
        copy: &CalendarObject,
        address: &CalendarUserAddress,
        organizers: &CalendarObject,
    ) -> Result<CalendarObject, NoRoom> {
        let copy = with_found(copy, &self.instances)?;
        // What is a component in the copy only says what the series says.
        let is_of_series = |key: &str| organizers.component(key).is_none();
        Ok(self.written(&copy, address, None, is_of_series))
    }

    fn written(
        &self,
        object: &CalendarObject,
        address: &CalendarUserAddress,
        schedule_status: Option<&str>,
        is_of_series: impl Fn(&str) -> bool,
    ) -> CalendarObject {
        let mut edit = Edit::of(object);
        edit.attendees(|component, attendee| {
            if attendee.address != *address {
                return AttendeeEdit::default();
            }
            let key = component.recurrence_key();
            let key = if is_of_series(key) { "" } else { key };
            match self.answers.get(key) {
                Some(part_stat) => AttendeeEdit {
                    part_stat: Some(part_stat.clone()),
                    schedule_status: schedule_status.map(|status| Some(status.to_owned())),
                    ..AttendeeEdit::default()
                },
                None => AttendeeEdit::default(),
            }
        });
        edit.finish()
    }
}

/// The answers in an object, to be looked up for many lines.
pub(super) struct PartStats<'o> {
    by_line: HashMap<(&'o str, &'o CalendarUserAddress), &'o PartStat>,
}

impl<'o> PartStats<'o> {
    pub(super) fn of(object: &'o CalendarObject) -> Self {
        let components = object.components().iter();
        let all = components.flat_map(|component| {
            let key = component.recurrence_key();
            let attendees = component.attendees().iter();
            attendees.map(move |attendee| ((key, &attendee.address), &attendee.part_stat))
        });
        Self {
            by_line: all.collect(),
        }
    }

    /// The answer of somebody in the component with this recurrence key.
    pub(super) fn get(&self, key: &str, address: &CalendarUserAddress) -> Option<&'o PartStat> {
        self.by_line.get(&(key, address)).copied()
    }
}

/// The answer of somebody in a component.
pub(super) fn part_stat_of<'c>(
    component: &'c Component,
    address: &CalendarUserAddress,
) -> Option<&'c PartStat> {
    Some(&component.attendee(address)?.part_stat)
}

fn keys_of_all<'o>(object: &'o CalendarObject, address: &CalendarUserAddress) -> Vec<&'o str> {
    let Some(master) = object.master().filter(|master| reaches(master, address)) else {
        let all = object.components().iter();
        return all.map(Component::recurrence_key).collect();
    };
    let as_series = |component: &&Component| {
        component.recurrence_id.is_none()
            || !differs_from_series(component, master)
                && part_stat_of(component, address) == part_stat_of(master, address)
    };
    let like_series = object.components().iter().filter(as_series);
    like_series.map(Component::recurrence_key).collect()
}

fn is_organized_by_another(
    object: &CalendarObject,
    from: TelegramUserId,
    domain: &InternalDomain,
) -> bool {
    let organizer = object
        .organizer()
        .and_then(|organizer| organizer.telegram_user_id(domain));
    object.kind().is_scheduled() && organizer.is_some_and(|organizer| organizer != from)
}
