//! The bot's own buttons, as callback data: words between colons, behind the `bot:` that tells them from a card's.

use std::{fmt, str::FromStr};

use crate::DeviceButton;
use chrono::NaiveDate;
use televent_calendar::PartStat;
use uuid::Uuid;

/// Most days of an agenda.
pub const MAX_AGENDA_DAYS: u16 = 31;

/// Longest recurrence key: a date, a time, and `Z`.
const MAX_RECURRENCE_KEY: usize = 16;
use crate::EventButton;

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
    /// `zone:<IANA name>`: read times in that zone.
    TimeZone(String),
    /// `agenda:<date>:<days>`: show what there is from a day on.
    Agenda {
        /// The first day.
        from: NaiveDate,
        /// 1 to [`MAX_AGENDA_DAYS`].
        days: u16,
    },
    /// `pending:<page>`: show a page of the invitations that are not answered.
    Pending(u16),
    /// `rsvp:<event uuid>:<A, T or D>`, and `:<recurrence key>` behind it for one instance of a series: answer an invitation
    /// of a list. It is no button of a card, so that the list is never taken for one.
    Answer {
        /// The event.
        event_id: Uuid,
        /// The recurrence key of the instance; empty for the whole event.
        recurrence_id: String,
        /// Accepted, tentative or declined.
        answer: PartStat,
    },
    /// `delete:everything`: remove the account.
    DeleteAccount,
    /// `delete:nothing`: keep the account.
    KeepAccount,
    /// `event:<…>`: of a new event, or of an invitation to one.
    Event(EventButton),
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
            Self::TimeZone(name) => write!(f, "zone:{name}"),
            Self::Agenda { from, days } => write!(f, "agenda:{from}:{days}"),
            Self::Pending(page) => write!(f, "pending:{page}"),
            Self::Answer {
                event_id,
                recurrence_id,
                answer,
            } => {
                let letter = match answer {
                    PartStat::Accepted => 'A',
                    PartStat::Declined => 'D',
                    _ => 'T',
                };
                write!(f, "rsvp:{event_id}:{letter}")?;
                if recurrence_id.is_empty() {
                    Ok(())
                } else {
                    write!(f, ":{recurrence_id}")
                }
            }
            Self::DeleteAccount => f.write_str("delete:everything"),
            Self::KeepAccount => f.write_str("delete:nothing"),
            Self::Event(button) => write!(f, "event:{button}"),
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
            ("zone", Some(name)) => Ok(Self::TimeZone(name)),
            ("agenda", Some(days)) => agenda(&days),
            ("pending", Some(page)) => page.parse().map(Self::Pending).map_err(|_| InvalidButton),
            ("rsvp", Some(answer)) => self::answer(&answer),
            ("delete", Some(what)) => match what.as_str() {
                "everything" => Ok(Self::DeleteAccount),
                "nothing" => Ok(Self::KeepAccount),
                _ => Err(InvalidButton),
            },
            ("event", Some(button)) => button.parse().map(Self::Event),
            _ => Err(InvalidButton),
        }
    }
}

fn agenda(text: &str) -> Result<BotButton, InvalidButton> {
    let (from, days) = text.split_once(':').ok_or(InvalidButton)?;
    let from = NaiveDate::parse_from_str(from, "%Y-%m-%d").map_err(|_| InvalidButton)?;
    let days = days.parse().map_err(|_| InvalidButton)?;
    if (1..=MAX_AGENDA_DAYS).contains(&days) {
        Ok(BotButton::Agenda { from, days })
    } else {
        Err(InvalidButton)
    }
}

fn answer(text: &str) -> Result<BotButton, InvalidButton> {
    let mut parts = text.splitn(3, ':');
    let event_id = parts.next().and_then(|id| Uuid::try_parse(id).ok());
    let answer = match parts.next() {
        Some("A") => PartStat::Accepted,
        Some("D") => PartStat::Declined,
        Some("T") => PartStat::Tentative,
        _ => return Err(InvalidButton),
    };
    let recurrence_id = parts.next().unwrap_or_default();
    let is_key = recurrence_id.len() <= MAX_RECURRENCE_KEY
        && recurrence_id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric());
    match event_id {
        Some(event_id) if is_key => Ok(BotButton::Answer {
            event_id,
            recurrence_id: recurrence_id.to_owned(),
            answer,
        }),
        _ => Err(InvalidButton),
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
            "zone:America/Argentina/ComodRivadavia",
            "agenda:2027-01-15:7",
            "pending:12",
            "rsvp:0199aabb-0000-7000-8000-000000000001:A",
            "rsvp:0199aabb-0000-7000-8000-000000000001:T:20270115T090000Z",
            "rsvp:0199aabb-0000-7000-8000-000000000001:D:20270115",
            "delete:everything",
            "delete:nothing",
            "event:save",
            "event:day:2027-01-15",
        ] {
            assert_eq!(text.parse::<BotButton>().unwrap().to_string(), text);
            // With `bot:` in front of it (Bot API, `InlineKeyboardButton`).
            assert!(text.len() + 4 <= 64, "{text}");
        }
        for text in [
            "",
            "zone:",
            "settings:x",
            "language",
            "other:x",
            "agenda:2027-01-15",
            "agenda:2027-01-15:0",
            "agenda:2027-01-15:32",
            "agenda:2027-02-30:7",
            "pending:-1",
            "rsvp:1:A",
            "rsvp:0199aabb-0000-7000-8000-000000000001:X",
            "rsvp:0199aabb-0000-7000-8000-000000000001:A:20270115T090000Z0",
            "delete",
            "delete:all",
            "device:x",
        ] {
            assert_eq!(text.parse::<BotButton>(), Err(InvalidButton), "{text}");
        }
    }
}
