//! Events that are somebody's own to change: those that they organize, and those that concern nobody else.

use chrono::{DateTime, Utc};
use televent_calendar::TelegramUserId;
use uuid::Uuid;

use crate::{Store, StoreError};

/// Where an event is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPlace {
    /// The last path segment of its calendar's URL, decoded.
    pub slug: String,
    /// The last path segment of its own, decoded.
    pub resource_name: String,
}

/// An event that somebody can change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnEvent {
    /// Our id.
    pub id: Uuid,
    /// What GET returns.
    pub object: Vec<u8>,
}

impl Store {
    /// Where an event is that is its owner's to change; `None` if it is gone, or not `owner`'s.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn place_of_own_event(
        &self,
        owner: TelegramUserId,
        event_id: Uuid,
    ) -> Result<Option<EventPlace>, StoreError> {
        Ok(sqlx::query_as!(
            EventPlace,
            "select c.slug, e.resource_name
             from events e join calendars c on c.id = e.calendar_id
             where e.id = $2 and c.owner = $1 and c.kind = 'calendar'
               and e.deleted_at is null and c.deleted_at is null
               and e.organizer_event_id is null and (e.owner_organizes or e.organizer is null)",
            owner.get(),
            event_id,
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Whether there is an event of this id, or was one.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn event_was_made(&self, event_id: Uuid) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from events where id = $1) as "was_made!""#,
            event_id,
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Events that are `owner`'s to change and not over: those that have begun and those that begin soonest first.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn own_coming_events(
        &self,
        owner: TelegramUserId,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<OwnEvent>, StoreError> {
        Ok(sqlx::query_as!(
            OwnEvent,
            "select e.id, e.object
             from calendars c join events e on e.calendar_id = c.id
             where c.owner = $1 and c.kind = 'calendar' and c.deleted_at is null
               and e.deleted_at is null and e.component = 'VEVENT' and e.last_occurrence > $2
               and e.organizer_event_id is null and (e.owner_organizes or e.organizer is null)
             order by greatest(e.first_occurrence, $2), e.id limit $3",
            owner.get(),
            now,
            limit,
        )
        .fetch_all(&self.pool)
        .await?)
    }
}
