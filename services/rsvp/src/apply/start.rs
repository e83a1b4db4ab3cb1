//! Somebody pressed Start, or unblocked the bot: they can be written to, and get the cards that waited.

use chrono::Utc;
use televent_calendar::{Plan, TelegramUserId};
use televent_store::{NewUser, Notice, NoticeKind, PressRecord, SchedulingWrite, WriteOutcome};
use televent_telegram::Sender;
use uuid::Uuid;

use super::{Apply, ApplyError};

/// Waiting cards that are sent at once, the newest first.
const MAX_WAITING_CARDS: i64 = 50;

/// Meetings that are copied into a new calendar at once, the newest first.
const MAX_WAITING_COPIES: i64 = 500;

/// How often a copy is tried again because the meeting changed in between.
const MAX_TRIES: usize = 8;

/// Start: an account with its default calendar, and the waiting cards.
pub(super) async fn apply(
    apply: &Apply,
    record: &PressRecord,
    from: &Sender,
) -> Result<(), ApplyError> {
    let user = NewUser {
        telegram_id: from.id,
        name: &from.name,
        username: from.username.as_deref(),
        language: from.language.as_deref(),
        time_zone: None,
        reachable: Some(true),
        calendar_id: Uuid::now_v7(),
    };
    apply.store.add_user(&user).await?;
    copy_waiting(apply, from.id).await?;
    announce_waiting(apply, record).await
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
pub(super) async fn membership(
    apply: &Apply,
    record: &PressRecord,
    reachable: bool,
) -> Result<(), ApplyError> {
    apply
        .store
        .set_reachable(record.telegram_id, reachable)
        .await?;
    if reachable {
        announce_waiting(apply, record).await?;
    }
    Ok(())
}

async fn announce_waiting(apply: &Apply, record: &PressRecord) -> Result<(), ApplyError> {
    let waiting: Vec<(Uuid, Notice)> = apply
        .store
        .waiting_invitations(record.telegram_id, MAX_WAITING_CARDS)
        .await?
        .into_iter()
        .map(|event_id| {
            let notice = Notice {
                id: Uuid::now_v7(),
                kind: NoticeKind::Invite,
                telegram_id: record.telegram_id,
            };
            (event_id, notice)
        })
        .collect();
    apply.store.announce_waiting(record, &waiting).await?;
    apply.relay.wake();
    Ok(())
}
