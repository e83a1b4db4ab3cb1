//! Which instances of a series have cards of their own, beside that of the series.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::change::{differs_from_series, shows_something_else};
use super::instance::{end_of_component, find_keys};
use super::source::Source;
use crate::address::CalendarUserAddress;
use crate::object::{CalendarObject, Component};
use crate::time::Key;

/// The most instances of one event of which one change tells a person by cards, the next to come first: who rearranges a
/// whole series does not mean to fill a chat. The calendar has them all.
pub const MAX_INSTANCE_CARDS: usize = 10;

/// What a change of the organizer's means for the instances of a series, whoever is in them.
///
/// Somebody has cards for those that differ from what the card of the series says and are not over: those at another time or
/// place, and those that they alone are invited to. A change tells of those that it makes so, of those that it changes once
/// more, and of those that it takes from somebody.
pub(super) struct InstanceCards<'o> {
    old: Option<&'o Source<'o>>,
    new: &'o Source<'o>,
    before: Vec<Instance>,
    after: Vec<Instance>,
    /// Instances of the old series that are components now: whoever is not in them has lost them. The next to come first.
    separated: Vec<(DateTime<Utc>, usize)>,
    /// Instances of the old series that are no more. The next to come first, and no more than anybody is told of.
    excluded: Vec<(DateTime<Utc>, String)>,
}

/// What is known of a component of the old or new object.
struct Instance {
    /// When it is over, if it is not over yet, and not the series.
    end: Option<DateTime<Utc>>,
    /// Whether it is not what the series says.
    differs: bool,
    /// Where it is in the other object.
    counterpart: Option<usize>,
    /// Of the new one: whether it shows something else than before, or was none.
    is_news: bool,
    /// Of the old one: whether the series has it no more.
    is_excluded: bool,
}

impl<'o> InstanceCards<'o> {
    pub(super) fn of(old: Option<&'o Source<'o>>, new: &'o Source<'o>, now: DateTime<Utc>) -> Self {
        let excluded_now: HashSet<Key> = old.map_or_else(HashSet::new, |old| {
            let before = old.excluded();
            let keys = new.excluded().keys();
            keys.filter(|key| !before.contains(*key)).collect()
        });
        let instances = |of: &Source<'_>, other: Option<&CalendarObject>| -> Vec<Instance> {
            let master = of.object.master();
            let components = of.object.components().iter().zip(of.instance_keys());
            components
                .map(|(component, instance_key)| {
                    let counterpart = other.and_then(|other| {
                        let index = other.position(component.recurrence_key())?;
                        Some((index, other.components().get(index)?))
                    });
                    let end = end_of_component(component);
                    Instance {
                        end: (component.recurrence_id.is_some() && end > now).then_some(end),
                        differs: master.is_none_or(|master| differs(component, master)),
                        counterpart: counterpart.map(|(index, _)| index),
                        is_news: counterpart
                            .is_none_or(|(_, before)| shows_something_else(before, component)),
                        is_excluded: instance_key.is_some_and(|key| excluded_now.contains(&key)),
                    }
                })
                .collect()
        };
        let before = old.map(|old| instances(old, Some(new.object)));
        let after = instances(new, old.map(|old| old.object));
        let mut cards = Self {
            old,
            new,
            before: before.unwrap_or_default(),
            after,
            separated: Vec::new(),
            excluded: Vec::new(),
        };
        cards.find_in_old_series(&excluded_now, now);
        cards
    }

    fn find_in_old_series(&mut self, excluded: &HashSet<Key>, now: DateTime<Utc>) {
        let Some(old) = self.old else { return };
        let components = self.new.object.components();
        let separated: HashMap<&str, usize> = components
            .iter()
            .enumerate()
            .map(|(index, component)| (component.recurrence_key(), index))
            .filter(|(key, _)| !key.is_empty() && old.object.component(key).is_none())
            .collect();
        let separated_keys = separated.keys().filter_map(|key| Key::parse(key));
        for found in find_keys(old.object, separated_keys.chain(excluded.iter().copied())) {
            let end = found.end();
            if end <= now {
                continue;
            }
            match separated.get(found.text.as_str()) {
                Some(index) => self.separated.push((end, *index)),
                None => self.excluded.push((end, found.text)),
            }
        }
        self.separated.sort_unstable();
        self.excluded.sort_unstable();
        self.excluded.truncate(MAX_INSTANCE_CARDS);
    }

    /// The recurrence keys of those of which somebody is told.
    pub(super) fn to_tell(&self, address: &CalendarUserAddress) -> BTreeSet<String> {
        let was_in = self.old.map_or(&[][..], |old| old.reached(address));
        let is_in = self.new.reached(address);
        let was_in_series = self.old.is_some_and(|old| old.reaches_series(address));
        let is_in_series = self.new.reaches_series(address);
        let key_in = |object: &CalendarObject, index: usize| {
            let component = object.components().get(index);
            component.map_or_else(String::new, |component| {
                component.recurrence_key().to_owned()
            })
        };
        let mut told: Vec<(DateTime<Utc>, String)> = Vec::new();
        for index in is_in {
            let Some(instance) = self.after.get(*index) else {
                continue;
            };
            let before = instance
                .counterpart
                .filter(|before| was_in.binary_search(before).is_ok())
                .and_then(|before| self.before.get(before));
            let had_card = before.is_some_and(|before| before.differs || !was_in_series);
            if let Some(end) = instance.end
                && (instance.differs || !is_in_series)
                && (instance.is_news || !had_card)
            {
                told.push((end, key_in(self.new.object, *index)));
            }
        }
        if let Some(old) = self.old {
            for index in was_in {
                let Some(instance) = self.before.get(*index) else {
                    continue;
                };
                let is_lost = match instance.counterpart {
                    Some(after) => is_in.binary_search(&after).is_err(),
                    None => instance.is_excluded,
                };
                if let Some(end) = instance.end.filter(|_| is_lost) {
                    told.push((end, key_in(old.object, *index)));
                }
            }
        }
        if was_in_series {
            let lost = self.separated.iter();
            let lost = lost.filter(|(_, index)| is_in.binary_search(index).is_err());
            let lost = lost.map(|(end, index)| (*end, key_in(self.new.object, *index)));
            told.extend(lost.take(MAX_INSTANCE_CARDS));
            told.extend(self.excluded.iter().cloned());
        }
        told.sort_unstable();
        let soonest = told.into_iter().map(|(_, key)| key);
        soonest.take(MAX_INSTANCE_CARDS).collect()
    }
}

/// Whether the card of the series does not say what an instance is.
fn differs(component: &Component, master: &Component) -> bool {
    differs_from_series(component, master) || component.status != master.status
}
