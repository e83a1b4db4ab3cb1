//! Making, changing, moving and removing calendar collections.

use sqlx::types::Json;
use televent_calendar::TelegramUserId;
use televent_runtime::trace;
use uuid::Uuid;

use crate::{CalendarProperties, NoticeKind, Store, StoreError, error::violated_unique_constraint};

/// Most calendars of one account. People have ten; apps that go astray make a new one at each sync. Requests at the same
/// time may get a few past it.
pub const MAX_CALENDARS: i64 = 200;

/// How often the removal of a calendar is begun anew because something in it changed meanwhile.
const MAX_REMOVE_TRIES: usize = 8;

/// A calendar to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewCalendar<'a> {
    /// Our id for it.
    pub id: Uuid,
    /// Whose it is.
    pub owner: TelegramUserId,
    /// The last path segment of its URL, decoded.
    pub slug: &'a str,
    /// What it shall be.
    pub properties: &'a CalendarProperties,
}

/// What became of a new calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateCalendarOutcome {
    /// It is there.
    Done,
    /// There is one at this URL.
    Exists,
    /// The account has [`MAX_CALENDARS`] already.
    TooMany,
}

/// What became of a calendar's move to another URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveCalendarOutcome {
    /// It is there.
    Done,
    /// There is another at that URL.
    Exists,
    /// There is no such calendar any more.
    Gone,
}

impl Store {
    /// Makes a calendar.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn create_calendar(
        &self,
        new: &NewCalendar<'_>,
    ) -> Result<CreateCalendarOutcome, StoreError> {
        let properties = new.properties;
        let created = sqlx::query!(
            r#"
            insert into calendars (id, owner, slug, display_name, components, time_zone, time_zone_id,
                                   transparent, properties, ctag)
            select $1, $2, $3, $4, $5, $6, $7, $8, $9, (
                -- getctag does not name the calendar: at a URL that was used before, it goes on.
                select coalesce(max(ctag), 0) + 1 from calendars where owner = $2 and slug = $3
            )
            where $10 > (
                select count(*) from calendars
                where owner = $2 and kind = 'calendar' and deleted_at is null
            )
            on conflict (owner, slug) where deleted_at is null do nothing
            returning id
            "#,
            new.id,
            new.owner.get(),
            new.slug,
            properties.display_name,
            &properties.components,
            properties.time_zone,
            properties.time_zone_id,
            properties.transparent,
            Json(&properties.dead) as _,
            MAX_CALENDARS,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(match created {
            Some(_) => CreateCalendarOutcome::Done,
            None if self.calendar(new.owner, new.slug).await?.is_some() => {
                CreateCalendarOutcome::Exists
            }
            None => CreateCalendarOutcome::TooMany,
        })
    }

    /// Replaces the properties of a calendar that still is at `expected_ctag`, and raises its ctag, so that other devices
    /// notice. Its components stay. Returns `false` when it has changed or is gone.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn update_calendar(
        &self,
        id: Uuid,
        expected_ctag: i64,
        properties: &CalendarProperties,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update calendars set
                 ctag = ctag + 1, display_name = $3, time_zone = $4, time_zone_id = $5, transparent = $6,
                 properties = $7
             where id = $1 and ctag = $2 and deleted_at is null",
            id,
            expected_ctag,
            properties.display_name,
            properties.time_zone,
            properties.time_zone_id,
            properties.transparent,
            Json(&properties.dead) as _,
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Moves a calendar to another URL of its owner's.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn move_calendar(
        &self,
        id: Uuid,
        slug: &str,
    ) -> Result<MoveCalendarOutcome, StoreError> {
        let moved = sqlx::query!(
            "update calendars c set slug = $2, ctag = 1 + greatest(c.ctag, (
                 -- getctag does not name the calendar: at a URL that was used before, it goes on.
                 select max(other.ctag) from calendars other where other.owner = c.owner and other.slug = $2
             ))
             where id = $1 and deleted_at is null",
            id,
            slug,
        )
        .execute(&self.pool)
        .await;
        match moved {
            Ok(done) if done.rows_affected() == 1 => Ok(MoveCalendarOutcome::Done),
            Ok(_) => Ok(MoveCalendarOutcome::Gone),
            Err(error) => match violated_unique_constraint(&error) {
                Some("calendars_owner_slug") => Ok(MoveCalendarOutcome::Exists),
                _ => Err(error.into()),
            },
        }
    }

    /// Removes a calendar with all that is in it, and cancels the meetings in it that are still to come. Its feed ends.
    /// Returns `false` when there is no such calendar.
    ///
    /// # Errors
    /// When Postgres does not answer; [`StoreError::Busy`] when the calendar keeps changing meanwhile.
    pub async fn remove_calendar(&self, id: Uuid) -> Result<bool, StoreError> {
        for _ in 0..MAX_REMOVE_TRIES {
            match self.try_to_remove_calendar(id).await? {
                Removal::Done => return Ok(true),
                Removal::Gone => return Ok(false),
                Removal::Conflict => {}
            }
        }
        Err(StoreError::Busy)
    }

    /// One try. What a statement changes is what it saw when it began; an event that came into the calendar since has
    /// raised the ctag.
    async fn try_to_remove_calendar(&self, id: Uuid) -> Result<Removal, StoreError> {
        let row = sqlx::query!(
            r#"
            with seen as (
                select id, ctag from calendars where id = $1 and deleted_at is null
            ), living as (
                select e.id from events e join seen on seen.id = e.calendar_id
                where e.deleted_at is null
                -- In this order wherever several are locked.
                order by e.id
                for no key update of e
            ), calendar as (
                update calendars c set
                    ctag = c.ctag + 1, bytes = 0, feed_hash = null, feed_made_at = null, deleted_at = now()
                from seen where c.id = seen.id and c.ctag = seen.ctag and c.deleted_at is null
                  -- The events are locked first, as in every statement that locks both: else two deadlock.
                  and (select count(*) from living) >= 0
                returning c.owner, c.ctag
            ), removed as (
                update events e set
                    deleted_at = now(), updated_at = now(),
                    sequence = e.sequence + 1, version = e.version + 1, revision = calendar.ctag
                from living, calendar where e.id = living.id
                returning e.id, calendar.owner, e.owner_organizes and e.last_occurrence >= now() as cancelled,
                          urgency_of_event(e.first_occurrence, e.last_occurrence) as urgency
            ), told as (
                select distinct removed.id as event_id, removed.owner, removed.urgency, a.telegram_id
                from removed join event_attendees a on a.event_id = removed.id
                where removed.cancelled and a.invited and a.telegram_id is not null
            ), notices as (
                insert into outbox_messages (id, kind, event_id, telegram_id, urgency, traceparent)
                select gen_random_uuid(), $2, event_id, telegram_id, urgency, $4::text from told
                union all
                select gen_random_uuid(), $3, event_id, owner, urgency, $4
                from (select distinct event_id, owner, urgency from told) as tally
            )
            select exists (select from seen) as "was_there!", exists (select from calendar) as "removed!"
            "#,
            id,
            NoticeKind::Invite.as_str(),
            NoticeKind::Rsvp.as_str(),
            trace::current(),
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(match (row.removed, row.was_there) {
            (true, _) => Removal::Done,
            (false, true) => Removal::Conflict,
            (false, false) => Removal::Gone,
        })
    }
}

/// What became of a try to remove a calendar.
enum Removal {
    Done,
    Gone,
    /// It changed while the statement ran.
    Conflict,
}
