//! The times that rules and dates give together, in order and each once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use chrono::NaiveDateTime;

use super::form::Form;
use crate::recurrence::{Budget, Instances};

/// One rule's part.
#[derive(Debug)]
pub(super) struct Source {
    pub instances: Instances,
    /// The last key (see [`Form::key`]) that UNTIL allows, where local times do not say it.
    pub last_key: Option<NaiveDateTime>,
}

/// The union of some rules and dates.
#[derive(Debug)]
pub(super) struct Slots<'a> {
    form: &'a Form,
    sources: Vec<Source>,
    /// The next time of each source, with its index; dates have none.
    next: BinaryHeap<Reverse<(NaiveDateTime, Option<usize>)>>,
    last: Option<NaiveDateTime>,
}

/// When an instance would begin, if nothing changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    /// As the clocks show it.
    pub local: NaiveDateTime,
    /// See [`Form::key`].
    pub key: NaiveDateTime,
}

impl<'a> Slots<'a> {
    pub(super) fn new(
        form: &'a Form,
        sources: Vec<Source>,
        dates: impl Iterator<Item = NaiveDateTime>,
        budget: &mut Budget,
    ) -> Self {
        let mut slots = Self {
            form,
            sources,
            next: dates.map(|date| Reverse((date, None))).collect(),
            last: None,
        };
        for index in 0..slots.sources.len() {
            slots.advance(index, budget);
        }
        slots
    }

    /// The next one. `None` if there is none, or if the budget is spent.
    pub(super) fn next(&mut self, budget: &mut Budget) -> Option<Slot> {
        while let Some(Reverse((local, source))) = self.next.pop() {
            let mut is_allowed = true;
            let key = self.form.key(local);
            if let Some(index) = source {
                let last_key = self.sources.get(index).and_then(|source| source.last_key);
                is_allowed = last_key.is_none_or(|last| key <= last);
                self.advance(index, budget);
            }
            if !is_allowed || self.last == Some(local) {
                continue;
            }
            let shown = self.form.shown(local, key);
            if shown > local {
                // The clocks skip it: it comes later, perhaps together with another.
                self.next.push(Reverse((shown, None)));
                continue;
            }
            self.last = Some(local);
            return Some(Slot { local, key });
        }
        None
    }

    fn advance(&mut self, index: usize, budget: &mut Budget) {
        let next = self
            .sources
            .get_mut(index)
            .and_then(|source| source.instances.next(budget));
        if let Some(local) = next {
            self.next.push(Reverse((local, Some(index))));
        }
    }
}
