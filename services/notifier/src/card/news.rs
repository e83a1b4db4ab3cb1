//! The one line that makes the phone ring, below a card that was edited silently.

use chrono::{DateTime, Utc};
use televent_calendar::PartStat;
use televent_conversation::Facts;
use televent_telegram::escape_html;

use super::{InvitationState, Reading, Rendered, text::title, when::plainly};

/// What was told last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    pub(crate) facts: &'a Facts,
    /// The reader was not in it any more.
    pub(crate) was_removed: bool,
}

/// What has to be told aloud now: another time or place, or that it was called off. `card` is what the card shows from now on.
pub(crate) fn news(
    Told {
        facts: told,
        was_removed,
    }: Told<'_>,
    facts: &Facts,
    state: &InvitationState,
    card: &Rendered,
    reading: Reading,
    now: DateTime<Utc>,
) -> Option<String> {
    if told.is_over(now) && facts.is_over(now) {
        return None;
    }
    let language = reading.language;
    let title = format!("<b>{}</b>", title(facts.title.as_deref(), language));
    let say = |id| language.say(id, &[("title", (&title).into())]);
    let time = facts
        .time
        .as_ref()
        .map(televent_conversation::Time::to_event_time);
    let time = time.map(|time| format!("🕒 {}", plainly(&time, reading)));
    let lines = match state {
        InvitationState::Removed if !told.is_off => vec![card.html.clone()],
        InvitationState::Cancelled { declined: false } if !told.is_off => {
            std::iter::once(say("card-told-cancelled"))
                .chain(time)
                .collect()
        }
        InvitationState::Removed | InvitationState::Cancelled { .. } => return None,
        InvitationState::Invited { .. } if told.is_off => {
            let again = if was_removed {
                "card-told-invited-again"
            } else {
                "card-told-again"
            };
            std::iter::once(say(again)).chain(time).collect()
        }
        InvitationState::Invited { answer, .. } => {
            let changes = facts.since(told);
            // Whom a change of time asks anew has not declined any more.
            if !changes.ask_anew() || *answer == PartStat::Declined {
                return None;
            }
            let sentences = changes.sentences(language, reading.zone);
            let sentences = sentences.iter().map(|sentence| escape_html(sentence));
            std::iter::once(format!("🔄 {title}"))
                .chain(sentences)
                .collect()
        }
    };
    Some(lines.join("\n"))
}
