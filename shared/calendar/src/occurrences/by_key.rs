//! Instances of a series by their recurrence keys, for whoever speaks of some of them and not of a time.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use chrono::{NaiveTime, TimeDelta};

use super::Occurrence;
use super::form::{Form, resolved};
use super::set::RecurrenceSet;
use crate::object::CalendarObject;
use crate::recurrence::Budget;
use crate::time::{Key, Moment, Zone, Zones};

/// How far a rule's time may be before the one that the clocks show, if they skip it.
const LONGEST_GAP: TimeDelta = TimeDelta::days(1);

/// How a series names its instances. Properties speak of them in many forms (a day for a time, UTC, another zone): all of
/// them become the recurrence key that RECURRENCE-ID has in the form of DTSTART.
#[derive(Debug)]
pub(crate) struct SeriesKeys<'o> {
    zones: Zones<'o>,
    form: Form,
    time_of_day: NaiveTime,
}

impl<'o> SeriesKeys<'o> {
    /// `None` if the series is not here, or has no dates.
    pub(crate) fn of(object: &'o CalendarObject) -> Option<Self> {
        let zones = object.zones();
        let timing = &object.master()?.timing;
        let start = resolved(timing.start.as_ref().or(timing.end.as_ref())?, &zones);
        Some(Self {
            form: Form::of(&start),
            time_of_day: start.local().time(),
            zones,
        })
    }

    /// What a TZID means in the object.
    pub(crate) fn zone(&self, tzid: &str) -> Option<Zone> {
        self.zones.resolve(tzid)
    }

    /// The key of the instance that a moment means. (A mere day means the time of day of the series.)
    pub(crate) fn key(&self, moment: &Moment) -> Key {
        let moment = resolved(moment, &self.zones);
        let local = self.form.local_of(&moment, self.time_of_day);
        match &self.form {
            Form::Zoned(Zone::Named(_)) | Form::Date => self.form.moment(local),
            // A zone that only its VTIMEZONE knows has no part in a key.
            Form::Zoned(Zone::Custom(_)) | Form::Floating { .. } => Moment::Floating {
                local,
                zone_name: None,
            },
        }
        .key()
    }
}

/// The instances with these recurrence keys that the series has and that no component of their own describes, in one pass
/// over the series. A hostile rule that has too much between them leaves some out.
pub(crate) fn instances_by_key(
    object: &CalendarObject,
    keys: impl Iterator<Item = Key>,
) -> BTreeMap<Key, Occurrence> {
    let mut found = BTreeMap::new();
    let Some(names) = SeriesKeys::of(object) else {
        return found;
    };
    let local_of = |key| names.form.local_of(&Moment::of_key(key), names.time_of_day);
    let wanted: HashMap<Key, _> = keys.map(|key| (key, local_of(key))).collect();
    let (Some(first), Some(last)) = (wanted.values().min(), wanted.values().max()) else {
        return found;
    };
    let low = first.checked_sub_signed(LONGEST_GAP).unwrap_or(*first);
    let set = RecurrenceSet::read(object, &names.zones, &Zone::UTC);
    let mut budget = Budget::default();
    let _ = set.try_for_each_of_series(low, *last, &mut budget, &mut |occurrence| {
        let key = occurrence.recurrence_id.as_ref().map(|id| names.key(id));
        if let Some(key) = key.filter(|key| wanted.contains_key(key)) {
            found.insert(key, occurrence);
        }
        if found.len() == wanted.len() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    found
}
