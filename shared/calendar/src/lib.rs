//! Calendar rules without I/O: addresses, iCalendar objects, time zones, recurrence, scheduling decisions, reports.
//!
//! Everything here is a pure function of its arguments: no clock, no randomness, no database, no network. The services
//! read the old object, call [`scheduling`], and apply what it decided in one transaction.
//!
//! Three rules shape the crate:
//!
//! * **What a client wrote comes back byte for byte.** Objects are never printed from a parsed tree; [`object`] keeps the
//!   bytes and edits single content lines ([`content_line`]).
//! * **Whatever a client wrote is answered in bounded work.** When a series is ([`occurrences`](mod@occurrences)) is found
//!   lazily, and what would take too long is cut and says so.
//! * **Only an exact address is internal** ([`address`]): everything that merely looks like one is an outsider.
//!
//! Deliberately elsewhere: SQL (the store), how a card looks (the notifier), HTTP and preconditions (the api).

pub mod address;
pub mod calendar_data;
pub mod calendar_time_zone;
pub mod collation;
pub mod content_line;
pub mod export;
pub mod free_busy;
pub mod object;
pub mod occurrences;
pub mod part_stat;
pub mod query;
mod recurrence;
#[cfg(test)]
mod rfc4791;
pub mod scheduling;
mod simple_event;
pub mod text;
pub mod time;
pub mod time_range;
mod tree;

/// PRODID of what this server writes (RFC 5545 section 3.7.3).
pub const PRODUCT_ID: &str = "-//Televent//CalDAV server//EN";

pub use address::{
    CalendarUserAddress, InternalDomain, InvalidAddress, InvalidInternalDomain,
    InvalidTelegramUserId, TelegramUserId, generate_internal_email, is_internal_email,
    resolve_internal_email,
};
pub use calendar_data::{
    CalendarDataRequest, ComponentSelection, PropertySelection, RecurrenceSet, SelectedProperty,
    SubcomponentSelection, TooManyInstances,
};
pub use calendar_time_zone::{
    CalendarTimeZone, InvalidTimeZone, time_zone_by_id, time_zone_property, zone_of_calendar,
};
pub use collation::Collation;
pub use export::Export;
pub use free_busy::{
    Availability, BusyPeriod, BusyTime, BusyType, Conflict, FreeBusyRequest, InvalidAvailability,
    InvalidFreeBusyRequest, Participant, conflicts, taken_times,
};
pub use object::{
    Attendee, CalendarObject, Component, ComponentKind, ObjectError, Position, Scope, Whereabouts,
};
pub use occurrences::{
    Bounds, Occurrence, Occurrences, Repetition, RepetitionEnd, Window, occurrence_bounds,
    occurrences, try_for_each_occurrence,
};
pub use part_stat::{InvalidPartStat, PartStat, ScheduleAgent};
pub use query::{
    Candidates, ComponentFilter, ComponentTest, InvalidFilter, ParameterFilter, ParameterTest,
    PropertyFilter, PropertyTest, TextMatch, ValueTest, asks_for_kind_only, candidates, matches,
};
pub use recurrence::{ByDay, Frequency, Rule as RecurrenceRule, Skip};
pub use scheduling::{
    Answers, AttendeeRow, CopyChange, CopyWrite, Instance, MAX_REFRESHED_COPIES, Meeting, Message,
    Method, OrganizerPut, Owner, Person, Plan, Refusal, Role, ScheduleStatus, Stored, Upsert,
    attendee_rows, instance, told_on_card,
};
pub use simple_event::{Invitee, SimpleEvent, SimpleTime};
pub use time::{EventTime, Moment, Zone, Zones, resolve_tzid};
pub use time_range::TimeRange;
