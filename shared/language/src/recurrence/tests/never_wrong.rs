//! That the words are never wrong. Rules of which the same is told are the same: if words left out what changes an instance, the
//! rule without it would have them, too.

use std::{collections::HashMap, ops::ControlFlow};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use televent_calendar::{CalendarObject, Repetition, Window, Zone, try_for_each_occurrence};

use super::{event, repetition};
use crate::Language;

/// How many instances of two rules are compared.
const INSTANCES: usize = 200;
/// How many rules are compared with one another at once.
const RULES: usize = 250;

const STARTS: [&str; 8] = [
    "DTSTART;TZID=Europe/Berlin:20270104T090000",
    "DTSTART;TZID=America/New_York:20270131T233000",
    "DTSTART;TZID=Europe/Berlin:20270328T023000",
    "DTSTART:20271231T000000Z",
    "DTSTART:20270601T120000",
    "DTSTART;VALUE=DATE:20280229",
    "DTSTART;VALUE=DATE:20270312",
    "DTSTART;VALUE=DATE:20270226",
];

fn instances(object: &CalendarObject) -> Vec<DateTime<Utc>> {
    let mut found = Vec::new();
    let all = Window::default();
    let _has_seen_all = try_for_each_occurrence(object, &all, &Zone::UTC, |occurrence| {
        found.push(occurrence.from);
        if found.len() < INSTANCES {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    found
}

/// What has words, with most of the starts.
const PLAIN: &[&str] = &[
    "FREQ=HOURLY",
    "FREQ=DAILY",
    "FREQ=WEEKLY",
    "FREQ=MONTHLY",
    "FREQ=YEARLY",
    "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU",
    "FREQ=WEEKLY;BYDAY=MO,FR,SU",
    "FREQ=WEEKLY;BYDAY=TU,SU",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR,SU",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA,SU",
    "FREQ=MONTHLY;BYDAY=MO,FR,SU",
    "FREQ=MONTHLY;BYDAY=-1SU",
    "FREQ=MONTHLY;BYDAY=SU;BYSETPOS=-1",
    "FREQ=MONTHLY;BYDAY=1MO",
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=2",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=4",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=-1",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYMONTHDAY=4",
    "FREQ=MONTHLY;BYMONTHDAY=1,4,12,26,28,31",
    "FREQ=YEARLY;BYMONTH=1,2,3,6",
    "FREQ=YEARLY;BYMONTH=1,3;BYMONTHDAY=4,12,31",
    "FREQ=YEARLY;BYMONTH=1;BYDAY=1MO",
    "FREQ=YEARLY;BYMONTH=1;BYDAY=MO;BYSETPOS=1",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1",
    "FREQ=YEARLY;BYMONTH=1;BYDAY=-1SU",
];

/// What is added to it, or takes the place of its part of that name.
const PARTS: &[&str] = &[
    "FREQ=DAILY",
    "FREQ=WEEKLY",
    "FREQ=MONTHLY",
    "FREQ=YEARLY",
    "INTERVAL=2",
    "INTERVAL=3",
    "INTERVAL=24",
    "WKST=SU",
    "WKST=SA",
    "WKST=TH",
    "SKIP=BACKWARD",
    "SKIP=FORWARD",
    "BYSECOND=0",
    "BYSECOND=0,1",
    "BYMINUTE=0",
    "BYMINUTE=30",
    "BYMINUTE=0,30",
    "BYHOUR=9",
    "BYHOUR=9,10",
    "BYDAY=MO",
    "BYDAY=MO,SU",
    "BYDAY=SA,SU",
    "BYDAY=2MO",
    "BYDAY=1MO,3MO",
    "BYDAY=1MO,TU",
    "BYDAY=-2SU",
    "BYDAY=5SU",
    "BYDAY=1MO,-1SU",
    "BYDAY=20MO",
    "BYMONTHDAY=4",
    "BYMONTHDAY=29,31",
    "BYMONTHDAY=12,-1",
    "BYMONTHDAY=-2",
    "BYMONTHDAY=1,2,3,4,5,6,7",
    "BYMONTH=1",
    "BYMONTH=1,2,3,6",
    "BYYEARDAY=4",
    "BYYEARDAY=-1,4",
    "BYWEEKNO=1",
    "BYWEEKNO=1,22",
    "BYSETPOS=1",
    "BYSETPOS=-1",
    "BYSETPOS=1,-1",
    "BYSETPOS=12",
    "BYSETPOS=31",
    "COUNT=1",
    "COUNT=5",
    "UNTIL=20280301",
    "UNTIL=20280301T000000Z",
    "UNTIL=20280301T080000Z",
    "UNTIL=20280301T235959Z",
    "UNTIL=20280229T120000",
    "UNTIL=20270601",
];

/// A part with this name comes once only.
fn with(rule: &str, part: &str) -> String {
    let name = |part: &str| part.split('=').next().map(str::to_owned);
    let others = rule.split(';').filter(|other| name(other) != name(part));
    others.chain([part]).collect::<Vec<_>>().join(";")
}

fn rule() -> impl Strategy<Value = String> {
    let parts = prop::sample::subsequence(PARTS, 0..=3);
    (prop::sample::select(PLAIN), parts).prop_map(|(plain, parts)| {
        parts
            .into_iter()
            .fold(plain.to_owned(), |rule, part| with(&rule, part))
    })
}

/// The words of a rule in every language, and the instances; `None` if there are no words.
fn told(start: &str, rule: &str) -> Option<([String; 4], Repetition, Vec<DateTime<Utc>>)> {
    let object = event(&[start, &format!("RRULE:{rule}")]);
    let repetition = repetition(&object);
    let words = Language::ALL.map(|language| language.recurrence(&repetition, None));
    let count = words.iter().flatten().count();
    assert!(count == 0 || count == words.len(), "{rule}: {words:?}");
    let words = words.map(Option::unwrap_or_default);
    (count > 0).then(|| (words, repetition, instances(&object)))
}

/// The rules of [`PLAIN`], and others.
fn rules() -> impl Strategy<Value = Vec<String>> {
    let others = prop::collection::vec(rule(), RULES);
    others.prop_map(|others| {
        PLAIN
            .iter()
            .map(|plain| (*plain).to_owned())
            .chain(others)
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 32, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn rules_of_which_the_same_is_told_have_the_same_instances(
        start in prop::sample::select(&STARTS[..]),
        rules in rules(),
    ) {
        let mut seen: HashMap<_, (&str, Vec<_>)> = HashMap::new();
        for rule in &rules {
            let Some((words, _, found)) = told(start, rule) else {
                continue;
            };
            for place in Language::ALL.into_iter().zip(words) {
                let (other, same) = seen.entry(place.clone()).or_insert((rule, found.clone()));
                prop_assert!(found == *same, "{}: {} and {} are both {}", start, rule, other, place.1);
            }
        }
        prop_assert!(!seen.is_empty());
    }

    #[test]
    fn the_days_and_months_that_are_named_are_those_of_the_instances(
        start in prop::sample::select(&STARTS[..]),
        rule in rule(),
    ) {
        if let Some((words, repetition, found)) = told(start, &rule) {
            let zone = repetition.zone.unwrap_or(Tz::UTC);
            for (language, words) in [(Language::English, &words[0]), (Language::German, &words[1])] {
                for date in found.iter().map(|at| at.with_timezone(&zone).date_naive()) {
                    let weekday = |days: i64| language.weekday((date + TimeDelta::days(days)).weekday());
                    let names_weekdays = (0..7).any(|days| words.contains(&weekday(days)));
                    let is_range = ["Monday to Friday", "Montag bis Freitag"].iter().any(|range| words.contains(range));
                    prop_assert!(!names_weekdays || words.contains(&weekday(0)) || is_range && date.weekday().num_days_from_monday() < 5, "{date}: {words}");
                    let month = |month: u32| language.month_name(date.with_day(1).unwrap().with_month(month).unwrap());
                    let names_months = (1..=12).any(|number| words.contains(&month(number)));
                    prop_assert!(!names_months || words.contains(&month(date.month())), "{date}: {words}");
                }
            }
        }
    }
}
