//! An event in one message: `Lunch with Bo tomorrow 13:00 @ Café`. Pure.
//!
//! The words for days and times are taken out, wherever they stand; what is left is the title, and behind an `@` with spaces
//! around it the place. What can't be read for certain is left open, so that somebody asks: a time is never guessed, and
//! a day only where the next one is meant, which is told as uncertain. A day without a time is the whole day. A time without a
//! day is the next one that the clock shows.

use std::ops::Range;

use chrono::{
    DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike,
};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use televent_language::Language;

mod clock;
mod day;
#[cfg(test)]
mod tests;
mod text;
mod words;

use text::Text;
use words::{Part, Unit, Words, words};

/// How long an event takes whose end was not said, in minutes.
pub const DEFAULT_MINUTES: u32 = 60;

/// The longest event that is not of whole days, in minutes.
pub const MAX_MINUTES: u32 = 7 * 24 * 60;

/// Characters of a title or place that are kept.
pub const MAX_TEXT: usize = 250;

/// Signs that are left over at the ends of a title when a day beside them is taken out.
const LOOSE_SIGNS: [char; 9] = [',', ';', ':', '-', '–', '—', '|', '،', '؛'];

/// When on a day an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeOfDay {
    /// The whole day.
    AllDay,
    /// From a time on.
    At {
        /// The beginning.
        start: NaiveTime,
        /// How long, on the clock on the wall.
        minutes: u32,
    },
}

/// Why something is asked that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// 1/2 is another day for everybody.
    AmbiguousDate,
    /// There is no such day.
    NoSuchDay,
    /// Different days were said.
    TwoDays,
    /// The day is over.
    PastDay,
    /// At three: in the night, or in the afternoon?
    UnclearTime,
    /// Different times were said.
    TwoTimes,
    /// It is later than that already.
    PastTime,
    /// The clocks skip this time on this day.
    NoSuchTime,
}

/// What a message says of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuickEvent {
    /// What is left of it; may be empty.
    pub title: String,
    /// The day, if it was said.
    pub day: Option<NaiveDate>,
    /// Whether the day was said, and is not the next one on which a clock shows the time.
    pub is_day_said: bool,
    /// When on it, if that is known.
    pub time: Option<TimeOfDay>,
    /// Where.
    pub place: Option<String>,
    /// Why the day or the time is left open though something was said of it.
    pub doubt: Option<Doubt>,
    /// Whether nothing of it could be meant in another way.
    pub is_certain: bool,
}

impl QuickEvent {
    /// Reads a message in somebody's language; `now` is in their zone. If nothing in it is a day or a time there, it may be
    /// written in another of our languages, which is uncertain.
    #[must_use]
    pub fn read(message: &str, language: Language, now: DateTime<Tz>) -> Self {
        Self::read_in_any(message, language, now, false)
    }

    /// As [`Self::read`], of an answer to the question at what time: a mere number is one, too.
    #[must_use]
    pub fn read_time(message: &str, language: Language, now: DateTime<Tz>) -> Self {
        Self::read_in_any(message, language, now, true)
    }

    fn read_in_any(message: &str, language: Language, now: DateTime<Tz>, is_asked: bool) -> Self {
        let text = Text::new(message);
        let read = |language, is_expected| {
            Reading::of(&text, (words(language), is_expected), now, is_asked)
        };
        let own = read(language, true);
        if own.says_when() {
            return own.finish(&text, now);
        }
        let others = Language::ALL.into_iter().filter(|other| *other != language);
        let other = others
            .map(|other| read(other, false))
            .find(Reading::says_when);
        match other {
            Some(other) => Self {
                is_certain: false,
                ..other.finish(&text, now)
            },
            None => own.finish(&text, now),
        }
    }

    /// Whether there is nothing left to ask.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.title.is_empty()
            && self.day.is_some()
            && self.time.is_some()
            && self.doubt.is_none()
            && self.is_certain
    }
}

/// Why somebody can't begin at this time of this day; `now` is in their zone.
#[must_use]
pub fn doubt_of(day: NaiveDate, time: Option<TimeOfDay>, now: DateTime<Tz>) -> Option<Doubt> {
    if day < now.date_naive() {
        return Some(Doubt::PastDay);
    }
    let Some(TimeOfDay::At { start, .. }) = time else {
        return None;
    };
    match day.and_time(start).and_local_timezone(now.timezone()) {
        LocalResult::None => Some(Doubt::NoSuchTime),
        LocalResult::Single(at) | LocalResult::Ambiguous(_, at) if at < now => {
            Some(Doubt::PastTime)
        }
        LocalResult::Single(_) | LocalResult::Ambiguous(..) => None,
    }
}

/// What was found in a message.
struct Reading {
    words: &'static Words,
    /// Whether it is read in the language of whoever wrote it.
    is_expected: bool,
    days: Vec<day::Said>,
    times: Vec<clock::Times>,
    lengths: Vec<u32>,
    is_all_day: bool,
    /// So long from now.
    from_now: Option<NaiveDateTime>,
    /// What is said by these letters is no title.
    taken: Vec<Range<usize>>,
    place_at: Option<usize>,
}

impl Reading {
    fn of(
        text: &Text<'_>,
        (words, is_expected): (&'static Words, bool),
        now: DateTime<Tz>,
        is_asked: bool,
    ) -> Self {
        let mut reading = Self {
            words,
            is_expected,
            days: Vec::new(),
            times: Vec::new(),
            lengths: Vec::new(),
            is_all_day: false,
            from_now: None,
            taken: Vec::new(),
            place_at: None,
        };
        let mut at = 0;
        while at < text.len() {
            let taken_to = text
                .is_word_start(at)
                .then(|| reading.take(text, at, now, is_asked))
                .flatten();
            match taken_to {
                Some(end) if end > at => {
                    reading.taken.push(at..end);
                    at = end;
                }
                _ => at += 1,
            }
        }
        reading
    }

    /// Takes what begins here, if it says something; its end.
    fn take(
        &mut self,
        text: &Text<'_>,
        at: usize,
        now: DateTime<Tz>,
        is_asked: bool,
    ) -> Option<usize> {
        let words = self.words;
        let today = now.date_naive();
        if text.letter(at) == Some('@') {
            let has_space_before = at == 0 || text.letter(at - 1) == Some(' ');
            let is_place =
                has_space_before && text.letter(at + 1) == Some(' ') && self.place_at.is_none();
            self.place_at = if is_place { Some(at) } else { self.place_at };
            return is_place.then_some(at + 1);
        }
        if let Some(end) = text.word(at, words.all_day) {
            self.is_all_day = true;
            return Some(end);
        }
        if let Some((times, end)) = clock::read(text, at, words, is_asked) {
            self.times.push(times);
            return Some(end);
        }
        if let Some((said, end)) = day::read(text, at, (words, self.is_expected), today) {
            self.days.push(said);
            return Some(end);
        }
        let (length, is_from_now, end) = clock::length(text, at, words)?;
        match (length, is_from_now) {
            (Unit::Minutes(minutes), true) => {
                let then = now.checked_add_signed(TimeDelta::minutes(i64::from(minutes)))?;
                self.from_now = Some(then.naive_local());
            }
            (Unit::Days(days), true) => {
                let day = today.checked_add_days(Days::new(u64::from(days)))?;
                self.days.push(day::Said {
                    written: day::Written::On(day),
                    is_certain: true,
                    part: None,
                });
            }
            (Unit::Minutes(minutes), false) => self.lengths.push(minutes),
            (Unit::Days(_), false) => return None,
        }
        Some(end)
    }

    fn says_when(&self) -> bool {
        !self.days.is_empty() || !self.times.is_empty() || self.from_now.is_some()
    }

    fn finish(&self, text: &Text<'_>, now: DateTime<Tz>) -> QuickEvent {
        let end_of_title = self.place_at.unwrap_or(text.len());
        let title = self.left_over(text, 0..end_of_title);
        let place = self
            .place_at
            .map(|at| self.left_over(text, at + 1..text.len()))
            .filter(|place| !place.is_empty());
        let mut event = QuickEvent {
            title,
            day: None,
            is_day_said: false,
            time: None,
            place,
            doubt: None,
            is_certain: true,
        };
        self.find_day_and_time(&mut event, now);
        event
    }

    fn find_day_and_time(&self, event: &mut QuickEvent, now: DateTime<Tz>) {
        let today = now.date_naive();
        match self.time(event) {
            Ok(time) => event.time = time,
            Err(doubt) => event.doubt = Some(doubt),
        }
        match day::meaning(&self.days, today) {
            Ok(Some((day, is_certain))) => {
                event.day = Some(day);
                event.is_day_said = true;
                event.is_certain &= is_certain;
            }
            Ok(None) => {}
            Err(doubt) => {
                event.doubt = Some(doubt);
                return;
            }
        }
        if let Some(then) = self.from_now {
            self.begin_at(event, then);
            return;
        }
        match (event.day, event.time) {
            (None, Some(TimeOfDay::At { .. })) if event.doubt.is_none() => {
                let is_past = doubt_of(today, event.time, now) == Some(Doubt::PastTime);
                let day = today.checked_add_days(Days::new(u64::from(is_past)));
                event.day = day;
                event.is_certain = false;
                event.doubt = day.and_then(|day| doubt_of(day, event.time, now));
                if event.doubt.is_some() {
                    event.time = None;
                }
            }
            (None, _) => {}
            (Some(day), time) => match doubt_of(day, time, now) {
                Some(doubt @ Doubt::PastDay) => {
                    event.doubt = Some(doubt);
                    event.day = None;
                }
                Some(doubt) => {
                    event.doubt = Some(doubt);
                    event.time = None;
                }
                None => {}
            },
        }
    }

    /// It begins so long from now, to the minute.
    fn begin_at(&self, event: &mut QuickEvent, then: NaiveDateTime) {
        if !self.times.is_empty() {
            event.doubt = Some(Doubt::TwoTimes);
            event.time = None;
            return;
        }
        if event.day.is_some_and(|day| day != then.date()) {
            event.doubt = Some(Doubt::TwoDays);
            event.day = None;
            return;
        }
        event.day = Some(then.date());
        event.is_day_said = true;
        event.doubt = None;
        event.time = then
            .time()
            .with_second(0)
            .and_then(|time| time.with_nanosecond(0))
            .map(|start| TimeOfDay::At {
                start,
                minutes: self.lengths.first().copied().unwrap_or(DEFAULT_MINUTES),
            });
    }

    fn part(&self) -> Option<Part> {
        self.days.iter().find_map(|day| day.part)
    }

    fn time(&self, event: &mut QuickEvent) -> Result<Option<TimeOfDay>, Doubt> {
        let (times, length) = match (self.times.as_slice(), self.lengths.as_slice()) {
            ([_, _, ..], _) => return Err(Doubt::TwoTimes),
            ([times], []) => (times, None),
            ([times], [length]) => (times, Some(*length)),
            ([_], _) => return Err(Doubt::UnclearTime),
            // A length, a part of a day, or a number may be of a time that was not understood.
            ([], lengths) => {
                let may_have_time =
                    !lengths.is_empty() || self.part().is_some() || has_number(&event.title);
                event.is_certain &= !has_number(&event.title);
                let is_whole_day = self.is_all_day || !self.days.is_empty() && !may_have_time;
                return Ok(is_whole_day.then_some(TimeOfDay::AllDay));
            }
        };
        if self.is_all_day {
            return Err(Doubt::TwoTimes);
        }
        let said = times.meaning(self.part(), self.words.has_clock_of_24)?;
        event.is_certain &= said.is_certain && !has_separated_number(&event.title);
        let minutes = match (said.minutes, length) {
            (Some(said), Some(length)) if said != length => return Err(Doubt::UnclearTime),
            (said, length) => said.or(length).unwrap_or(DEFAULT_MINUTES),
        };
        if minutes == 0 || minutes > MAX_MINUTES {
            return Err(Doubt::UnclearTime);
        }
        Ok(Some(TimeOfDay::At {
            start: said.start,
            minutes,
        }))
    }

    /// What no word for a day or a time has taken.
    fn left_over(&self, text: &Text<'_>, range: Range<usize>) -> String {
        let mut pieces = Vec::new();
        let mut from = range.start;
        for taken in &self.taken {
            if taken.end <= range.start || taken.start >= range.end {
                continue;
            }
            pieces.push(text.original(from..taken.start.max(from)));
            from = taken.end;
        }
        pieces.push(text.original(from..range.end.max(from)));
        let pieces: Vec<&str> = pieces
            .into_iter()
            .map(|piece| piece.trim_matches(|letter: char| letter.is_whitespace()))
            .filter(|piece| !piece.is_empty())
            .collect();
        let whole = pieces.join(" ");
        let words: Vec<&str> = whole
            .split_whitespace()
            .filter(|word| {
                !word
                    .chars()
                    .all(|letter| letter == '.' || LOOSE_SIGNS.contains(&letter))
            })
            .collect();
        let line = words.join(" ");
        let line = line
            .trim_matches(|letter: char| letter.is_whitespace() || LOOSE_SIGNS.contains(&letter));
        line.chars()
            .take(MAX_TEXT)
            .collect::<String>()
            .trim()
            .to_owned()
    }
}

/// Whether something in the title may have been a time or a day.
fn has_number(title: &str) -> bool {
    title.split_whitespace().any(|word| {
        let is_short = word.len() <= 2 && !word.is_empty();
        is_short && word.bytes().all(|byte| byte.is_ascii_digit())
    }) || has_separated_number(title)
}

/// `10.30`, `15/1`, `9-10`.
fn has_separated_number(title: &str) -> bool {
    let letters: Vec<char> = title.chars().collect();
    letters.windows(3).any(|window| match window {
        [before, separator, behind] => {
            before.is_numeric()
                && behind.is_numeric()
                && matches!(separator, '.' | ':' | '/' | '-' | '–')
        }
        _ => false,
    })
}
