//! Objects that were made to take long: the work is bounded, and what is asked often takes little.

use super::*;
use crate::recurrence::MAX_STEPS;

/// The instances in a window, the steps that they took, and whether that was all.
fn work(object: &CalendarObject, window: &Window) -> (usize, u32, bool) {
    let zones = object.zones();
    let set = RecurrenceSet::read(object, &zones, &Zone::UTC);
    let mut budget = Budget::default();
    let mut found = 0;
    let visited = set.try_for_each(window, &mut budget, &mut |_| {
        found += 1;
        ControlFlow::Continue(())
    });
    assert!(visited.is_continue());
    (found, MAX_STEPS - budget.left(), !budget.is_spent())
}

const START: &str = "DTSTART;TZID=Europe/Berlin:20000101T000000";

#[test]
fn no_rule_takes_more_than_its_budget() {
    let numbers = |to: u32| {
        (0..to)
            .map(|number| number.to_string())
            .collect::<Vec<_>>()
            .join(",")
    };
    let every_second = format!(
        "BYHOUR={};BYMINUTE={};BYSECOND={}",
        numbers(24),
        numbers(60),
        numbers(60)
    );
    let every_day = (1..367)
        .map(|day| format!("{day},-{day}"))
        .collect::<Vec<_>>()
        .join(",");
    let every_weekday = (1..54)
        .flat_map(|week| {
            ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
                .map(|day| format!("{week}{day},-{week}{day}"))
        })
        .collect::<Vec<_>>()
        .join(",");
    for rule in [
        "FREQ=SECONDLY".to_owned(),
        format!("FREQ=YEARLY;{every_second}"),
        format!("FREQ=DAILY;{every_second};BYSETPOS={every_day}"),
        format!("FREQ=SECONDLY;{every_second};COUNT=4294967296"),
        "FREQ=SECONDLY;COUNT=18446744073709551615".to_owned(),
        "FREQ=SECONDLY;INTERVAL=60;BYSECOND=30".to_owned(),
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30".to_owned(),
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=31".to_owned(),
        "FREQ=MINUTELY;INTERVAL=4294967295;BYHOUR=3;BYMINUTE=7".to_owned(),
        "FREQ=HOURLY;BYWEEKNO=53;BYYEARDAY=100".to_owned(),
        "FREQ=DAILY;BYMONTHDAY=30;BYMONTH=2".to_owned(),
        "FREQ=DAILY;INTERVAL=7;BYDAY=SU".to_owned(),
        "FREQ=WEEKLY;BYDAY=MO;BYMONTHDAY=31;BYMONTH=2".to_owned(),
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=366".to_owned(),
        format!("FREQ=YEARLY;BYYEARDAY={every_day};BYMONTHDAY=31;BYMONTH=2"),
        format!("FREQ=YEARLY;BYDAY={every_weekday};BYMONTHDAY=31;BYMONTH=2,4,6"),
        format!(
            "FREQ=YEARLY;BYWEEKNO={};BYMONTHDAY=31;BYMONTH=2,4,6",
            numbers(54).trim_start_matches("0,")
        ),
    ] {
        let line = format!("RRULE:{rule}");
        let excluding = format!("EXRULE:{rule}");
        let object = events(&[&[START, &line]]);
        for (object, window) in [
            (&object, Window::default()),
            (&object, window("90000101", "90010101")),
            (
                &events(&[&[START, "RRULE:FREQ=DAILY", &excluding]]),
                window("20260101", "20260201"),
            ),
        ] {
            let (found, steps, _) = work(object, &window);
            assert!(
                found <= steps as usize + 1 && steps <= MAX_STEPS,
                "{rule}: {found} in {steps} steps"
            );
        }
        occurrence_bounds(&object);
    }
}

#[test]
fn what_is_cut_says_so() {
    for lines in [
        &[START, "RRULE:FREQ=SECONDLY"][..],
        &[START, "RRULE:FREQ=DAILY"],
        &[START, "RRULE:FREQ=SECONDLY;INTERVAL=60;BYSECOND=30"],
    ] {
        let found = occurrences(&events(&[lines]), &Window::default(), &Zone::UTC);
        assert!(!found.complete, "{lines:?}");
    }
    let rules = vec!["RRULE:FREQ=YEARLY;COUNT=2"; 40];
    let mut lines = vec![START];
    lines.extend(rules);
    assert!(!occurrences(&events(&[&lines]), &Window::default(), &Zone::UTC).complete);
    assert_eq!(occurrence_bounds(&events(&[&lines])).last, None);
}

/// A month of a series that began long ago, and whether there is anything at all from now on.
#[test]
fn what_is_far_from_the_start_takes_few_steps() {
    for (rule, found, most) in [
        ("FREQ=DAILY", 31, 100),
        ("FREQ=DAILY;UNTIL=20991231", 31, 100),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", 23, 100),
        ("FREQ=MONTHLY;BYDAY=-1FR", 1, 10),
        ("FREQ=YEARLY", 0, 20),
        ("FREQ=YEARLY;BYMONTH=7;BYDAY=1MO", 1, 20),
        ("FREQ=HOURLY;INTERVAL=12", 62, 200),
        ("FREQ=SECONDLY;INTERVAL=86400", 31, 200),
        // It is counted, but not instance by instance.
        ("FREQ=YEARLY;COUNT=100", 0, 400),
        ("FREQ=MONTHLY;COUNT=20000;BYDAY=MO,TU,WE,TH,FR", 23, 2_000),
        ("FREQ=DAILY;COUNT=30000", 31, 25_000),
        (
            "FREQ=YEARLY;BYHOUR=0,1,2,3,4,5,6,7,8;BYMINUTE=0,30;BYDAY=MO,TU;COUNT=1000000",
            144,
            1_500,
        ),
    ] {
        let line = format!("RRULE:{rule}");
        let object = events(&[&["DTSTART;TZID=Europe/Berlin:19700101T000000", &line]]);
        let (count, steps, is_all) = work(&object, &window("20260630T220000", "20260731T215959"));
        assert!(
            is_all && count == found && steps <= most,
            "{rule}: {count} in {steps} steps"
        );
    }
    let daily = events(&[&["DTSTART:19700101T100000Z", "RRULE:FREQ=DAILY"]]);
    let window = Window {
        from: Some(at("20260101")),
        to: None,
    };
    let mut first = None;
    try_for_each_occurrence(&daily, &window, &Zone::UTC, |occurrence| {
        first = Some(show(&occurrence));
        ControlFlow::Break(())
    });
    assert_eq!(first.as_deref(), Some("20260101T100000/20260101T100000"));
}

#[test]
fn long_lists_are_read() {
    let dates = |name: &str, from: u32| -> Vec<String> {
        (0..1_000)
            .map(|line| {
                let minutes = (0..20).map(|index| {
                    format!(
                        "2026{:02}{:02}T{:02}{:02}{:02}",
                        line / 100 + from,
                        index + 1,
                        line % 24,
                        index,
                        line % 100 / 24
                    )
                });
                format!(
                    "{name};TZID=Europe/Berlin:{}",
                    minutes.collect::<Vec<_>>().join(",")
                )
            })
            .collect()
    };
    let (added, excluded) = (dates("RDATE", 1), dates("EXDATE", 1));
    let only: Vec<&str> = std::iter::once(START)
        .chain(added.iter().map(String::as_str))
        .collect();
    let object = events(&[&only]);
    let found = occurrences(&object, &window("20260101", "20260108"), &Zone::UTC);
    assert!(found.complete && !found.items.is_empty());
    assert!(!occurrences(&object, &Window::default(), &Zone::UTC).complete);
    let mut none: Vec<&str> = vec![START, "RRULE:FREQ=MINUTELY"];
    none.extend(excluded.iter().map(String::as_str));
    let found = occurrences(
        &events(&[&none]),
        &window("20260101T010000", "20260101T010100"),
        &Zone::UTC,
    );
    assert!(found.complete && found.items.is_empty());
}

#[test]
fn a_thousand_overrides_are_read() {
    for range in ["", ";RANGE=THISANDFUTURE"] {
        let overrides: Vec<[String; 2]> = (0..999)
            .map(|day| {
                let time = at("20000102") + TimeDelta::days(day);
                [
                    time.format(&format!("RECURRENCE-ID{range}:%Y%m%dT%H%M%SZ"))
                        .to_string(),
                    (time + TimeDelta::hours(day))
                        .format("DTSTART:%Y%m%dT%H%M%SZ")
                        .to_string(),
                ]
            })
            .collect();
        let overrides: Vec<Vec<&str>> = overrides
            .iter()
            .map(|lines| lines.iter().map(String::as_str).collect())
            .collect();
        let mut components: Vec<&[&str]> =
            vec![&["DTSTART:20000101T000000Z", "RRULE:FREQ=DAILY;COUNT=1100"]];
        components.extend(overrides.iter().map(Vec::as_slice));
        let found = occurrences(&events(&components), &Window::default(), &Zone::UTC);
        assert!(found.complete);
        assert_eq!(found.items.len(), 1_100);
        let last = found.items.last().map(|last| last.component);
        assert_eq!(last, Some(if range.is_empty() { 0 } else { 999 }));
    }
}

#[test]
fn a_vtimezone_is_bounded() {
    let zones: String = (0..500)
        .map(|zone| format!("BEGIN:VTIMEZONE\r\nTZID:Z{zone}\r\nBEGIN:STANDARD\r\nDTSTART:19000101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0000\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"))
        .collect();
    let object = object(
        "VEVENT",
        &zones,
        &[&[
            "DTSTART;TZID=Z499:20260101T100000",
            "RRULE:FREQ=DAILY;COUNT=2",
        ]],
    );
    assert_eq!(
        occurrences(&object, &Window::default(), &Zone::UTC)
            .items
            .len(),
        2
    );
}
