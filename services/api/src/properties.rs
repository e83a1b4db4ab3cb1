//! The properties of resources: one table that says for each its name, whether `allprop` includes it,
//! and how it is written for the resources that have it.

use televent_calendar::{CalendarUserAddress, InternalDomain};
use televent_store::{Calendar, EventSummary, User};

use crate::{
    path::DavPath,
    representation::{content_type, http_date},
    xml::{CALDAV, CALENDARSERVER, DAV, Name, XmlWriter},
};

/// A resource that exists, with what its properties are read from.
#[derive(Clone, Debug)]
pub(crate) enum Resource {
    Root,
    Principals,
    Principal,
    Homes,
    Home,
    Calendar(Calendar),
    Object { slug: String, object: EventSummary },
}

/// Whose request it is. All resources that it reaches are the asker's own.
pub(crate) struct Scene<'a> {
    pub(crate) user: &'a User,
    pub(crate) domain: &'a InternalDomain,
}

/// What a PROPFIND asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked<'a> {
    /// These, found or not.
    Named(Vec<Name<'a>>),
    /// Those of RFC 4918, and these besides.
    All { include: Vec<Name<'a>> },
    /// Only the names of what is there.
    Names,
}

struct Property {
    name: Name<'static>,
    in_allprop: bool,
    /// Writes the element; `false`, with nothing written, where the resource does not have it.
    write: fn(&mut XmlWriter, Name<'static>, &Scene<'_>, &Resource) -> bool,
}

const PROPERTIES: &[Property] = &[
    Property {
        name: DAV.name("resourcetype"),
        in_allprop: true,
        write: resourcetype,
    },
    Property {
        name: DAV.name("displayname"),
        in_allprop: true,
        write: displayname,
    },
    Property {
        name: DAV.name("getetag"),
        in_allprop: true,
        write: getetag,
    },
    Property {
        name: DAV.name("getcontenttype"),
        in_allprop: true,
        write: getcontenttype,
    },
    Property {
        name: DAV.name("getcontentlength"),
        in_allprop: true,
        write: getcontentlength,
    },
    Property {
        name: DAV.name("getlastmodified"),
        in_allprop: true,
        write: getlastmodified,
    },
    Property {
        name: DAV.name("current-user-principal"),
        in_allprop: false,
        write: my_principal,
    },
    Property {
        name: DAV.name("principal-URL"),
        in_allprop: false,
        write: principal_url,
    },
    Property {
        name: DAV.name("owner"),
        in_allprop: false,
        write: owner,
    },
    Property {
        name: DAV.name("principal-collection-set"),
        in_allprop: false,
        write: principal_collection_set,
    },
    Property {
        name: DAV.name("sync-token"),
        in_allprop: false,
        write: sync_token,
    },
    Property {
        name: CALENDARSERVER.name("getctag"),
        in_allprop: false,
        write: getctag,
    },
    Property {
        name: CALDAV.name("calendar-home-set"),
        in_allprop: false,
        write: calendar_home_set,
    },
    Property {
        name: CALDAV.name("calendar-user-address-set"),
        in_allprop: false,
        write: calendar_user_address_set,
    },
    Property {
        name: CALDAV.name("supported-calendar-component-set"),
        in_allprop: false,
        write: supported_components,
    },
];

/// Writes the `DAV:response` of one resource.
pub(crate) fn write_response(
    xml: &mut XmlWriter,
    scene: &Scene<'_>,
    resource: &Resource,
    asked: &Asked<'_>,
) {
    xml.open(DAV.name("response"));
    xml.text_element(DAV.name("href"), &resource.path(scene).to_string());
    let mut missing = Vec::new();
    xml.open(DAV.name("propstat"));
    xml.open(DAV.name("prop"));
    match asked {
        Asked::Named(names) => {
            for name in names {
                if !write_property(xml, scene, resource, *name) {
                    missing.push(*name);
                }
            }
        }
        Asked::All { include } => {
            for property in PROPERTIES.iter().filter(|property| property.in_allprop) {
                (property.write)(xml, property.name, scene, resource);
            }
            for name in include {
                let written_already = PROPERTIES
                    .iter()
                    .any(|property| property.in_allprop && property.name == *name);
                if !written_already && !write_property(xml, scene, resource, *name) {
                    missing.push(*name);
                }
            }
        }
        Asked::Names => {
            for property in PROPERTIES {
                // Whether it is there is known by writing it, elsewhere.
                let mut scratch = XmlWriter::document(DAV.name("prop"));
                if (property.write)(&mut scratch, property.name, scene, resource) {
                    xml.empty(property.name);
                }
            }
        }
    }
    xml.close();
    xml.text_element(DAV.name("status"), "HTTP/1.1 200 OK");
    xml.close();
    if !missing.is_empty() {
        xml.open(DAV.name("propstat"));
        xml.open(DAV.name("prop"));
        for name in missing {
            xml.empty(name);
        }
        xml.close();
        xml.text_element(DAV.name("status"), "HTTP/1.1 404 Not Found");
        xml.close();
    }
    xml.close();
}

fn write_property(
    xml: &mut XmlWriter,
    scene: &Scene<'_>,
    resource: &Resource,
    name: Name<'_>,
) -> bool {
    PROPERTIES
        .iter()
        .find(|property| property.name == name)
        .is_some_and(|property| (property.write)(xml, property.name, scene, resource))
}

impl Resource {
    fn path(&self, scene: &Scene<'_>) -> DavPath {
        let me = scene.user.telegram_id;
        match self {
            Self::Root => DavPath::Root,
            Self::Principals => DavPath::Principals,
            Self::Principal => DavPath::Principal(me),
            Self::Homes => DavPath::Homes,
            Self::Home => DavPath::Home(me),
            Self::Calendar(calendar) => DavPath::Calendar {
                owner: me,
                slug: calendar.slug.clone(),
            },
            Self::Object { slug, object } => DavPath::Object {
                owner: me,
                slug: slug.clone(),
                name: object.resource_name.clone(),
            },
        }
    }
}

/// The sync token (RFC 6578 section 4): a URI that names the calendar, so that the token of a deleted
/// calendar is not valid for a new one at its URL, and its counter.
fn sync_token_of(calendar: &Calendar) -> String {
    format!("data:,{}/{}", calendar.id, calendar.ctag)
}

fn href(xml: &mut XmlWriter, name: Name<'static>, path: &DavPath) -> bool {
    xml.open(name);
    xml.text_element(DAV.name("href"), &path.to_string());
    xml.close();
    true
}

fn text(xml: &mut XmlWriter, name: Name<'static>, value: &str) -> bool {
    xml.text_element(name, value);
    true
}

fn resourcetype(
    xml: &mut XmlWriter,
    name: Name<'static>,
    _: &Scene<'_>,
    resource: &Resource,
) -> bool {
    let types: &[Name<'static>] = match resource {
        Resource::Root | Resource::Principals | Resource::Homes | Resource::Home => {
            &[DAV.name("collection")]
        }
        Resource::Principal => &[DAV.name("collection"), DAV.name("principal")],
        Resource::Calendar(_) => &[DAV.name("collection"), CALDAV.name("calendar")],
        Resource::Object { .. } => &[],
    };
    xml.open(name);
    for kind in types {
        xml.empty(*kind);
    }
    xml.close();
    true
}

fn displayname(
    xml: &mut XmlWriter,
    name: Name<'static>,
    scene: &Scene<'_>,
    resource: &Resource,
) -> bool {
    match resource {
        Resource::Principal | Resource::Home => text(xml, name, &scene.user.name),
        Resource::Calendar(calendar) => text(xml, name, &calendar.display_name),
        _ => false,
    }
}

fn getetag(xml: &mut XmlWriter, name: Name<'static>, _: &Scene<'_>, resource: &Resource) -> bool {
    match resource {
        Resource::Object { object, .. } => text(xml, name, &format!("\"{}\"", object.etag)),
        _ => false,
    }
}

fn getcontenttype(
    xml: &mut XmlWriter,
    name: Name<'static>,
    _: &Scene<'_>,
    resource: &Resource,
) -> bool {
    match resource {
        Resource::Object { object, .. } => text(xml, name, &content_type(&object.component)),
        _ => false,
    }
}

fn getcontentlength(
    xml: &mut XmlWriter,
    name: Name<'static>,
    _: &Scene<'_>,
    resource: &Resource,
) -> bool {
    match resource {
        Resource::Object { object, .. } => text(xml, name, &object.bytes.to_string()),
        _ => false,
    }
}

fn getlastmodified(
    xml: &mut XmlWriter,
    name: Name<'static>,
    _: &Scene<'_>,
    resource: &Resource,
) -> bool {
    match resource {
        Resource::Object { object, .. } => text(xml, name, &http_date(object.updated_at)),
        _ => false,
    }
}

/// RFC 5397: on every resource.
fn my_principal(xml: &mut XmlWriter, name: Name<'static>, scene: &Scene<'_>, _: &Resource) -> bool {
    href(xml, name, &DavPath::Principal(scene.user.telegram_id))
}

fn principal_url(
    xml: &mut XmlWriter,
    name: Name<'static>,
    scene: &Scene<'_>,
    resource: &Resource,
) -> bool {
    matches!(resource, Resource::Principal)
        && href(xml, name, &DavPath::Principal(scene.user.telegram_id))
}

fn owner(xml: &mut XmlWriter, name: Name<'static>, scene: &Scene<'_>, resource: &Resource) -> bool {
    match resource {
        Resource::Root | Resource::Principals | Resource::Homes => false,
        Resource::Principal | Resource::Home | Resource::Calendar(_) | Resource::Object { .. } => {
            href(xml, name, &DavPath::Principal(scene.user.telegram_id))
        }
    }
}

fn principal_collection_set(
    xml: &mut XmlWriter,
    name: Name<'static>,
    _: &Scene<'_>,
    _: &Resource,
) -> bool {
    href(xml, name, &DavPath::Principals)
}

fn sync_token(
    xml: &mut XmlWriter,
    name: Name<'static>,
    _: &Scene<'_>,
    resource: &Resource,
) -> bool {
    match resource {
        Resource::Calendar(calendar) => text(xml, name, &sync_token_of(calendar)),
        _ => false,
    }
}

fn getctag(xml: &mut XmlWriter, name: Name<'static>, _: &Scene<'_>, resource: &Resource) -> bool {
    match resource {
        Resource::Calendar(calendar) => text(xml, name, &calendar.ctag.to_string()),
        _ => false,
    }
}

fn calendar_home_set(
    xml: &mut XmlWriter,
    name: Name<'static>,
    scene: &Scene<'_>,
    resource: &Resource,
) -> bool {
    matches!(resource, Resource::Principal)
        && href(xml, name, &DavPath::Home(scene.user.telegram_id))
}

/// The `mailto:` that invitations are recognised by: clients take it as the ORGANIZER of what they make.
fn calendar_user_address_set(
    xml: &mut XmlWriter,
    name: Name<'static>,
    scene: &Scene<'_>,
    resource: &Resource,
) -> bool {
    if !matches!(resource, Resource::Principal) {
        return false;
    }
    let me = scene.user.telegram_id;
    let address = CalendarUserAddress::internal(me, scene.domain);
    xml.open(name);
    xml.text_element(DAV.name("href"), &address.to_cal_address());
    xml.close();
    true
}

fn supported_components(
    xml: &mut XmlWriter,
    name: Name<'static>,
    _: &Scene<'_>,
    resource: &Resource,
) -> bool {
    if !matches!(resource, Resource::Calendar(_)) {
        return false;
    }
    xml.open(name);
    for component in ["VEVENT", "VTODO"] {
        xml.empty_with(CALDAV.name("comp"), "name", component);
    }
    xml.close();
    true
}
