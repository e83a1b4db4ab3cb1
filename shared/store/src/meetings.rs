//! Meetings, as scheduling decides on them: the organizer's object, and what there is of each person in it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use televent_calendar::{
    CalendarObject, InternalDomain, MAX_REFRESHED_COPIES, Meeting, ObjectError, Owner, Person,
    ScheduleStatus, TelegramUserId,
};
use uuid::Uuid;

use crate::{
    DEFAULT_CALENDAR_SLUG, Event, INBOX_SLUG, Store, StoreError, premises::Invitee,
    users::telegram_id,
};

/// A meeting as it is stored, with what its rows are guarded by.
#[derive(Clone, Debug)]
pub struct MeetingRows {
    /// Whose calendar the organizer's object is in, or will be.
    pub owner: TelegramUserId,
    /// The organizer's object; `None` for one that is still to be made.
    pub organizer: Option<OrganizerRow>,
    /// Everybody who was asked for, and everybody whom the stored object invites.
    pub people: Vec<PersonRow>,
}

/// The organizer's object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizerRow {
    /// Our id: that of the meeting.
    pub id: Uuid,
    /// The calendar that it is in.
    pub calendar_id: Uuid,
    /// The owner's inbox.
    pub inbox_id: Option<Uuid>,
    /// Whose it is.
    pub owner: TelegramUserId,
    /// UID.
    pub uid: String,
    /// ORGANIZER as a normalised address.
    pub organizer: Option<String>,
    /// The kind of its components.
    pub component: String,
    /// What others see of the owner.
    pub owner_name: String,
    /// What GET returns.
    pub object: Vec<u8>,
    /// Raised by every write of it.
    pub version: i64,
    /// Whether the owner is its ORGANIZER.
    pub owner_organizes: bool,
    /// Whether it was deleted.
    pub deleted: bool,
}

/// Somebody in a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// Who.
    pub telegram_id: TelegramUserId,
    /// Where a copy would go: the calendar that they have chosen for invitations, or else the first that takes such
    /// components. `None` without an account, and where another object there has the UID.
    pub calendar_id: Option<Uuid>,
    /// Their scheduling inbox, if they have an account.
    pub inbox_id: Option<Uuid>,
    /// Whether something is said of the meeting there.
    pub has_message: bool,
    /// SCHEDULE-STATUS of the last message to them, as far as it is known.
    pub delivery: Option<String>,
    /// Their copy.
    pub copy: Option<CopyRow>,
}

impl PersonRow {
    /// Somebody without an account, to whom the meeting is new.
    pub(crate) const fn stranger(telegram_id: TelegramUserId, delivery: Option<String>) -> Self {
        Self {
            telegram_id,
            calendar_id: None,
            inbox_id: None,
            has_message: false,
            delivery,
            copy: None,
        }
    }
}

/// A copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyRow {
    /// Our id.
    pub id: Uuid,
    /// The calendar that it is in.
    pub calendar_id: Uuid,
    /// What GET returns.
    pub object: Vec<u8>,
    /// Raised by every write of it.
    pub version: i64,
}

/// Which meeting, and who else is in it.
#[derive(Clone, Copy, Debug)]
pub struct MeetingKey<'a> {
    /// Whose calendar the organizer's object is in, or will be.
    pub owner: TelegramUserId,
    /// The organizer's object; `None` for one that is still to be made.
    pub event_id: Option<Uuid>,
    /// Its UID.
    pub uid: &'a str,
    /// Its ORGANIZER as a normalised address: objects of others with this UID are no copies of it.
    pub organizer: &'a str,
    /// The kind of its components, such as `VEVENT`.
    pub component: &'a str,
    /// Whom it concerns besides those whom the stored object invites.
    pub people: &'a [TelegramUserId],
    /// If there are more people than this, `people` alone are loaded.
    pub most: Option<usize>,
}

impl MeetingRows {
    /// As [`Self::meeting`], of one that is stored, with the owner of the organizer's object; `None` if it is not.
    ///
    /// # Errors
    /// When a stored object can't be read, which is a bug.
    pub fn stored_meeting(&self, domain: &InternalDomain) -> Result<Option<Meeting>, ObjectError> {
        let owner = self.organizer.as_ref().map(|row| Owner {
            telegram_id: row.owner,
            common_name: row.owner_name.clone(),
        });
        owner.map(|owner| self.meeting(owner, domain)).transpose()
    }

    /// The meeting as the rules of scheduling know it. A deleted object is none. `organizer` is whose object it is or will
    /// be.
    ///
    /// # Errors
    /// When a stored object can't be read, which is a bug.
    pub fn meeting(
        &self,
        organizer: Owner,
        domain: &InternalDomain,
    ) -> Result<Meeting, ObjectError> {
        let object = self.organizer.as_ref().filter(|row| !row.deleted);
        let object = object.map(|row| CalendarObject::from_stored(row.object.clone()));
        Ok(Meeting {
            object: object.transpose()?,
            people: self.people_but(organizer.telegram_id)?,
            organizer,
            domain: domain.clone(),
        })
    }

    /// Everybody but the organizer, as the rules of scheduling know them.
    pub(crate) fn people_but(
        &self,
        organizer: TelegramUserId,
    ) -> Result<BTreeMap<TelegramUserId, Person>, ObjectError> {
        let others = self.people.iter();
        others
            .filter(|row| row.telegram_id != organizer)
            .map(|row| Ok((row.telegram_id, row.person()?)))
            .collect()
    }

    /// Whether the organizer's object is this one, as it was looked at.
    pub(crate) fn is_at(&self, event: &Event) -> bool {
        let row = self.organizer.as_ref();
        row.is_some_and(|row| row.id == event.id && row.version == event.version)
    }

    /// Whether somebody's copy is this one, as it was looked at.
    pub(crate) fn has_copy_at(&self, person: TelegramUserId, event: &Event) -> bool {
        let row = self.people.iter().find(|row| row.telegram_id == person);
        let copy = row.and_then(|row| row.copy.as_ref());
        copy.is_some_and(|copy| copy.id == event.id && copy.version == event.version)
    }
}

impl PersonRow {
    fn person(&self) -> Result<Person, ObjectError> {
        let copy = self.copy.as_ref();
        let copy = copy.map(|copy| CalendarObject::from_stored(copy.object.clone()));
        let has_calendar = self.calendar_id.is_some() || self.copy.is_some();
        let known = self.delivery.as_deref().and_then(ScheduleStatus::parse);
        Ok(Person {
            has_calendar,
            delivery: known.unwrap_or(if has_calendar {
                ScheduleStatus::Delivered
            } else {
                ScheduleStatus::Pending
            }),
            copy: copy.transpose()?,
        })
    }
}

impl Store {
    /// Loads a meeting: one query for the organizer's object, if it is stored, and one for the people; of a new one another, if one of them
    /// has an account.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn meeting(&self, key: &MeetingKey<'_>) -> Result<MeetingRows, StoreError> {
        // What the people are of may have changed since: the version that is loaded here guards the write.
        let organizer = match key.event_id {
            Some(event_id) => self.organizer_row(event_id).await?,
            None => None,
        };
        let strangers = match key.event_id {
            None => self.people_without_accounts(key.people).await?,
            Some(_) => None,
        };
        let people = match strangers {
            Some(people) => people,
            None => self.people(key).await?,
        };
        Ok(MeetingRows {
            owner: key.owner,
            organizer,
            people,
        })
    }

    /// A meeting by its organizer's object, with everybody whom it invites and these people; `None` if it is gone.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn meeting_by_id(
        &self,
        event_id: Uuid,
        people: &[TelegramUserId],
    ) -> Result<Option<MeetingRows>, StoreError> {
        self.meeting_with(event_id, people, None).await
    }

    /// As [`Store::meeting_by_id`], for a change by one attendee: in a large meeting, without the others, whose copies that
    /// does not touch ([`MAX_REFRESHED_COPIES`]).
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn meeting_of_attendee(
        &self,
        event_id: Uuid,
        attendee: TelegramUserId,
    ) -> Result<Option<MeetingRows>, StoreError> {
        self.meeting_with(event_id, &[attendee], Some(MAX_REFRESHED_COPIES))
            .await
    }

    async fn meeting_with(
        &self,
        event_id: Uuid,
        people: &[TelegramUserId],
        most: Option<usize>,
    ) -> Result<Option<MeetingRows>, StoreError> {
        let Some(organizer) = self.organizer_row(event_id).await? else {
            return Ok(None);
        };
        let key = MeetingKey {
            owner: organizer.owner,
            event_id: Some(event_id),
            uid: &organizer.uid,
            organizer: organizer.organizer.as_deref().unwrap_or_default(),
            component: &organizer.component,
            people,
            most,
        };
        let people = self.people(&key).await?;
        Ok(Some(MeetingRows {
            owner: organizer.owner,
            organizer: Some(organizer),
            people,
        }))
    }

    /// SCHEDULE-STATUS of the last message to each of those whom a meeting invites, as far as it is known.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn deliveries(
        &self,
        event_id: Uuid,
    ) -> Result<BTreeMap<TelegramUserId, ScheduleStatus>, StoreError> {
        let rows = sqlx::query!(
            r#"
            select distinct u.telegram_id, u.schedule_status as "schedule_status!"
            from event_attendees a join users u on u.telegram_id = a.telegram_id
            where a.event_id = $1 and a.invited and u.schedule_status is not null
            "#,
            event_id,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .filter_map(|row| {
                let status = ScheduleStatus::parse(&row.schedule_status)?;
                Some(telegram_id(row.telegram_id).map(|id| (id, status)))
            })
            .collect()
    }

    /// Meetings in a calendar that are not over, organized by its owner or copies of others': their resource names.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn coming_meetings(
        &self,
        calendar_id: Uuid,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar!(
            "select e.resource_name from events e
             where e.calendar_id = $1 and e.deleted_at is null and e.organizer is not null
               and e.last_occurrence >= $2
               and (e.organizer_event_id is not null or e.owner_organizes and exists (
                   select from event_attendees a where a.event_id = e.id and a.invited
               ))
             order by e.id limit $3",
            calendar_id,
            now,
            limit,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The organizer's object of a meeting.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn organizer_row(&self, event_id: Uuid) -> Result<Option<OrganizerRow>, StoreError> {
        let row = sqlx::query!(
            r#"
            select e.id, e.calendar_id, c.owner, coalesce(u.name, '') as "owner_name!", e.object, e.version,
                   e.uid, e.organizer, e.component, e.owner_organizes, e.deleted_at is not null as "deleted!",
                   inbox.id as "inbox_id?"
            from events e join calendars c on c.id = e.calendar_id join users u on u.telegram_id = c.owner
            left join calendars inbox
                on inbox.owner = c.owner and inbox.slug = $2 and inbox.deleted_at is null
            where e.id = $1
            "#,
            event_id,
            INBOX_SLUG,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            Ok(OrganizerRow {
                id: row.id,
                calendar_id: row.calendar_id,
                inbox_id: row.inbox_id,
                owner: telegram_id(row.owner)?,
                owner_name: row.owner_name,
                uid: row.uid,
                organizer: row.organizer,
                component: row.component,
                object: row.object,
                version: row.version,
                owner_organizes: row.owner_organizes,
                deleted: row.deleted,
            })
        })
        .transpose()
    }

    /// The meeting of an attendee's object that is not linked to one: the object with this UID in the calendars of its
    /// organizer, if that is one of ours and invites them.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn meeting_of(
        &self,
        organizer: TelegramUserId,
        uid: &str,
        attendee: TelegramUserId,
    ) -> Result<Option<Uuid>, StoreError> {
        Ok(sqlx::query_scalar!(
            "select e.id from events e
             where e.scheduling_owner = $1 and e.uid = $2 and e.owner_organizes and e.deleted_at is null
               and exists (
                   select from event_attendees a where a.event_id = e.id and a.telegram_id = $3 and a.invited
               )",
            organizer.get(),
            uid,
            attendee.get(),
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// People as a meeting has them that is new to them; `None` if one of them has an account, and with it calendars in which more has to
    /// be looked at. Most have none, and Postgres gets each part of a statement ready, whether it has work or not.
    async fn people_without_accounts(
        &self,
        people: &[TelegramUserId],
    ) -> Result<Option<Vec<PersonRow>>, StoreError> {
        let ids: Vec<i64> = people.iter().map(|id| id.get()).collect();
        let rows = sqlx::query!(
            r#"
            select person.telegram_id as "telegram_id!", users.schedule_status as "delivery?",
                   exists (
                       select from calendars own where own.owner = person.telegram_id and own.deleted_at is null
                   ) as "has_account!"
            from unnest($1::bigint[]) as person (telegram_id)
            left join users on users.telegram_id = person.telegram_id
            "#,
            &ids,
        )
        .fetch_all(&self.pool)
        .await?;
        let invitees = rows
            .into_iter()
            .map(|row| {
                let invitee = if row.has_account {
                    Invitee::HasAccount
                } else {
                    Invitee::HasNone(row.delivery)
                };
                Ok((telegram_id(row.telegram_id)?, invitee))
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        self.memory.note_people(invitees.iter().cloned());
        Ok(invitees
            .into_iter()
            .map(|(id, invitee)| match invitee {
                Invitee::HasNone(delivery) => Some(PersonRow::stranger(id, delivery)),
                Invitee::HasAccount => None,
            })
            .collect())
    }

    async fn people(&self, key: &MeetingKey<'_>) -> Result<Vec<PersonRow>, StoreError> {
        let people: Vec<i64> = key.people.iter().map(|id| id.get()).collect();
        let most = key.most.and_then(|most| i64::try_from(most).ok());
        let rows = sqlx::query!(
            r#"
            with person as (
                select unnest($2::bigint[]) as telegram_id
                union
                select telegram_id from event_attendees where event_id = $1 and invited and telegram_id is not null
            )
            select person.telegram_id as "telegram_id!", place.id as "place_id?", inbox.id as "inbox_id?",
                   users.schedule_status as "delivery?",
                   exists (
                       select from events message
                       where message.organizer_event_id = $1 and message.calendar_id = inbox.id
                         and message.deleted_at is null
                   ) as "has_message!",
                   copy.id as "copy_id?", copy.calendar_id as "copy_calendar_id?", copy.object as "copy_object?",
                   copy.version as "copy_version?"
            from person
            left join users on users.telegram_id = person.telegram_id
            left join calendars inbox
                on inbox.owner = person.telegram_id and inbox.slug = $6 and inbox.deleted_at is null
            left join events copy
                on copy.scheduling_owner = person.telegram_id and copy.uid = $3 and copy.deleted_at is null
                -- An organizer's object that names nobody any more still has the copies that were made of it.
                and not copy.owner_organizes and (copy.organizer = $4 or copy.organizer_event_id = $1)
            left join lateral (
                select c.id from calendars c
                where c.owner = person.telegram_id and c.kind = 'calendar' and c.deleted_at is null
                  and $5 = any(c.components) and copy.id is null
                order by c.id is not distinct from users.default_calendar desc, c.slug <> $7,
                         c.created_at, c.id
                limit 1
            ) place on not exists (
                select from events other
                where other.uid = $3 and other.deleted_at is null and other.method is null
                  and (other.calendar_id = place.id or other.scheduling_owner = person.telegram_id)
            )
            where $8::bigint is null or person.telegram_id = any($2) or (select count(*) from person) <= $8
            "#,
            key.event_id,
            &people,
            key.uid,
            key.organizer,
            key.component,
            INBOX_SLUG,
            DEFAULT_CALENDAR_SLUG,
            most,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let copy = match (
                    row.copy_id,
                    row.copy_calendar_id,
                    row.copy_object,
                    row.copy_version,
                ) {
                    (Some(id), Some(calendar_id), Some(object), Some(version)) => Some(CopyRow {
                        id,
                        calendar_id,
                        object,
                        version,
                    }),
                    _ => None,
                };
                Ok(PersonRow {
                    telegram_id: telegram_id(row.telegram_id)?,
                    calendar_id: row.place_id,
                    inbox_id: row.inbox_id,
                    has_message: row.has_message,
                    delivery: row.delivery,
                    copy,
                })
            })
            .collect()
    }
}
