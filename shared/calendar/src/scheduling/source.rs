//! An organizer's object, read once for all the copies that are made of it.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::exclusions::Exclusions;
use crate::address::CalendarUserAddress;
use crate::object::{CalendarObject, Component};
use crate::occurrences::SeriesKeys;
use crate::part_stat::ScheduleAgent;
use crate::time::Key;
use crate::tree::Node;

/// An object with what is read of it for each of the people in it.
pub(super) struct Source<'o> {
    pub object: &'o CalendarObject,
    pub calendar: Node<'o>,
    /// The components to which the server invites somebody, as indices; sorted.
    reached: HashMap<&'o CalendarUserAddress, Vec<usize>>,
    excluded: OnceCell<Exclusions>,
    instance_keys: OnceCell<Vec<Option<Key>>>,
    by_instance_key: OnceCell<HashMap<Key, usize>>,
}

impl<'o> Source<'o> {
    pub(super) fn of(object: &'o CalendarObject) -> Self {
        let mut reached: HashMap<&CalendarUserAddress, Vec<usize>> = HashMap::new();
        for (index, component) in object.components().iter().enumerate() {
            for attendee in component.attendees() {
                if attendee.schedule_agent == ScheduleAgent::Server {
                    reached.entry(&attendee.address).or_default().push(index);
                }
            }
        }
        Self {
            object,
            calendar: Node::of(object),
            reached,
            excluded: OnceCell::new(),
            instance_keys: OnceCell::new(),
            by_instance_key: OnceCell::new(),
        }
    }

    /// The components that say something to somebody, and leave it to the server: indices, sorted.
    pub(super) fn reached(&self, address: &CalendarUserAddress) -> &[usize] {
        self.reached.get(address).map_or(&[], Vec::as_slice)
    }

    /// Whether the server invites somebody to the series, and not to instances of it alone.
    pub(super) fn reaches_series(&self, address: &CalendarUserAddress) -> bool {
        let series = self.object.position("");
        series.is_some_and(|series| self.reached(address).binary_search(&series).is_ok())
    }

    /// The instances that EXDATE takes out of the series.
    pub(super) fn excluded(&self) -> &Exclusions {
        self.excluded
            .get_or_init(|| Exclusions::of(&self.calendar.kept(self.object), self.object))
    }

    /// The instance that each component describes, by the key that the series has for it; `None` for the series.
    pub(super) fn instance_keys(&self) -> &[Option<Key>] {
        self.instance_keys
            .get_or_init(|| instance_keys(self.object))
    }

    /// The component that describes the instance which the series names so.
    pub(super) fn component_of_instance(&self, key: Key) -> Option<&'o Component> {
        let by_key = self.by_instance_key.get_or_init(|| {
            let keys = self.instance_keys().iter().zip(0..);
            keys.filter_map(|(key, index)| Some(((*key)?, index)))
                .collect()
        });
        self.object.components().get(*by_key.get(&key)?)
    }
}

/// See [`Source::instance_keys`]: a RECURRENCE-ID may be in another form than DTSTART.
pub(super) fn instance_keys(object: &CalendarObject) -> Vec<Option<Key>> {
    let series = SeriesKeys::of(object);
    let key = |component: &Component| {
        let id = component.timing.recurrence_id.as_ref()?;
        Some(
            series
                .as_ref()
                .map_or_else(|| id.key(), |series| series.key(id)),
        )
    };
    object.components().iter().map(key).collect()
}
