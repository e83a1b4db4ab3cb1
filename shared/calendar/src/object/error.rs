//! Why an object is refused.

use thiserror::Error;

/// Why an object is refused. Each variant is one precondition of CalDAV (RFC 4791 section 5.3.2.1, RFC 6638 section
/// 3.2.4), which the api puts into its answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ObjectError {
    /// CALDAV:max-resource-size.
    #[error("the object has {bytes} bytes, more than {max}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// CALDAV:valid-calendar-data: not iCalendar at all.
    #[error("not valid iCalendar: {why}")]
    NotICalendar {
        /// What is wrong with it.
        why: String,
    },
    /// CALDAV:valid-calendar-object-resource: iCalendar, but not one object as RFC 4791 section 4.1 wants it.
    #[error("not a calendar object: {why}")]
    InvalidObject {
        /// What is wrong with it.
        why: String,
    },
    /// CALDAV:supported-calendar-component.
    #[error(
        "components of the kind {name} are not kept here, only VEVENT, VTODO, VJOURNAL and VFREEBUSY"
    )]
    UnsupportedComponent {
        /// The name of the component.
        name: String,
    },
    /// CALDAV:max-attendees-per-instance.
    #[error("an instance has {found} attendees, more than {max}")]
    TooManyAttendees {
        /// How many there are, at least.
        found: usize,
        /// The limit.
        max: usize,
    },
    /// CALDAV:max-instances.
    #[error("the object has {found} instances, more than {max}")]
    TooManyInstances {
        /// How many there are, at least.
        found: usize,
        /// The limit.
        max: usize,
    },
    /// CALDAV:same-organizer-in-all-components.
    #[error("the components of the object have different organizers")]
    DifferentOrganizers,
}

impl ObjectError {
    pub(super) fn not_icalendar(why: impl Into<String>) -> Self {
        Self::NotICalendar { why: why.into() }
    }

    pub(super) fn invalid_object(why: impl Into<String>) -> Self {
        Self::InvalidObject { why: why.into() }
    }
}
