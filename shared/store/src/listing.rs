//! Reading many calendar object resources: listings and queries.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use televent_calendar::TelegramUserId;
use uuid::Uuid;

use crate::{DeadProperty, EventSummary, Store, StoreError};

/// Objects of so many bytes together end a page, which has one more at most: whatever clients store, what a request holds in memory is
/// bounded.
pub const PAGE_BYTES: i64 = 2 * 1024 * 1024;

/// A part of what was asked for, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// At least one, unless nothing is left.
    pub rows: Vec<T>,
    /// Whether nothing comes after it.
    pub is_last: bool,
}

impl<T> Page<T> {
    /// What was found of at most `limit` rows; from the first that is `None` on it was too much for one page.
    pub(crate) fn of(found: Vec<Option<T>>, limit: i64) -> Self {
        let count = found.len();
        let rows: Vec<T> = found.into_iter().map_while(|row| row).collect();
        Self {
            is_last: rows.len() == count && i64::try_from(count).is_ok_and(|count| count < limit),
            rows,
        }
    }
}

/// The resources at some names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedObjects {
    /// Those that are there, by name.
    pub found: HashMap<String, StoredObject>,
    /// Names of those that are there, too, and would have been too much at once ([`PAGE_BYTES`]): the last of those that were
    /// asked for.
    pub left_out: Vec<String>,
}

/// A resource with its object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// What a listing says of it.
    pub summary: EventSummary,
    /// What GET returns.
    pub object: Vec<u8>,
}

/// What Postgres can select by: a necessary condition for what is asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct CandidateQuery<'a> {
    /// Only this kind of component, such as `VEVENT`.
    pub component: Option<&'a str>,
    /// Only what may have an instance that ends at or after it.
    pub from: Option<DateTime<Utc>>,
    /// Only what may have an instance that begins at or before it.
    pub to: Option<DateTime<Utc>>,
    /// Only what comes after the page that ended here, of the same query.
    pub after: Option<&'a PageEnd>,
    /// At most so many: in the order of their ends where `from` is given, else in that of their ids.
    pub limit: i64,
}

/// A page of what a [`CandidateQuery`] selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidatePage<T> {
    /// At least one, unless nothing is left.
    pub rows: Vec<T>,
    /// Whether nothing comes after it.
    pub is_last: bool,
    /// Where it ends; `None` of an empty page.
    pub end: Option<PageEnd>,
}

/// Where a page ended, for the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageEnd {
    /// As Postgres writes it: it may be infinite.
    last_occurrence: String,
    id: Uuid,
}

impl<T> CandidatePage<T> {
    /// What `read` makes of the rows, up to the first of which it makes nothing.
    fn of(found: Vec<Row>, limit: i64, read: fn(Row) -> Option<T>) -> Self {
        let mut end = None;
        let rows = found
            .into_iter()
            .map(|mut row| {
                let id = row.id;
                let last_occurrence = row.last_occurrence.take();
                let kept = read(row)?;
                end = last_occurrence.map(|last_occurrence| PageEnd {
                    last_occurrence,
                    id,
                });
                Some(kept)
            })
            .collect();
        let Page { rows, is_last } = Page::of(rows, limit);
        Self { rows, is_last, end }
    }
}

/// A resource as it is stored.
struct Row {
    id: Uuid,
    resource_name: String,
    etag: String,
    component: String,
    schedule_tag: String,
    is_scheduled: bool,
    bytes: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    properties: Json<Vec<DeadProperty>>,
    object: Option<Vec<u8>>,
    /// Of a candidate, since the next page may begin after it.
    last_occurrence: Option<String>,
}

impl From<Row> for EventSummary {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            resource_name: row.resource_name,
            etag: row.etag,
            component: row.component,
            schedule_tag: row.schedule_tag,
            is_scheduled: row.is_scheduled,
            bytes: row.bytes,
            created_at: row.created_at,
            updated_at: row.updated_at,
            properties: row.properties.0,
        }
    }
}

impl Row {
    /// `None` without its object.
    fn into_stored(mut self) -> Option<StoredObject> {
        let object = self.object.take()?;
        Some(StoredObject {
            object,
            summary: self.into(),
        })
    }
}

impl Store {
    /// The resources of a calendar, by name.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn event_summaries(
        &self,
        calendar_id: Uuid,
    ) -> Result<Vec<EventSummary>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"
            select id, resource_name, etag, component, schedule_tag, organizer is not null and method is null as "is_scheduled!",
                   length(object)::bigint as "bytes!", created_at, updated_at,
                   properties as "properties: Json<Vec<DeadProperty>>", null::bytea as object, null::text as last_occurrence
            from events where calendar_id = $1 and deleted_at is null order by resource_name
            "#,
            calendar_id,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(EventSummary::from).collect())
    }

    /// One resource without its object.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn event_summary(
        &self,
        owner: TelegramUserId,
        slug: &str,
        resource_name: &str,
    ) -> Result<Option<EventSummary>, StoreError> {
        let row = sqlx::query_as!(
            Row,
            r#"
            select e.id, e.resource_name, e.etag, e.component, e.schedule_tag,
                   e.organizer is not null and e.method is null as "is_scheduled!", length(e.object)::bigint as "bytes!",
                   e.created_at, e.updated_at,
                   e.properties as "properties: Json<Vec<DeadProperty>>", null::bytea as object, null::text as last_occurrence
            from events e join calendars c on c.id = e.calendar_id
            where c.owner = $1 and c.slug = $2 and c.deleted_at is null
              and e.resource_name = $3 and e.deleted_at is null
            "#,
            owner.get(),
            slug,
            resource_name,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(EventSummary::from))
    }

    /// The resources at these names: one query, however many.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn events_named(
        &self,
        calendar_id: Uuid,
        names: &[String],
    ) -> Result<NamedObjects, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"
            select id as "id!", resource_name as "resource_name!", etag as "etag!", component as "component!",
                   schedule_tag as "schedule_tag!", organizer is not null and method is null as "is_scheduled!",
                   length(object)::bigint as "bytes!", created_at as "created_at!", updated_at as "updated_at!",
                   properties as "properties!: Json<Vec<DeadProperty>>",
                   case when up_to - length(object) < $3 then object end as "object?", null::text as last_occurrence
            from (
                select *, sum(length(object)) over (order by array_position($2, resource_name)) as up_to
                from events where calendar_id = $1 and resource_name = any($2) and deleted_at is null
            ) named
            "#,
            calendar_id,
            names,
            PAGE_BYTES,
        )
        .fetch_all(&self.pool)
        .await?;
        let mut named = NamedObjects::default();
        for row in rows {
            let name = row.resource_name.clone();
            match row.into_stored() {
                Some(stored) => {
                    named.found.insert(name, stored);
                }
                None => named.left_out.push(name),
            }
        }
        Ok(named)
    }

    /// A page of the resources that may be what is asked for, with their objects.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn candidates(
        &self,
        calendar_id: Uuid,
        query: &CandidateQuery<'_>,
    ) -> Result<CandidatePage<StoredObject>, StoreError> {
        let rows = self.candidate_rows(calendar_id, query, true).await?;
        Ok(CandidatePage::of(rows, query.limit, Row::into_stored))
    }

    /// As [`Store::candidates`], without their objects.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn candidate_summaries(
        &self,
        calendar_id: Uuid,
        query: &CandidateQuery<'_>,
    ) -> Result<CandidatePage<EventSummary>, StoreError> {
        let rows = self.candidate_rows(calendar_id, query, false).await?;
        Ok(CandidatePage::of(rows, query.limit, |row| Some(row.into())))
    }

    async fn candidate_rows(
        &self,
        calendar_id: Uuid,
        query: &CandidateQuery<'_>,
        with_objects: bool,
    ) -> Result<Vec<Row>, StoreError> {
        match query.from {
            Some(from) => {
                self.rows_by_end(calendar_id, query, from, with_objects)
                    .await
            }
            None => self.rows_by_id(calendar_id, query, with_objects).await,
        }
    }

    /// Of many years, what is over is not even looked at. What changes while the pages are read may be in two of them or in none, and
    /// has then raised the ctag.
    async fn rows_by_end(
        &self,
        calendar_id: Uuid,
        query: &CandidateQuery<'_>,
        from: DateTime<Utc>,
        with_objects: bool,
    ) -> Result<Vec<Row>, StoreError> {
        Ok(sqlx::query_as!(
            Row,
            r#"
            select id as "id!", resource_name as "resource_name!", etag as "etag!", component as "component!",
                   schedule_tag as "schedule_tag!", organizer is not null and method is null as "is_scheduled!",
                   length(object)::bigint as "bytes!", created_at as "created_at!", updated_at as "updated_at!",
                   properties as "properties!: Json<Vec<DeadProperty>>",
                   case when $7 and up_to - length(object) < $9 then object end as "object?",
                   last_occurrence::text as "last_occurrence?"
            from (
                select *, sum(length(object)) over (order by last_occurrence, id) as up_to
                from (
                    select * from events
                    where calendar_id = $1 and deleted_at is null
                      and ($2::text is null or component = $2)
                      and (last_occurrence, id) > (
                          -- No event has the nil id.
                          coalesce($5::text::timestamptz, $3), coalesce($6, '00000000-0000-0000-0000-000000000000'::uuid)
                      )
                      and first_occurrence <= coalesce($4, 'infinity'::timestamptz)
                    order by last_occurrence, id limit $8
                ) found
            ) page
            order by last_occurrence, id
            "#,
            calendar_id,
            query.component,
            from,
            query.to,
            query.after.map(|end| end.last_occurrence.as_str()),
            query.after.map(|end| end.id),
            with_objects,
            query.limit,
            PAGE_BYTES,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// In the order of what never changes: nothing is missed, whatever changes meanwhile.
    async fn rows_by_id(
        &self,
        calendar_id: Uuid,
        query: &CandidateQuery<'_>,
        with_objects: bool,
    ) -> Result<Vec<Row>, StoreError> {
        Ok(sqlx::query_as!(
            Row,
            r#"
            select id as "id!", resource_name as "resource_name!", etag as "etag!", component as "component!",
                   schedule_tag as "schedule_tag!", organizer is not null and method is null as "is_scheduled!",
                   length(object)::bigint as "bytes!", created_at as "created_at!", updated_at as "updated_at!",
                   properties as "properties!: Json<Vec<DeadProperty>>",
                   case when $6 and up_to - length(object) < $7 then object end as "object?",
                   last_occurrence::text as "last_occurrence?"
            from (
                select *, sum(length(object)) over (order by id) as up_to
                from (
                    select * from events
                    where calendar_id = $1 and deleted_at is null
                      and ($2::text is null or component = $2)
                      and first_occurrence <= coalesce($3, 'infinity'::timestamptz)
                      and id > coalesce($4, '00000000-0000-0000-0000-000000000000'::uuid)
                    order by id limit $5
                ) found
            ) page
            order by id
            "#,
            calendar_id,
            query.component,
            query.to,
            query.after.map(|end| end.id),
            query.limit,
            with_objects,
            PAGE_BYTES,
        )
        .fetch_all(&self.pool)
        .await?)
    }
}
