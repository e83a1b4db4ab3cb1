//! What a PUT means.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::answer::REPLIED;
use super::change::{
    differs_from_series, is_significant, says_what_series_says, shows_something_else,
};
use super::instance::{find, with_found};
use super::rows::{attendee_rows, invited};
use super::{Owner, Role, ScheduleStatus, Upsert, role_of};
use crate::address::{CalendarUserAddress, InternalDomain, TelegramUserId};
use crate::object::{Attendee, AttendeeEdit, CalendarObject, Component, Edit};
use crate::part_stat::{PartStat, ScheduleAgent};
use crate::tree::Node;

/// The highest SEQUENCE of a copy that is believed. It is for its owner to write, and the organizer's has to rise above it.
const MAX_COPY_SEQUENCE: i64 = 1 << 30;

/// What is known beforehand of those who may be in an object. Who is not in it is not known at all.
#[derive(Debug, Clone, Default)]
pub(super) struct KnownPeople {
    /// What becomes of a message to them.
    pub delivery: BTreeMap<TelegramUserId, ScheduleStatus>,
    /// The SEQUENCE of their copy, if it says that they are not invited any more.
    pub taken_back: BTreeMap<TelegramUserId, i64>,
}

/// Decides about an object that the owner's client has sent, over the one that is stored (if there is one), of which it knows
/// everything or not (`is_current`).
pub(super) fn upsert(
    old: Option<&CalendarObject>,
    (sent, is_current): (CalendarObject, bool),
    owner: &Owner,
    domain: &InternalDomain,
    people: &KnownPeople,
) -> Upsert {
    let role = role_of(&sent, owner, domain);
    let before = Invitations::of(old, owner, domain);
    let mut object = None;
    let mut asked = Vec::new();
    let mut forced = BTreeSet::new();
    if role == Role::Organizer {
        let organized = with_organizer(old, &sent, owner, domain);
        let organized = if is_current {
            organized
        } else {
            with_answered_instances(&before, organized, owner, domain)
        };
        let decided = decide_answers(&before, &organized, owner, domain);
        asked = decided
            .asked
            .iter()
            .map(|(key, id)| ((*key).to_owned(), *id))
            .collect();
        forced.clone_from(&decided.forced);
        let asker = Asker {
            before: &before,
            decided: &decided,
            owner,
            domain,
            people,
        };
        object = Some(asker.write(&organized));
    } else if role == Role::Alone && sent.kind().is_scheduled() {
        // Whoever was invited once, and may be again, remembers the last one.
        object = Some(with_sequences(&sent, |component| {
            before.least_sequence(component)
        }));
    }
    let stored_as_sent = object.as_ref().is_none_or(|object| *object == sent);
    let object = object.unwrap_or(sent);
    let after = Invitations::of(Some(&object), owner, domain);
    let (newly_invited, stale_cards) = whom_to_tell(&before, &after);
    Upsert {
        stored_as_sent,
        unchanged: old.is_some_and(|old| *old == object),
        role,
        organizer: object.organizer().cloned(),
        attendees: attendee_rows(&object, owner, domain),
        newly_invited,
        stale_cards,
        asked,
        forced,
        object,
    }
}

/// What the server says in the organizer's object: answers, who is asked, what became of the message, SEQUENCE.
struct Asker<'a> {
    before: &'a Invitations<'a>,
    decided: &'a Decided<'a>,
    owner: &'a Owner,
    domain: &'a InternalDomain,
    people: &'a KnownPeople,
}

impl Asker<'_> {
    fn write(&self, organized: &CalendarObject) -> CalendarObject {
        let mut edit = Edit::of(organized);
        edit.attendees(|component, attendee| self.attendee(component, attendee));
        let object = edit.finish();
        with_sequences(&object, |component| self.sequence(component))
    }

    fn attendee(&self, component: &Component, attendee: &Attendee) -> AttendeeEdit {
        if attendee.schedule_agent != ScheduleAgent::Server {
            return AttendeeEdit::default();
        }
        let Some(id) = attendee.address.telegram_user_id(self.domain) else {
            return AttendeeEdit {
                schedule_status: Some(Some(ScheduleStatus::NoRoute.as_str().to_owned())),
                sent: true,
                ..AttendeeEdit::default()
            };
        };
        if id == self.owner.telegram_id {
            return AttendeeEdit {
                schedule_status: Some(None),
                sent: true,
                ..AttendeeEdit::default()
            };
        }
        let key = component.recurrence_key();
        let is_asked = self.decided.asked.contains(&(key, id)) || attendee.forces_request;
        let known = self
            .before
            .statuses
            .get(&(key, id))
            .or_else(|| self.before.statuses.get(&("", id)));
        let part_stat = self.decided.answers.get(&(key, id)).cloned();
        let status = match known.filter(|_| !is_asked) {
            Some(known) => *known,
            None if !attendee.forces_request
                && part_stat
                    .as_ref()
                    .is_some_and(|said| *said != PartStat::NeedsAction) =>
            {
                REPLIED
            }
            None => {
                let status = self.people.delivery.get(&id).copied();
                status.unwrap_or(ScheduleStatus::Pending).as_str()
            }
        };
        // Where the server has said that an answer is expected, a client that leaves it out has not heard of it.
        let waits = attendee.rsvp.is_none()
            && part_stat == Some(PartStat::NeedsAction)
            && self.before.waiting.contains(&(key, id));
        AttendeeEdit {
            // Repeated lines of one person are made to agree.
            asks: waits || attendee.rsvp == Some(true) || self.decided.reset.contains(&(key, id)),
            part_stat,
            schedule_status: Some(Some(status.to_owned())),
            sent: true,
        }
    }

    /// RFC 5546 section 2.1.4: it rises with each significant change and when something is called off (section 3.2.5) or takes
    /// place after all, and never falls. Most clients raise it themselves. To somebody whose invitation was taken back, the next one has to be newer than that (section 2.1.5).
    fn sequence(&self, component: &Component) -> i64 {
        let least = self.before.least_sequence(component);
        let old = self.before.component(component.recurrence_key());
        let invited_somebody = !self.before.answers.is_empty();
        let is_significant = old.is_some_and(|old| is_significant(old, component));
        // What becomes a component in order to be called off was as the series.
        let stood_in = old.or_else(|| self.before.component(""));
        let stood_in = stood_in.filter(|old| old.is_cancelled() != component.is_cancelled());
        let raised = match stood_in {
            Some(old) => Some(old.sequence),
            None => is_significant.then_some(least),
        };
        let raised = raised.filter(|_| invited_somebody);
        let raised = raised.map(|known| known.saturating_add(1));
        let again = self.taken_back_before(component).max();
        let again = again.map(|taken_back| {
            let taken_back = taken_back.max(self.before.last_sequence);
            taken_back.saturating_add(1)
        });
        [raised, again].into_iter().flatten().fold(least, i64::max)
    }

    /// The SEQUENCE of each cancelled copy of those who are invited anew.
    fn taken_back_before(&self, component: &Component) -> impl Iterator<Item = i64> {
        let attendees = component.attendees().iter();
        let invited =
            attendees.filter_map(|one| invited(one, Role::Organizer, self.owner, self.domain));
        let anew = invited.filter(|id| !self.before.people.contains(id));
        let sequences = anew.filter_map(|id| self.people.taken_back.get(&id).copied());
        sequences.map(|sequence| sequence.min(MAX_COPY_SEQUENCE))
    }
}

/// An object in which no SEQUENCE is lower than this.
fn with_sequences(object: &CalendarObject, least: impl Fn(&Component) -> i64) -> CalendarObject {
    let raised = |component: &Component| {
        let least = least(component);
        (component.sequence < least).then_some(least)
    };
    let sequences: Vec<_> = object.components().iter().map(raised).collect();
    if sequences.iter().all(Option::is_none) {
        return object.clone();
    }
    let calendar = Node::of(object);
    let mut edit = Edit::of(object);
    for (node, sequence) in calendar.kept(object).into_iter().zip(sequences) {
        if let Some(sequence) = sequence {
            edit.set(node, "SEQUENCE", &sequence.to_string());
        }
    }
    edit.finish()
}

/// The sent object with an ORGANIZER. What the server added once it adds again with the same name, even if the owner has
/// another by now: else each PUT of a client that drops the property would be a change.
fn with_organizer(
    old: Option<&CalendarObject>,
    sent: &CalendarObject,
    owner: &Owner,
    domain: &InternalDomain,
) -> CalendarObject {
    let address = CalendarUserAddress::internal(owner.telegram_id, domain);
    let known = old.filter(|old| old.organizer() == Some(&address));
    // Where only some of the components have one, it is the same.
    let said = Some(sent)
        .filter(|sent| sent.organizer().is_some())
        .or(known);
    let common_name = said.map_or(
        Some(owner.common_name.as_str()),
        CalendarObject::organizer_name,
    );
    sent.with_organizer(&address, common_name)
}

/// The sent object with the components that the server had made of instances because somebody answered for them alone. The
/// organizer's client may not know them: an answer leaves the schedule tag as it is, so that a change of something else does
/// not lose it (RFC 6638 section 3.2.10.1). What the organizer has said of an instance is the organizer's to take back.
fn with_answered_instances(
    before: &Invitations<'_>,
    sent: CalendarObject,
    owner: &Owner,
    domain: &InternalDomain,
) -> CalendarObject {
    let (Some(old), Some(new)) = (before.component(""), sent.master()) else {
        return sent;
    };
    if is_significant(old, new) {
        return sent;
    }
    let invited_by = |component: &Component| -> HashMap<TelegramUserId, PartStat> {
        let attendees = component.attendees().iter();
        let invited = attendees.filter_map(|attendee| {
            let id = invited(attendee, Role::Organizer, owner, domain)?;
            Some((id, attendee.part_stat.clone()))
        });
        invited.collect()
    };
    let (of_series, still_invited) = (invited_by(old), invited_by(new));
    let is_answered_alone = |component: &Component| {
        let answers = invited_by(component);
        let mut answers = answers
            .iter()
            .filter(|(id, _)| still_invited.contains_key(id));
        answers.any(|(id, said)| of_series.get(id).is_some_and(|of_series| of_series != said))
    };
    let is_of_answers = |component: &Component| {
        is_answered_alone(component) && says_what_series_says(component, old)
    };
    let missing = before.components().iter().filter(|component| {
        let key = component.recurrence_key();
        !key.is_empty() && sent.component(key).is_none() && is_of_answers(component)
    });
    let missing = missing.map(Component::recurrence_key);
    with_found(&sent, &find(&sent, missing)).unwrap_or(sent)
}

/// An object and whom it invites to what.
struct Invitations<'a> {
    object: Option<&'a CalendarObject>,
    answers: BTreeMap<(&'a str, TelegramUserId), &'a PartStat>,
    statuses: HashMap<(&'a str, TelegramUserId), &'a str>,
    /// Whose answer is expected, as RSVP says.
    waiting: HashSet<(&'a str, TelegramUserId)>,
    people: BTreeSet<TelegramUserId>,
    /// The highest SEQUENCE.
    last_sequence: i64,
}

impl<'a> Invitations<'a> {
    fn of(object: Option<&'a CalendarObject>, owner: &Owner, domain: &InternalDomain) -> Self {
        let mut invitations = Self {
            object,
            answers: BTreeMap::new(),
            statuses: HashMap::new(),
            waiting: HashSet::new(),
            people: BTreeSet::new(),
            last_sequence: object.map_or(0, last_sequence),
        };
        let Some(object) = object else {
            return invitations;
        };
        let role = role_of(object, owner, domain);
        for component in object.components() {
            let key = component.recurrence_key();
            for attendee in component.attendees() {
                if let Some(id) = invited(attendee, role, owner, domain) {
                    invitations.answers.insert((key, id), &attendee.part_stat);
                    invitations.people.insert(id);
                    if attendee.rsvp == Some(true) {
                        invitations.waiting.insert((key, id));
                    }
                    if let Some(status) = &attendee.schedule_status {
                        invitations.statuses.insert((key, id), status);
                    }
                }
            }
        }
        invitations
    }

    fn components(&self) -> &'a [Component] {
        self.object.map_or(&[], CalendarObject::components)
    }

    /// The component with this recurrence key.
    fn component(&self, key: &str) -> Option<&'a Component> {
        self.object?.component(key)
    }

    /// The least SEQUENCE that a component may have: the one that it had.
    fn least_sequence(&self, component: &Component) -> i64 {
        let old = self.component(component.recurrence_key());
        old.map_or(i64::MIN, |old| old.sequence)
    }
}

/// The highest SEQUENCE of an object.
pub(super) fn last_sequence(object: &CalendarObject) -> i64 {
    let sequences = object.components().iter();
    sequences
        .map(|component| component.sequence)
        .max()
        .unwrap_or_default()
}

/// What the invited attendees of an object shall have answered.
struct Decided<'a> {
    answers: HashMap<(&'a str, TelegramUserId), PartStat>,
    /// Who is asked now, for the first time or anew.
    asked: BTreeSet<(&'a str, TelegramUserId)>,
    /// Of those, whose answer does not stand any more.
    reset: BTreeSet<(&'a str, TelegramUserId)>,
    /// To whom a request goes in any case (SCHEDULE-FORCE-SEND).
    forced: BTreeSet<TelegramUserId>,
}

fn decide_answers<'a>(
    before: &Invitations<'_>,
    sent: &'a CalendarObject,
    owner: &Owner,
    domain: &InternalDomain,
) -> Decided<'a> {
    let mut decided = Decided {
        answers: HashMap::new(),
        asked: BTreeSet::new(),
        reset: BTreeSet::new(),
        forced: BTreeSet::new(),
    };
    let series = sent.master();
    let series_changed = match (before.component(""), series) {
        (Some(old), Some(new)) => is_significant(old, new),
        _ => true,
    };
    for component in sent.components() {
        let key = component.recurrence_key();
        // Where an answer that is already there would be, and whether it still stands.
        let (known_at, still_stands) = match (before.component(key), series) {
            (Some(old), _) => (key, !is_significant(old, component)),
            (None, Some(series)) => (
                "",
                !series_changed && !differs_from_series(component, series),
            ),
            (None, None) => ("", false),
        };
        for attendee in component.attendees() {
            let Some(id) = invited(attendee, Role::Organizer, owner, domain) else {
                continue;
            };
            let known = before.answers.get(&(known_at, id)).copied();
            if attendee.forces_request {
                decided.forced.insert(id);
            }
            // Who is to think again is asked as if for the first time (RFC 6638 section 3.2.7).
            let still_stands = still_stands
                && !(attendee.forces_request && attendee.part_stat == PartStat::NeedsAction);
            if known.is_none() || !still_stands {
                decided.asked.insert((key, id));
            }
            if known.is_some() && !still_stands {
                decided.reset.insert((key, id));
            }
            let part_stat = known.filter(|_| still_stands).cloned().unwrap_or_default();
            decided.answers.insert((key, id), part_stat);
        }
    }
    decided
}

/// Who is invited for the first time, and whose card may be wrong.
fn whom_to_tell(
    before: &Invitations<'_>,
    after: &Invitations<'_>,
) -> (Vec<TelegramUserId>, Vec<TelegramUserId>) {
    let (known, present) = (&before.people, &after.people);
    let organizer = |invitations: &Invitations<'_>| {
        let object = invitations.object?;
        Some((
            object.organizer()?.clone(),
            object.organizer_name().map(str::to_owned),
        ))
    };
    let mut instances = before.components().iter();
    let same_instances = before.components().len() == after.components().len()
        && instances.all(|old| after.component(old.recurrence_key()).is_some());
    // An instance that comes or goes concerns all, also those who are not invited to it.
    let everything_changed = organizer(before) != organizer(after) || !same_instances;
    let changed = before.components().iter().filter(|old| {
        let new = after.component(old.recurrence_key());
        new.is_none_or(|new| shows_something_else(old, new))
    });
    let changed: BTreeSet<&str> = changed.map(Component::recurrence_key).collect();
    let mut stale: BTreeSet<TelegramUserId> = BTreeSet::new();
    for ((key, id), part_stat) in &before.answers {
        let same = after.answers.get(&(*key, *id)) == Some(part_stat) && !changed.contains(key);
        if everything_changed || !same {
            stale.insert(*id);
        }
    }
    let invited_to_more = after
        .answers
        .keys()
        .filter(|(key, id)| !before.answers.contains_key(&(*key, *id)));
    stale.extend(
        invited_to_more
            .map(|(_, id)| *id)
            .filter(|id| known.contains(id)),
    );
    (
        present.difference(known).copied().collect(),
        stale.into_iter().collect(),
    )
}
