//! What somebody's days hold, and which invitations wait for their answer.

use chrono::{DateTime, Utc};
use televent_calendar::TelegramUserId;
use uuid::Uuid;

use crate::{Store, StoreError};

/// An object that may have an instance in somebody's days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgendaObject {
    /// Our id.
    pub id: Uuid,
    /// What GET returns.
    pub object: Vec<u8>,
}

/// An invitation that is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingInvitation {
    /// The organizer's object.
    pub event_id: Uuid,
    /// The recurrence key of the instance that is not answered; empty for the whole event.
    pub recurrence_id: String,
    /// What GET returns to the organizer.
    pub object: Vec<u8>,
    /// What others see of the organizer.
    pub owner_name: String,
}

impl Store {
    /// A page of the events in the calendars of `owner` that may have an instance between two instants, by id.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn agenda_candidates(
        &self,
        owner: TelegramUserId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<AgendaObject>, StoreError> {
        Ok(sqlx::query_as!(
            AgendaObject,
            r#"
            select e.id, e.object
            from calendars c cross join lateral (
                select id, object from events
                where calendar_id = c.id and deleted_at is null and component = 'VEVENT'
                  and last_occurrence >= $2 and first_occurrence <= $3
                  and id > coalesce($4, '00000000-0000-0000-0000-000000000000'::uuid)
                order by id limit $5
            ) e
            where c.owner = $1 and c.kind = 'calendar' and c.deleted_at is null
            order by e.id limit $5
            "#,
            owner.get(),
            from,
            to,
            after,
            limit,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// A page of the invitations that `person` has not answered and that may not be over at `now`, those that came last
    /// first. An instance stands for itself only if its series is answered.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn pending_invitations(
        &self,
        person: TelegramUserId,
        now: DateTime<Utc>,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<PendingInvitation>, StoreError> {
        Ok(sqlx::query_as!(
            PendingInvitation,
            r#"
            select e.id as event_id, a.recurrence_id, e.object, coalesce(owner.name, '') as "owner_name!"
            from event_attendees a
            join events e on e.id = a.event_id
            join calendars c on c.id = e.calendar_id
            join users owner on owner.telegram_id = c.owner
            where a.telegram_id = $1 and a.invited and a.status = 'NEEDS-ACTION'
              and e.deleted_at is null and e.owner_organizes and e.last_occurrence >= $2
              and (a.recurrence_id = '' or not exists (
                  select from event_attendees series
                  where series.event_id = a.event_id and series.telegram_id = $1 and series.recurrence_id = ''
                    and series.invited and series.status = 'NEEDS-ACTION'
              ))
            order by a.asked_at desc, e.created_at desc, e.id, a.recurrence_id
            offset $3 limit $4
            "#,
            person.get(),
            now,
            offset,
            limit,
        )
        .fetch_all(&self.pool)
        .await?)
    }
}
