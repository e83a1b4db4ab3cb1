//! The card of an invited person.

use chrono_tz::Tz;
use televent_calendar::{Component, PartStat};
use televent_telegram::{Button, CallbackData, Keyboard};
use uuid::Uuid;

use super::{
    Rendered,
    text::{MAX_NAME, MAX_PLACE, line, title},
    when::when,
};

/// How the reader stands to the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InvitationState {
    /// Invited, with this answer; `choosing` again after "Change answer".
    Invited { answer: PartStat, choosing: bool },
    /// The organizer has cancelled or deleted it.
    Cancelled,
    /// The organizer has taken them from the list.
    Removed,
}

/// Renders the card of `event_id` for one reader, who is invited to `component`. `organizer` is a name.
pub(crate) fn invitation(
    event_id: Uuid,
    component: &Component,
    organizer: &str,
    state: &InvitationState,
    zone: Option<Tz>,
) -> Rendered {
    // Whoever is not invited any more has no right to what the event has become.
    if *state == InvitationState::Removed {
        return Rendered {
            html: "🚫 You are no longer invited to this event.".to_owned(),
            keyboard: Vec::new(),
        };
    }
    let title = title(component.summary.as_deref());
    let mut lines = vec![if *state == InvitationState::Cancelled {
        format!("❌ Cancelled: <s>{title}</s>")
    } else {
        format!("📅 <b>{title}</b>")
    }];
    lines.extend(facts(component, organizer, zone));
    if let InvitationState::Invited { answer, .. } = state
        && let Some(text) = answered(answer)
    {
        lines.push(String::new());
        lines.push(text.to_owned());
    }
    Rendered {
        html: lines.join("\n"),
        keyboard: keyboard(event_id, state),
    }
}

fn facts(component: &Component, organizer: &str, zone: Option<Tz>) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(start) = &component.start {
        lines.push(format!("🕒 {}", when(start, zone)));
    }
    if component.repeats {
        lines.push("🔁 Repeats".to_owned());
    }
    let place = line(component.location.as_deref().unwrap_or_default(), MAX_PLACE);
    if !place.is_empty() {
        lines.push(format!("📍 {place}"));
    }
    let organizer = line(organizer, MAX_NAME);
    if !organizer.is_empty() {
        lines.push(format!("👤 {organizer}"));
    }
    lines
}

/// What stands on the card once the reader has answered.
const fn answered(answer: &PartStat) -> Option<&'static str> {
    match answer {
        PartStat::Accepted => Some("✅ You accepted this invitation."),
        PartStat::Declined => Some("❌ You declined this invitation."),
        PartStat::Tentative => Some("❔ You answered “maybe” to this invitation."),
        _ => None,
    }
}

fn keyboard(event_id: Uuid, state: &InvitationState) -> Keyboard {
    let button = |label: &str, data| Button {
        label: label.to_owned(),
        data,
    };
    let answer = |label, part_stat| {
        button(
            label,
            CallbackData::Answer {
                event_id,
                part_stat,
            },
        )
    };
    match state {
        InvitationState::Invited {
            answer: given,
            choosing,
        } if *choosing || answered(given).is_none() => vec![vec![
            answer("✅ Accept", PartStat::Accepted),
            answer("❔ Maybe", PartStat::Tentative),
            answer("❌ Decline", PartStat::Declined),
        ]],
        InvitationState::Invited { .. } => {
            vec![vec![button(
                "Change answer",
                CallbackData::Change { event_id },
            )]]
        }
        InvitationState::Cancelled | InvitationState::Removed => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use televent_calendar::CalendarObject;

    const OBJECT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\n\
        UID:1\r\nDTSTAMP:20270101T000000Z\r\nDTSTART:20270115T080000Z\r\nDTEND:20270115T090000Z\r\n\
        SUMMARY:R&D <planning>\\, part 1\r\nLOCATION:Room 4.2\r\nRRULE:FREQ=WEEKLY\r\n\
        ORGANIZER:mailto:tg_1@televent.internal\r\nATTENDEE:mailto:tg_2@televent.internal\r\n\
        END:VEVENT\r\nEND:VCALENDAR\r\n";

    fn render(state: &InvitationState) -> Rendered {
        let object = CalendarObject::parse(OBJECT.into()).unwrap();
        let zone = Some(Tz::Europe__Berlin);
        let component = object.master_or_first();
        invitation(Uuid::from_u128(5), component, "Ann <Lee>", state, zone)
    }

    fn labels(card: &Rendered) -> Vec<&str> {
        card.keyboard
            .iter()
            .flatten()
            .map(|button| button.label.as_str())
            .collect()
    }

    #[test]
    fn new_card_shows_what_when_where_who_and_asks() {
        let card = render(&InvitationState::Invited {
            answer: PartStat::NeedsAction,
            choosing: false,
        });
        assert_eq!(
            card.html,
            "📅 <b>R&amp;D &lt;planning&gt;, part 1</b>\n\
             🕒 Fri 15 Jan 2027, 09:00 – 10:00 (Europe/Berlin)\n\
             🔁 Repeats\n\
             📍 Room 4.2\n\
             👤 Ann &lt;Lee&gt;"
        );
        assert_eq!(labels(&card), ["✅ Accept", "❔ Maybe", "❌ Decline"]);
    }

    #[test]
    fn answered_card_says_so_and_offers_to_change() {
        for (answer, text) in [
            (PartStat::Accepted, "✅ You accepted this invitation."),
            (PartStat::Declined, "❌ You declined this invitation."),
            (
                PartStat::Tentative,
                "❔ You answered “maybe” to this invitation.",
            ),
        ] {
            let card = render(&InvitationState::Invited {
                answer: answer.clone(),
                choosing: false,
            });
            assert!(card.html.ends_with(text), "{}", card.html);
            assert_eq!(labels(&card), ["Change answer"]);
            let again = render(&InvitationState::Invited {
                answer,
                choosing: true,
            });
            assert_eq!(labels(&again), ["✅ Accept", "❔ Maybe", "❌ Decline"]);
            assert_ne!(card.digest(), again.digest());
        }
    }

    #[test]
    fn cancelled_and_removed_cards_have_no_buttons() {
        let cancelled = render(&InvitationState::Cancelled);
        assert!(
            cancelled
                .html
                .starts_with("❌ Cancelled: <s>R&amp;D &lt;planning&gt;, part 1</s>\n")
        );
        assert!(cancelled.keyboard.is_empty());
        let removed = render(&InvitationState::Removed);
        assert_eq!(removed.html, "🚫 You are no longer invited to this event.");
        assert!(removed.keyboard.is_empty());
    }
}
