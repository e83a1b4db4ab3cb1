//! All calendars as files, and the end of an account.
//!
//! Others' meetings go on without whoever leaves: their invitations are declined, and the address stays in the objects of the
//! organizers, who have it in their calendars. What the leaving organize is cancelled, as if they deleted each meeting; its rows
//! are kept for as long as its cards may be read ([`KEEP_DELETED`](televent_store::KEEP_DELETED)).

use chrono::Utc;
use televent_calendar::{PartStat, Plan, Scope};
use televent_conversation::{Screen, Step};
use televent_store::{Event, OwnerRemoval, OwnerRemoved, SchedulingWrite, WriteOutcome};
use uuid::Uuid;

use super::{Reply, Turn};
use crate::apply::ApplyError;

/// Meetings that are looked for at once.
const PAGE: i64 = 100;

/// Meetings that are ended by one delivery of the update, well within the time that it has. Then it is delivered again, and
/// goes on.
const MEETINGS_OF_ONE_DELIVERY: usize = 200;

/// How often a meeting is tried again because it changed in between.
const MAX_TRIES: usize = 8;

/// Each calendar as a file.
pub(super) async fn export(turn: &Turn<'_>) -> Result<Reply, ApplyError> {
    let calendars = turn.apply.store.calendars(turn.from.id).await?;
    let mut files = calendars.into_iter().map(|calendar| Screen::CalendarFile {
        calendar_id: calendar.id,
    });
    Ok(match files.next() {
        None => Reply::with(Screen::NoAccount),
        Some(first) => Reply {
            more: files.collect(),
            ..Reply::with(first)
        },
    }
    .ending())
}

/// Asks whether all shall go.
pub(super) fn ask(turn: &Turn<'_>) -> Result<Reply, ApplyError> {
    if turn.person.has_account {
        Reply::asking(Screen::DeleteAccount, &Step::DeleteAccount)
    } else {
        Ok(Reply::with(Screen::NoAccount).ending())
    }
}

/// The account is deleted, if that is what is asked at present: an old button begins with the question.
///
/// The update is delivered again until all of this is done, and what is done is found done: access first, so that no app
/// makes anything new; then each meeting alone; the calendars; and what is known of the person.
pub(super) async fn delete(turn: &Turn<'_>) -> Result<Reply, ApplyError> {
    if !matches!(turn.step().await?, Some(Step::DeleteAccount)) {
        if !turn.person.has_account {
            return Ok(deleted(turn));
        }
        let asked = ask(turn)?;
        return Ok(Reply {
            here: asked.screen,
            screen: None,
            ..asked
        });
    }
    let store = &turn.apply.store;
    let who = turn.from.id;
    store.revoke_access(who).await?;
    end_meetings(turn).await?;
    decline_the_rest(turn).await?;
    for calendar_id in store.collections(who).await? {
        store.remove_calendar(calendar_id).await?;
    }
    turn.apply.relay.wake();
    store.forget_person(who).await?;
    Ok(deleted(turn))
}

fn deleted(turn: &Turn<'_>) -> Reply {
    let language = turn.language.code().to_owned();
    Reply::here(Screen::AccountDeleted { language }).ending()
}

/// Each meeting to come that is in their calendars is cancelled or declined, as by a DELETE of it (RFC 6638 section 3.2).
async fn end_meetings(turn: &Turn<'_>) -> Result<(), ApplyError> {
    let store = &turn.apply.store;
    let mut ended = 0;
    for calendar in store.calendars(turn.from.id).await? {
        loop {
            let names = store.coming_meetings(calendar.id, Utc::now(), PAGE).await?;
            if names.is_empty() {
                break;
            }
            for name in names {
                if ended == MEETINGS_OF_ONE_DELIVERY {
                    return Err(ApplyError::Unfinished);
                }
                ended += 1;
                end_meeting(turn, &calendar.slug, &name).await?;
            }
        }
    }
    Ok(())
}

async fn end_meeting(turn: &Turn<'_>, slug: &str, name: &str) -> Result<(), ApplyError> {
    for _ in 0..MAX_TRIES {
        let slot = turn.apply.store.slot(turn.from.id, slug, name).await?;
        let Some(event) = slot.and_then(|slot| slot.event) else {
            return Ok(());
        };
        if try_to_end(turn, &event).await? {
            turn.apply.relay.wake();
            return Ok(());
        }
    }
    Err(ApplyError::Busy)
}

/// `false` if it has changed meanwhile.
async fn try_to_end(turn: &Turn<'_>, event: &Event) -> Result<bool, ApplyError> {
    let store = &turn.apply.store;
    let who = turn.from.id;
    let rows = match event.organizer_event_id.filter(|_| !event.owner_organizes) {
        Some(meeting_id) => store.meeting_of_attendee(meeting_id, who).await?,
        None => store.meeting_by_id(event.id, &[]).await?,
    };
    let meeting = match rows {
        Some(rows) => {
            let meeting = rows.stored_meeting(&turn.apply.domain)?;
            meeting.map(|meeting| (rows, meeting))
        }
        None => None,
    };
    let removal = OwnerRemoval {
        owner: who,
        event,
        meeting: meeting.as_ref(),
        replies: true,
        now: Utc::now(),
    };
    let removed = store.remove_as_owner(&removal).await?;
    Ok(removed != OwnerRemoved::Changed)
}

/// Invitations that have no copy in their calendars are declined as by their cards.
async fn decline_the_rest(turn: &Turn<'_>) -> Result<(), ApplyError> {
    let store = &turn.apply.store;
    let limit = i64::try_from(MEETINGS_OF_ONE_DELIVERY).unwrap_or(i64::MAX);
    let rest = store.meetings_without_copy(turn.from.id, limit).await?;
    let is_all = rest.len() < MEETINGS_OF_ONE_DELIVERY;
    let mut declined = 0;
    for event_id in rest {
        declined += usize::from(decline(turn, event_id).await?);
    }
    // What can't be declined is found again each time.
    if is_all || declined == 0 {
        Ok(())
    } else {
        Err(ApplyError::Unfinished)
    }
}

/// `false` if there is nothing to decline, or no room for the answer.
async fn decline(turn: &Turn<'_>, event_id: Uuid) -> Result<bool, ApplyError> {
    let store = &turn.apply.store;
    let who = turn.from.id;
    for _ in 0..MAX_TRIES {
        let Some(rows) = store.meeting_of_attendee(event_id, who).await? else {
            return Ok(false);
        };
        let meeting = rows.stored_meeting(&turn.apply.domain)?;
        let now = Utc::now();
        let plan =
            meeting.and_then(|meeting| meeting.answer(who, &Scope::All, &PartStat::Declined, now));
        let Some(plan) = plan.filter(|plan| *plan != Plan::default()) else {
            return Ok(false);
        };
        let write = SchedulingWrite::planned(&rows, &plan, now);
        if store.write_scheduling(&write).await? == WriteOutcome::Done {
            turn.apply.relay.wake();
            return Ok(true);
        }
    }
    Err(ApplyError::Busy)
}
