//! What a card shows: pure functions from the present state to text and buttons.

mod guests;
mod identity;
mod invitation;
mod links;
mod news;
mod tally;
mod text;
mod when;

pub(crate) use guests::{Guest, guests};
pub(crate) use identity::identity;
pub(crate) use invitation::{About, InvitationState, invitation};
pub(crate) use news::{Told, news};
pub(crate) use tally::{Answers, Tally, Unreached, days, each_once, has_answers};
pub(crate) use text::{MAX_NAME, MAX_PLACE, title, user_text};

use chrono_tz::Tz;
use televent_language::Language;
use televent_store::Person;
use televent_telegram::{ButtonAction, Keyboard};

/// How somebody reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub(crate) language: Language,
    /// Where they are, if they have said so.
    pub(crate) zone: Option<Tz>,
}

impl Reading {
    pub(crate) fn of(person: &Person) -> Self {
        Self {
            language: Language::of_tag(person.language.as_deref()),
            zone: person.zone(),
        }
    }

    /// By whose clocks their days begin.
    pub(crate) fn zone_or_utc(self) -> Tz {
        self.zone.unwrap_or(Tz::UTC)
    }
}

/// A rendered card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// Text in the Bot API's HTML.
    pub(crate) html: String,
    /// Its buttons.
    pub(crate) keyboard: Keyboard,
}

impl Rendered {
    /// Tells whether two cards look the same, do the same, and tell the same facts.
    pub(crate) fn digest(&self, facts: &serde_json::Value) -> String {
        let mut content = self.html.clone();
        for button in self.keyboard.iter().flatten() {
            content.push('\0');
            content.push_str(&button.label);
            content.push('\0');
            match &button.action {
                ButtonAction::Callback(data) => content.push_str(&data.to_string()),
                ButtonAction::Open(url) => content.push_str(url.as_str()),
                ButtonAction::Copy(text) => content.push_str(text),
            }
        }
        content.push('\0');
        content.push_str(&facts.to_string());
        televent_store::digest(content.as_bytes())
    }
}
