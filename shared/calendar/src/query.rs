//! CALDAV:filter: which objects a CALDAV:calendar-query is for (RFC 4791 section 9.7).
//!
//! The types are the elements of the same names; whoever reads the XML bounds how deep they nest. [`check`] says whether a
//! filter means anything, [`matches()`] tests an object, and [`candidates`] what a database can look up before objects are
//! read.

use thiserror::Error;

use crate::collation::Collation;
use crate::object::ComponentKind;
use crate::time_range::TimeRange;

mod alarms;
mod instances;
mod matching;

pub use matching::matches;

/// CALDAV:comp-filter (RFC 4791 section 9.7.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentFilter {
    /// The name of the components, in any case.
    pub name: String,
    /// What is asked of them.
    pub test: ComponentTest,
}

/// What a comp-filter asks of the components of its name that are in its scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComponentTest {
    /// There is none.
    NotDefined,
    /// There is one of which all of this holds.
    Defined {
        /// It has an instance that overlaps the range.
        time_range: Option<TimeRange>,
        /// Each of these matches its properties.
        properties: Vec<PropertyFilter>,
        /// Each of these matches the components in it.
        components: Vec<ComponentFilter>,
    },
}

/// CALDAV:prop-filter (RFC 4791 section 9.7.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyFilter {
    /// The name of the properties, in any case.
    pub name: String,
    /// What is asked of them.
    pub test: PropertyTest,
}

/// What a prop-filter asks of the properties of its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyTest {
    /// There is none.
    NotDefined,
    /// There is one of which all of this holds.
    Defined {
        /// Its value passes.
        value: Option<ValueTest>,
        /// Each of these matches its parameters.
        parameters: Vec<ParameterFilter>,
    },
}

/// What is asked of the value of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueTest {
    /// It is a time in the range.
    TimeRange(TimeRange),
    /// It holds a text.
    Text(TextMatch),
}

/// CALDAV:param-filter (RFC 4791 section 9.7.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterFilter {
    /// The name of the parameter, in any case.
    pub name: String,
    /// What is asked of it.
    pub test: ParameterTest,
}

/// What a param-filter asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterTest {
    /// The property has no such parameter.
    NotDefined,
    /// The property has one.
    Defined {
        /// Its value passes.
        text: Option<TextMatch>,
    },
}

/// CALDAV:text-match (RFC 4791 section 9.7.5): whether a value holds a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMatch {
    /// The text.
    pub text: String,
    /// How it is compared.
    pub collation: Collation,
    /// `negate-condition`: whether the value must not hold it.
    pub negate: bool,
}

/// What a database can select by: no object outside of it matches the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Candidates {
    /// The kind of the objects; `None` for any.
    pub component: Option<ComponentKind>,
    /// What the [`Bounds`](crate::occurrences::Bounds) of an object touch: they begin at or before its end, and end at or
    /// after its start.
    pub range: TimeRange,
}

/// Why a filter means nothing: CALDAV:valid-filter (RFC 4791 section 7.8).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidFilter {
    /// The outermost comp-filter is for something else.
    #[error("the filter begins with {name}, not with VCALENDAR")]
    NotVCalendar {
        /// The name that was given.
        name: String,
    },
    /// These components are never within those.
    #[error("there is no {inner} in a {outer}")]
    Nesting {
        /// The component that is looked for.
        inner: String,
        /// The component in which it is looked for.
        outer: String,
    },
    /// The component or property is at no time.
    #[error("a time range means nothing to {name}")]
    Timeless {
        /// Its name.
        name: String,
    },
    /// It has neither end, or ends before it begins.
    #[error("the time range of {name} has no end and no beginning, or ends before it begins")]
    EmptyRange {
        /// The name of the component or property.
        name: String,
    },
}

/// The properties to which a time range means something (RFC 4791 section 9.9).
const TIMED_PROPERTIES: [&str; 7] = [
    "COMPLETED",
    "CREATED",
    "DTEND",
    "DTSTAMP",
    "DTSTART",
    "DUE",
    "LAST-MODIFIED",
];

/// Whether the filter means something. It recurses as deep as the filter nests.
pub fn check(filter: &ComponentFilter) -> Result<(), InvalidFilter> {
    if filter.name.eq_ignore_ascii_case("VCALENDAR") {
        check_component(filter, None)
    } else {
        let name = filter.name.clone();
        Err(InvalidFilter::NotVCalendar { name })
    }
}

fn check_component(filter: &ComponentFilter, outer: Option<&str>) -> Result<(), InvalidFilter> {
    let name = filter.name.as_str();
    let is = |names: &[&str]| names.iter().any(|wanted| name.eq_ignore_ascii_case(wanted));
    let kind = ComponentKind::parse(name);
    let is_outermost = kind.is_some() || is(&["VTIMEZONE"]);
    let is_in_calendar = outer.is_some_and(|outer| outer.eq_ignore_ascii_case("VCALENDAR"));
    let is_misplaced = is_outermost && !is_in_calendar || is(&["VALARM"]) && is_in_calendar;
    if let Some(outer) = outer
        && (is_misplaced || is(&["VCALENDAR"]))
    {
        return Err(InvalidFilter::Nesting {
            inner: name.to_owned(),
            outer: outer.to_owned(),
        });
    }
    let ComponentTest::Defined {
        time_range,
        properties,
        components,
    } = &filter.test
    else {
        return Ok(());
    };
    if let Some(range) = time_range {
        // To VCALENDAR it means any time of what the calendar holds.
        check_range(name, kind.is_some() || is(&["VALARM", "VCALENDAR"]), range)?;
    }
    for property in properties {
        if let PropertyTest::Defined {
            value: Some(ValueTest::TimeRange(range)),
            ..
        } = &property.test
        {
            let is_timed = TIMED_PROPERTIES
                .iter()
                .any(|timed| timed.eq_ignore_ascii_case(&property.name));
            check_range(&property.name, is_timed, range)?;
        }
    }
    components
        .iter()
        .try_for_each(|component| check_component(component, Some(name)))
}

fn check_range(name: &str, is_timed: bool, range: &TimeRange) -> Result<(), InvalidFilter> {
    let name = || name.to_owned();
    if !is_timed {
        return Err(InvalidFilter::Timeless { name: name() });
    }
    if !range.is_valid() {
        return Err(InvalidFilter::EmptyRange { name: name() });
    }
    Ok(())
}

/// What can be said of all objects that match the filter, without reading them.
pub fn candidates(filter: &ComponentFilter) -> Candidates {
    let ComponentTest::Defined {
        time_range: any_time,
        components,
        ..
    } = &filter.test
    else {
        return Candidates::default();
    };
    let kinds = components.iter().filter_map(|component| {
        let kind = ComponentKind::parse(&component.name)?;
        let ComponentTest::Defined {
            time_range,
            properties,
            ..
        } = &component.test
        else {
            return None;
        };
        let range = time_range.or_else(|| properties.iter().find_map(range_of_instances));
        Some(Candidates {
            component: Some(kind),
            range: range.unwrap_or_default(),
        })
    });
    // All of them must match, so that what one says is true.
    let mut kinds: Vec<_> = kinds.collect();
    kinds.sort_by_key(|candidates| candidates.range == TimeRange::default());
    let mut found = kinds.first().copied().unwrap_or_default();
    if found.range == TimeRange::default() {
        found.range = any_time.unwrap_or_default();
    }
    found
}

/// Whether a filter asks for no more than a kind of component, or for anything at all: then each of its [`candidates`] matches.
pub fn asks_for_kind_only(filter: &ComponentFilter) -> bool {
    let ComponentTest::Defined {
        time_range: None,
        properties,
        components,
    } = &filter.test
    else {
        return false;
    };
    let asks_nothing = |component: &ComponentFilter| {
        matches!(
            &component.test,
            ComponentTest::Defined { time_range: None, properties, components }
                if properties.is_empty() && components.is_empty()
        )
    };
    properties.is_empty()
        && match components.as_slice() {
            [] => true,
            [one] => ComponentKind::parse(&one.name).is_some() && asks_nothing(one),
            _ => false,
        }
}

/// The range of a property that says when an instance is, so that the instance touches it.
fn range_of_instances(filter: &PropertyFilter) -> Option<TimeRange> {
    let says_when = ["DTSTART", "DTEND", "DUE"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(&filter.name));
    match &filter.test {
        PropertyTest::Defined {
            value: Some(ValueTest::TimeRange(range)),
            ..
        } if says_when => Some(*range),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
