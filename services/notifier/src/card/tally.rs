//! The organizer's card: who has answered what. One message an event, edited as answers come.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use televent_calendar::{
    CalendarObject, EventTime, InternalDomain, PartStat, ScheduleStatus, TelegramUserId,
};
use televent_store::Pings;
use televent_telegram::escape_html;

use super::{
    Reading, Rendered,
    guests::{Counts, Guest, MAX_NAMED, Said},
    text::{MAX_NAME, quoted, title, user_text},
    when::{day, when},
};

/// Longer lists open at a tap.
const MAX_OPEN: usize = 10;

/// Instances of a series whose answers are told.
const MAX_DAYS: usize = 8;

/// People of whom it is told that the invitation did not reach them.
const MAX_UNREACHED: usize = 5;

/// Answers that one message tells.
const MAX_TOLD: usize = 5;

/// Why the invitation did not reach somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreached {
    NotOpened,
    Blocked,
    Unknown,
}

impl Unreached {
    /// What the delivery says of somebody who can't be written to.
    pub(crate) const fn of(status: ScheduleStatus) -> Option<Self> {
        match status {
            ScheduleStatus::Pending => Some(Self::NotOpened),
            ScheduleStatus::Failed => Some(Self::Blocked),
            ScheduleStatus::InvalidUser => Some(Self::Unknown),
            ScheduleStatus::Delivered | ScheduleStatus::NoRoute => None,
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::NotOpened => "tally-not-opened",
            Self::Blocked => "tally-blocked",
            Self::Unknown => "tally-unknown",
        }
    }
}

/// Everything that a tally shows.
#[derive(Debug)]
pub(crate) struct Tally<'a> {
    pub(crate) object: &'a CalendarObject,
    pub(crate) is_cancelled: bool,
    /// Everybody, each once.
    pub(crate) guests: &'a [Guest],
    /// Answers for one instance of a series that are not those for all of it, the next to come first.
    pub(crate) days: &'a [(EventTime, Guest)],
    /// Whom the invitation did not reach.
    pub(crate) unreached: &'a [(Guest, Unreached)],
    /// What they have to open.
    pub(crate) invitation_link: Option<&'a str>,
    pub(crate) reading: Reading,
}

/// The answers that a tally told: by address, and by address and instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answers {
    #[serde(default)]
    said: BTreeMap<String, Said>,
    /// Whether everybody had answered.
    #[serde(default)]
    is_complete: bool,
}

impl Tally<'_> {
    /// The card.
    pub(crate) fn render(&self) -> Rendered {
        let reading = self.reading;
        let component = self.object.master_or_first();
        let mut lines = vec![self.heading()];
        if let Some(start) = &component.start {
            lines.push(format!("🕒 {}", when(start, reading)));
        }
        lines.push(String::new());
        lines.extend(self.named());
        lines.extend(
            self.days
                .iter()
                .take(MAX_DAYS)
                .map(|(time, guest)| self.on_day(time, guest)),
        );
        lines.extend(self.not_reached());
        lines.push(String::new());
        lines.push(Counts::of(self.guests).words(reading));
        Rendered {
            html: lines.join("\n"),
            keyboard: Vec::new(),
        }
    }

    /// What is remembered of it.
    pub(crate) fn answers(&self) -> Answers {
        let of_all = self.guests.iter().map(|guest| (key(guest, None), guest));
        let of_days = self
            .days
            .iter()
            .map(|(time, guest)| (key(guest, Some(time)), guest));
        Answers {
            said: of_all
                .chain(of_days)
                .filter(|(_, guest)| guest.said != Said::Nothing)
                .map(|(key, guest)| (key, guest.said))
                .collect(),
            is_complete: Counts::of(self.guests).waiting == 0,
        }
    }

    /// What makes the organizer's phone ring, below the tally that was edited: answers that were not told before, if they
    /// want to hear of them.
    pub(crate) fn news(&self, told: &Answers, pings: Pings) -> Option<String> {
        let is_first = told.said.is_empty();
        let is_heard = |said: Said| match pings {
            Pings::None => false,
            Pings::All => true,
            Pings::Important => is_first || matches!(said, Said::No | Said::Delegated),
        };
        let is_new = |key: &str, said: Said| {
            said != Said::Nothing && told.said.get(key) != Some(&said) && is_heard(said)
        };
        let of_all = self
            .guests
            .iter()
            .filter(|guest| is_new(&key(guest, None), guest.said))
            .map(|guest| self.on_whole(guest));
        let of_days = self
            .days
            .iter()
            .filter(|(time, guest)| is_new(&key(guest, Some(time)), guest.said))
            .map(|(time, guest)| self.on_day(time, guest));
        let all: Vec<String> = of_all.chain(of_days).collect();
        let is_complete = !told.is_complete && self.answers().is_complete && self.guests.len() > 1;
        let everyone = is_complete && pings != Pings::None;
        if self.is_cancelled || all.is_empty() && !everyone {
            return None;
        }
        let language = self.reading.language;
        let more = all.len().saturating_sub(MAX_TOLD);
        let mut lines: Vec<String> = all.into_iter().take(MAX_TOLD).collect();
        if more > 0 {
            lines.push(language.say("card-more", &[("count", more.into())]));
        }
        if everyone {
            lines.push(language.text("tally-everyone"));
        }
        let title = title(self.object.master_or_first().summary.as_deref(), language);
        lines.push(format!(
            "<b>{title}</b>: {}",
            Counts::of(self.guests).words(self.reading)
        ));
        Some(lines.join("\n"))
    }

    fn heading(&self) -> String {
        let language = self.reading.language;
        let title = title(self.object.master_or_first().summary.as_deref(), language);
        if self.is_cancelled {
            let title = format!("<s>{title}</s>");
            language.say("card-cancelled", &[("title", (&title).into())])
        } else {
            format!("📊 <b>{title}</b>")
        }
    }

    fn named(&self) -> Vec<String> {
        let is_told_below = |guest: &&Guest| {
            let mut unreached = self.unreached.iter().take(MAX_UNREACHED);
            !unreached.any(|(other, _)| other.address == guest.address)
        };
        let guests: Vec<&Guest> = self.guests.iter().filter(is_told_below).collect();
        let mut lines: Vec<String> = guests
            .iter()
            .take(MAX_NAMED)
            .map(|guest| self.on_whole(guest))
            .collect();
        if guests.len() > MAX_NAMED {
            let more = guests.len() - MAX_NAMED;
            let language = self.reading.language;
            lines.push(language.say("card-more", &[("count", more.into())]));
        }
        if guests.len() > MAX_OPEN {
            lines = vec![quoted(&lines.join("\n"))];
        }
        lines
    }

    fn on_whole(&self, guest: &Guest) -> String {
        let message = match guest.said {
            Said::Yes => "tally-accepted",
            Said::No => "tally-declined",
            Said::Maybe => "tally-tentative",
            Said::Delegated => "tally-delegated",
            Said::Nothing => "tally-waiting",
        };
        let name = self.name(guest);
        self.reading
            .language
            .say(message, &[("name", (&name).into())])
    }

    fn on_day(&self, time: &EventTime, guest: &Guest) -> String {
        let message = match guest.said {
            Said::Yes => "tally-accepted-day",
            Said::No | Said::Delegated => "tally-declined-day",
            Said::Maybe | Said::Nothing => "tally-tentative-day",
        };
        let (name, day) = (self.name(guest), day(time, self.reading));
        let arguments = [("name", (&name).into()), ("day", (&day).into())];
        self.reading.language.say(message, &arguments)
    }

    fn not_reached(&self) -> Vec<String> {
        if self.is_cancelled || self.unreached.is_empty() {
            return Vec::new();
        }
        let language = self.reading.language;
        let told = self.unreached.iter().take(MAX_UNREACHED);
        let mut lines: Vec<String> = told
            .map(|(guest, why)| {
                let name = self.name(guest);
                language.say(why.message(), &[("name", (&name).into())])
            })
            .collect();
        if self.unreached.len() > MAX_UNREACHED {
            let more = self.unreached.len() - MAX_UNREACHED;
            lines.push(language.say("card-more", &[("count", more.into())]));
        }
        let can_open = |(_, why): &&(Guest, Unreached)| *why != Unreached::Unknown;
        if let Some(link) = self.invitation_link
            && self.unreached.iter().any(|unreached| can_open(&unreached))
        {
            lines.push(escape_html(link));
        }
        lines
    }

    fn name(&self, guest: &Guest) -> String {
        user_text(&guest.name, MAX_NAME, self.reading.language)
    }
}

/// Of the answers for single instances, those that are told: not for days that are over, nor what says the same as the
/// answer for all.
pub(crate) fn days(
    object: &CalendarObject,
    guests_of: impl Fn(&televent_calendar::Component) -> Vec<Guest>,
    now: DateTime<Utc>,
) -> Vec<(EventTime, Guest)> {
    let Some(master) = object.master() else {
        return Vec::new();
    };
    let of_series: BTreeMap<String, Said> = guests_of(master)
        .into_iter()
        .map(|guest| (guest.address, guest.said))
        .collect();
    let mut days: Vec<(EventTime, Guest)> = Vec::new();
    for component in object.components() {
        let Some(start) = component
            .start
            .as_ref()
            .filter(|start| component.recurrence_id.is_some() && start.over_at() > now)
        else {
            continue;
        };
        let differing = guests_of(component).into_iter().filter(|guest| {
            guest.said != Said::Nothing && of_series.get(&guest.address) != Some(&guest.said)
        });
        days.extend(differing.map(|guest| (start.clone(), guest)));
    }
    days.sort_by_key(|(time, _)| begins(time));
    days
}

fn begins(time: &EventTime) -> chrono::NaiveDateTime {
    match time {
        EventTime::AllDay { first, .. } => first.and_time(chrono::NaiveTime::MIN),
        EventTime::Floating { start, .. } => *start,
        EventTime::Zoned { start, .. } => start.naive_utc(),
    }
}

fn key(guest: &Guest, day: Option<&EventTime>) -> String {
    match day {
        None => guest.address.clone(),
        Some(time) => format!("{} {}", guest.address, begins(time)),
    }
}

/// Each once: somebody may be in several instances.
pub(crate) fn each_once(guests: Vec<Guest>) -> Vec<Guest> {
    let mut seen = HashSet::new();
    guests
        .into_iter()
        .filter(|guest| seen.insert(guest.address.clone()))
        .collect()
}

/// Whether any of those who can answer by a card has: before that there is nothing to tell.
pub(crate) fn has_answers(
    object: &CalendarObject,
    organizer: TelegramUserId,
    domain: &InternalDomain,
) -> bool {
    object.attendees().iter().any(|attendee| {
        attendee.part_stat != PartStat::NeedsAction
            && attendee
                .address
                .telegram_user_id(domain)
                .is_some_and(|id| id != organizer)
    })
}

#[cfg(test)]
mod tests;
