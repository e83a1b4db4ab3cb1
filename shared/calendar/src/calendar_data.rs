//! CALDAV:calendar-data: what of an object a report returns (RFC 4791 section 9.6, RFC 7809 section 7.1).
//!
//! What is left out leaves the other lines as they are, byte for byte; only CALDAV:expand and `novalue` write lines anew.
//! Each part of a request is a step of its own that takes iCalendar and gives iCalendar, in this order: the recurrence set,
//! the free-busy set, time zones, and the selected components and properties.

use std::borrow::Cow;
use std::ops::Range;

use thiserror::Error;

use crate::content_line::splice;
use crate::object::CalendarObject;
use crate::time::Zone;
use crate::time_range::TimeRange;

mod expand;
mod instance;
mod limit;
mod selection;

pub use expand::{MAX_EXPANDED_BYTES, MAX_EXPANDED_INSTANCES};

/// What a client wants of each object. The default is all of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CalendarDataRequest {
    /// CALDAV:comp for VCALENDAR: the components and properties that are returned. `None` for all.
    pub selection: Option<ComponentSelection>,
    /// What becomes of the instances.
    pub recurrence: Option<RecurrenceSet>,
    /// CALDAV:limit-freebusy-set (RFC 4791 section 9.6.7): only periods of FREEBUSY that overlap this range.
    pub limit_freebusy: Option<TimeRange>,
    /// `CalDAV-Timezones: F` (RFC 7809 section 7.1): no VTIMEZONE of a zone that is known by its IANA name.
    pub omit_time_zones: bool,
}

/// Which instances are returned, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecurrenceSet {
    /// CALDAV:expand (RFC 4791 section 9.6.5): the instances that overlap the range, each as a component of its own.
    Expand(TimeRange),
    /// CALDAV:limit-recurrence-set (RFC 4791 section 9.6.6): the series, and the overrides that matter for the range.
    Limit(TimeRange),
}

/// CALDAV:comp (RFC 4791 section 9.6.1): what is returned of the components of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentSelection {
    /// The name of the components, in any case.
    pub name: String,
    /// Which properties: CALDAV:allprop or CALDAV:prop.
    pub properties: PropertySelection,
    /// Which components in them: CALDAV:allcomp or CALDAV:comp.
    pub components: SubcomponentSelection,
}

/// Which properties of a component are returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertySelection {
    /// CALDAV:allprop.
    All,
    /// Those that are named, and perhaps none.
    Named(Vec<SelectedProperty>),
}

/// CALDAV:prop (RFC 4791 section 9.6.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectedProperty {
    /// The name of the properties, in any case.
    pub name: String,
    /// `novalue`: name and parameters only.
    pub no_value: bool,
}

/// Which components of a component are returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubcomponentSelection {
    /// CALDAV:allcomp.
    All,
    /// Those that are named, and perhaps none.
    Named(Vec<ComponentSelection>),
}

impl ComponentSelection {
    /// All of the components of a name. That is what an empty CALDAV:comp means: in the example of RFC 4791 section 7.8.1
    /// it returns a whole VTIMEZONE.
    pub fn whole(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            properties: PropertySelection::All,
            components: SubcomponentSelection::All,
        }
    }

    fn is_whole(&self) -> bool {
        self.properties == PropertySelection::All && self.components == SubcomponentSelection::All
    }
}

/// An object has more instances in a range than are worked on: DAV:number-of-matches-within-limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("there are more instances in the time range than {max}, or too much data in them")]
pub struct TooManyInstances {
    /// The limit.
    pub max: usize,
}

impl CalendarDataRequest {
    /// Whether each object is returned as it is.
    pub fn is_whole(&self) -> bool {
        self.selection
            .as_ref()
            .is_none_or(ComponentSelection::is_whole)
            && self.recurrence.is_none()
            && self.limit_freebusy.is_none()
            && !self.omit_time_zones
    }

    /// What to return of an object: a VCALENDAR, in which nothing may be left. Days and times without a zone are taken to
    /// be in `floating`.
    pub fn apply<'o>(
        &self,
        object: &'o CalendarObject,
        floating: &Zone,
    ) -> Result<Cow<'o, [u8]>, TooManyInstances> {
        let mut data = match &self.recurrence {
            None => Cow::Borrowed(object.as_bytes()),
            Some(RecurrenceSet::Expand(range)) => expand::expand(object, range, floating)?,
            Some(RecurrenceSet::Limit(range)) => edited(
                object.as_bytes(),
                &limit::overrides(object, range, floating),
            ),
        };
        if let Some(range) = &self.limit_freebusy {
            data = step(data, |bytes| limit::free_busy(bytes, range));
        }
        if self.omit_time_zones {
            data = step(data, limit::known_time_zones);
        }
        if let Some(selection) = &self.selection {
            data = step(data, |bytes| selection::selected(bytes, selection));
        }
        Ok(data)
    }
}

/// What replaces spans of the bytes, in order.
type Edits = Vec<(Range<usize>, Vec<u8>)>;

fn step<'o>(data: Cow<'o, [u8]>, edits: impl FnOnce(&[u8]) -> Edits) -> Cow<'o, [u8]> {
    let edits = edits(&data);
    if edits.is_empty() {
        data
    } else {
        Cow::Owned(splice(&data, &edits))
    }
}

fn edited<'o>(bytes: &'o [u8], edits: &Edits) -> Cow<'o, [u8]> {
    if edits.is_empty() {
        Cow::Borrowed(bytes)
    } else {
        Cow::Owned(splice(bytes, edits))
    }
}

#[cfg(test)]
mod tests;
