//! Times of the day: how they are written, and what they mean.

use chrono::NaiveTime;

use super::{
    Doubt,
    text::Text,
    words::{Part, Unit, Words},
};

/// The longest event over midnight that two times say.
const MOST_MINUTES_OVER_MIDNIGHT: u32 = 12 * 60;

const MINUTES_OF_A_DAY: u32 = 24 * 60;

/// A time as it is written.
#[derive(Clone, Copy, Debug)]
struct Clock {
    hour: u32,
    minute: u32,
    /// `9:30` or `09`: nobody writes so on a clock of twelve hours, if the hour is a late one.
    has_minutes: bool,
    has_leading_zero: bool,
    /// A dot between hour and minute: alone, that may be a day or a number.
    has_dot: bool,
    has_mark: bool,
    part: Option<Part>,
}

/// One time, or two of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    start: Clock,
    end: Option<Clock>,
}

/// What times mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub start: NaiveTime,
    /// How long, if there is an end.
    pub minutes: Option<u32>,
    /// Whether it can't mean anything else.
    pub is_certain: bool,
}

/// How a number may be a time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    /// A word that only two times follow.
    From,
    /// A word that a time follows.
    At,
}

/// The times that are written here, and their end. `is_asked`: a mere number is one, too.
pub(super) fn read(
    text: &Text<'_>,
    at: usize,
    words: &Words,
    is_asked: bool,
) -> Option<(Times, usize)> {
    if let Some((hour, end)) = text.meaning(at, words.named_times) {
        let start = Clock {
            hour,
            minute: 0,
            has_minutes: true,
            has_leading_zero: false,
            has_dot: false,
            has_mark: true,
            part: None,
        };
        return Some((Times { start, end: None }, end));
    }
    let at_end = text.word(at, words.at);
    let from_end = text.word(at, words.from);
    let (before, begin) = match (at_end, from_end) {
        (Some(end), from) if from.is_none_or(|from| from <= end) => {
            (Before::At, text.skip_spaces(end))
        }
        (_, Some(end)) => (Before::From, text.skip_spaces(end)),
        _ => (Before::Nothing, at),
    };
    let (start, first_end) = clock(text, begin, words, before != Before::Nothing)?;
    let second = second(text, first_end, words, before != Before::Nothing);
    let is_shown = |clock: &Clock| {
        clock.has_mark || clock.part.is_some() || clock.has_minutes && !clock.has_dot
    };
    if let Some((end, second_end)) = second
        && (is_asked || before != Before::Nothing || is_shown(&start) || is_shown(&end))
    {
        let end = Some(end);
        return Some((Times { start, end }, second_end));
    }
    let is_time = is_asked || before == Before::At || is_shown(&start);
    let is_alone = is_shown(&start) || !is_followed_by_something_counted(text, first_end, words);
    (is_time && is_alone && text.is_end(first_end))
        .then_some((Times { start, end: None }, first_end))
}

fn second(text: &Text<'_>, at: usize, words: &Words, is_time: bool) -> Option<(Clock, usize)> {
    let behind = text.skip_spaces(at);
    let begin = match text.skip(behind, &['-']) {
        Some(dash) => dash,
        None if behind > at => text.word(behind, words.to)?,
        None => return None,
    };
    let (clock, end) = clock(text, text.skip_spaces(begin), words, is_time)?;
    text.is_end(end).then_some((clock, end))
}

fn clock(text: &Text<'_>, at: usize, words: &Words, is_time: bool) -> Option<(Clock, usize)> {
    let (hour, mut end) = text.number(at, 2)?;
    let mut clock = Clock {
        hour,
        minute: 0,
        has_minutes: false,
        has_leading_zero: text.letter(at) == Some('0'),
        has_dot: false,
        has_mark: false,
        part: None,
    };
    if let Some(separator) = text.skip(end, &[':', '.'])
        && let Some((minute, behind)) = text.number(separator, 2)
        && behind == separator + 2
    {
        clock.has_dot = text.letter(end) == Some('.');
        clock.minute = minute;
        clock.has_minutes = true;
        end = behind;
    }
    let behind = text.skip_spaces(end);
    if let Some(mark) = text.word(behind, words.o_clock) {
        clock.has_mark = true;
        end = mark;
    } else if is_time && let Some(mark) = text.word(behind, words.hours_of_clock) {
        clock.has_mark = true;
        end = mark;
    }
    if let Some((part, behind)) = text.meaning(text.skip_spaces(end), words.parts_of_time) {
        clock.part = Some(part);
        end = behind;
    }
    (clock.hour < 24 && clock.minute < 60).then_some((clock, end))
}

/// `at 15 January`, `um 2 Stunden`.
fn is_followed_by_something_counted(text: &Text<'_>, at: usize, words: &Words) -> bool {
    let behind = text.skip_spaces(at);
    text.meaning(behind, words.months).is_some() || text.meaning(behind, words.units).is_some()
}

impl Times {
    /// What they mean. `part` is the part of the day that was said with the day.
    pub(super) fn meaning(self, part: Option<Part>, has_clock_of_24: bool) -> Result<Said, Doubt> {
        let Some(end) = self.end else {
            let (start, is_certain) = self.start.resolve(part, has_clock_of_24)?;
            return Ok(Said {
                start,
                minutes: None,
                is_certain,
            });
        };
        let shows_24 = |clock: Clock| clock.hour == 0 || clock.hour > 12;
        let has_clock_of_24 = has_clock_of_24 || shows_24(self.start) || shows_24(end);
        let (to, end_is_certain) = end.resolve(part, has_clock_of_24)?;
        let (from, start_is_certain) = match (self.start.part, end.part) {
            // `1-2pm` is in one half of the day, and `11-1pm` in both.
            (None, Some(shared)) => {
                let same = self.start.resolve(Some(shared), has_clock_of_24);
                let earlier = self.start.resolve(Some(Part::Morning), has_clock_of_24);
                match (same, earlier) {
                    (Ok(same), _) if same.0 < to => same,
                    (_, Ok(earlier)) if earlier.0 < to => earlier,
                    _ => return Err(Doubt::UnclearTime),
                }
            }
            _ => self.start.resolve(part, has_clock_of_24)?,
        };
        let minutes = (to - from).num_minutes();
        let minutes = u32::try_from(minutes).ok().filter(|minutes| *minutes > 0);
        let minutes = match minutes {
            Some(minutes) => minutes,
            None => {
                let back = u32::try_from((from - to).num_minutes());
                let over_midnight = MINUTES_OF_A_DAY - back.unwrap_or_default();
                if over_midnight > MOST_MINUTES_OVER_MIDNIGHT {
                    return Err(Doubt::UnclearTime);
                }
                over_midnight
            }
        };
        Ok(Said {
            start: from,
            minutes: Some(minutes),
            is_certain: start_is_certain && end_is_certain,
        })
    }
}

impl Clock {
    /// The time, and whether it can mean no other.
    fn resolve(
        self,
        part: Option<Part>,
        has_clock_of_24: bool,
    ) -> Result<(NaiveTime, bool), Doubt> {
        let says_hour_of_24 = self.hour == 0 || self.hour > 12;
        let (hour, is_certain) = match self.part.or(part) {
            _ if says_hour_of_24 => (self.hour, true),
            Some(part) => (hour_in(part, self.hour).ok_or(Doubt::UnclearTime)?, true),
            None if self.has_leading_zero => (self.hour, true),
            // Three in the night, or at three in the afternoon?
            None if self.hour < 7 && !(has_clock_of_24 && self.has_minutes) => {
                return Err(Doubt::UnclearTime);
            }
            None => (self.hour, has_clock_of_24 || self.has_minutes),
        };
        let time = NaiveTime::from_hms_opt(hour, self.minute, 0).ok_or(Doubt::UnclearTime)?;
        Ok((time, is_certain))
    }
}

/// An hour from 1 to 12 in a part of the day.
const fn hour_in(part: Part, hour: u32) -> Option<u32> {
    match (part, hour) {
        (Part::Morning | Part::Night, 12) => Some(0),
        (Part::Morning, _) | (Part::Night, 1..=5) | (Part::Afternoon, 12) => Some(hour),
        (Part::Night, 6..=8) | (Part::Evening, 12) => None,
        (Part::Night | Part::Afternoon | Part::Evening, _) => Some(hour + 12),
    }
}

/// A length of time, with or without a word before it: `for 2 hours`, `1,5 Std.`, `1h30`. Whether it is from now is told, too.
pub(super) fn length(text: &Text<'_>, at: usize, words: &Words) -> Option<(Unit, bool, usize)> {
    let from_now = text.word(at, words.from_now);
    let lasting = text.word(at, words.lasting);
    let is_from_now = from_now.is_some();
    let word = from_now.or(lasting);
    let begin = word.map_or(at, |end| text.skip_spaces(end));
    if word.is_some()
        && let Some((length, end)) = text.meaning(begin, words.lengths)
    {
        return Some((length, is_from_now, end));
    }
    let (count, mut end) = text.number(begin, 3)?;
    let half = text
        .skip(end, &['.', ','])
        .and_then(|separator| text.skip(separator, &['5']));
    if let Some(behind) = half {
        end = behind;
    }
    // `1h30`
    if half.is_none()
        && let Some(behind) = text.skip(end, &['h'])
        && let Some((minutes, behind)) = text.number(behind, 2)
        && text.is_end(behind)
    {
        return Some((Unit::Minutes(count * 60 + minutes), is_from_now, behind));
    }
    let (unit, end) = text.meaning(text.skip_spaces(end), words.units)?;
    let length = match unit {
        Unit::Minutes(minutes) if half.is_some() => Unit::Minutes(count * minutes + minutes / 2),
        Unit::Minutes(minutes) => Unit::Minutes(count * minutes),
        Unit::Days(days) if half.is_none() => Unit::Days(count * days),
        Unit::Days(_) => return None,
    };
    Some((length, is_from_now, end))
}
