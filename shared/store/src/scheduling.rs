//! Writing what a change of a meeting means: the organizer's object, the copies, the inboxes, and what the world must be
//! told, in one statement. A new meeting whose people have no accounts is a smaller one: most of what this could have to do is not there,
//! and Postgres has to be ready for each part of a statement.
//!
//! Locks are taken in one order here and in every other statement: objects by id, then calendars by id, then cards, then
//! attendees. All changes of a meeting lock the organizer's object, so that they come one after the other.

mod columns;
mod told;

use chrono::{DateTime, Utc};
use televent_calendar::{Plan, TelegramUserId};
use televent_runtime::trace;
use uuid::Uuid;

use self::{
    columns::Columns,
    told::{answered_keys, notices, with_stale_counts},
};
use crate::{
    MeetingRows, NewEvent, NoticeKind, ObjectWrite, PressRecord, Store, StoreError, WriteOutcome,
    error::violated_unique_constraint,
    event_creation::Invitation,
    outbox::NoticeColumns,
    work::{MUCH_BYTES, for_so_many},
};

/// A change of a meeting.
#[derive(Clone, Copy, Debug)]
pub struct SchedulingWrite<'a> {
    /// What the decision was based on.
    pub rows: &'a MeetingRows,
    /// What was decided.
    pub plan: &'a Plan,
    /// What becomes of the organizer's object.
    pub organizer: OrganizerWrite<'a>,
    /// Where the copy of an attendee goes whose client puts it there, and who that is.
    pub place: Option<(TelegramUserId, NewEvent<'a>)>,
    /// The time of the decision.
    pub now: DateTime<Utc>,
    /// The press that brings an answer.
    pub press: Option<&'a PressRecord>,
}

impl<'a> SchedulingWrite<'a> {
    /// What a plan says, and nothing of a client's own: the organizer's object is changed by an answer, or not at all.
    #[must_use]
    pub const fn planned(rows: &'a MeetingRows, plan: &'a Plan, now: DateTime<Utc>) -> Self {
        Self {
            rows,
            plan,
            organizer: OrganizerWrite::AsPlanned,
            place: None,
            now,
            press: None,
        }
    }
}

/// What becomes of the organizer's object.
#[derive(Clone, Copy, Debug)]
pub enum OrganizerWrite<'a> {
    /// It is new.
    Create(NewEvent<'a>, &'a ObjectWrite<'a>),
    /// Its owner's client replaces it.
    Replace(&'a ObjectWrite<'a>),
    /// Its owner's client removes it.
    Remove,
    /// What the plan says: it is changed by an answer, or not at all.
    AsPlanned,
}

impl Store {
    /// Writes a change of a meeting, and raises the sequence of each object and the ctag of each calendar that it touches.
    /// Nothing is written if one of the objects is not what the decision was based on, or the press was processed before.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn write_scheduling(
        &self,
        write: &SchedulingWrite<'_>,
    ) -> Result<WriteOutcome, StoreError> {
        let columns = for_so_many(write.plan.copies.len(), || Columns::of(write));
        let notices = notices(write);
        let notices = NoticeColumns::from_notices(&notices);
        let plan = write.plan;
        if let OrganizerWrite::Create(new, object) = write.organizer
            && columns.are_of_organizer_alone()
            && plan.instance_cards.is_empty()
            && plan.answered.is_none()
        {
            let invitation = Invitation {
                schedule_statuses: columns.schedule_statuses,
                asked: columns.asked,
                asked_at: write.now,
                notices,
            };
            let attendees = columns.attendees.unwrap_or_default();
            return self
                .create_and_invite(new, object, &attendees, &invitation)
                .await;
        }
        if let OrganizerWrite::Create(new, _) = write.organizer
            && new.premises.is_some()
        {
            // Only the smaller statement checks them.
            return Ok(WriteOutcome::Conflict);
        }
        let (calendar_ids, growths): (Vec<Uuid>, Vec<i64>) = columns
            .calendars
            .iter()
            .map(|(id, bytes)| (*id, *bytes))
            .unzip();
        let notes_copy = columns.notes_copy();
        let with_attendees = columns.attendees.is_some();
        let attendees = columns.attendees.unwrap_or_default();
        let (card_people, card_keys): (Vec<i64>, Vec<String>) = plan
            .instance_cards
            .iter()
            .map(|(id, key)| (id.get(), key.clone()))
            .unzip();
        let resent: Vec<i64> = plan.resent.iter().map(|id| id.get()).collect();
        let answered_keys = answered_keys(plan);
        let (counted_ids, counted_people): (Vec<Uuid>, Vec<i64>) = with_stale_counts(write)
            .into_iter()
            .map(|id| (Uuid::now_v7(), id.get()))
            .unzip();
        let answerer = plan.answered.as_ref().map(|(who, _)| who.get());
        let answered_at = write.press.map_or(write.now, |press| press.received_at);
        let (created, replaced, messages) =
            (&columns.created, &columns.replaced, &columns.messages);
        let bytes = [&created.objects, &replaced.objects, &messages.objects];
        let bytes: usize = bytes.into_iter().flatten().map(Vec::len).sum();
        let pool = if bytes > MUCH_BYTES {
            self.pool.for_much()
        } else {
            self.pool.clone()
        };
        let written = sqlx::query_scalar!(
            r#"
            with expected as (
                select * from unnest($1::uuid[], $2::bigint[]) as expected (id, version)
            ), locked as (
                select e.id, e.version, e.calendar_id, e.resource_name, e.method, length(e.object) as bytes,
                       e.deleted_at is not null as is_deleted
                from events e
                -- By arrays, and no subquery: each of the three is read by its index.
                where e.id = any($1)
                   -- Messages about it, which may be replaced or go.
                   or e.organizer_event_id = $3 and e.method is not null and e.deleted_at is null
                   or e.calendar_id = any($30) and e.resource_name = any($31) and e.deleted_at is null
                order by e.id
                -- Not `for update`: that would wait for whoever adds an outbox row, and they for us.
                for no key update
            ), places as (
                select c.id from calendars c
                where c.id = any($4) and c.deleted_at is null and (select count(*) from locked) >= 0
                order by c.id
                for no key update
            ), sound as (
                select (select count(*) from locked join expected using (id, version)) = cardinality($1)
                   and (select count(*) from places) = cardinality($4)
                   -- Copies of what is deleted go on, but that itself stays as it was.
                   and not exists (select from locked where is_deleted and (id = any($20) or id = any($27)))
                       as is_sound
            ), fresh as (
                insert into processed_updates (bot_id, update_id)
                select $6, $7 from sound where is_sound and $6::bigint is not null
                on conflict do nothing
                returning update_id
            ), ground as (
                select from sound where is_sound and ($6::bigint is null or exists (select from fresh))
            ), calendar as (
                update calendars c set ctag = c.ctag + 1, bytes = c.bytes + growth.bytes - coalesce((
                    -- Messages that are replaced, or go.
                    select sum(m.bytes) from locked m
                    where m.calendar_id = c.id and m.method is not null
                      and (m.resource_name = any($31) or m.calendar_id = any($28))
                ), 0)
                from unnest($4::uuid[], $5::bigint[]) as growth (id, bytes), ground
                where c.id = growth.id
                returning c.id, c.ctag, c.owner
            ), created as (
                insert into events (id, calendar_id, resource_name, uid, component, object, etag, schedule_tag,
                                    revision, organizer, owner_organizes, scheduling_owner, organizer_event_id,
                                    first_occurrence, last_occurrence)
                select row.id, calendar.id,
                       -- The name of a copy is ours to choose.
                       case when not row.is_organizer and exists (
                           select from events other
                           where other.calendar_id = calendar.id and other.resource_name = row.name
                             and other.deleted_at is null
                       ) then row.id || '.ics' else row.name end,
                       $8, $9, row.object, row.etag, row.etag, calendar.ctag, $10, row.is_organizer and $11,
                       case when $10::text is not null then calendar.owner end,
                       case when not row.is_organizer then $3 end,
                       coalesce(row.first_occurrence, '-infinity'), coalesce(row.last_occurrence, 'infinity')
                from unnest($12::uuid[], $13::uuid[], $14::text[], $15::bytea[], $16::text[], $17::boolean[],
                            $18::timestamptz[], $19::timestamptz[])
                    as row (id, calendar_id, name, object, etag, is_organizer, first_occurrence, last_occurrence)
                join calendar on calendar.id = row.calendar_id
                returning id, calendar_id, resource_name
            ), replaced as (
                update events e set
                    object = row.object, etag = row.etag,
                    schedule_tag = case when row.is_tagged then row.etag else e.schedule_tag end,
                    organizer = case when row.is_organizer then $10 else e.organizer end,
                    component = $9,
                    owner_organizes = row.is_organizer and $11,
                    scheduling_owner = case when row.is_organizer and $10::text is null then null else calendar.owner end,
                    organizer_event_id = case when not row.is_organizer then $3 end,
                    first_occurrence = case when row.is_tagged then coalesce(row.first_occurrence, '-infinity')
                                            else e.first_occurrence end,
                    last_occurrence = case when row.is_tagged then coalesce(row.last_occurrence, 'infinity')
                                           else e.last_occurrence end,
                    sequence = e.sequence + 1, version = e.version + 1, revision = calendar.ctag, updated_at = now()
                from unnest($20::uuid[], $21::bytea[], $22::text[], $23::boolean[], $24::boolean[],
                            $25::timestamptz[], $26::timestamptz[])
                    as row (id, object, etag, is_organizer, is_tagged, first_occurrence, last_occurrence), calendar
                where e.id = row.id and calendar.id = e.calendar_id
            ), noted as (
                -- Who takes the invitation back decides on all copies that there are: one that comes into being must be
                -- noticed, though it changes nothing of the organizer's object.
                update events e set version = e.version + 1 from ground where $53 and e.id = $3
            ), removed as (
                update events e set
                    deleted_at = now(), updated_at = now(),
                    sequence = e.sequence + 1, version = e.version + 1, revision = calendar.ctag
                from calendar where e.id = any($27) and calendar.id = e.calendar_id
                returning e.calendar_id, e.resource_name, e.revision
            ), read as (
                delete from events e using calendar
                where e.calendar_id = any($28) and calendar.id = e.calendar_id
                  and e.organizer_event_id = $3 and e.method is not null
                  -- One that a client has deleted before may have had the same name.
                  and e.deleted_at is null
                returning e.calendar_id, e.resource_name, calendar.ctag as revision
            ), tombstones as (
                insert into event_tombstones (calendar_id, resource_name, revision)
                select calendar_id, resource_name, revision from removed union all select * from read
                on conflict (calendar_id, resource_name) do update set
                    revision = excluded.revision, gone_at = excluded.gone_at
            ), messages as (
                insert into events (id, calendar_id, resource_name, uid, component, object, etag, schedule_tag,
                                    revision, owner_organizes, organizer_event_id, method)
                select row.id, calendar.id, row.name, $8, $9, row.object, row.etag, row.etag, calendar.ctag, false,
                       $3, row.method
                from unnest($29::uuid[], $30::uuid[], $31::text[], $32::bytea[], $33::text[], $34::text[])
                    as row (id, calendar_id, name, object, etag, method)
                join calendar on calendar.id = row.calendar_id
                on conflict (calendar_id, resource_name) where deleted_at is null do update set
                    object = excluded.object, etag = excluded.etag, schedule_tag = excluded.schedule_tag,
                    method = excluded.method, organizer_event_id = excluded.organizer_event_id,
                    revision = excluded.revision, updated_at = now(),
                    sequence = events.sequence + 1, version = events.version + 1
                returning calendar_id, resource_name
            ), reused as (
                delete from event_tombstones t
                using (select calendar_id, resource_name from created union all select * from messages) as living
                where t.calendar_id = living.calendar_id and t.resource_name = living.resource_name
            ), cards as (
                insert into invite_cards (event_id, telegram_id, recurrence_id)
                select $3, row.telegram_id, row.recurrence_id from ground,
                    unnest($35::bigint[], $36::text[]) as row (telegram_id, recurrence_id)
                on conflict do nothing
            ), shown as (
                select telegram_id, recurrence_id, message_id, rendered from invite_cards, ground
                where event_id = $3 and telegram_id = any($37) and recurrence_id = '' and message_id is not null
            ), kept as (
                insert into invite_card_copies (event_id, telegram_id, recurrence_id, message_id, rendered)
                select $3, shown.* from shown
                on conflict do nothing
            ), card as (
                update invite_cards c set
                    choosing = c.choosing and c.telegram_id is distinct from $38,
                    message_id = case when c.telegram_id = any($37) then null else c.message_id end,
                    rendered = case when c.telegram_id = any($37) then null else c.rendered end,
                    -- Whoever answers has seen what the card shows; a new card is seen for the first time.
                    baseline = case when c.telegram_id = any($37) then null
                                    when c.telegram_id = $38 and c.recurrence_id = any($55) then c.shown
                                    else c.baseline end
                from ground
                where c.event_id = $3 and (c.telegram_id = $38 or c.telegram_id = any($37) and c.recurrence_id = '')
                returning c.telegram_id
            ), sent as (
                select row.* from ground,
                    unnest($40::text[], $41::text[], $42::bigint[], $43::text[], $44::boolean[], $45::text[],
                           $46::boolean[], $47::boolean[])
                        as row (recurrence_id, address, telegram_id, status, invited, schedule_status, is_asked,
                                has_answered)
                -- The card is locked first, as in every statement that writes both: else two deadlock.
                where $39 and (select count(*) from card) >= 0
            ), gone as (
                delete from event_attendees a using ground
                where $39 and a.event_id = $3 and not exists (
                    select from sent where sent.recurrence_id = a.recurrence_id and sent.address = a.address
                )
            ), adopted as (
                -- Of an object that becomes a copy: who attends is said by the organizer's.
                delete from event_attendees a using ground
                where a.event_id in (
                    select row.id from unnest($20::uuid[], $23::boolean[]) as row (id, is_organizer)
                    where not row.is_organizer
                )
            ), attendees as (
                insert into event_attendees as known (event_id, recurrence_id, address, telegram_id, status, invited,
                                                      schedule_status, asked_at, answered_at, answered_by_update)
                select $3, recurrence_id, address, telegram_id, status, invited, schedule_status,
                       case when is_asked then $48::timestamptz else '-infinity' end,
                       case when has_answered then $49::timestamptz end,
                       case when has_answered then $7 end
                from sent
                on conflict (event_id, recurrence_id, address) do update set
                    telegram_id = excluded.telegram_id,
                    status = excluded.status,
                    invited = excluded.invited,
                    schedule_status = excluded.schedule_status,
                    asked_at = greatest(known.asked_at, excluded.asked_at),
                    answered_at = case when excluded.answered_at is not null then excluded.answered_at
                                       when excluded.asked_at > '-infinity' then null
                                       else known.answered_at end,
                    answered_by_update = case when excluded.answered_at is not null then excluded.answered_by_update
                                              when excluded.asked_at > '-infinity' then null
                                              else known.answered_by_update end
                -- A thousand people are not written anew because one of them has answered.
                where (known.telegram_id, known.status, known.invited, known.schedule_status)
                      is distinct from
                      (excluded.telegram_id, excluded.status, excluded.invited, excluded.schedule_status)
                   or excluded.answered_at is not null or excluded.asked_at > '-infinity'
            ), urgency as (
                -- As it was and as it is now: what is put off from today matters today.
                select coalesce(min(urgency_of_event(first_occurrence, last_occurrence)), 2) as of_event from (
                    select e.first_occurrence, e.last_occurrence from events e where e.id = $3
                    union all
                    select row.first_occurrence, row.last_occurrence
                    from unnest($12::uuid[], $18::timestamptz[], $19::timestamptz[])
                        as row (id, first_occurrence, last_occurrence)
                    where row.id = $3
                    union all
                    select row.first_occurrence, row.last_occurrence
                    from unnest($20::uuid[], $25::timestamptz[], $26::timestamptz[])
                        as row (id, first_occurrence, last_occurrence)
                    where row.id = $3
                ) as bounds
            ), notices as (
                insert into outbox_messages (id, kind, event_id, telegram_id, urgency, traceparent)
                select row.id, row.kind, $3, row.telegram_id,
                       case when row.telegram_id = $54 then 0 else urgency.of_event end, $59::text
                from ground, urgency,
                    unnest($50::uuid[], $51::text[], $52::bigint[]) as row (id, kind, telegram_id)
                union all
                -- Only the counts have changed: whoever has no card needs none for that.
                select row.id, $58, $3, row.telegram_id, urgency.of_event, $59
                from ground, urgency, unnest($56::uuid[], $57::bigint[]) as row (id, telegram_id)
                where exists (
                    select from invite_cards shown
                    where shown.event_id = $3 and shown.telegram_id = row.telegram_id and shown.message_id is not null
                )
            )
            select exists (select from ground) as "written!"
            "#,
            &columns.expected_ids,
            &columns.expected_versions,
            columns.meeting,
            &calendar_ids,
            &growths,
            write.press.map(|press| press.bot_id),
            write.press.map(|press| press.update_id),
            columns.uid,
            columns.component,
            columns.organizer.as_deref(),
            columns.owner_organizes,
            &created.ids,
            &created.calendar_ids,
            &created.names,
            &created.objects,
            &created.etags,
            &created.are_organizers,
            &created.firsts as &[Option<DateTime<Utc>>],
            &created.lasts as &[Option<DateTime<Utc>>],
            &replaced.ids,
            &replaced.objects,
            &replaced.etags,
            &replaced.are_organizers,
            &replaced.are_tagged,
            &replaced.firsts as &[Option<DateTime<Utc>>],
            &replaced.lasts as &[Option<DateTime<Utc>>],
            &columns.removed,
            &columns.read,
            &messages.ids,
            &messages.calendar_ids,
            &messages.names,
            &messages.objects,
            &messages.etags,
            &messages.methods,
            &card_people,
            &card_keys,
            &resent,
            answerer,
            with_attendees,
            &attendees.recurrence_ids,
            &attendees.addresses,
            &attendees.telegram_ids as &[Option<i64>],
            &attendees.statuses,
            &attendees.invited,
            &columns.schedule_statuses as &[Option<String>],
            &columns.asked,
            &columns.answered,
            write.now,
            answered_at,
            &notices.ids,
            &notices.kinds,
            &notices.telegram_ids,
            notes_copy,
            write.press.map(|press| press.telegram_id.get()),
            &answered_keys,
            &counted_ids,
            &counted_people,
            NoticeKind::Invite.as_str(),
            trace::current(),
        )
        .fetch_one(&pool)
        .await;
        match written {
            Ok(true) => Ok(WriteOutcome::Done),
            Ok(false) => Ok(WriteOutcome::Conflict),
            Err(error) => match violated_unique_constraint(&error) {
                Some(constraint @ ("events_uid" | "events_scheduling_uid")) => {
                    let wanted = match (write.organizer, write.place) {
                        (OrganizerWrite::Create(new, _), _) | (_, Some((_, new))) => {
                            Some((new.calendar_id, new.id))
                        }
                        (OrganizerWrite::Replace(_), None) => {
                            let organizer = write.rows.organizer.as_ref();
                            organizer.map(|row| (row.calendar_id, row.id))
                        }
                        (OrganizerWrite::Remove | OrganizerWrite::AsPlanned, None) => None,
                    };
                    match wanted {
                        Some((calendar_id, event_id)) => {
                            self.taken(calendar_id, event_id, &columns.uid, constraint)
                                .await
                        }
                        // A copy that came into being meanwhile.
                        None => Ok(WriteOutcome::Conflict),
                    }
                }
                // With our id: a write of this request that was taken for lost.
                Some("events_resource_name" | "events_pkey") => Ok(WriteOutcome::Conflict),
                _ => Err(error.into()),
            },
        }
    }
}
