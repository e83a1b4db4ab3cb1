//! The data of our inline buttons. It comes back from untrusted clients: it says what is wanted, never
//! who wants it.

use std::{fmt, str::FromStr};

use televent_calendar::PartStat;
use uuid::Uuid;

/// The Bot API's limit (type `InlineKeyboardButton`).
pub const MAX_CALLBACK_DATA_BYTES: usize = 64;

/// What a press asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackData {
    /// `rsvp:<event uuid>:ACCEPTED|DECLINED|TENTATIVE`: this answer, whatever stood before.
    Answer {
        /// The event.
        event_id: Uuid,
        /// One of the three.
        part_stat: PartStat,
    },
    /// `change:<event uuid>`: show the three buttons again.
    Change {
        /// The event.
        event_id: Uuid,
    },
}

/// The data is not of a button of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the data of one of our buttons")]
pub struct InvalidCallbackData;

impl fmt::Display for CallbackData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer {
                event_id,
                part_stat,
            } => write!(f, "rsvp:{event_id}:{}", part_stat.as_str()),
            Self::Change { event_id } => write!(f, "change:{event_id}"),
        }
    }
}

impl FromStr for CallbackData {
    type Err = InvalidCallbackData;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_CALLBACK_DATA_BYTES {
            return Err(InvalidCallbackData);
        }
        let parts: Vec<&str> = text.split(':').collect();
        let data = match parts.as_slice() {
            ["rsvp", event_id, answer] => Self::Answer {
                event_id: Uuid::try_parse(event_id).map_err(|_| InvalidCallbackData)?,
                part_stat: match *answer {
                    "ACCEPTED" => PartStat::Accepted,
                    "DECLINED" => PartStat::Declined,
                    "TENTATIVE" => PartStat::Tentative,
                    _ => return Err(InvalidCallbackData),
                },
            },
            ["change", event_id] => Self::Change {
                event_id: Uuid::try_parse(event_id).map_err(|_| InvalidCallbackData)?,
            },
            _ => return Err(InvalidCallbackData),
        };
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
            format!("rsvp:{}:ACCEPTED", EVENT.to_uppercase()),
            format!("rsvp:{}:ACCEPTED", EVENT.replace('-', "")),
            format!("rsvp:{{{EVENT}}}:ACCEPTED"),
            format!("RSVP:{EVENT}:ACCEPTED"),
            "change:".to_owned(),
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
