//! New events, and invitations to events: the draft, what is asked of it, its buttons and screens.

use std::{fmt, str::FromStr};

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use televent_calendar::SimpleTime;
use uuid::Uuid;

use crate::{Doubt, InvalidButton, QuickEvent, TimeOfDay};

/// The most people whom one invites to a draft. More can be invited to the event once it is there.
pub const MAX_GUESTS: usize = 50;

/// Names the buttons that open the app's picker of people (Bot API, `request_id`).
pub const PICK_GUESTS: i32 = 1;

const DAY_FORM: &str = "%Y-%m-%d";
const TIME_FORM: &str = "%H%M";

/// Somebody who is to be invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// Telegram's id of them.
    pub id: i64,
    /// What they are called.
    pub name: String,
}

/// An event that is not made yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDraft {
    /// The id of the event that it becomes, so that saving it twice makes one.
    pub id: Uuid,
    /// Empty while it is not known.
    pub title: String,
    /// The day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<NaiveDate>,
    /// When on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<TimeOfDay>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Who is to be invited, at most [`MAX_GUESTS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guests: Vec<Guest>,
}

/// What is asked of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// What it is.
    Title,
    /// On which day.
    Day,
    /// At what time.
    Time,
    /// Where.
    Place,
    /// Whether it is right so.
    Everything,
}

impl EventDraft {
    /// Nothing but its id.
    #[must_use]
    pub const fn new(id: Uuid) -> Self {
        Self {
            id,
            title: String::new(),
            day: None,
            time: None,
            place: None,
            guests: Vec::new(),
        }
    }

    /// What a message says.
    #[must_use]
    pub fn of(id: Uuid, said: QuickEvent) -> Self {
        Self {
            title: said.title,
            day: said.day,
            time: said.time,
            place: said.place,
            ..Self::new(id)
        }
    }

    /// What is to be asked next.
    #[must_use]
    pub const fn missing(&self) -> Asked {
        if self.title.is_empty() {
            Asked::Title
        } else if self.day.is_none() {
            Asked::Day
        } else if self.time.is_none() {
            Asked::Time
        } else {
            Asked::Everything
        }
    }

    /// When it would be, for somebody in this zone. `None` while that is not known.
    #[must_use]
    pub fn when(&self, zone: Tz) -> Option<SimpleTime> {
        let day = self.day?;
        Some(match self.time? {
            TimeOfDay::AllDay => SimpleTime::AllDay(day),
            TimeOfDay::At { start, minutes } => {
                let start = day.and_time(start);
                let end = start.checked_add_signed(TimeDelta::minutes(i64::from(minutes)))?;
                SimpleTime::Zoned { start, end, zone }
            }
        })
    }

    /// Adds people who are not in it yet, as long as there is room.
    pub fn add_guests(&mut self, guests: impl IntoIterator<Item = Guest>) {
        for guest in guests {
            let is_new = self.guests.iter().all(|known| known.id != guest.id);
            if is_new && self.guests.len() < MAX_GUESTS {
                self.guests.push(guest);
            }
        }
    }
}

/// A button of a draft, or of the list of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventButton {
    /// `day:2027-01-15`: it is on that day.
    Day(NaiveDate),
    /// `days`: ask for the day.
    AskDay,
    /// `time:1300`: it begins then.
    Time(NaiveTime),
    /// `allday`: it is the whole day.
    AllDay,
    /// `times`: ask for the time.
    AskTime,
    /// `place`: ask where it is.
    AskPlace,
    /// `people`: pick people for it.
    AskPeople,
    /// `save`: make the event.
    Save,
    /// `discard`: forget the draft.
    Discard,
    /// `invite:<id>`: invite people to that event.
    Invite(Uuid),
}

impl fmt::Display for EventButton {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "day:{}", day.format(DAY_FORM)),
            Self::AskDay => f.write_str("days"),
            Self::Time(time) => write!(f, "time:{}", time.format(TIME_FORM)),
            Self::AllDay => f.write_str("allday"),
            Self::AskTime => f.write_str("times"),
            Self::AskPlace => f.write_str("place"),
            Self::AskPeople => f.write_str("people"),
            Self::Save => f.write_str("save"),
            Self::Discard => f.write_str("discard"),
            Self::Invite(id) => write!(f, "invite:{}", id.simple()),
        }
    }
}

impl FromStr for EventButton {
    type Err = InvalidButton;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        let found = match (name, value) {
            ("day", day) => NaiveDate::parse_from_str(day, DAY_FORM).ok().map(Self::Day),
            ("time", time) => NaiveTime::parse_from_str(time, TIME_FORM)
                .ok()
                .map(Self::Time),
            ("invite", id) => Uuid::try_parse(id).ok().map(Self::Invite),
            ("days", "") => Some(Self::AskDay),
            ("allday", "") => Some(Self::AllDay),
            ("times", "") => Some(Self::AskTime),
            ("place", "") => Some(Self::AskPlace),
            ("people", "") => Some(Self::AskPeople),
            ("save", "") => Some(Self::Save),
            ("discard", "") => Some(Self::Discard),
            _ => None,
        };
        found.ok_or(InvalidButton)
    }
}

/// What a message about a draft or an event shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventScreen {
    /// What is it?
    AskTitle,
    /// On which day?
    AskDay {
        /// Why it is asked though it was said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doubt: Option<Doubt>,
    },
    /// At what time?
    AskTime {
        /// On this day.
        day: NaiveDate,
        /// Why it is asked though it was said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doubt: Option<Doubt>,
    },
    /// Where?
    AskPlace,
    /// Is it right so?
    Draft {
        /// What is known of it.
        draft: EventDraft,
    },
    /// The draft was forgotten.
    Discarded,
    /// The event was made.
    Saved {
        /// The event.
        event_id: Uuid,
    },
    /// The app's picker can be opened.
    PickPeople,
    /// Events to which the reader can invite.
    Coming,
    /// People were invited.
    Invited {
        /// To this event.
        event_id: Uuid,
        /// Who is, from now on: their names.
        added: Vec<String>,
        /// Who was before.
        known: Vec<String>,
    },
    /// The draft, or the event, is not there any more.
    Gone,
    /// The calendars of the reader are full.
    NoRoom,
    /// No calendar of the reader takes events.
    NoCalendar,
    /// So many people can't be invited to it.
    TooManyPeople,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most bytes of callback data that Telegram takes (Bot API, `InlineKeyboardButton`).
    const MAX_CALLBACK_DATA: usize = 64;

    #[test]
    fn buttons_are_read_back_and_fit() {
        for text in [
            "day:2027-01-15",
            "days",
            "time:1300",
            "allday",
            "times",
            "place",
            "people",
            "save",
            "discard",
            "invite:0190163d8694739baea5966c26f8ad91",
        ] {
            let button: EventButton = text.parse().unwrap();
            assert_eq!(button.to_string(), text);
            assert!(format!("bot:event:{button}").len() <= MAX_CALLBACK_DATA);
        }
        for text in ["", "day:", "day:tomorrow", "time:25", "save:x", "invite:1"] {
            assert_eq!(text.parse::<EventButton>(), Err(InvalidButton), "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_asked_in_this_order() {
        let mut draft = EventDraft::new(Uuid::nil());
        assert_eq!(draft.missing(), Asked::Title);
        draft.title = "Lunch".to_owned();
        assert_eq!(draft.missing(), Asked::Day);
        draft.day = NaiveDate::from_ymd_opt(2027, 1, 15);
        assert_eq!(draft.missing(), Asked::Time);
        draft.time = Some(TimeOfDay::AllDay);
        assert_eq!(draft.missing(), Asked::Everything);
    }

    #[test]
    fn guests_are_in_a_draft_once_and_bounded() {
        let guest = |id| Guest {
            id,
            name: format!("Guest {id}"),
        };
        let mut draft = EventDraft::new(Uuid::nil());
        draft.add_guests([guest(1), guest(2), guest(1)]);
        draft.add_guests([guest(2), guest(3)]);
        let ids: Vec<i64> = draft.guests.iter().map(|guest| guest.id).collect();
        assert_eq!(ids, [1, 2, 3]);
        draft.add_guests((10..200).map(guest));
        assert_eq!(draft.guests.len(), MAX_GUESTS);
        let json = serde_json::to_string(&draft).unwrap();
        assert_eq!(serde_json::from_str::<EventDraft>(&json).unwrap(), draft);
    }
}
