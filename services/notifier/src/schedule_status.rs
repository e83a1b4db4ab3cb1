//! What became of a card, said in the organizer's object: SCHEDULE-STATUS of the attendee (RFC 6638 section 3.2.9), so that
//! the organizer's calendar app shows who was not reached.

use std::collections::BTreeMap;

use chrono::Utc;
use televent_calendar::{CalendarObject, InternalDomain, Meeting, Owner, Plan, ScheduleStatus};
use televent_store::{CardKey, CardSubject, MeetingRows, SchedulingWrite, WriteOutcome};

use crate::deliver::{DeliverError, Notifier};

/// How often it is tried again because the event changed in between.
const MAX_TRIES: usize = 8;

impl Notifier {
    /// Whether the object does not say so yet.
    pub(crate) fn is_news(
        &self,
        key: &CardKey,
        subject: &CardSubject,
        status: ScheduleStatus,
    ) -> Result<bool, DeliverError> {
        if !subject.invited || subject.deleted || key.telegram_id == subject.owner {
            return Ok(false);
        }
        let meeting = Meeting {
            organizer: Owner {
                telegram_id: subject.owner,
                common_name: subject.owner_name.clone(),
            },
            object: Some(CalendarObject::from_stored(subject.object.clone())?),
            people: BTreeMap::new(),
            domain: self.domain.clone(),
        };
        Ok(meeting.delivered(key.telegram_id, status).is_some())
    }

    /// Makes it say so, and of everybody else what has become known meanwhile: of a thousand cards that can't be delivered, each
    /// would get in the way of the organizer's next change.
    pub(crate) async fn note_delivery(
        &self,
        key: &CardKey,
        subject: &CardSubject,
        status: ScheduleStatus,
    ) -> Result<(), DeliverError> {
        if !self.is_news(key, subject, status)? {
            return Ok(());
        }
        for _ in 0..MAX_TRIES {
            let mut deliveries = self.store.deliveries(key.event_id).await?;
            deliveries.insert(key.telegram_id, status);
            let Some(organizer) = self.store.organizer_row(key.event_id).await? else {
                return Ok(());
            };
            let rows = MeetingRows {
                owner: organizer.owner,
                organizer: Some(organizer),
                people: Vec::new(),
            };
            let meeting = rows.stored_meeting(&self.domain)?;
            let news = meeting.and_then(|meeting| meeting.delivered_to(&deliveries));
            let Some(stored) = news else {
                return Ok(());
            };
            let plan = Plan {
                // The tally says whom the invitation did not reach, and must not say it any longer.
                stale_tally: status == ScheduleStatus::Delivered
                    && was_not_reached(subject, key, &self.domain),
                organizer: Some(stored),
                ..Plan::default()
            };
            let write = SchedulingWrite::planned(&rows, &plan, Utc::now());
            if self.store.write_scheduling(&write).await? == WriteOutcome::Done {
                return Ok(());
            }
        }
        Err(DeliverError::Busy)
    }
}

/// Whether the object says of the reader that the invitation did not reach them.
fn was_not_reached(subject: &CardSubject, key: &CardKey, domain: &InternalDomain) -> bool {
    let Ok(object) = CalendarObject::from_stored(subject.object.clone()) else {
        return false;
    };
    let attendees = object.attendees();
    let mut own = attendees
        .iter()
        .filter(|attendee| attendee.address.telegram_user_id(domain) == Some(key.telegram_id));
    own.any(|attendee| {
        let status = attendee.schedule_status.as_deref();
        status.is_some_and(|status| status != ScheduleStatus::Delivered.as_str())
    })
}
