//! Somebody pressed Start, or unblocked the bot: they can be written to, and get the copies and cards that waited.

use chrono::Utc;
use televent_calendar::{Plan, TelegramUserId};
use televent_conversation::{Screen, Step};
use televent_store::{
    NewUser, Notice, NoticeKind, PressRecord, SchedulingWrite, UpdateOutcome, WriteOutcome,
};
use uuid::Uuid;

use super::{Reply, Turn};
use crate::apply::{Apply, ApplyError};

/// Waiting cards that are sent at once, the newest first.
const MAX_WAITING_CARDS: i64 = 50;

/// Meetings that are copied into a new calendar at once, the newest first.
const MAX_WAITING_COPIES: i64 = 500;

/// How often a copy is tried again because the meeting changed in between.
const MAX_TRIES: usize = 8;

/// Start: an account, and what waited for it.
pub(super) async fn start(turn: &Turn<'_>) -> Result<Reply, ApplyError> {
    let cards = open_account(turn).await?;
    let welcome = if turn.person.time_zone.is_none() {
        Reply::asking(Screen::Welcome, &Step::TimeZone)?
    } else {
        Reply::with(Screen::Welcome).ending()
    };
    Ok(Reply { cards, ..welcome })
}

/// Makes an account with its default calendar, and copies what waited for it; the cards that waited.
pub(super) async fn open_account(turn: &Turn<'_>) -> Result<Vec<(Uuid, Notice)>, ApplyError> {
    let from = turn.from;
    let user = NewUser {
        telegram_id: from.id,
        name: &from.name,
        username: from.username.as_deref(),
        language: from.language.as_deref(),
        time_zone: None,
        reachable: Some(true),
        calendar_id: Uuid::now_v7(),
    };
    turn.apply.store.add_user(&user).await?;
    copy_waiting(turn.apply, from.id).await?;
    waiting_cards(turn.apply, from.id).await
}

/// The copies of the meetings that waited for an account. Each is written alone: should this end in the middle, the update
/// comes again, and those that are there are not made twice.
async fn copy_waiting(apply: &Apply, who: TelegramUserId) -> Result<(), ApplyError> {
    let store = &apply.store;
    for event_id in store.meetings_without_copy(who, MAX_WAITING_COPIES).await? {
        for _ in 0..MAX_TRIES {
            let Some(rows) = store.meeting_of_attendee(event_id, who).await? else {
                break;
            };
            let meeting = rows.stored_meeting(&apply.domain)?;
            let plan = meeting
                .map(|meeting| meeting.join(who, Utc::now()))
                .unwrap_or_default();
            let write = SchedulingWrite::planned(&rows, &plan, Utc::now());
            if plan == Plan::default()
                || store.write_scheduling(&write).await? == WriteOutcome::Done
            {
                break;
            }
        }
    }
    Ok(())
}

/// The person has blocked the bot, or unblocked it.
pub(crate) async fn membership(
    apply: &Apply,
    record: &PressRecord,
    reachable: bool,
) -> Result<(), ApplyError> {
    apply
        .store
        .set_reachable(record.telegram_id, reachable)
        .await?;
    let cards = if reachable {
        waiting_cards(apply, record.telegram_id).await?
    } else {
        Vec::new()
    };
    let outcome = UpdateOutcome {
        cards,
        ..UpdateOutcome::default()
    };
    apply.store.finish_update(record, &outcome).await?;
    apply.relay.wake();
    Ok(())
}

async fn waiting_cards(
    apply: &Apply,
    who: TelegramUserId,
) -> Result<Vec<(Uuid, Notice)>, ApplyError> {
    let waiting = apply
        .store
        .waiting_invitations(who, MAX_WAITING_CARDS)
        .await?;
    Ok(waiting
        .into_iter()
        .map(|event_id| {
            let notice = Notice {
                id: Uuid::now_v7(),
                kind: NoticeKind::Invite,
                telegram_id: who,
            };
            (event_id, notice)
        })
        .collect())
}
