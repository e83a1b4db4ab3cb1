//! What an answer changes, however it comes in.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{Meeting, Person};
use crate::address::{CalendarUserAddress, TelegramUserId};
use crate::object::{CalendarObject, Edit, Scope};
use crate::part_stat::PartStat;
use crate::scheduling::answer::{Answers, Comments, Reply};
use crate::scheduling::copy::{Previous, copy_for};
use crate::scheduling::instance::with_found;
use crate::scheduling::message::{self, Message, Method};
use crate::scheduling::plan::{CopyChange, CopyWrite, Plan};
use crate::scheduling::source::Source;
use crate::time::utc_text;
use crate::tree::Node;

/// The most copies that an answer is written into. In a larger meeting the organizer's object and the answerer's copy
/// change at once, and the other copies with the organizer's next change: else each of a thousand answers would write a
/// thousand copies of a thousand lines.
pub const MAX_REFRESHED_COPIES: usize = 100;

/// The most bytes of copies that an answer is written into, for the same reason: that takes a few dozen milliseconds.
pub const MAX_REFRESHED_BYTES: usize = 2 * 1024 * 1024;

/// Of whom an answer comes in, and how.
pub(super) enum Via {
    /// A button.
    Card,
    /// An object that they have put into their calendar.
    Copy(CalendarObject),
    /// They have deleted their copy.
    Deletion,
}

impl Meeting {
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

    /// Everything that an answer changes; `object` is the organizer's, with the answer in it.
    pub(super) fn answered(
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

    /// The REPLY in the organizer's inbox; `object` is the organizer's, with the answers in it. `None` if the organizer asks
    /// nothing of what it is about.
    pub(super) fn reply(
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
