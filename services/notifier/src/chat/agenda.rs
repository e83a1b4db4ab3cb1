//! What somebody's days hold: the events of all their calendars, by day, in their zone.

use std::ops::ControlFlow;

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use televent_calendar::{
    CalendarObject, CalendarUserAddress, Component, Moment, Occurrence, PartStat, Window, Zone,
    try_for_each_occurrence,
};
use televent_conversation::BotButton;
use televent_language::Language;
use televent_telegram::{Keyboard, Markup};

use super::{Content, Reader, button};
use crate::{
    card::user_text,
    deliver::{DeliverError, Notifier},
};

/// Objects that are read at once.
const PAGE_OBJECTS: usize = 100;

/// Most objects that are looked at. Each may be a series whose instances are to be found.
const MAX_OBJECTS: usize = 2_000;

/// Most instances of one object: a meeting every hour of a month has so many.
const MAX_INSTANCES: usize = 750;

/// Most entries that are gathered; far more than there is room for.
const MAX_ENTRIES: usize = 5_000;

/// UTF-16 units of a message (Bot API, sendMessage). Tags are counted here, too, and not there.
const MAX_UNITS: usize = 4_096;

/// What is kept for the lines behind the entries.
const UNITS_OF_FOOTER: usize = 400;

/// Characters of a title and of a place.
const MAX_TITLE: usize = 100;
const MAX_PLACE: usize = 60;

/// An event on one day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    day: NaiveDate,
    time: TimeOfDay,
    title: String,
    place: String,
    sign: &'static str,
}

/// When an event is on a day. In the order in which they are shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum TimeOfDay {
    AllDay,
    /// It began the day before.
    Until(NaiveDateTime),
    /// From when to when; without an end if it goes on the next day.
    From(NaiveDateTime, Option<NaiveDateTime>),
}

/// Behind the time of what its owner has not answered.
const UNANSWERED: &str = "⏳";

/// The days that are shown, and for whom.
struct Shown<'a> {
    first: NaiveDate,
    last: NaiveDate,
    zone: Tz,
    address: &'a CalendarUserAddress,
}

impl Notifier {
    /// The agenda from a day on.
    pub(super) async fn agenda(
        &self,
        reader: &Reader<'_>,
        from: NaiveDate,
        days: u16,
    ) -> Result<Content, DeliverError> {
        let address = CalendarUserAddress::internal(reader.id, &self.domain);
        let shown = Shown {
            first: from,
            last: days_later(from, i64::from(days) - 1),
            zone: reader.person.zone().unwrap_or(Tz::UTC),
            address: &address,
        };
        let window = shown.window();
        let (Some(begin), Some(end)) = (window.from, window.to) else {
            return Ok(shown.content(reader, Vec::new(), true));
        };
        let mut entries = Vec::new();
        let (mut after, mut seen, mut is_complete) = (None, 0, true);
        loop {
            let limit = i64::try_from(PAGE_OBJECTS).unwrap_or(i64::MAX);
            let page = self
                .store
                .agenda_candidates(reader.id, begin, end, after, limit)
                .await?;
            after = page.last().map(|last| last.id);
            seen += page.len();
            let is_last = page.len() < PAGE_OBJECTS;
            for stored in page {
                let object = CalendarObject::from_stored(stored.object)?;
                is_complete &= shown.add(&object, &mut entries);
            }
            if is_last {
                break;
            }
            if seen >= MAX_OBJECTS || entries.len() >= MAX_ENTRIES {
                is_complete = false;
                break;
            }
        }
        Ok(shown.content(reader, entries, is_complete))
    }
}

impl Shown<'_> {
    fn window(&self) -> Window {
        let zone = Zone::Named(self.zone);
        let midnight = |day: NaiveDate| zone.to_utc(day.into());
        Window {
            from: Some(midnight(self.first)),
            to: Some(midnight(days_later(self.last, 1))),
        }
    }

    /// Adds what an object has on these days; `false` if there may be more.
    fn add(&self, object: &CalendarObject, entries: &mut Vec<Entry>) -> bool {
        let floating = Zone::Named(self.zone);
        let mut count = 0;
        try_for_each_occurrence(object, &self.window(), &floating, |occurrence| {
            if count >= MAX_INSTANCES {
                return ControlFlow::Break(());
            }
            count += 1;
            if let Some(component) = object.components().get(occurrence.component) {
                self.add_occurrence(component, &occurrence, entries);
            }
            ControlFlow::Continue(())
        })
    }

    fn add_occurrence(
        &self,
        component: &Component,
        occurrence: &Occurrence,
        entries: &mut Vec<Entry>,
    ) {
        let own = component.attendee(self.address);
        let sign = match own.map(|attendee| &attendee.part_stat) {
            Some(PartStat::Declined) => return,
            Some(PartStat::NeedsAction) => UNANSWERED,
            Some(PartStat::Tentative) => "❔",
            Some(PartStat::Accepted) => "✅",
            _ => "",
        };
        if component.is_cancelled() {
            return;
        }
        let entry = |(day, time)| Entry {
            day,
            time,
            title: component.summary.clone().unwrap_or_default(),
            place: component.location.clone().unwrap_or_default(),
            sign,
        };
        entries.extend(self.times(occurrence).into_iter().map(entry));
    }

    /// On which of the days an event is, and when.
    fn times(&self, occurrence: &Occurrence) -> Vec<(NaiveDate, TimeOfDay)> {
        if let Some(Moment::Date(first)) = occurrence.start {
            let last = match occurrence.end {
                Some(Moment::Date(end)) if end > first => days_later(end, -1),
                _ => first,
            };
            return self
                .days(first, last)
                .map(|day| (day, TimeOfDay::AllDay))
                .collect();
        }
        let local = |at: DateTime<Utc>| at.with_timezone(&self.zone).naive_local();
        let (from, to) = (local(occurrence.from), local(occurrence.to));
        // What ends at midnight is not on the next day.
        let last = if to > from {
            (to - TimeDelta::seconds(1)).date().max(from.date())
        } else {
            from.date()
        };
        let time = |day: NaiveDate| {
            if day == from.date() {
                let end = (last == day && to > from).then_some(to);
                TimeOfDay::From(from, end.or((to <= from).then_some(from)))
            } else if day == last {
                TimeOfDay::Until(to)
            } else {
                TimeOfDay::AllDay
            }
        };
        self.days(from.date(), last)
            .map(|day| (day, time(day)))
            .collect()
    }

    /// Those of the days from one to another that are shown.
    fn days(&self, first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let last = last.min(self.last);
        let first = first.max(self.first);
        first.iter_days().take_while(move |day| *day <= last)
    }

    fn content(&self, reader: &Reader<'_>, mut entries: Vec<Entry>, is_complete: bool) -> Content {
        let language = reader.language;
        entries.sort();
        let mut text = language.say(
            "agenda-heading",
            &[("days", (&language.days(self.first, self.last)).into())],
        );
        if entries.is_empty() {
            text.push_str("\n\n");
            text.push_str(&language.text("agenda-nothing"));
        }
        let shown = self.write_entries(&mut text, &entries, language);
        let mut footer = Vec::new();
        if shown < entries.len() {
            let count = entries.len() - shown;
            footer.push(language.say("agenda-more", &[("count", count.into())]));
        }
        if !is_complete {
            footer.push(language.text("agenda-incomplete"));
        }
        if entries.iter().any(|entry| entry.sign == UNANSWERED) {
            footer.push(language.text("agenda-unanswered"));
        }
        if reader.person.time_zone.is_none() {
            footer.push(language.text("agenda-in-utc"));
        }
        if !footer.is_empty() {
            text.push_str("\n\n");
            text.push_str(&footer.join("\n"));
        }
        Content {
            html: text,
            markup: Markup::Inline(self.keyboard(language)),
            file: None,
        }
    }

    /// Writes as many entries as there is room for. Returns how many.
    fn write_entries(&self, text: &mut String, entries: &[Entry], language: Language) -> usize {
        let mut day = None;
        let mut units = text.encode_utf16().count();
        for (index, entry) in entries.iter().enumerate() {
            let mut lines = String::new();
            if day != Some(entry.day) {
                lines.push('\n');
                if self.first != self.last {
                    lines.push_str(&heading(entry.day, language));
                }
                day = Some(entry.day);
            }
            lines.push('\n');
            lines.push_str(&entry.line(language));
            units += lines.encode_utf16().count();
            if units > MAX_UNITS - UNITS_OF_FOOTER {
                return index;
            }
            text.push_str(&lines);
        }
        entries.len()
    }

    fn keyboard(&self, language: Language) -> Keyboard {
        let count = (self.last - self.first).num_days() + 1;
        let days = u16::try_from(count).unwrap_or(1);
        let at = |from| BotButton::Agenda { from, days };
        vec![vec![
            button(
                language.text("agenda-earlier"),
                &at(days_later(self.first, -count)),
            ),
            button(
                language.text("agenda-later"),
                &at(days_later(self.first, count)),
            ),
        ]]
    }
}

fn heading(day: NaiveDate, language: Language) -> String {
    let day = language.say(
        "agenda-day",
        &[
            ("weekday", (&language.weekday(day.weekday())).into()),
            ("date", (&language.day_and_month(day)).into()),
        ],
    );
    format!("\n<b>{day}</b>")
}

impl Entry {
    fn line(&self, language: Language) -> String {
        let time = match &self.time {
            TimeOfDay::AllDay => language.text("agenda-all-day"),
            TimeOfDay::Until(to) => language.say(
                "agenda-until",
                &[("time", (&language.time(to.time())).into())],
            ),
            TimeOfDay::From(from, Some(to)) if to == from => language.time(from.time()),
            TimeOfDay::From(from, Some(to)) => language.time_range(from.time(), to.time()),
            TimeOfDay::From(from, None) => language.say(
                "agenda-from",
                &[("time", (&language.time(from.time())).into())],
            ),
        };
        let mut title = user_text(&self.title, MAX_TITLE, language);
        if title.is_empty() {
            title = language.text("agenda-no-title");
        }
        let sign = if self.sign.is_empty() { "" } else { " " };
        let mut line = format!("{time}{sign}{} <b>{title}</b>", self.sign);
        let place = user_text(&self.place, MAX_PLACE, language);
        if !place.is_empty() {
            line.push_str(" · ");
            line.push_str(&place);
        }
        line
    }
}

/// The day so many days later; the same at the end of time.
fn days_later(day: NaiveDate, days: i64) -> NaiveDate {
    let count = Days::new(days.unsigned_abs());
    let later = if days < 0 {
        day.checked_sub_days(count)
    } else {
        day.checked_add_days(count)
    };
    later.unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use televent_calendar::{InternalDomain, TelegramUserId};

    /// The days, from 2 to 5 January 2027 in Berlin, and times of an event.
    fn times(start: &str, end: &str) -> Vec<String> {
        let object = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20270101T000000Z\r\n\
             DTSTART{start}\r\nDTEND{end}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        let object = CalendarObject::parse(object.into()).unwrap();
        let me = TelegramUserId::new(1).unwrap();
        let shown = Shown {
            first: "2027-01-02".parse().unwrap(),
            last: "2027-01-05".parse().unwrap(),
            zone: Tz::Europe__Berlin,
            address: &CalendarUserAddress::internal(me, &InternalDomain::default()),
        };
        let mut entries = Vec::new();
        assert!(shown.add(&object, &mut entries));
        entries
            .iter()
            .map(|entry| {
                let line = entry.line(Language::English);
                let time = line.split(" <b>").next().unwrap();
                format!("{}: {time}", entry.day.day())
            })
            .collect()
    }

    #[test]
    fn an_event_is_on_each_of_its_days() {
        for (start, end, expected) in [
            (
                ":20270102T080000Z",
                ":20270102T090000Z",
                vec!["2: 09:00 – 10:00"],
            ),
            (
                ":20270102T220000Z",
                ":20270102T230000Z",
                vec!["2: 23:00 – 00:00"],
            ),
            (
                ":20270102T220000Z",
                ":20270104T080000Z",
                vec!["2: from 23:00", "3: all day", "4: until 09:00"],
            ),
            (":20270101T120000Z", ":20270101T230000Z", vec![]),
            (
                ":20270101T120000Z",
                ":20270102T010000Z",
                vec!["2: until 02:00"],
            ),
            (
                ":20270105T220000Z",
                ":20270107T010000Z",
                vec!["5: from 23:00"],
            ),
            (
                ":20270103T090000",
                ":20270103T093000",
                vec!["3: 09:00 – 09:30"],
            ),
            (
                ";VALUE=DATE:20270101",
                ";VALUE=DATE:20270104",
                vec!["2: all day", "3: all day"],
            ),
            (";VALUE=DATE:20270101", ";VALUE=DATE:20270102", vec![]),
            (";VALUE=DATE:20270106", ";VALUE=DATE:20270107", vec![]),
        ] {
            assert_eq!(times(start, end), expected, "{start} {end}");
        }
    }
}
