//! The data of our inline buttons. It comes back from untrusted clients: it says what is wanted, never
//! who wants it.

mod instance;

use std::{fmt, str::FromStr};

use televent_calendar::PartStat;
use uuid::Uuid;

use instance::{compact, expand};

/// The Bot API's limit (type `InlineKeyboardButton`).
pub const MAX_CALLBACK_DATA_BYTES: usize = 64;

/// What a press asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackData {
    /// A button of a card.
    Card(CardButton),
    /// `bot:<what>`: one of the bot's own buttons, which is read by who applies it. Printable ASCII.
    Bot(String),
}

/// A button of an invitation's card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardButton {
    /// The event.
    pub event_id: Uuid,
    /// The recurrence key of the instance (such as `20260105T090000Z`); empty for the whole event.
    pub recurrence_id: String,
    /// What it asks for.
    pub wish: CardWish,
}

/// What a button of a card asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardWish {
    /// `rsvp:<event uuid>:ACCEPTED|DECLINED|TENTATIVE`, and `:<instance>` behind it for one instance of a series: this
    /// answer, whatever stood before.
    Answer(PartStat),
    /// `change:<event uuid>`, and `:<instance>` behind it: show the three buttons again.
    Change,
}

/// The data is not of a button of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the data of one of our buttons")]
pub struct InvalidCallbackData;

impl fmt::Display for CallbackData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let button = match self {
            Self::Bot(what) => return write!(f, "bot:{what}"),
            Self::Card(button) => button,
        };
        let event_id = button.event_id;
        match &button.wish {
            CardWish::Answer(part_stat) => write!(f, "rsvp:{event_id}:{}", part_stat.as_str())?,
            CardWish::Change => write!(f, "change:{event_id}")?,
        }
        instance(f, &button.recurrence_id)
    }
}

/// The suffix that names an instance. A key that has no compact form names none; there are no such instances.
fn instance(f: &mut fmt::Formatter<'_>, recurrence_id: &str) -> fmt::Result {
    match compact(recurrence_id) {
        Some(compact) => write!(f, ":{compact}"),
        None => Ok(()),
    }
}

impl FromStr for CallbackData {
    type Err = InvalidCallbackData;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_CALLBACK_DATA_BYTES {
            return Err(InvalidCallbackData);
        }
        if let Some(what) = text.strip_prefix("bot:") {
            return if what.is_empty() || !what.bytes().all(|byte| byte.is_ascii_graphic()) {
                Err(InvalidCallbackData)
            } else {
                Ok(Self::Bot(what.to_owned()))
            };
        }
        let parts: Vec<&str> = text.split(':').collect();
        let key = |rest: &[&str]| match rest {
            [] => Ok(String::new()),
            [instance] => expand(instance).ok_or(InvalidCallbackData),
            _ => Err(InvalidCallbackData),
        };
        let (event_id, wish, rest) = match parts.as_slice() {
            ["rsvp", event_id, answer, rest @ ..] => {
                let part_stat = match *answer {
                    "ACCEPTED" => PartStat::Accepted,
                    "DECLINED" => PartStat::Declined,
                    "TENTATIVE" => PartStat::Tentative,
                    _ => return Err(InvalidCallbackData),
                };
                (event_id, CardWish::Answer(part_stat), rest)
            }
            ["change", event_id, rest @ ..] => (event_id, CardWish::Change, rest),
            _ => return Err(InvalidCallbackData),
        };
        let data = Self::Card(CardButton {
            event_id: Uuid::try_parse(event_id).map_err(|_| InvalidCallbackData)?,
            recurrence_id: key(rest)?,
            wish,
        });
        // One spelling only: Uuid reads several.
        if data.to_string() == text {
            Ok(data)
        } else {
            Err(InvalidCallbackData)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = "0199aabb-0000-7000-8000-000000000001";

    #[test]
    fn data_is_read_back_and_fits() {
        for data in [
            format!("rsvp:{EVENT}:ACCEPTED"),
            format!("rsvp:{EVENT}:DECLINED"),
            format!("rsvp:{EVENT}:TENTATIVE"),
            format!("change:{EVENT}"),
            format!("rsvp:{EVENT}:ACCEPTED:dfup0"),
            format!("rsvp:{EVENT}:TENTATIVE:ltcubd00"),
            format!("rsvp:{EVENT}:TENTATIVE:z40yf47zz"),
            format!("change:{EVENT}:ztcubd00"),
            "bot:zone:Europe/Berlin".to_owned(),
        ] {
            assert!(data.len() <= MAX_CALLBACK_DATA_BYTES);
            assert_eq!(data.parse::<CallbackData>().unwrap().to_string(), data);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for data in [
            String::new(),
            "rsvp".to_owned(),
            format!("rsvp:{EVENT}"),
            format!("rsvp:{EVENT}:NEEDS-ACTION"),
            format!("rsvp:{EVENT}:accepted"),
            format!("rsvp:{EVENT}:ACCEPTED:98765"),
            format!("rsvp:{EVENT}:ACCEPTED:d-1"),
            format!("rsvp:{EVENT}:ACCEPTED:d0fup0"),
            format!("rsvp:{}:ACCEPTED", EVENT.to_uppercase()),
            format!("rsvp:{}:ACCEPTED", EVENT.replace('-', "")),
            format!("rsvp:{{{EVENT}}}:ACCEPTED"),
            format!("RSVP:{EVENT}:ACCEPTED"),
            "change:".to_owned(),
            "bot:".to_owned(),
            "bot:a b".to_owned(),
            "x".repeat(65),
        ] {
            assert_eq!(
                data.parse::<CallbackData>(),
                Err(InvalidCallbackData),
                "{data}"
            );
        }
    }
}
