//! The owner of a calendar removes an object from it, whatever asks for it: what that means for the others in it is decided, and
//! everything is written in one statement (RFC 6638 section 3.2).

use chrono::{DateTime, Utc};
use televent_calendar::{Meeting, TelegramUserId};

use crate::{
    Event, MeetingRows, OrganizerWrite, RemoveOutcome, SchedulingWrite, Store, StoreError,
    WriteOutcome,
};

/// An object that the owner of a calendar removes.
#[derive(Clone, Copy, Debug)]
pub struct OwnerRemoval<'a> {
    /// Whose calendar it is in.
    pub owner: TelegramUserId,
    /// The object, as it was when this was decided on.
    pub event: &'a Event,
    /// The meeting that it is the organizer's object of, or the owner's copy; `None` if there is none, or none any more.
    pub meeting: Option<&'a (MeetingRows, Meeting)>,
    /// Whether the organizer hears of it if it is a copy.
    pub replies: bool,
    /// The time of the decision.
    pub now: DateTime<Utc>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerRemoved {
    /// It is gone.
    Done {
        /// Whether outbox rows were written, which the relay should see at once.
        tells_somebody: bool,
    },
    /// It has changed since it was looked at, or the meeting has.
    Changed,
}

impl Store {
    /// Removes an object, and tells of it those whom it concerns: the invited, or the organizer.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn remove_as_owner(
        &self,
        removal: &OwnerRemoval<'_>,
    ) -> Result<OwnerRemoved, StoreError> {
        let event = removal.event;
        let Some((rows, meeting)) = removal.meeting else {
            return self.remove_alone(event).await;
        };
        if event.owner_organizes {
            if !rows.is_at(event) {
                return Ok(OwnerRemoved::Changed);
            }
            let plan = meeting.organizer_delete(removal.now);
            let write = SchedulingWrite {
                organizer: OrganizerWrite::Remove,
                ..SchedulingWrite::planned(rows, &plan, removal.now)
            };
            return self.write_removal(&write).await;
        }
        if !rows.has_copy_at(removal.owner, event) {
            return self.remove_alone(event).await;
        }
        let plan = meeting.attendee_delete(removal.owner, removal.replies, removal.now);
        self.write_removal(&SchedulingWrite::planned(rows, &plan, removal.now))
            .await
    }

    async fn write_removal(&self, write: &SchedulingWrite<'_>) -> Result<OwnerRemoved, StoreError> {
        let outcome = self.write_scheduling(write).await?;
        Ok(removed(
            outcome == WriteOutcome::Done,
            write.plan.tells_somebody(),
        ))
    }

    /// Of what concerns nobody else, such as a copy of what is gone already.
    async fn remove_alone(&self, event: &Event) -> Result<OwnerRemoved, StoreError> {
        let outcome = self.remove_event(event.id, event.sequence).await?;
        Ok(removed(outcome == RemoveOutcome::Done, false))
    }
}

fn removed(is_done: bool, tells_somebody: bool) -> OwnerRemoved {
    if is_done {
        OwnerRemoved::Done { tells_somebody }
    } else {
        OwnerRemoved::Changed
    }
}
