//! Days: how they are written, and which one is meant.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::{
    Doubt,
    text::Text,
    words::{Part, Words},
};

/// A day without a year that is further away may be meant of the past.
const FARTHEST_WITHOUT_YEAR: u64 = 270;

/// Years in which the next 29th of February is looked for.
const YEARS_TO_LEAP_DAY: i32 = 8;

/// A day, as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// A day of a year, or so many days from today.
    On(NaiveDate),
    /// A day of each year.
    Yearly {
        month: u32,
        day: u32,
    },
    Weekday(Weekday),
    Doubtful(Doubt),
}

/// A day, and what was said with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub written: Written,
    /// Whether everybody would understand it.
    pub is_certain: bool,
    pub part: Option<Part>,
}

/// The day that is written here, and its end. In a language that was not expected, a short weekday is rather another word.
pub(super) fn read(
    text: &Text<'_>,
    at: usize,
    (words, is_expected): (&Words, bool),
    today: NaiveDate,
) -> Option<(Said, usize)> {
    let named = |at, has_word_before| {
        named(text, at, words, today).or_else(|| {
            is_expected
                .then(|| short_weekday(text, at, words, has_word_before))
                .flatten()
        })
    };
    let bare = named(at, false).or_else(|| dated(text, at, words));
    let (said, end) = bare.or_else(|| {
        let next = text.word(at, words.next);
        let before = text.word(at, words.before_day).max(next)?;
        let begin = text.skip_spaces(before);
        let (said, end) = named(begin, true).or_else(|| dated(text, begin, words))?;
        let is_certain = said.is_certain && next.is_none_or(|next| next < before);
        Some((Said { is_certain, ..said }, end))
    })?;
    let behind = text.skip_spaces(end);
    let (part, end) = match text.meaning(behind, words.parts_of_day) {
        Some((part, end)) => (Some(part), end),
        None => (said.part, end),
    };
    Some((Said { part, ..said }, end))
}

const fn certain(written: Written) -> Said {
    Said {
        written,
        is_certain: true,
        part: None,
    }
}

fn named(text: &Text<'_>, at: usize, words: &Words, today: NaiveDate) -> Option<(Said, usize)> {
    if let Some(((days, part), end)) = text.meaning(at, words.days) {
        let day = today.checked_add_days(Days::new(days))?;
        let said = Said {
            part,
            ..certain(Written::On(day))
        };
        return Some((said, end));
    }
    let (weekday, end) = text.meaning(at, words.weekdays)?;
    Some(weekday_at(text, weekday, end, words))
}

fn short_weekday(
    text: &Text<'_>,
    at: usize,
    words: &Words,
    has_word_before: bool,
) -> Option<(Said, usize)> {
    let (weekday, end) = text.meaning(at, words.short_weekdays)?;
    let has_stop = end > 0 && text.letter(end - 1) == Some('.');
    let behind = text.letter(text.skip_spaces(end));
    let is_before_digit = behind.is_some_and(|letter| letter.is_ascii_digit());
    (has_word_before || has_stop || is_before_digit).then(|| weekday_at(text, weekday, end, words))
}

fn weekday_at(text: &Text<'_>, weekday: Weekday, end: usize, words: &Words) -> (Said, usize) {
    let after = text.word(text.skip_spaces(end), words.after_weekday);
    (certain(Written::Weekday(weekday)), after.unwrap_or(end))
}

fn dated(text: &Text<'_>, at: usize, words: &Words) -> Option<(Said, usize)> {
    let (written, end) = iso(text, at)
        .or_else(|| in_digits(text, at, words))
        .or_else(|| with_month(text, at, words))?;
    Some((certain(written), end))
}

/// `2027-01-15`
fn iso(text: &Text<'_>, at: usize) -> Option<(Written, usize)> {
    let (year, end) = text.number(at, 4).filter(|(_, end)| *end == at + 4)?;
    let (month, end) = text.number(text.skip(end, &['-'])?, 2)?;
    let (day, end) = text.number(text.skip(end, &['-'])?, 2)?;
    text.is_end(end).then(|| (of_year(year, month, day), end))
}

/// `15.1.`, `15.1.2027`, `15/1`, `15/1/27`, and in English `1/15`.
fn in_digits(text: &Text<'_>, at: usize, words: &Words) -> Option<(Written, usize)> {
    let (first, end) = text.number(at, 2)?;
    let separator = text
        .letter(end)
        .filter(|letter| matches!(letter, '.' | '/'))?;
    let month_at = end + 1;
    let (second, end) = text.number(month_at, 2)?;
    let year_at = text.skip(end, &[separator]);
    let year = year_at.and_then(|at| year(text, at));
    let end = match (year, year_at) {
        (Some((_, end)), _) => end,
        (None, Some(stop)) if separator == '.' => stop,
        (None, None) if separator == '/' => end,
        (None, None) if words.has_bare_dots && end == month_at + 2 => end,
        _ => return None,
    };
    if !text.is_end(end) {
        return None;
    }
    let (day, month) = if !words.has_months_first || first > 12 || first == second {
        (first, second)
    } else if second > 12 {
        (second, first)
    } else {
        return Some((Written::Doubtful(Doubt::AmbiguousDate), end));
    };
    let written = match year {
        Some((year, _)) => of_year(year, month, day),
        // What can be no day is a time or a number.
        None if day == 0 || day > 31 || month == 0 || month > 12 => return None,
        None => yearly(month, day),
    };
    Some((written, end))
}

/// `15 January`, `15. Januar 2027`, `the 15th of January`, `January 15, 2027`.
fn with_month(text: &Text<'_>, at: usize, words: &Words) -> Option<(Written, usize)> {
    let day_first = || {
        let (day, end) = day_of_month(text, at, words)?;
        let behind = text.skip_spaces(end);
        let behind = text
            .word(behind, words.before_month)
            .map_or(behind, |end| text.skip_spaces(end));
        let (month, end) = text.meaning(behind, words.months)?;
        Some((day, month, end))
    };
    let month_first = || {
        let (month, end) = text.meaning(at, words.months)?;
        let (day, end) = day_of_month(text, text.skip_spaces(end), words)?;
        Some((day, month, end))
    };
    let (day, month, end) = day_first().or_else(month_first)?;
    let comma = text.skip(end, &[',']).unwrap_or(end);
    match year(text, text.skip_spaces(comma)).filter(|(year, _)| *year >= 1000) {
        Some((year, end)) => {
            let behind = text.skip_spaces(end);
            let end = text.word(behind, words.after_year).unwrap_or(end);
            Some((of_year(year, month, day), end))
        }
        None if text.is_end(end) => Some((yearly(month, day), end)),
        None => None,
    }
}

/// `15`, `15.`, `15th`
fn day_of_month(text: &Text<'_>, at: usize, words: &Words) -> Option<(u32, usize)> {
    let (day, end) = text.number(at, 2)?;
    let end = text.word(end, words.ordinals).unwrap_or(end);
    let end = text.skip(end, &['.']).unwrap_or(end);
    let goes_on = text.letter(end).is_some_and(char::is_alphanumeric)
        || matches!(text.letter(end), Some(':' | '-'));
    (!goes_on).then_some((day, end))
}

/// A year of four digits, or of two.
fn year(text: &Text<'_>, at: usize) -> Option<(u32, usize)> {
    let (number, end) = text.number(at, 4)?;
    let year = match end - at {
        4 => number,
        2 => 2000 + number,
        _ => return None,
    };
    text.is_end(end).then_some((year, end))
}

fn of_year(year: u32, month: u32, day: u32) -> Written {
    i32::try_from(year)
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
        .map_or(Written::Doubtful(Doubt::NoSuchDay), Written::On)
}

/// A day that no year has is told so; 2028 has the most.
fn yearly(month: u32, day: u32) -> Written {
    match NaiveDate::from_ymd_opt(2028, month, day) {
        Some(_) => Written::Yearly { month, day },
        None => Written::Doubtful(Doubt::NoSuchDay),
    }
}

/// The day that is meant by everything that was written of it, and whether it is certain.
pub(super) fn meaning(said: &[Said], today: NaiveDate) -> Result<Option<(NaiveDate, bool)>, Doubt> {
    let mut found: Option<NaiveDate> = None;
    let mut is_certain = true;
    let mut weekdays = Vec::new();
    for said in said {
        is_certain &= said.is_certain;
        let day = match said.written {
            Written::Doubtful(doubt) => return Err(doubt),
            Written::Weekday(weekday) => {
                weekdays.push(weekday);
                continue;
            }
            Written::On(day) => day,
            Written::Yearly { month, day } => {
                let next = next_yearly(today, month, day).ok_or(Doubt::NoSuchDay)?;
                let farthest = today.checked_add_days(Days::new(FARTHEST_WITHOUT_YEAR));
                is_certain &= farthest.is_none_or(|farthest| next <= farthest);
                next
            }
        };
        if found.is_some_and(|found| found != day) {
            return Err(Doubt::TwoDays);
        }
        found = Some(day);
    }
    let first = weekdays.first().copied();
    if weekdays.iter().any(|weekday| Some(*weekday) != first) {
        return Err(Doubt::TwoDays);
    }
    match (found, first) {
        (Some(day), Some(weekday)) if day.weekday() != weekday => Err(Doubt::TwoDays),
        (Some(day), _) => Ok(Some((day, is_certain))),
        (None, Some(weekday)) => {
            let day = next_weekday(today, weekday).ok_or(Doubt::NoSuchDay)?;
            // On a Friday, Friday may be today.
            Ok(Some((day, is_certain && weekday != today.weekday())))
        }
        (None, None) => Ok(None),
    }
}

/// The first one after today.
fn next_weekday(today: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    today
        .iter_days()
        .skip(1)
        .take(7)
        .find(|day| day.weekday() == weekday)
}

/// Today or the next one.
fn next_yearly(today: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    (today.year()..=today.year() + YEARS_TO_LEAP_DAY)
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .find(|day| *day >= today)
}
