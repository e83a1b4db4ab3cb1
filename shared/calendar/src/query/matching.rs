//! Whether an object matches a filter.

use super::instances::Instances;
use super::{
    ComponentFilter, ComponentTest, ParameterFilter, ParameterTest, PropertyFilter, PropertyTest,
    TIMED_PROPERTIES, TextMatch, ValueTest,
};
use crate::content_line::Property;
use crate::object::CalendarObject;
use crate::text::unescape;
use crate::time::{Zone, Zones};
use crate::tree::{Node, PropertyLine};

/// Whether the filter (for VCALENDAR) matches an object. Days and times without a zone are taken to be in `floating`.
///
/// A series that would take too much work to follow to its end matches: a client rather sees an object too many than
/// misses one.
pub fn matches(filter: &ComponentFilter, object: &CalendarObject, floating: &Zone) -> bool {
    let calendar = Node::of(object);
    let zones = object.zones();
    let subject = Subject {
        object,
        zones: &zones,
        floating,
    };
    if !filter.name.eq_ignore_ascii_case(&calendar.name) {
        return matches!(filter.test, ComponentTest::NotDefined);
    }
    let ComponentTest::Defined {
        time_range,
        properties,
        components,
    } = &filter.test
    else {
        return false;
    };
    // What is asked of the calendar's time and properties may also be about what it holds: clients that look for events and
    // to-dos alike ask so.
    time_range.is_none_or(|range| Instances::new(&subject, calendar.kept(object)).overlaps(&range))
        && properties
            .iter()
            .all(|filter| subject.calendar_has(filter, &calendar))
        && components
            .iter()
            .all(|filter| subject.matches_in_calendar(filter, &calendar))
}

/// What is asked about.
pub(super) struct Subject<'a> {
    pub object: &'a CalendarObject,
    pub zones: &'a Zones<'a>,
    pub floating: &'a Zone,
}

impl Subject<'_> {
    /// A filter for the properties of the calendar, or of the components that it is about.
    fn calendar_has(&self, filter: &PropertyFilter, calendar: &Node<'_>) -> bool {
        let mut kept = calendar.kept(self.object).into_iter();
        if filter.test == PropertyTest::NotDefined {
            return self.property_matches(filter, calendar)
                && kept.all(|component| self.property_matches(filter, component));
        }
        self.property_matches(filter, calendar)
            || kept.any(|component| self.property_matches(filter, component))
    }

    /// A filter for the components of the calendar. Those that have instances are tested by their instances.
    fn matches_in_calendar(&self, filter: &ComponentFilter, calendar: &Node<'_>) -> bool {
        let kind = self.object.kind().as_str();
        match &filter.test {
            ComponentTest::Defined {
                time_range,
                properties,
                components,
            } if filter.name.eq_ignore_ascii_case(kind) => {
                let mut instances = Instances::new(self, calendar.kept(self.object));
                for filter in properties {
                    instances.retain_by_property(filter);
                }
                for filter in components {
                    instances.retain_by_component(filter);
                }
                match time_range {
                    Some(range) => instances.overlaps(range),
                    None => instances.is_any_left(),
                }
            }
            _ => self.component_matches(filter, calendar),
        }
    }

    /// A filter for the components within another one. It recurses no deeper than the components nest.
    pub(super) fn component_matches(&self, filter: &ComponentFilter, scope: &Node<'_>) -> bool {
        let mut named = scope
            .components
            .iter()
            .filter(|component| component.name.eq_ignore_ascii_case(&filter.name));
        match &filter.test {
            ComponentTest::NotDefined => named.next().is_none(),
            // RFC 4791 section 9.9 defines it for nothing that is not tested by its instances.
            ComponentTest::Defined {
                time_range: Some(_),
                ..
            } => false,
            ComponentTest::Defined {
                time_range: None,
                properties,
                components,
            } => named.any(|component| self.is_like(component, properties, components)),
        }
    }

    /// Whether a component passes the tests of its properties and components.
    pub(super) fn is_like(
        &self,
        component: &Node<'_>,
        properties: &[PropertyFilter],
        components: &[ComponentFilter],
    ) -> bool {
        properties
            .iter()
            .all(|filter| self.property_matches(filter, component))
            && components
                .iter()
                .all(|filter| self.component_matches(filter, component))
    }

    /// A filter for the properties of a component, each with the value that is written.
    pub(super) fn property_matches(&self, filter: &PropertyFilter, component: &Node<'_>) -> bool {
        let mut named = component.properties_named(&filter.name);
        match &filter.test {
            PropertyTest::NotDefined => named.next().is_none(),
            PropertyTest::Defined { value, parameters } => named.any(|line| {
                value
                    .as_ref()
                    .is_none_or(|value| self.value_matches(value, line))
                    && parameters_match(parameters, line)
            }),
        }
    }

    fn value_matches(&self, test: &ValueTest, line: &PropertyLine<'_>) -> bool {
        match test {
            ValueTest::TimeRange(range) => {
                TIMED_PROPERTIES.iter().any(|name| line.is(name))
                    && line
                        .moment(self.zones)
                        .is_some_and(|moment| range.contains(moment.to_utc(self.floating)))
            }
            // Commas that part a list are text here, so that one may look for a value or for the whole list.
            ValueTest::Text(text) => line
                .property()
                .is_some_and(|property| text.matches(&unescape(&property.value_text()))),
        }
    }
}

/// Whether all filters match the parameters of a property.
pub(super) fn parameters_match(filters: &[ParameterFilter], line: &PropertyLine<'_>) -> bool {
    let property = if filters.is_empty() {
        return true;
    } else {
        line.property()
    };
    property.is_some_and(|property| {
        filters
            .iter()
            .all(|filter| parameter_matches(filter, &property))
    })
}

fn parameter_matches(filter: &ParameterFilter, property: &Property<'_>) -> bool {
    let mut values = property.parameters(&filter.name);
    match &filter.test {
        ParameterTest::NotDefined => values.next().is_none(),
        ParameterTest::Defined { text: None } => values.next().is_some(),
        ParameterTest::Defined { text: Some(text) } => values.any(|value| text.matches(&value)),
    }
}

impl TextMatch {
    /// Whether a value passes.
    pub fn matches(&self, value: &str) -> bool {
        self.collation.contains(value, &self.text) != self.negate
    }
}
