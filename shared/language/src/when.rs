//! When an event is, in words and in the reader's zone.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use televent_calendar::EventTime;

use crate::{Language, isolate};

mod form;
#[cfg(test)]
mod tests;

use form::{Form, Html, Plain};

/// Characters of the name of a zone that nobody knows: its author has written it, and it may be anything.
const MAX_ZONE_NAME: usize = 64;

impl Language {
    /// From one day to another, or that one day: `Fri, 15 Jan 2027 – Sun, 17 Jan 2027`.
    #[must_use]
    pub fn days(self, first: NaiveDate, last: NaiveDate) -> String {
        if first == last {
            return self.date(first);
        }
        self.range(&self.date(first), &self.date(last))
    }

    /// From one local time to another: `Fri, 15 Jan 2027, 09:00 – 10:00`. An end on another day is told with its day.
    #[must_use]
    pub fn span(self, start: NaiveDateTime, end: Option<NaiveDateTime>) -> String {
        let from = self.moment(start);
        match end {
            None => from,
            Some(end) => self.range(&from, &self.end(start, end)),
        }
    }

    /// When an event is: `Fri, 15 Jan 2027, 09:00 – 10:00 (Berlin)`. Moments are told in the `reader`'s zone, or in the
    /// event's where that is not known. Days and local times are nobody's moment: they never shift. Plain text, in which
    /// the name of an unknown zone stands as its author wrote it.
    #[must_use]
    pub fn when(self, time: &EventTime, reader: Option<Tz>) -> String {
        self.in_form::<Plain>(time, reader)
    }

    /// [`when`](Self::when) as HTML of the Bot API, with how long the event takes. The moments are `tg-time`, which clients
    /// show in the zone and language of their user; what stands in it is for the others.
    #[must_use]
    pub fn when_html(self, time: &EventTime, reader: Option<Tz>) -> String {
        let when = self.in_form::<Html>(time, reader);
        match length(time) {
            Some(length) => self.lasting(&when, length),
            None => when,
        }
    }

    fn in_form<F: Form>(self, time: &EventTime, reader: Option<Tz>) -> String {
        match time {
            EventTime::AllDay { first, last } => self.days(*first, *last),
            EventTime::Floating {
                start,
                end,
                zone_name,
            } => {
                let span = self.span(*start, *end);
                let name = zone_name.as_deref().map(one_line);
                match name.filter(|name| !name.is_empty()) {
                    Some(name) => self.in_zone(&span, &F::text(&isolate(&name, self))),
                    None => span,
                }
            }
            EventTime::Zoned { start, end, zone } => {
                let zone = reader.unwrap_or(*zone);
                let span = self.moments::<F>(*start, *end, zone);
                self.in_zone(&span, &self.zone(zone))
            }
        }
    }

    fn moments<F: Form>(
        self,
        start: DateTime<Utc>,
        end: Option<DateTime<Utc>>,
        zone: Tz,
    ) -> String {
        let local = |moment: DateTime<Utc>| moment.with_timezone(&zone).naive_local();
        let from = F::day_and_time(start, &self.moment(local(start)));
        let Some(end) = end else {
            return from;
        };
        let told = self.end(local(start), local(end));
        let to = if local(start).date() == local(end).date() {
            F::time(end, &told)
        } else {
            F::day_and_time(end, &told)
        };
        self.range(&from, &to)
    }

    fn moment(self, at: NaiveDateTime) -> String {
        let (day, time) = (self.date(at.date()), self.time(at.time()));
        self.say(
            "time-on-day",
            &[("day", (&day).into()), ("time", (&time).into())],
        )
    }

    fn end(self, start: NaiveDateTime, end: NaiveDateTime) -> String {
        if start.date() == end.date() {
            self.time(end.time())
        } else {
            self.moment(end)
        }
    }

    /// What is told of a time, and how long it takes: `… · 1 h`.
    #[must_use]
    pub fn lasting(self, time: &str, length: Duration) -> String {
        let length = self.duration(length);
        self.say(
            "time-lasting",
            &[("time", time.into()), ("duration", (&length).into())],
        )
    }

    /// What is told of a time, and the name of its zone: `… (Berlin)`.
    #[must_use]
    pub fn in_zone(self, time: &str, zone: &str) -> String {
        self.say(
            "time-in-zone",
            &[("time", time.into()), ("zone", zone.into())],
        )
    }
}

/// How long an event takes. `None` if it does not say, or is that one day.
fn length(time: &EventTime) -> Option<Duration> {
    match time {
        EventTime::AllDay { first, last } if first == last => None,
        EventTime::AllDay { first, last } => Some(*last - *first + Duration::days(1)),
        EventTime::Floating { start, end, .. } => end.map(|end| end - *start),
        EventTime::Zoned { start, end, .. } => end.map(|end| end - *start),
    }
}

fn one_line(name: &str) -> String {
    let plain = name
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter });
    let words: String = plain.collect();
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(MAX_ZONE_NAME).collect()
}
