//! What holds for any object and any request.

use proptest::prelude::*;

use super::*;
use crate::content_line::lines;

/// Lines of an event, some of them folded.
fn any_event() -> impl Strategy<Value = String> {
    let lines = prop::sample::subsequence(
        vec![
            "SUMMARY:Title\r\n",
            "DESCRIPTION;LANGUAGE=de:Fol\r\n ded \u{fc}ber\r\n  Zeilen\r\n",
            "STATUS:TENTATIVE\r\n",
            "ATTENDEE;CN=\"A:B\":mailto:a@b.c\r\n",
            "X-LOCAL;TZID=Europe/Berlin:20260105T120000\r\n",
            "SEQUENCE:2\r\n",
            "BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n",
            "EXDATE;TZID=Europe/Berlin:20260107T100000\r\n",
        ],
        0..8,
    );
    let start = prop::sample::select(vec![
        "DTSTART;TZID=Europe/Berlin:20260105T100000\r\nDTEND;TZID=Europe/Berlin:20260105T120000\r\n",
        "DTSTART;TZID=Our zone:20260105T100000\r\nDURATION:P1DT1H\r\n",
        "DTSTART;VALUE=DATE:20260105\r\n",
        "DTSTART:20260105T100000\r\n",
        "DTSTART:20260105T100000Z\r\nDURATION:PT15M\r\n",
    ]);
    let rule = prop::sample::select(vec![
        "",
        "RRULE:FREQ=DAILY;COUNT=9\r\n",
        "RRULE:FREQ=WEEKLY;BYDAY=MO,FR\r\n",
        "RRULE:FREQ=HOURLY;INTERVAL=7\r\nRDATE;VALUE=PERIOD:20260109T100000Z/PT3H\r\n",
    ]);
    // A day has no PERIOD.
    let rule = (start, rule).prop_filter("a day with a PERIOD", |(start, rule)| {
        !(start.contains("VALUE=DATE:") && rule.contains("PERIOD"))
    });
    (rule, lines).prop_map(|((start, rule), lines)| format!("{start}{rule}{}", lines.concat()))
}

fn any_object() -> impl Strategy<Value = CalendarObject> {
    let override_ = prop::option::of((0_u32..5, 0_u32..20, any::<bool>()));
    (any_event(), override_, any::<bool>()).prop_map(|(event, override_, lf)| {
        let zone = "BEGIN:VTIMEZONE\r\nTZID:Our zone\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0130\r\n\
            TZOFFSETTO:+0130\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
        let override_ = override_.map(|(id, start, future)| {
            let future = if future { ";RANGE=THISANDFUTURE" } else { "" };
            format!(
                "BEGIN:VEVENT\r\nUID:u\r\nRECURRENCE-ID{future};TZID=Europe/Berlin:2026010{}T100000\r\n\
                 DTSTART:202601{:02}T150000Z\r\nEND:VEVENT\r\n",
                5 + id.min(4),
                5 + start
            )
        });
        let text = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{zone}BEGIN:VEVENT\r\nUID:u\r\n{event}END:VEVENT\r\n{}END:VCALENDAR\r\n",
            override_.unwrap_or_default()
        );
        object(&if lf { text.replace("\r\n", "\n") } else { text })
    })
}

fn any_selection() -> impl Strategy<Value = Option<ComponentSelection>> {
    let properties = || {
        let names = prop::sample::subsequence(
            vec![
                "UID",
                "SUMMARY",
                "dtstart",
                "DESCRIPTION",
                "VERSION",
                "X-LOCAL",
                "RRULE",
                "TZID",
                "ATTENDEE",
            ],
            0..9,
        );
        prop_oneof![
            Just(PropertySelection::All),
            names.prop_map(|names| named(&names))
        ]
    };
    let event = (properties(), any::<bool>()).prop_map(|(properties, all)| ComponentSelection {
        name: "vevent".to_owned(),
        properties,
        components: if all {
            SubcomponentSelection::All
        } else {
            SubcomponentSelection::Named(vec![])
        },
    });
    let calendar = (properties(), event, any::<bool>()).prop_map(|(properties, event, zones)| {
        let mut components = vec![event];
        components.extend(zones.then(|| ComponentSelection::whole("VTIMEZONE")));
        selection("VCALENDAR", properties, components)
    });
    prop::option::of(calendar)
}

fn any_range() -> impl Strategy<Value = TimeRange> {
    (0_i64..40 * 24, 1_i64..20 * 24).prop_map(|(start, hours)| {
        let start = crate::rfc4791::at("20260101") + chrono::TimeDelta::hours(start);
        TimeRange::between(start, start + chrono::TimeDelta::hours(hours))
    })
}

proptest! {
    #[test]
    fn partial_data_never_invents_or_reorders_lines(
        object in any_object(),
        selection in any_selection(),
        limit in prop::option::of(any_range()),
        omit_time_zones in any::<bool>(),
    ) {
        let request = CalendarDataRequest {
            selection,
            recurrence: limit.map(RecurrenceSet::Limit),
            limit_freebusy: limit,
            omit_time_zones,
        };
        let data = request.apply(&object, &Zone::UTC).unwrap();
        let mut written = lines(object.as_bytes());
        for line in lines(&data) {
            prop_assert!(written.any(|written| written.raw() == line.raw()), "{:?}", line.raw());
        }
        prop_assert!(crate::tree::Node::read(&data).is_ok());
        if request.is_whole() {
            prop_assert_eq!(&*data, object.as_bytes());
        }
        // Twice is once.
        if let Ok(object) = CalendarObject::parse(data.to_vec()) {
            prop_assert_eq!(request.apply(&object, &Zone::UTC).unwrap(), data);
        }
    }

    #[test]
    fn expanded_data_is_made_of_single_instances_in_the_range(object in any_object(), range in any_range()) {
        let request = CalendarDataRequest {
            recurrence: Some(RecurrenceSet::Expand(range)),
            ..ALL
        };
        let data = request.apply(&object, &Zone::UTC).unwrap();
        let text = String::from_utf8(data.to_vec()).unwrap();
        for name in ["RRULE", "RDATE", "EXDATE", "TZID", "VTIMEZONE", "RANGE="] {
            prop_assert!(!text.contains(name), "{}", text);
        }
        let instances = crate::occurrences(&object, &range.into(), &Zone::UTC);
        let count = text.matches("BEGIN:VEVENT").count();
        prop_assert_eq!(count, instances.items.len());
        if count == 0 {
            return Ok(());
        }
        let again = CalendarObject::parse(text.into_bytes()).unwrap();
        prop_assert!(again.components().iter().all(|component| !component.repeats));
        // The same instances, at the same times.
        let times = |object: &CalendarObject| {
            let instances = crate::occurrences(object, &range.into(), &Zone::UTC);
            let mut times: Vec<_> = instances.items.iter().map(|item| (item.from, item.to)).collect();
            times.sort_unstable();
            times
        };
        prop_assert_eq!(times(&again), times(&object));
        // Expanded again, it is what it is.
        prop_assert_eq!(&*request.apply(&again, &Zone::UTC).unwrap(), &*data);
    }
}
