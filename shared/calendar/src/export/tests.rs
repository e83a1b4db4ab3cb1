//! Tests of exported calendars.

use icalendar::parser::{read_calendar, unfold};
use proptest::prelude::*;

use super::*;
use crate::rfc4791::{RESOURCES, object};

fn exported(objects: &[CalendarObject]) -> String {
    let mut export = Export::new();
    let mut file = Export::header("Work", None);
    for object in objects {
        file.extend(export.push(object));
    }
    file.extend(Export::footer());
    String::from_utf8(file).unwrap()
}

/// An event in a zone that is so many hours from UTC.
fn event(uid: &str, tzid: &str, hours: i32) -> CalendarObject {
    object(&format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:Other\r\nBEGIN:VTIMEZONE\r\nTZID:{tzid}\r\nBEGIN:STANDARD\r\n\
         DTSTART:19700101T000000\r\nTZOFFSETFROM:{hours:+03}00\r\nTZOFFSETTO:{hours:+03}00\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
         BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART;TZID={tzid}:20260105T100000\r\nEXDATE;X=1;TZID=\"{tzid}\";Y=2:20260106T100000\r\n\
         END:VEVENT\r\nEND:VCALENDAR\r\n"
    ))
}

#[test]
fn the_header_says_what_the_calendar_is() {
    let header = |name: &str, color| String::from_utf8(Export::header(name, color)).unwrap();
    assert_eq!(
        header("Fam;ily, \\ more\r\nX:y", Some("#FF2968FF")),
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Televent//CalDAV server//EN\r\nCALSCALE:GREGORIAN\r\n\
         NAME:Fam\\;ily\\, \\\\ more\\nX:y\r\nX-WR-CALNAME:Fam\\;ily\\, \\\\ more\\nX:y\r\n\
         X-APPLE-CALENDAR-COLOR:#FF2968FF\r\n"
    );
    assert!(header("", Some("tomato")).ends_with("X-WR-CALNAME:\r\nCOLOR:tomato\r\n"));
    assert!(header("", None).ends_with("X-WR-CALNAME:\r\n"));
    assert!(
        header(&"ü".repeat(200), None)
            .lines()
            .all(|line| line.len() <= 75)
    );
}

#[test]
fn a_calendar_holds_each_component_and_each_zone_once() {
    let objects: Vec<_> = RESOURCES.iter().map(|(_, text)| object(text)).collect();
    let file = exported(&objects);
    assert_eq!(file.matches("BEGIN:VTIMEZONE\r\n").count(), 1);
    assert_eq!(file.matches("BEGIN:VCALENDAR\r\n").count(), 1);
    for (kind, count) in [("VEVENT", 4), ("VTODO", 4), ("VFREEBUSY", 1)] {
        assert_eq!(file.matches(&format!("BEGIN:{kind}\r\n")).count(), count);
    }
    for (_, text) in RESOURCES {
        let body = text.split("END:VTIMEZONE\r\n").last().unwrap();
        let body = body.split("CalDAV Client//EN\r\n").last().unwrap();
        assert!(file.contains(body.strip_suffix("END:VCALENDAR\r\n").unwrap()));
    }
    let unfolded = unfold(&file);
    assert_eq!(read_calendar(&unfolded).unwrap().components.len(), 10);
    let empty = exported(&[]);
    assert!(empty.ends_with("X-WR-CALNAME:Work\r\nEND:VCALENDAR\r\n"));
}

#[test]
fn zones_of_one_name_stay_apart() {
    let file = exported(&[
        event("a", "Our zone", 1),
        event("b", "Our zone", 2),
        event("c", "Our zone", 1),
        event("d", "Our zone", 2),
        event("e", "Our zone (2)", 3),
    ]);
    let zones: Vec<_> = file
        .lines()
        .filter_map(|line| line.strip_prefix("TZID:"))
        .collect();
    assert_eq!(zones, ["Our zone", "Our zone (2)", "Our zone (2) (2)"]);
    let starts: Vec<_> = file
        .lines()
        .filter(|line| line.starts_with("DTSTART;"))
        .collect();
    assert_eq!(
        starts,
        [
            "DTSTART;TZID=Our zone:20260105T100000",
            "DTSTART;TZID=Our zone (2):20260105T100000",
            "DTSTART;TZID=Our zone:20260105T100000",
            "DTSTART;TZID=Our zone (2):20260105T100000",
            "DTSTART;TZID=Our zone (2) (2):20260105T100000",
        ]
    );
    assert!(file.contains("EXDATE;X=1;TZID=Our zone (2);Y=2:20260106T100000\r\n"));
    // A name that everybody knows means what it says, whatever stands there.
    let known = exported(&[
        event("a", "Europe/Berlin", 1),
        event("b", "Europe/Berlin", 2),
    ]);
    assert_eq!(known.matches("TZID:Europe/Berlin\r\n").count(), 1);
    assert!(!known.contains("(2)"));
}

#[test]
fn lines_end_as_the_rfc_says_whatever_clients_wrote() {
    let lf = object(
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:u\nDTSTART:20260105\nSUM\n MARY:a\nEND:VEVENT\nEND:VCALENDAR",
    );
    let file = exported(&[lf]);
    assert!(file.contains("DTSTART:20260105\r\nSUM\r\n MARY:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"));
    assert_eq!(file.matches('\n').count(), file.matches("\r\n").count());
}

proptest! {
    #[test]
    fn every_event_means_what_it_meant(
        zones in prop::collection::vec((prop::sample::select(vec!["A", "A (2)", "B"]), 0_i32..4), 0..8),
    ) {
        let objects: Vec<_> = zones
            .iter()
            .enumerate()
            .map(|(index, (tzid, hours))| event(&format!("u{index}"), tzid, *hours))
            .collect();
        let file = exported(&objects);
        let unfolded = unfold(&file);
        prop_assert!(read_calendar(&unfolded).is_ok());
        let tzids: Vec<_> = file.lines().filter(|line| line.starts_with("TZID:")).collect();
        let distinct: HashSet<_> = tzids.iter().collect();
        prop_assert_eq!(tzids.len(), distinct.len());
        let root = Node::read(file.as_bytes()).unwrap();
        let zones = crate::time::Zones::new(file.as_bytes());
        let utc = crate::time::Zone::UTC;
        for (exported, object) in root.named("VEVENT").zip(&objects) {
            let own = crate::time::Zones::new(object.as_bytes());
            let calendar = Node::of(object);
            let event = calendar.named("VEVENT").next().unwrap();
            prop_assert_eq!(exported.instant("DTSTART", &zones, &utc), event.instant("DTSTART", &own, &utc));
            prop_assert_eq!(exported.property("UID"), event.property("UID"));
        }
    }
}
