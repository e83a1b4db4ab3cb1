//! What became of a card, said in the organizer's object: SCHEDULE-STATUS of the attendee (RFC 6638 section 3.2.9), so that
//! the organizer's calendar app shows who was not reached.

use std::collections::BTreeMap;

use chrono::Utc;
use televent_calendar::{CalendarObject, Meeting, Owner, Plan, ScheduleStatus, TelegramUserId};
use televent_runtime::Failpoint;
use televent_store::{CardKey, CardSubject, MeetingRows, SchedulingWrite, WriteOutcome};
use tokio::sync::{Mutex, MutexGuard};

use crate::deliver::{DeliverError, Notifier};

/// How often it is tried again because the event changed in between.
const MAX_TRIES: usize = 8;

/// Organizers whose turns are told apart.
const STRIPES: usize = 64;

/// Lets one at a time write to an organizer's calendar. In Postgres they would wait for each other's row with a connection each, which
/// are then missed elsewhere; and whoever comes next finds most of it said.
pub(crate) struct OrganizerTurns([Mutex<()>; STRIPES]);

impl OrganizerTurns {
    async fn of(&self, organizer: TelegramUserId) -> Option<MutexGuard<'_, ()>> {
        let stripe = usize::try_from(organizer.get()).unwrap_or_default() % STRIPES;
        Some(self.0.get(stripe)?.lock().await)
    }
}

impl Default for OrganizerTurns {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Notifier {
    /// Whether the object does not say so yet.
    pub(crate) fn is_news(
        &self,
        key: &CardKey,
        subject: &CardSubject,
        object: &CalendarObject,
        status: ScheduleStatus,
    ) -> bool {
        if !subject.invited || subject.deleted || key.telegram_id == subject.owner {
            return false;
        }
        let meeting = Meeting {
            organizer: Owner {
                telegram_id: subject.owner,
                common_name: subject.owner_name.clone(),
            },
            object: Some(object.clone()),
            people: BTreeMap::new(),
            domain: self.domain.clone(),
        };
        meeting.delivered(key.telegram_id, status).is_some()
    }

    /// Makes it say so, and of everybody else what has become known meanwhile: of a thousand cards that can't be delivered, each
    /// would get in the way of the organizer's next change.
    pub(crate) async fn note_delivery(
        &self,
        key: &CardKey,
        subject: &CardSubject,
        object: &CalendarObject,
        status: ScheduleStatus,
    ) -> Result<(), DeliverError> {
        if !self.is_news(key, subject, object, status) {
            return Ok(());
        }
        let _turn = self.organizers.of(subject.owner).await;
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
                organizer: Some(stored),
                ..Plan::default()
            };
            let write = SchedulingWrite::planned(&rows, &plan, Utc::now());
            if self.store.write_scheduling(&write).await? == WriteOutcome::Done {
                Failpoint::ScheduleStatusNoted.reached();
                return Ok(());
            }
        }
        Err(DeliverError::Busy)
    }
}
