//! The outbox: what the world must be told, written with the change and published by the relay.
//!
//! `pending` → (relay) → `published` → (consumer's effect recorded) → `completed`, or `dead`.
//! What stays `published` too long is swept back to `pending` under a new message id.

use std::time::Duration;

use televent_calendar::TelegramUserId;
use uuid::Uuid;

use crate::{Store, StoreError};

/// How long a published row may stay unsettled before it is published again. Longer than the redelivery
/// of the consumer, so that it acts when JetStream has lost the message, or when nobody could do anything with it
/// for long; then a repeat does no harm.
pub const SWEEP_AFTER: Duration = Duration::from_secs(300);

/// How often the wait before a sweep is doubled at most: up to five hours.
const MAX_SWEEP_DOUBLINGS: i32 = 6;

/// Rows a sweep or a purge touches at once, so that neither holds many locks.
pub const HOUSEKEEPING_BATCH: u32 = 1_000;

/// What a row announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    /// The card of an invited person may be stale.
    Invite,
    /// The organizer's tally of the answers may be stale.
    Rsvp,
}

impl NoticeKind {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite_notification",
            Self::Rsvp => "rsvp_notification",
        }
    }

    /// Reads the name back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Invite, Self::Rsvp]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// An outbox row to be written with a change of its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Id of the row, a UUID v7, and of the first publication.
    pub id: Uuid,
    /// What it announces.
    pub kind: NoticeKind,
    /// Whose card may be stale.
    pub telegram_id: TelegramUserId,
}

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeSubject {
    /// A card may be stale.
    Card {
        /// Whose kind of card.
        kind: NoticeKind,
        /// The event.
        event_id: Uuid,
    },
    /// The bot has something to say.
    Chat {
        /// The row of `chat_messages`.
        chat_message_id: Uuid,
    },
}

/// A row that a relay has claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Id of the row.
    pub id: Uuid,
    /// What it is about.
    pub subject: NoticeSubject,
    /// In whose chat.
    pub telegram_id: TelegramUserId,
    /// Counts deliberate repeats; part of the message id.
    pub publication: i32,
}

/// Unsettled rows by state, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxCounts {
    /// Not published yet.
    pub pending: i64,
    /// Published, effect not recorded yet.
    pub published: i64,
    /// Given up.
    pub dead: i64,
}

/// Notices as columns, for `unnest`.
pub(crate) struct NoticeColumns {
    pub(crate) ids: Vec<Uuid>,
    pub(crate) kinds: Vec<String>,
    pub(crate) telegram_ids: Vec<i64>,
}

impl NoticeColumns {
    pub(crate) fn from_notices(notices: &[Notice]) -> Self {
        Self {
            ids: notices.iter().map(|notice| notice.id).collect(),
            kinds: notices
                .iter()
                .map(|notice| notice.kind.as_str().to_owned())
                .collect(),
            telegram_ids: notices
                .iter()
                .map(|notice| notice.telegram_id.get())
                .collect(),
        }
    }
}

fn subject(
    kind: &str,
    event_id: Option<Uuid>,
    chat_message_id: Option<Uuid>,
) -> Result<NoticeSubject, StoreError> {
    match (NoticeKind::parse(kind), event_id, chat_message_id) {
        (Some(kind), Some(event_id), None) => Ok(NoticeSubject::Card { kind, event_id }),
        (None, None, Some(chat_message_id)) => Ok(NoticeSubject::Chat { chat_message_id }),
        _ => Err(StoreError::Corrupt {
            what: "outbox subject",
        }),
    }
}

impl Store {
    /// Claims up to `limit` pending rows, the oldest first, for `claim_for`. A relay that dies in
    /// between leaves them claimable again when that time has passed.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn claim_outbox(
        &self,
        limit: i64,
        claim_for: Duration,
    ) -> Result<Vec<Claim>, StoreError> {
        let rows = sqlx::query!(
            "update outbox_messages set due_at = now() + $2 * interval '1 second'
             where id in (
                 select id from outbox_messages
                 where state = 'pending' and due_at <= now()
                 order by due_at limit $1
                 for update skip locked
             )
             returning id, kind, event_id, chat_message_id, telegram_id, publication",
            limit,
            claim_for.as_secs_f64(),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Claim {
                    id: row.id,
                    subject: subject(&row.kind, row.event_id, row.chat_message_id)?,
                    telegram_id: TelegramUserId::new(row.telegram_id).map_err(|_| {
                        StoreError::Corrupt {
                            what: "Telegram user id",
                        }
                    })?,
                    publication: row.publication,
                })
            })
            .collect()
    }

    /// Marks claimed rows as published. A row that a fast consumer has settled meanwhile stays settled.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn mark_published(&self, ids: &[Uuid]) -> Result<(), StoreError> {
        sqlx::query!(
            "update outbox_messages set
                 state = 'published',
                 -- Each time later: a consumer that is behind must not be given the same work many times.
                 due_at = now() + $2 * power(2, least(publication, $3)) * interval '1 second'
             where id = any($1) and state = 'pending'",
            ids,
            SWEEP_AFTER.as_secs_f64(),
            MAX_SWEEP_DOUBLINGS,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Gives claimed rows back at once, because their publication was refused.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn unclaim_outbox(&self, ids: &[Uuid], retry_in: Duration) -> Result<(), StoreError> {
        sqlx::query!(
            "update outbox_messages set due_at = now() + $2 * interval '1 second'
             where id = any($1) and state = 'pending'",
            ids,
            retry_in.as_secs_f64(),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Makes rows pending again that were published long ago and never settled. Returns how many.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn sweep_outbox(&self) -> Result<u64, StoreError> {
        let done = sqlx::query!(
            "update outbox_messages set
                 state = 'pending', due_at = now(), publication = publication + 1
             where id in (
                 select id from outbox_messages
                 where state = 'published' and due_at <= now()
                 order by due_at limit $1
                 for update skip locked
             )",
            i64::from(HOUSEKEEPING_BATCH),
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected())
    }

    /// Notes a failed try of a consumer. Returns how many have failed. The sweeper is kept away until the
    /// next try, at most `longest_wait` later, can have been made.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn note_outbox_failure(
        &self,
        id: Uuid,
        longest_wait: Duration,
        error: &str,
    ) -> Result<u64, StoreError> {
        let attempts = sqlx::query_scalar!(
            "update outbox_messages set
                 attempts = attempts + 1, last_error = $3,
                 due_at = case state when 'published' then now() + $2 * interval '1 second' else due_at end
             where id = $1 and state in ('pending', 'published')
             returning attempts",
            id,
            (longest_wait + SWEEP_AFTER).as_secs_f64(),
            error,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(attempts.map_or(1, |attempts| u64::try_from(attempts).unwrap_or(1)))
    }

    /// Whether a row still waits for its effect. A row that is not there counts as settled.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn outbox_is_open(&self, id: Uuid) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"
            select exists (
                select from outbox_messages where id = $1 and state in ('pending', 'published')
            ) as "open!"
            "#,
            id,
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Settles a row whose effect needed no other write.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn settle_outbox(&self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query!(
            "update outbox_messages set state = 'completed', settled_at = now(), last_error = null
             where id = $1 and state in ('pending', 'published')",
            id,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// How many rows are unsettled.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn outbox_counts(&self) -> Result<OutboxCounts, StoreError> {
        Ok(sqlx::query_as!(
            OutboxCounts,
            r#"
            select (select count(*) from outbox_messages where state = 'pending') as "pending!",
                   (select count(*) from outbox_messages where state = 'published') as "published!",
                   (select count(*) from dead_letters) as "dead!"
            "#,
        )
        .fetch_one(&self.pool)
        .await?)
    }
}
