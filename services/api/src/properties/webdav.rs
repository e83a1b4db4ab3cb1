//! Properties of WebDAV itself: RFC 4918, quota (RFC 4331), sync (RFC 6578), `getctag`, and resource ids (RFC 5842).

use chrono::SecondsFormat;
use televent_store::MAX_OWNER_BYTES;

use super::{Property, Value, named};
use crate::{
    representation::{content_type, http_date},
    resource::Resource,
    scene::Scene,
    sync_token::SyncToken,
    xml::{CALDAV, CALENDARSERVER, DAV, Element, Name},
};

const fn in_allprop(
    name: Name<'static>,
    value: fn(&Scene, &Resource) -> Option<Value>,
) -> Property {
    Property {
        name,
        in_allprop: true,
        value,
    }
}

pub(super) const PROPERTIES: &[Property] = &[
    in_allprop(DAV.name("resourcetype"), resourcetype),
    in_allprop(DAV.name("displayname"), displayname),
    in_allprop(DAV.name("getetag"), getetag),
    in_allprop(DAV.name("getcontenttype"), getcontenttype),
    in_allprop(DAV.name("getcontentlength"), getcontentlength),
    in_allprop(DAV.name("getlastmodified"), getlastmodified),
    in_allprop(DAV.name("creationdate"), creationdate),
    in_allprop(DAV.name("supportedlock"), no_locks),
    in_allprop(DAV.name("lockdiscovery"), no_locks),
    named(DAV.name("resource-id"), resource_id),
    named(DAV.name("sync-token"), sync_token_property),
    named(CALENDARSERVER.name("getctag"), getctag),
    named(DAV.name("quota-available-bytes"), quota_available),
    named(DAV.name("quota-used-bytes"), quota_used),
];

fn resourcetype(_: &Scene, resource: &Resource) -> Option<Value> {
    let types: &[Name<'static>] = match resource {
        Resource::Root(_) | Resource::Principals | Resource::Homes | Resource::Home(_) => {
            &[DAV.name("collection")]
        }
        Resource::Principal { .. } => &[DAV.name("collection"), DAV.name("principal")],
        Resource::Inbox { .. } => &[DAV.name("collection"), CALDAV.name("schedule-inbox")],
        Resource::Outbox(_) => &[DAV.name("collection"), CALDAV.name("schedule-outbox")],
        Resource::Calendar(_) => &[DAV.name("collection"), CALDAV.name("calendar")],
        Resource::Object(_) => &[],
    };
    Some(Value::Elements(
        types.iter().copied().map(Element::new).collect(),
    ))
}

fn displayname(scene: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Principal { principal, .. } => Value::text(&principal.name),
        Resource::Home(_) => Value::text(&scene.user.name),
        Resource::Calendar(calendar) => Value::text(&calendar.properties.display_name),
        _ => None,
    }
}

fn getetag(_: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Object(object) => Value::text(format!("\"{}\"", object.summary.etag)),
        _ => None,
    }
}

fn getcontenttype(_: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Object(object) => Value::text(content_type(&object.summary.component)),
        _ => None,
    }
}

fn getcontentlength(_: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Object(object) => Value::text(object.summary.bytes.to_string()),
        _ => None,
    }
}

fn getlastmodified(_: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Object(object) => Value::text(http_date(object.summary.updated_at)),
        _ => None,
    }
}

fn creationdate(_: &Scene, resource: &Resource) -> Option<Value> {
    let created_at = match resource {
        Resource::Object(object) => object.summary.created_at,
        Resource::Calendar(calendar) => calendar.created_at,
        _ => return None,
    };
    Value::text(created_at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// Nothing can be locked here, which is what an empty list says.
fn no_locks(_: &Scene, _: &Resource) -> Option<Value> {
    Some(Value::Elements(Vec::new()))
}

fn resource_id(scene: &Scene, resource: &Resource) -> Option<Value> {
    let id = resource.id(scene)?;
    Value::element(Element::new(DAV.name("href")).with_text(&format!("urn:uuid:{id}")))
}

fn sync_token_property(_: &Scene, resource: &Resource) -> Option<Value> {
    let collection = resource.collection()?;
    Value::text(SyncToken::new(collection.id, collection.ctag).to_string())
}

fn getctag(_: &Scene, resource: &Resource) -> Option<Value> {
    Value::text(resource.collection()?.ctag.to_string())
}

fn quota_used(_: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Home(home) => Value::text(home.used_bytes?.to_string()),
        _ => None,
    }
}

fn quota_available(_: &Scene, resource: &Resource) -> Option<Value> {
    match resource {
        Resource::Home(home) => {
            let available = MAX_OWNER_BYTES.saturating_sub(home.used_bytes?).max(0);
            Value::text(available.to_string())
        }
        _ => None,
    }
}
