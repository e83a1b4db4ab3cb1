//! Calendar collections, as they are read.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use televent_calendar::TelegramUserId;
use uuid::Uuid;

use crate::{Store, StoreError, users::telegram_id};

/// The calendar that every account has from the start.
pub const DEFAULT_CALENDAR_SLUG: &str = "default";

/// The scheduling inbox that every account has (RFC 6638 section 2.2). It is kept as the calendars are, and is none.
pub const INBOX_SLUG: &str = "inbox";

/// Most bytes that the objects of one account may have together: half a million ordinary events.
pub const MAX_OWNER_BYTES: i64 = 1024 * 1024 * 1024;

/// A property that clients set and that means nothing to the server (RFC 4918 section 4.2).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DeadProperty {
    /// Namespace URI; may be empty.
    pub namespace: String,
    /// Local name.
    pub name: String,
    /// The whole element, declaring its own namespaces.
    pub xml: String,
}

/// A calendar collection (RFC 4791 section 4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Our id.
    pub id: Uuid,
    /// Whose it is.
    pub owner: TelegramUserId,
    /// The last path segment of its URL, decoded.
    pub slug: String,
    /// Raised by every change in it; `getctag` and the sync token.
    pub ctag: i64,
    /// Sync tokens below it have expired.
    pub sync_floor: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// What can be changed.
    pub properties: CalendarProperties,
}

/// What a client says of a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarProperties {
    /// `DAV:displayname`.
    pub display_name: String,
    /// `CALDAV:supported-calendar-component-set`, such as `VEVENT`. Chosen once, when the calendar is made.
    pub components: Vec<String>,
    /// `CALDAV:calendar-timezone`, as iCalendar text.
    pub time_zone: Option<String>,
    /// `CALDAV:calendar-timezone-id` (RFC 7809).
    pub time_zone_id: Option<String>,
    /// `CALDAV:schedule-calendar-transp`: whether its events leave the owner free.
    pub transparent: bool,
    /// All others.
    pub dead: Vec<DeadProperty>,
}

/// How much there is in a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarSize {
    /// The last path segment of its URL, decoded.
    pub slug: String,
    /// `DAV:displayname`.
    pub display_name: String,
    /// Objects in it.
    pub objects: i64,
    /// Their size together.
    pub bytes: i64,
}

/// A calendar as it is stored.
pub(crate) struct CalendarRow {
    pub(crate) id: Uuid,
    pub(crate) owner: i64,
    pub(crate) slug: String,
    pub(crate) ctag: i64,
    pub(crate) sync_floor: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) display_name: String,
    pub(crate) components: Vec<String>,
    pub(crate) time_zone: Option<String>,
    pub(crate) time_zone_id: Option<String>,
    pub(crate) transparent: bool,
    pub(crate) properties: Json<Vec<DeadProperty>>,
}

impl TryFrom<CalendarRow> for Calendar {
    type Error = StoreError;

    fn try_from(row: CalendarRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            owner: telegram_id(row.owner)?,
            slug: row.slug,
            ctag: row.ctag,
            sync_floor: row.sync_floor,
            created_at: row.created_at,
            properties: CalendarProperties {
                display_name: row.display_name,
                components: row.components,
                time_zone: row.time_zone,
                time_zone_id: row.time_zone_id,
                transparent: row.transparent,
                dead: row.properties.0,
            },
        })
    }
}

impl Store {
    /// The calendars of `owner`, without the inbox, the first one of the account first.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn calendars(&self, owner: TelegramUserId) -> Result<Vec<Calendar>, StoreError> {
        sqlx::query_as!(
            CalendarRow,
            r#"
            select id, owner, slug, ctag, sync_floor, created_at, display_name, components, time_zone,
                   time_zone_id, transparent, properties as "properties: Json<Vec<DeadProperty>>"
            from calendars where owner = $1 and kind = 'calendar' and deleted_at is null
            order by slug <> $2, created_at, id
            "#,
            owner.get(),
            DEFAULT_CALENDAR_SLUG,
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(Calendar::try_from)
        .collect()
    }

    /// One calendar, or the inbox, by its URL's parts.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn calendar(
        &self,
        owner: TelegramUserId,
        slug: &str,
    ) -> Result<Option<Calendar>, StoreError> {
        sqlx::query_as!(
            CalendarRow,
            r#"
            select id, owner, slug, ctag, sync_floor, created_at, display_name, components, time_zone,
                   time_zone_id, transparent, properties as "properties: Json<Vec<DeadProperty>>"
            from calendars where owner = $1 and slug = $2 and deleted_at is null
            "#,
            owner.get(),
            slug,
        )
        .fetch_optional(&self.pool)
        .await?
        .map(Calendar::try_from)
        .transpose()
    }

    /// A calendar of `owner` by our id, with the number of its objects and their size in bytes.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn calendar_size(
        &self,
        owner: TelegramUserId,
        id: Uuid,
    ) -> Result<Option<CalendarSize>, StoreError> {
        Ok(sqlx::query_as!(
            CalendarSize,
            r#"
            select slug, display_name, bytes, (
                select count(*) from events e where e.calendar_id = c.id and e.deleted_at is null
            ) as "objects!"
            from calendars c where owner = $1 and id = $2 and kind = 'calendar' and deleted_at is null
            "#,
            owner.get(),
            id,
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Size of all living objects of an account.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn owner_bytes(&self, owner: TelegramUserId) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"
            select coalesce(sum(bytes), 0)::bigint as "bytes!"
            from calendars where owner = $1 and deleted_at is null
            "#,
            owner.get(),
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Size of what others have put into the calendars of an account: copies of what it is invited to, and scheduling
    /// messages. It is a part of [`Self::owner_bytes`].
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn delivered_bytes(&self, owner: TelegramUserId) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"
            select coalesce(sum(octet_length(e.object)), 0)::bigint as "bytes!"
            from calendars c join events e on e.calendar_id = c.id
            where c.owner = $1 and c.deleted_at is null and e.deleted_at is null
              and (e.organizer_event_id is not null or e.method is not null)
            "#,
            owner.get(),
        )
        .fetch_one(&self.pool)
        .await?)
    }
}
