//! Which properties a request asks for, and the `DAV:response` that has them.

use std::borrow::Cow;

use televent_calendar::{CalendarDataRequest, CalendarObject, RecurrenceSet, Zone, content_line};
use televent_store::while_others_go_on;

use super::{Property, find_live, live, value};
use crate::{
    availability,
    error::ApiError,
    headers::Return,
    resource::{Resource, Wanted},
    scene::Scene,
    xml::{CALDAV, DAV, Element, Name, XmlWriter},
};

/// Most properties that one request may name. Clients ask for forty at most; those that are not known are
/// echoed for each resource.
const MAX_PROPERTIES: usize = 100;

const CALENDAR_DATA: Name<'static> = CALDAV.name("calendar-data");

/// A name that outlives the request's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnedName {
    namespace: String,
    local: String,
}

impl OwnedName {
    pub(crate) fn as_name(&self) -> Name<'_> {
        Name {
            namespace: &self.namespace,
            local: &self.local,
        }
    }
}

impl From<Name<'_>> for OwnedName {
    fn from(name: Name<'_>) -> Self {
        Self {
            namespace: name.namespace.to_owned(),
            local: name.local.to_owned(),
        }
    }
}

/// A property by name, found or not.
#[derive(Clone, Debug)]
struct Selected {
    name: OwnedName,
    live: Option<&'static Property>,
}

/// What a request asks for of each resource.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    what: What,
    /// How `calendar-data` shall look, if it is among them.
    calendar_data: Option<CalendarDataRequest>,
    /// The zone of floating times, for an expansion.
    floating: Zone,
    preferred: Return,
}

#[derive(Clone, Debug)]
enum What {
    Named(Vec<Selected>),
    /// Those of RFC 4918, and these besides.
    All {
        include: Vec<Selected>,
    },
    /// Only the names of what is there.
    Names,
}

impl Selection {
    /// From an element that holds `prop`, `propname` or `allprop`, as PROPFIND and the reports have it; `None` is an empty
    /// body, which asks for all.
    pub(crate) fn of(parent: Option<&Element>, preferred: Return) -> Result<Self, ApiError> {
        let mut calendar_data = None;
        let what = if let Some(prop) = parent.and_then(|parent| parent.child(DAV.name("prop"))) {
            if let Some(element) = prop.child(CALENDAR_DATA) {
                calendar_data = Some(crate::reports::calendar_data_request(element)?);
            }
            What::Named(selected(prop)?)
        } else if parent.is_some_and(|parent| parent.child(DAV.name("propname")).is_some()) {
            What::Names
        } else {
            let include = parent.and_then(|parent| parent.child(DAV.name("include")));
            What::All {
                include: include.map(selected).transpose()?.unwrap_or_default(),
            }
        };
        Ok(Self {
            what,
            calendar_data,
            floating: Zone::UTC,
            preferred,
        })
    }

    /// With the zone in which floating times are meant when recurrences are expanded.
    pub(crate) fn with_floating_zone(mut self, zone: Zone) -> Self {
        self.floating = zone;
        self
    }

    /// Whether what is written of an object may be many times as long as the object.
    pub(crate) fn expands(&self) -> bool {
        self.calendar_data
            .as_ref()
            .is_some_and(|request| matches!(request.recurrence, Some(RecurrenceSet::Expand(_))))
    }

    /// Whether objects must be loaded with their bytes.
    pub(crate) const fn wants_calendar_data(&self) -> bool {
        self.calendar_data.is_some()
    }

    /// What has to be loaded beside each resource.
    pub(crate) fn wanted(&self) -> Wanted {
        let (What::Named(named) | What::All { include: named }) = &self.what else {
            return Wanted {
                dead_properties: true,
                used_bytes: true,
                default_calendar: true,
                availability: true,
            };
        };
        let asks = |name: Name<'_>| named.iter().any(|selected| selected.name.as_name() == name);
        Wanted {
            dead_properties: matches!(self.what, What::All { .. })
                || named.iter().any(|selected| selected.live.is_none()),
            used_bytes: asks(DAV.name("quota-used-bytes"))
                || asks(DAV.name("quota-available-bytes")),
            default_calendar: asks(CALDAV.name("schedule-default-calendar-URL")),
            availability: asks(availability::NAME),
        }
    }

    /// Writes the `DAV:response` of a resource.
    pub(crate) fn write_response(&self, xml: &mut XmlWriter, scene: &Scene, resource: &Resource) {
        xml.open(DAV.name("response"));
        xml.text_element(DAV.name("href"), &resource.path(scene).to_string());
        let mut failed = Failed::default();
        let mark = xml.mark();
        xml.open(DAV.name("propstat"));
        xml.open(DAV.name("prop"));
        let before = xml.mark();
        match &self.what {
            What::Named(named) => self.write_named(xml, scene, resource, named.iter(), &mut failed),
            What::All { include } => {
                self.write_all(xml, scene, resource);
                let further = include.iter().filter(|selected| match selected.live {
                    Some(live) => !live.in_allprop,
                    // Dead ones that are there have been written with all others.
                    None => value(scene, resource, None, selected.name.as_name()).is_none(),
                });
                self.write_named(xml, scene, resource, further, &mut failed);
            }
            What::Names => {
                for property in live().filter(|live| (live.value)(scene, resource).is_some()) {
                    xml.empty(property.name);
                }
                for dead in resource.dead_properties() {
                    xml.empty(Name {
                        namespace: &dead.namespace,
                        local: &dead.name,
                    });
                }
            }
        }
        let found_nothing = xml.mark() == before;
        xml.close();
        xml.text_element(DAV.name("status"), "HTTP/1.1 200 OK");
        xml.close();
        if self.preferred == Return::Minimal {
            failed.missing.clear();
        }
        if found_nothing && !failed.is_empty() {
            xml.rewind(mark);
        }
        failed.write(xml);
        xml.close();
    }

    fn write_named<'a>(
        &self,
        xml: &mut XmlWriter,
        scene: &Scene,
        resource: &Resource,
        named: impl Iterator<Item = &'a Selected>,
        failed: &mut Failed<'a>,
    ) {
        for selected in named {
            let name = selected.name.as_name();
            if name == CALENDAR_DATA {
                self.write_calendar_data(xml, resource, failed);
                continue;
            }
            match value(scene, resource, selected.live, name) {
                Some(value) => value.write(xml, name),
                None => failed.missing.push(name),
            }
        }
    }

    fn write_all(&self, xml: &mut XmlWriter, scene: &Scene, resource: &Resource) {
        for property in live().filter(|property| property.in_allprop) {
            if let Some(value) = (property.value)(scene, resource) {
                value.write(xml, property.name);
            }
        }
        for dead in resource.dead_properties() {
            xml.fragment(&dead.xml);
        }
    }

    fn write_calendar_data(
        &self,
        xml: &mut XmlWriter,
        resource: &Resource,
        failed: &mut Failed<'_>,
    ) {
        let Resource::Object(object) = resource else {
            failed.missing.push(CALENDAR_DATA);
            return;
        };
        let (Some(request), Some(data)) = (&self.calendar_data, &object.data) else {
            failed.missing.push(CALENDAR_DATA);
            return;
        };
        if request.is_whole() {
            xml.text_element(CALENDAR_DATA, &as_text(data));
            return;
        }
        let apply = || {
            let parsed = CalendarObject::from_stored(data.clone()).ok()?;
            let part = request.apply(&parsed, &self.floating).ok()?;
            Some(as_text(&part).into_owned())
        };
        let applied = if self.expands() {
            while_others_go_on(apply)
        } else {
            apply()
        };
        match applied {
            Some(text) => xml.text_element(CALENDAR_DATA, &text),
            None => failed.oversized.push(CALENDAR_DATA),
        }
    }
}

/// The properties of one resource that can't be returned.
#[derive(Debug, Default)]
struct Failed<'a> {
    missing: Vec<Name<'a>>,
    /// Passing a limit of the server.
    oversized: Vec<Name<'a>>,
}

impl Failed<'_> {
    const fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.oversized.is_empty()
    }

    fn write(&self, xml: &mut XmlWriter) {
        for (names, status) in [
            (&self.missing, "HTTP/1.1 404 Not Found"),
            (&self.oversized, "HTTP/1.1 507 Insufficient Storage"),
        ] {
            if names.is_empty() {
                continue;
            }
            xml.open(DAV.name("propstat"));
            xml.open(DAV.name("prop"));
            for name in names {
                xml.empty(*name);
            }
            xml.close();
            xml.text_element(DAV.name("status"), status);
            xml.close();
        }
    }
}

/// XML is UTF-8, but a fold may split a character (RFC 5545 section 3.1): such lines are folded anew.
fn as_text(data: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(data) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let mut refolded = Vec::with_capacity(data.len());
            for line in content_line::lines(data) {
                refolded.extend(line.rewritten(&line.unfolded(), content_line::LineEnding::CrLf));
            }
            Cow::Owned(String::from_utf8_lossy(&refolded).into_owned())
        }
    }
}

/// The names of the children, each once.
fn names(parent: &Element) -> Result<Vec<Name<'_>>, ApiError> {
    let mut names = Vec::new();
    for child in parent.children() {
        if !names.contains(&child.name()) {
            names.push(child.name());
        }
        if names.len() > MAX_PROPERTIES {
            return Err(ApiError::BadRequest(format!(
                "the body names more than {MAX_PROPERTIES} properties"
            )));
        }
    }
    Ok(names)
}

fn selected(parent: &Element) -> Result<Vec<Selected>, ApiError> {
    let selected = names(parent)?.into_iter().map(|name| Selected {
        name: name.into(),
        live: find_live(name),
    });
    Ok(selected.collect())
}
