//! The card of an invited person.

use chrono_tz::Tz;
use televent_calendar::{Component, EventTime, PartStat};
use televent_telegram::{Button, ButtonAction, CallbackData, CardButton, CardWish, Keyboard};
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

/// What an invitation is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub(crate) event_id: Uuid,
    /// The recurrence key of the instance; empty for the whole event.
    pub(crate) recurrence_id: &'a str,
    pub(crate) component: &'a Component,
    /// Who invites.
    pub(crate) organizer: &'a str,
    /// The series of an instance, if the reader is invited to it.
    pub(crate) series: Option<&'a Component>,
    /// When an instance would be by its series.
    pub(crate) original: Option<&'a EventTime>,
}

/// The card. Times are told in `zone`, or in that of the event.
pub(crate) fn invitation(about: &About<'_>, state: &InvitationState, zone: Option<Tz>) -> Rendered {
    if *state == InvitationState::Removed {
        return removed(about, zone);
    }
    let component = about.component;
    let title = title(component.summary.as_deref());
    let mut lines = vec![if *state == InvitationState::Cancelled {
        format!("❌ Cancelled: <s>{title}</s>")
    } else {
        format!("📅 <b>{title}</b>")
    }];
    lines.extend(facts(component, about.organizer, zone));
    if let Some(original) = about.original.filter(|_| about.series.is_some()) {
        lines.push(if is_moved(component, original) {
            format!("↪️ Instead of {}", when(original, zone))
        } else {
            "↪️ Once, of a series".to_owned()
        });
    }
    if let InvitationState::Invited { answer, .. } = state
        && let Some(text) = answered(answer)
    {
        lines.push(String::new());
        lines.push(text.to_owned());
    }
    Rendered {
        html: lines.join("\n"),
        keyboard: keyboard(about, state),
    }
}

/// What the event has become since is none of the business of somebody who is not in it; of an instance, the series that they
/// know says enough.
fn removed(about: &About<'_>, zone: Option<Tz>) -> Rendered {
    let html = match (about.series, about.original) {
        (Some(series), Some(original)) => format!(
            "🚫 You are no longer invited to <b>{}</b> on this day:\n🕒 {}",
            title(series.summary.as_deref()),
            when(original, zone)
        ),
        _ => "🚫 You are no longer invited to this event.".to_owned(),
    };
    Rendered {
        html,
        keyboard: Vec::new(),
    }
}

/// Whether an instance begins at another time than its series says.
fn is_moved(component: &Component, original: &EventTime) -> bool {
    match (&component.start, original) {
        (
            Some(EventTime::Zoned { start, .. }),
            EventTime::Zoned {
                start: by_series, ..
            },
        ) => start != by_series,
        (
            Some(EventTime::Floating { start, .. }),
            EventTime::Floating {
                start: by_series, ..
            },
        ) => start != by_series,
        (
            Some(EventTime::AllDay { first, .. }),
            EventTime::AllDay {
                first: by_series, ..
            },
        ) => first != by_series,
        _ => true,
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

fn keyboard(about: &About<'_>, state: &InvitationState) -> Keyboard {
    let button = |label: &str, wish| Button {
        label: label.to_owned(),
        action: ButtonAction::Callback(CallbackData::Card(CardButton {
            event_id: about.event_id,
            recurrence_id: about.recurrence_id.to_owned(),
            wish,
        })),
    };
    let answer = |label, part_stat| button(label, CardWish::Answer(part_stat));
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
            vec![vec![button("Change answer", CardWish::Change)]]
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
        let about = About {
            event_id: Uuid::from_u128(5),
            recurrence_id: "",
            component,
            organizer: "Ann <Lee>",
            series: None,
            original: None,
        };
        invitation(&about, state, zone)
    }

    /// An instance of the series that is moved by a day, or not.
    fn render_instance(start: &str, state: &InvitationState) -> String {
        let end = "END:VEVENT\r\nEND:VCALENDAR";
        let instance = format!(
            "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID:20270122T080000Z\r\nDTSTART:{start}\r\nSUMMARY:Moved\r\n{end}"
        );
        let object = CalendarObject::parse(OBJECT.replace(end, &instance).into()).unwrap();
        let key = "20270122T080000Z";
        let instance = televent_calendar::instance(&object, key).unwrap();
        let about = About {
            event_id: Uuid::from_u128(5),
            recurrence_id: key,
            component: &instance.component,
            organizer: "Ann",
            series: object.master(),
            original: instance.original.as_ref(),
        };
        invitation(&about, state, None).html
    }

    #[test]
    fn card_of_an_instance_says_of_which() {
        let asked = InvitationState::Invited {
            answer: PartStat::NeedsAction,
            choosing: false,
        };
        assert_eq!(
            render_instance("20270123T080000Z", &asked),
            "📅 <b>Moved</b>\n🕒 Sat 23 Jan 2027, 08:00 (UTC)\n👤 Ann\n↪️ Instead of Fri 22 Jan 2027, 08:00 (UTC)"
        );
        assert_eq!(
            render_instance("20270122T080000Z", &InvitationState::Cancelled),
            "❌ Cancelled: <s>Moved</s>\n🕒 Fri 22 Jan 2027, 08:00 (UTC)\n👤 Ann\n↪️ Once, of a series"
        );
        assert_eq!(
            render_instance("20270123T080000Z", &InvitationState::Removed),
            "🚫 You are no longer invited to <b>R&amp;D &lt;planning&gt;, part 1</b> on this day:\n🕒 Fri 22 Jan 2027, 08:00 (UTC)"
        );
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
