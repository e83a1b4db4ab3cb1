//! The outbox: what the world must be told, written with the change and published by the relay.
//!
//! `pending` → (relay) → `published` → (consumer's effect recorded) → `completed`, or `dead`.
//! What stays `published` too long is swept back to `pending` under a new message id; so is what can't be done yet. The queue
//! waits here: JetStream is given what can be worked on.

use std::time::Duration;

use chrono::{DateTime, Utc};
use televent_calendar::TelegramUserId;
use televent_runtime::trace;
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

/// Which rows go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Somebody waits for it: they have pressed or written something.
    Awaited,
    /// It is about an event that begins soon, or about a change of one.
    Soon,
    /// Everything else.
    Bulk,
}

impl Urgency {
    /// The number in the database and on the wire.
    #[must_use]
    pub const fn as_number(self) -> u8 {
        match self {
            Self::Awaited => 0,
            Self::Soon => 1,
            Self::Bulk => 2,
        }
    }

    /// Reads the number back; what is not known is not urgent.
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Awaited,
            1 => Self::Soon,
            _ => Self::Bulk,
        }
    }
}

/// The shortest wait for which a row is given back. Relays look at least as often when the next row is due.
pub const SHORTEST_DEFERRAL: Duration = Duration::from_secs(2);

/// How long a published row counts as being worked on. Most take a second or two; one whose message was lost must not hold others back
/// until it is swept.
const UNDER_WAY_FOR: Duration = Duration::from_secs(30);

/// How many answers to one person's presses and texts are under way at once.
const AWAITED_OF_ONE: i64 = 3;

/// How long before somebody's chat is free again their next row is claimed: it takes a moment until it can be sent.
const CHAT_LEAD: Duration = Duration::from_millis(200);

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Id of the row.
    pub id: Uuid,
    /// What it is about.
    pub subject: NoticeSubject,
    /// In whose chat.
    pub telegram_id: TelegramUserId,
    /// Counts deliberate repeats; part of the message id.
    pub publication: i32,
    /// How much it matters that it is done soon.
    pub urgency: Urgency,
    /// The trace of the change that has written it, if that was known.
    pub traceparent: Option<String>,
}

impl Claim {
    /// The row, and which of its publications this is.
    #[must_use]
    pub const fn publication(&self) -> (Uuid, i32) {
        (self.id, self.publication)
    }
}

/// Notices as columns, for `unnest`.
#[derive(Default)]
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

/// A claimed row as it is read.
struct ClaimRow {
    id: Uuid,
    kind: String,
    event_id: Option<Uuid>,
    chat_message_id: Option<Uuid>,
    telegram_id: i64,
    publication: i32,
    urgency: i16,
    traceparent: Option<String>,
}

/// The claims, what is urgent first.
fn claims(rows: Vec<ClaimRow>) -> Result<Vec<Claim>, StoreError> {
    let mut claims = rows
        .into_iter()
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
                urgency: Urgency::from_number(u8::try_from(row.urgency).unwrap_or(u8::MAX)),
                traceparent: row.traceparent,
            })
        })
        .collect::<Result<Vec<Claim>, StoreError>>()?;
    claims.sort_by_key(|claim| claim.urgency);
    Ok(claims)
}

impl Store {
    /// Claims up to `limit` pending rows that are due, the urgent ones first and of those the oldest, for `claim_for`. A relay that
    /// dies in between leaves them claimable again when that time has passed.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn claim_outbox(
        &self,
        limit: i64,
        claim_for: Duration,
    ) -> Result<Vec<Claim>, StoreError> {
        // An array, here and elsewhere: of as many rows as a parameter allows Postgres expects a tenth of the table, and reads all of it.
        let rows = sqlx::query_as!(
            ClaimRow,
            "update outbox_messages set due_at = now() + $2 * interval '1 second'
             where id = any(array(
                 select id from outbox_messages
                 where state = 'pending' and due_at <= now()
                 order by urgency, due_at limit $1
                 for update skip locked
             ))
             returning id, kind, event_id, chat_message_id, telegram_id, publication, urgency, traceparent",
            limit,
            claim_for.as_secs_f64(),
        )
        .fetch_all(&self.pool)
        .await?;
        claims(rows)
    }

    /// Claims as [`Store::claim_outbox`] does, but only what can be sent soon: while `window` rows of an urgency are under way, no
    /// more of it is claimed, nor of what is less urgent; what somebody waits for always is. Of each person one row is under way
    /// (and a few of those that they wait for), and none while their chat has to rest; nothing is claimed while the bot has to.
    /// Relays that claim at the same moment may get a little more.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn claim_outbox_within(
        &self,
        window: i64,
        limit: i64,
        claim_for: Duration,
    ) -> Result<Vec<Claim>, StoreError> {
        let rows = sqlx::query_as!(
            ClaimRow,
            r#"
            with under_way as (
                select telegram_id, urgency from outbox_messages
                where state = 'published' and published_at > now() - $4 * interval '1 second'
            ), busy as (
                select telegram_id, count(*) filter (where urgency = 0) as awaited from under_way group by telegram_id
            ), room as (
                select $3 - count(*) filter (where urgency = 1) as soon, $3 - count(*) filter (where urgency = 2) as bulk
                from under_way
            ), due as (
                select o.id, o.telegram_id, o.urgency, o.due_at from outbox_messages o
                where o.state = 'pending' and o.due_at <= now()
                  and o.urgency <= (select case when soon <= 0 then 0 when bulk <= 0 then 1 else 2 end from room)
                  -- Not as a join, which is made by comparing each with each when few are expected: these are looked up.
                  and case o.urgency when 0 then o.telegram_id not in (select telegram_id from busy where awaited >= $5)
                                     else o.telegram_id not in (select telegram_id from busy) end
                  and not exists (select from bot_paces where paused_until > now())
                  and not exists (
                      select from chat_paces chat
                      where chat.chat_id = o.telegram_id and chat.next_at > now() + $6 * interval '1 second'
                  )
                order by o.urgency, o.due_at limit $1
            ), placed as (
                select due.*, coalesce(busy.awaited, 0) as awaited,
                       row_number() over (partition by due.telegram_id order by urgency, due_at) as place
                from due left join busy on busy.telegram_id = due.telegram_id
            ), fair as (
                select id, urgency, row_number() over (partition by urgency order by due_at) as rank from placed
                where case urgency when 0 then place + awaited <= $5 else place = 1 end
            ), chosen as (
                -- Only these are locked: what is passed over is much more.
                select o.id from outbox_messages o join fair on fair.id = o.id, room
                where rank <= case fair.urgency when 0 then $1 when 1 then soon else bulk end
                  and o.state = 'pending' and o.due_at <= now()
                for update of o skip locked
            )
            update outbox_messages set due_at = now() + $2 * interval '1 second'
            where id = any(array(select id from chosen))
            returning id, kind, event_id, chat_message_id, telegram_id, publication, urgency, traceparent
            "#,
            limit,
            claim_for.as_secs_f64(),
            window,
            UNDER_WAY_FOR.as_secs_f64(),
            AWAITED_OF_ONE,
            CHAT_LEAD.as_secs_f64(),
        )
        .fetch_all(&self.pool)
        .await?;
        claims(rows)
    }

    /// In how long the next pending row is due: zero if one is. `None` without any. Rows that a relay has claimed count as due when
    /// the claim runs out.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn outbox_due_in(&self) -> Result<Option<Duration>, StoreError> {
        let seconds = sqlx::query_scalar!(
            "select extract(epoch from least(
                 (select min(due_at) from outbox_messages where state = 'pending' and urgency = 0),
                 (select min(due_at) from outbox_messages where state = 'pending' and urgency = 1),
                 (select min(due_at) from outbox_messages where state = 'pending' and urgency = 2)
             ) - now())::float8",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(seconds.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default()))
    }

    /// Marks claimed rows as published, each with the publication that was claimed. A row that a fast consumer has settled meanwhile
    /// stays settled, and one that it has given back stays pending.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn mark_published(&self, published: &[(Uuid, i32)]) -> Result<(), StoreError> {
        let (ids, publications): (Vec<Uuid>, Vec<i32>) = published.iter().copied().unzip();
        sqlx::query!(
            "update outbox_messages o set
                 state = 'published', published_at = now(),
                 -- Each time later: a consumer that is behind must not be given the same work many times.
                 due_at = now() + $3 * power(2, least(o.sweeps, $4)) * interval '1 second'
             from unnest($1::uuid[], $2::integer[]) as row (id, publication)
             where o.id = row.id and o.publication = row.publication and o.state = 'pending'",
            &ids,
            &publications,
            SWEEP_AFTER.as_secs_f64(),
            MAX_SWEEP_DOUBLINGS,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Gives a row back that can't be done yet: it is published anew after `wait`. A row that is settled stays so.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn defer_outbox(&self, id: Uuid, wait: Duration) -> Result<(), StoreError> {
        sqlx::query!(
            "update outbox_messages set
                 state = 'pending', publication = publication + 1, due_at = now() + $2 * interval '1 second'
             where id = $1 and state in ('pending', 'published')",
            id,
            wait.as_secs_f64(),
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
                 state = 'pending', due_at = now(), publication = publication + 1, sweeps = sweeps + 1
             where id = any(array(
                 select id from outbox_messages
                 where state = 'published' and due_at <= now()
                 order by due_at limit $1
                 for update skip locked
             ))",
            i64::from(HOUSEKEEPING_BATCH),
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected())
    }

    /// Makes rows pending again, under their ids, that were published before `stream_made_at` or within `unwritten` of now and are not
    /// settled. Returns how many.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn publish_again(
        &self,
        stream_made_at: DateTime<Utc>,
        unwritten: Duration,
    ) -> Result<u64, StoreError> {
        let done = sqlx::query!(
            "update outbox_messages set state = 'pending', due_at = now()
             where state = 'published' and (published_at < $1 or published_at > now() - $2 * interval '1 second')",
            stream_made_at,
            unwritten.as_secs_f64(),
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

    /// Adds a row beside any change: somebody's card may be stale.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn add_notice(&self, event_id: Uuid, notice: &Notice) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into outbox_messages (id, kind, event_id, telegram_id, traceparent)
             select $1, $2, id, $4, $5 from events where id = $3",
            notice.id,
            notice.kind.as_str(),
            event_id,
            notice.telegram_id.get(),
            trace::current(),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
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
}
