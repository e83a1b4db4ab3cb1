//! Changes in words.

use chrono_tz::Tz;
use televent_calendar::{CalendarObject, Component, EventTime};
use televent_language::{Language, isolate};

use super::{Changes, Time};

/// Characters of a place in a sentence.
const MAX_PLACE: usize = 40;

/// How a component repeats.
#[must_use]
pub fn repetition(
    object: &CalendarObject,
    component: &Component,
    language: Language,
    zone: Option<Tz>,
) -> String {
    object.repetition(component).map_or_else(
        || language.text("recurrence-repeats"),
        |repetition| language.repeats(&repetition, zone),
    )
}

impl Changes<'_> {
    /// Sentences that say what is at another time or place: plain text, with the texts of others as they were written, but
    /// short. Moments are told in the `reader`'s zone.
    #[must_use]
    pub fn sentences(&self, language: Language, reader: Option<Tz>) -> Vec<String> {
        let mut sentences = Vec::new();
        if let Some((old, new)) = self.time {
            sentences.push(moved(old, new, language, reader));
        }
        if let Some((old, new)) = self.repetition {
            let once = language.text("change-once");
            let old = old.unwrap_or(&once);
            let new = new.unwrap_or(&once);
            sentences.push(language.say(
                "change-repetition",
                &[("old", old.into()), ("new", new.into())],
            ));
        }
        if let Some((old, new)) = self.place {
            let (old, new) = (place(old, language), place(new, language));
            sentences.push(language.say(
                "change-place",
                &[("old", (&old).into()), ("new", (&new).into())],
            ));
        }
        sentences
    }
}

fn place(place: Option<&str>, language: Language) -> String {
    let Some(place) = place else {
        return language.text("change-no-place");
    };
    let line = place.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(MAX_PLACE).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    isolate(&short, language).into_owned()
}

fn moved(old: Option<&Time>, new: Option<&Time>, language: Language, reader: Option<Tz>) -> String {
    let (Some(old), Some(new)) = (old, new) else {
        return language.text("change-time-unknown");
    };
    let (old, new) = (old.to_event_time(), new.to_event_time());
    let (from, to) = match (local(&old, reader), local(&new, reader)) {
        (Some(old), Some(new)) => on_the_clock(&old, &new, language),
        _ => (language.when(&old, reader), language.when(&new, reader)),
    };
    language.say(
        "change-time",
        &[("old", (&from).into()), ("new", (&to).into())],
    )
}

/// A time of the day, and of which zone.
struct Local {
    start: chrono::NaiveDateTime,
    end: Option<chrono::NaiveDateTime>,
    zone: Tz,
}

/// Where both times are moments.
fn local(time: &EventTime, reader: Option<Tz>) -> Option<Local> {
    match time {
        EventTime::Zoned { start, end, zone } => {
            let zone = reader.unwrap_or(*zone);
            Some(Local {
                start: start.with_timezone(&zone).naive_local(),
                end: end.map(|end| end.with_timezone(&zone).naive_local()),
                zone,
            })
        }
        EventTime::AllDay { .. } | EventTime::Floating { .. } => None,
    }
}

/// As little as says it: the day once if it is the same, and ends only where the length has changed, too.
fn on_the_clock(old: &Local, new: &Local, language: Language) -> (String, String) {
    let is_same_day = old.start.date() == new.start.date();
    let length = |time: &Local| time.end.map(|end| end - time.start);
    let has_ends = length(old) != length(new);
    let told = |time: &Local, with_day: bool| {
        let end = time.end.filter(|_| has_ends);
        let ends_that_day = end.is_none_or(|end| end.date() == time.start.date());
        if with_day || !ends_that_day {
            language.span(time.start, end)
        } else {
            match end {
                Some(end) => language.time_range(time.start.time(), end.time()),
                None => language.time(time.start.time()),
            }
        }
    };
    let in_zone = |time: String, zone| language.in_zone(&time, &language.zone(zone));
    let from = told(old, true);
    let to = in_zone(told(new, !is_same_day), new.zone);
    if old.zone == new.zone {
        (from, to)
    } else {
        (in_zone(from, old.zone), to)
    }
}
