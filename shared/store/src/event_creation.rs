//! Making calendar object resources of which nobody else has a copy, with their attendees and what is said to those.

use chrono::{DateTime, Utc};
use televent_runtime::trace;
use uuid::Uuid;

use crate::{
    MAX_OWNER_BYTES, NewEvent, ObjectWrite, Premises, Recalled, Store, StoreError, WriteOutcome,
    attendees::AttendeeColumns,
    error::violated_unique_constraint,
    outbox::{NoticeColumns, NoticeKind},
};

/// What a new object says to those whom it invites, none of whom has an account. Empty where it invites nobody.
#[derive(Default)]
pub(crate) struct Invitation {
    /// SCHEDULE-STATUS of each attendee, in the order of the object's.
    pub(crate) schedule_statuses: Vec<Option<String>>,
    /// Whether each attendee is asked now.
    pub(crate) asked: Vec<bool>,
    /// When they are asked.
    pub(crate) asked_at: DateTime<Utc>,
    /// Whose cards are stale.
    pub(crate) notices: NoticeColumns,
}

/// A statement that makes an event: its first 23 parameters are those of every such statement. `$premises` is what must hold of the
/// calendar `c` besides, `$more` what else is done.
macro_rules! create {
    (
        $premises:literal, $more:literal,
        ($new:ident, $write:ident, $attendees:ident, $invitation:ident),
        $($argument:expr,)*
    ) => {
        sqlx::query_scalar!(
            r#"
            with calendar as (
                update calendars c set ctag = ctag + 1, bytes = bytes + length($6::bytea)
                where id = $1 and deleted_at is null
            "#
                + $premises
                + r#"
                returning id, ctag, owner
            ), reused as (
                delete from event_tombstones t using calendar
                where t.calendar_id = calendar.id and t.resource_name = $3
            ), event as (
                insert into events (id, calendar_id, resource_name, uid, component, object, etag,
                                    revision, organizer, owner_organizes, scheduling_owner,
                                    schedule_tag, first_occurrence, last_occurrence)
                select $2, calendar.id, $3, $4, $5, $6, $7, calendar.ctag, $8, $9,
                       case when $8::text is not null then calendar.owner end,
                       $7, coalesce($15, '-infinity'::timestamptz), coalesce($16, 'infinity'::timestamptz)
                from calendar
                returning id
            ), attendees as (
                insert into event_attendees (event_id, recurrence_id, address, telegram_id, status, invited,
                                             schedule_status, asked_at)
                select event.id, row.recurrence_id, row.address, row.telegram_id, row.status, row.invited,
                       row.schedule_status, case when row.is_asked then $19::timestamptz else '-infinity' end
                from event,
                    unnest($10::text[], $11::text[], $12::bigint[], $13::text[], $14::boolean[], $17::text[], $18::boolean[])
                        as row (recurrence_id, address, telegram_id, status, invited, schedule_status, is_asked)
            ), notices as (
                insert into outbox_messages (id, kind, event_id, telegram_id, urgency, traceparent)
                select row.id, row.kind, event.id, row.telegram_id, (select urgency_of_event($15, $16)), $23
                from event, unnest($20::uuid[], $21::text[], $22::bigint[]) as row (id, kind, telegram_id)
            )
            "#
                + $more
                + "select id from event",
            $new.calendar_id,
            $new.id,
            $new.resource_name,
            $write.uid,
            $write.component,
            $write.object,
            $write.etag,
            $write.organizer,
            $write.owner_organizes,
            &$attendees.recurrence_ids,
            &$attendees.addresses,
            &$attendees.telegram_ids as &[Option<i64>],
            &$attendees.statuses,
            &$attendees.invited,
            $write.first_occurrence,
            $write.last_occurrence,
            &$invitation.schedule_statuses as &[Option<String>],
            &$invitation.asked,
            $invitation.asked_at,
            &$invitation.notices.ids,
            &$invitation.notices.kinds,
            &$invitation.notices.telegram_ids,
            trace::current(),
            $($argument,)*
        )
    };
}

impl Store {
    /// Stores a new resource and its attendees, and raises the calendar's ctag: one statement, so one round trip and one
    /// transaction.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn create_event(
        &self,
        new: NewEvent<'_>,
        write: &ObjectWrite<'_>,
    ) -> Result<WriteOutcome, StoreError> {
        let attendees = AttendeeColumns::from_rows(write.attendees);
        self.create_and_invite(new, write, &attendees, &Invitation::default())
            .await
    }

    /// As [`Store::create_event`], and says it to those whom it invites.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub(crate) async fn create_and_invite(
        &self,
        new: NewEvent<'_>,
        write: &ObjectWrite<'_>,
        attendees: &AttendeeColumns,
        invitation: &Invitation,
    ) -> Result<WriteOutcome, StoreError> {
        let created = match new.premises {
            None => self.create(new, write, attendees, invitation).await,
            // Only where it was asked for is it known whether somebody has to be told.
            Some(_) if write.has_foreign_organizer => return Ok(WriteOutcome::Conflict),
            Some(premises) => {
                self.create_on(premises, new, write, attendees, invitation)
                    .await
            }
        };
        match created {
            Ok(Some(_)) => Ok(WriteOutcome::Done),
            // The calendar is gone, or something of the premises does not hold.
            Ok(None) => Ok(WriteOutcome::Conflict),
            Err(error) => match violated_unique_constraint(&error) {
                Some("events_resource_name" | "events_pkey") => Ok(WriteOutcome::Conflict),
                Some(constraint @ ("events_uid" | "events_scheduling_uid")) => {
                    self.taken(new.calendar_id, new.id, write.uid, constraint)
                        .await
                }
                _ => Err(error.into()),
            },
        }
    }

    async fn create(
        &self,
        new: NewEvent<'_>,
        write: &ObjectWrite<'_>,
        attendees: &AttendeeColumns,
        invitation: &Invitation,
    ) -> Result<Option<Uuid>, sqlx::Error> {
        create!(
            "",
            r#"
            , told as (
                insert into foreign_organizers (telegram_id, address, event_id)
                select calendar.owner, $8, event.id from event, calendar where $24 and $8 is not null
                on conflict do nothing
                returning telegram_id
            ), notice as (
                insert into outbox_messages (id, kind, event_id, telegram_id, urgency, traceparent)
                select gen_random_uuid(), $25, event.id, told.telegram_id, 2, $23 from event, told
            )
            "#,
            (new, write, attendees, invitation),
            write.has_foreign_organizer,
            NoticeKind::Rsvp.as_str(),
        )
        .fetch_optional(&self.pool)
        .await
    }

    /// Only if all that it was decided on without asking holds. Postgres looks while it writes, which costs a quarter of asking first.
    async fn create_on(
        &self,
        premises: &Premises<'_>,
        new: NewEvent<'_>,
        write: &ObjectWrite<'_>,
        attendees: &AttendeeColumns,
        invitation: &Invitation,
    ) -> Result<Option<Uuid>, sqlx::Error> {
        let Recalled { user, calendar, .. } = premises.recalled;
        create!(
            r#"
                and slug = $25 and components = $26
                and exists (
                    select from devices d join users u using (telegram_id)
                    where d.secret_hash = $24 and d.revoked_at is null and d.telegram_id = c.owner
                      and (coalesce(u.name, ''), u.username) is not distinct from ($27, $28)
                )
                and length($6::bytea) + (
                    select sum(own.bytes)::bigint from calendars own where own.owner = c.owner and own.deleted_at is null
                ) <= $29
                and $31::text[] = array(
                    select words from (
                        select concat_ws(' ', u.telegram_id, u.schedule_status, case when exists (
                            select from calendars own where own.owner = u.telegram_id and own.deleted_at is null
                        ) then 'has an account' end) as words, u.telegram_id::text as stranger
                        from users u where u.telegram_id = any($30)
                    ) met where words <> stranger order by words collate "C"
                )
            "#,
            "",
            (new, write, attendees, invitation),
            &premises.recalled.secret_hash[..],
            &calendar.slug,
            &calendar.properties.components,
            &user.name,
            user.username.as_deref(),
            MAX_OWNER_BYTES,
            &premises.people,
            &premises.met,
        )
        // A second run meets what a first one has written, and that is a conflict.
        .fetch_optional(&self.pool.idempotent())
        .await
    }
}
