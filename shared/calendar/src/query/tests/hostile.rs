//! Whatever a client stores, every question about it has an answer.

use proptest::prelude::*;

use super::*;
use crate::calendar_data::{CalendarDataRequest, RecurrenceSet};
use crate::content_line::lines;
use crate::export::Export;
use crate::free_busy::BusyTime;
use crate::tree::Node;

/// Lines that mean little, among those that the questions read.
fn any_lines() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "COMPLETED",
        "CREATED",
        "FREEBUSY",
        "TRANSP",
        "TRIGGER",
        "REPEAT",
        "DURATION",
        "RRULE",
        "EXDATE",
        "RDATE",
        "CATEGORIES",
        "X-ANY",
        "STATUS",
    ]);
    let parameter = prop::sample::select(vec![
        "",
        ";TZID=Europe/Berlin",
        ";TZID=",
        ";TZID",
        ";RELATED=END",
        ";VALUE=PERIOD",
        ";FBTYPE=FREE",
        ";X=\"a:b\",c",
    ]);
    let value = prop_oneof![
        prop::sample::select(vec![
            "",
            "99991231T235959Z",
            "00010101T000000",
            "20260105",
            "-P99999999W",
            "P4294967295D",
            "PT0S",
            "4294967295",
            "-1",
            "20260105T100000Z/P99999999W",
            "99991231T235959Z/PT1H,/,x/y",
            "FREQ=YEARLY;INTERVAL=4294967295",
            "FREQ=DAILY;UNTIL=00010101",
            "FREQ=MONTHLY;BYDAY=-53MO",
            "TRANSPARENT",
            "\\",
            "\\n,\\,",
        ])
        .prop_map(str::to_owned),
        "[^\\pC]{0,20}",
    ];
    let line = (name, parameter, value)
        .prop_map(|(name, parameter, value)| format!("{name}{parameter}:{value}\r\n"));
    let alarm = prop::collection::vec(line.clone(), 0..4)
        .prop_map(|lines| format!("BEGIN:VALARM\r\n{}END:VALARM\r\n", lines.concat()));
    prop::collection::vec(prop_oneof![4 => line, 1 => alarm], 0..8).prop_map(|lines| lines.concat())
}

fn any_text() -> impl Strategy<Value = String> {
    let time = || {
        prop::sample::select(vec![
            "",
            ":99991231",
            ":00010101",
            ":20260105T100000",
            ":20260105T100000Z",
            ";TZID=Asia/Tokyo:99991231T235959",
        ])
    };
    let kind = prop::sample::select(vec!["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"]);
    (kind, time(), time(), any_lines(), time(), any_lines()).prop_map(
        |(kind, start, end, lines, recurrence_id, others)| {
            let property = |name: &str, value: &str| {
                if value.is_empty() {
                    String::new()
                } else {
                    format!("{name}{value}\r\n")
                }
            };
            let end_name = if kind == "VTODO" { "DUE" } else { "DTEND" };
            let start = property("DTSTART", start);
            let end = property(end_name, end);
            let mut text = format!("BEGIN:{kind}\r\nUID:u\r\n{start}{end}{lines}END:{kind}\r\n");
            if !recurrence_id.is_empty() {
                let id = property("RECURRENCE-ID;RANGE=THISANDFUTURE", recurrence_id);
                text += &format!("BEGIN:{kind}\r\nUID:u\r\n{id}{start}{others}END:{kind}\r\n");
            }
            format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{text}END:VCALENDAR\r\n")
        },
    )
}

fn any_range() -> impl Strategy<Value = TimeRange> {
    let end = || {
        prop::sample::select(vec![
            "",
            "00010101",
            "20260105T100000",
            "20260106",
            "99991231",
        ])
    };
    (end(), end()).prop_map(|(start, end)| range(start, end))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_question_has_an_answer(text in any_text(), asked in any_range(), part in "[^\\pC]{0,3}") {
        let Ok(object) = CalendarObject::parse(text.into_bytes()) else {
            return Ok(());
        };
        let zone = Zone::by_name("Pacific/Apia").unwrap();
        let kind = object.kind().as_str();
        let alarm = all("VALARM", Some(asked), vec![holds("TRIGGER", &part)], vec![]);
        let times = ["DTSTART", "DTEND", "DUE", "CREATED"].map(|name| {
            property(name, Some(ValueTest::TimeRange(asked)), vec![parameter("TZID", None)])
        });
        for filter in [
            all(kind, Some(asked), vec![], vec![]),
            all(kind, None, vec![], vec![alarm]),
            all(kind, Some(asked), times.to_vec(), vec![]),
        ] {
            found_in(filter, &object, &zone);
        }
        for recurrence in [RecurrenceSet::Expand(asked), RecurrenceSet::Limit(asked)] {
            let request = CalendarDataRequest {
                recurrence: Some(recurrence),
                limit_freebusy: Some(asked),
                ..CalendarDataRequest::default()
            };
            if let Ok(data) = request.apply(&object, &zone) {
                prop_assert!(Node::read(&data).is_ok());
            }
        }
        let mut busy = BusyTime::new(at("20260101")..at("20260201"), &[]);
        if busy.add(&object, &zone).is_ok() {
            prop_assert!(busy.finish().iter().all(|period| period.start < period.end));
        }
        let exported = Export::new().push(&object);
        prop_assert!(lines(&exported).all(|line| line.raw().ends_with(b"\r\n")));
    }
}
