//! What has changed in a calendar since a client last asked (RFC 6578).

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use televent_calendar::TelegramUserId;
use uuid::Uuid;

use crate::{Calendar, DeadProperty, EventSummary, Store, StoreError, calendars::CalendarRow};

/// A name in a calendar where something has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The calendar's ctag after the change; no two names have the same.
    pub revision: i64,
    /// The last path segment of its URL, decoded.
    pub resource_name: String,
    /// What is there now.
    pub kind: ChangeKind,
}

/// What is at a name now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A resource, new or changed.
    Live(EventSummary),
    /// Nothing any more.
    Gone,
}

impl Store {
    /// A calendar by its URL's parts, and what has changed in it after the ctag `since`, oldest first, at most `limit` names.
    /// From 0 on it is what is there: nobody has to be told of what went before they knew of it. `None` when `owner` has no
    /// such calendar.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn changes(
        &self,
        owner: TelegramUserId,
        slug: &str,
        since: i64,
        limit: i64,
    ) -> Result<Option<(Calendar, Vec<Change>)>, StoreError> {
        let rows = sqlx::query_as!(
            ChangeRow,
            r#"
            select c.id as calendar_id, c.owner, c.slug, c.ctag, c.sync_floor,
                   c.created_at as calendar_created_at, c.display_name, c.components, c.time_zone_id, c.transparent,
                   -- What may be long is told once.
                   case when coalesce(change.place, 1) = 1 then c.time_zone end as time_zone,
                   case when coalesce(change.place, 1) = 1 then c.properties end
                       as "calendar_properties?: Json<Vec<DeadProperty>>",
                   change.revision as "revision?", change.resource_name as "resource_name?", change.id as "id?",
                   change.etag as "etag?", change.component as "component?", change.schedule_tag as "schedule_tag?",
                   change.is_scheduled as "is_scheduled?", change.bytes as "bytes?",
                   change.created_at as "created_at?", change.updated_at as "updated_at?",
                   change.properties as "properties?: Json<Vec<DeadProperty>>"
            from calendars c left join lateral (
                select *, row_number() over (order by revision) as place from ((
                    select revision, resource_name, id, etag, component, schedule_tag,
                           organizer is not null and method is null as is_scheduled, length(object)::bigint as bytes,
                           created_at, updated_at, properties
                    from events where calendar_id = c.id and revision > $3 and deleted_at is null
                    order by revision limit $4
                ) union all (
                    select revision, resource_name, null, null, null, null, null, null, null, null, null
                    from event_tombstones gone where calendar_id = c.id and revision > $3 and $3 > 0
                      -- A name that was freed and used in the same moment can still have its tombstone.
                      and not exists (
                          select from events living
                          where living.calendar_id = c.id and living.resource_name = gone.resource_name
                            and living.deleted_at is null
                      )
                    order by revision limit $4
                )) either
                order by revision limit $4
            ) change on true
            where c.owner = $1 and c.slug = $2 and c.deleted_at is null
            order by change.revision
            "#,
            owner.get(),
            slug,
            since,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        let mut calendar = None;
        let mut changes = Vec::with_capacity(rows.len());
        for mut row in rows {
            changes.extend(row.take_change());
            if calendar.is_none() {
                calendar = Some(row.into_calendar()?);
            }
        }
        Ok(calendar.map(|calendar| (calendar, changes)))
    }
}

/// A calendar with one of its changes, if there is any.
struct ChangeRow {
    calendar_id: Uuid,
    owner: i64,
    slug: String,
    ctag: i64,
    sync_floor: i64,
    calendar_created_at: DateTime<Utc>,
    display_name: String,
    components: Vec<String>,
    time_zone: Option<String>,
    time_zone_id: Option<String>,
    transparent: bool,
    /// As the time zone, with the first row only.
    calendar_properties: Option<Json<Vec<DeadProperty>>>,
    revision: Option<i64>,
    resource_name: Option<String>,
    id: Option<Uuid>,
    etag: Option<String>,
    component: Option<String>,
    schedule_tag: Option<String>,
    is_scheduled: Option<bool>,
    bytes: Option<i64>,
    created_at: Option<DateTime<Utc>>,
    updated_at: Option<DateTime<Utc>>,
    properties: Option<Json<Vec<DeadProperty>>>,
}

impl ChangeRow {
    fn take_change(&mut self) -> Option<Change> {
        let resource_name = self.resource_name.take()?;
        let summary = self.take_summary(&resource_name);
        Some(Change {
            revision: self.revision?,
            kind: summary.map_or(ChangeKind::Gone, ChangeKind::Live),
            resource_name,
        })
    }

    /// `None` for a tombstone.
    fn take_summary(&mut self, resource_name: &str) -> Option<EventSummary> {
        Some(EventSummary {
            id: self.id?,
            resource_name: resource_name.to_owned(),
            etag: self.etag.take()?,
            component: self.component.take()?,
            schedule_tag: self.schedule_tag.take()?,
            is_scheduled: self.is_scheduled?,
            bytes: self.bytes?,
            created_at: self.created_at?,
            updated_at: self.updated_at?,
            properties: self
                .properties
                .take()
                .map(|found| found.0)
                .unwrap_or_default(),
        })
    }

    fn into_calendar(self) -> Result<Calendar, StoreError> {
        CalendarRow {
            id: self.calendar_id,
            owner: self.owner,
            slug: self.slug,
            ctag: self.ctag,
            sync_floor: self.sync_floor,
            created_at: self.calendar_created_at,
            display_name: self.display_name,
            components: self.components,
            time_zone: self.time_zone,
            time_zone_id: self.time_zone_id,
            transparent: self.transparent,
            properties: self.calendar_properties.unwrap_or_default(),
        }
        .try_into()
    }
}
