//! Properties that tell who somebody is and where their things are: RFC 3744, RFC 5397, RFC 4791 section 6.2, RFC 6638
//! section 2.4, and what Apple adds.

use super::{Property, Value, named};
use crate::{
    path::DavPath,
    resource::Resource,
    scene::Scene,
    xml::{CALDAV, CALENDARSERVER, DAV, Element},
};

pub(super) const PROPERTIES: &[Property] = &[
    named(DAV.name("current-user-principal"), current_user_principal),
    named(DAV.name("principal-URL"), principal_url),
    named(
        DAV.name("principal-collection-set"),
        principal_collection_set,
    ),
    named(DAV.name("alternate-URI-set"), of_principal_nothing),
    named(DAV.name("group-membership"), of_principal_nothing),
    named(DAV.name("group-member-set"), of_principal_nothing),
    named(CALDAV.name("calendar-home-set"), calendar_home_set),
    named(
        CALDAV.name("calendar-user-address-set"),
        calendar_user_address_set,
    ),
    named(CALDAV.name("calendar-user-type"), calendar_user_type),
    named(CALDAV.name("schedule-inbox-URL"), schedule_inbox),
    named(CALDAV.name("schedule-outbox-URL"), schedule_outbox),
    named(CALENDARSERVER.name("email-address-set"), email_address_set),
];

/// RFC 5397: on every resource.
fn current_user_principal(scene: &Scene, _: &Resource) -> Option<Value> {
    Value::path(DavPath::Principal(scene.user.telegram_id))
}

fn principal_url(scene: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Principal { .. } => Value::path(resource.path(scene)),
        _ => None,
    }
}

fn principal_collection_set(_: &Scene, _: &Resource) -> Option<Value> {
    Value::path(DavPath::Principals)
}

/// There are no groups and no other URLs.
fn of_principal_nothing(_: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Principal { .. } => Some(Value::Paths(Vec::new())),
        _ => None,
    }
}

/// On the asker's own principal: where others post to is the server's business.
fn of_asker(scene: &Scene, resource: &Resource, path: DavPath) -> Option<Value> {
    match resource {
        Resource::Principal { .. } if !resource.is_another_principal(scene) => Value::path(path),
        _ => None,
    }
}

/// Of others, too: clients take only those for people who have one. It leads nowhere for whoever is not its owner.
fn calendar_home_set(_: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Principal { principal, .. } => Value::path(DavPath::Home(principal.telegram_id)),
        _ => None,
    }
}

fn schedule_inbox(scene: &Scene, resource: &Resource) -> Option<Value> {
    of_asker(scene, resource, DavPath::Inbox(scene.user.telegram_id))
}

fn schedule_outbox(scene: &Scene, resource: &Resource) -> Option<Value> {
    of_asker(scene, resource, DavPath::Outbox(scene.user.telegram_id))
}

/// The `mailto:` first, and marked as preferred: clients take it as the ORGANIZER of what they make. The principal's URL is
/// no address here: an ORGANIZER with it would be a stranger.
fn calendar_user_address_set(scene: &Scene, resource: &Resource) -> Option<Value> {
    let Resource::Principal { principal, .. } = resource else {
        return None;
    };
    Value::element(
        Element::new(DAV.name("href"))
            .with_attribute("preferred", "1")
            .with_text(&scene.address_of(principal.telegram_id)),
    )
}

fn calendar_user_type(_: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Principal { .. } => Value::text("INDIVIDUAL"),
        _ => None,
    }
}

fn email_address_set(scene: &Scene, resource: &Resource) -> Option<Value> {
    let Resource::Principal { principal, .. } = resource else {
        return None;
    };
    let address = scene.address_of(principal.telegram_id);
    let email = address.strip_prefix("mailto:").unwrap_or(&address);
    Value::element(Element::new(CALENDARSERVER.name("email-address")).with_text(email))
}
