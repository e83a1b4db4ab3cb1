//! Events that this server makes for somebody: one VEVENT that does not repeat.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;

use crate::PRODUCT_ID;
use crate::address::CalendarUserAddress;
use crate::content_line::{common_name_parameter, push_line};
use crate::object::{CalendarObject, ObjectError};
use crate::text::escape;
use crate::time::{EventTime, Zone, date_text, local_text, push_vtimezone, utc_text};

/// An event as somebody has told it.
#[derive(Debug, Clone)]
pub struct SimpleEvent<'a> {
    /// UID; a name that is nobody else's.
    pub uid: &'a str,
    /// SUMMARY.
    pub title: &'a str,
    /// LOCATION.
    pub place: Option<&'a str>,
    /// DTSTART and DTEND.
    pub time: SimpleTime,
    /// Whose it is. Said only if there are attendees: else nobody organizes anything (RFC 5545 section 3.8.4.3).
    pub organizer: Invitee,
    /// Who is asked.
    pub attendees: &'a [Invitee],
    /// The time of the making.
    pub stamp: DateTime<Utc>,
}

/// When a simple event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimpleTime {
    /// A whole day.
    AllDay(NaiveDate),
    /// In a zone, by its clocks.
    Zoned {
        /// The beginning.
        start: NaiveDateTime,
        /// The end.
        end: NaiveDateTime,
        /// The zone.
        zone: Tz,
    },
}

/// Somebody in an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitee {
    /// Who it is.
    pub address: CalendarUserAddress,
    /// CN; may be empty.
    pub common_name: String,
}

impl Invitee {
    /// The ATTENDEE line of somebody who is asked and has not answered, unfolded.
    pub(crate) fn line(&self) -> String {
        format!(
            "ATTENDEE{};ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:{}",
            self.name_parameter(),
            self.address.to_cal_address()
        )
    }

    fn name_parameter(&self) -> String {
        let name = self.common_name.split_whitespace().collect::<Vec<_>>();
        common_name_parameter(&name.join(" "))
    }
}

impl SimpleEvent<'_> {
    /// The iCalendar object.
    ///
    /// # Errors
    /// If it is larger than objects may be.
    pub fn to_object(&self) -> Result<CalendarObject, ObjectError> {
        let mut file = Vec::new();
        push_line(&mut file, "BEGIN:VCALENDAR");
        push_line(&mut file, "VERSION:2.0");
        push_line(&mut file, &format!("PRODID:{PRODUCT_ID}"));
        push_line(&mut file, "CALSCALE:GREGORIAN");
        if let SimpleTime::Zoned { start, end, zone } = self.time
            && zone != Tz::UTC
        {
            push_vtimezone(&mut file, zone, start.date(), end.date());
        }
        let mut line = |text: &str| push_line(&mut file, text);
        line("BEGIN:VEVENT");
        line(&format!("UID:{}", escape(self.uid)));
        let stamp = utc_text(self.stamp);
        line(&format!("DTSTAMP:{stamp}"));
        line(&format!("CREATED:{stamp}"));
        line("SEQUENCE:0");
        for time in self.time.lines() {
            line(&time);
        }
        line(&format!("SUMMARY:{}", escape(self.title)));
        if let Some(place) = self.place {
            line(&format!("LOCATION:{}", escape(place)));
        }
        if !self.attendees.is_empty() {
            let organizer = &self.organizer;
            line(&format!(
                "ORGANIZER{}:{}",
                organizer.name_parameter(),
                organizer.address.to_cal_address()
            ));
        }
        for attendee in self.attendees {
            line(&attendee.line());
        }
        line("END:VEVENT");
        line("END:VCALENDAR");
        CalendarObject::parse(file)
    }
}

impl From<SimpleTime> for EventTime {
    fn from(time: SimpleTime) -> Self {
        match time {
            SimpleTime::AllDay(day) => Self::AllDay {
                first: day,
                last: day,
            },
            SimpleTime::Zoned { start, end, zone } => {
                let utc = |local| Zone::Named(zone).to_utc(local);
                Self::Zoned {
                    start: utc(start),
                    end: Some(utc(end)),
                    zone,
                }
            }
        }
    }
}

impl SimpleTime {
    fn lines(self) -> Vec<String> {
        match self {
            Self::AllDay(day) => {
                // DTEND is the day after.
                let after = day.succ_opt().map(date_text);
                let end = after.map(|after| format!("DTEND;VALUE=DATE:{after}"));
                let start = format!("DTSTART;VALUE=DATE:{}", date_text(day));
                [Some(start), end].into_iter().flatten().collect()
            }
            Self::Zoned {
                start,
                end,
                zone: Tz::UTC,
            } => {
                let utc = |time| utc_text(Zone::UTC.to_utc(time));
                vec![
                    format!("DTSTART:{}", utc(start)),
                    format!("DTEND:{}", utc(end)),
                ]
            }
            Self::Zoned { start, end, zone } => vec![
                format!("DTSTART;TZID={}:{}", zone.name(), local_text(start)),
                format!("DTEND;TZID={}:{}", zone.name(), local_text(end)),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::{InternalDomain, TelegramUserId};
    use crate::part_stat::PartStat;
    use crate::time::EventTime;

    fn invitee(id: i64, name: &str) -> Invitee {
        let id = TelegramUserId::new(id).unwrap();
        Invitee {
            address: CalendarUserAddress::internal(id, &InternalDomain::default()),
            common_name: name.to_owned(),
        }
    }

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn event(time: SimpleTime, attendees: &[Invitee]) -> SimpleEvent<'_> {
        SimpleEvent {
            uid: "1",
            title: "Lunch, with Bo; and\nAnn",
            place: Some("Café"),
            time,
            organizer: invitee(1, "Ann \"A\" Lee"),
            attendees,
            stamp: "2027-01-01T00:00:00Z".parse().unwrap(),
        }
    }

    fn at_one() -> SimpleTime {
        SimpleTime::Zoned {
            start: local("2027-01-15T13:00:00"),
            end: local("2027-01-15T14:00:00"),
            zone: Tz::Europe__Berlin,
        }
    }

    #[test]
    fn what_was_told_is_read_back() {
        let people = [invitee(2, "Bo: the\nsecond"), invitee(3, "")];
        let object = event(at_one(), &people).to_object().unwrap();
        let component = object.master().unwrap();
        assert_eq!(
            component.summary.as_deref(),
            Some("Lunch, with Bo; and\nAnn")
        );
        assert_eq!(component.location.as_deref(), Some("Café"));
        assert_eq!(object.organizer(), Some(&invitee(1, "").address));
        assert_eq!(object.organizer_name(), Some("Ann \"A\" Lee"));
        let [bo, nameless] = component.attendees() else {
            panic!("not two: {component:?}");
        };
        assert_eq!(bo.common_name.as_deref(), Some("Bo: the second"));
        assert_eq!(
            (&bo.part_stat, bo.rsvp),
            (&PartStat::NeedsAction, Some(true))
        );
        assert_eq!(nameless.common_name, None);
        let expected = EventTime::Zoned {
            start: "2027-01-15T12:00:00Z".parse().unwrap(),
            end: Some("2027-01-15T13:00:00Z".parse().unwrap()),
            zone: Tz::Europe__Berlin,
        };
        assert_eq!(component.start, Some(expected));
        // And by another reader.
        let text = String::from_utf8(object.into_bytes()).unwrap();
        let calendar: icalendar::Calendar = text.parse().unwrap();
        assert_eq!(calendar.components.len(), 2);
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    }

    #[test]
    fn nobody_organizes_what_nobody_is_asked_to() {
        let day = "2027-12-31".parse().unwrap();
        let object = event(SimpleTime::AllDay(day), &[]).to_object().unwrap();
        assert_eq!(object.organizer(), None);
        let expected = EventTime::AllDay {
            first: day,
            last: day,
        };
        assert_eq!(object.master().unwrap().start, Some(expected));
        let text = String::from_utf8(object.into_bytes()).unwrap();
        assert!(text.contains("DTEND;VALUE=DATE:20280101"), "{text}");
        assert!(!text.contains("VTIMEZONE"), "{text}");
    }

    #[test]
    fn utc_needs_no_definition() {
        let time = SimpleTime::Zoned {
            start: local("2027-01-15T13:00:00"),
            end: local("2027-01-15T14:00:00"),
            zone: Tz::UTC,
        };
        let object = event(time, &[]).to_object().unwrap();
        let text = String::from_utf8(object.into_bytes()).unwrap();
        assert!(text.contains("DTSTART:20270115T130000Z"), "{text}");
        assert!(!text.contains("TZID"), "{text}");
    }

    #[test]
    fn people_are_added_and_nothing_else_changes() {
        let before = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20270101T000000Z\r\n\
            DTSTART:20270115T080000Z\r\nRRULE:FREQ=DAILY;COUNT=3\r\nATTENDEE;PARTSTAT=ACCEPTED:MAILTO:tg_2@televent.internal\r\nX-A: b \r\n\
            END:VEVENT\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20270101T000000Z\r\nRECURRENCE-ID:20270116T080000Z\r\nDTSTART:20270116T090000Z\r\n\
            END:VEVENT\r\nEND:VCALENDAR\r\n";
        let object = CalendarObject::parse(before.as_bytes().to_vec()).unwrap();
        let added = object.with_attendees(&[invitee(2, "Bo"), invitee(3, "Eve")]);
        let line = |id, name| {
            let mut file = Vec::new();
            push_line(&mut file, &invitee(id, name).line());
            String::from_utf8(file).unwrap()
        };
        let (bo, eve) = (line(2, "Bo"), line(3, "Eve"));
        let expected = before.replace("X-A:", &format!("{eve}X-A:")).replace(
            "END:VEVENT\r\nBEGIN:VEVENT\r\n",
            &format!("END:VEVENT\r\nBEGIN:VEVENT\r\n{bo}{eve}"),
        );
        let text = String::from_utf8(added.as_bytes().to_vec()).unwrap();
        assert_eq!(text, expected);
        assert_eq!(added.attendees().len(), 4);
        let again = added.with_attendees(&[invitee(2, "Bo"), invitee(3, "Eve")]);
        assert_eq!(again, added);
    }
}
