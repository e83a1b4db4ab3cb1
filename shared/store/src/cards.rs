//! Cards: which message shows an invitation to whom, who may write it now, and what it shows.

mod recording;

use std::{collections::HashMap, time::Duration};

use televent_calendar::TelegramUserId;
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
    /// What it showed when the right to write it was taken; `None` while somebody else has that, or has just had it.
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
    /// What the card speaks of is as new as this call: a card that somebody writes meanwhile, maybe with what is newer still, is not
    /// given. Whatever changes it later asks for the card again.
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
            with attendees as materialized (
                select telegram_id, recurrence_id, invited from event_attendees where event_id = $1
            ), own as (
                -- The key of the whole event comes before all others.
                select case when invited_to_all and keys[1] is distinct from '' then array_prepend('', keys) else keys end as keys,
                       invited
                from (
                    select array(
                               select recurrence_id from invite_cards
                               where event_id = $1 and telegram_id = $2 order by recurrence_id
                           ) as keys,
                           bool_or(invited) as invited, bool_or(invited and recurrence_id = '') as invited_to_all
                    from attendees where telegram_id = $2
                ) reader
            ), chosen as (
                select coalesce($3, keys[1], '') as recurrence_id from own
            ), card as (
                insert into invite_cards as card
                    (event_id, telegram_id, recurrence_id, lease_holder, lease_until)
                select e.id, $2, chosen.recurrence_id, $4, now() + $5 * interval '1 second'
                from events e, chosen where e.id = $1
                on conflict (event_id, telegram_id, recurrence_id) do update set
                    lease_holder = excluded.lease_holder, lease_until = excluded.lease_until
                    where (card.lease_until is null or card.lease_until < now())
                      -- Written after this statement had looked at the meeting, it may show a later state than this one would.
                      and card.ctid = (
                          select seen.ctid from invite_cards seen
                          where seen.event_id = $1 and seen.telegram_id = $2 and seen.recurrence_id = card.recurrence_id
                      )
                returning recurrence_id, chat_id, message_id, rendered, choosing, shown, baseline, told,
                    extract(epoch from now() - written_at)::float8 as written_ago,
                    coalesce((
                        select before.lease_holder is not null from invite_cards before
                        where before.event_id = $1 and before.telegram_id = $2
                          and before.recurrence_id = card.recurrence_id
                    ), false) as unfinished
            )
            select own.keys as "keys!", coalesce(own.invited, false) as "invited!", chosen.recurrence_id as "recurrence_id!",
                   card.recurrence_id is not null as "leased!",
                   card.chat_id as "chat_id?", card.message_id as "message_id?", card.rendered as "rendered?",
                   card.choosing as "choosing?", card.shown as "shown?", card.baseline as "baseline?",
                   card.told as "told?", card.written_ago as "written_ago?", card.unfinished as "unfinished?",
                   copies.message_ids as "copy_ids?: Vec<i64>", copies.rendered as "copy_rendered?: Vec<String>",
                   e.object, e.deleted_at is not null as "deleted!", e.owner_organizes,
                   c.owner, coalesce(owner.name, '') as "owner_name!",
                   reader.name as "reader_name?", reader.username as "username?", reader.time_zone as "time_zone?",
                   coalesce(reader.chosen_language, reader.language) as "language?", reader.pings as "pings?",
                   exists (
                       select from calendars where owner = $2 and deleted_at is null
                   ) as "has_account!",
                   known.ids as "known_ids?: Vec<i64>", known.names as "known_names?: Vec<Option<String>>",
                   known.reachable as "known_reachable?: Vec<Option<bool>>"
            from events e
            join calendars c on c.id = e.calendar_id
            join users owner on owner.telegram_id = c.owner
            cross join own
            cross join chosen
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
                where u.telegram_id in (select telegram_id from attendees)
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
            keys: row.keys,
            key: CardKey {
                event_id,
                telegram_id,
                recurrence_id: row.recurrence_id,
            },
            card,
            subject,
        }))
    }
}
