//! Updates of the Bot API that JetStream has not taken: they wait here until it does.

use crate::{Store, StoreError};

/// An update as it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedUpdate {
    /// Its `Nats-Msg-Id`.
    pub message_id: String,
    /// The subject that it is published on.
    pub subject: String,
    /// What is published.
    pub payload: Vec<u8>,
    /// The trace of its arrival, if that is known.
    pub traceparent: Option<String>,
}

impl Store {
    /// Stores an update that JetStream has not taken. A repeat changes nothing: the update came when it came first.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn add_received_update(&self, update: &ReceivedUpdate) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into received_updates (message_id, subject, payload, traceparent) values ($1, $2, $3, $4)
             on conflict do nothing",
            update.message_id,
            update.subject,
            update.payload,
            update.traceparent,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The updates that wait, the oldest first, at most `limit`.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn received_updates(&self, limit: i64) -> Result<Vec<ReceivedUpdate>, StoreError> {
        Ok(sqlx::query_as!(
            ReceivedUpdate,
            "select message_id, subject, payload, traceparent from received_updates order by stored_at limit $1",
            limit,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Forgets updates that JetStream has now.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn forget_received_updates(&self, message_ids: &[String]) -> Result<(), StoreError> {
        sqlx::query!(
            "delete from received_updates where message_id = any($1)",
            message_ids,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
