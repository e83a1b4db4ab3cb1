//! Whatever the series.

use chrono::{Datelike, Days, Weekday};
use proptest::prelude::*;

use super::*;

const ZONES: &[&str] = &[
    "",
    "Z",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Customized Time Zone",
];

/// DTSTART, with an end or without.
fn any_start() -> impl Strategy<Value = Vec<String>> {
    let length = prop::sample::select(vec![
        "",
        "DURATION:PT90M",
        "DURATION:P2D",
        "DURATION:P1DT1H",
        "DURATION:PT0S",
    ]);
    (0..ZONES.len() + 1, 0_i64..40_000_000, length).prop_map(|(zone, second, length)| {
        let local = at("20250601") + TimeDelta::seconds(second / 900 * 900);
        let start = match ZONES.get(zone) {
            None => local.format("DTSTART;VALUE=DATE:%Y%m%d").to_string(),
            Some(&"") => local.format("DTSTART:%Y%m%dT%H%M%S").to_string(),
            Some(&"Z") => local.format("DTSTART:%Y%m%dT%H%M%SZ").to_string(),
            Some(zone) => local
                .format(&format!("DTSTART;TZID={zone}:%Y%m%dT%H%M%S"))
                .to_string(),
        };
        std::iter::once(start)
            .chain((!length.is_empty()).then(|| length.to_owned()))
            .collect()
    })
}

fn any_rule() -> impl Strategy<Value = String> {
    let frequency = prop::sample::select(vec![
        "YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY",
    ]);
    let part = prop::sample::select(vec![
        "INTERVAL=2",
        "INTERVAL=7",
        "BYMONTH=2,3,10",
        "BYMONTHDAY=1,-1,29",
        "BYDAY=MO,SU",
        "BYDAY=1SU,-1SU",
        "BYHOUR=2,3,14",
        "BYMINUTE=0,30",
        "BYSETPOS=1,-1",
        "BYYEARDAY=1,88,-66",
        "BYWEEKNO=1,13,53",
        "WKST=SU",
        "COUNT=20",
        "COUNT=400",
        "UNTIL=20260401T000000Z",
        "UNTIL=20270101",
        "SKIP=FORWARD",
    ]);
    let name = prop::sample::select(vec!["RRULE", "RRULE", "RRULE", "EXRULE"]);
    (name, frequency, prop::collection::vec(part, 0..4)).prop_map(|(name, frequency, parts)| {
        // Few enough to be listed.
        let interval = match frequency {
            "MINUTELY" => ";INTERVAL=450",
            "SECONDLY" => ";INTERVAL=27000",
            _ => "",
        };
        format!("{name}:FREQ={frequency};{}{interval}", parts.join(";"))
    })
}

fn any_date() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["RDATE", "EXDATE", "RDATE;VALUE=PERIOD"]);
    (name, 0_i64..900, 0_u8..3).prop_map(|(name, hours, form)| {
        let time = at("20260101") + TimeDelta::hours(hours * 7);
        let period = if name.ends_with("PERIOD") {
            "/PT100H"
        } else {
            ""
        };
        let value = match form {
            0 => time.format("%Y%m%d").to_string(),
            1 => time.format("%Y%m%dT%H%M%S").to_string(),
            _ => time.format("%Y%m%dT%H%M%SZ").to_string(),
        };
        format!("{name}:{value}{period}")
    })
}

/// A series with a changed instance or none.
fn any_object() -> impl Strategy<Value = CalendarObject> {
    let change = prop::option::of((any::<bool>(), 0_i64..300, -500_i64..500, 0..ZONES.len()));
    (
        any_start(),
        prop::collection::vec(any_rule(), 0..3),
        prop::collection::vec(any_date(), 0..4),
        change,
    )
        .prop_map(|(start, rules, dates, change)| {
            let series: Vec<String> = [start, rules, dates].concat();
            let mut components = vec![series];
            if let Some((is_range, day, shift, zone)) = change {
                let range = if is_range { ";RANGE=THISANDFUTURE" } else { "" };
                let id = at("20260101") + TimeDelta::days(day);
                let start = id + TimeDelta::hours(shift);
                let tzid = ZONES
                    .get(zone)
                    .filter(|zone| zone.len() > 1)
                    .map(|zone| format!(";TZID={zone}"))
                    .unwrap_or_default();
                components.push(vec![
                    id.format(&format!("RECURRENCE-ID{range}:%Y%m%d"))
                        .to_string(),
                    start
                        .format(&format!("DTSTART{tzid}:%Y%m%dT%H%M%S"))
                        .to_string(),
                    "DURATION:PT30M".to_owned(),
                ]);
            }
            let components: Vec<Vec<&str>> = components
                .iter()
                .map(|lines| lines.iter().map(String::as_str).collect())
                .collect();
            let components: Vec<&[&str]> = components.iter().map(Vec::as_slice).collect();
            object("VEVENT", zones::CUSTOM, &components)
        })
}

/// A spring, in which the clocks change everywhere.
fn spring() -> (DateTime<Utc>, DateTime<Utc>) {
    (at("20260301"), at("20260510"))
}

proptest! {
    #[test]
    fn instances_are_sorted_in_the_window_and_within_the_bounds(object in any_object(), day in 0_i64..360, days in 0_i64..60) {
        let from = at("20260101") + TimeDelta::days(day);
        let window = Window { from: Some(from), to: Some(from + TimeDelta::days(days)) };
        let found = occurrences(&object, &window, &Zone::from(Tz::America__St_Johns));
        let bounds = occurrence_bounds(&object);
        prop_assert!(found.complete, "{}", String::from_utf8_lossy(object.as_bytes()));
        prop_assert!(found.items.is_sorted_by_key(|item| item.from));
        for item in &found.items {
            prop_assert!(item.from <= item.to && window.could_want(ComponentKind::Event, item));
            prop_assert!(bounds.first.is_none_or(|first| first <= item.from), "{bounds:?} {item:?}");
            prop_assert!(bounds.last.is_none_or(|last| item.to <= last), "{bounds:?} {item:?}");
        }
    }

    /// Wherever a window is cut, the parts have what the whole has.
    #[test]
    fn windows_are_independent(object in any_object(), cut in 0_i64..70 * 24) {
        let (from, to) = spring();
        let middle = from + TimeDelta::hours(cut);
        let zone = Zone::from(Tz::Europe__Berlin);
        let list = |from, to| occurrences(&object, &Window { from: Some(from), to: Some(to) }, &zone);
        let (whole, before, after) = (list(from, to), list(from, middle), list(middle, to));
        prop_assume!(whole.complete);
        prop_assert!(before.complete && after.complete);
        let mut parts = before.items;
        // What reaches over the cut is in both.
        let reaches_over = |item: &Occurrence| item.from < middle;
        let over = after.items.iter().filter(|item| reaches_over(item)).count();
        parts.extend(after.items.into_iter().filter(|item| !reaches_over(item)));
        let missing = whole.items.iter().find(|item| !parts.contains(item));
        prop_assert!(missing.is_none(), "{missing:?}");
        let surplus = parts.iter().find(|item| !whole.items.contains(item));
        prop_assert!(surplus.is_none(), "{surplus:?}");
        prop_assert_eq!(parts.len(), whole.items.len());
        prop_assert_eq!(over, whole.items.iter().filter(|item| reaches_over(item) && item.to > middle).count());
    }

    /// Day by day, as a person would.
    #[test]
    fn simple_rules_equal_a_naive_reading(
        second in 0_i64..40_000_000, interval in 1_i64..6, frequency in 0..4, weekdays in 1_u8..128, count in prop::option::of(1_usize..40),
    ) {
        let start = (at("20250101") + TimeDelta::seconds(second)).naive_utc();
        let names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
        let by_day: Vec<&str> = names.iter().enumerate().filter(|(day, _)| weekdays >> day & 1 == 1).map(|(_, name)| *name).collect();
        let by_day = by_day.join(",");
        let monday = |time: NaiveDateTime| i64::from(time.num_days_from_ce() - 1).div_euclid(7);
        let is_in = |time: NaiveDateTime| weekdays >> time.weekday().num_days_from_monday() & 1 == 1;
        let months = |time: NaiveDateTime| i64::from(time.year()) * 12 + i64::from(time.month0());
        let (rule, matches): (String, Box<dyn Fn(NaiveDateTime) -> bool>) = match frequency {
            0 => (format!("DAILY;BYDAY={by_day}"), Box::new(|time| (time - start).num_days() % interval == 0 && is_in(time))),
            1 => (format!("WEEKLY;BYDAY={by_day}"), Box::new(|time| (monday(time) - monday(start)) % interval == 0 && is_in(time))),
            2 => ("MONTHLY".to_owned(), Box::new(|time| (months(time) - months(start)) % interval == 0 && time.day() == start.day())),
            _ => ("MONTHLY;BYDAY=-1FR".to_owned(), Box::new(|time| (months(time) - months(start)) % interval == 0 && time.weekday() == Weekday::Fri && time.month() != (time + Days::new(7)).month())),
        };
        let days = (0..1_200).map(|day| start + Days::new(day));
        let expected: Vec<String> = days.filter(|time| *time == start || matches(*time)).take(count.unwrap_or(100)).map(|time| instant(time.and_utc())).collect();
        let count = count.map(|count| format!(";COUNT={count}")).unwrap_or_default();
        let object = events(&[&[&start.format("DTSTART:%Y%m%dT%H%M%SZ").to_string(), &format!("RRULE:FREQ={rule};INTERVAL={interval}{count}")]]);
        let window = Window { from: None, to: Some(start.and_utc() + TimeDelta::days(1_200)) };
        let found = occurrences(&object, &window, &Zone::UTC);
        let found: Vec<String> = found.items.iter().map(|item| instant(item.from)).take(expected.len().max(100)).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn no_lines_panic(rule in "[A-Z=;,0-9+-]{0,40}", start in "[0-9]{8}(T[0-9]{6}Z?)?", duration in "-?P[0-9]{1,10}[DW]", to in 0_i64..8_000_000) {
        let lines = [format!("DTSTART:{start}"), format!("DURATION:{duration}"), format!("RRULE:FREQ=YEARLY;{rule}"), format!("RDATE:{start}/{duration}")];
        let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:u\r\n{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", lines.join("\r\n"));
        if let Ok(object) = CalendarObject::parse(text.into_bytes()) {
            for end in [None, Some(at("00010101") + TimeDelta::days(to)), Some(DateTime::<Utc>::MIN_UTC), Some(DateTime::<Utc>::MAX_UTC)] {
                occurrences(&object, &Window { from: end, to: None }, &Zone::from(Tz::Asia__Tokyo));
                occurrences(&object, &Window { from: None, to: end }, &Zone::from(Tz::Asia__Tokyo));
            }
            occurrence_bounds(&object);
        }
    }
}
