//! An iCalendar object as a client wrote it: its bytes, and a view of what scheduling and cards need.
//!
//! [`CalendarObject`] keeps exactly the bytes that it was given. Reading them (in `parse`) is one iterative pass, bounded by
//! the constants below; editing them (in `edit`) replaces single content lines. What it refuses and why is [`ObjectError`].

use std::collections::HashMap;
use std::sync::Arc;

mod component;
mod edit;
mod error;
mod parse;
mod whereabouts;

pub(crate) use edit::{AttendeeEdit, Edit};

pub use component::{Attendee, Component, ComponentKind, Scope};
pub use error::ObjectError;
pub use whereabouts::{Position, Whereabouts};

use crate::address::CalendarUserAddress;
use crate::part_stat::ScheduleAgent;
use crate::time::{CustomZones, Zones};

/// The largest object in bytes: CALDAV:max-resource-size. A meeting of a thousand people is about 100 KB; what is larger
/// holds attachments, which have no place in a database row that is read for each answer.
pub const MAX_OBJECT_BYTES: usize = 1024 * 1024;

/// How deep components may nest. VCALENDAR, VEVENT, VALARM and RFC 9073's VLOCATION make four.
pub const MAX_COMPONENT_DEPTH: usize = 16;

/// The most content lines in an object. A thousand instances of fifty lines each are half of it.
pub const MAX_LINES: usize = 100_000;

/// The most ATTENDEE lines in one instance, and the most people in all instances together:
/// CALDAV:max-attendees-per-instance. Each may become a card in Telegram, which takes about thirty a second.
pub const MAX_ATTENDEES: usize = 1_000;

/// The most components (the series and its changed instances): CALDAV:max-instances. Three years of a daily meeting, each
/// instance changed.
pub const MAX_INSTANCES: usize = 1_000;

/// The most dates of RDATE and EXDATE in an object. A daily meeting has so many in fifty years, and a decision about it reads
/// all of them in each copy.
pub const MAX_DATES: usize = 20_000;

/// The most VTIMEZONEs in an object. An event and its changed instances name a handful.
pub const MAX_TIME_ZONES: usize = 500;

/// The most STANDARD and DAYLIGHT parts of all VTIMEZONEs together. The whole history of a zone has less than two hundred.
pub const MAX_OBSERVANCES: usize = 2_000;

/// The longest UID in bytes: it is looked up by a database index, whose entries are bounded. RFC 7986 section 5.3 says that
/// 255 should be enough for everybody.
pub const MAX_UID_BYTES: usize = 1_024;

/// One object: a series or a single event, and its changed instances. Equal if the bytes are.
#[derive(Debug, Clone)]
pub struct CalendarObject {
    bytes: Vec<u8>,
    /// What was read from the bytes. Shared, since objects are cloned to be stored and never changed in place.
    view: Arc<View>,
}

/// What is read from the bytes of an object.
#[derive(Debug)]
struct View {
    uid: String,
    kind: ComponentKind,
    organizer: Option<Organizer>,
    components: Vec<Component>,
    /// Where each component stands, by its recurrence key.
    by_key: HashMap<String, usize>,
    /// How many dates RDATE and EXDATE list.
    dates: usize,
    /// How many VTIMEZONEs there are.
    time_zones: usize,
    /// How many parts they have.
    observances: usize,
    /// What they say.
    zones: CustomZones,
}

/// The ORGANIZER property (RFC 5545 section 3.8.4.3).
#[derive(Debug, Clone)]
struct Organizer {
    address: CalendarUserAddress,
    common_name: Option<String>,
    schedule_agent: ScheduleAgent,
}

impl PartialEq for CalendarObject {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for CalendarObject {}

impl CalendarObject {
    /// Reads what was stored by this server. The limits are not checked again: an answer, or an ORGANIZER that the server
    /// adds, may make an object a little larger than what a client may send. It may be a scheduling message, which has a METHOD.
    pub fn from_stored(bytes: Vec<u8>) -> Result<Self, ObjectError> {
        let view = parse::view(&bytes)?;
        Ok(Self::with_view(bytes, view))
    }

    /// Reads an object that shall be in a calendar, and keeps the bytes as they are.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, ObjectError> {
        parse::check_limits(&bytes)?;
        let view = parse::view_without_method(&bytes)?;
        parse::check_counts(&view)?;
        Ok(Self::with_view(bytes, view))
    }

    /// As [`Self::parse`], of a scheduling message, which has a METHOD.
    pub fn parse_message(bytes: Vec<u8>) -> Result<Self, ObjectError> {
        parse::check_limits(&bytes)?;
        let view = parse::view(&bytes)?;
        parse::check_counts(&view)?;
        Ok(Self::with_view(bytes, view))
    }

    fn with_view(bytes: Vec<u8>, view: View) -> Self {
        Self {
            bytes,
            view: Arc::new(view),
        }
    }

    /// The object as it was written.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What its TZIDs mean.
    pub(crate) fn zones(&self) -> Zones<'_> {
        Zones::kept_in(&self.view.zones, &self.bytes)
    }

    /// The object as it was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The UID that all components share, as written.
    pub fn uid(&self) -> &str {
        &self.view.uid
    }

    /// What the components are.
    pub fn kind(&self) -> ComponentKind {
        self.view.kind
    }

    /// The ORGANIZER, if there is one. All components that have one have the same.
    pub fn organizer(&self) -> Option<&CalendarUserAddress> {
        self.view
            .organizer
            .as_ref()
            .map(|organizer| &organizer.address)
    }

    /// The name of the ORGANIZER (its CN).
    pub fn organizer_name(&self) -> Option<&str> {
        self.view
            .organizer
            .as_ref()
            .and_then(|organizer| organizer.common_name.as_deref())
    }

    /// Who delivers the answers of an attendee whose object this is: SCHEDULE-AGENT of the ORGANIZER (RFC 6638 section
    /// 3.2.2.2).
    pub fn organizer_schedule_agent(&self) -> ScheduleAgent {
        let organizer = self.view.organizer.as_ref();
        organizer.map_or(ScheduleAgent::Server, |organizer| organizer.schedule_agent)
    }

    /// The series or single event, if it is here and not only instances of it.
    pub fn master(&self) -> Option<&Component> {
        self.component("")
    }

    /// The component with this recurrence key ([`Component::recurrence_key`]); the empty one is the master's.
    pub fn component(&self, recurrence_key: &str) -> Option<&Component> {
        self.components().get(self.position(recurrence_key)?)
    }

    /// Where the component with this recurrence key stands in [`Self::components`].
    pub(crate) fn position(&self, recurrence_key: &str) -> Option<usize> {
        self.view.by_key.get(recurrence_key).copied()
    }

    /// The attendees of all components, one for each recurrence id and address. Lines that repeat an address within a
    /// component (often in another case) count as the first of them.
    pub fn attendees(&self) -> Vec<Attendee> {
        self.components()
            .iter()
            .flat_map(Component::attendees)
            .cloned()
            .collect()
    }

    /// The series or single event; without one (only instances are here), the first instance.
    pub fn master_or_first(&self) -> &Component {
        self.master()
            .or_else(|| self.components().first())
            .expect("parsing refuses an object without a component")
    }

    /// What somebody is invited to: the series or single event if they are in it, else the first instance that they are
    /// in. `None` if they are in none.
    pub fn component_of(&self, address: &CalendarUserAddress) -> Option<&Component> {
        let is_in = |component: &&Component| component.attendee(address).is_some();
        let in_series = Some(self.master_or_first()).filter(is_in);
        in_series.or_else(|| self.components().iter().find(is_in))
    }

    /// All components, in the order of the file.
    pub fn components(&self) -> &[Component] {
        &self.view.components
    }
}

#[cfg(test)]
mod tests;
