//! Feeds: a secret URL under which a calendar can be read without a password, one for each calendar.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use televent_calendar::TelegramUserId;

use crate::{
    Calendar, DeadProperty, Store, StoreError,
    calendars::CalendarRow,
    secret::{self, SECRET_BYTES},
};

/// The secret in the URL of a feed.
#[derive(Clone)]
pub struct FeedSecret([u8; SECRET_BYTES]);

/// The text is not one of our secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the secret of a feed")]
pub struct InvalidFeedSecret;

impl FeedSecret {
    /// Makes a secret of 160 random bits.
    #[must_use]
    pub fn from_random(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads the part of a URL.
    ///
    /// # Errors
    /// When it can't be one of our secrets.
    pub fn parse(text: &str) -> Result<Self, InvalidFeedSecret> {
        secret::decode(text).map(Self).ok_or(InvalidFeedSecret)
    }

    /// The text that is shown once: thirty-two lower-case letters and digits.
    #[must_use]
    pub fn reveal(&self) -> String {
        secret::encode(&self.0)
    }
}

/// A feed, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// The last path segment of its calendar's URL, decoded.
    pub slug: String,
    /// The name of its calendar.
    pub display_name: String,
    /// Since when.
    pub made_at: DateTime<Utc>,
}

impl Store {
    /// Gives a calendar a feed; one that it had ends. Returns `false` when there is no such calendar.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn set_feed(
        &self,
        owner: TelegramUserId,
        slug: &str,
        secret: &FeedSecret,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update calendars set feed_hash = $3, feed_made_at = now()
             where owner = $1 and slug = $2 and kind = 'calendar' and deleted_at is null",
            owner.get(),
            slug,
            &secret::hash(&secret.0),
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends the feed of a calendar. Returns `false` when there is none.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn revoke_feed(&self, owner: TelegramUserId, slug: &str) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update calendars set feed_hash = null, feed_made_at = null
             where owner = $1 and slug = $2 and deleted_at is null and feed_hash is not null",
            owner.get(),
            slug,
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The feeds of an account.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn feeds(&self, owner: TelegramUserId) -> Result<Vec<Feed>, StoreError> {
        Ok(sqlx::query_as!(
            Feed,
            r#"
            select slug, display_name, feed_made_at as "made_at!" from calendars
            where owner = $1 and deleted_at is null and feed_hash is not null order by slug
            "#,
            owner.get(),
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The calendar of the feed with this secret.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn feed_calendar(&self, secret: &FeedSecret) -> Result<Option<Calendar>, StoreError> {
        sqlx::query_as!(
            CalendarRow,
            r#"
            select id, owner, slug, ctag, sync_floor, created_at, display_name, components, time_zone,
                   time_zone_id, transparent, properties as "properties: Json<Vec<DeadProperty>>"
            from calendars where feed_hash = $1 and deleted_at is null
            "#,
            &secret::hash(&secret.0),
        )
        .fetch_optional(&self.pool)
        .await?
        .map(Calendar::try_from)
        .transpose()
    }
}
