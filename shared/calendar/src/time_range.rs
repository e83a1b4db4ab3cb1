//! Time ranges and what overlaps them: the tables of RFC 4791 section 9.9.

use chrono::{DateTime, TimeDelta, Utc};

use crate::object::{CalendarObject, ComponentKind};
use crate::occurrences::{Occurrence, Window};
use crate::time::{Zone, Zones};
use crate::tree::Node;

/// From when to when, the end not included: CALDAV:time-range and its kin (RFC 4791 section 9.9). `None` is without a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TimeRange {
    /// The beginning.
    pub start: Option<DateTime<Utc>>,
    /// The end.
    pub end: Option<DateTime<Utc>>,
}

impl TimeRange {
    /// With both ends.
    pub const fn between(start: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        Self {
            start: Some(start),
            end: Some(end),
        }
    }

    /// Whether it has an end or a beginning, and if both, the one after the other, as RFC 4791 section 9.9 wants it.
    pub fn is_valid(&self) -> bool {
        match (self.start, self.end) {
            (None, None) => false,
            (Some(start), Some(end)) => start < end,
            _ => true,
        }
    }

    /// Whether an instant is in it.
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.starts_by(at) && self.ends_after(at)
    }

    /// Whether something that takes this time overlaps it; if it takes none, whether it is in it.
    pub(crate) fn overlaps(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        let starts = if to > from {
            self.starts_before(to)
        } else {
            self.starts_by(from)
        };
        starts && self.ends_after(from)
    }

    /// `start < at`.
    pub(crate) fn starts_before(&self, at: DateTime<Utc>) -> bool {
        self.start.is_none_or(|start| start < at)
    }

    /// `start <= at`.
    pub(crate) fn starts_by(&self, at: DateTime<Utc>) -> bool {
        self.start.is_none_or(|start| start <= at)
    }

    /// `end > at`.
    pub(crate) fn ends_after(&self, at: DateTime<Utc>) -> bool {
        self.end.is_none_or(|end| end > at)
    }

    /// `end >= at`.
    pub(crate) fn ends_from(&self, at: DateTime<Utc>) -> bool {
        self.end.is_none_or(|end| end >= at)
    }

    /// The window in which instances are that begin up to `before` before it, or end up to `after` after it.
    pub(crate) fn window(&self, before: TimeDelta, after: TimeDelta) -> Window {
        Window {
            from: self
                .start
                .and_then(|start| start.checked_sub_signed(before)),
            to: self.end.and_then(|end| end.checked_add_signed(after)),
        }
    }
}

impl From<TimeRange> for Window {
    fn from(range: TimeRange) -> Self {
        Self {
            from: range.start,
            to: range.end,
        }
    }
}

/// Tells of the instances of an object whether they overlap a time range.
pub(crate) struct InstanceTest {
    kind: ComponentKind,
    /// Of each component of a to-do, in order.
    todos: Vec<Todo>,
}

/// What the table of VTODO asks for beside the dates.
struct Todo {
    has_duration: bool,
    completed: Option<DateTime<Utc>>,
    created: Option<DateTime<Utc>>,
}

impl InstanceTest {
    /// For an object and its components.
    pub fn new(
        object: &CalendarObject,
        components: &[&Node<'_>],
        zones: &Zones<'_>,
        floating: &Zone,
    ) -> Self {
        let todo = |component: &&Node<'_>| Todo {
            has_duration: component.properties_named("DURATION").next().is_some(),
            completed: component.instant("COMPLETED", zones, floating),
            created: component.instant("CREATED", zones, floating),
        };
        let is_todo = object.kind() == ComponentKind::Todo;
        let todos = components.iter().filter(|_| is_todo).map(todo).collect();
        Self {
            kind: object.kind(),
            todos,
        }
    }

    /// Whether the instance overlaps the range. Nothing is said of a VFREEBUSY, which has no instances.
    pub fn overlaps(&self, occurrence: &Occurrence, range: &TimeRange) -> bool {
        match self.kind {
            ComponentKind::Event => range.overlaps(occurrence.from, occurrence.to),
            // Without a start it is at no time.
            ComponentKind::Journal => {
                occurrence.start.is_some() && range.overlaps(occurrence.from, occurrence.to)
            }
            ComponentKind::Todo => self
                .todos
                .get(occurrence.component)
                .is_some_and(|todo| todo.overlaps(occurrence, range)),
            ComponentKind::FreeBusy => false,
        }
    }
}

impl Todo {
    fn overlaps(&self, occurrence: &Occurrence, range: &TimeRange) -> bool {
        let (start, due) = (occurrence.from, occurrence.to);
        match (&occurrence.start, &occurrence.end) {
            (Some(_), Some(_)) if self.has_duration => {
                range.starts_by(due) && (range.ends_after(start) || range.ends_from(due))
            }
            (Some(_), Some(_)) => {
                (range.starts_before(due) || range.starts_by(start))
                    && (range.ends_after(start) || range.ends_from(due))
            }
            (Some(_), None) => range.contains(start),
            (None, Some(_)) => range.starts_before(due) && range.ends_from(due),
            (None, None) => self.overlaps_undated(range),
        }
    }

    fn overlaps_undated(&self, range: &TimeRange) -> bool {
        match (self.completed, self.created) {
            (Some(completed), Some(created)) => {
                (range.starts_by(created) || range.starts_by(completed))
                    && (range.ends_from(created) || range.ends_from(completed))
            }
            (Some(completed), None) => range.starts_by(completed) && range.ends_from(completed),
            (None, Some(created)) => range.ends_after(created),
            (None, None) => true,
        }
    }
}
