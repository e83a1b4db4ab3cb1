//! People whom somebody picks in the app's own picker: into a draft, or into an event that is there.

use televent_calendar::{CalendarObject, Invitee, TelegramUserId};
use televent_conversation::{EventDraft, EventScreen, Guest, Screen, Step};
use televent_store::PickedPerson;
use televent_telegram::SharedUser;
use uuid::Uuid;

use super::{
    ask, gone,
    write::{MAX_TRIES, Place, Tried, invitees, try_to_put},
};
use crate::{
    apply::ApplyError,
    bot::{Reply, Turn},
};

/// Somebody wants to invite to an event: they are shown the picker.
pub(super) async fn invite(turn: &Turn<'_>, event_id: Uuid) -> Result<Reply, ApplyError> {
    let store = &turn.apply.store;
    if store
        .place_of_own_event(turn.from.id, event_id)
        .await?
        .is_none()
    {
        return Ok(gone(turn));
    }
    Reply::asking(
        Screen::Event(EventScreen::PickPeople),
        &Step::Invite { event_id },
    )
}

/// People were picked for a draft.
pub(super) async fn picked_for_draft(
    turn: &Turn<'_>,
    mut draft: EventDraft,
    users: &[SharedUser],
) -> Result<Reply, ApplyError> {
    draft.add_guests(guests(turn, users).await?);
    ask(draft, None, false)
}

/// People were picked for an event: they are asked from now on, and those who were asked before are not asked again.
pub(crate) async fn invited(
    turn: &Turn<'_>,
    event_id: Uuid,
    users: &[SharedUser],
) -> Result<Reply, ApplyError> {
    let guests = guests(turn, users).await?;
    let invitees = invitees(turn.apply, &guests);
    let store = &turn.apply.store;
    for _ in 0..MAX_TRIES {
        let Some(place) = store.place_of_own_event(turn.from.id, event_id).await? else {
            return Ok(Reply::with(Screen::Event(EventScreen::Gone)).ending());
        };
        let name = place.resource_name;
        let slot = store.slot(turn.from.id, &place.slug, &name).await?;
        let Some((slot, event)) = slot.and_then(|slot| {
            let event = slot.event.clone().filter(|event| event.id == event_id)?;
            Some((slot, event))
        }) else {
            continue;
        };
        let old = CalendarObject::from_stored(event.object)?;
        let (known, added): (Vec<&Invitee>, Vec<&Invitee>) =
            invitees.iter().partition(|invitee| is_in(&old, invitee));
        // Again through the door for what comes from outside: that knows the limits.
        let sent = old.with_attendees(&invitees);
        let Ok(sent) = CalendarObject::parse(sent.into_bytes()) else {
            return Ok(Reply::with(Screen::Event(EventScreen::TooManyPeople)).ending());
        };
        let names = |people: &[&Invitee]| {
            let names = people.iter().map(|invitee| invitee.common_name.clone());
            names.collect()
        };
        let invited = EventScreen::Invited {
            event_id,
            added: names(&added),
            known: names(&known),
        };
        let place = Place {
            slot: &slot,
            name: &name,
            old: Some(&old),
        };
        let screen = match try_to_put(turn, &place, &sent, event_id).await? {
            Tried::Written => invited,
            Tried::Changed => continue,
            Tried::Refused(why) => why,
        };
        return Ok(Reply::with(Screen::Event(screen)).ending());
    }
    Err(ApplyError::Busy)
}

/// Whether somebody is asked to all of it.
fn is_in(object: &CalendarObject, invitee: &Invitee) -> bool {
    let mut components = object.components().iter();
    components.all(|component| component.attendee(&invitee.address).is_some())
}

/// Those who were picked, but for the picker and the bot. They may see when the picker is busy from now on, and have the names
/// by which the picker knows them until they tell theirs.
async fn guests(turn: &Turn<'_>, users: &[SharedUser]) -> Result<Vec<Guest>, ApplyError> {
    let store = &turn.apply.store;
    let picked: Vec<&SharedUser> = users
        .iter()
        .filter(|user| user.id != turn.from.id && user.id.get() != turn.record.bot_id)
        .collect();
    let people: Vec<PickedPerson> = picked
        .iter()
        .map(|user| PickedPerson {
            telegram_id: user.id,
            name: user.name.clone(),
            username: user.username.clone(),
        })
        .collect();
    store.note_names(&people).await?;
    let ids: Vec<TelegramUserId> = picked.iter().map(|user| user.id).collect();
    store.note_picked(turn.from.id, &ids).await?;
    let mut guests = Vec::new();
    for user in picked {
        // Others in the event read it: what people call themselves goes before what the picker calls them.
        let person = store.person(user.id).await?;
        guests.push(Guest {
            id: user.id.get(),
            name: person.name.unwrap_or_else(|| name_of(user)),
        });
    }
    Ok(guests)
}

/// Some have no name that the picker may tell.
fn name_of(user: &SharedUser) -> String {
    let name = user.name.split_whitespace().collect::<Vec<_>>().join(" ");
    match (name.is_empty(), &user.username) {
        (false, _) => name,
        (true, Some(username)) => format!("@{username}"),
        (true, None) => user.id.to_string(),
    }
}
