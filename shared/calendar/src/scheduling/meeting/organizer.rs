//! What the organizer's changes of a meeting mean.

use chrono::{DateTime, Utc};

use super::{Meeting, OrganizerPut, Person, Refusal, message};
use crate::address::{CalendarUserAddress, TelegramUserId};
use crate::object::CalendarObject;
use crate::scheduling::copy::{cancelled, is_all_cancelled};
use crate::scheduling::message::Method;
use crate::scheduling::plan::{CopyChange, CopyWrite, Plan};
use crate::scheduling::rows::attendee_rows;
use crate::scheduling::source::Source;
use crate::scheduling::upsert::{KnownPeople, last_sequence, upsert};
use crate::scheduling::views::{Changes, Views};
use crate::scheduling::{Role, Upsert, role_of};

/// The most bytes that the organizer's client can make all copies of a meeting have together: a thousand people with 128 KB
/// each, and their ATTENDEE lines take 100. All of it is written in one statement, and again as messages.
pub const MAX_DELIVERED_BYTES: usize = 128 * 1024 * 1024;

impl Meeting {
    /// The organizer's client puts an object (RFC 6638 sections 3.2.1.1 and 3.2.1.2). `is_current` says that it has named the
    /// very state that it replaces (If-Match), so that what is not in it any more is meant to go.
    ///
    /// # Errors
    /// If the meeting is to have another organizer, or is too large for so many people.
    pub fn organizer_put(
        &self,
        sent: CalendarObject,
        is_current: bool,
        now: DateTime<Utc>,
    ) -> Result<OrganizerPut, Refusal> {
        let old = self.object.as_ref();
        let role = role_of(&sent, &self.organizer, &self.domain);
        if role == Role::Attendee && old.is_some_and(|old| self.invites_somebody(old)) {
            return Err(Refusal::OrganizerChange(
                "a meeting that people are invited to keeps its ORGANIZER; delete it, and make a new one",
            ));
        }
        let people = self.known_people();
        let sent = (sent, is_current);
        let upsert = upsert(old, sent, &self.organizer, &self.domain, &people);
        let mut plan = Plan {
            asked: upsert.asked.clone(),
            stale_cards: upsert
                .newly_invited
                .iter()
                .chain(&upsert.stale_cards)
                .copied()
                .collect(),
            ..Plan::default()
        };
        let is_news = !upsert.unchanged || !upsert.forced.is_empty();
        if is_news && (upsert.role == Role::Organizer || old.is_some()) {
            self.deliver(&upsert, now, &mut plan)?;
        }
        plan.stale_tally = old.is_some() && !plan.stale_cards.is_empty();
        Ok(OrganizerPut { upsert, plan })
    }

    /// The organizer's object is deleted (RFC 6638 section 3.2.1.3): everybody's invitation is taken back.
    pub fn organizer_delete(&self, now: DateTime<Utc>) -> Plan {
        let mut plan = Plan::default();
        let Some(old) = &self.object else {
            return plan;
        };
        if role_of(old, &self.organizer, &self.domain) != Role::Organizer {
            return plan;
        }
        let sequence = last_sequence(old).saturating_add(1);
        let source = Source::of(old);
        let mut views = Views::of(&source);
        for (id, person) in &self.people {
            let address = self.address(*id);
            if views.of_person(&address).is_some() {
                plan.stale_cards.insert(*id);
                take_back(
                    (*id, person),
                    &address,
                    &mut views,
                    (sequence, now),
                    &mut plan,
                );
            }
        }
        plan.stale_tally = !plan.stale_cards.is_empty();
        plan
    }

    fn known_people(&self) -> KnownPeople {
        let people = self.people.iter();
        let taken_back = |(id, person): (&TelegramUserId, &Person)| {
            let copy = person.copy.as_ref()?;
            is_all_cancelled(copy).then(|| (*id, last_sequence(copy)))
        };
        KnownPeople {
            delivery: people
                .clone()
                .map(|(id, person)| (*id, person.delivery))
                .collect(),
            taken_back: people.filter_map(taken_back).collect(),
        }
    }

    fn invites_somebody(&self, object: &CalendarObject) -> bool {
        let rows = attendee_rows(object, &self.organizer, &self.domain);
        rows.iter().any(|row| row.invited)
    }

    /// What the organizer's change does to the copies and inboxes of others.
    ///
    /// # Errors
    /// If that is too much.
    fn deliver(&self, upsert: &Upsert, now: DateTime<Utc>, plan: &mut Plan) -> Result<(), Refusal> {
        let is_organizers = |object: &&CalendarObject| {
            role_of(object, &self.organizer, &self.domain) == Role::Organizer
        };
        let old = self.object.as_ref().filter(is_organizers).map(Source::of);
        let new = Some(&upsert.object).filter(is_organizers).map(Source::of);
        let bytes = new.as_ref().map_or(0, |new| self.copied_bytes(new));
        // What answers have made larger may still be changed.
        if bytes > MAX_DELIVERED_BYTES
            && bytes > old.as_ref().map_or(0, |old| self.copied_bytes(old))
        {
            return Err(Refusal::OrganizerChange(
                "it is too large to be delivered to so many people: take attachments or people out",
            ));
        }
        let mut changes = Changes::of(old.as_ref(), new.as_ref(), upsert, now);
        let sequence = last_sequence(&upsert.object);
        let sequence = sequence.max(self.object.as_ref().map_or(0, last_sequence));
        for (id, person) in &self.people {
            let address = self.address(*id);
            match changes.lost(&address) {
                Some(views) => take_back((*id, person), &address, views, (sequence, now), plan),
                None => changes.invite((*id, person), &address, plan),
            }
        }
        Ok(())
    }

    /// How long the copies of all people are together, or nearly.
    fn copied_bytes(&self, source: &Source<'_>) -> usize {
        let nodes = source.calendar.kept(source.object);
        let of_components: usize = nodes.iter().map(|node| node.span.len()).sum();
        let of_all = source.object.as_bytes().len() - of_components;
        let people = self.people.iter().filter(|(_, person)| person.has_calendar);
        let lengths = people.map(|(id, _)| {
            let reached = source.reached(&self.address(*id));
            let components = reached.iter().filter_map(|index| nodes.get(*index));
            let bytes: usize = components.map(|node| node.span.len()).sum();
            if reached.is_empty() {
                0
            } else {
                of_all + bytes
            }
        });
        lengths.sum()
    }
}

/// Somebody is not invited any more: their copy says that it is cancelled.
fn take_back(
    (id, person): (TelegramUserId, &Person),
    address: &CalendarUserAddress,
    views: &mut Views<'_>,
    (sequence, now): (i64, DateTime<Utc>),
    plan: &mut Plan,
) {
    let view = views.of_person(address).filter(|_| person.has_calendar);
    let Some(view) = view else { return };
    let has_nothing_own = person.copy.as_ref() == views.object(view);
    let Some(taken_back) = views.cancelled(view, sequence) else {
        return;
    };
    plan.messages
        .push(message(id, Method::Cancel, taken_back, now));
    if let Some(copy) = &person.copy {
        let object = if has_nothing_own {
            taken_back.clone()
        } else {
            cancelled(copy, sequence)
        };
        plan.copies.push(CopyChange {
            of: id,
            write: CopyWrite::Replace {
                object,
                changes_schedule_tag: true,
            },
        });
    }
}
