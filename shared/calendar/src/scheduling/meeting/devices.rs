//! What the devices of those who are invited do to their copies, and to the invitations in their inboxes.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::answering::Via;
use super::{Meeting, Refusal};
use crate::address::TelegramUserId;
use crate::object::{CalendarObject, Edit};
use crate::part_stat::PartStat;
use crate::scheduling::answer::{Answers, Comments, Reply, part_stat_of};
use crate::scheduling::copy::{Previous, copy_for, is_all_cancelled};
use crate::scheduling::plan::{CopyChange, CopyWrite, Plan};
use crate::scheduling::source::Source;
use crate::scheduling::{ScheduleStatus, attendee, reaches};
use crate::tree::Node;

/// SCHEDULE-STATUS of the ORGANIZER in the copy of somebody whose answer is in the organizer's object.
const DELIVERED: &str = ScheduleStatus::Delivered.as_str();

const NO_ROOM: &str = "the organizer's object has no room for so many instances of their own";

impl Meeting {
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
