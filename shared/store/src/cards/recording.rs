//! What has become of a card: written, not written, or nobody knows.

use serde_json::Value;
use televent_calendar::ScheduleStatus;
use uuid::Uuid;

use super::{CardKey, CardLease, CardRecord};
use crate::{Store, StoreError};

/// A statement that records cards where a message is the card, or becomes it as the first one, and its reader is known to be reached.
/// `$locked` says what becomes of cards and outbox rows that somebody else is just writing.
macro_rules! record {
    ($locked:literal, $columns:expr) => {{
        let columns: &RecordColumns = $columns;
        sqlx::query_scalar!(
            r#"
            with asked as materialized (
                select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::bigint[], $6::bigint[], $7::text[],
                                     $8::jsonb[], $9::jsonb[], $10::uuid[])
                    as row (event_id, telegram_id, recurrence_id, holder, chat_id, message_id, rendered, shown, told, outbox_id)
            ), held as materialized (
                select asked.*, card.place, card.is_recorded from asked
                cross join lateral (
                    select card.ctid as place, card.lease_holder is null as is_recorded from invite_cards card
                    where card.event_id = asked.event_id and card.telegram_id = asked.telegram_id
                      and card.recurrence_id = asked.recurrence_id
                      and (card.lease_holder = asked.holder
                           -- It was recorded, and whoever did was not told.
                           or card.lease_holder is null and card.message_id = asked.message_id and card.rendered = asked.rendered)
                      and (card.message_id = asked.message_id or card.message_id is null and not exists (
                          select from invite_card_copies copy
                          where copy.event_id = asked.event_id and copy.telegram_id = asked.telegram_id
                            and copy.recurrence_id = asked.recurrence_id and copy.message_id = asked.message_id
                          offset 0
                      ))
                      and exists (
                          select from users reader
                          where reader.telegram_id = asked.telegram_id and reader.reachable and reader.schedule_status = $11
                          offset 0
                      )
                    for no key update of card
            "#
                + $locked
                + r#"
                ) card
            ), settling as materialized (
                select id from outbox_messages where id = any(array(select outbox_id from held))
                for no key update
            "#
                + $locked
                + r#"
            ), sound as materialized (
                select * from held
                where outbox_id is null or outbox_id = any(array(select id from settling))
                   or (select o.id from outbox_messages o where o.id = held.outbox_id) is null
            ), written as (
                update invite_cards card set
                    chat_id = sound.chat_id, message_id = sound.message_id, rendered = sound.rendered,
                    shown = sound.shown, told = sound.told,
                    -- An answer, which makes it what is shown, may have come meanwhile.
                    baseline = coalesce(card.baseline, sound.shown),
                    written_at = now(),
                    lease_holder = null, lease_until = null
                from sound
                where card.ctid = sound.place and not sound.is_recorded
                returning sound.holder, sound.outbox_id
            ), recorded as (
                select holder, outbox_id from written
                union all select holder, outbox_id from sound where is_recorded
            ), settled as (
                update outbox_messages set state = 'completed', settled_at = now(), last_error = null
                where id = any(array(select outbox_id from recorded)) and state in ('pending', 'published')
            )
            select holder as "holder!" from recorded
            "#,
            &columns.event_ids,
            &columns.readers,
            &columns.recurrence_ids,
            &columns.holders,
            &columns.chat_ids,
            &columns.message_ids,
            &columns.rendered,
            &columns.shown,
            &columns.told,
            &columns.outbox_ids as &[Option<Uuid>],
            ScheduleStatus::Delivered.as_str(),
        )
    }};
}

impl Store {
    /// Records what cards show now, gives their leases back and settles the outbox rows that they settle, in one statement: where a
    /// message is the card, or becomes it as the first one, its reader is known to be reached, and nobody else is just writing the card
    /// or the row. Returns whether that was so of each; of the others nothing is written, and [`Self::record_card`] does it.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn record_cards(&self, records: &[CardRecord]) -> Result<Vec<bool>, StoreError> {
        let columns = RecordColumns::of(records);
        // Who has some of them and waits for others could wait for somebody who has those.
        let recorded = record!("skip locked", &columns)
            .fetch_all(&self.pool)
            .await?;
        Ok(records
            .iter()
            .map(|record| recorded.contains(&record.lease.holder))
            .collect())
    }

    /// Records what a card shows now, gives the lease back and settles the outbox row if one is given.
    ///
    /// Returns `false`, and leaves the row open, when the card has to be looked at again: the lease had run
    /// out and somebody else may have written another state meanwhile, another message had become the
    /// card, or this one was given up for a new one. A message that was sent then is a copy of the card.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn record_card(&self, record: &CardRecord) -> Result<bool, StoreError> {
        // Postgres prepares every part of a statement, whether it has work or not, and mostly there is none for the others. Besides, this
        // one waits for whoever is recording the same at this moment, and the other sees what they have done.
        let columns = RecordColumns::of(std::slice::from_ref(record));
        let recorded = record!("", &columns).fetch_optional(&self.pool).await?;
        Ok(recorded.is_some() || self.record_whatever_happened(record).await?)
    }

    async fn record_whatever_happened(&self, record: &CardRecord) -> Result<bool, StoreError> {
        let CardRecord {
            lease,
            sent,
            outbox_id,
        } = record;
        Ok(sqlx::query_scalar!(
            r#"
            with card as (
                update invite_cards set
                    chat_id = $5,
                    message_id = case when message_id is null and not known.is_copy or $12 then $6 else message_id end,
                    -- What another message shows is not known by having written this one.
                    rendered = case when message_id is null and not known.is_copy or $12 or message_id = $6 then $7 end,
                    shown = $10, told = $11,
                    -- An answer, which makes it what is shown, may have come meanwhile.
                    baseline = coalesce(baseline, $10),
                    written_at = now(),
                    lease_holder = null, lease_until = null
                from (
                    -- The message was given up for a new one meanwhile, and is not to be the card again.
                    select exists (
                        select from invite_card_copies
                        where event_id = $1 and telegram_id = $2 and recurrence_id = $3 and message_id = $6
                    ) as is_copy
                ) as known
                where event_id = $1 and telegram_id = $2 and recurrence_id = $3 and lease_holder = $4
                returning message_id
            ), lost as (
                update invite_cards set rendered = null
                where event_id = $1 and telegram_id = $2 and recurrence_id = $3
                  and lease_holder is distinct from $4
                returning message_id
            ), copy as (
                insert into invite_card_copies (event_id, telegram_id, recurrence_id, message_id, rendered)
                select $1, $2, $3, $6, $7
                where not exists (select from card where message_id = $6)
                  -- Nor is an edit of the card itself a copy, recorded after the lease was lost.
                  and not exists (
                      select from invite_cards
                      where event_id = $1 and telegram_id = $2 and recurrence_id = $3 and message_id = $6
                  )
                on conflict (event_id, telegram_id, recurrence_id, message_id)
                do update set rendered = excluded.rendered
            ), reader as (
                insert into users (telegram_id, reachable, schedule_status) values ($2, true, $9)
                on conflict (telegram_id) do update set reachable = true, schedule_status = $9
                where users.reachable is distinct from true or users.schedule_status is distinct from $9
            ), settled as (
                update outbox_messages set state = 'completed', settled_at = now(), last_error = null
                from card
                where id = $8 and state in ('pending', 'published') and card.message_id = $6
            )
            select exists (select from card where message_id = $6) as "recorded!"
            "#,
            lease.key.event_id,
            lease.key.telegram_id.get(),
            lease.key.recurrence_id,
            lease.holder,
            sent.chat_id,
            sent.message_id,
            sent.rendered,
            *outbox_id,
            ScheduleStatus::Delivered.as_str(),
            sent.shown,
            sent.told,
            sent.replaces,
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Records what a copy of a card shows now.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn record_copy(
        &self,
        key: &CardKey,
        message_id: i64,
        rendered: &str,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update invite_card_copies set rendered = $5
             where event_id = $1 and telegram_id = $2 and recurrence_id = $3 and message_id = $4",
            key.event_id,
            key.telegram_id.get(),
            key.recurrence_id,
            message_id,
            rendered,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Forgets a copy that its reader has deleted.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn forget_copy(&self, key: &CardKey, message_id: i64) -> Result<(), StoreError> {
        sqlx::query!(
            "delete from invite_card_copies
             where event_id = $1 and telegram_id = $2 and recurrence_id = $3 and message_id = $4",
            key.event_id,
            key.telegram_id.get(),
            key.recurrence_id,
            message_id,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Gives the lease back after a call whose outcome is unknown: what the messages show is not known any more.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn release_unknown_card(&self, lease: &CardLease) -> Result<(), StoreError> {
        let key = &lease.key;
        sqlx::query!(
            "with card as (
                 update invite_cards set rendered = null, lease_holder = null, lease_until = null
                 where event_id = $1 and telegram_id = $2 and recurrence_id = $3 and lease_holder = $4
             )
             update invite_card_copies set rendered = null
             where event_id = $1 and telegram_id = $2 and recurrence_id = $3",
            key.event_id,
            key.telegram_id.get(),
            key.recurrence_id,
            lease.holder,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Gives the lease back without having changed the card. It is found by its holder among the reader's cards of the event.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn release_card(&self, lease: &CardLease) -> Result<(), StoreError> {
        sqlx::query!(
            "update invite_cards set lease_holder = null, lease_until = null
             where event_id = $1 and telegram_id = $2 and lease_holder = $3",
            lease.key.event_id,
            lease.key.telegram_id.get(),
            lease.holder,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Records that the bot can't write to the card's reader: the person is marked with what the next message to them will
    /// meet (RFC 6638 section 3.2.9), the lease is given back and the outbox row is settled if one is given, in one statement.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn record_unreachable(
        &self,
        lease: &CardLease,
        schedule_status: ScheduleStatus,
        outbox_id: Option<Uuid>,
    ) -> Result<(), StoreError> {
        let key = &lease.key;
        sqlx::query!(
            "with card as (
                 update invite_cards set lease_holder = null, lease_until = null
                 where event_id = $1 and telegram_id = $2 and recurrence_id = $3 and lease_holder = $4
                 returning event_id
             ), reader as (
                 insert into users (telegram_id, reachable, schedule_status) values ($2, false, $5)
                 on conflict (telegram_id) do update set reachable = false, schedule_status = $5
             )
             update outbox_messages set state = 'completed', settled_at = now(), last_error = null
             where id = $6 and state in ('pending', 'published')",
            key.event_id,
            key.telegram_id.get(),
            key.recurrence_id,
            lease.holder,
            schedule_status.as_str(),
            outbox_id,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

/// What is recorded, as columns for `unnest`.
#[derive(Default)]
struct RecordColumns {
    event_ids: Vec<Uuid>,
    readers: Vec<i64>,
    recurrence_ids: Vec<String>,
    holders: Vec<Uuid>,
    chat_ids: Vec<i64>,
    message_ids: Vec<i64>,
    rendered: Vec<String>,
    shown: Vec<Value>,
    told: Vec<Value>,
    outbox_ids: Vec<Option<Uuid>>,
}

impl RecordColumns {
    /// A message that replaces the card's is none of these.
    fn of(records: &[CardRecord]) -> Self {
        let mut columns = Self::default();
        for CardRecord {
            lease: CardLease { key, holder },
            sent,
            outbox_id,
        } in records.iter().filter(|record| !record.sent.replaces)
        {
            columns.event_ids.push(key.event_id);
            columns.readers.push(key.telegram_id.get());
            columns.recurrence_ids.push(key.recurrence_id.clone());
            columns.holders.push(*holder);
            columns.chat_ids.push(sent.chat_id);
            columns.message_ids.push(sent.message_id);
            columns.rendered.push(sent.rendered.clone());
            columns.shown.push(sent.shown.clone());
            columns.told.push(sent.told.clone());
            columns.outbox_ids.push(*outbox_id);
        }
        columns
    }
}
