//! A press of a button: load, decide, one transaction, and the answer to the press at once after it.

use chrono::Utc;
use chrono_tz::Tz;
use televent_calendar::{CalendarUserAddress, Meeting, told_on_card};
use televent_conversation::Facts;
use televent_language::Language;
use televent_runtime::Failpoint;
use televent_runtime::without_quotations;
use televent_store::{
    CardKey, Notice, NoticeKind, PressRecord, PressState, Pressed, PressedCard, PressedMessage,
    SchedulingWrite, WriteOutcome,
};
use televent_telegram::{Answer, CardButton, Press, Sender};
use tracing::warn;
use uuid::Uuid;

use super::{
    Apply, ApplyError, answer_press,
    decide::{Decision, PressFacts, Refusal, confirmation, decide, refused},
};

/// How often a press is decided again because the event changed in between.
const MAX_TRIES: usize = 8;

/// The longest answer to a press (Bot API, answerCallbackQuery), in UTF-16 units.
const MAX_ANSWER: usize = 200;

pub(crate) async fn apply(
    apply: &Apply,
    record: &PressRecord,
    from: &Sender,
    press: &Press,
    button: &CardButton,
) -> Result<(), ApplyError> {
    for _ in 0..MAX_TRIES {
        if let Some(answer) = try_once(apply, record, from, press, button).await? {
            Failpoint::PressCommitted.reached();
            answer_press(apply, press, &answer).await;
            let took = (Utc::now() - record.received_at).to_std();
            metrics::histogram!("televent_press_answer_seconds").record(took.unwrap_or_default());
            Failpoint::PressAnswered.reached();
            return Ok(());
        }
    }
    Err(ApplyError::Busy)
}

/// One try: what to answer to the press; `None` when the event changed between the decision and the write.
async fn try_once(
    apply: &Apply,
    record: &PressRecord,
    from: &Sender,
    press: &Press,
    button: &CardButton,
) -> Result<Option<Answer>, ApplyError> {
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
        Pressed::AlreadyProcessed => return Ok(Some(Answer::default())),
        Pressed::NoSuchEvent => {
            store.note_update(record.bot_id, record.update_id).await?;
            let text = Language::of_tag(from.language.as_deref()).text("press-gone");
            return Ok(Some(Answer { text, alert: true }));
        }
        Pressed::Found(rows, state) => (rows, state),
    };
    let (Some(organizer), Some(meeting)) = (&rows.organizer, rows.stored_meeting(&apply.domain)?)
    else {
        return Ok(None);
    };
    let chosen = state.chosen_language.as_deref();
    let language = Language::of_tag(chosen.or(from.language.as_deref()));
    let own_card = Notice {
        id: Uuid::now_v7(),
        kind: NoticeKind::Invite,
        telegram_id: record.telegram_id,
    };
    let (shown, present) = (
        shown(&state),
        present(&meeting, button, record, language, &state),
    );
    let facts = PressFacts {
        from: record.telegram_id,
        update_id: record.update_id,
        received_at: record.received_at,
        button,
        shown: shown.as_ref(),
        present: present.as_ref(),
    };
    let now = Utc::now();
    let decision = decide(&meeting, &state, facts, now);
    if let Decision::Refuse(refusal) = decision {
        if refusal == Refusal::NotInvited {
            warn!(telegram.id = %record.telegram_id, event.id = %event_id, "a press by somebody who is not invited is refused");
        }
        let (message, alert) = refused(refusal);
        let changes = shown.as_ref().zip(present.as_ref());
        let text = match changes.filter(|_| refusal == Refusal::Changed) {
            Some((shown, present)) => {
                store.refuse_press(record, *event_id, &own_card).await?;
                apply.relay.wake();
                changed(shown, present, language, &state)
            }
            None => {
                store.note_update(record.bot_id, record.update_id).await?;
                language.text(message)
            }
        };
        return Ok(Some(Answer { text, alert }));
    }
    let card = CardKey {
        event_id: *event_id,
        telegram_id: record.telegram_id,
        recurrence_id: recurrence_id.clone(),
    };
    if let Some(message) = message.filter(|_| !state.message_is_known) {
        store.adopt_message(&card, message).await?;
    }
    Failpoint::PressDecided.reached();
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
    Ok(Some(Answer {
        text: confirmation(wish).map_or_else(String::new, |id| language.text(id)),
        alert: false,
    }))
}

/// What the card shows. What another version of the program has written is not compared.
fn shown(state: &PressState) -> Option<Facts> {
    serde_json::from_value(state.shown.clone()?)
        .inspect_err(|error| {
            warn!(
                error = without_quotations(&error.to_string()),
                "what a card shows can't be read"
            );
        })
        .ok()
}

/// What it would show now.
fn present(
    meeting: &Meeting,
    button: &CardButton,
    record: &PressRecord,
    language: Language,
    state: &PressState,
) -> Option<Facts> {
    let object = meeting.object.as_ref()?;
    let address = CalendarUserAddress::internal(record.telegram_id, &meeting.domain);
    let told = told_on_card(object, &button.recurrence_id, &address)?;
    Some(Facts::of(object, &told.component, language, zone(state)))
}

fn zone(state: &PressState) -> Option<Tz> {
    state.time_zone.as_deref()?.parse().ok()
}

/// What has changed since the card was written; where there is no room for that, that something has.
fn changed(shown: &Facts, present: &Facts, language: Language, state: &PressState) -> String {
    let sentences = present.since(shown).sentences(language, zone(state));
    let changes = sentences.join(" ");
    let text = language.say("press-changed", &[("changes", (&changes).into())]);
    if text.encode_utf16().count() <= MAX_ANSWER {
        text
    } else {
        language.text("press-asked-anew")
    }
}
