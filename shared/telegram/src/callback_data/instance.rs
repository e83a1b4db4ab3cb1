//! A recurrence key in at most ten characters: callback data has no room for more.
//!
//! A letter tells its form (`d` a day, `l` a local time, `z` a time in UTC), and a number in base 36 the days or seconds
//! since the first day of the year 1.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

/// The largest base that [`char::to_digit`] knows.
const BASE: u32 = 36;

const DAY: &str = "%Y%m%d";
const LOCAL: &str = "%Y%m%dT%H%M%S";
const UTC: &str = "%Y%m%dT%H%M%SZ";

/// `None` for what is no recurrence key, the empty one included.
pub(super) fn compact(key: &str) -> Option<String> {
    if let Ok(day) = NaiveDate::parse_from_str(key, DAY) {
        let days = day.signed_duration_since(first_day()).num_days();
        return Some(format!("d{}", digits(days)?));
    }
    let (letter, time) = match NaiveDateTime::parse_from_str(key, UTC) {
        Ok(time) => ('z', time),
        Err(_) => ('l', NaiveDateTime::parse_from_str(key, LOCAL).ok()?),
    };
    let seconds = time.signed_duration_since(first_day().into()).num_seconds();
    Some(format!("{letter}{}", digits(seconds)?))
}

/// The key again; `None` for what [`compact`] does not write.
pub(super) fn expand(written: &str) -> Option<String> {
    let mut letters = written.chars();
    let letter = letters.next()?;
    let number = i64::from_str_radix(letters.as_str(), BASE).ok()?;
    let second =
        || NaiveDateTime::from(first_day()).checked_add_signed(TimeDelta::try_seconds(number)?);
    let key = match letter {
        'd' => {
            let day = first_day().checked_add_signed(TimeDelta::try_days(number)?)?;
            day.format(DAY).to_string()
        }
        'l' => second()?.format(LOCAL).to_string(),
        'z' => second()?.format(UTC).to_string(),
        _ => return None,
    };
    // Numbers have signs, leading zeros and capitals, and there are years of other than four digits.
    (compact(&key)? == written).then_some(key)
}

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or_default()
}

fn digits(number: i64) -> Option<String> {
    let mut rest = u64::try_from(number).ok()?;
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(rest % u64::from(BASE)).ok()?;
        digits.push(char::from_digit(digit, BASE)?);
        rest /= u64::from(BASE);
        if rest == 0 {
            return Some(digits.into_iter().rev().collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back_and_short() {
        for key in [
            "20260105",
            "00010101",
            "99991231",
            "20260105T090000",
            "20260105T090000Z",
            "19700101T000000Z",
            "99991231T235959Z",
        ] {
            let short = compact(key).unwrap();
            assert!(short.len() <= 10, "{short}");
            assert_eq!(expand(&short).as_deref(), Some(key));
        }
    }

    #[test]
    fn anything_else_has_no_form() {
        for key in ["", "2026", "20260230", "20260105T0900", "x"] {
            assert_eq!(compact(key), None, "{key}");
        }
        for short in [
            "",
            "d",
            "x1",
            "z-1",
            "z+1",
            "z01",
            "zA",
            "zzzzzzzzzzzzzz",
            "d!",
            "z40yf4800",
        ] {
            assert_eq!(expand(short), None, "{short}");
        }
    }
}
