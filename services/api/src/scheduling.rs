//! Scheduling operations behind PUT and DELETE (RFC 6638 section 3.2): load the meeting, decide, and one statement that
//! writes the object, the copies of others, their inboxes, and what the world must be told.

use std::collections::BTreeSet;

use chrono::Utc;
use televent_calendar::{
    CalendarObject, CopyChange, CopyWrite, Meeting, Plan, Refusal, ScheduleAgent, TelegramUserId,
};
use televent_store::{
    CopyRow, Event, MeetingRows, NewEvent, OwnerPut, OwnerPutError, OwnerRemoval, OwnerRemoved,
    Recalled, SchedulingWrite, Slot, WriteOutcome,
};
use uuid::Uuid;

use crate::{
    error::ApiError,
    methods::{not_for_clients_to_deliver, owner_of, stored_object},
    routes::Call,
    xml::CALDAV,
};

/// What a PUT stores at its place.
pub(crate) struct Written {
    pub(crate) outcome: WriteOutcome,
    pub(crate) object: CalendarObject,
    /// Whether what is stored was there before, byte for byte.
    pub(crate) is_unchanged: bool,
}

/// The object of a PUT and what is at its place.
pub(crate) struct Put<'a> {
    pub(crate) call: &'a Call,
    pub(crate) slot: &'a Slot,
    /// The last segment of the URL.
    pub(crate) name: &'a str,
    pub(crate) old: Option<&'a CalendarObject>,
    pub(crate) sent: &'a CalendarObject,
    /// Whether the client has named the state that it changes, and it is that.
    pub(crate) is_current: bool,
    /// Whether it has named it by its entity tag, so that it knows the answers, too.
    pub(crate) has_seen_all: bool,
    /// Our id for the object, if nothing is there yet.
    pub(crate) id: Uuid,
}

impl Put<'_> {
    /// Decides and writes on what is remembered alone. `None` if Postgres has to be asked first.
    pub(crate) async fn store_on(&self, recalled: &Recalled) -> Result<Option<Written>, ApiError> {
        let organizer = self.sent.organizer();
        let id = organizer.map(|organizer| organizer.telegram_user_id(&self.call.scene.domain));
        if id.is_some_and(|id| id != Some(self.me())) {
            // It may be a copy of somebody's.
            return Ok(None);
        }
        self.store_as_owner(Some(recalled)).await
    }

    /// Decides and writes. `None` if the place has changed since it was looked at.
    pub(crate) async fn store(&self) -> Result<Option<Written>, ApiError> {
        match meeting_of_copy(self.call, self.slot.event.as_ref(), self.sent).await? {
            Some(meeting_id) => self.store_as_attendee(meeting_id).await,
            None => self.store_as_owner(None).await,
        }
    }

    fn me(&self) -> TelegramUserId {
        self.call.scene.user.telegram_id
    }

    async fn store_as_owner(
        &self,
        recalled: Option<&Recalled>,
    ) -> Result<Option<Written>, ApiError> {
        let scene = &self.call.scene;
        let put = OwnerPut {
            owner: owner_of(&scene.user),
            domain: &scene.domain,
            slot: self.slot,
            name: self.name,
            old: self.old,
            sent: self.sent,
            has_seen_all: self.has_seen_all,
            id: self.id,
            recalled,
            now: Utc::now(),
        };
        let written = self.call.api.store.put_as_owner(&put).await?;
        Ok(written.map(|written| {
            wake_relay(self.call, written.tells_somebody);
            Written {
                outcome: written.outcome,
                object: written.object,
                is_unchanged: written.is_unchanged,
            }
        }))
    }

    async fn store_as_attendee(&self, meeting_id: Uuid) -> Result<Option<Written>, ApiError> {
        let store = &self.call.api.store;
        let Some((mut rows, meeting)) = load(self.call, meeting_id, false).await? else {
            return Ok(None);
        };
        let me = self.me();
        let own = rows.people.iter_mut().find(|row| row.telegram_id == me);
        let is_stored = own.as_ref().is_some_and(|own| own.copy.is_some());
        match (&self.slot.event, own) {
            // It is in another place.
            (None, Some(own)) if own.copy.is_some() => {
                let taken = store
                    .holder_of_uid(self.slot.calendar.id, self.sent.uid())
                    .await?;
                return Ok(Some(Written {
                    outcome: taken,
                    object: self.sent.clone(),
                    is_unchanged: false,
                }));
            }
            (None, _) => {}
            (Some(event), Some(own)) => match &own.copy {
                Some(copy) if copy.id == event.id && copy.version == event.version => {}
                // Something of their own that nobody organizes becomes the copy.
                None if !event.is_scheduled => {
                    own.copy = Some(CopyRow {
                        id: event.id,
                        calendar_id: self.slot.calendar.id,
                        object: event.object.clone(),
                        version: event.version,
                    });
                }
                _ => return Ok(None),
            },
            (Some(_), None) => return Ok(None),
        }
        let now = Utc::now();
        let (object, mut plan) = meeting
            .attendee_put(self.me(), self.sent, self.is_current, now)
            .map_err(|refusal| refused(&refusal))?;
        let event = self.slot.event.as_ref();
        let is_linked = event.is_some_and(|event| event.organizer_event_id.is_some());
        let is_same = is_stored && event.is_some_and(|event| event.object == object.as_bytes());
        if is_linked && is_same && plan == Plan::default() {
            return Ok(Some(Written {
                outcome: WriteOutcome::Done,
                object,
                is_unchanged: true,
            }));
        }
        if !plan.copies.iter().any(|change| change.of == self.me()) {
            plan.copies.push(CopyChange {
                of: self.me(),
                write: CopyWrite::Replace {
                    object: object.clone(),
                    changes_schedule_tag: true,
                },
            });
        }
        let place = self
            .slot
            .event
            .is_none()
            .then(|| (self.me(), self.new_event()));
        let change = SchedulingWrite {
            place,
            ..SchedulingWrite::planned(&rows, &plan, now)
        };
        Ok(Some(Written {
            outcome: write(self.call, &change).await?,
            object,
            is_unchanged: false,
        }))
    }

    fn new_event(&self) -> NewEvent<'_> {
        NewEvent {
            id: self.id,
            calendar_id: self.slot.calendar.id,
            resource_name: self.name,
            premises: None,
        }
    }
}

/// Takes an answer that a client has written into an invitation in the inbox. `false` if the meeting has changed meanwhile.
pub(crate) async fn reply_in_inbox(
    call: &Call,
    invitation: &Event,
    sent: &CalendarObject,
) -> Result<bool, ApiError> {
    let me = call.scene.user.telegram_id;
    let meeting = match invitation.organizer_event_id {
        Some(meeting_id) => load(call, meeting_id, false).await?,
        None => None,
    };
    let Some((rows, meeting)) = meeting else {
        return Err(not_for_clients_to_deliver());
    };
    let now = Utc::now();
    let plan = meeting
        .inbox_reply(me, sent, now)
        .map_err(|refusal| refused(&refusal))?;
    // Even if nothing is new, the invitation has been dealt with.
    let plan = plan.unwrap_or_else(|| Plan {
        read: BTreeSet::from([me]),
        ..Plan::default()
    });
    let outcome = write(call, &SchedulingWrite::planned(&rows, &plan, now)).await?;
    Ok(outcome == WriteOutcome::Done)
}

/// The meeting of which an object is the asker's copy; `None` if it is none, or a client handles it. What was put before the
/// invitation came is not linked to it yet.
async fn meeting_of_copy(
    call: &Call,
    event: Option<&Event>,
    object: &CalendarObject,
) -> Result<Option<Uuid>, ApiError> {
    if object.organizer().is_some() && object.organizer_schedule_agent() != ScheduleAgent::Server {
        return Ok(None);
    }
    if let Some(meeting_id) = event.and_then(|event| event.organizer_event_id) {
        return Ok(Some(meeting_id));
    }
    let me = call.scene.user.telegram_id;
    let organizer = object
        .organizer()
        .and_then(|organizer| organizer.telegram_user_id(&call.scene.domain))
        .filter(|organizer| *organizer != me);
    match organizer.filter(|_| object.kind().is_scheduled()) {
        Some(organizer) => Ok(call
            .api
            .store
            .meeting_of(organizer, object.uid(), me)
            .await?),
        None => Ok(None),
    }
}

/// Removes a resource, and tells of it those whom it concerns: the invited, or the organizer, unless the client does not
/// want that (`replies`). `false` if it has changed since it was loaded.
pub(crate) async fn remove(call: &Call, event: &Event, replies: bool) -> Result<bool, ApiError> {
    let meeting_id = if event.method.is_some() {
        // A message is no copy: whoever has read it has not answered.
        None
    } else if event.owner_organizes {
        Some(event.id)
    } else {
        let object = stored_object(event.object.clone())?;
        meeting_of_copy(call, Some(event), &object).await?
    };
    let meeting = match meeting_id {
        Some(meeting_id) => load(call, meeting_id, event.owner_organizes).await?,
        None => None,
    };
    let removal = OwnerRemoval {
        owner: call.scene.user.telegram_id,
        event,
        meeting: meeting.as_ref(),
        replies,
        now: Utc::now(),
    };
    match call.api.store.remove_as_owner(&removal).await? {
        OwnerRemoved::Done { tells_somebody } => {
            wake_relay(call, tells_somebody);
            Ok(true)
        }
        OwnerRemoved::Changed => Ok(false),
    }
}

/// Writes a change of a meeting, and wakes the relay if it has something to tell.
async fn write(call: &Call, write: &SchedulingWrite<'_>) -> Result<WriteOutcome, ApiError> {
    let outcome = call.api.store.write_scheduling(write).await?;
    wake_relay(
        call,
        outcome == WriteOutcome::Done && write.plan.tells_somebody(),
    );
    Ok(outcome)
}

fn wake_relay(call: &Call, tells_somebody: bool) {
    if tells_somebody {
        call.api.relay.wake();
    }
}

/// A meeting by its organizer's object, which is the asker's own or not; `None` if that is gone altogether.
async fn load(
    call: &Call,
    meeting_id: Uuid,
    is_own: bool,
) -> Result<Option<(MeetingRows, Meeting)>, ApiError> {
    let me = call.scene.user.telegram_id;
    let store = &call.api.store;
    let rows = if is_own {
        store.meeting_by_id(meeting_id, &[]).await?
    } else {
        store.meeting_of_attendee(meeting_id, me).await?
    };
    let Some(rows) = rows else {
        return Ok(None);
    };
    let meeting = rows
        .stored_meeting(&call.scene.domain)
        .map_err(ApiError::Corrupt)?;
    Ok(meeting.map(|meeting| (rows, meeting)))
}

impl From<OwnerPutError> for ApiError {
    fn from(error: OwnerPutError) -> Self {
        match error {
            OwnerPutError::Store(error) => Self::Store(error),
            OwnerPutError::Refused(refusal) => refused(&refusal),
            OwnerPutError::Corrupt(error) => Self::Corrupt(error),
        }
    }
}

fn refused(refusal: &Refusal) -> ApiError {
    let condition = match refusal {
        Refusal::OrganizerChange(_) => CALDAV.name("allowed-organizer-scheduling-object-change"),
        Refusal::AttendeeChange(_) => CALDAV.name("allowed-attendee-scheduling-object-change"),
    };
    ApiError::forbidden(condition, refusal.to_string())
}

/// Whether anybody is concerned by an object that is stored.
pub(crate) fn concerns_others(event: &Event) -> Result<bool, ApiError> {
    let object = stored_object(event.object.clone())?;
    Ok(event.is_scheduled && !object.attendees().is_empty())
}
