//! Cards: which message shows an invitation to whom, who may write it now, and what it shows.

use std::{collections::HashMap, time::Duration};

use televent_calendar::{ScheduleStatus, TelegramUserId};
use uuid::Uuid;

use crate::{Person, Pings, Store, StoreError};

/// Which card.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CardKey {
    /// The event.
    pub event_id: Uuid,
    /// Whose card it is.
    pub telegram_id: TelegramUserId,
    /// The instance it speaks of; empty for the whole event.
    pub recurrence_id: String,
}

/// Another message that shows the same card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardCopy {
    /// Its id in the chat.
    pub message_id: i64,
    /// Digest of what it shows, if known.
    pub rendered: Option<String>,
}

/// A card as it was when its lease was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The chat and message, once sent.
    pub message: Option<(i64, i64)>,
    /// Digest of what the message shows, if known.
    pub rendered: Option<String>,
    /// The facts that the message shows, as the notifier wrote them.
    pub shown: Option<serde_json::Value>,
    /// The facts that the reader has answered to, or was first shown.
    pub baseline: Option<serde_json::Value>,
    /// What a message of its own has told last.
    pub told: Option<serde_json::Value>,
    /// How long ago the message was last written.
    pub written_ago: Option<Duration>,
    /// "Change answer" was pressed.
    pub choosing: bool,
    /// The lease before ours ran out in the middle: a first send may have gone out unrecorded.
    pub unfinished: bool,
    /// Further messages that show this card.
    pub copies: Vec<CardCopy>,
}

/// The right to write a card.
#[derive(Clone, Debug)]
pub struct CardLease {
    /// The card.
    pub key: CardKey,
    /// Unique for this attempt.
    pub holder: Uuid,
}

/// What a card speaks of, in its present state.
#[derive(Clone, Debug)]
pub struct CardSubject {
    /// What GET returns.
    pub object: Vec<u8>,
    /// Whether the organizer has deleted it.
    pub deleted: bool,
    /// The calendar's owner.
    pub owner: TelegramUserId,
    /// What others see of the owner.
    pub owner_name: String,
    /// Whether the owner is the organizer.
    pub owner_organizes: bool,
    /// Whether the reader of the card is invited now.
    pub invited: bool,
    /// The reader.
    pub reader: Person,
    /// What we know of its attendees.
    pub known: HashMap<TelegramUserId, KnownAttendee>,
}

/// A card that was asked for, and what it speaks of.
#[derive(Clone, Debug)]
pub struct CardState {
    /// The recurrence keys of the reader's cards of the event, in order: of those that there were, or shall be.
    pub keys: Vec<String>,
    /// Which of them this is.
    pub key: CardKey,
    /// What it showed when the right to write it was taken; `None` while somebody else has that.
    pub card: Option<Card>,
    /// What it speaks of.
    pub subject: CardSubject,
}

impl CardState {
    /// The recurrence key of the card that comes after this one, if any does.
    #[must_use]
    pub fn next(&self) -> Option<&str> {
        let mut keys = self.keys.iter();
        keys.find(|&key| *key == self.key.recurrence_id)?;
        keys.next().map(String::as_str)
    }
}

/// What was done to a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentCard {
    /// The chat.
    pub chat_id: i64,
    /// The message that now shows it.
    pub message_id: i64,
    /// Digest of what it shows.
    pub rendered: String,
    /// The message replaces one that is gone, rather than adding to it.
    pub replaces: bool,
    /// The facts that it shows: those of the baseline, too, if there are none.
    pub shown: serde_json::Value,
    /// What was told last by a message of its own, or by the first sight of this one.
    pub told: serde_json::Value,
}

/// What we know of an attendee.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownAttendee {
    /// What others see.
    pub name: Option<String>,
    /// Whether the bot can write to them, as far as it has tried.
    pub reachable: Option<bool>,
}

/// By columns of the same length; ids that no Telegram user has are nobody's.
fn known(
    ids: Vec<i64>,
    names: Vec<Option<String>>,
    reachable: Vec<Option<bool>>,
) -> HashMap<TelegramUserId, KnownAttendee> {
    let known = names
        .into_iter()
        .zip(reachable)
        .map(|(name, reachable)| KnownAttendee { name, reachable });
    ids.into_iter()
        .zip(known)
        .filter_map(|(id, known)| Some((TelegramUserId::new(id).ok()?, known)))
        .collect()
}

impl Store {
    /// Takes the right to write one of somebody's cards of an event for `time_to_live`, and reads what it shows and what it speaks of:
    /// the card of an instance or, with `None`, the first that there is. `None` when the event is gone altogether.
    ///
    /// What the card speaks of is not older than this call; whatever changes it later asks for the card again.
    ///
    /// # Errors
    /// When Postgres does not answer: the right may have been taken all the same, and [`Self::release_card`] gives it back, whichever
    /// card it is for.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn lease_card(
        &self,
        (event_id, telegram_id): (Uuid, TelegramUserId),
        recurrence_id: Option<&str>,
        holder: Uuid,
        time_to_live: Duration,
    ) -> Result<Option<CardState>, StoreError> {
        let row = sqlx::query!(
            r#"
            with cards as (
                select array_agg(recurrence_id order by recurrence_id) as keys
                from (
                    select recurrence_id from invite_cards where event_id = $1 and telegram_id = $2
                    union
                    select recurrence_id from event_attendees
                    where event_id = $1 and telegram_id = $2 and recurrence_id = '' and invited
                ) as each
            ), card as (
                insert into invite_cards as card
                    (event_id, telegram_id, recurrence_id, lease_holder, lease_until)
                select e.id, $2, coalesce($3, cards.keys[1], ''), $4, now() + $5 * interval '1 second'
                from events e, cards where e.id = $1
                on conflict (event_id, telegram_id, recurrence_id) do update set
                    lease_holder = excluded.lease_holder, lease_until = excluded.lease_until
                    where card.lease_until is null or card.lease_until < now()
                returning recurrence_id, chat_id, message_id, rendered, choosing, shown, baseline, told,
                    extract(epoch from now() - written_at)::float8 as written_ago,
                    coalesce((
                        select before.lease_holder is not null from invite_cards before
                        where before.event_id = $1 and before.telegram_id = $2
                          and before.recurrence_id = card.recurrence_id
                    ), false) as unfinished
            )
            select cards.keys, coalesce($3, cards.keys[1], '') as "recurrence_id!",
                   card.recurrence_id is not null as "leased!",
                   card.chat_id as "chat_id?", card.message_id as "message_id?", card.rendered as "rendered?",
                   card.choosing as "choosing?", card.shown as "shown?", card.baseline as "baseline?",
                   card.told as "told?", card.written_ago as "written_ago?", card.unfinished as "unfinished?",
                   copies.message_ids as "copy_ids?: Vec<i64>", copies.rendered as "copy_rendered?: Vec<String>",
                   e.object, e.deleted_at is not null as "deleted!", e.owner_organizes,
                   c.owner, coalesce(owner.name, '') as "owner_name!",
                   exists (
                       select from event_attendees a
                       where a.event_id = $1 and a.telegram_id = $2 and a.invited
                   ) as "invited!",
                   reader.name as "reader_name?", reader.username as "username?", reader.time_zone as "time_zone?",
                   coalesce(reader.chosen_language, reader.language) as "language?", reader.pings as "pings?",
                   exists (
                       select from calendars own where own.owner = $2 and own.deleted_at is null
                   ) as "has_account!",
                   known.ids as "known_ids?: Vec<i64>", known.names as "known_names?: Vec<Option<String>>",
                   known.reachable as "known_reachable?: Vec<Option<bool>>"
            from events e
            join calendars c on c.id = e.calendar_id
            join users owner on owner.telegram_id = c.owner
            cross join cards
            left join card on true
            left join users reader on reader.telegram_id = $2
            left join lateral (
                select array_agg(copy.message_id order by copy.message_id) as message_ids,
                       array_agg(coalesce(copy.rendered, '') order by copy.message_id) as rendered
                from invite_card_copies copy
                where copy.event_id = $1 and copy.telegram_id = $2 and copy.recurrence_id = card.recurrence_id
            ) copies on true
            left join lateral (
                select array_agg(u.telegram_id) as ids, array_agg(u.name) as names, array_agg(u.reachable) as reachable
                from users u
                where u.telegram_id in (select telegram_id from event_attendees where event_id = $1)
            ) known on true
            where e.id = $1
            "#,
            event_id,
            telegram_id.get(),
            recurrence_id,
            holder,
            time_to_live.as_secs_f64(),
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let unfinished = row.unfinished.unwrap_or_default();
        let copy_ids = row.copy_ids.unwrap_or_default().into_iter();
        let card = row.leased.then(|| Card {
            message: row.chat_id.zip(row.message_id),
            // Whoever died in the middle may have edited it.
            rendered: row.rendered.filter(|_| !unfinished),
            shown: row.shown,
            baseline: row.baseline,
            told: row.told,
            written_ago: row
                .written_ago
                .map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default()),
            choosing: row.choosing.unwrap_or_default(),
            unfinished,
            copies: copy_ids
                .zip(row.copy_rendered.unwrap_or_default())
                .map(|(message_id, rendered)| CardCopy {
                    message_id,
                    rendered: Some(rendered).filter(|rendered| !rendered.is_empty() && !unfinished),
                })
                .collect(),
        });
        let subject = CardSubject {
            object: row.object,
            deleted: row.deleted,
            owner: TelegramUserId::new(row.owner).map_err(|_| StoreError::Corrupt {
                what: "calendar owner",
            })?,
            owner_name: row.owner_name,
            owner_organizes: row.owner_organizes,
            invited: row.invited,
            reader: Person {
                name: row.reader_name,
                username: row.username,
                time_zone: row.time_zone,
                language: row.language,
                pings: row
                    .pings
                    .and_then(|pings| Pings::parse(&pings))
                    .unwrap_or_default(),
                has_account: row.has_account,
            },
            known: known(
                row.known_ids.unwrap_or_default(),
                row.known_names.unwrap_or_default(),
                row.known_reachable.unwrap_or_default(),
            ),
        };
        Ok(Some(CardState {
            keys: row.keys.unwrap_or_default(),
            key: CardKey {
                event_id,
                telegram_id,
                recurrence_id: row.recurrence_id,
            },
            card,
            subject,
        }))
    }

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

    /// If the message is the card, or becomes it as the first one. Else nothing is written.
    async fn record_first_or_edited(
        &self,
        lease: &CardLease,
        sent: &SentCard,
        outbox_id: Option<Uuid>,
    ) -> Result<bool, StoreError> {
        let key = &lease.key;
        Ok(sqlx::query_scalar!(
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
                returning telegram_id
            ), reader as (
                insert into users (telegram_id, reachable, schedule_status)
                select telegram_id, true, $9 from card
                where not exists (
                    select from users known where known.telegram_id = $2 and known.reachable and known.schedule_status = $9
                )
                on conflict (telegram_id) do update set reachable = true, schedule_status = $9
            ), settled as (
                update outbox_messages set state = 'completed', settled_at = now(), last_error = null
                from card
                where id = $8 and state in ('pending', 'published')
            )
            select exists (select from card) as "recorded!"
            "#,
            key.event_id,
            key.telegram_id.get(),
            key.recurrence_id,
            lease.holder,
            sent.chat_id,
            sent.message_id,
            sent.rendered,
            outbox_id,
            ScheduleStatus::Delivered.as_str(),
            sent.shown,
            sent.told,
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
        let key = &lease.key;
        Ok(sqlx::query_scalar!(
            r#"
            with card as (
                update invite_cards set
                    chat_id = $5,
                    message_id = case when message_id is null and not known.is_copy or $8 then $6 else message_id end,
                    -- What another message shows is not known by having written this one.
                    rendered = case when message_id is null and not known.is_copy or $8 or message_id = $6 then $7 end,
                    shown = $11, told = $12,
                    -- An answer, which makes it what is shown, may have come meanwhile.
                    baseline = coalesce(baseline, $11),
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
                insert into users (telegram_id, reachable, schedule_status) values ($2, true, $10)
                on conflict (telegram_id) do update set reachable = true, schedule_status = $10
                where users.reachable is distinct from true or users.schedule_status is distinct from $10
            ), settled as (
                update outbox_messages set state = 'completed', settled_at = now(), last_error = null
                from card
                where id = $9 and state in ('pending', 'published') and card.message_id = $6
            )
            select exists (select from card where message_id = $6) as "recorded!"
            "#,
            key.event_id,
            key.telegram_id.get(),
            key.recurrence_id,
            lease.holder,
            sent.chat_id,
            sent.message_id,
            sent.rendered,
            sent.replaces,
            outbox_id,
            ScheduleStatus::Delivered.as_str(),
            sent.shown,
            sent.told,
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
