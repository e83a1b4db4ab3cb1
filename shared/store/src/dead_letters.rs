//! Messages that were given up, kept with their reason and their history until an operator retries or drops them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Store, StoreError};

/// Earlier letters of a message that are kept, the newest.
const MAX_HISTORY: i32 = 20;

/// A message to be given up.
#[derive(Clone, Debug)]
pub struct NewDeadLetter<'a> {
    /// Id of the letter.
    pub id: Uuid,
    /// The JetStream stream that it came from.
    pub stream: &'a str,
    /// Its subject.
    pub subject: &'a str,
    /// Its `Nats-Msg-Id` up to the first dot.
    pub message_id: &'a str,
    /// What it carried; text that is no JSON is kept as a JSON string.
    pub payload: serde_json::Value,
    /// Why it was given up, for an operator to read.
    pub reason: &'a str,
    /// How often it had been delivered.
    pub deliveries: i64,
    /// When JetStream stored it.
    pub published_at: Option<DateTime<Utc>>,
    /// The outbox row that it came from, which dies with it.
    pub outbox_id: Option<Uuid>,
}

/// What the tries of a message came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tries {
    /// Tries that failed, of a message with an outbox row.
    pub failed: Option<i32>,
    /// What was wrong the last time, before it was given up.
    pub last_error: Option<String>,
    /// How often its outbox row was published; a wait in the outbox ends with a publication, too.
    pub publications: Option<i32>,
    /// How often of these because nobody had settled the row for long.
    pub sweeps: Option<i32>,
    /// Tries that came to no end: the process died, or the handler panicked.
    pub unended: i32,
    /// Tries that ran out of time.
    pub timeouts: i32,
}

/// A letter of the same message that an operator has retried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierLetter {
    /// When it was given up.
    pub created_at: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// How often it had been delivered.
    pub deliveries: i64,
    /// What its tries came to; unknown of letters of older versions.
    pub tries: Option<Tries>,
    /// When the operator retried it.
    pub retried_at: DateTime<Utc>,
}

/// A message that was given up.
#[derive(Clone, Debug, Serialize)]
pub struct DeadLetter {
    /// Id of the letter.
    pub id: Uuid,
    /// The JetStream stream that it came from.
    pub stream: String,
    /// Its subject.
    pub subject: String,
    /// Its `Nats-Msg-Id` up to the first dot.
    pub message_id: Option<String>,
    /// What it carried.
    pub payload: serde_json::Value,
    /// Why it was given up.
    pub reason: String,
    /// How often it had been delivered.
    pub deliveries: i64,
    /// When its outbox row was written, or when JetStream first stored it.
    pub first_seen_at: Option<DateTime<Utc>>,
    /// What its tries came to; unknown of letters of older versions.
    pub tries: Option<Json<Tries>>,
    /// How often an operator has retried it.
    pub retries: i32,
    /// Its earlier letters, oldest first.
    pub history: Json<Vec<EarlierLetter>>,
    /// The outbox row that it came from.
    pub outbox_id: Option<Uuid>,
    /// When it was given up.
    pub created_at: DateTime<Utc>,
}

/// What became of a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryOutcome {
    /// It is sent again.
    Retried,
    /// It is no update, and there is no outbox row to be published again: the letter is kept.
    NothingToSend,
    /// There is no such letter.
    NoSuchLetter,
}

impl Store {
    /// Gives a message up, and its outbox row with it. A row that is settled already stays so, and
    /// nothing is recorded of its repeat.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn add_dead_letter(&self, letter: &NewDeadLetter<'_>) -> Result<(), StoreError> {
        sqlx::query!(
            "with row as (
                 update outbox_messages set state = 'dead', last_error = $5, settled_at = now()
                 where id = $7 and state in ('pending', 'published')
                 returning id, created_at, attempts, publication, sweeps
             ), before as (
                 select last_error from outbox_messages where id = $7
             ), trouble as (
                 select * from troubled_messages where stream = $2 and message_id = $8
             )
             insert into dead_letters (
                 id, stream, subject, payload, reason, deliveries, outbox_id, message_id, first_seen_at, tries, history, retries
             )
             select
                 $1, $2, $3, $4, $5, $6, $7, $8, coalesce(trouble.first_seen_at, row.created_at, $9),
                 jsonb_build_object(
                     'failed', row.attempts, 'last_error', coalesce(trouble.last_error, before.last_error),
                     'publications', row.publication + 1, 'sweeps', row.sweeps,
                     'unended', coalesce(trouble.unended, 0), 'timeouts', coalesce(trouble.timeouts, 0)
                 ),
                 coalesce(trouble.retried, '[]'), coalesce(trouble.retries, 0)
             from (select) as always
             left join row on true left join before on true left join trouble on true
             where $7::uuid is null or row.id is not null",
            letter.id,
            letter.stream,
            letter.subject,
            letter.payload,
            letter.reason,
            letter.deliveries,
            letter.outbox_id,
            letter.message_id,
            letter.published_at,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The newest dead letters, at most `limit`.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn dead_letters(&self, limit: i64) -> Result<Vec<DeadLetter>, StoreError> {
        Ok(sqlx::query_as!(
            DeadLetter,
            r#"
            select id, stream, subject, message_id, payload, reason, deliveries, first_seen_at,
                   tries as "tries: Json<Tries>", retries, history as "history: Json<Vec<EarlierLetter>>",
                   outbox_id, created_at
            from dead_letters order by created_at desc, id limit $1
            "#,
            limit,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The ids of all dead letters, the oldest first.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn dead_letter_ids(&self) -> Result<Vec<Uuid>, StoreError> {
        Ok(
            sqlx::query_scalar!("select id from dead_letters order by created_at, id")
                .fetch_all(&self.pool)
                .await?,
        )
    }

    /// How many dead letters there are.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn count_dead_letters(&self) -> Result<i64, StoreError> {
        Ok(
            sqlx::query_scalar!(r#"select count(*) as "count!" from dead_letters"#)
                .fetch_one(&self.pool)
                .await?,
        )
    }

    /// One dead letter.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn dead_letter(&self, id: Uuid) -> Result<Option<DeadLetter>, StoreError> {
        Ok(sqlx::query_as!(
            DeadLetter,
            r#"
            select id, stream, subject, message_id, payload, reason, deliveries, first_seen_at,
                   tries as "tries: Json<Tries>", retries, history as "history: Json<Vec<EarlierLetter>>",
                   outbox_id, created_at
            from dead_letters where id = $1
            "#,
            id,
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Sends a dead letter again: its outbox row is pending once more, or, if it is of the stream `updates`, it waits with the received
    /// updates; under a new message id, since JetStream knows the old one. What it has been through is kept for the case that it
    /// comes back.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn retry_dead_letter(
        &self,
        id: Uuid,
        updates: &str,
    ) -> Result<RetryOutcome, StoreError> {
        let row = sqlx::query!(
            r#"
            with present as (
                select id, outbox_id, stream from dead_letters where id = $1 for update
            ), row as (
                update outbox_messages set
                    state = 'pending', settled_at = null, due_at = now(), attempts = 0, publication = publication + 1
                from present where outbox_messages.id = present.outbox_id and state = 'dead'
                returning outbox_messages.id
            ), letter as (
                delete from dead_letters using present
                where dead_letters.id = present.id
                  and (exists (select from row) or present.outbox_id is null and present.stream = $2)
                returning dead_letters.*
            ), past as (
                insert into troubled_messages (stream, message_id, retried, retries, first_seen_at)
                select stream, coalesce(message_id, outbox_id::text, id::text),
                       case when jsonb_array_length(history) < $3 then history else history - 0 end
                       || jsonb_build_object(
                           'created_at', created_at, 'reason', reason, 'deliveries', deliveries, 'tries', tries,
                           'retried_at', now()
                       ),
                       retries + 1, first_seen_at
                from letter
                on conflict (stream, message_id) do update set
                    unended = 0, timeouts = 0, last_error = null, retried = excluded.retried, retries = excluded.retries,
                    first_seen_at = excluded.first_seen_at, noted_at = now()
            ), received as (
                insert into received_updates (message_id, subject, payload)
                select coalesce(message_id, id::text) || '.' || retries + 1, subject,
                       -- What is no JSON that Postgres can hold is kept as a text.
                       convert_to(case jsonb_typeof(payload) when 'string' then payload #>> '{}' else payload::text end, 'UTF8')
                from letter where outbox_id is null
            )
            select exists (select from present) as "present!", exists (select from letter) as "retried!"
            "#,
            id,
            updates,
            MAX_HISTORY,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(match (row.present, row.retried) {
            (_, true) => RetryOutcome::Retried,
            (true, false) => RetryOutcome::NothingToSend,
            (false, false) => RetryOutcome::NoSuchLetter,
        })
    }

    /// Forgets a dead letter. Its outbox row is completed, and purged like all others. Returns whether there was one.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn drop_dead_letter(&self, id: Uuid) -> Result<bool, StoreError> {
        let dropped = sqlx::query_scalar!(
            r#"
            with letter as (delete from dead_letters where id = $1 returning outbox_id),
            row as (
                update outbox_messages set state = 'completed', settled_at = now()
                from letter where outbox_messages.id = letter.outbox_id and state = 'dead'
            )
            select count(*) as "count!" from letter
            "#,
            id,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(dropped == 1)
    }
}
