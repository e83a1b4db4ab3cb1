//! A meeting with everything that a change of it concerns, and the changes.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::answer::{Answers, Comments, Reply, part_stat_of};
use super::attendee;
use super::copy::{Previous, cancelled, copy_for, is_all_cancelled};
use super::instance::with_found;
use super::message::{self, Message, Method, about};
use super::plan::{CopyChange, CopyWrite, Plan, Stored};
use super::rows::attendee_rows;
use super::source::Source;
use super::upsert::{KnownPeople, last_sequence, upsert};
use super::views::{Changes, Views};
use super::{Owner, Role, ScheduleStatus, Upsert, reaches, role_of};
use crate::address::{CalendarUserAddress, InternalDomain, TelegramUserId};
use crate::free_busy::utc_text;
use crate::object::{AttendeeEdit, CalendarObject, Edit, Scope};
use crate::part_stat::PartStat;
use crate::tree::Node;

/// The most copies that an answer is written into. In a larger meeting the organizer's object and the answerer's copy
/// change at once, and the other copies with the organizer's next change: else each of a thousand answers would write a
/// thousand copies of a thousand lines.
pub const MAX_REFRESHED_COPIES: usize = 100;

/// The most bytes of copies that an answer is written into, for the same reason: that takes a few dozen milliseconds.
pub const MAX_REFRESHED_BYTES: usize = 2 * 1024 * 1024;

/// The most bytes that the organizer's client can make all copies of a meeting have together: a thousand people with 128 KB
/// each, and their ATTENDEE lines take 100. All of it is written in one statement, and again as messages.
pub const MAX_DELIVERED_BYTES: usize = 128 * 1024 * 1024;

/// SCHEDULE-STATUS of the ORGANIZER in the copy of somebody whose answer is in the organizer's object.
const DELIVERED: &str = ScheduleStatus::Delivered.as_str();

const NO_ROOM: &str = "the organizer's object has no room for so many instances of their own";

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

/// Of whom an answer comes in, and how.
enum Via {
    /// A button.
    Card,
    /// An object that they have put into their calendar.
    Copy(CalendarObject),
    /// They have deleted their copy.
    Deletion,
}

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

    /// An attendee's client puts an object over the copy that is stored, or where there is none. `is_current` is as the
    /// conditions of the request say ([`attendee::Put`]). Returns what to store there and what else changes.
    ///
    /// # Errors
    /// If it changes what is the organizer's.
    pub fn attendee_put(
        &self,
        who: TelegramUserId,
        sent: &CalendarObject,
        is_current: bool,
        now: DateTime<Utc>,
    ) -> Result<(CalendarObject, Plan), Refusal> {
        let address = self.address(who);
        let source = LazyCell::new(|| self.object.as_ref().map(Source::of));
        let stored = self.copy_of(who).cloned();
        let invitation = || copy_for(source.as_ref()?, &address, None);
        let Some(copy) = stored.or_else(invitation) else {
            return Ok((sent.clone(), Plan::default()));
        };
        let request = attendee::Put {
            copy: &copy,
            organizers: self.object.as_ref(),
            sent,
            address: &address,
            is_current,
        };
        let mut put = request.decide().map_err(Refusal::AttendeeChange)?;
        put.object = without_force_send(&put.object);
        // What is taken out by a device that had not heard of the answer stays in.
        let restored = |answered: &CalendarObject| {
            if !put.has_stale_exclusions {
                return None;
            }
            let previous = Previous {
                copy: &put.object,
                organizer: source.as_ref()?,
            };
            copy_for(&Source::of(answered), &address, Some(previous))
        };
        let object = put.object.clone();
        let organizers = self.object.as_ref();
        if put.answers.is_empty() {
            let restored = organizers.and_then(restored);
            let plan = self.commented(who, &put.comments, now);
            return Ok((restored.unwrap_or(object), plan));
        }
        let reply = organizers
            .and_then(|organizers| Reply::of(organizers, who, put.answers.clone(), &self.domain));
        let Some((organizers, reply)) = organizers.zip(reply) else {
            // Nobody asks any more: what was said before stands.
            let object = object.with_part_stats(|component, attendee| {
                let before = copy.component(component.recurrence_key());
                let before = before.or_else(|| copy.master())?;
                (attendee.address == address)
                    .then(|| part_stat_of(before, &address).cloned())
                    .flatten()
            });
            return Ok((object, Plan::default()));
        };
        // Nothing new, as when the organizer's object says so already.
        if reply.stands_in(organizers, &address) {
            let object = restored(organizers).unwrap_or(object);
            return Ok((object, self.commented(who, &put.comments, now)));
        }
        let answered = reply.said_in(organizers, &address);
        let answered = answered.map_err(|_| Refusal::AttendeeChange(NO_ROOM.to_owned()))?;
        let object = said_to_organizer(&restored(&answered).unwrap_or(object));
        let said = (&reply, &put.comments);
        let plan = self.answered(who, said, answered, Via::Copy(object.clone()), now);
        Ok((object, plan))
    }

    /// What somebody's comments mean who answers nothing new with them: the organizer gets them.
    fn commented(&self, who: TelegramUserId, comments: &Comments, now: DateTime<Utc>) -> Plan {
        let organizers = self.object.as_ref().filter(|_| !comments.is_empty());
        let message = organizers
            .and_then(|organizers| self.reply(who, organizers, (&Answers::new(), comments), now));
        Plan {
            messages: message.into_iter().collect(),
            ..Plan::default()
        }
    }

    /// The REPLY in the organizer's inbox; `object` is the organizer's, with the answers in it. `None` if the organizer asks
    /// nothing of what it is about.
    fn reply(
        &self,
        who: TelegramUserId,
        object: &CalendarObject,
        (answers, comments): (&Answers, &Comments),
        now: DateTime<Utc>,
    ) -> Option<Message> {
        let address = self.address(who);
        let commented = comments.keys().filter(|key| !answers.contains_key(*key));
        let commented = commented.map(|key| (key.clone(), PartStat::NeedsAction));
        // What is an instance of their own in the copy only is one in the message, too.
        let commented = Reply::of(object, who, commented.collect(), &self.domain);
        let separated = commented
            .as_ref()
            .and_then(|commented| with_found(object, &commented.instances).ok());
        let comments: Comments = comments
            .iter()
            .filter(|(key, _)| {
                let mut asked = [Some(answers), commented.as_ref().map(|one| &one.answers)]
                    .into_iter()
                    .flatten();
                asked.any(|asked| asked.contains_key(*key))
            })
            .map(|(key, lines)| (key.clone(), lines.clone()))
            .collect();
        let object = separated.as_ref().unwrap_or(object);
        let is_about_something = !answers.is_empty() || !comments.is_empty();
        is_about_something.then(|| Message {
            to: self.organizer.telegram_id,
            from: Some(who),
            method: Method::Reply,
            text: message::reply(object, &address, (answers, &comments), now),
        })
    }

    /// An attendee's client writes an answer into the invitation in their inbox. `None` if it says nothing new.
    ///
    /// # Errors
    /// If it changes what is the organizer's.
    pub fn inbox_reply(
        &self,
        who: TelegramUserId,
        sent: &CalendarObject,
        now: DateTime<Utc>,
    ) -> Result<Option<Plan>, Refusal> {
        let address = self.address(who);
        let Some(object) = &self.object else {
            return Ok(None);
        };
        let Some(view) = copy_for(&Source::of(object), &address, None) else {
            return Ok(None);
        };
        let put = attendee::Put {
            copy: &view,
            organizers: Some(object),
            sent,
            address: &address,
            is_current: true,
        };
        let put = put.decide().map_err(Refusal::AttendeeChange)?;
        let reply = Reply::of(object, who, put.answers, &self.domain);
        let Some(reply) = reply.filter(|reply| !reply.stands_in(object, &address)) else {
            let commented = Plan {
                read: BTreeSet::from([who]),
                ..self.commented(who, &put.comments, now)
            };
            return Ok(Some(commented).filter(|plan| !plan.messages.is_empty()));
        };
        let answered = reply.said_in(object, &address);
        let answered = answered.map_err(|_| Refusal::AttendeeChange(NO_ROOM.to_owned()))?;
        let said = (&reply, &put.comments);
        Ok(Some(self.answered(who, said, answered, Via::Card, now)))
    }

    /// An attendee deletes their copy: that declines what they have not declined (RFC 6638 section 3.2.2.4), unless they
    /// do not want the organizer to hear of it (Schedule-Reply, section 8.1).
    pub fn attendee_delete(&self, who: TelegramUserId, replies: bool, now: DateTime<Utc>) -> Plan {
        let address = self.address(who);
        let is_cancelled = self.copy_of(who).is_some_and(is_all_cancelled);
        let gone = Plan {
            copies: vec![CopyChange {
                of: who,
                write: CopyWrite::Remove,
            }],
            read: BTreeSet::from([who]),
            ..Plan::default()
        };
        let Some(object) = self.object.as_ref().filter(|_| replies && !is_cancelled) else {
            return gone;
        };
        let answers: Answers = object
            .components()
            .iter()
            .filter(|component| reaches(component, &address))
            .filter(|component| part_stat_of(component, &address) != Some(&PartStat::Declined))
            .map(|component| (component.recurrence_key().to_owned(), PartStat::Declined))
            .collect();
        let Some(reply) = Reply::of(object, who, answers, &self.domain) else {
            return gone;
        };
        match reply.said_in(object, &address) {
            Ok(object) => {
                let said = (&reply, &Comments::new());
                self.answered(who, said, object, Via::Deletion, now)
            }
            Err(_) => gone,
        }
    }

    /// An attendee answers in Telegram. `None` if they are not invited, or if the organizer's object has no room
    /// for one more instance that differs. If that is what stands already, the plan says for
    /// what they have answered, and nothing else; but a copy that they had deleted comes back if they come.
    pub fn answer(
        &self,
        who: TelegramUserId,
        scope: &Scope,
        part_stat: &PartStat,
        now: DateTime<Utc>,
    ) -> Option<Plan> {
        let object = self.object.as_ref()?;
        let address = self.address(who);
        let reply = Reply::in_scope(object, who, scope, part_stat, &self.domain)?;
        let person = self.people.get(&who);
        let wants_copy = *part_stat != PartStat::Declined
            && person.is_some_and(|person| person.has_calendar && person.copy.is_none());
        let stands = reply.stands_in(object, &address);
        if stands && !wants_copy {
            return Some(Plan {
                answered: Some((who, reply.keys())),
                ..Plan::default()
            });
        }
        let answered = if stands {
            object.clone()
        } else {
            reply.said_in(object, &address).ok()?
        };
        let said = (&reply, &Comments::new());
        let plan = self.answered(who, said, answered, Via::Card, now);
        Some(if stands {
            // No news to the organizer.
            Plan {
                messages: Vec::new(),
                stale_tally: false,
                organizer: None,
                ..plan
            }
        } else {
            plan
        })
    }

    /// Whether somebody may answer in a scope, and it is not cancelled: `None` if they are not invited to it.
    pub fn is_open_to(&self, who: TelegramUserId, scope: &Scope) -> Option<bool> {
        let object = self.object.as_ref()?;
        let reply = Reply::in_scope(object, who, scope, &PartStat::NeedsAction, &self.domain)?;
        let component = |key: &String| object.component(key).or_else(|| object.master());
        Some(
            reply
                .answers
                .keys()
                .filter_map(component)
                .any(|component| !component.is_cancelled()),
        )
    }

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
        let mut edit = Edit::of(object);
        edit.attendees(|component, attendee| {
            let id = attendee.address.telegram_user_id(&self.domain);
            let status = id.and_then(|id| deliveries.get(&id));
            let said = attendee.schedule_status.as_deref();
            let is_a_delivery = said.is_none_or(|said| ScheduleStatus::parse(said).is_some());
            AttendeeEdit {
                schedule_status: status
                    .filter(|_| is_a_delivery && reaches(component, &attendee.address))
                    .map(|status| Some(status.as_str().to_owned())),
                ..AttendeeEdit::default()
            }
        });
        let object = edit.finish();
        (Some(&object) != self.object.as_ref()).then(|| self.stored(object))
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

    fn stored(&self, object: CalendarObject) -> Stored {
        Stored {
            attendees: attendee_rows(&object, &self.organizer, &self.domain),
            object,
        }
    }

    fn invites_somebody(&self, object: &CalendarObject) -> bool {
        let rows = attendee_rows(object, &self.organizer, &self.domain);
        rows.iter().any(|row| row.invited)
    }

    fn address(&self, of: TelegramUserId) -> CalendarUserAddress {
        CalendarUserAddress::internal(of, &self.domain)
    }

    fn copy_of(&self, who: TelegramUserId) -> Option<&CalendarObject> {
        self.people.get(&who)?.copy.as_ref()
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

    /// Everything that an answer changes; `object` is the organizer's, with the answer in it.
    fn answered(
        &self,
        who: TelegramUserId,
        (reply, comments): (&Reply, &Comments),
        object: CalendarObject,
        via: Via,
        now: DateTime<Utc>,
    ) -> Plan {
        let address = self.address(who);
        let mut copies = Vec::new();
        let own = self.people.get(&who);
        let write = match via {
            Via::Deletion => Some(CopyWrite::Remove),
            Via::Copy(sent) => Some(CopyWrite::Replace {
                object: sent,
                changes_schedule_tag: true,
            }),
            Via::Card => {
                own.and_then(|own| self.answered_by_card(own, &address, reply, &object, now))
            }
        };
        copies.extend(write.map(|write| CopyChange { of: who, write }));
        copies.extend(self.refreshed(who, &address, reply, &object));
        let message = self.reply(who, &object, (&reply.answers, comments), now);
        Plan {
            messages: message.into_iter().collect(),
            copies,
            read: BTreeSet::from([who]),
            answered: Some((who, reply.keys())),
            stale_cards: BTreeSet::from([who]),
            stale_tally: true,
            organizer: Some(self.stored(object)),
            ..Plan::default()
        }
    }

    /// The copies of others with somebody's answer.
    fn refreshed(
        &self,
        who: TelegramUserId,
        address: &CalendarUserAddress,
        reply: &Reply,
        organizers: &CalendarObject,
    ) -> Vec<CopyChange> {
        let others = self.people.iter().filter(|(id, _)| **id != who);
        let others = others.filter_map(|(id, person)| Some((*id, person.copy.as_ref()?)));
        let bytes: usize = others.clone().map(|(_, copy)| copy.as_bytes().len()).sum();
        if self.people.len() > MAX_REFRESHED_COPIES || bytes > MAX_REFRESHED_BYTES {
            return Vec::new();
        }
        let refreshed = others.filter_map(|(id, copy)| {
            let object = reply.said_in_copy(copy, address, organizers).ok()?;
            (object != *copy).then_some(CopyChange {
                of: id,
                write: CopyWrite::Replace {
                    object,
                    changes_schedule_tag: false,
                },
            })
        });
        refreshed.collect()
    }

    /// What an answer on a card does to the copy of who has pressed.
    fn answered_by_card(
        &self,
        own: &Person,
        address: &CalendarUserAddress,
        reply: &Reply,
        object: &CalendarObject,
        now: DateTime<Utc>,
    ) -> Option<CopyWrite> {
        let source = Source::of(object);
        let Some(copy) = &own.copy else {
            // Who had deleted it and comes after all wants it back.
            let comes = reply
                .answers
                .values()
                .any(|said| *said != PartStat::Declined);
            let copy = copy_for(&source, address, None).filter(|_| comes && own.has_calendar)?;
            return Some(CopyWrite::Create(answered_at(&copy, reply, now)));
        };
        let said = reply.said_in_copy(copy, address, object).ok();
        let shows = |said: &CalendarObject| {
            let mut keys = reply.answers.keys();
            keys.all(|key| said.component(key).is_some())
        };
        let said = match said.filter(shows) {
            Some(said) => said,
            None => {
                // An instance that they had taken out comes back.
                let organizer = self.object.as_ref().map(Source::of)?;
                let previous = Previous {
                    copy,
                    organizer: &organizer,
                };
                copy_for(&source, address, Some(previous))?
            }
        };
        Some(CopyWrite::Replace {
            object: answered_at(&said, reply, now),
            changes_schedule_tag: true,
        })
    }
}

/// The copy of who has answered now, so that what a device of theirs has said before this, and says late, is older.
fn answered_at(copy: &CalendarObject, reply: &Reply, now: DateTime<Utc>) -> CalendarObject {
    let calendar = Node::of(copy);
    let mut edit = Edit::of(copy);
    for (node, component) in calendar.kept(copy).into_iter().zip(copy.components()) {
        if reply.answers.contains_key(component.recurrence_key())
            && component.stamp.is_none_or(|stamp| stamp < now)
        {
            edit.set(node, "DTSTAMP", &utc_text(now));
        }
    }
    edit.finish()
}

/// The copy of who has answered: the organizer's server has it (RFC 6638 section 3.2.2.3).
fn said_to_organizer(copy: &CalendarObject) -> CalendarObject {
    with_organizer_parameter(copy, "SCHEDULE-STATUS", Some(DELIVERED))
}

/// RFC 6638 section 7.2: SCHEDULE-FORCE-SEND is for the server alone.
fn without_force_send(copy: &CalendarObject) -> CalendarObject {
    with_organizer_parameter(copy, "SCHEDULE-FORCE-SEND", None)
}

fn with_organizer_parameter(
    copy: &CalendarObject,
    name: &str,
    value: Option<&str>,
) -> CalendarObject {
    let calendar = Node::of(copy);
    let mut edit = Edit::of(copy);
    edit.organizer_parameter(&calendar.kept(copy), name, value);
    edit.finish()
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
