//! The bot's own buttons, as callback data: words between colons, behind the `bot:` that tells them from a card's.

use std::{fmt, str::FromStr};

use crate::DeviceButton;

/// A button of the bot's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BotButton {
    /// `settings`: show the settings.
    Settings,
    /// `zone`: ask for the time zone.
    AskTimeZone,
    /// `languages`: show the languages.
    Languages,
    /// `language:<code>`: read in that language.
    Language(String),
    /// `pings`: show which answers may ring.
    AskPings,
    /// `pings:<all, important or none>`.
    Pings(String),
    /// `freebusy`: show who may see when the reader is busy.
    AskFreeBusy,
    /// `freebusy:<everyone, acquaintances or nobody>`.
    FreeBusy(String),
    /// `device:<button>`: about calendar apps.
    Device(DeviceButton),
}

/// The data is not of a button of the bot's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidButton;

impl fmt::Display for BotButton {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings => f.write_str("settings"),
            Self::AskTimeZone => f.write_str("zone"),
            Self::Languages => f.write_str("languages"),
            Self::Language(code) => write!(f, "language:{code}"),
            Self::AskPings => f.write_str("pings"),
            Self::Pings(pings) => write!(f, "pings:{pings}"),
            Self::AskFreeBusy => f.write_str("freebusy"),
            Self::FreeBusy(visibility) => write!(f, "freebusy:{visibility}"),
            Self::Device(button) => write!(f, "device:{button}"),
        }
    }
}

impl FromStr for BotButton {
    type Err = InvalidButton;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = match text.split_once(':') {
            Some((name, value)) if !value.is_empty() => (name, Some(value.to_owned())),
            Some(_) => return Err(InvalidButton),
            None => (text, None),
        };
        match (name, value) {
            ("settings", None) => Ok(Self::Settings),
            ("zone", None) => Ok(Self::AskTimeZone),
            ("languages", None) => Ok(Self::Languages),
            ("language", Some(code)) => Ok(Self::Language(code)),
            ("pings", None) => Ok(Self::AskPings),
            ("pings", Some(pings)) => Ok(Self::Pings(pings)),
            ("freebusy", None) => Ok(Self::AskFreeBusy),
            ("freebusy", Some(visibility)) => Ok(Self::FreeBusy(visibility)),
            ("device", Some(button)) => button.parse().map(Self::Device),
            _ => Err(InvalidButton),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_are_read_back() {
        for text in [
            "settings",
            "zone",
            "languages",
            "language:de",
            "pings",
            "pings:all",
            "freebusy",
            "freebusy:nobody",
            "device:app:mac",
        ] {
            assert_eq!(text.parse::<BotButton>().unwrap().to_string(), text);
        }
        for text in ["", "zone:", "settings:x", "language", "device:x", "other:x"] {
            assert_eq!(text.parse::<BotButton>(), Err(InvalidButton), "{text}");
        }
    }
}
