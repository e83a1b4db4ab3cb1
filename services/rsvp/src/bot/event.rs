//! New events: in one message, or question by question. The draft is the step of the dialog; saving it is `write`, and whom it
//! concerns `people`.

mod people;
mod write;

use chrono::{DateTime, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use televent_conversation::{
    Asked, DEFAULT_MINUTES, Doubt, EventButton, EventDraft, EventScreen, MAX_TEXT, QuickEvent,
    Screen, Step, TimeOfDay, doubt_of,
};
use televent_store::DialogChange;
use televent_telegram::Said;

use super::{Reply, Turn, start, zones};
use crate::apply::ApplyError;

pub(super) use people::invited;
use people::{invite, picked_for_draft};

/// `/new`, with what is written behind it.
pub(super) async fn new(turn: &Turn<'_>, message: &str) -> Result<Reply, ApplyError> {
    let cards = if turn.person.has_account {
        Vec::new()
    } else {
        start::open_account(turn).await?
    };
    let reply = match turn.person.zone() {
        Some(zone) => begin(turn, zone, message).await?,
        None => {
            let step = Step::TimeZoneForEvent {
                message: message.to_owned(),
            };
            Reply::asking(Screen::TimeZone { unknown: None }, &step)?
        }
    };
    Ok(Reply { cards, ..reply })
}

/// The time zone was asked, for an event that was written before.
pub(super) async fn time_zone_said(
    turn: &Turn<'_>,
    message: &str,
    said: &Said,
) -> Result<Reply, ApplyError> {
    let reply = zones::time_zone_said(turn, said).await?;
    if reply.dialog != DialogChange::End {
        return Ok(reply);
    }
    let person = turn.apply.store.person(turn.from.id).await?;
    begin(turn, person.zone().unwrap_or(Tz::UTC), message).await
}

/// What is complete and certain is saved at once; everything else is asked, or shown to be confirmed.
async fn begin(turn: &Turn<'_>, zone: Tz, message: &str) -> Result<Reply, ApplyError> {
    let id = turn.record.derived_id("event");
    if message.trim().is_empty() {
        return ask(EventDraft::new(id), None, false);
    }
    let said = QuickEvent::read(message, turn.language, now(turn, zone));
    let (is_complete, doubt) = (said.is_complete(), said.doubt);
    let draft = EventDraft::of(id, said);
    if is_complete {
        let screen = write::save(turn, zone, &draft).await?;
        return Ok(Reply::with(Screen::Event(screen)).ending());
    }
    ask(draft, doubt, false)
}

/// When it was said: `tomorrow` means the same whenever the update is applied.
fn now(turn: &Turn<'_>, zone: Tz) -> DateTime<Tz> {
    turn.record.received_at.with_timezone(&zone)
}

/// Asks for what is missing, or shows the draft.
fn ask(draft: EventDraft, doubt: Option<Doubt>, is_here: bool) -> Result<Reply, ApplyError> {
    let asked = draft.missing();
    ask_for(draft, asked, doubt, is_here)
}

fn ask_for(
    draft: EventDraft,
    asked: Asked,
    doubt: Option<Doubt>,
    is_here: bool,
) -> Result<Reply, ApplyError> {
    let screen = match (asked, draft.day) {
        (Asked::Title, _) => EventScreen::AskTitle,
        (Asked::Place, _) => EventScreen::AskPlace,
        (Asked::Time, Some(day)) => EventScreen::AskTime { day, doubt },
        (Asked::Day | Asked::Time, _) => EventScreen::AskDay { doubt },
        (Asked::Everything, _) => EventScreen::Draft {
            draft: draft.clone(),
        },
    };
    let reply = Reply::asking(Screen::Event(screen), &Step::Event { draft, asked })?;
    Ok(if is_here {
        Reply {
            here: reply.screen,
            screen: None,
            ..reply
        }
    } else {
        reply
    })
}

/// Somebody answers a question about a draft, or picks people for it.
pub(super) async fn said(
    turn: &Turn<'_>,
    mut draft: EventDraft,
    asked: Asked,
    said: Said,
) -> Result<Reply, ApplyError> {
    let text = match said {
        Said::Text(text) => text,
        Said::Users(users) => return picked_for_draft(turn, draft, &users).await,
        Said::Location { .. } => return ask_for(draft, asked, None, false),
    };
    let now = now(turn, turn.person.zone().unwrap_or(Tz::UTC));
    let language = turn.language;
    let doubt = match asked {
        Asked::Title => {
            let said = QuickEvent::read(&text, language, now);
            draft.title = said.title;
            draft.place = said.place.or(draft.place);
            draft.day = draft.day.or(said.day);
            draft.time = draft.time.or(said.time);
            said.doubt
        }
        Asked::Day => {
            let said = QuickEvent::read(&text, language, now);
            draft.day = said.day.or(draft.day);
            draft.time = match said.time {
                Some(time @ TimeOfDay::At { .. }) => Some(time),
                Some(TimeOfDay::AllDay) | None => draft.time,
            };
            said.doubt
        }
        Asked::Time => {
            let said = QuickEvent::read_time(&text, language, now);
            take_when(&mut draft, &said);
            said.doubt
        }
        Asked::Place => {
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let place: String = line.chars().take(MAX_TEXT).collect();
            draft.place = Some(place).filter(|place| !place.is_empty());
            None
        }
        Asked::Everything => {
            let said = QuickEvent::read(&text, language, now);
            if said.title.is_empty() {
                take_when(&mut draft, &said);
                draft.place = said.place.or(draft.place);
            }
            None
        }
    };
    let conflict = conflict(&mut draft, now);
    let missing = draft.missing();
    // What was asked and is still not known is asked again.
    ask_for(draft, missing, doubt.or(conflict), false)
}

/// The time of what was said, and the day if it was said, too.
fn take_when(draft: &mut EventDraft, said: &QuickEvent) {
    if said.is_day_said || draft.day.is_none() {
        draft.day = said.day.or(draft.day);
    }
    draft.time = said.time.or(draft.time);
}

/// Takes out of a draft what can't be any more, and says why.
fn conflict(draft: &mut EventDraft, now: DateTime<Tz>) -> Option<Doubt> {
    let doubt = doubt_of(draft.day?, draft.time, now)?;
    if doubt == Doubt::PastDay {
        draft.day = None;
    } else {
        draft.time = None;
    }
    Some(doubt)
}

/// Somebody has pressed a button of a draft, or of an event in a list.
pub(super) async fn press(turn: &Turn<'_>, button: EventButton) -> Result<Reply, ApplyError> {
    if let EventButton::Invite(event_id) = button {
        return invite(turn, event_id).await;
    }
    let Some(Step::Event { draft, .. }) = turn.step().await? else {
        return Ok(gone(turn));
    };
    let zone = turn.person.zone().unwrap_or(Tz::UTC);
    match button {
        EventButton::Day(day) => on_day(turn, draft, day, zone),
        EventButton::Time(time) => at_time(turn, draft, time, zone),
        EventButton::AllDay => ask(
            EventDraft {
                time: Some(TimeOfDay::AllDay),
                ..draft
            },
            None,
            true,
        ),
        EventButton::AskDay => ask_for(draft, Asked::Day, None, true),
        EventButton::AskTime => ask_for(draft, Asked::Time, None, true),
        EventButton::AskPlace => ask_for(draft, Asked::Place, None, true),
        EventButton::AskPeople => {
            let asked = draft.missing();
            let screen = Screen::Event(EventScreen::PickPeople);
            Reply::asking(screen, &Step::Event { draft, asked })
        }
        EventButton::Save => save(turn, draft, zone).await,
        EventButton::Discard => Ok(Reply::here(Screen::Event(EventScreen::Discarded)).ending()),
        EventButton::Invite(_) => Ok(Reply::default()),
    }
}

fn on_day(
    turn: &Turn<'_>,
    draft: EventDraft,
    day: NaiveDate,
    zone: Tz,
) -> Result<Reply, ApplyError> {
    let mut draft = EventDraft {
        day: Some(day),
        ..draft
    };
    let doubt = conflict(&mut draft, now(turn, zone));
    ask(draft, doubt, true)
}

fn at_time(
    turn: &Turn<'_>,
    draft: EventDraft,
    start: NaiveTime,
    zone: Tz,
) -> Result<Reply, ApplyError> {
    let minutes = match draft.time {
        Some(TimeOfDay::At { minutes, .. }) => minutes,
        Some(TimeOfDay::AllDay) | None => DEFAULT_MINUTES,
    };
    let mut draft = EventDraft {
        time: Some(TimeOfDay::At { start, minutes }),
        ..draft
    };
    let doubt = conflict(&mut draft, now(turn, zone));
    ask(draft, doubt, true)
}

async fn save(turn: &Turn<'_>, mut draft: EventDraft, zone: Tz) -> Result<Reply, ApplyError> {
    // It may have waited until the time was over.
    let doubt = conflict(&mut draft, now(turn, zone));
    if draft.missing() != Asked::Everything {
        return ask(draft, doubt, true);
    }
    let screen = write::save(turn, zone, &draft).await?;
    let is_saved = matches!(screen, EventScreen::Saved { .. });
    let reply = Reply::here(Screen::Event(screen));
    Ok(if is_saved { reply.ending() } else { reply })
}

/// The message stays as it is: another press may have made it say what became of the draft.
fn gone(turn: &Turn<'_>) -> Reply {
    Reply {
        toast: Some(turn.language.text("event-gone")),
        ..Reply::default()
    }
}
