//! The time zone of a calendar: CALDAV:calendar-timezone (RFC 4791 section 5.2.2) and CALDAV:calendar-timezone-id (RFC 7809
//! section 5.2).

use chrono_tz::Tz;
use thiserror::Error;

use crate::time::Zone;
use crate::tree::{Node, NotICalendar};

/// A time zone with the name that it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarTimeZone {
    /// TZID.
    pub tzid: String,
    /// What it means.
    pub zone: Zone,
}

/// Why a value is not one of CALDAV:calendar-timezone, or CALDAV:timezone of a report: CALDAV:valid-calendar-data (RFC
/// 4791 section 5.3.2.1).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidTimeZone {
    /// It can't be read.
    #[error("not valid iCalendar: {0}")]
    NotICalendar(#[from] NotICalendar),
    /// It is not a single VTIMEZONE that says what its zone is.
    #[error("not one time zone: {why}")]
    NotOneZone {
        /// What is wrong with it.
        why: String,
    },
}

/// Reads a VCALENDAR that holds exactly one VTIMEZONE (RFC 4791 section 5.2.2).
pub fn time_zone_property(bytes: &[u8]) -> Result<CalendarTimeZone, InvalidTimeZone> {
    let refused = |why: String| InvalidTimeZone::NotOneZone { why };
    let calendar = Node::read(bytes)?;
    let [component] = calendar.components.as_slice() else {
        let found = calendar.components.len();
        return Err(refused(format!(
            "it holds {found} components, and should hold one VTIMEZONE"
        )));
    };
    if component.name != "VTIMEZONE" {
        return Err(refused(format!("it holds a {:.40}", component.name)));
    }
    let tzid = component
        .property("TZID")
        .map(|tzid| tzid.value_text().trim().to_owned())
        .filter(|tzid| !tzid.is_empty())
        .ok_or_else(|| refused("the VTIMEZONE has no TZID".to_owned()))?;
    if !component.components.iter().any(is_observance) {
        let why = "no STANDARD or DAYLIGHT has DTSTART, TZOFFSETFROM and TZOFFSETTO";
        return Err(refused(why.to_owned()));
    }
    let zone = Zone::of_calendar(bytes)
        .ok_or_else(|| refused("its STANDARD and DAYLIGHT can't be read".to_owned()))?;
    Ok(CalendarTimeZone { tzid, zone })
}

/// The zone of a CALDAV:calendar-timezone-id: exactly a name of the IANA database, which any client knows. `None` for any
/// other: CALDAV:valid-timezone (RFC 7809 section 5.2).
pub fn time_zone_by_id(tzid: &str) -> Option<Zone> {
    tzid.parse::<Tz>().ok().map(Zone::Named)
}

/// In which zone the floating times of a calendar are meant: by its CALDAV:calendar-timezone-id and CALDAV:calendar-timezone,
/// else in the zone of its owner, which has an IANA name, else in UTC.
pub fn zone_of_calendar(id: Option<&str>, text: Option<&str>, of_owner: Option<&str>) -> Zone {
    let by_text = |text: &str| Some(time_zone_property(text.as_bytes()).ok()?.zone);
    id.and_then(Zone::by_name)
        .or_else(|| text.and_then(by_text))
        .or_else(|| of_owner.and_then(Zone::by_name))
        .unwrap_or(Zone::UTC)
}

/// RFC 5545 section 3.6.5 wants one at least, with these properties.
fn is_observance(component: &Node<'_>) -> bool {
    let has = |name| component.property(name).is_some();
    matches!(component.name.as_str(), "STANDARD" | "DAYLIGHT")
        && ["DTSTART", "TZOFFSETFROM", "TZOFFSETTO"]
            .into_iter()
            .all(has)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    const STANDARD: &str = "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0230\r\nTZOFFSETTO:+0230\r\nEND:STANDARD\r\n";

    fn calendar(components: &str) -> String {
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{components}END:VCALENDAR\r\n")
    }

    fn zone(lines: &str) -> String {
        format!("BEGIN:VTIMEZONE\r\n{lines}END:VTIMEZONE\r\n")
    }

    #[test]
    fn one_time_zone_is_read_by_its_name_or_by_what_it_says() {
        let noon = NaiveDate::from_ymd_opt(2026, 7, 1)
            .unwrap()
            .and_hms_opt(12, 0, 0)
            .unwrap();
        for (tzid, name, utc) in [
            ("Europe/Berlin", "Europe/Berlin", "10:00"),
            ("Our own zone", "Our own zone", "09:30"),
        ] {
            let text = calendar(&zone(&format!("TZID:{tzid}\r\n{STANDARD}")));
            let found = time_zone_property(text.as_bytes()).unwrap();
            assert_eq!((found.tzid.as_str(), found.zone.name()), (tzid, name));
            assert_eq!(found.zone.to_utc(noon).format("%H:%M").to_string(), utc);
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        let good = zone(&format!("TZID:X\r\n{STANDARD}"));
        for (text, expected) in [
            (
                "Europe/Berlin".to_owned(),
                "not valid iCalendar: line 1: a line is no property: it has no name, or no colon",
            ),
            (
                good.clone(),
                "not valid iCalendar: line 1: it does not begin with BEGIN:VCALENDAR",
            ),
            (
                calendar(""),
                "not one time zone: it holds 0 components, and should hold one VTIMEZONE",
            ),
            (
                calendar(&format!("{good}{good}")),
                "not one time zone: it holds 2 components, and should hold one VTIMEZONE",
            ),
            (
                calendar("BEGIN:VEVENT\r\nEND:VEVENT\r\n"),
                "not one time zone: it holds a VEVENT",
            ),
            (
                calendar(&zone(STANDARD)),
                "not one time zone: the VTIMEZONE has no TZID",
            ),
            (
                calendar(&zone("TZID:X\r\n")),
                "not one time zone: no STANDARD or DAYLIGHT has DTSTART, TZOFFSETFROM and TZOFFSETTO",
            ),
            (
                calendar(&good.replace("+0230", "east")),
                "not one time zone: its STANDARD and DAYLIGHT can't be read",
            ),
        ] {
            let error = time_zone_property(text.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), expected, "{text}");
        }
    }

    #[test]
    fn ids_are_names_of_the_iana_database() {
        assert_eq!(
            time_zone_by_id("Europe/Berlin"),
            Zone::by_name("Europe/Berlin")
        );
        for unknown in [
            "",
            "Mars/Olympus",
            "W. Europe Standard Time",
            "europe/berlin",
            "Europe/Berlin\n",
        ] {
            assert_eq!(time_zone_by_id(unknown), None, "{unknown:?}");
        }
    }
}
