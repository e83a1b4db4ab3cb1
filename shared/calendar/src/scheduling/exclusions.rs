//! The instances that EXDATE takes out of a series.

use std::ops::Range;

use super::change::is_subset;
use crate::content_line::Property;
use crate::object::CalendarObject;
use crate::occurrences::SeriesKeys;
use crate::time::{Key, Moment};
use crate::tree::{Node, PropertyLine};

/// The instances that EXDATE takes out of the series of an object, by the keys that the series has for them. There may be
/// tens of thousands, so that they are neither texts nor in a tree.
#[derive(Debug, Default)]
pub(super) struct Exclusions {
    /// Sorted by key, each once.
    all: Vec<Exclusion>,
}

#[derive(Debug)]
struct Exclusion {
    key: Key,
    /// Which property of the series says it, and where in its value.
    line: usize,
    value: Range<usize>,
}

impl Exclusions {
    /// Those of an object; `nodes` are its components.
    pub(super) fn of(nodes: &[&Node<'_>], object: &CalendarObject) -> Self {
        let master = object.position("").and_then(|index| nodes.get(index));
        let (Some(master), Some(series)) = (master, SeriesKeys::of(object)) else {
            return Self::default();
        };
        let mut all = Vec::new();
        for (line, property) in master.properties.iter().enumerate() {
            let property = Some(property).filter(|property| property.is("EXDATE"));
            let Some(property) = property.and_then(PropertyLine::property) else {
                continue;
            };
            let tzid = property.parameter("TZID");
            let zone = tzid.as_deref().and_then(|tzid| series.zone(tzid));
            for value in values(&property) {
                let text = property.value().get(value.clone()).unwrap_or_default();
                let text = std::str::from_utf8(text).unwrap_or_default();
                if let Some(moment) = Moment::parse_in(text, None, zone.as_ref()) {
                    let key = series.key(&moment);
                    all.push(Exclusion { key, line, value });
                }
            }
        }
        all.sort_by_key(|exclusion| exclusion.key);
        all.dedup_by_key(|exclusion| exclusion.key);
        Self { all }
    }

    /// The keys, sorted.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.all.iter().map(|exclusion| exclusion.key)
    }

    pub(super) fn contains(&self, key: Key) -> bool {
        self.position(key).is_some()
    }

    /// Whether another has all of these.
    pub(super) fn is_subset(&self, whole: &Self) -> bool {
        is_subset(self.keys(), whole.keys())
    }

    /// A line that takes an instance out as `series` does, of which these are.
    pub(super) fn line(&self, key: Key, series: &Node<'_>) -> Option<Vec<u8>> {
        let exclusion = self.all.get(self.position(key)?)?;
        let property = series.properties.get(exclusion.line)?.property()?;
        let mut line = property.before_value().to_vec();
        line.extend_from_slice(property.value().get(exclusion.value.clone())?);
        Some(line)
    }

    fn position(&self, key: Key) -> Option<usize> {
        self.all
            .binary_search_by_key(&key, |exclusion| exclusion.key)
            .ok()
    }
}

/// Where in the value of a property the values of its list stand, without white space around them.
fn values(property: &Property<'_>) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    let parts = property.value().split(|byte| *byte == b',');
    let ranges = parts.map(move |part| {
        let start = at + part.len() - part.trim_ascii_start().len();
        let range = start..start + part.trim_ascii().len();
        at += part.len() + 1;
        range
    });
    ranges.collect::<Vec<_>>().into_iter()
}
