//! What stands under a message, or in the place of the phone's own keyboard (Bot API, `reply_markup`).

use teloxide::types::{
    ButtonRequest, CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton,
    KeyboardButtonRequestUsers, KeyboardMarkup, KeyboardRemove, ReplyMarkup, RequestId,
};
use url::Url;

use crate::CallbackData;

/// The most people that the app's own picker lets one pick at once (Bot API, `KeyboardButtonRequestUsers`).
pub const MAX_PICKED_USERS: u8 = 10;

/// A button under a message (Bot API, `InlineKeyboardButton`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What stands on it.
    pub label: String,
    /// What a press does.
    pub action: ButtonAction,
}

/// What a press of a button does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ButtonAction {
    /// The bot is asked for this.
    Callback(CallbackData),
    /// The link is opened.
    Open(Url),
    /// The text is put into the clipboard: 1 to 256 characters.
    Copy(String),
}

/// Rows of buttons.
pub type Keyboard = Vec<Vec<Button>>;

/// A button in the place of the phone's own keyboard (Bot API, `KeyboardButton`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyButton {
    /// Sends what stands on it.
    Text(String),
    /// Opens the app's own picker of people; what it sends names this request.
    RequestUsers {
        /// What stands on it.
        label: String,
        /// Comes back with the people.
        request_id: i32,
    },
    /// Sends where the phone is, if its owner agrees.
    RequestLocation(String),
}

/// What comes with a message that is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Markup {
    /// Nothing: an edit takes the buttons away.
    #[default]
    None,
    /// Buttons under the message.
    Inline(Keyboard),
    /// Buttons in the place of the phone's keyboard, until one of them is used.
    Reply {
        /// Rows of buttons.
        rows: Vec<Vec<ReplyButton>>,
        /// What stands in the empty input field: at most 64 characters.
        placeholder: Option<String>,
    },
    /// The phone's own keyboard again.
    RemoveReply,
}

impl Markup {
    pub(crate) fn into_reply_markup(self) -> Option<ReplyMarkup> {
        match self {
            Self::None => None,
            Self::Inline(keyboard) if keyboard.iter().all(Vec::is_empty) => None,
            Self::Inline(keyboard) => Some(ReplyMarkup::InlineKeyboard(inline(&keyboard))),
            Self::Reply { rows, placeholder } => {
                let rows = rows
                    .into_iter()
                    .map(|row| row.into_iter().map(reply_button));
                let mut markup = KeyboardMarkup::new(rows)
                    .resize_keyboard()
                    .one_time_keyboard();
                markup.input_field_placeholder = placeholder.unwrap_or_default();
                Some(ReplyMarkup::Keyboard(markup))
            }
            Self::RemoveReply => Some(ReplyMarkup::KeyboardRemove(KeyboardRemove::new())),
        }
    }
}

pub(crate) fn inline(keyboard: &Keyboard) -> InlineKeyboardMarkup {
    InlineKeyboardMarkup::new(keyboard.iter().map(|row| {
        row.iter().map(|button| {
            let label = button.label.clone();
            match &button.action {
                ButtonAction::Callback(data) => {
                    InlineKeyboardButton::callback(label, data.to_string())
                }
                ButtonAction::Open(url) => InlineKeyboardButton::url(label, url.clone()),
                ButtonAction::Copy(text) => InlineKeyboardButton::copy_text_button(
                    label,
                    CopyTextButton { text: text.clone() },
                ),
            }
        })
    }))
}

fn reply_button(button: ReplyButton) -> KeyboardButton {
    match button {
        ReplyButton::Text(label) => KeyboardButton::new(label),
        ReplyButton::RequestLocation(label) => {
            KeyboardButton::new(label).request(ButtonRequest::Location)
        }
        ReplyButton::RequestUsers { label, request_id } => {
            let mut request = KeyboardButtonRequestUsers::new(RequestId(request_id));
            request.user_is_bot = Some(false);
            request.max_quantity = MAX_PICKED_USERS;
            request.request_name = true;
            request.request_username = true;
            KeyboardButton::new(label).request(ButtonRequest::RequestUsers(request))
        }
    }
}
