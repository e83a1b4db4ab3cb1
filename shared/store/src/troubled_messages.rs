//! What is remembered of messages whose handling did not come to an end. JetStream counts deliveries, whatever became of them; here
//! a try that ended is told from one that died with its process.

use uuid::Uuid;

use crate::{Store, StoreError};

/// A message, whatever its publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageKey<'a> {
    /// Its JetStream stream.
    pub stream: &'a str,
    /// Its `Nats-Msg-Id` up to the first dot.
    pub message_id: &'a str,
    /// The outbox row that it came from.
    pub outbox_id: Option<Uuid>,
}

/// What its tries came to so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// Those that were begun and came to no end: the process died, or the handler panicked.
    pub unended: i32,
    /// Those that ran out of time.
    pub timeouts: i32,
}

/// A try that the handler did not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokenTry {
    /// It panicked.
    Panicked,
    /// It ran out of time.
    TimedOut,
}

impl Store {
    /// What is known of a message.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn trouble(&self, key: &MessageKey<'_>) -> Result<Trouble, StoreError> {
        Ok(sqlx::query_as!(
            Trouble,
            "select unended, timeouts from troubled_messages where stream = $1 and message_id = $2",
            key.stream,
            key.message_id,
        )
        .fetch_optional(&self.pool)
        .await?
        .unwrap_or_default())
    }

    /// Notes that a message is about to be tried again. Unless [`Store::end_try`] follows, the try came to no end.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn begin_try(&self, key: &MessageKey<'_>) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into troubled_messages (stream, message_id, unended) values ($1, $2, 1)
             on conflict (stream, message_id) do update set
                 unended = troubled_messages.unended + 1, noted_at = now()",
            key.stream,
            key.message_id,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Notes that a try that was begun came to an end. With `done`, and if no outbox row waits for the message any more, there is
    /// nothing to remember of it.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn end_try(&self, key: &MessageKey<'_>, done: bool) -> Result<(), StoreError> {
        sqlx::query!(
            "with over as (
                 select where $4 and not exists (
                     select from outbox_messages where id = $3 and state in ('pending', 'published')
                 )
             ), gone as (
                 delete from troubled_messages t using over where t.stream = $1 and t.message_id = $2
             )
             update troubled_messages set unended = greatest(unended - 1, 0)
             where stream = $1 and message_id = $2 and not exists (select from over)",
            key.stream,
            key.message_id,
            key.outbox_id,
            done,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Notes a try that its handler did not end; `begun` says whether [`Store::begin_try`] has noted it already.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn note_broken_try(
        &self,
        key: &MessageKey<'_>,
        broken: BrokenTry,
        begun: bool,
        error: &str,
    ) -> Result<Trouble, StoreError> {
        let begun = i32::from(begun);
        let (unended, timeouts) = match broken {
            BrokenTry::Panicked => (1 - begun, 0),
            BrokenTry::TimedOut => (-begun, 1),
        };
        Ok(sqlx::query_as!(
            Trouble,
            "insert into troubled_messages (stream, message_id, unended, timeouts, last_error)
             values ($1, $2, greatest($3, 0), $4, $5)
             on conflict (stream, message_id) do update set
                 unended = greatest(troubled_messages.unended + $3, 0),
                 timeouts = troubled_messages.timeouts + $4,
                 last_error = excluded.last_error, noted_at = now()
             returning unended, timeouts",
            key.stream,
            key.message_id,
            unended,
            timeouts,
            error,
        )
        .fetch_one(&self.pool)
        .await?)
    }
}
