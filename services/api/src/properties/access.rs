//! Access control (RFC 3744): everybody has all rights in their own home, and none elsewhere. None of it can be changed.

use super::{Property, Value, named};
use crate::{
    path::DavPath,
    resource::Resource,
    scene::Scene,
    xml::{CALDAV, DAV, Element, Name},
};

pub(super) const PROPERTIES: &[Property] = &[
    named(DAV.name("owner"), owner),
    named(
        DAV.name("current-user-privilege-set"),
        current_user_privileges,
    ),
    named(DAV.name("supported-privilege-set"), supported_privileges),
    named(DAV.name("acl"), acl),
    named(DAV.name("acl-restrictions"), acl_restrictions),
    named(DAV.name("inherited-acl-set"), inherited_acls),
];

const READ: Name<'static> = DAV.name("read");
const READ_ACL: Name<'static> = DAV.name("read-acl");
const READ_PRIVILEGES: Name<'static> = DAV.name("read-current-user-privilege-set");
const WRITE: Name<'static> = DAV.name("write");
const WRITE_PROPERTIES: Name<'static> = DAV.name("write-properties");
const WRITE_CONTENT: Name<'static> = DAV.name("write-content");
const BIND: Name<'static> = DAV.name("bind");
const UNBIND: Name<'static> = DAV.name("unbind");
const READ_FREE_BUSY: Name<'static> = CALDAV.name("read-free-busy");
const DELIVER: [Name<'static>; 4] = [
    CALDAV.name("schedule-deliver"),
    CALDAV.name("schedule-deliver-invite"),
    CALDAV.name("schedule-deliver-reply"),
    CALDAV.name("schedule-query-freebusy"),
];
const SEND: [Name<'static>; 4] = [
    CALDAV.name("schedule-send"),
    CALDAV.name("schedule-send-invite"),
    CALDAV.name("schedule-send-reply"),
    CALDAV.name("schedule-send-freebusy"),
];

fn owner_path(scene: &Scene, resource: &Resource) -> Option<DavPath> {
    match resource {
        Resource::Root(_) | Resource::Principals | Resource::Homes => None,
        Resource::Principal { .. } => Some(resource.path(scene)),
        _ => Some(DavPath::Principal(scene.user.telegram_id)),
    }
}

fn owner(scene: &Scene, resource: &Resource) -> Option<Value> {
    Value::path(owner_path(scene, resource)?)
}

/// What the asker may do.
fn privileges(scene: &Scene, resource: &Resource) -> Vec<Name<'static>> {
    let mut granted = vec![READ, READ_PRIVILEGES];
    match resource {
        Resource::Root(_) | Resource::Principals | Resource::Homes => {}
        Resource::Principal { .. } if resource.is_another_principal(scene) => {}
        Resource::Principal { .. } => granted.extend([READ_ACL, WRITE_PROPERTIES]),
        Resource::Home(_) => granted.extend([READ_ACL, WRITE, WRITE_PROPERTIES, BIND, UNBIND]),
        Resource::Inbox { .. } => {
            granted.extend([READ_ACL, WRITE_PROPERTIES, UNBIND]);
            granted.extend(DELIVER);
        }
        Resource::Outbox(_) => {
            granted.extend([READ_ACL, WRITE_PROPERTIES]);
            granted.extend(SEND);
        }
        // They are the server's to deliver; to go, they are unbound from the inbox.
        Resource::Object(_) if resource.is_message() => {
            granted.extend([READ_ACL, WRITE_PROPERTIES, WRITE_CONTENT]);
        }
        Resource::Calendar(_) | Resource::Object(_) => granted.extend([
            READ_ACL,
            READ_FREE_BUSY,
            WRITE,
            WRITE_PROPERTIES,
            WRITE_CONTENT,
            BIND,
            UNBIND,
        ]),
    }
    granted
}

fn privilege(name: Name<'_>) -> Element {
    Element::new(DAV.name("privilege")).with(Element::new(name))
}

fn current_user_privileges(scene: &Scene, resource: &Resource) -> Option<Value> {
    Some(Value::Elements(
        privileges(scene, resource)
            .into_iter()
            .map(privilege)
            .collect(),
    ))
}

/// A privilege with those that it contains (RFC 3744 section 5.3).
fn supported(name: Name<'_>, description: &str, contained: Vec<Element>) -> Element {
    Element::new(DAV.name("supported-privilege"))
        .with(privilege(name))
        .with(
            Element::new(DAV.name("description"))
                .with_attribute("xml:lang", "en")
                .with_text(description),
        )
        .with_all(contained)
}

fn supported_privileges(_: &Scene, _: &Resource) -> Option<Value> {
    let leaf = |name, description: &str| supported(name, description, Vec::new());
    let [deliver, deliver_invite, deliver_reply, query_free_busy] = DELIVER;
    let [send, send_invite, send_reply, send_free_busy] = SEND;
    Value::element(supported(
        DAV.name("all"),
        "Any operation",
        vec![
            supported(
                READ,
                "Read",
                vec![
                    leaf(READ_ACL, "Read access control"),
                    leaf(READ_PRIVILEGES, "Read own privileges"),
                    leaf(READ_FREE_BUSY, "Read free-busy times"),
                ],
            ),
            supported(
                WRITE,
                "Write",
                vec![
                    leaf(WRITE_PROPERTIES, "Write properties"),
                    leaf(WRITE_CONTENT, "Write content"),
                    leaf(BIND, "Add members"),
                    leaf(UNBIND, "Remove members"),
                ],
            ),
            supported(
                deliver,
                "Deliver scheduling messages",
                vec![
                    leaf(deliver_invite, "Deliver invitations"),
                    leaf(deliver_reply, "Deliver replies"),
                    leaf(query_free_busy, "Ask for free-busy times"),
                ],
            ),
            supported(
                send,
                "Send scheduling messages",
                vec![
                    leaf(send_invite, "Send invitations"),
                    leaf(send_reply, "Send replies"),
                    leaf(send_free_busy, "Send free-busy requests"),
                ],
            ),
        ],
    ))
}

fn acl(scene: &Scene, resource: &Resource) -> Option<Value> {
    let who = match owner_path(scene, resource) {
        Some(_) if !resource.is_another_principal(scene) => {
            Element::new(DAV.name("property")).with(Element::new(DAV.name("owner")))
        }
        _ => Element::new(DAV.name("authenticated")),
    };
    let granted = privileges(scene, resource).into_iter().map(privilege);
    Value::element(
        Element::new(DAV.name("ace"))
            .with(Element::new(DAV.name("principal")).with(who))
            .with(Element::new(DAV.name("grant")).with_all(granted))
            .with(Element::new(DAV.name("protected"))),
    )
}

fn acl_restrictions(_: &Scene, _: &Resource) -> Option<Value> {
    Some(Value::Elements(vec![
        Element::new(DAV.name("grant-only")),
        Element::new(DAV.name("no-invert")),
    ]))
}

fn inherited_acls(_: &Scene, _: &Resource) -> Option<Value> {
    Some(Value::Paths(Vec::new()))
}
