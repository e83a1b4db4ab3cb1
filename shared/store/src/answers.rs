//! Presses of buttons: what they are decided on, and their effects, each committed together with the id
//! of the update that brought it, so that a repeat of the update changes nothing.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use televent_calendar::TelegramUserId;
use televent_runtime::trace;
use uuid::Uuid;

use crate::{
    CardKey, MeetingRows, Store, StoreError,
    outbox::{Notice, NoticeColumns},
};

/// Most copies of a card that are kept up to date besides the card. Each costs a call at every change.
pub const MAX_COPIES: i64 = 8;

/// A Bot API update that carries a press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PressRecord {
    /// Whose update ids these are: the part of the token before its colon.
    pub bot_id: i64,
    /// The update.
    pub update_id: i64,
    /// Who pressed, as Telegram says.
    pub telegram_id: TelegramUserId,
    /// When the update reached us.
    pub received_at: DateTime<Utc>,
}

impl PressRecord {
    /// An id that is the same whenever this update is applied, so that what is made under it is made once. `what` tells apart
    /// what one update makes.
    #[must_use]
    pub fn derived_id(&self, what: &str) -> Uuid {
        let name = format!("televent {} {} {what}", self.bot_id, self.update_id);
        let hash = Sha256::digest(name.as_bytes());
        let mut bytes = [0; 16];
        bytes
            .iter_mut()
            .zip(hash)
            .for_each(|(byte, hashed)| *byte = hashed);
        Uuid::new_v8(bytes)
    }
}

/// The message whose button was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PressedMessage {
    /// Its chat.
    pub chat_id: i64,
    /// Its id in the chat.
    pub message_id: i64,
}

/// What a press is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PressedCard<'a> {
    /// The event.
    pub event_id: Uuid,
    /// The recurrence key of the instance; empty for the whole event.
    pub recurrence_id: &'a str,
    /// The message, if Telegram names it.
    pub message: Option<PressedMessage>,
}

/// How one person stands to what they have pressed.
#[derive(Clone, Debug, PartialEq)]
pub struct PressState {
    /// The update that brought their last answer, if it came by one, and when the answer reached us.
    pub last_answer: Option<(Option<i64>, DateTime<Utc>)>,
    /// When they were asked for the last time.
    pub asked_at: Option<DateTime<Utc>>,
    /// Whether the pressed message is known as a copy of their card.
    pub message_is_known: bool,
    /// The facts that the card shows, as the notifier wrote them.
    pub shown: Option<serde_json::Value>,
    /// IANA name of their time zone.
    pub time_zone: Option<String>,
    /// The language that they have chosen, if they have: an IETF tag.
    pub chosen_language: Option<String>,
}

/// What there is to a press.
#[derive(Clone, Debug)]
pub enum Pressed {
    /// The update's effect is committed already.
    AlreadyProcessed,
    /// There is no such event.
    NoSuchEvent,
    /// The event, to decide on.
    Found(Box<MeetingRows>, PressState),
}

impl Store {
    /// Loads what a press is decided on.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn pressed(
        &self,
        press: &PressRecord,
        card: &PressedCard<'_>,
    ) -> Result<Pressed, StoreError> {
        // Before the state: what is answered between the two reads is then seen in the state, or by the version that the write expects.
        // The other way round an older press would be decided without the newer answer, and written all the same.
        let meeting = self
            .meeting_of_attendee(card.event_id, press.telegram_id)
            .await?;
        let row = sqlx::query!(
            r#"
            select
                exists (
                    select from processed_updates where bot_id = $1 and update_id = $2
                ) as "processed!",
                answer.answered_by_update as "answered_by_update?",
                answer.answered_at as "answered_at?",
                asked.asked_at as "asked_at?",
                card.shown as "shown?",
                person.time_zone as "time_zone?",
                person.chosen_language as "chosen_language?",
                exists (
                    select from invite_cards
                    where event_id = $3 and telegram_id = $4 and message_id = $5
                    union all
                    select from invite_card_copies
                    where event_id = $3 and telegram_id = $4 and message_id = $5
                ) as "message_is_known!"
            from (select) as always
            left join lateral (
                -- An answer for the whole event is one for each instance, but not the other way round.
                select answered_by_update, answered_at from event_attendees
                where event_id = $3 and telegram_id = $4 and answered_at is not null
                  and recurrence_id in ('', $6)
                order by answered_at desc limit 1
            ) answer on true
            left join lateral (
                select max(asked_at) as asked_at from event_attendees
                where event_id = $3 and telegram_id = $4 and recurrence_id = $6 and isfinite(asked_at)
            ) asked on true
            left join invite_cards card on card.event_id = $3 and card.telegram_id = $4 and card.recurrence_id = $6
            left join users person on person.telegram_id = $4
            "#,
            press.bot_id,
            press.update_id,
            card.event_id,
            press.telegram_id.get(),
            card.message.map(|message| message.message_id),
            card.recurrence_id,
        )
        .fetch_one(&self.pool)
        .await?;
        if row.processed {
            return Ok(Pressed::AlreadyProcessed);
        }
        let state = PressState {
            last_answer: row.answered_at.map(|at| (row.answered_by_update, at)),
            asked_at: row.asked_at,
            message_is_known: row.message_is_known,
            shown: row.shown,
            time_zone: row.time_zone,
            chosen_language: row.chosen_language,
        };
        Ok(match meeting {
            Some(rows) => Pressed::Found(Box::new(rows), state),
            None => Pressed::NoSuchEvent,
        })
    }

    /// Records a repeat of the answer that stands already, if the event still is at `expected_version`: the
    /// object stays, but an older press that arrives later must not beat this one. The card leaves the
    /// state "Change answer". Returns `false` when nothing was written: the event is not what was expected, or the update was
    /// processed meanwhile.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn confirm_answer(
        &self,
        press: &PressRecord,
        card: &CardKey,
        recurrence_ids: &[String],
        expected_version: i64,
        notices: &[Notice],
    ) -> Result<bool, StoreError> {
        let notices = NoticeColumns::from_notices(notices);
        Ok(sqlx::query_scalar!(
            r#"
            with unchanged as (
                select id from events
                where id = $3 and version = $9 and deleted_at is null
                for no key update
            ), fresh as (
                insert into processed_updates (bot_id, update_id)
                select $1, $2 from unchanged
                on conflict do nothing
                returning update_id
            ), event as (
                update events set version = events.version + 1
                from unchanged, fresh where events.id = unchanged.id
            ), card as (
                update invite_cards set choosing = false, baseline = shown
                from fresh where event_id = $3 and telegram_id = $4 and recurrence_id = $10
                returning event_id
            ), attendees as (
                update event_attendees set answered_at = $5, answered_by_update = $2
                from fresh where event_id = $3 and telegram_id = $4 and recurrence_id = any($11)
                  -- The card is locked first, as in every statement that writes both: else two deadlock.
                  and (select count(*) from card) >= 0
            ), notices as (
                insert into outbox_messages (id, kind, event_id, telegram_id, urgency, traceparent)
                select row.id, row.kind, $3, row.telegram_id, case row.telegram_id when $4 then 0 else 2 end, $12
                from fresh,
                    unnest($6::uuid[], $7::text[], $8::bigint[]) as row (id, kind, telegram_id)
            )
            select exists (select from fresh) as "written!"
            "#,
            press.bot_id,
            press.update_id,
            card.event_id,
            press.telegram_id.get(),
            press.received_at,
            &notices.ids,
            &notices.kinds,
            &notices.telegram_ids,
            expected_version,
            card.recurrence_id,
            recurrence_ids,
            trace::current(),
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Records that the person wants to choose again, if the event still is at `expected_version`. Returns
    /// `false` when nothing was written, as [`Store::confirm_answer`].
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn reopen_card(
        &self,
        press: &PressRecord,
        card: &CardKey,
        expected_version: i64,
        notice: &Notice,
    ) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"
            with unchanged as (
                select id from events
                where id = $3 and version = $7 and deleted_at is null
                for no key update
            ), fresh as (
                insert into processed_updates (bot_id, update_id)
                select $1, $2 from unchanged
                on conflict do nothing
                returning update_id
            ), card as (
                update invite_cards set choosing = true
                from fresh where event_id = $3 and telegram_id = $4 and recurrence_id = $8
            ), notice as (
                insert into outbox_messages (id, kind, event_id, telegram_id, urgency, traceparent)
                select $5, $6, $3, $4, 0, $9 from fresh
            )
            select exists (select from fresh) as "written!"
            "#,
            press.bot_id,
            press.update_id,
            card.event_id,
            press.telegram_id.get(),
            notice.id,
            notice.kind.as_str(),
            expected_version,
            card.recurrence_id,
            trace::current(),
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Records that an update was dealt with and changed nothing.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn note_update(&self, bot_id: i64, update_id: i64) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into processed_updates (bot_id, update_id) values ($1, $2) on conflict do nothing",
            bot_id,
            update_id,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Records that a press changed nothing, and that the presser's card has to be looked at.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn refuse_press(
        &self,
        press: &PressRecord,
        event_id: Uuid,
        own_card: &Notice,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "with fresh as (
                 insert into processed_updates (bot_id, update_id) values ($1, $2)
                 on conflict do nothing
                 returning update_id
             )
             insert into outbox_messages (id, kind, event_id, telegram_id, urgency, traceparent)
             select $3, $4, e.id, $6, 0, $7 from events e, fresh where e.id = $5",
            press.bot_id,
            press.update_id,
            own_card.id,
            own_card.kind.as_str(),
            event_id,
            own_card.telegram_id.get(),
            trace::current(),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Makes a message that shows somebody's card known, so that later edits reach it too: it was sent
    /// by an attempt whose outcome never became known. Callback data can be forged, so a message that is
    /// known as another card of theirs stays what it is, and copies beyond [`MAX_COPIES`] are not taken.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn adopt_message(
        &self,
        key: &CardKey,
        message: PressedMessage,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "with unknown as (
                 select where not exists (
                     select from invite_cards where telegram_id = $2 and message_id = $5
                 ) and not exists (
                     select from invite_card_copies where telegram_id = $2 and message_id = $5
                 ) and $6 > (
                     select count(*) from invite_card_copies
                     where event_id = $1 and telegram_id = $2 and recurrence_id = $3
                 )
             ), card as (
                 insert into invite_cards as card (event_id, telegram_id, recurrence_id, chat_id, message_id)
                 select $1, $2, $3, $4, $5 from unknown
                 on conflict (event_id, telegram_id, recurrence_id) do update set
                     chat_id = coalesce(card.chat_id, excluded.chat_id),
                     message_id = coalesce(card.message_id, excluded.message_id)
                 returning message_id
             )
             insert into invite_card_copies (event_id, telegram_id, recurrence_id, message_id)
             select $1, $2, $3, $5 from card where card.message_id <> $5
             on conflict do nothing",
            key.event_id,
            key.telegram_id.get(),
            key.recurrence_id,
            message.chat_id,
            message.message_id,
            MAX_COPIES,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The events that `telegram_id` is invited to and whose card did not reach them, or not in its last
    /// state, and those of theirs of which they must be told that they invite nobody: at most `limit`, the newest first.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn waiting_invitations(
        &self,
        telegram_id: TelegramUserId,
        limit: i64,
    ) -> Result<Vec<Uuid>, StoreError> {
        Ok(sqlx::query_scalar!(
            "select e.id from events e
             where e.deleted_at is null
               and (exists (
                   select from event_attendees a
                   where a.event_id = e.id and a.telegram_id = $1 and a.invited
                     -- Neither delivered nor answered.
                     and a.schedule_status is distinct from '1.2' and a.schedule_status is distinct from '2.0'
               ) or exists (
                   -- That an object of theirs invites nobody, which could not be told before.
                   select from foreign_organizers f
                   where f.event_id = e.id and f.telegram_id = $1 and not exists (
                       select from invite_cards card
                       where card.event_id = e.id and card.telegram_id = $1 and card.message_id is not null
                   )
               ))
             order by e.created_at desc limit $2",
            telegram_id.get(),
            limit,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The meetings to come that `telegram_id` is invited to and has no copy of: at most `limit`, the newest first. Who has
    /// deleted a copy had one.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn meetings_without_copy(
        &self,
        telegram_id: TelegramUserId,
        limit: i64,
    ) -> Result<Vec<Uuid>, StoreError> {
        Ok(sqlx::query_scalar!(
            "select e.id from events e
             where e.deleted_at is null and e.last_occurrence >= now()
               and exists (
                   select from event_attendees a
                   where a.event_id = e.id and a.telegram_id = $1 and a.invited and a.status <> 'DECLINED'
               )
               and not exists (
                   select from events copy join calendars c on c.id = copy.calendar_id
                   where copy.organizer_event_id = e.id and copy.method is null and c.owner = $1
               )
             order by e.created_at desc limit $2",
            telegram_id.get(),
            limit,
        )
        .fetch_all(&self.pool)
        .await?)
    }
}
