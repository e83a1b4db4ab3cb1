//! What the bot has to say: which screen to whom, the message that shows it, and the dialog that somebody is in. Written with
//! the update that asks for it; what a screen shows is read when it is sent.

use std::time::Duration;

use serde_json::Value;
use televent_calendar::TelegramUserId;
use televent_runtime::trace;
use uuid::Uuid;

use crate::{Notice, PressRecord, Store, StoreError};

/// How long a screen that says nothing new is not said again to the same person.
const REPEATED_SCREEN_AFTER: Duration = Duration::from_secs(60);

/// Something that the bot has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChatMessage {
    /// Id for its row, used only if there is none for the message that it replaces.
    pub id: Uuid,
    /// Id of its outbox row.
    pub outbox_id: Uuid,
    /// Which screen, and of what.
    pub screen: Value,
    /// The message of the chat that shall show it instead of what it shows; else a new one is sent.
    pub replaces: Option<i64>,
    /// It says nothing new: not said if the same screen was, a moment ago.
    pub is_dispensable: bool,
}

/// What becomes of the dialog that somebody is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DialogChange {
    /// It stays as it is.
    #[default]
    Keep,
    /// They are asked this.
    Ask(Value),
    /// It is over.
    End,
}

/// What the effect of an update ends with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateOutcome {
    /// What the bot has to say to who sent it.
    pub messages: Vec<NewChatMessage>,
    /// What becomes of their dialog.
    pub dialog: DialogChange,
    /// Cards that may be stale, with their events.
    pub cards: Vec<(Uuid, Notice)>,
}

/// A screen as it was when its lease was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMessage {
    /// Which screen, and of what.
    pub screen: Value,
    /// The message that shows it, or is to show it.
    pub message_id: Option<i64>,
    /// Raised whenever the message shall show something else.
    pub version: i64,
    /// The lease before ours ran out in the middle: a first send may have gone out unrecorded.
    pub unfinished: bool,
}

/// The right to write a message of the bot's own.
#[derive(Clone, Copy, Debug)]
pub struct ChatLease {
    /// The row.
    pub id: Uuid,
    /// Unique for this attempt.
    pub holder: Uuid,
}

impl Store {
    /// What the effect of an update ends with, in one statement: it is processed, the dialog goes on, and the messages are to be
    /// sent. Returns `false`, and changes nothing, if the update was processed before.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn finish_update(
        &self,
        update: &PressRecord,
        outcome: &UpdateOutcome,
    ) -> Result<bool, StoreError> {
        let UpdateOutcome {
            messages,
            dialog,
            cards,
        } = outcome;
        let ids: Vec<Uuid> = messages.iter().map(|message| message.id).collect();
        let outbox_ids: Vec<Uuid> = messages.iter().map(|message| message.outbox_id).collect();
        let screens: Vec<Value> = messages
            .iter()
            .map(|message| message.screen.clone())
            .collect();
        let replaces: Vec<Option<i64>> = messages.iter().map(|message| message.replaces).collect();
        let dispensable: Vec<bool> = messages
            .iter()
            .map(|message| message.is_dispensable)
            .collect();
        let card_events: Vec<Uuid> = cards.iter().map(|(event_id, _)| *event_id).collect();
        let card_ids: Vec<Uuid> = cards.iter().map(|(_, notice)| notice.id).collect();
        let card_kinds: Vec<String> = cards
            .iter()
            .map(|(_, notice)| notice.kind.as_str().to_owned())
            .collect();
        let card_readers: Vec<i64> = cards
            .iter()
            .map(|(_, notice)| notice.telegram_id.get())
            .collect();
        let step = match dialog {
            DialogChange::Ask(step) => Some(step),
            DialogChange::Keep | DialogChange::End => None,
        };
        Ok(sqlx::query_scalar!(
            r#"
            with fresh as (
                insert into processed_updates (bot_id, update_id) values ($1, $2)
                on conflict do nothing
                returning update_id
            ), said as (
                select row.* from fresh, unnest($4::uuid[], $5::uuid[], $6::jsonb[], $7::bigint[], $8::boolean[])
                    as row (id, outbox_id, screen, replaces, is_dispensable)
                where not row.is_dispensable or not exists (
                    select from chat_messages known
                    where known.telegram_id = $3 and known.screen = row.screen
                      and known.created_at > now() - $9 * interval '1 second'
                )
            ), message as (
                insert into chat_messages as known (id, telegram_id, screen, message_id)
                select id, $3, screen, replaces from said
                on conflict (telegram_id, message_id) do update set
                    screen = excluded.screen, version = known.version + 1
                returning id, message_id
            ), asked as (
                insert into dialogs (telegram_id, step)
                select $3, $10::jsonb from fresh where $10::jsonb is not null
                on conflict (telegram_id) do update set step = excluded.step, updated_at = now()
            ), ended as (
                delete from dialogs using fresh where telegram_id = $3 and $11
            ), notice as (
                insert into outbox_messages (id, kind, chat_message_id, telegram_id, urgency, traceparent)
                select said.outbox_id, 'chat_message', message.id, $3, 0, $16
                from said join message
                  on message.id = said.id or message.message_id = said.replaces
            ), card_notice as (
                insert into outbox_messages (id, kind, event_id, telegram_id, urgency, traceparent)
                -- Of many cards at once one is waited for; the others may come one after the other.
                select row.id, row.kind, row.event_id, row.telegram_id, 1, $16 from fresh,
                    unnest($12::uuid[], $13::text[], $14::uuid[], $15::bigint[])
                        as row (id, kind, event_id, telegram_id)
            )
            select exists (select from fresh) as "is_fresh!"
            "#,
            update.bot_id,
            update.update_id,
            update.telegram_id.get(),
            &ids,
            &outbox_ids,
            &screens,
            &replaces as &[Option<i64>],
            &dispensable,
            REPEATED_SCREEN_AFTER.as_secs_f64(),
            step,
            *dialog == DialogChange::End,
            &card_ids,
            &card_kinds,
            &card_events,
            &card_readers,
            trace::current(),
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// A message of the bot's own shall show its screen as things are now; `otherwise` if it is not known any more what it
    /// shows.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn show_again(
        &self,
        telegram_id: TelegramUserId,
        message_id: i64,
        otherwise: &Value,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "with message as (
                 insert into chat_messages as known (id, telegram_id, screen, message_id) values ($1, $2, $3, $4)
                 on conflict (telegram_id, message_id) do update set version = known.version + 1
                 returning id
             )
             insert into outbox_messages (id, kind, chat_message_id, telegram_id, urgency, traceparent)
             select $5, 'chat_message', id, $2, 0, $6 from message",
            Uuid::now_v7(),
            telegram_id.get(),
            otherwise,
            message_id,
            Uuid::now_v7(),
            trace::current(),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Whether the effect of an update is committed.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn is_processed(&self, update: &PressRecord) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"
            select exists (
                select from processed_updates where bot_id = $1 and update_id = $2
            ) as "is_processed!"
            "#,
            update.bot_id,
            update.update_id,
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// What somebody is asked at present, if it is not too old.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn dialog(
        &self,
        telegram_id: TelegramUserId,
        not_older_than: Duration,
    ) -> Result<Option<Value>, StoreError> {
        Ok(sqlx::query_scalar!(
            "select step from dialogs
             where telegram_id = $1 and updated_at > now() - $2 * interval '1 second'",
            telegram_id.get(),
            not_older_than.as_secs_f64(),
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Takes the right to write a message of the bot's own for `time_to_live`. `None` while somebody else has it, or when the
    /// row is gone.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn lease_chat_message(
        &self,
        lease: ChatLease,
        time_to_live: Duration,
    ) -> Result<Option<ChatMessage>, StoreError> {
        Ok(sqlx::query_as!(
            ChatMessage,
            r#"
            with before as (
                select lease_holder is not null as unfinished from chat_messages where id = $1
            )
            update chat_messages set lease_holder = $2, lease_until = now() + $3 * interval '1 second'
            where id = $1 and (lease_until is null or lease_until < now())
            returning screen, message_id, version,
                coalesce((select unfinished from before), false) as "unfinished!"
            "#,
            lease.id,
            lease.holder,
            time_to_live.as_secs_f64(),
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Records which message shows a screen now, gives the lease back and settles the outbox row, in one statement. Returns `false`,
    /// and leaves the row open, when the message is to show something else meanwhile, or the lease was lost.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn record_chat_message(
        &self,
        lease: ChatLease,
        message_id: i64,
        version: i64,
        outbox_id: Uuid,
    ) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"
            with message as (
                update chat_messages shown set
                    -- A press on it may have come first, and has a row for it.
                    message_id = case when exists (
                        select from chat_messages other
                        where other.telegram_id = shown.telegram_id and other.message_id = $3 and other.id <> $1
                    ) then null else $3 end,
                    lease_holder = null, lease_until = null
                where id = $1 and lease_holder = $2
                returning version
            ), reader as (
                update users set reachable = true, schedule_status = null
                from chat_messages
                where chat_messages.id = $1 and users.telegram_id = chat_messages.telegram_id
                  and users.reachable is distinct from true
            ), settled as (
                update outbox_messages set state = 'completed', settled_at = now(), last_error = null
                from message
                where id = $5 and state in ('pending', 'published') and message.version = $4
            )
            select exists (select from message where version = $4) as "recorded!"
            "#,
            lease.id,
            lease.holder,
            message_id,
            version,
            outbox_id,
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Gives the lease back without having written.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn release_chat_message(&self, lease: ChatLease) -> Result<(), StoreError> {
        sqlx::query!(
            "update chat_messages set lease_holder = null, lease_until = null
             where id = $1 and lease_holder = $2",
            lease.id,
            lease.holder,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
