//! What a PUT means.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::change::{differs_from_series, is_significant, shows_something_else};
use super::rows::{attendee_rows, invited};
use super::{Owner, Role, Upsert, role_of};
use crate::address::{CalendarUserAddress, InternalDomain, TelegramUserId};
use crate::object::{CalendarObject, Component};
use crate::part_stat::PartStat;

/// Decides about an object that the owner's client has sent, over the one that is stored (if there is one).
pub fn upsert(
    old: Option<&CalendarObject>,
    sent: CalendarObject,
    owner: &Owner,
    domain: &InternalDomain,
) -> Upsert {
    let role = role_of(&sent, owner, domain);
    let before = Invitations::of(old, owner, domain);
    let mut object = None;
    let mut answers_reset = false;
    if role == Role::Organizer {
        let organized = with_organizer(old, &sent, owner, domain);
        let decided = decide_answers(&before, &organized, owner, domain);
        answers_reset = decided.answers_reset;
        object = Some(organized.with_part_stats(|component, address| {
            let id = address.telegram_user_id(domain)?;
            decided
                .answers
                .get(&(component.recurrence_key(), id))
                .cloned()
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
        answers_reset,
        object,
    }
}

/// The sent object with an ORGANIZER. What the server added once it adds again with the same name, even if the owner has
/// another by now: else each PUT of a client that drops the property would be a change.
fn with_organizer(
    old: Option<&CalendarObject>,
    sent: &CalendarObject,
    owner: &Owner,
    domain: &InternalDomain,
) -> CalendarObject {
    if sent.organizer().is_some() {
        return sent.clone();
    }
    let address = CalendarUserAddress::internal(owner.telegram_id, domain);
    let known = old.filter(|old| old.organizer() == Some(&address));
    let common_name = known.map_or(
        Some(owner.common_name.as_str()),
        CalendarObject::organizer_name,
    );
    sent.with_organizer(&address, common_name)
}

/// An object and whom it invites to what.
struct Invitations<'a> {
    object: Option<&'a CalendarObject>,
    components: HashMap<&'a str, &'a Component>,
    answers: BTreeMap<(&'a str, TelegramUserId), &'a PartStat>,
}

impl<'a> Invitations<'a> {
    fn of(object: Option<&'a CalendarObject>, owner: &Owner, domain: &InternalDomain) -> Self {
        let mut invitations = Self {
            object,
            components: HashMap::new(),
            answers: BTreeMap::new(),
        };
        let Some(object) = object else {
            return invitations;
        };
        let role = role_of(object, owner, domain);
        for component in object.components() {
            let key = component.recurrence_key();
            invitations.components.insert(key, component);
            for attendee in component.attendees() {
                if let Some(id) = invited(attendee, role, owner, domain) {
                    invitations.answers.insert((key, id), &attendee.part_stat);
                }
            }
        }
        invitations
    }

    fn people(&self) -> BTreeSet<TelegramUserId> {
        self.answers.keys().map(|(_, id)| *id).collect()
    }
}

/// What the invited attendees of an object shall have answered.
struct Decided<'a> {
    answers: HashMap<(&'a str, TelegramUserId), PartStat>,
    answers_reset: bool,
}

fn decide_answers<'a>(
    before: &Invitations<'_>,
    sent: &'a CalendarObject,
    owner: &Owner,
    domain: &InternalDomain,
) -> Decided<'a> {
    let mut decided = Decided {
        answers: HashMap::new(),
        answers_reset: false,
    };
    let series = sent
        .components()
        .iter()
        .find(|component| component.recurrence_id.is_none());
    let series_changed = match (before.components.get(""), series) {
        (Some(old), Some(new)) => is_significant(old, new),
        _ => true,
    };
    for component in sent.components() {
        let key = component.recurrence_key();
        // Where an answer that is already there would be, and whether it still stands.
        let (known_at, still_stands) = match (before.components.get(key), series) {
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
            decided.answers_reset |=
                !still_stands && known.is_some_and(|known| *known != PartStat::NeedsAction);
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
    let known = before.people();
    let present = after.people();
    let organizer = |invitations: &Invitations<'_>| {
        let object = invitations.object?;
        Some((
            object.organizer()?.clone(),
            object.organizer_name().map(str::to_owned),
        ))
    };
    let same_instances = before.components.len() == after.components.len()
        && before
            .components
            .keys()
            .all(|key| after.components.contains_key(key));
    // An instance that comes or goes concerns all, also those who are not invited to it.
    let everything_changed = organizer(before) != organizer(after) || !same_instances;
    let changed: BTreeSet<&str> = before
        .components
        .iter()
        .filter(|(key, old)| {
            after
                .components
                .get(*key)
                .is_none_or(|new| shows_something_else(old, new))
        })
        .map(|(key, _)| *key)
        .collect();
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
        present.difference(&known).copied().collect(),
        stale.into_iter().collect(),
    )
}
