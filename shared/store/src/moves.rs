//! Calendar object resources that go to another place, and what clients set on them.

use sqlx::types::Json;
use uuid::Uuid;

use crate::{DeadProperty, Store, StoreError, error::violated_unique_constraint};

/// A resource that goes to another place. It keeps its id, so that its cards stay its cards.
#[derive(Clone, Copy, Debug)]
pub struct EventMove<'a> {
    /// The resource.
    pub event_id: Uuid,
    /// What the decision was based on.
    pub expected_sequence: i64,
    /// The calendar that it goes to.
    pub to_calendar: Uuid,
    /// The last path segment of its new URL, decoded.
    pub to_name: &'a str,
    /// What is there, and goes.
    pub replaces: Option<Replaced>,
}

/// A resource that makes way for another.
#[derive(Clone, Copy, Debug)]
pub struct Replaced {
    /// The resource.
    pub event_id: Uuid,
    /// What the decision was based on.
    pub expected_sequence: i64,
}

/// What became of a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MoveOutcome {
    /// It is committed.
    Done,
    /// One of the places is not what the decision was based on.
    Conflict,
    /// Another resource of the new calendar has this UID.
    UidTaken {
        /// That resource.
        resource_name: String,
    },
}

impl Store {
    /// Moves a resource, with a tombstone where it was, and raises the ctags of both calendars; twice where both are one,
    /// so that the two names do not share a revision. What makes way is removed as by [`Store::remove_event`].
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn move_event(&self, event: &EventMove<'_>) -> Result<MoveOutcome, StoreError> {
        let moved = sqlx::query!(
            r#"
            with unchanged as (
                select id, calendar_id, resource_name, length(object) as bytes from events
                where deleted_at is null and (
                    id = $1 and sequence = $2 and (calendar_id <> $3 or resource_name <> $4)
                    or id = $5 and sequence = $6 and calendar_id = $3 and resource_name = $4
                )
                -- In this order wherever several are locked, and before their calendars.
                order by id
                for no key update
            ), source as (
                select * from unchanged
                where id = $1 and (select count(*) from unchanged) = 1 + num_nonnulls($5::uuid)
            ), change as (
                select id, sum(revisions)::bigint as revisions, sum(bytes)::bigint as bytes from (
                    select calendar_id as id, 1 as revisions, -bytes as bytes from source
                    union all select $3, 1, bytes from source
                    union all select $3, 0, -replaced.bytes from source, unchanged replaced where replaced.id = $5
                ) part group by id
            ), places as (
                select id from calendars where id in (select id from change) and deleted_at is null
                order by id
                for no key update
            ), calendar as (
                update calendars c set ctag = c.ctag + change.revisions, bytes = c.bytes + change.bytes
                from change
                where c.id = change.id and (select count(*) from places) = (select count(*) from change)
                returning c.id, c.ctag
            ), replaced as (
                update events e set
                    deleted_at = now(), updated_at = now(),
                    sequence = e.sequence + 1, version = e.version + 1, revision = calendar.ctag
                from calendar where e.id = $5 and calendar.id = $3
                returning e.id
            ), event as (
                update events e set
                    calendar_id = calendar.id, resource_name = $4, revision = calendar.ctag,
                    sequence = e.sequence + 1, version = e.version + 1, updated_at = now()
                from source, calendar where e.id = source.id and calendar.id = $3
                  -- What makes way goes first: two living ones can't have one name.
                  and (select count(*) from replaced) >= 0
                returning e.id
            ), tombstone as (
                insert into event_tombstones (calendar_id, resource_name, revision)
                select calendar.id, source.resource_name, calendar.ctag - case calendar.id when $3 then 1 else 0 end
                from source join calendar on calendar.id = source.calendar_id
                on conflict (calendar_id, resource_name) do update set
                    revision = excluded.revision, gone_at = excluded.gone_at
            ), reused as (
                delete from event_tombstones using event where calendar_id = $3 and resource_name = $4
            )
            select id from event
            "#,
            event.event_id,
            event.expected_sequence,
            event.to_calendar,
            event.to_name,
            event.replaces.map(|replaced| replaced.event_id),
            event.replaces.map(|replaced| replaced.expected_sequence),
        )
        .fetch_optional(&self.pool)
        .await;
        match moved {
            Ok(Some(_)) => Ok(MoveOutcome::Done),
            Ok(None) => Ok(MoveOutcome::Conflict),
            Err(error) => match violated_unique_constraint(&error) {
                Some("events_resource_name") => Ok(MoveOutcome::Conflict),
                Some("events_uid") => self.moved_uid_taken(event).await,
                _ => Err(error.into()),
            },
        }
    }

    async fn moved_uid_taken(&self, event: &EventMove<'_>) -> Result<MoveOutcome, StoreError> {
        let taken = sqlx::query_scalar!(
            "select other.resource_name from events other join events e on e.uid = other.uid
             where e.id = $1 and other.calendar_id = $2 and other.deleted_at is null and other.id <> e.id",
            event.event_id,
            event.to_calendar,
        )
        .fetch_optional(&self.pool)
        .await?;
        // It may have gone since: then the next try succeeds.
        Ok(taken.map_or(MoveOutcome::Conflict, |resource_name| {
            MoveOutcome::UidTaken { resource_name }
        }))
    }

    /// Replaces the dead properties of a resource that still is at `expected_sequence`, and raises its sequence, so that of
    /// two who do so at once one notices. Neither its ETag nor the calendar's ctag is about them. Returns `false` when it
    /// has changed.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn set_event_properties(
        &self,
        event_id: Uuid,
        expected_sequence: i64,
        properties: &[DeadProperty],
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update events set properties = $3, sequence = sequence + 1, version = version + 1
             where id = $1 and sequence = $2 and deleted_at is null",
            event_id,
            expected_sequence,
            Json(properties) as _,
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
