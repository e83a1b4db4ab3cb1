//! Screens: what a message of the bot's own shows. Named here, filled when it is sent.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::DeviceScreen;

use crate::EventScreen;

/// What a message of the bot's own shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "screen", rename_all = "snake_case")]
pub enum Screen {
    /// The commands, and what they do.
    Help,
    /// What was written was not understood.
    NotUnderstood,
    /// The dialog was left.
    Cancelled,
    /// Somebody has an account now.
    Welcome,
    /// In which time zone is the reader?
    TimeZone {
        /// No city of that name is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unknown: Option<String>,
    },
    /// The time zone was chosen.
    TimeZoneChosen {
        /// The city by which it was chosen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        city: Option<City>,
        /// Cities of the same name in other zones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        others: Vec<City>,
    },
    /// The settings, with buttons that change them.
    Settings,
    /// The languages.
    Languages,
    /// Which answers ring.
    Pings,
    /// Who sees when the reader is busy.
    FreeBusy,
    /// A new event, or an invitation to one.
    Event(EventScreen),
    /// About calendar apps.
    Device(DeviceScreen),
    /// There is nothing of that without an account.
    NoAccount,
    /// What there is in some days.
    Agenda {
        /// The first day.
        from: NaiveDate,
        /// How many.
        days: u16,
    },
    /// Invitations that are not answered.
    Pending {
        /// Which page, from 0.
        page: u16,
    },
    /// A calendar as a file.
    CalendarFile {
        /// Which.
        calendar_id: Uuid,
    },
    /// Shall the account be deleted?
    DeleteAccount,
    /// The account was kept.
    AccountKept,
    /// The account was deleted.
    AccountDeleted {
        /// In which language to say so (ISO 639-1): that is forgotten, too.
        language: String,
    },
}

/// A city that somebody has named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct City {
    /// Its name.
    pub name: String,
    /// Its country (ISO 3166-1, two letters).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Its time zone (IANA name).
    pub zone: String,
}

impl Screen {
    /// Whether it says nothing new when it is said again: it may be left out if it was said a moment ago.
    #[must_use]
    pub const fn is_dispensable(&self) -> bool {
        matches!(self, Self::NotUnderstood | Self::CalendarFile { .. })
    }

    /// Whether it takes the place of the text under a file that was sent before.
    #[must_use]
    pub const fn is_caption(&self) -> bool {
        matches!(self, Self::Device(DeviceScreen::Hidden { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn screens_are_kept_as_json() {
        let json = |screen: &Screen| serde_json::to_string(screen).unwrap();
        assert_eq!(json(&Screen::Help), r#"{"screen":"help"}"#);
        assert_eq!(
            json(&Screen::Device(DeviceScreen::List)),
            r#"{"screen":"device","device":"list"}"#
        );
        let id = Uuid::from_u128(1);
        let new = Screen::Device(DeviceScreen::New { id });
        assert_eq!(serde_json::from_str::<Screen>(&json(&new)).unwrap(), new);
        assert_eq!(
            json(&Screen::Event(EventScreen::Coming)),
            r#"{"screen":"event","event":"coming"}"#
        );
        let asked = Screen::TimeZone {
            unknown: Some("Atlantis".to_owned()),
        };
        assert_eq!(
            json(&asked),
            r#"{"screen":"time_zone","unknown":"Atlantis"}"#
        );
        let chosen = r#"{"screen":"time_zone_chosen"}"#;
        let agenda = r#"{"screen":"agenda","from":"2027-01-15","days":7}"#;
        for text in [&json(&asked), chosen, agenda] {
            assert_eq!(json(&serde_json::from_str(text).unwrap()), *text);
        }
    }
}
