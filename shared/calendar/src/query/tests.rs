//! Tests of filters.

use super::*;
use crate::object::CalendarObject;
use crate::rfc4791::{RESOURCES, at, component, components, eastern, object, range, resource};
use crate::time::Zone;

mod checks;
mod examples;
mod hostile;
mod instances;
mod tables;
mod texts;

/// A filter for VCALENDAR with one comp-filter.
fn calendar(component: ComponentFilter) -> ComponentFilter {
    all("VCALENDAR", None, vec![], vec![component])
}

fn all(
    name: &str,
    time_range: Option<TimeRange>,
    properties: Vec<PropertyFilter>,
    components: Vec<ComponentFilter>,
) -> ComponentFilter {
    ComponentFilter {
        name: name.to_owned(),
        test: ComponentTest::Defined {
            time_range,
            properties,
            components,
        },
    }
}

fn in_range(name: &str, start: &str, end: &str) -> ComponentFilter {
    all(name, Some(range(start, end)), vec![], vec![])
}

fn no_component(name: &str) -> ComponentFilter {
    ComponentFilter {
        name: name.to_owned(),
        test: ComponentTest::NotDefined,
    }
}

fn property(
    name: &str,
    value: Option<ValueTest>,
    parameters: Vec<ParameterFilter>,
) -> PropertyFilter {
    PropertyFilter {
        name: name.to_owned(),
        test: PropertyTest::Defined { value, parameters },
    }
}

fn no_property(name: &str) -> PropertyFilter {
    PropertyFilter {
        name: name.to_owned(),
        test: PropertyTest::NotDefined,
    }
}

fn parameter(name: &str, text: Option<TextMatch>) -> ParameterFilter {
    ParameterFilter {
        name: name.to_owned(),
        test: ParameterTest::Defined { text },
    }
}

/// The text in `i;ascii-casemap`; after a `!`, negated.
fn text(text: &str) -> TextMatch {
    TextMatch {
        text: text.trim_start_matches('!').to_owned(),
        collation: Collation::AsciiCasemap,
        negate: text.starts_with('!'),
    }
}

fn holds(name: &str, part: &str) -> PropertyFilter {
    property(name, Some(ValueTest::Text(text(part))), vec![])
}

fn is_at(name: &str, start: &str, end: &str) -> PropertyFilter {
    property(name, Some(ValueTest::TimeRange(range(start, end))), vec![])
}

/// Whether the component matches, in UTC, and that what a database would select by does not leave it out.
fn found(filter: ComponentFilter, object: &CalendarObject) -> bool {
    found_in(filter, object, &Zone::UTC)
}

fn found_in(filter: ComponentFilter, object: &CalendarObject, floating: &Zone) -> bool {
    let filter = calendar(filter);
    let is_match = matches(&filter, object, floating);
    let candidates = candidates(&filter);
    let bounds = crate::occurrence_bounds(object);
    let is_candidate = candidates
        .component
        .is_none_or(|kind| kind == object.kind())
        && bounds
            .first
            .is_none_or(|first| candidates.range.ends_from(first))
        && bounds
            .last
            .is_none_or(|last| candidates.range.starts_by(last));
    assert!(is_candidate || !is_match, "{filter:?} of {bounds:?}");
    is_match
}
