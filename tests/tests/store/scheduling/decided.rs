//! A change of a meeting between its decision and its write, where others come in between.

use anyhow::Result;
use chrono::{DateTime, Utc};
use televent_calendar::{
    CalendarUserAddress, Plan, Role, TelegramUserId, Upsert, occurrence_bounds,
};
use televent_store::{
    MeetingRows, NewEvent, ObjectWrite, OrganizerWrite, PressRecord, SchedulingWrite, Store,
    WriteOutcome, digest,
};
use uuid::Uuid;

use crate::support::at;

/// A change that is decided on what was there, and not written yet.
pub struct Decided {
    pub rows: MeetingRows,
    pub plan: Plan,
    pub place: Place,
    pub press: Option<PressRecord>,
    pub now: DateTime<Utc>,
}

/// What is written where the request goes to.
pub enum Place {
    /// The organizer's object, new.
    New(NewPlace, Box<Upsert>),
    /// The organizer's object, over the one that is there.
    Over(Box<Upsert>),
    /// The organizer's object goes.
    Gone,
    /// A copy of this person's, new.
    NewCopy(TelegramUserId, NewPlace),
    /// What the plan says.
    AsPlanned,
}

/// Where something new goes.
pub struct NewPlace {
    pub id: Uuid,
    pub calendar_id: Uuid,
    pub name: String,
}

impl NewPlace {
    pub fn in_calendar(calendar_id: Uuid, name: &str) -> Self {
        Self {
            id: Uuid::now_v7(),
            calendar_id,
            name: name.to_owned(),
        }
    }

    fn new_event(&self) -> NewEvent<'_> {
        NewEvent {
            id: self.id,
            calendar_id: self.calendar_id,
            resource_name: &self.name,
            premises: None,
        }
    }
}

impl Decided {
    pub async fn write(&self, store: &Store) -> Result<WriteOutcome> {
        let (object, etag);
        let organizer = match &self.place {
            Place::New(new, upsert) => {
                etag = digest(upsert.object.as_bytes());
                object = object_write(upsert, &etag);
                OrganizerWrite::Create(new.new_event(), &object)
            }
            Place::Over(upsert) => {
                etag = digest(upsert.object.as_bytes());
                object = object_write(upsert, &etag);
                OrganizerWrite::Replace(&object)
            }
            Place::Gone => OrganizerWrite::Remove,
            Place::NewCopy(..) | Place::AsPlanned => OrganizerWrite::AsPlanned,
        };
        let place = match &self.place {
            Place::NewCopy(who, new) => Some((*who, new.new_event())),
            _ => None,
        };
        let write = SchedulingWrite {
            rows: &self.rows,
            plan: &self.plan,
            organizer,
            place,
            now: self.now,
            press: self.press.as_ref(),
        };
        Ok(store.write_scheduling(&write).await?)
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

/// A change without a press, at the first second.
pub fn decided(rows: MeetingRows, plan: Plan, place: Place) -> Decided {
    Decided {
        rows,
        plan,
        place,
        press: None,
        now: at(0),
    }
}
