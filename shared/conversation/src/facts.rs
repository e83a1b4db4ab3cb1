//! What a message about an event has told: kept with the message, so that what is different later can be told, and so that
//! nobody answers to something else than they see.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use televent_calendar::{CalendarObject, Component, EventTime};
use televent_language::Language;

mod words;

pub use words::repetition;

/// Characters of a title or place that are compared and kept.
const MAX_KEPT: usize = 256;

/// What is told of an event, or of an instance of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// SUMMARY.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// When it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// How it repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repetition: Option<Repetition>,
    /// LOCATION.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Whether there is nothing any more to come to: it was cancelled, or the reader was taken from it.
    #[serde(default)]
    pub is_off: bool,
}

/// A time, as [`EventTime`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Time {
    /// Whole days.
    Days {
        /// The first.
        first: NaiveDate,
        /// The last.
        last: NaiveDate,
    },
    /// Local times.
    Local {
        /// The beginning.
        start: NaiveDateTime,
        /// The end.
        end: Option<NaiveDateTime>,
        /// A zone that nobody knows.
        zone_name: Option<String>,
    },
    /// Moments.
    Moments {
        /// The beginning.
        start: DateTime<Utc>,
        /// The end.
        end: Option<DateTime<Utc>>,
        /// IANA name of the organizer's zone.
        zone: Tz,
    },
}

/// How a series repeats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repetition {
    /// To compare.
    key: String,
    /// As it was told, in the language of the reader.
    pub words: String,
}

impl Facts {
    /// Those of a component of an object, for a reader of this language, in this zone.
    #[must_use]
    pub fn of(
        object: &CalendarObject,
        component: &Component,
        language: Language,
        zone: Option<Tz>,
    ) -> Self {
        let kept = |text: &Option<String>| {
            let text: String = text.as_deref()?.trim().chars().take(MAX_KEPT).collect();
            Some(text).filter(|text| !text.is_empty())
        };
        let time = component.start.as_ref().map(Time::of);
        let key = component.repetition_key();
        Self {
            title: kept(&component.summary),
            repetition: key.map(|key| Repetition {
                key: match &time {
                    // The same first moment in another zone is another series, when the clocks change.
                    Some(Time::Moments { zone, .. }) => format!("{zone} {key}"),
                    _ => key,
                },
                words: repetition(object, component, language, zone),
            }),
            time,
            place: kept(&component.location),
            is_off: component.is_cancelled(),
        }
    }

    /// What is different from before.
    #[must_use]
    pub fn since<'a>(&'a self, old: &'a Self) -> Changes<'a> {
        fn differ<T: PartialEq>(old: T, new: T) -> Option<(T, T)> {
            (old != new).then_some((old, new))
        }
        let same_time = match (&old.time, &self.time) {
            (Some(old), Some(new)) => old.is_same_as(new),
            (old, new) => old.is_none() && new.is_none(),
        };
        let key = |facts: &'a Self| facts.repetition.as_ref().map(|rule| rule.key.as_str());
        let words = |facts: &'a Self| facts.repetition.as_ref().map(|rule| rule.words.as_str());
        Changes {
            title: differ(old.title.as_deref(), self.title.as_deref()),
            time: (!same_time).then_some((old.time.as_ref(), self.time.as_ref())),
            repetition: differ(key(old), key(self)).map(|_| (words(old), words(self))),
            place: differ(old.place.as_deref(), self.place.as_deref()),
            is_called_off: self.is_off && !old.is_off,
        }
    }

    /// When it is over: a series, never. Days and local times are over for everybody half a day later.
    #[must_use]
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        let time = self.time.as_ref().filter(|_| self.repetition.is_none());
        time.is_some_and(|time| time.to_event_time().over_at() <= now)
    }
}

/// What is different between two states: the old and the new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes<'a> {
    /// The title.
    pub title: Option<(Option<&'a str>, Option<&'a str>)>,
    /// The time.
    pub time: Option<(Option<&'a Time>, Option<&'a Time>)>,
    /// How it repeats, in words.
    pub repetition: Option<(Option<&'a str>, Option<&'a str>)>,
    /// The place.
    pub place: Option<(Option<&'a str>, Option<&'a str>)>,
    /// It will not be.
    pub is_called_off: bool,
}

impl Changes<'_> {
    /// Whether an answer to the old state says nothing of the new one: who could come to one may not come to the other.
    #[must_use]
    pub const fn ask_anew(&self) -> bool {
        self.time.is_some() || self.repetition.is_some() || self.place.is_some()
    }

    /// Whether anything is different.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        !self.ask_anew() && self.title.is_none() && !self.is_called_off
    }
}

impl Time {
    /// The same as an [`EventTime`].
    #[must_use]
    pub fn of(time: &EventTime) -> Self {
        match time {
            EventTime::AllDay { first, last } => Self::Days {
                first: *first,
                last: *last,
            },
            EventTime::Floating {
                start,
                end,
                zone_name,
            } => Self::Local {
                start: *start,
                end: *end,
                zone_name: zone_name
                    .as_ref()
                    .map(|name| name.chars().take(MAX_KEPT).collect()),
            },
            EventTime::Zoned { start, end, zone } => Self::Moments {
                start: *start,
                end: *end,
                zone: *zone,
            },
        }
    }

    /// As the calendar has it.
    #[must_use]
    pub fn to_event_time(&self) -> EventTime {
        match self.clone() {
            Self::Days { first, last } => EventTime::AllDay { first, last },
            Self::Local {
                start,
                end,
                zone_name,
            } => EventTime::Floating {
                start,
                end,
                zone_name,
            },
            Self::Moments { start, end, zone } => EventTime::Zoned { start, end, zone },
        }
    }

    /// Whether it is the same time, whatever zone it is thought of in.
    fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Moments { start, end, .. },
                Self::Moments {
                    start: other_start,
                    end: other_end,
                    ..
                },
            ) => (start, end) == (other_start, other_end),
            _ => self == other,
        }
    }
}

#[cfg(test)]
mod tests;
