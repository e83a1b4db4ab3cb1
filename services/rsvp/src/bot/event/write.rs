//! A draft becomes an event of the default calendar, in the same way as what a calendar app puts there.

use chrono::Utc;
use chrono_tz::Tz;
use televent_calendar::{
    CalendarObject, CalendarUserAddress, ComponentKind, Invitee, Owner, SimpleEvent, TelegramUserId,
};
use televent_conversation::{EventDraft, EventScreen, Guest};
use televent_store::{OwnerPut, OwnerPutError, Slot, WriteOutcome};
use tracing::warn;
use uuid::Uuid;

use crate::{
    apply::{Apply, ApplyError},
    bot::Turn,
};

/// How often a write is decided again because the place changed in between.
pub(super) const MAX_TRIES: usize = 8;

/// What became of a try.
pub(super) enum Tried {
    Written,
    /// The place has changed since it was looked at.
    Changed,
    /// It can't be, and this tells why.
    Refused(EventScreen),
}

/// Saves a complete draft, and tells what became of it. What was saved before stays as it is by now.
pub(super) async fn save(
    turn: &Turn<'_>,
    zone: Tz,
    draft: &EventDraft,
) -> Result<EventScreen, ApplyError> {
    let store = &turn.apply.store;
    let saved = EventScreen::Saved { event_id: draft.id };
    let Some(time) = draft.when(zone) else {
        return Ok(EventScreen::Gone);
    };
    for _ in 0..MAX_TRIES {
        if store.event_was_made(draft.id).await? {
            return Ok(saved);
        }
        let Some(slug) = default_calendar(turn).await? else {
            return Ok(EventScreen::NoCalendar);
        };
        let name = format!("{}.ics", draft.id);
        let Some(slot) = store.slot(turn.from.id, &slug, &name).await? else {
            continue;
        };
        let uid = draft.id.to_string();
        let attendees = invitees(turn.apply, &draft.guests);
        let event = SimpleEvent {
            uid: &uid,
            title: &draft.title,
            place: draft.place.as_deref(),
            time,
            organizer: invitee(turn.apply, turn.from.id, &turn.from.name),
            attendees: &attendees,
            stamp: turn.record.received_at,
        };
        let object = event.to_object()?;
        let place = Place {
            slot: &slot,
            name: &name,
            old: None,
        };
        match try_to_put(turn, &place, &object, draft.id).await? {
            Tried::Written => return Ok(saved),
            Tried::Changed => {}
            Tried::Refused(why) => return Ok(why),
        }
    }
    Err(ApplyError::Busy)
}

/// Where an object goes.
pub(super) struct Place<'a> {
    pub(super) slot: &'a Slot,
    pub(super) name: &'a str,
    /// What is there.
    pub(super) old: Option<&'a CalendarObject>,
}

/// One try, in the same way as what a calendar app of theirs puts.
pub(super) async fn try_to_put(
    turn: &Turn<'_>,
    place: &Place<'_>,
    sent: &CalendarObject,
    id: Uuid,
) -> Result<Tried, ApplyError> {
    let store = &turn.apply.store;
    if !store.has_room(place.slot, sent.as_bytes().len()).await? {
        return Ok(Tried::Refused(EventScreen::NoRoom));
    }
    let put = OwnerPut {
        recalled: None,
        owner: Owner {
            telegram_id: turn.from.id,
            common_name: turn.from.name.clone(),
        },
        domain: &turn.apply.domain,
        slot: place.slot,
        name: place.name,
        old: place.old,
        sent,
        has_seen_all: true,
        id,
        now: Utc::now(),
    };
    let written = match store.put_as_owner(&put).await {
        Ok(Some(written)) => written,
        Ok(None) => return Ok(Tried::Changed),
        Err(OwnerPutError::Store(error)) => return Err(error.into()),
        Err(OwnerPutError::Corrupt(error)) => return Err(error.into()),
        Err(OwnerPutError::Refused(refusal)) => {
            warn!(%refusal, "an event is not taken");
            return Ok(Tried::Refused(EventScreen::TooManyPeople));
        }
    };
    Ok(match written.outcome {
        WriteOutcome::Done => Tried::Written,
        WriteOutcome::Conflict
        | WriteOutcome::UidTaken { .. }
        | WriteOutcome::SchedulingUidTaken { .. } => Tried::Changed,
    })
}

/// The calendar into which invitations would go, or else the first one that takes events: the last part of its URL.
async fn default_calendar(turn: &Turn<'_>) -> Result<Option<String>, ApplyError> {
    let store = &turn.apply.store;
    let user = store.user(turn.from.id).await?;
    let chosen = user.and_then(|user| user.default_calendar);
    let mut calendars = store.calendars(turn.from.id).await?;
    let event = ComponentKind::Event.as_str();
    calendars.retain(|calendar| {
        let components = &calendar.properties.components;
        components.iter().any(|component| component == event)
    });
    let chosen = calendars
        .iter()
        .find(|calendar| Some(calendar.id) == chosen)
        .or_else(|| calendars.first());
    Ok(chosen.map(|calendar| calendar.slug.clone()))
}

fn invitee(apply: &Apply, id: TelegramUserId, name: &str) -> Invitee {
    Invitee {
        address: CalendarUserAddress::internal(id, &apply.domain),
        common_name: name.to_owned(),
    }
}

/// Guests as attendees. Whose id is none of a person's is left out.
pub(super) fn invitees(apply: &Apply, guests: &[Guest]) -> Vec<Invitee> {
    let people = guests.iter().filter_map(|guest| {
        let id = TelegramUserId::new(guest.id).ok()?;
        Some(invitee(apply, id, &guest.name))
    });
    people.collect()
}
