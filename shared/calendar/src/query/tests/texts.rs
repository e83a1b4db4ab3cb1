//! Filters that ask about properties, parameters and their texts.

use super::*;

fn event() -> CalendarObject {
    component(
        "VEVENT",
        "DTSTART:20260105T100000Z|SUMMARY;LANGUAGE=de:Besprechung\\, Büro\\; Raum 5|DESCRIPTION:Line one\\nLine t\r\n wo|\
         CATEGORIES:WORK,Führung|CATEGORIES:PRIVATE\\, REALLY|\
         ATTENDEE;CN=\"Doe, Jane\";PARTSTAT=ACCEPTED:mailto:jane@example.com|\
         ATTENDEE;CN=Bob ^'B^';PARTSTAT=NEEDS-ACTION:mailto:bob@example.com|\
         X-EMPTY:|BEGIN:VALARM|ACTION:DISPLAY|TRIGGER:PT0S|END:VALARM",
    )
}

fn has(filter: PropertyFilter) -> bool {
    found(all("VEVENT", None, vec![filter], vec![]), &event())
}

#[test]
fn values_are_compared_as_the_text_that_they_mean() {
    for (name, part, expected) in [
        ("SUMMARY", "Besprechung, Büro; Raum", true),
        ("summary", "BESPRECHUNG", true),
        ("SUMMARY", "BÜRO", false),
        ("SUMMARY", "\\,", false),
        ("SUMMARY", "", true),
        ("DESCRIPTION", "one\nline two", true),
        ("CATEGORIES", "work", true),
        ("CATEGORIES", "WORK,F", true),
        ("CATEGORIES", "private, really", true),
        ("CATEGORIES", "home", false),
        ("X-EMPTY", "", true),
        ("X-EMPTY", "a", false),
        ("LOCATION", "", false),
        ("TRIGGER", "PT0S", false),
        ("ATTENDEE", "BOB@example.com", true),
        // One property that does not hold the text is enough, and there must be one.
        ("ATTENDEE", "!bob", true),
        ("ATTENDEE", "!example", false),
        ("SUMMARY", "!raum", false),
        ("LOCATION", "!raum", false),
    ] {
        assert_eq!(has(holds(name, part)), expected, "{name} {part}");
    }
    let exactly = |part: &str, collation| {
        let text = TextMatch {
            text: part.to_owned(),
            collation,
            negate: false,
        };
        has(property("SUMMARY", Some(ValueTest::Text(text)), vec![]))
    };
    assert!(exactly("Büro", Collation::Octet) && !exactly("büro", Collation::Octet));
    assert!(exactly("BÜRO", Collation::UnicodeCasemap));
}

#[test]
fn properties_are_there_or_not() {
    for (name, is_there) in [
        ("SUMMARY", true),
        ("x-empty", true),
        ("LOCATION", false),
        ("TRIGGER", false),
    ] {
        assert_eq!(has(property(name, None, vec![])), is_there, "{name}");
        assert_eq!(has(no_property(name)), !is_there, "{name}");
    }
}

#[test]
fn parameters_are_those_of_the_same_property() {
    let attendee = |value: &str, parameters| {
        has(property(
            "ATTENDEE",
            Some(ValueTest::Text(text(value))),
            parameters,
        ))
    };
    let part_stat = |value: &str| parameter("partstat", Some(text(value)));
    assert!(attendee("jane", vec![part_stat("accepted")]));
    assert!(!attendee("jane", vec![part_stat("needs-action")]));
    assert!(attendee(
        "bob",
        vec![
            part_stat("!accepted"),
            parameter("CN", Some(text("Bob \"B\"")))
        ]
    ));
    assert!(attendee(
        "jane",
        vec![parameter("CN", Some(text("Doe, Jane")))]
    ));
    assert!(attendee("jane", vec![parameter("CN", None)]));
    assert!(!attendee("jane", vec![parameter("ROLE", None)]));
    assert!(!attendee(
        "jane",
        vec![parameter("ROLE", Some(text("!chair")))]
    ));
    let no_role = ParameterFilter {
        name: "ROLE".to_owned(),
        test: ParameterTest::NotDefined,
    };
    assert!(attendee("jane", vec![no_role.clone()]));
    assert!(has(property(
        "SUMMARY",
        None,
        vec![parameter("LANGUAGE", Some(text("de"))), no_role]
    )));
}

#[test]
fn components_are_there_or_not() {
    let event = event();
    for (filter, expected) in [
        (all("VEVENT", None, vec![], vec![]), true),
        (all("vevent", None, vec![], vec![]), true),
        (all("VTODO", None, vec![], vec![]), false),
        (no_component("VTODO"), true),
        (no_component("VEVENT"), false),
        (
            all(
                "VEVENT",
                None,
                vec![],
                vec![all(
                    "VALARM",
                    None,
                    vec![holds("ACTION", "display")],
                    vec![],
                )],
            ),
            true,
        ),
        (
            all(
                "VEVENT",
                None,
                vec![],
                vec![all("VALARM", None, vec![holds("ACTION", "audio")], vec![])],
            ),
            false,
        ),
        (
            all("VEVENT", None, vec![], vec![no_component("VALARM")]),
            false,
        ),
        (all("VALARM", None, vec![], vec![]), false),
        (in_range("VTIMEZONE", "20200101", ""), false),
    ] {
        assert_eq!(found(filter.clone(), &event), expected, "{filter:?}");
    }
    let version = |part: &str| all("VCALENDAR", None, vec![holds("VERSION", part)], vec![]);
    assert!(matches(&version("2.0"), &event, &Zone::UTC));
    assert!(!matches(&version("3.0"), &event, &Zone::UTC));
    assert!(!matches(&no_component("VCALENDAR"), &event, &Zone::UTC));
    assert!(matches(
        &all("vcalendar", None, vec![], vec![]),
        &event,
        &Zone::UTC
    ));
    assert!(!matches(
        &all("VEVENT", None, vec![], vec![]),
        &event,
        &Zone::UTC
    ));
}
