//! The owner of a calendar puts an object into it, whatever brings it: load what there is of the others in it, let the rules
//! decide, and write everything in one statement.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use televent_calendar::{
    CalendarObject, CalendarUserAddress, Component, InternalDomain, Meeting, ObjectError, Owner,
    Plan, Refusal, Role, ScheduleAgent, TelegramUserId, Upsert, occurrence_bounds,
};
use uuid::Uuid;

use crate::{
    MeetingKey, MeetingRows, NewEvent, ObjectWrite, OrganizerWrite, Premises, Recalled,
    SchedulingWrite, Slot, Store, StoreError, WriteOutcome, digest,
    work::{for_so_many, turn_to_write},
};

/// An object that the owner of a calendar puts, and the place where it goes.
#[derive(Clone, Debug)]
pub struct OwnerPut<'a> {
    /// Whose calendar it is.
    pub owner: Owner,
    /// The domain of internal addresses.
    pub domain: &'a InternalDomain,
    /// The place, as it was when this was decided on.
    pub slot: &'a Slot,
    /// The last path segment of its URL, decoded.
    pub name: &'a str,
    /// The object that is there.
    pub old: Option<&'a CalendarObject>,
    /// The object that is put.
    pub sent: &'a CalendarObject,
    /// Whether whoever puts it knows everything that is there, the answers, too.
    pub has_seen_all: bool,
    /// Our id for it, if nothing is there yet.
    pub id: Uuid,
    /// What `slot` and `owner` are taken from, if nothing was asked: then this writes a new object, or finds that it has to be asked.
    pub recalled: Option<&'a Recalled>,
    /// The time of the decision.
    pub now: DateTime<Utc>,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct OwnerWritten {
    /// Of the write.
    pub outcome: WriteOutcome,
    /// What is stored, if it is done.
    pub object: CalendarObject,
    /// Whether that was there before, byte for byte.
    pub is_unchanged: bool,
    /// Whether outbox rows were written, which the relay should see at once.
    pub tells_somebody: bool,
}

/// Why it is not stored.
#[derive(Debug, thiserror::Error)]
pub enum OwnerPutError {
    /// Postgres does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rules of scheduling do not allow it.
    #[error("{0}")]
    Refused(Refusal),
    /// A stored object can't be read: a bug.
    #[error("a stored object can't be read: {0}")]
    Corrupt(#[source] ObjectError),
}

impl Store {
    /// Decides and writes. `None` if the place has changed since it was looked at.
    ///
    /// # Errors
    /// See [`OwnerPutError`].
    pub async fn put_as_owner(
        &self,
        put: &OwnerPut<'_>,
    ) -> Result<Option<OwnerWritten>, OwnerPutError> {
        let people = put.people();
        let (strangers, premises) = match put.recalled {
            Some(recalled) => match self.memory.premises(recalled, &people) {
                Some((strangers, premises)) => (Some(strangers), Some(premises)),
                None => return Ok(None),
            },
            None => (None, None),
        };
        // Each has a copy and a message, but for those without an account.
        let delivered = match strangers {
            Some(_) => 0,
            None => 2 * people.len() * put.sent.as_bytes().len(),
        };
        let _turn = turn_to_write(delivered).await?;
        let event = put.slot.event.as_ref();
        let organizer = CalendarUserAddress::internal(put.owner.telegram_id, put.domain);
        let rows = if people.is_empty() {
            None
        } else if let Some(people) = strangers {
            Some(MeetingRows {
                owner: put.owner.telegram_id,
                organizer: None,
                people,
            })
        } else {
            let key = MeetingKey {
                owner: put.owner.telegram_id,
                event_id: event.map(|event| event.id),
                uid: put.sent.uid(),
                organizer: organizer.as_str(),
                component: put.sent.kind().as_str(),
                people: &people,
                most: None,
            };
            Some(self.meeting(&key).await?)
        };
        if let (Some(rows), Some(event)) = (&rows, event)
            && !rows.is_at(event)
        {
            return Ok(None);
        }
        let decide = || {
            let meeting = put.meeting(rows.as_ref()).map_err(OwnerPutError::Corrupt)?;
            meeting
                .organizer_put(put.sent.clone(), put.has_seen_all, put.now)
                .map_err(OwnerPutError::Refused)
        };
        let decided = for_so_many(people.len(), decide)?;
        let (upsert, plan) = (decided.upsert, decided.plan);
        if upsert.unchanged && plan == Plan::default() {
            return Ok(Some(OwnerWritten {
                outcome: WriteOutcome::Done,
                object: upsert.object,
                is_unchanged: true,
                tells_somebody: false,
            }));
        }
        let (outcome, tells_somebody) = match &rows {
            Some(rows) if upsert.role == Role::Organizer || plan != Plan::default() => {
                let outcome = self
                    .write_meeting(put, premises.as_ref(), rows, (&upsert, &plan))
                    .await?;
                (outcome, plan.tells_somebody())
            }
            // What there is of others has been left out of account, and nothing has checked that.
            Some(_) if premises.is_some() => return Ok(None),
            _ => self.write_alone(put, premises.as_ref(), &upsert).await?,
        };
        Ok(Some(OwnerWritten {
            tells_somebody: tells_somebody && outcome == WriteOutcome::Done,
            outcome,
            object: upsert.object,
            is_unchanged: false,
        }))
    }

    async fn write_meeting(
        &self,
        put: &OwnerPut<'_>,
        premises: Option<&Premises<'_>>,
        rows: &MeetingRows,
        (upsert, plan): (&Upsert, &Plan),
    ) -> Result<WriteOutcome, StoreError> {
        let etag = digest(upsert.object.as_bytes());
        let object = object_write(upsert, &etag);
        let organizer = match &put.slot.event {
            None => OrganizerWrite::Create(put.new_event(premises), &object),
            Some(_) => OrganizerWrite::Replace(&object),
        };
        self.write_scheduling(&SchedulingWrite {
            organizer,
            ..SchedulingWrite::planned(rows, plan, put.now)
        })
        .await
    }

    /// Of an object that concerns nobody else; whether the owner is told something, too.
    async fn write_alone(
        &self,
        put: &OwnerPut<'_>,
        premises: Option<&Premises<'_>>,
        upsert: &Upsert,
    ) -> Result<(WriteOutcome, bool), StoreError> {
        let etag = digest(upsert.object.as_bytes());
        let object = ObjectWrite {
            has_foreign_organizer: put.has_foreign_organizer(upsert),
            ..object_write(upsert, &etag)
        };
        let outcome = match &put.slot.event {
            None => self.create_event(put.new_event(premises), &object).await?,
            Some(event) => {
                self.replace_event(put.slot.calendar.id, event.id, event.sequence, &object)
                    .await?
            }
        };
        Ok((outcome, object.has_foreign_organizer))
    }

    /// Whether an account has room for an object of so many bytes at a place, over what is there.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn has_room(&self, slot: &Slot, bytes: usize) -> Result<bool, StoreError> {
        if slot.fits(bytes) {
            return Ok(true);
        }
        // What others invite somebody to takes nothing from them.
        let delivered = self.delivered_bytes(slot.calendar.owner).await?;
        Ok(slot.fits_beside(bytes, slot.owner_bytes - delivered))
    }
}

impl OwnerPut<'_> {
    /// Everybody with an internal address in the objects, but for the owner; sorted.
    fn people(&self) -> Vec<TelegramUserId> {
        let objects = [self.old, Some(self.sent)].into_iter().flatten();
        let people: BTreeSet<TelegramUserId> = objects
            .filter(|object| object.kind().is_scheduled())
            .flat_map(CalendarObject::components)
            .flat_map(Component::attendees)
            .filter_map(|attendee| attendee.address.telegram_user_id(self.domain))
            .filter(|id| *id != self.owner.telegram_id)
            .collect();
        people.into_iter().collect()
    }

    fn meeting(&self, rows: Option<&MeetingRows>) -> Result<Meeting, ObjectError> {
        let people = rows.map(|rows| rows.people_but(self.owner.telegram_id));
        Ok(Meeting {
            organizer: self.owner.clone(),
            object: self.old.cloned(),
            people: people.transpose()?.unwrap_or_default(),
            domain: self.domain.clone(),
        })
    }

    fn new_event<'p>(&'p self, premises: Option<&'p Premises<'p>>) -> NewEvent<'p> {
        NewEvent {
            id: self.id,
            calendar_id: self.slot.calendar.id,
            resource_name: self.name,
            premises,
        }
    }

    /// Whether the owner seems to think that they invite people, and do not: the ORGANIZER is somebody else, the owner is not
    /// among the attendees, and the server could deliver to some of them.
    fn has_foreign_organizer(&self, upsert: &Upsert) -> bool {
        let attends = |id| {
            let mut rows = upsert.attendees.iter();
            rows.any(|row| row.telegram_id == Some(id))
        };
        upsert.role == Role::Attendee
            && self.sent.organizer_schedule_agent() == ScheduleAgent::Server
            && !attends(self.owner.telegram_id)
            && upsert.attendees.iter().any(|row| {
                row.telegram_id.is_some() && Some(&row.address) != upsert.organizer.as_ref()
            })
    }
}

fn object_write<'a>(upsert: &'a Upsert, etag: &'a str) -> ObjectWrite<'a> {
    let bounds = occurrence_bounds(&upsert.object);
    ObjectWrite {
        object: upsert.object.as_bytes(),
        etag,
        uid: upsert.object.uid(),
        component: upsert.object.kind().as_str(),
        organizer: upsert.organizer.as_ref().map(CalendarUserAddress::as_str),
        owner_organizes: upsert.role == Role::Organizer,
        first_occurrence: bounds.first,
        last_occurrence: bounds.last,
        attendees: &upsert.attendees,
        has_foreign_organizer: false,
    }
}
