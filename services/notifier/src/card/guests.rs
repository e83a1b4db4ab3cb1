//! Who answered what.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use televent_calendar::{Attendee, InternalDomain, PartStat, ScheduleStatus, TelegramUserId};

use super::{
    Reading,
    text::{MAX_NAME, quoted, user_text},
};

/// People that are named; the counts are of all.
pub(super) const MAX_NAMED: usize = 30;

/// What somebody has answered, as far as others see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Said {
    Yes,
    No,
    Maybe,
    /// They have sent somebody else.
    Delegated,
    Nothing,
}

/// Somebody who is invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Guest {
    /// Who it is, if the address is one of ours.
    pub(crate) id: Option<TelegramUserId>,
    /// Normalised.
    pub(crate) address: String,
    /// As it was written, or as we know it.
    pub(crate) name: String,
    pub(crate) said: Said,
    /// What became of the invitation, if they have not answered.
    pub(crate) delivery: Option<ScheduleStatus>,
}

/// The people of a list but for the organizer, each once. `names` are those under which we know people, for attendees
/// without a CN.
pub(crate) fn guests<'a>(
    attendees: impl IntoIterator<Item = &'a Attendee>,
    organizer: TelegramUserId,
    names: &HashMap<TelegramUserId, String>,
    domain: &InternalDomain,
) -> Vec<Guest> {
    attendees
        .into_iter()
        .filter_map(|attendee| {
            let id = attendee.address.telegram_user_id(domain);
            let given = attendee.common_name.as_ref();
            let given = given.filter(|name| !name.trim().is_empty());
            let known = || id.and_then(|id| names.get(&id));
            let name = given.or_else(known);
            (id != Some(organizer)).then(|| Guest {
                id,
                address: attendee.address.as_str().to_owned(),
                name: name
                    .map_or(attendee.address.as_str(), String::as_str)
                    .to_owned(),
                said: Said::of(&attendee.part_stat),
                delivery: attendee
                    .schedule_status
                    .as_deref()
                    .and_then(ScheduleStatus::parse),
            })
        })
        .collect()
}

impl Guest {
    pub(crate) fn has_not_answered(&self) -> bool {
        self.said == Said::Nothing
    }
}

impl Said {
    pub(super) const fn of(part_stat: &PartStat) -> Self {
        match part_stat {
            PartStat::Accepted | PartStat::Completed | PartStat::InProcess => Self::Yes,
            PartStat::Declined => Self::No,
            PartStat::Tentative => Self::Maybe,
            PartStat::Delegated => Self::Delegated,
            PartStat::NeedsAction | PartStat::Other(_) => Self::Nothing,
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Yes => "✅",
            Self::No | Self::Delegated => "❌",
            Self::Maybe => "❔",
            Self::Nothing => "⏳",
        }
    }
}

/// How many have answered what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) yes: usize,
    pub(crate) no: usize,
    pub(crate) maybe: usize,
    pub(crate) waiting: usize,
}

impl Counts {
    pub(crate) fn of(guests: &[Guest]) -> Self {
        let mut counts = Self::default();
        for guest in guests {
            match guest.said {
                Said::Yes => counts.yes += 1,
                Said::No | Said::Delegated => counts.no += 1,
                Said::Maybe => counts.maybe += 1,
                Said::Nothing => counts.waiting += 1,
            }
        }
        counts
    }

    /// `✅ 3 · ❌ 1 · ❔ 1 · ⏳ 2`, without what is nobody's.
    pub(super) fn signs(self) -> String {
        let parts = [
            (Said::Yes, self.yes),
            (Said::No, self.no),
            (Said::Maybe, self.maybe),
            (Said::Nothing, self.waiting),
        ];
        let some = parts.iter().filter(|(_, count)| *count > 0);
        let some = some.map(|(said, count)| format!("{} {count}", said.sign()));
        some.collect::<Vec<_>>().join(" · ")
    }

    /// `3 yes · 1 no · 2 waiting`.
    pub(super) fn words(self, reading: Reading) -> String {
        let mut arguments = vec![
            ("yes", self.yes.into()),
            ("no", self.no.into()),
            ("waiting", self.waiting.into()),
        ];
        if self.maybe == 0 {
            return reading.language.say("tally-counts", &arguments);
        }
        arguments.push(("maybe", self.maybe.into()));
        reading.language.say("tally-counts-with-maybe", &arguments)
    }
}

/// `✅ Bob`, one a line, in a quotation that opens at a tap; more than are named are counted.
pub(super) fn names(guests: &[Guest], reading: Reading) -> String {
    let language = reading.language;
    let mut lines: Vec<String> = guests
        .iter()
        .take(MAX_NAMED)
        .map(|guest| {
            let name = user_text(&guest.name, MAX_NAME, language);
            format!("{} {name}", guest.said.sign())
        })
        .collect();
    if guests.len() > MAX_NAMED {
        let count = guests.len() - MAX_NAMED;
        lines.push(language.say("card-more", &[("count", count.into())]));
    }
    quoted(&lines.join("\n"))
}
