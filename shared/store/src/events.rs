//! Calendar object resources, as they are read one by one.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use televent_calendar::TelegramUserId;
use uuid::Uuid;

use crate::{Calendar, CalendarProperties, DeadProperty, MAX_OWNER_BYTES, Store, StoreError};

/// A calendar object resource as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Our id; part of callback data and subjects.
    pub id: Uuid,
    /// Such as `VEVENT`.
    pub component: String,
    /// What GET returns.
    pub object: Vec<u8>,
    /// Entity tag without its quotes.
    pub etag: String,
    /// RFC 6638 section 3.2.10, without its quotes.
    pub schedule_tag: String,
    /// Whether it has an ORGANIZER and is no message: a scheduling object resource (RFC 6638 section 3.1).
    pub is_scheduled: bool,
    /// Raised by every change of the resource.
    pub sequence: i64,
    /// Raised by every write of it.
    pub version: i64,
    /// Whether the calendar's owner is its ORGANIZER.
    pub owner_organizes: bool,
    /// Of an attendee's copy: the organizer's object.
    pub organizer_event_id: Option<Uuid>,
    /// METHOD of a message in an inbox.
    pub method: Option<String>,
    /// The time of the last change.
    pub updated_at: DateTime<Utc>,
    /// What clients have set on it.
    pub properties: Vec<DeadProperty>,
}

/// A resource in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventSummary {
    /// Our id.
    pub id: Uuid,
    /// The last path segment of its URL, decoded.
    pub resource_name: String,
    /// Entity tag without its quotes.
    pub etag: String,
    /// Such as `VEVENT`.
    pub component: String,
    /// RFC 6638 section 3.2.10, without its quotes.
    pub schedule_tag: String,
    /// Whether it has an ORGANIZER and is no message: a scheduling object resource (RFC 6638 section 3.1).
    pub is_scheduled: bool,
    /// Size of the object in bytes.
    pub bytes: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The time of the last change.
    pub updated_at: DateTime<Utc>,
    /// What clients have set on it.
    pub properties: Vec<DeadProperty>,
}

/// A place in a calendar, and what is there.
#[derive(Clone, Debug)]
pub struct Slot {
    /// The calendar of the URL.
    pub calendar: Calendar,
    /// The resource of the URL, if there is one.
    pub event: Option<Event>,
    /// Size of all objects of the calendar's owner.
    pub owner_bytes: i64,
}

impl Slot {
    /// Whether an object of so many bytes, over what is there, leaves its owner within the quota.
    #[must_use]
    pub fn fits(&self, bytes: usize) -> bool {
        self.fits_beside(bytes, self.owner_bytes)
    }

    /// As [`Slot::fits`], if the owner has so many bytes.
    pub(crate) fn fits_beside(&self, bytes: usize, owner_bytes: i64) -> bool {
        let size = |bytes: usize| i64::try_from(bytes).unwrap_or(i64::MAX);
        let event = self.event.as_ref();
        let freed = event.map_or(0, |event| size(event.object.len()));
        let grows = size(bytes).saturating_sub(freed);
        grows <= 0 || owner_bytes.saturating_add(grows) <= MAX_OWNER_BYTES
    }
}

/// A query between whose `$before` and `$after` stand the columns of a slot: of the calendar `c`, whose owner's size comes with it, and of
/// the resource `e`, each of which may be null.
macro_rules! query_with_slot {
    ($before:literal, $after:literal, $($argument:tt)*) => {
        sqlx::query!(
            $before
                + r#"
            c.id as "calendar_id?", c.slug as "slug?", c.ctag as "ctag?", c.sync_floor as "sync_floor?",
            c.created_at as "created_at?", c.display_name as "display_name?", c.components as "components?",
            c.time_zone as calendar_time_zone, c.time_zone_id as calendar_time_zone_id,
            c.transparent as "transparent?", c.properties as "calendar_properties?: Json<Vec<DeadProperty>>",
            (
                select sum(bytes) from calendars
                where owner = c.owner and deleted_at is null
            )::bigint as owner_bytes,
            e.id as "event_id?", e.component as "component?", e.object as "object?", e.etag as "etag?",
            e.schedule_tag as "schedule_tag?", e.organizer is not null and e.method is null as is_scheduled,
            e.sequence as "sequence?", e.version as "version?", e.owner_organizes as "owner_organizes?",
            e.organizer_event_id as "organizer_event_id?", e.method as "method?", e.updated_at as "updated_at?",
            e.properties as "event_properties?: Json<Vec<DeadProperty>>"
            "#
                + $after,
            $($argument)*
        )
    };
}

/// The slot of `$owner` in a row of [`query_with_slot`]: `None` without a calendar. A macro, since each query has a type of row of its own.
macro_rules! slot_of {
    ($row:expr, $owner:expr) => {
        match (
            $row.calendar_id,
            $row.slug,
            $row.ctag,
            $row.sync_floor,
            $row.created_at,
            $row.display_name,
            $row.components,
            $row.transparent,
            $row.calendar_properties,
            $row.owner_bytes,
        ) {
            (
                Some(id),
                Some(slug),
                Some(ctag),
                Some(sync_floor),
                Some(created_at),
                Some(display_name),
                Some(components),
                Some(transparent),
                Some(Json(dead)),
                Some(owner_bytes),
            ) => Some(Slot {
                calendar: Calendar {
                    id,
                    owner: $owner,
                    slug,
                    ctag,
                    sync_floor,
                    created_at,
                    properties: CalendarProperties {
                        display_name,
                        components,
                        time_zone: $row.calendar_time_zone,
                        time_zone_id: $row.calendar_time_zone_id,
                        transparent,
                        dead,
                    },
                },
                event: match (
                    $row.event_id,
                    $row.component,
                    $row.object,
                    $row.etag,
                    $row.schedule_tag,
                    $row.sequence,
                    $row.version,
                    $row.updated_at,
                    $row.event_properties,
                ) {
                    (
                        Some(id),
                        Some(component),
                        Some(object),
                        Some(etag),
                        Some(schedule_tag),
                        Some(sequence),
                        Some(version),
                        Some(updated_at),
                        Some(Json(properties)),
                    ) => Some(Event {
                        id,
                        component,
                        object,
                        etag,
                        schedule_tag,
                        is_scheduled: $row.is_scheduled.unwrap_or_default(),
                        sequence,
                        version,
                        owner_organizes: $row.owner_organizes.unwrap_or_default(),
                        organizer_event_id: $row.organizer_event_id,
                        method: $row.method,
                        updated_at,
                        properties,
                    }),
                    _ => None,
                },
                owner_bytes,
            }),
            _ => None,
        }
    };
}

pub(crate) use {query_with_slot, slot_of};

impl Store {
    /// A calendar and the resource at a name in it; `None` when `owner` has no such calendar.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn slot(
        &self,
        owner: TelegramUserId,
        slug: &str,
        resource_name: &str,
    ) -> Result<Option<Slot>, StoreError> {
        let row = query_with_slot!(
            "select",
            "from calendars c
             left join events e on e.calendar_id = c.id and e.resource_name = $3 and e.deleted_at is null
             where c.owner = $1 and c.slug = $2 and c.deleted_at is null",
            owner.get(),
            slug,
            resource_name,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.and_then(|row| slot_of!(row, owner)))
    }
}
