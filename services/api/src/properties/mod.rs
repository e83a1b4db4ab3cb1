//! The properties of resources: tables that say for each its name, whether `allprop` includes it, and its value on the
//! resources that have it. What is in no table may still be a dead property (RFC 4918 section 4.2).

mod access;
pub(crate) mod calendar;
mod principal;
mod reports;
mod scheduling;
mod selection;
mod webdav;

pub(crate) use reports::{Report, supports};
pub(crate) use selection::{OwnedName, Selection};

use crate::{
    path::DavPath,
    resource::Resource,
    scene::Scene,
    xml::{Element, Name, XmlWriter},
};

/// What a property holds.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    /// URLs of resources of ours.
    Paths(Vec<DavPath>),
    Elements(Vec<Element>),
    /// The whole element, as [`Element::to_fragment`] made it.
    Fragment(String),
}

/// A live property.
#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) name: Name<'static>,
    pub(crate) in_allprop: bool,
    /// `None` where the resource does not have it.
    pub(crate) value: fn(&Scene, &Resource) -> Option<Value>,
}

/// A property that is returned only when it is asked for by name.
const fn named(name: Name<'static>, value: fn(&Scene, &Resource) -> Option<Value>) -> Property {
    Property {
        name,
        in_allprop: false,
        value,
    }
}

const TABLES: [&[Property]; 6] = [
    webdav::PROPERTIES,
    calendar::PROPERTIES,
    principal::PROPERTIES,
    scheduling::PROPERTIES,
    access::PROPERTIES,
    reports::PROPERTIES,
];

/// All live properties.
pub(crate) fn live() -> impl Iterator<Item = &'static Property> {
    TABLES.into_iter().flatten()
}

/// The live property of this name.
pub(crate) fn find_live(name: Name<'_>) -> Option<&'static Property> {
    live().find(|property| property.name == name)
}

impl Value {
    fn text(text: impl Into<String>) -> Option<Self> {
        Some(Self::Text(text.into()))
    }

    fn path(path: DavPath) -> Option<Self> {
        Some(Self::Paths(vec![path]))
    }

    fn element(element: Element) -> Option<Self> {
        Some(Self::Elements(vec![element]))
    }

    /// Writes the property's element.
    pub(crate) fn write(&self, xml: &mut XmlWriter, name: Name<'_>) {
        match self {
            Self::Text(text) => xml.text_element(name, text),
            Self::Paths(paths) => {
                xml.open(name);
                for path in paths {
                    xml.text_element(crate::xml::DAV.name("href"), &path.to_string());
                }
                xml.close();
            }
            Self::Elements(elements) if elements.is_empty() => xml.empty(name),
            Self::Elements(elements) => {
                xml.open(name);
                for element in elements {
                    xml.element(element);
                }
                xml.close();
            }
            Self::Fragment(fragment) => xml.fragment(fragment),
        }
    }
}

/// The value of a property that may be live or dead.
pub(crate) fn value(
    scene: &Scene,
    resource: &Resource,
    live: Option<&'static Property>,
    name: Name<'_>,
) -> Option<Value> {
    if let Some(property) = live {
        return (property.value)(scene, resource);
    }
    resource
        .dead_properties()
        .iter()
        .find(|dead| dead.namespace == name.namespace && dead.name == name.local)
        .map(|dead| Value::Fragment(dead.xml.clone()))
}
