//! Properties of calendars: RFC 4791 section 5.2, time zones by name (RFC 7809), and what Apple asks of a home.

use televent_calendar::{
    Collation,
    object::{MAX_ATTENDEES, MAX_INSTANCES, MAX_OBJECT_BYTES},
};

use super::{Property, Value, named};
use crate::{
    resource::Resource,
    scene::Scene,
    xml::{CALDAV, Element},
};

/// The kinds of components that a calendar can hold (RFC 4791 section 5.2.3).
pub(crate) const COMPONENTS: [&str; 4] = ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"];

/// All that four digits of a year can say.
const MIN_DATE_TIME: &str = "00010101T000000Z";
const MAX_DATE_TIME: &str = "99991231T235959Z";

pub(super) const PROPERTIES: &[Property] = &[
    named(
        CALDAV.name("supported-calendar-component-set"),
        supported_components,
    ),
    named(
        CALDAV.name("supported-calendar-component-sets"),
        supported_component_sets,
    ),
    named(CALDAV.name("supported-calendar-data"), supported_data),
    named(CALDAV.name("supported-collation-set"), supported_collations),
    named(CALDAV.name("max-resource-size"), |_, resource| {
        on_calendar(resource, MAX_OBJECT_BYTES.to_string())
    }),
    named(CALDAV.name("min-date-time"), |_, resource| {
        on_calendar(resource, MIN_DATE_TIME.to_owned())
    }),
    named(CALDAV.name("max-date-time"), |_, resource| {
        on_calendar(resource, MAX_DATE_TIME.to_owned())
    }),
    named(CALDAV.name("max-instances"), |_, resource| {
        on_calendar(resource, MAX_INSTANCES.to_string())
    }),
    named(CALDAV.name("max-attendees-per-instance"), |_, resource| {
        on_calendar(resource, MAX_ATTENDEES.to_string())
    }),
    named(CALDAV.name("calendar-timezone"), time_zone),
    named(CALDAV.name("calendar-timezone-id"), time_zone_id),
];

fn on_calendar(resource: &Resource, text: String) -> Option<Value> {
    match resource {
        Resource::Calendar(_) | Resource::Inbox { .. } => Value::text(text),
        _ => None,
    }
}

fn component(name: &str) -> Element {
    Element::new(CALDAV.name("comp")).with_attribute("name", name)
}

fn supported_components(_: &Scene, resource: &Resource) -> Option<Value> {
    let components = match resource {
        Resource::Calendar(calendar) => calendar
            .properties
            .components
            .iter()
            .map(|name| component(name))
            .collect(),
        Resource::Inbox { .. } | Resource::Outbox(_) => COMPONENTS.map(component).to_vec(),
        _ => return None,
    };
    Some(Value::Elements(components))
}

/// Which sets of components calendars can be made for: none is named where all are taken (Apple's caldav extensions).
fn supported_component_sets(_: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Home(_) => Some(Value::Elements(Vec::new())),
        _ => None,
    }
}

fn supported_data(_: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Calendar(_) | Resource::Inbox { .. } | Resource::Outbox(_) => Value::element(
            Element::new(CALDAV.name("calendar-data"))
                .with_attribute("content-type", "text/calendar")
                .with_attribute("version", "2.0"),
        ),
        _ => None,
    }
}

fn supported_collations(_: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Calendar(_) | Resource::Inbox { .. } | Resource::Object(_) => {
            let collations = Collation::ALL.map(|collation| {
                Element::new(CALDAV.name("supported-collation")).with_text(collation.as_str())
            });
            Some(Value::Elements(collations.to_vec()))
        }
        _ => None,
    }
}

fn time_zone(_: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Calendar(calendar) => Value::text(calendar.properties.time_zone.clone()?),
        _ => None,
    }
}

fn time_zone_id(_: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Calendar(calendar) => Value::text(calendar.properties.time_zone_id.clone()?),
        _ => None,
    }
}
