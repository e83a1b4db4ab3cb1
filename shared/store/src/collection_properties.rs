//! Dead properties of the collections of an account that have no row of their own: its principal, home, inbox and outbox.

use sqlx::types::Json;
use televent_calendar::TelegramUserId;
use uuid::Uuid;

use crate::{DeadProperty, Store, StoreError};

/// A collection that every account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnCollection {
    /// RFC 3744 section 4.
    Principal,
    /// RFC 4791 section 6.2.1.
    Home,
    /// RFC 6638 section 2.2.
    Inbox,
    /// RFC 6638 section 2.1.
    Outbox,
}

impl OwnCollection {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Home => "home",
            Self::Inbox => "inbox",
            Self::Outbox => "outbox",
        }
    }
}

impl Store {
    /// The dead properties of a collection.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn collection_properties(
        &self,
        owner: TelegramUserId,
        collection: OwnCollection,
    ) -> Result<Vec<DeadProperty>, StoreError> {
        let found = sqlx::query_scalar!(
            r#"
            select properties as "properties: Json<Vec<DeadProperty>>"
            from collection_properties where owner = $1 and collection = $2
            "#,
            owner.get(),
            collection.as_str(),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(found.map(|found| found.0).unwrap_or_default())
    }

    /// Replaces the dead properties of a collection if they still are `expected`. Returns whether they were.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn set_collection_properties(
        &self,
        owner: TelegramUserId,
        collection: OwnCollection,
        expected: &[DeadProperty],
        new: &[DeadProperty],
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "insert into collection_properties as known (owner, collection, properties)
             select $1, $2, $4
             -- Nobody has set any, or they are compared below.
             where $3 = '[]'::jsonb or exists (
                 select from collection_properties where owner = $1 and collection = $2
             )
             on conflict (owner, collection) do update set properties = excluded.properties
             where known.properties = $3",
            owner.get(),
            collection.as_str(),
            Json(expected) as _,
            Json(new) as _,
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Chooses the calendar that invitations go to. Returns `false` when it is not the owner's.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn set_default_calendar(
        &self,
        owner: TelegramUserId,
        calendar_id: Uuid,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update users set default_calendar = c.id from calendars c
             where users.telegram_id = $1 and c.id = $2 and c.owner = $1 and c.kind = 'calendar'
               and c.deleted_at is null",
            owner.get(),
            calendar_id,
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
