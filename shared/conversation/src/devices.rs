//! Calendar apps that have access: the buttons behind `device:`, and the screens.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::InvalidButton;

/// A button about calendar apps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceButton {
    /// `list`: show the devices.
    List,
    /// `connect`: ask in a message of its own what shall be connected.
    Connect,
    /// `add`: ask here what shall be connected.
    Add,
    /// `app:<name of an app>`: connect that.
    App(String),
    /// `show:<id>`: show one device.
    Show(Uuid),
    /// `revoke:<id>`: ask whether its access shall end.
    AskRevoke(Uuid),
    /// `revoked:<id>`: end it.
    Revoke(Uuid),
    /// `hide:<id>`: take the password out of the message.
    Hide(Uuid),
}

impl fmt::Display for DeviceButton {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List => f.write_str("list"),
            Self::Connect => f.write_str("connect"),
            Self::Add => f.write_str("add"),
            Self::App(app) => write!(f, "app:{app}"),
            Self::Show(id) => write!(f, "show:{}", id.simple()),
            Self::AskRevoke(id) => write!(f, "revoke:{}", id.simple()),
            Self::Revoke(id) => write!(f, "revoked:{}", id.simple()),
            Self::Hide(id) => write!(f, "hide:{}", id.simple()),
        }
    }
}

impl FromStr for DeviceButton {
    type Err = InvalidButton;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((name, value)) = text.split_once(':') else {
            return match text {
                "list" => Ok(Self::List),
                "connect" => Ok(Self::Connect),
                "add" => Ok(Self::Add),
                _ => Err(InvalidButton),
            };
        };
        let id = || Uuid::try_parse(value).map_err(|_| InvalidButton);
        match name {
            "app" if !value.is_empty() => Ok(Self::App(value.to_owned())),
            "show" => id().map(Self::Show),
            "revoke" => id().map(Self::AskRevoke),
            "revoked" => id().map(Self::Revoke),
            "hide" => id().map(Self::Hide),
            _ => Err(InvalidButton),
        }
    }
}

/// A screen about calendar apps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "device", rename_all = "snake_case")]
pub enum DeviceScreen {
    /// The devices.
    List,
    /// What shall be connected?
    Apps,
    /// There are too many devices for one more.
    TooMany,
    /// A new device, with its password, which is made when this is sent.
    New {
        /// The device.
        id: Uuid,
    },
    /// The same message without the password.
    Hidden {
        /// The device.
        id: Uuid,
    },
    /// One device.
    One {
        /// The device.
        id: Uuid,
    },
    /// Shall the access of a device end?
    AskRevoke {
        /// The device.
        id: Uuid,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Most bytes of callback data (Bot API, `InlineKeyboardButton`).
    const MAX_CALLBACK_DATA: usize = 64;

    #[test]
    fn buttons_are_read_back_and_fit() {
        let id = Uuid::from_u128(u128::MAX);
        for button in [
            DeviceButton::List,
            DeviceButton::Connect,
            DeviceButton::Add,
            DeviceButton::App("thunderbird".to_owned()),
            DeviceButton::Show(id),
            DeviceButton::AskRevoke(id),
            DeviceButton::Revoke(id),
            DeviceButton::Hide(id),
        ] {
            let text = button.to_string();
            assert_eq!(text.parse(), Ok(button));
            assert!("bot:device:".len() + text.len() <= MAX_CALLBACK_DATA);
        }
        for text in ["", "app:", "show", "show:", "show:1", "list:x", "other"] {
            assert_eq!(text.parse::<DeviceButton>(), Err(InvalidButton), "{text}");
        }
    }
}
