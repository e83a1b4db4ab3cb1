//! What whoever watches the server wants to know: how much waits, for how long, and what was given up. Cheap: counted by indexes that
//! have only what is not done yet.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{Store, StoreError};

/// What waits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Outbox rows that are not published yet.
    pub pending: i64,
    /// For how many seconds the oldest of these has been due; 0 if none is.
    pub pending_age_s: f64,
    /// Outbox rows that are published, and whose effect is not recorded yet.
    pub published: i64,
    /// For how many seconds the oldest of these has been published; 0 without any.
    pub published_age_s: f64,
    /// Updates that wait for JetStream.
    pub received_updates: i64,
}

/// What a dead letter was about, as its subject tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeadLetterKind {
    /// A card.
    Card,
    /// Something that the bot had to say.
    Chat,
    /// An update of the Bot API.
    Update,
    /// Something that none of us has published.
    Other,
}

impl DeadLetterKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Card, Self::Chat, Self::Update, Self::Other];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Chat => "chat",
            Self::Update => "update",
            Self::Other => "other",
        }
    }

    /// By the second word of a subject.
    fn of(word: &str) -> Self {
        match word {
            "invite" => Self::Card,
            "chat" => Self::Chat,
            "update" => Self::Update,
            _ => Self::Other,
        }
    }
}

/// A dead letter without what it carried, and whom it was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetterHead {
    /// Id of the letter.
    pub id: Uuid,
    /// What it was about.
    pub kind: DeadLetterKind,
    /// Why it was given up.
    pub reason: String,
    /// How often it had been delivered.
    pub deliveries: i64,
    /// When it was given up.
    pub created_at: DateTime<Utc>,
}

/// The connections to Postgres.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolUse {
    /// Open, and at work.
    pub in_use: usize,
    /// Open, and waiting for a statement.
    pub idle: usize,
    /// Statements that wait for a connection.
    pub waiting: usize,
}

impl Store {
    /// What waits.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn figures(&self) -> Result<Figures, StoreError> {
        Ok(sqlx::query_as!(
            Figures,
            r#"
            select pending.rows as "pending!", pending.age_s as "pending_age_s!",
                   published.rows as "published!", published.age_s as "published_age_s!",
                   (select count(*) from received_updates) as "received_updates!"
            from (
                select count(*) as rows,
                       greatest(coalesce(extract(epoch from now() - min(due_at)), 0), 0)::float8 as age_s
                from outbox_messages where state = 'pending'
            ) as pending, (
                select count(*) as rows,
                       greatest(coalesce(extract(epoch from now() - min(published_at)), 0), 0)::float8 as age_s
                from outbox_messages where state = 'published'
            ) as published
            "#,
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// How many dead letters there are of each kind.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn dead_letters_by_kind(&self) -> Result<[(DeadLetterKind, i64); 4], StoreError> {
        let rows = sqlx::query!(
            r#"
            select split_part(subject, '.', 2) as "word!", count(*) as "letters!"
            from dead_letters group by 1
            "#,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(DeadLetterKind::ALL.map(|kind| {
            let of_kind = rows
                .iter()
                .filter(|row| DeadLetterKind::of(&row.word) == kind);
            (kind, of_kind.map(|row| row.letters).sum())
        }))
    }

    /// The newest dead letters, at most `limit`, without what they carried.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn dead_letter_heads(&self, limit: i64) -> Result<Vec<DeadLetterHead>, StoreError> {
        let rows = sqlx::query!(
            r#"
            select id, split_part(subject, '.', 2) as "word!", left(reason, 500) as "reason!", deliveries, created_at
            from dead_letters order by created_at desc, id limit $1
            "#,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| DeadLetterHead {
                id: row.id,
                kind: DeadLetterKind::of(&row.word),
                reason: row.reason,
                deliveries: row.deliveries,
                created_at: row.created_at,
            })
            .collect())
    }

    /// How the connections to Postgres are used now.
    #[must_use]
    pub fn pool_use(&self) -> PoolUse {
        self.pool.in_use()
    }
}
