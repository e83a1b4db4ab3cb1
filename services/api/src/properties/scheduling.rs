//! Properties of scheduling (RFC 6638 section 9, RFC 7953 section 7.2).

use super::{Property, Value, named};
use crate::{
    availability,
    path::DavPath,
    resource::Resource,
    scene::Scene,
    xml::{CALDAV, Element},
};

pub(super) const PROPERTIES: &[Property] = &[
    named(CALDAV.name("schedule-calendar-transp"), transparency),
    named(
        CALDAV.name("schedule-default-calendar-URL"),
        default_calendar,
    ),
    named(CALDAV.name("schedule-tag"), schedule_tag),
    named(availability::NAME, availability),
];

/// Whether the calendar's events make its owner busy.
fn transparency(_: &Scene, resource: &Resource) -> Option<Value> {
    let Resource::Calendar(calendar) = resource else {
        return None;
    };
    let value = if calendar.properties.transparent {
        "transparent"
    } else {
        "opaque"
    };
    Value::element(Element::new(CALDAV.name(value)))
}

fn default_calendar(scene: &Scene, resource: &Resource) -> Option<Value> {
    let Resource::Inbox { own, .. } = resource else {
        return None;
    };
    Value::path(DavPath::Calendar {
        owner: scene.user.telegram_id,
        slug: own.default_calendar.clone()?,
    })
}

fn availability(_: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Inbox { own, .. } => own.availability.clone().map(Value::Fragment),
        _ => None,
    }
}

/// On scheduling object resources alone: those with an ORGANIZER, and no messages.
fn schedule_tag(_: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Object(object) if object.summary.is_scheduled => {
            Value::text(format!("\"{}\"", object.summary.schedule_tag))
        }
        _ => None,
    }
}
