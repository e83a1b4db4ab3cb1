//! Replacing and removing calendar object resources of which nobody else has a copy, with their attendees.

use chrono::{DateTime, Utc};
use televent_calendar::AttendeeRow;
use televent_runtime::trace;
use uuid::Uuid;

use crate::{
    Premises, Store, StoreError, attendees::AttendeeColumns, error::violated_unique_constraint,
    outbox::NoticeKind,
};

/// What to store of an object, decided by `televent_calendar::Meeting::organizer_put`.
#[derive(Clone, Debug)]
pub struct ObjectWrite<'a> {
    /// What GET will return.
    pub object: &'a [u8],
    /// Entity tag of `object`, without quotes. It is the schedule tag, too: a write of the owner's is a change that a pending
    /// answer must not overwrite unseen; an answer of others is not, and leaves that tag (RFC 6638 section 3.2.10).
    pub etag: &'a str,
    /// `UID`.
    pub uid: &'a str,
    /// Such as `VEVENT`.
    pub component: &'a str,
    /// Normalised ORGANIZER.
    pub organizer: Option<&'a str>,
    /// Whether the calendar's owner is the organizer.
    pub owner_organizes: bool,
    /// When its first instance begins, in whatever zone; `None` for no bound.
    pub first_occurrence: Option<DateTime<Utc>>,
    /// When its last instance ends, in whatever zone; `None` for no bound.
    pub last_occurrence: Option<DateTime<Utc>>,
    /// All attendees of all components.
    pub attendees: &'a [AttendeeRow],
    /// The ORGANIZER is not the owner and yet people are invited by it: the owner is told, once for each such address.
    pub has_foreign_organizer: bool,
}

/// Where a new resource goes.
#[derive(Clone, Copy, Debug)]
pub struct NewEvent<'a> {
    /// Our id for it.
    pub id: Uuid,
    /// The calendar.
    pub calendar_id: Uuid,
    /// The last path segment of its URL, decoded.
    pub resource_name: &'a str,
    /// What has been decided on without asking. If it does not hold, nothing is written, which is a conflict.
    pub premises: Option<&'a Premises<'a>>,
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteOutcome {
    /// It is committed, and everybody who must be told has an outbox row.
    Done,
    /// The resource is not what the decision was based on: load it again and decide again.
    Conflict,
    /// Another resource of the calendar has this UID (RFC 4791 section 5.3.2.1, `no-uid-conflict`).
    UidTaken {
        /// That resource.
        resource_name: String,
    },
    /// Another calendar of the owner has a scheduling object resource with this UID (RFC 6638 section 3.2.4.1,
    /// `unique-scheduling-object-resource`).
    SchedulingUidTaken {
        /// That calendar.
        slug: String,
        /// That resource.
        resource_name: String,
    },
}

/// What became of a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoveOutcome {
    /// It is committed.
    Done,
    /// The resource is not what the decision was based on.
    Conflict,
}

impl Store {
    /// Replaces the resource `event_id` if it still is at `expected_sequence`, with its attendees, and raises its sequence and
    /// the calendar's ctag, in one statement. When an attendee was answered for is not touched: the caller has decided which
    /// answers stand.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn replace_event(
        &self,
        calendar_id: Uuid,
        event_id: Uuid,
        expected_sequence: i64,
        write: &ObjectWrite<'_>,
    ) -> Result<WriteOutcome, StoreError> {
        let attendees = AttendeeColumns::from_rows(write.attendees);
        let replaced = sqlx::query!(
            r#"
            with unchanged as (
                select id, calendar_id, length(object) as bytes from events
                where id = $1 and sequence = $2 and deleted_at is null
                -- Not `for update`: that would wait for whoever adds an outbox row, and they for us.
                for no key update
            ), calendar as (
                update calendars set
                    ctag = ctag + 1, bytes = calendars.bytes - unchanged.bytes + length($5::bytea)
                from unchanged where calendars.id = unchanged.calendar_id
                returning ctag, owner
            ), event as (
                update events set
                    uid = $3, component = $4, object = $5, etag = $6,
                    organizer = $7, owner_organizes = $8, schedule_tag = $6,
                    scheduling_owner = case when $7::text is not null then calendar.owner end,
                    first_occurrence = coalesce($14, '-infinity'::timestamptz),
                    last_occurrence = coalesce($15, 'infinity'::timestamptz),
                    sequence = events.sequence + 1, version = events.version + 1,
                    revision = calendar.ctag, updated_at = now()
                from unchanged, calendar where events.id = unchanged.id
                returning events.id
            ), sent as (
                select event.id as event_id, row.* from event,
                    unnest($9::text[], $10::text[], $11::bigint[], $12::text[], $13::boolean[])
                        as row (recurrence_id, address, telegram_id, status, invited)
            ), gone as (
                delete from event_attendees a using event
                where a.event_id = event.id and not exists (
                    select from sent where sent.recurrence_id = a.recurrence_id and sent.address = a.address
                )
            ), attendees as (
                insert into event_attendees (event_id, recurrence_id, address, telegram_id, status, invited)
                select * from sent
                on conflict (event_id, recurrence_id, address) do update set
                    telegram_id = excluded.telegram_id,
                    status = excluded.status,
                    invited = excluded.invited
            ), told as (
                insert into foreign_organizers (telegram_id, address, event_id)
                select calendar.owner, $7, event.id from event, calendar where $16 and $7 is not null
                on conflict do nothing
                returning telegram_id
            ), notices as (
                insert into outbox_messages (id, kind, event_id, telegram_id, urgency, traceparent)
                select gen_random_uuid(), $17, event.id, told.telegram_id, 2, $18 from event, told
            )
            select id from event
            "#,
            event_id,
            expected_sequence,
            write.uid,
            write.component,
            write.object,
            write.etag,
            write.organizer,
            write.owner_organizes,
            &attendees.recurrence_ids,
            &attendees.addresses,
            &attendees.telegram_ids as &[Option<i64>],
            &attendees.statuses,
            &attendees.invited,
            write.first_occurrence,
            write.last_occurrence,
            write.has_foreign_organizer,
            NoticeKind::Rsvp.as_str(),
            trace::current(),
        )
        .fetch_optional(&self.pool)
        .await;
        match replaced {
            Ok(Some(_)) => Ok(WriteOutcome::Done),
            Ok(None) => Ok(WriteOutcome::Conflict),
            Err(error) => match violated_unique_constraint(&error) {
                Some(constraint @ ("events_uid" | "events_scheduling_uid")) => {
                    self.taken(calendar_id, event_id, write.uid, constraint)
                        .await
                }
                _ => Err(error.into()),
            },
        }
    }

    /// Removes the resource `event_id` if it still is at `expected_sequence`. The row stays until it is purged: its cards
    /// still show what was cancelled. A tombstone lets sync tell of it.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn remove_event(
        &self,
        event_id: Uuid,
        expected_sequence: i64,
    ) -> Result<RemoveOutcome, StoreError> {
        let removed = sqlx::query!(
            r#"
            with unchanged as (
                select id, calendar_id, resource_name, length(object) as bytes from events
                where id = $1 and sequence = $2 and deleted_at is null
                -- Not `for update`: that would wait for whoever adds an outbox row, and they for us.
                for no key update
            ), calendar as (
                update calendars set ctag = ctag + 1, bytes = calendars.bytes - unchanged.bytes
                from unchanged where calendars.id = unchanged.calendar_id
                returning ctag
            ), tombstone as (
                insert into event_tombstones (calendar_id, resource_name, revision)
                select unchanged.calendar_id, unchanged.resource_name, calendar.ctag
                from unchanged, calendar
                on conflict (calendar_id, resource_name) do update set
                    revision = excluded.revision, gone_at = excluded.gone_at
            ), event as (
                update events set
                    deleted_at = now(), updated_at = now(),
                    sequence = events.sequence + 1, version = events.version + 1,
                    revision = calendar.ctag
                from unchanged, calendar where events.id = unchanged.id
                returning events.id
            )
            select id from event
            "#,
            event_id,
            expected_sequence,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(match removed {
            Some(_) => RemoveOutcome::Done,
            None => RemoveOutcome::Conflict,
        })
    }

    /// Which resource of the calendar's owner has a UID, in this calendar or as a scheduling object resource in another:
    /// never [`WriteOutcome::Done`], and [`WriteOutcome::Conflict`] if there is none.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn holder_of_uid(
        &self,
        calendar_id: Uuid,
        uid: &str,
    ) -> Result<WriteOutcome, StoreError> {
        let nothing = Uuid::nil();
        match self.taken(calendar_id, nothing, uid, "events_uid").await? {
            WriteOutcome::Conflict => {
                self.taken(calendar_id, nothing, uid, "events_scheduling_uid")
                    .await
            }
            here => Ok(here),
        }
    }

    /// Which resource but `event_id` has the UID that a write of that to a calendar wants, by the constraint that says so.
    /// [`WriteOutcome::Conflict`] if there is none: what was in the way was a copy elsewhere, or has gone since.
    pub(crate) async fn taken(
        &self,
        calendar_id: Uuid,
        event_id: Uuid,
        uid: &str,
        constraint: &str,
    ) -> Result<WriteOutcome, StoreError> {
        let taken = sqlx::query!(
            r#"
            select other.calendar_id = c.id as "is_here!", oc.slug, other.resource_name
            from calendars c
            join events other on other.uid = $2 and other.id <> $4 and other.deleted_at is null
                and other.method is null
                and case when $3 then other.calendar_id = c.id
                         else other.scheduling_owner = c.owner and other.calendar_id <> c.id end
            join calendars oc on oc.id = other.calendar_id
            where c.id = $1
            limit 1
            "#,
            calendar_id,
            uid,
            constraint == "events_uid",
            event_id,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(taken.map_or(WriteOutcome::Conflict, |taken| {
            let resource_name = taken.resource_name;
            if taken.is_here {
                WriteOutcome::UidTaken { resource_name }
            } else {
                WriteOutcome::SchedulingUidTaken {
                    slug: taken.slug,
                    resource_name,
                }
            }
        }))
    }
}
