//! What a card shows: pure functions from the present state to text and buttons.

mod identity;
mod invitation;
mod tally;
mod text;
mod when;

pub(crate) use identity::identity;
pub(crate) use invitation::{About, InvitationState, invitation};
pub(crate) use tally::{has_answers, tally};
pub(crate) use text::{MAX_NAME, MAX_PLACE, MAX_TITLE, user_text};

use televent_telegram::{ButtonAction, Keyboard};

/// A rendered card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// Text in the Bot API's HTML.
    pub(crate) html: String,
    /// Its buttons.
    pub(crate) keyboard: Keyboard,
}

impl Rendered {
    /// Tells whether two cards look the same and do the same.
    pub(crate) fn digest(&self) -> String {
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
        televent_store::digest(content.as_bytes())
    }
}
