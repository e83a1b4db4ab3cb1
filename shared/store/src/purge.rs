//! What nobody will ask for again goes, in batches.

use std::time::Duration;

use crate::{HOUSEKEEPING_BATCH, Store, StoreError};

/// How long settled rows are kept for an operator to look at.
const KEEP_COMPLETED: Duration = Duration::from_secs(24 * 60 * 60);

/// How long the ids of processed updates are kept; Telegram keeps an update for at most a day.
const KEEP_PROCESSED_UPDATES: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// How long it is remembered what a message has been through, since something was noted of it. JetStream keeps none for longer, and
/// one that has an outbox row is given up after about a week.
const KEEP_TROUBLED_MESSAGES: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// How long sync tells of what is gone: a phone that was in a drawer for longer starts from nothing.
pub const KEEP_TOMBSTONES: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// How long the row of a deleted event is kept: its cards show what was cancelled, and may be pressed or edited meanwhile.
pub const KEEP_DELETED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long a scheduling message is kept that its reader has not deleted: many apps never do, and the meeting itself is in
/// their calendar.
pub const KEEP_MESSAGES: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long it is remembered what a message of the bot's own shows; a press on an older one begins anew.
const KEEP_CHAT_MESSAGES: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long after it has expired a set-up link is told apart from one that never was.
const KEEP_EXPIRED_LINKS: Duration = Duration::from_secs(24 * 60 * 60);

impl Store {
    /// Deletes a batch of what nobody will ask for again. Returns how many rows went.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn purge(&self) -> Result<u64, StoreError> {
        let completed = sqlx::query!(
            "delete from outbox_messages where id = any(array(
                 select id from outbox_messages
                 where state = 'completed' and settled_at < now() - $1 * interval '1 second'
                 limit $2
             ))",
            KEEP_COMPLETED.as_secs_f64(),
            i64::from(HOUSEKEEPING_BATCH),
        )
        .execute(&self.pool)
        .await?;
        let updates = sqlx::query!(
            "delete from processed_updates where (bot_id, update_id) in (
                 select bot_id, update_id from processed_updates
                 where processed_at < now() - $1 * interval '1 second' limit $2
             )",
            KEEP_PROCESSED_UPDATES.as_secs_f64(),
            i64::from(HOUSEKEEPING_BATCH),
        )
        .execute(&self.pool)
        .await?;
        let said = sqlx::query!(
            "delete from chat_messages where id = any(array(
                 select id from chat_messages m
                 where created_at < now() - $1 * interval '1 second' and not exists (
                     select from outbox_messages o
                     where o.chat_message_id = m.id and o.state in ('pending', 'published')
                 )
                 limit $2
             ))",
            KEEP_CHAT_MESSAGES.as_secs_f64(),
            i64::from(HOUSEKEEPING_BATCH),
        )
        .execute(&self.pool)
        .await?;
        let links = sqlx::query!(
            "delete from device_links where device_id = any(array(
                 select device_id from device_links
                 where expires_at < now() - $1 * interval '1 second' limit $2
             ))",
            KEEP_EXPIRED_LINKS.as_secs_f64(),
            i64::from(HOUSEKEEPING_BATCH),
        )
        .execute(&self.pool)
        .await?;
        let troubled = sqlx::query!(
            "delete from troubled_messages where (stream, message_id) in (
                 select stream, message_id from troubled_messages
                 where noted_at < now() - $1 * interval '1 second' limit $2
             )",
            KEEP_TROUBLED_MESSAGES.as_secs_f64(),
            i64::from(HOUSEKEEPING_BATCH),
        )
        .execute(&self.pool)
        .await?;
        Ok(completed.rows_affected()
            + troubled.rows_affected()
            + links.rows_affected()
            + updates.rows_affected()
            + said.rows_affected()
            + self.expire_messages().await?
            + self.expire_tombstones().await?
            + self.purge_deleted().await?)
    }

    /// Deletes a batch of scheduling messages, with a tombstone for each, so that sync tells of it.
    async fn expire_messages(&self) -> Result<u64, StoreError> {
        let expired = sqlx::query_scalar!(
            r#"
            with old as (
                select id, calendar_id, resource_name, length(object) as bytes from events
                where method is not null and deleted_at is null and updated_at < now() - $1 * interval '1 second'
                -- In this order wherever several are locked, and before their calendars. What is being replaced stays.
                order by id limit $2
                for update skip locked
            ), change as (
                select calendar_id as id, count(*) as messages, sum(bytes)::bigint as bytes from old group by calendar_id
            ), places as (
                select id from calendars where id in (select id from change)
                order by id
                for no key update
            ), inbox as (
                update calendars c set ctag = c.ctag + change.messages, bytes = c.bytes - change.bytes
                from change
                where c.id = change.id and (select count(*) from places) = (select count(*) from change)
                returning c.id, c.ctag
            ), expired as (
                delete from events e using old, inbox where e.id = old.id and inbox.id = old.calendar_id
                returning e.id, e.calendar_id, e.resource_name, inbox.ctag
            ), tombstone as (
                insert into event_tombstones (calendar_id, resource_name, revision)
                -- No two names have the same revision.
                select calendar_id, resource_name, ctag + 1 - row_number() over (partition by calendar_id order by id desc)
                from expired
                on conflict (calendar_id, resource_name) do update set
                    revision = excluded.revision, gone_at = excluded.gone_at
            )
            select count(*) as "expired!" from expired
            "#,
            KEEP_MESSAGES.as_secs_f64(),
            i64::from(HOUSEKEEPING_BATCH),
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(u64::try_from(expired).unwrap_or_default())
    }

    /// Deletes a batch of tombstones, and with them the validity of the sync tokens from before.
    async fn expire_tombstones(&self) -> Result<u64, StoreError> {
        let expired = sqlx::query_scalar!(
            r#"
            with oldest as (
                select calendar_id, resource_name from event_tombstones
                where gone_at < now() - $1 * interval '1 second' order by gone_at limit $2
            ), calendar as (
                select id from calendars where id in (select calendar_id from oldest)
                -- In this order wherever several are locked, and before their tombstones.
                order by id
                for no key update
            ), expired as (
                delete from event_tombstones gone using oldest, calendar
                where gone.calendar_id = oldest.calendar_id and gone.resource_name = oldest.resource_name
                  and calendar.id = oldest.calendar_id
                  and gone.gone_at < now() - $1 * interval '1 second'
                returning gone.calendar_id, gone.revision
            ), raised as (
                update calendars c set sync_floor = greatest(c.sync_floor, newest.revision)
                from (
                    select calendar_id, max(revision) as revision from expired group by calendar_id
                ) newest
                where c.id = newest.calendar_id
            )
            select count(*) as "expired!" from expired
            "#,
            KEEP_TOMBSTONES.as_secs_f64(),
            i64::from(HOUSEKEEPING_BATCH),
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(u64::try_from(expired).unwrap_or_default())
    }

    /// Deletes a batch of events that were deleted long ago, with their cards, unless somebody is still to be told; and
    /// deleted calendars that are empty.
    async fn purge_deleted(&self) -> Result<u64, StoreError> {
        let events = sqlx::query!(
            "delete from events where id = any(array(
                 select e.id from events e
                 where e.deleted_at < now() - $1 * interval '1 second' and not exists (
                     select from outbox_messages o where o.event_id = e.id and o.state in ('pending', 'published')
                 )
                 order by e.deleted_at limit $2
                 -- What another process deletes already, and what a press has just come for.
                 for update of e skip locked
             ))",
            KEEP_DELETED.as_secs_f64(),
            i64::from(HOUSEKEEPING_BATCH),
        )
        .execute(&self.pool)
        .await?;
        let calendars = sqlx::query!(
            "delete from calendars where id = any(array(
                 select c.id from calendars c
                 where c.deleted_at < now() - $1 * interval '1 second'
                   and not exists (select from events e where e.calendar_id = c.id)
                 order by c.deleted_at limit $2
                 for update of c skip locked
             ))",
            KEEP_DELETED.as_secs_f64(),
            i64::from(HOUSEKEEPING_BATCH),
        )
        .execute(&self.pool)
        .await?;
        Ok(events.rows_affected() + calendars.rows_affected())
    }
}
