//! An organizer's object, read once for all the copies that are made of it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use crate::address::CalendarUserAddress;
use crate::object::{CalendarObject, Component};
use crate::occurrences::SeriesKeys;
use crate::part_stat::ScheduleAgent;
use crate::time::Moment;
use crate::tree::Node;

/// An object with what is read of it for each of the people in it.
pub(super) struct Source<'o> {
    pub object: &'o CalendarObject,
    pub calendar: Node<'o>,
    /// The components to which the server invites somebody, as indices; sorted.
    reached: HashMap<&'o CalendarUserAddress, Vec<usize>>,
    excluded: OnceCell<BTreeMap<String, Vec<u8>>>,
    instance_keys: OnceCell<Vec<String>>,
    by_instance_key: OnceCell<HashMap<String, usize>>,
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

    /// The instances that EXDATE takes out of the series, by recurrence key, each with a line that says so.
    pub(super) fn excluded(&self) -> &BTreeMap<String, Vec<u8>> {
        self.excluded
            .get_or_init(|| excluded_instances(&self.calendar.kept(self.object), self.object))
    }

    /// The instance that each component describes, by the key that the series has for it; empty for the series.
    pub(super) fn instance_keys(&self) -> &[String] {
        self.instance_keys
            .get_or_init(|| instance_keys(self.object))
    }

    /// The component that describes the instance which the series names so.
    pub(super) fn component_of_instance(&self, key: &str) -> Option<&'o Component> {
        let by_key = self.by_instance_key.get_or_init(|| {
            let keys = self.instance_keys().iter().cloned();
            keys.zip(0..).collect()
        });
        self.object.components().get(*by_key.get(key)?)
    }
}

/// See [`Source::instance_keys`]: a RECURRENCE-ID may be in another form than DTSTART.
pub(super) fn instance_keys(object: &CalendarObject) -> Vec<String> {
    let series = SeriesKeys::of(object);
    let key = |component: &Component| match (&series, &component.timing.recurrence_id) {
        (Some(series), Some(id)) => series.key(id),
        _ => component.recurrence_key().to_owned(),
    };
    object.components().iter().map(key).collect()
}

/// See [`Source::excluded`]; `nodes` are the components of the object.
pub(super) fn excluded_instances(
    nodes: &[&Node<'_>],
    object: &CalendarObject,
) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let master = object.position("").and_then(|index| nodes.get(index));
    let (Some(master), Some(series)) = (master, SeriesKeys::of(object)) else {
        return found;
    };
    for line in master.properties_named("EXDATE") {
        let Some(property) = line.property() else {
            continue;
        };
        let tzid = property.parameter("TZID");
        let zone = tzid.as_deref().and_then(|tzid| series.zone(tzid));
        for value in property.value_text().split(',').map(str::trim) {
            if let Some(moment) = Moment::parse_in(value, None, zone.as_ref()) {
                let mut text = property.before_value().to_vec();
                text.extend_from_slice(value.as_bytes());
                found.insert(series.key(&moment), text);
            }
        }
    }
    found
}
