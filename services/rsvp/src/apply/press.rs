//! A press of a button: load, decide, one transaction, and the answer to the press at once after it.

use chrono::Utc;
use televent_store::{
    CardKey, Notice, NoticeKind, PressRecord, Pressed, PressedCard, PressedMessage,
    SchedulingWrite, WriteOutcome,
};
use televent_telegram::{Answer, CardButton, Press};
use tracing::warn;
use uuid::Uuid;

use super::{
    Apply, ApplyError, answer_press,
    decide::{Decision, PressFacts, Refusal, confirmation, decide},
};

/// How often a press is decided again because the event changed in between.
const MAX_TRIES: usize = 8;

pub(crate) async fn apply(
    apply: &Apply,
    record: &PressRecord,
    press: &Press,
    button: &CardButton,
) -> Result<(), ApplyError> {
    for _ in 0..MAX_TRIES {
        if let Some((text, alert)) = try_once(apply, record, press, button).await? {
            let answer = Answer {
                text: text.to_owned(),
                alert,
            };
            answer_press(apply, press, &answer).await;
            return Ok(());
        }
    }
    Err(ApplyError::Busy)
}

/// One try: what to answer to the press, and whether as an alert; `None` when the event changed between
/// the decision and the write.
async fn try_once(
    apply: &Apply,
    record: &PressRecord,
    press: &Press,
    button: &CardButton,
) -> Result<Option<(&'static str, bool)>, ApplyError> {
    let store = &apply.store;
    let CardButton {
        event_id,
        recurrence_id,
        wish,
    } = button;
    let message = press.message.map(|(chat_id, message_id)| PressedMessage {
        chat_id,
        message_id,
    });
    let pressed = PressedCard {
        event_id: *event_id,
        recurrence_id,
        message,
    };
    let (rows, state) = match store.pressed(record, &pressed).await? {
        // Committed by an earlier delivery, which may have died before it answered.
        Pressed::AlreadyProcessed => return Ok(Some(("", false))),
        Pressed::NoSuchEvent => {
            store.note_update(record.bot_id, record.update_id).await?;
            return Ok(Some(("This invitation does not exist any more.", true)));
        }
        Pressed::Found(rows, state) => (rows, state),
    };
    let (Some(organizer), Some(meeting)) = (&rows.organizer, rows.stored_meeting(&apply.domain)?)
    else {
        return Ok(None);
    };
    let facts = PressFacts {
        from: record.telegram_id,
        update_id: record.update_id,
        received_at: record.received_at,
        button,
    };
    let now = Utc::now();
    let decision = decide(&meeting, &state, facts, now);
    if let Decision::Refuse(refusal) = decision {
        if refusal == Refusal::NotInvited {
            warn!(telegram.id = %record.telegram_id, event.id = %event_id, "a press by somebody who is not invited is refused");
        }
        store.note_update(record.bot_id, record.update_id).await?;
        return Ok(Some(match refusal {
            Refusal::NotInvited => ("You are not invited to this event.", true),
            Refusal::NoRoom => (
                "This series has no room for one more answer about a single date. You can answer for the whole series.",
                true,
            ),
            Refusal::Cancelled => ("This event was cancelled.", true),
            Refusal::Stale => ("You have answered again since.", false),
            Refusal::AskedAnew => (
                "The event has changed since. Please look at it again, and answer anew.",
                true,
            ),
        }));
    }
    let card = CardKey {
        event_id: *event_id,
        telegram_id: record.telegram_id,
        recurrence_id: recurrence_id.clone(),
    };
    if let Some(message) = message.filter(|_| !state.message_is_known) {
        store.adopt_message(&card, message).await?;
    }
    let own_card = Notice {
        id: Uuid::now_v7(),
        kind: NoticeKind::Invite,
        telegram_id: record.telegram_id,
    };
    let is_written = match decision {
        Decision::Write(plan) => {
            let write = SchedulingWrite {
                press: Some(record),
                ..SchedulingWrite::planned(&rows, &plan, now)
            };
            store.write_scheduling(&write).await? == WriteOutcome::Done
        }
        Decision::Confirm { recurrence_ids } => {
            store
                .confirm_answer(
                    record,
                    &card,
                    &recurrence_ids,
                    organizer.version,
                    &[own_card],
                )
                .await?
        }
        Decision::Reopen => {
            store
                .reopen_card(record, &card, organizer.version, &own_card)
                .await?
        }
        Decision::Refuse(_) => true,
    };
    if !is_written {
        return Ok(None);
    }
    apply.relay.wake();
    Ok(Some((confirmation(wish), false)))
}
