//! Messages that were given up, kept with their reason until an operator retries or drops them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{Store, StoreError};

/// A message to be given up.
#[derive(Clone, Debug)]
pub struct NewDeadLetter<'a> {
    /// Id of the letter.
    pub id: Uuid,
    /// The JetStream stream that it came from.
    pub stream: &'a str,
    /// Its subject.
    pub subject: &'a str,
    /// What it carried; text that is no JSON is kept as a JSON string.
    pub payload: serde_json::Value,
    /// Why it was given up, for an operator to read.
    pub reason: &'a str,
    /// How often it had been delivered.
    pub deliveries: i64,
    /// The outbox row that it came from, which dies with it.
    pub outbox_id: Option<Uuid>,
}

/// A message that was given up.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// Id of the letter.
    pub id: Uuid,
    /// The JetStream stream that it came from.
    pub stream: String,
    /// Its subject.
    pub subject: String,
    /// What it carried.
    pub payload: serde_json::Value,
    /// Why it was given up.
    pub reason: String,
    /// How often it had been delivered.
    pub deliveries: i64,
    /// The outbox row that it came from.
    pub outbox_id: Option<Uuid>,
    /// When it was given up.
    pub created_at: DateTime<Utc>,
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
                 returning id
             )
             insert into dead_letters (id, stream, subject, payload, reason, deliveries, outbox_id)
             select $1, $2, $3, $4, $5, $6, $7
             where $7::uuid is null or exists (select from row)",
            letter.id,
            letter.stream,
            letter.subject,
            letter.payload,
            letter.reason,
            letter.deliveries,
            letter.outbox_id,
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
            "select id, stream, subject, payload, reason, deliveries, outbox_id, created_at
             from dead_letters order by created_at desc, id limit $1",
            limit,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// One dead letter.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn dead_letter(&self, id: Uuid) -> Result<Option<DeadLetter>, StoreError> {
        Ok(sqlx::query_as!(
            DeadLetter,
            "select id, stream, subject, payload, reason, deliveries, outbox_id, created_at
             from dead_letters where id = $1",
            id,
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Removes a dead letter. With `retry`, its outbox row is pending again in the same transaction; without,
    /// it is completed, and purged like all others. A letter without a row has to be published by the caller first. Returns whether there was one.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn close_dead_letter(&self, id: Uuid, retry: bool) -> Result<bool, StoreError> {
        let closed = sqlx::query_scalar!(
            r#"
            with letter as (delete from dead_letters where id = $1 returning outbox_id),
            row as (
                update outbox_messages set
                    state = case when $2 then 'pending' else 'completed' end,
                    settled_at = case when $2 then null else now() end,
                    due_at = now(), attempts = 0,
                    publication = publication + case when $2 then 1 else 0 end
                from letter where outbox_messages.id = letter.outbox_id and state = 'dead'
            )
            select count(*) as "count!" from letter
            "#,
            id,
            retry,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(closed == 1)
    }
}
