//! What PROPPATCH, MKCALENDAR and extended MKCOL do to properties: decided as a whole, for either all of it is done or
//! nothing (RFC 4918 section 9.2).

use axum::http::StatusCode;
use televent_calendar::{time_zone_by_id, time_zone_property};
use televent_store::{CalendarProperties, DeadProperty};

use crate::{
    availability,
    error::ApiError,
    multistatus::status_line,
    path::DavPath,
    properties::{OwnedName, calendar::COMPONENTS, find_live},
    xml::{CALDAV, DAV, Element, Name, XmlWriter},
};

/// Most properties that one request may change.
const MAX_CHANGES: usize = 100;

/// Most dead properties of one resource.
const MAX_DEAD_PROPERTIES: usize = 200;

/// Largest sum of the dead properties of one resource, in bytes. Default alarms and pictures of people are some kilobytes.
const MAX_DEAD_BYTES: usize = 256 * 1024;

/// As [`MAX_DEAD_BYTES`], of an object: there may be many, and each listing loads those of all.
const MAX_DEAD_BYTES_OF_OBJECT: usize = 16 * 1024;

/// Longest name of a calendar, in bytes.
const MAX_DISPLAY_NAME_BYTES: usize = 1_024;

/// Largest time zone, in bytes: Outlook's with all their years have some kilobytes.
const MAX_TIME_ZONE_BYTES: usize = 64 * 1024;

const CANNOT_MODIFY_PROTECTED: Name<'static> = DAV.name("cannot-modify-protected-property");

/// One instruction of a request, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(super) name: OwnedName,
    /// The element to set; `None` to remove the property.
    value: Option<Element>,
}

/// Why a property can't be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    condition: Option<Name<'static>>,
}

/// What became of each change.
pub(crate) type Verdicts = Vec<(OwnedName, Result<(), Refusal>)>;

impl Refusal {
    pub(super) const fn forbidden(condition: Name<'static>) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            condition: Some(condition),
        }
    }

    const PROTECTED: Self = Self::forbidden(CANNOT_MODIFY_PROTECTED);

    const TOO_LARGE: Self = Self {
        status: StatusCode::INSUFFICIENT_STORAGE,
        condition: None,
    };
}

/// The `set` and `remove` elements of a request.
pub(crate) fn changes(root: &Element) -> Result<Vec<Change>, ApiError> {
    let mut changes = Vec::new();
    for instruction in root.children() {
        let sets = instruction.is(DAV.name("set"));
        if !sets && !instruction.is(DAV.name("remove")) {
            continue;
        }
        let properties = instruction
            .children_named(DAV.name("prop"))
            .flat_map(Element::children);
        for property in properties {
            changes.push(Change {
                name: property.name().into(),
                value: sets.then(|| property.clone()),
            });
        }
    }
    if changes.len() > MAX_CHANGES {
        return Err(ApiError::BadRequest(format!(
            "the body changes more than {MAX_CHANGES} properties"
        )));
    }
    Ok(changes)
}

/// Applies changes to the properties of a calendar. `is_new` is for one that is being made, whose component set may still be
/// chosen.
pub(crate) fn change_calendar(
    properties: &mut CalendarProperties,
    slug: &str,
    changes: &[Change],
    is_new: bool,
) -> Verdicts {
    let mut change = |change: &Change| -> Result<(), Refusal> {
        let value = change.value.as_ref();
        match change.name.as_name() {
            name if name == DAV.name("displayname") => {
                // A calendar always has a name: without another, the one in its URL.
                let text = value.map(Element::text).unwrap_or_default();
                if text.len() > MAX_DISPLAY_NAME_BYTES {
                    return Err(Refusal::TOO_LARGE);
                }
                let text = text.trim();
                properties.display_name = if text.is_empty() { slug } else { text }.to_owned();
                Ok(())
            }
            name if name == DAV.name("resourcetype") && is_new => Ok(()),
            name if name == CALDAV.name("supported-calendar-component-set") && is_new => {
                properties.components = components(value)?;
                Ok(())
            }
            name if name == CALDAV.name("calendar-timezone") => {
                properties.time_zone = value.map(time_zone).transpose()?;
                if value.is_some() {
                    properties.time_zone_id = None;
                }
                Ok(())
            }
            name if name == CALDAV.name("calendar-timezone-id") => {
                properties.time_zone_id = value.map(time_zone_id).transpose()?;
                if value.is_some() {
                    properties.time_zone = None;
                }
                Ok(())
            }
            name if name == CALDAV.name("schedule-calendar-transp") => {
                properties.transparent =
                    value.is_some_and(|value| value.child(CALDAV.name("transparent")).is_some());
                Ok(())
            }
            _ => change_dead(&mut properties.dead, change, MAX_DEAD_BYTES),
        }
    };
    changes
        .iter()
        .map(|instruction| (instruction.name.clone(), change(instruction)))
        .collect()
}

/// Applies changes to a collection that has dead properties only.
pub(super) fn change_collection(dead: &mut Vec<DeadProperty>, changes: &[Change]) -> Verdicts {
    change_all(dead, changes, MAX_DEAD_BYTES)
}

/// Applies changes to an inbox, which has a live property among those that are kept as dead ones are.
pub(crate) fn change_inbox(kept: &mut Vec<DeadProperty>, changes: &[Change]) -> Verdicts {
    let mut change = |change: &Change| -> Result<(), Refusal> {
        if change.name.as_name() != availability::NAME {
            return change_dead(kept, change, MAX_DEAD_BYTES);
        }
        if let Some(value) = &change.value {
            if value.text().len() > availability::MAX_BYTES {
                return Err(Refusal::TOO_LARGE);
            }
            availability::read(value)
                .ok_or(Refusal::forbidden(CALDAV.name("valid-calendar-data")))?;
        }
        keep(kept, change, MAX_DEAD_BYTES)
    };
    changes
        .iter()
        .map(|instruction| (instruction.name.clone(), change(instruction)))
        .collect()
}

/// Applies changes to an object, all of whose live properties are protected.
pub(super) fn change_object(dead: &mut Vec<DeadProperty>, changes: &[Change]) -> Verdicts {
    change_all(dead, changes, MAX_DEAD_BYTES_OF_OBJECT)
}

fn change_all(dead: &mut Vec<DeadProperty>, changes: &[Change], max_bytes: usize) -> Verdicts {
    changes
        .iter()
        .map(|change| (change.name.clone(), change_dead(dead, change, max_bytes)))
        .collect()
}

fn change_dead(
    dead: &mut Vec<DeadProperty>,
    change: &Change,
    max_bytes: usize,
) -> Result<(), Refusal> {
    let name = change.name.as_name();
    if find_live(name).is_some() || name == CALDAV.name("calendar-data") {
        return Err(Refusal::PROTECTED);
    }
    keep(dead, change, max_bytes)
}

/// Sets or removes a property as it was sent.
fn keep(dead: &mut Vec<DeadProperty>, change: &Change, max_bytes: usize) -> Result<(), Refusal> {
    let name = change.name.as_name();
    let place = dead
        .iter()
        .position(|property| property.namespace == name.namespace && property.name == name.local);
    let Some(value) = &change.value else {
        if let Some(place) = place {
            dead.remove(place);
        }
        return Ok(());
    };
    let property = DeadProperty {
        namespace: name.namespace.to_owned(),
        name: name.local.to_owned(),
        xml: value.to_fragment(),
    };
    match place.and_then(|place| dead.get_mut(place)) {
        Some(old) => *old = property,
        None => dead.push(property),
    }
    let bytes: usize = dead.iter().map(|property| property.xml.len()).sum();
    if dead.len() > MAX_DEAD_PROPERTIES || bytes > max_bytes {
        return Err(Refusal::TOO_LARGE);
    }
    Ok(())
}

/// The kinds of components that a new calendar shall take.
fn components(value: Option<&Element>) -> Result<Vec<String>, Refusal> {
    let unsupported = Refusal::forbidden(CALDAV.name("supported-calendar-component"));
    let named: Vec<String> = value
        .into_iter()
        .flat_map(|value| value.children_named(CALDAV.name("comp")))
        .filter_map(|comp| comp.attribute("name"))
        .map(str::to_ascii_uppercase)
        .collect();
    let known = COMPONENTS
        .into_iter()
        .filter(|known| named.iter().any(|name| name == known))
        .map(str::to_owned)
        .collect::<Vec<_>>();
    // VTIMEZONE and VALARM are parts of others, and some clients list them.
    if known.is_empty() {
        Err(unsupported)
    } else {
        Ok(known)
    }
}

fn time_zone(value: &Element) -> Result<String, Refusal> {
    let text = value.text();
    if text.len() > MAX_TIME_ZONE_BYTES {
        return Err(Refusal::TOO_LARGE);
    }
    match time_zone_property(text.trim().as_bytes()) {
        Ok(_) => Ok(text.trim().to_owned()),
        Err(_) => Err(Refusal::forbidden(CALDAV.name("valid-calendar-data"))),
    }
}

/// RFC 7809 section 5.2.
fn time_zone_id(value: &Element) -> Result<String, Refusal> {
    let text = value.text();
    match time_zone_by_id(text.trim()) {
        Some(_) => Ok(text.trim().to_owned()),
        None => Err(Refusal::forbidden(CALDAV.name("valid-timezone"))),
    }
}

/// The calendar that `schedule-default-calendar-URL` shall be, if a change is about it (RFC 6638 section 9.2).
pub(super) fn default_calendar(changes: &[Change]) -> Option<Option<DavPath>> {
    let change = changes
        .iter()
        .rfind(|change| change.name.as_name() == CALDAV.name("schedule-default-calendar-URL"))?;
    let href = change
        .value
        .as_ref()
        .and_then(|value| value.child(DAV.name("href")))
        .map(Element::text);
    Some(href.and_then(|href| DavPath::from_href(&href)))
}

/// Whether all changes can be made.
pub(super) fn all_hold(verdicts: &Verdicts) -> bool {
    verdicts.iter().all(|(_, verdict)| verdict.is_ok())
}

/// Writes a `propstat` for each status. Where one change is refused, the others failed with it.
pub(crate) fn write_propstats(xml: &mut XmlWriter, verdicts: &Verdicts) {
    let all_hold = all_hold(verdicts);
    let mut groups: Vec<(Refusal, Vec<Name<'_>>)> = Vec::new();
    for (name, verdict) in verdicts {
        let outcome = match verdict {
            Err(refusal) => *refusal,
            Ok(()) => Refusal {
                status: if all_hold {
                    StatusCode::OK
                } else {
                    StatusCode::FAILED_DEPENDENCY
                },
                condition: None,
            },
        };
        match groups.iter_mut().find(|(known, _)| *known == outcome) {
            Some((_, names)) if names.contains(&name.as_name()) => {}
            Some((_, names)) => names.push(name.as_name()),
            None => groups.push((outcome, vec![name.as_name()])),
        }
    }
    for (outcome, names) in groups {
        xml.open(DAV.name("propstat"));
        xml.open(DAV.name("prop"));
        for name in names {
            xml.empty(name);
        }
        xml.close();
        xml.text_element(DAV.name("status"), &status_line(outcome.status));
        if let Some(condition) = outcome.condition {
            xml.open(DAV.name("error"));
            xml.empty(condition);
            xml.close();
        }
        xml.close();
    }
}
