//! Calendar collections.

use televent_calendar::TelegramUserId;
use uuid::Uuid;

use crate::{Store, StoreError};

/// The calendar that every account has.
pub const DEFAULT_CALENDAR_SLUG: &str = "default";

/// A calendar collection (RFC 4791 section 4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Our id.
    pub id: Uuid,
    /// Whose it is.
    pub owner: TelegramUserId,
    /// The last path segment of its URL.
    pub slug: String,
    /// `DAV:displayname`.
    pub display_name: String,
    /// Raised by every change in it; `getctag` and the sync token.
    pub ctag: i64,
}

impl Store {
    /// The calendars of `owner`, the default one first.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn calendars(&self, owner: TelegramUserId) -> Result<Vec<Calendar>, StoreError> {
        let rows = sqlx::query!(
            "select id, slug, display_name, ctag from calendars where owner = $1
             order by slug <> $2, created_at, id",
            owner.get(),
            DEFAULT_CALENDAR_SLUG,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| Calendar {
                id: row.id,
                owner,
                slug: row.slug,
                display_name: row.display_name,
                ctag: row.ctag,
            })
            .collect())
    }

    /// One calendar by its URL's parts.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn calendar(
        &self,
        owner: TelegramUserId,
        slug: &str,
    ) -> Result<Option<Calendar>, StoreError> {
        let row = sqlx::query!(
            "select id, display_name, ctag from calendars where owner = $1 and slug = $2",
            owner.get(),
            slug,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| Calendar {
            id: row.id,
            owner,
            slug: slug.to_owned(),
            display_name: row.display_name,
            ctag: row.ctag,
        }))
    }
}
