//! What the organizer's change is for each of those who are in the meeting.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::answer::{PartStats, part_stat_of};
use super::cancellation::cancelled_instances;
use super::cards::InstanceCards;
use super::copy::{Previous, cancelled, copy_for, say_the_same, without_answers};
use super::message::{Message, Method, about};
use super::plan::{CopyChange, CopyWrite, Plan};
use super::source::Source;
use super::{Person, Upsert};
use crate::address::{CalendarUserAddress, TelegramUserId};
use crate::object::{CalendarObject, Component};
use crate::part_stat::PartStat;

/// What attendees see of an object before they have made it their own. Most see the same, and that is made once.
pub(super) struct Views<'o> {
    source: &'o Source<'o>,
    by_components: HashMap<&'o [usize], usize>,
    objects: Vec<CalendarObject>,
    cancelled: HashMap<usize, CalendarObject>,
}

/// A view, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct View(usize);

impl<'o> Views<'o> {
    pub(super) fn of(source: &'o Source<'o>) -> Self {
        Self {
            source,
            by_components: HashMap::new(),
            objects: Vec::new(),
            cancelled: HashMap::new(),
        }
    }

    /// What somebody sees; `None` if no instance includes them.
    pub(super) fn of_person(&mut self, address: &CalendarUserAddress) -> Option<View> {
        let reached = self.source.reached(address);
        if let Some(known) = self.by_components.get(reached) {
            return Some(View(*known));
        }
        let object = copy_for(self.source, address, None)?;
        let number = self.objects.len();
        self.objects.push(object);
        self.by_components.insert(reached, number);
        Some(View(number))
    }

    pub(super) fn object(&self, view: View) -> Option<&CalendarObject> {
        self.objects.get(view.0)
    }

    /// A view as what is no more. `sequence` is the same each time.
    pub(super) fn cancelled(&mut self, view: View, sequence: i64) -> Option<&CalendarObject> {
        let object = self.objects.get(view.0)?;
        let known = self.cancelled.entry(view.0);
        Some(known.or_insert_with(|| cancelled(object, sequence)))
    }
}

/// What a PUT of the organizer's changes for each person.
pub(super) struct Changes<'o> {
    old: Option<Views<'o>>,
    new: Option<Views<'o>>,
    cards: Option<InstanceCards<'o>>,
    asked: BTreeSet<TelegramUserId>,
    forced: &'o BTreeSet<TelegramUserId>,
    /// What is told to those with the same view.
    requests: HashMap<View, Vec<u8>>,
    cancellations: HashMap<(View, View), Option<Vec<u8>>>,
    now: DateTime<Utc>,
    differences: HashMap<(View, View), Difference>,
}

/// What is new in a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Difference {
    Nothing,
    /// Others have answered, or the organizer has.
    Answers,
    /// Others are asked for an answer, or are not any more.
    Asked,
    More,
}

impl<'o> Changes<'o> {
    /// From one object of the organizer's to the next.
    pub(super) fn of(
        old: Option<&'o Source<'o>>,
        new: Option<&'o Source<'o>>,
        upsert: &'o Upsert,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            old: old.map(Views::of),
            new: new.map(Views::of),
            cards: new.map(|new| InstanceCards::of(old, new, now)),
            asked: upsert.asked.iter().map(|(_, id)| *id).collect(),
            forced: &upsert.forced,
            requests: HashMap::new(),
            cancellations: HashMap::new(),
            now,
            differences: HashMap::new(),
        }
    }

    /// What somebody saw before, if they were invited and are not any more.
    pub(super) fn lost(&mut self, address: &CalendarUserAddress) -> Option<&mut Views<'o>> {
        let is_invited = self.new.as_mut().and_then(|new| new.of_person(address));
        let old = self.old.as_mut().filter(|_| is_invited.is_none())?;
        old.of_person(address).is_some().then_some(old)
    }

    /// Adds to the plan what it is for somebody who is invited.
    pub(super) fn invite(
        &mut self,
        (id, person): (TelegramUserId, &Person),
        address: &CalendarUserAddress,
        plan: &mut Plan,
    ) {
        let new = self.new.as_mut();
        let Some(view) = new.and_then(|new| new.of_person(address)) else {
            return;
        };
        let old = self.old.as_mut();
        let before = old.and_then(|old| old.of_person(address));
        for key in self.cards.iter().flat_map(|cards| cards.to_tell(address)) {
            plan.stale_cards.insert(id);
            plan.instance_cards.insert((id, key));
        }
        let is_forced = self.forced.contains(&id);
        if is_forced {
            plan.stale_cards.insert(id);
            plan.resent.insert(id);
        }
        let difference = before.map(|before| self.difference((before, view), address));
        let is_asked = is_forced || self.asked.contains(&id);
        let cancellation = before
            .filter(|_| !is_asked)
            .and_then(|before| self.cancellation((before, view), address));
        let Some(new) = &self.new else { return };
        let Some(seen) = new.object(view) else { return };
        let requests = &mut self.requests;
        let now = self.now;
        let method = Method::to_tell_of(seen);
        let mut news = || {
            let text = requests
                .entry(view)
                .or_insert_with(|| about(seen, method, now));
            Message {
                to: id,
                from: None,
                method,
                text: text.clone(),
            }
        };
        let Some(copy) = &person.copy else {
            // Who has deleted it is not bothered with each change.
            if (before.is_none() || is_asked) && person.has_calendar {
                plan.messages.push(news());
                plan.copies.push(CopyChange {
                    of: id,
                    write: CopyWrite::Create(seen.clone()),
                });
            }
            return;
        };
        let old = self.old.as_ref();
        let was_seen = old.zip(before).and_then(|(old, before)| old.object(before));
        let has_nothing_own = was_seen == Some(copy);
        let object = match difference {
            Some(Difference::Nothing) => copy.clone(),
            _ if has_nothing_own => seen.clone(),
            Some(Difference::Answers) => answered_as(copy, seen),
            Some(Difference::Asked | Difference::More) | None => {
                let previous = Previous {
                    copy,
                    organizer: old.map_or(new.source, |old| old.source),
                };
                let written = copy_for(new.source, address, Some(previous));
                written.unwrap_or_else(|| seen.clone())
            }
        };
        let changes_schedule_tag = matches!(difference, Some(Difference::More) | None)
            || is_asked && difference != Some(Difference::Nothing);
        if changes_schedule_tag || is_forced {
            plan.messages.push(match cancellation {
                Some(text) => Message {
                    to: id,
                    from: None,
                    method: Method::Cancel,
                    text,
                },
                None => news(),
            });
        }
        if object != *copy {
            plan.copies.push(CopyChange {
                of: id,
                write: CopyWrite::Replace {
                    object,
                    changes_schedule_tag,
                },
            });
        }
    }

    /// The message to somebody of whom nothing is wanted, if all that is new is that instances are called off. It takes the
    /// place of what was said before, so that who has not answered yet is told of everything.
    fn cancellation(
        &mut self,
        (before, after): (View, View),
        address: &CalendarUserAddress,
    ) -> Option<Vec<u8>> {
        let views = self.old.as_ref().zip(self.new.as_ref())?;
        let seen = (views.0.object(before)?, views.1.object(after)?);
        let now = self.now;
        let known = self.cancellations.entry((before, after));
        let text = known.or_insert_with(|| {
            let cancelled = cancelled_instances(seen.0, seen.1)?;
            Some(about(&cancelled, Method::Cancel, now))
        });
        let is_open = |component: &&Component| {
            !component.is_cancelled()
                && part_stat_of(component, address) == Some(&PartStat::NeedsAction)
        };
        let is_answered = !seen.1.components().iter().any(|one| is_open(&one));
        text.clone().filter(|_| is_answered)
    }

    fn difference(
        &mut self,
        (before, after): (View, View),
        address: &CalendarUserAddress,
    ) -> Difference {
        let views = self.old.as_ref().zip(self.new.as_ref());
        let objects = views.and_then(|(old, new)| Some((old.object(before)?, new.object(after)?)));
        let Some(objects) = objects else {
            return Difference::More;
        };
        let known = self.differences.entry((before, after));
        let difference = *known.or_insert_with(|| Difference::between(objects.0, objects.1));
        // Whether an answer is expected of themselves is news.
        let is_same = difference != Difference::Asked
            || expectations(objects.0, address).eq(expectations(objects.1, address));
        if is_same {
            difference
        } else {
            Difference::More
        }
    }
}

impl Difference {
    fn between(before: &CalendarObject, after: &CalendarObject) -> Self {
        if say_the_same(before, after) {
            Self::Nothing
        } else if say_the_same(&answered_as(before, after), after) {
            Self::Answers
        } else if say_the_same(&without_answers(before), &without_answers(after)) {
            Self::Asked
        } else {
            Self::More
        }
    }
}

/// Where an answer of somebody is expected.
fn expectations<'o>(
    object: &'o CalendarObject,
    address: &CalendarUserAddress,
) -> impl Iterator<Item = &'o str> {
    let expects = |component: &&Component| {
        let attendee = component.attendee(address);
        attendee.is_some_and(|attendee| attendee.rsvp == Some(true))
    };
    let components = object.components().iter().filter(expects);
    components.map(Component::recurrence_key)
}

/// A copy with the answers that stand in another.
pub(super) fn answered_as(copy: &CalendarObject, as_in: &CalendarObject) -> CalendarObject {
    let answers = PartStats::of(as_in);
    copy.with_part_stats(|component, attendee| {
        let key = component.recurrence_key();
        // What is a component in the copy only says what the series says.
        let key = as_in.component(key).map_or("", Component::recurrence_key);
        answers.get(key, &attendee.address).cloned()
    })
}
