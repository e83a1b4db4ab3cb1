//! What has become of a card: written, not written, or nobody knows.

use televent_calendar::ScheduleStatus;
use uuid::Uuid;

use super::{CardKey, CardLease, SentCard};
use crate::{Store, StoreError};

/// A statement that records what was sent: its first eleven parameters are those of every such statement.
macro_rules! record {
    ($sql:literal, ($lease:ident, $sent:ident, $outbox_id:ident), $($more:expr,)*) => {
        sqlx::query_scalar!(
            $sql,
            $lease.key.event_id,
            $lease.key.telegram_id.get(),
            $lease.key.recurrence_id,
            $lease.holder,
            $sent.chat_id,
            $sent.message_id,
            $sent.rendered,
            $outbox_id,
            ScheduleStatus::Delivered.as_str(),
            $sent.shown,
            $sent.told,
            $($more,)*
        )
    };
}

impl Store {
    /// Records what a card shows now, gives the lease back and settles the outbox row if one is given, in one statement.
    ///
    /// Returns `false`, and leaves the row open, when the card has to be looked at again: the lease had run
    /// out and somebody else may have written another state meanwhile, another message had become the
    /// card, or this one was given up for a new one. A message that was sent then is a copy of the card.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn record_card(
        &self,
        lease: &CardLease,
        sent: &SentCard,
        outbox_id: Option<Uuid>,
    ) -> Result<bool, StoreError> {
        // Postgres prepares every part of a statement, whether it has work or not, and mostly there is none for the others.
        Ok(
            !sent.replaces && self.record_first_or_edited(lease, sent, outbox_id).await?
                || self
                    .record_whatever_happened(lease, sent, outbox_id)
                    .await?,
        )
    }

    /// If the message is the card, or becomes it as the first one, and its reader is known to be reached. Else nothing is written.
    async fn record_first_or_edited(
        &self,
        lease: &CardLease,
        sent: &SentCard,
        outbox_id: Option<Uuid>,
    ) -> Result<bool, StoreError> {
        Ok(record!(
            r#"
            with card as (
                update invite_cards set
                    chat_id = $5, message_id = $6, rendered = $7, shown = $10, told = $11,
                    -- An answer, which makes it what is shown, may have come meanwhile.
                    baseline = coalesce(baseline, $10),
                    written_at = now(),
                    lease_holder = null, lease_until = null
                where event_id = $1 and telegram_id = $2 and recurrence_id = $3 and lease_holder = $4
                  and (message_id = $6 or message_id is null and not exists (
                      select from invite_card_copies copy
                      where copy.event_id = $1 and copy.telegram_id = $2 and copy.recurrence_id = $3
                        and copy.message_id = $6
                  ))
                  and exists (
                      select from users reader
                      where reader.telegram_id = $2 and reader.reachable and reader.schedule_status = $9
                  )
                returning telegram_id
            ), settled as (
                update outbox_messages set state = 'completed', settled_at = now(), last_error = null
                from card
                where id = $8 and state in ('pending', 'published')
            )
            select exists (select from card) as "recorded!"
            "#,
            (lease, sent, outbox_id),
        )
        .fetch_one(&self.pool)
        .await?)
    }

    async fn record_whatever_happened(
        &self,
        lease: &CardLease,
        sent: &SentCard,
        outbox_id: Option<Uuid>,
    ) -> Result<bool, StoreError> {
        Ok(record!(
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
            (lease, sent, outbox_id),
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
