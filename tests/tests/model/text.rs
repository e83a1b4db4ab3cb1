//! Objects as the clients of the lives write, read and edit them. It shares nothing with the server.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, TimeDelta};
use televent_tests::{EventLines, content_line, event_lines, normal_address};

use crate::operation::{Guest, Object};

const DATE_TIME: &str = "%Y%m%dT%H%M%SZ";

/// Instances that are looked at: more than a life knows.
const MOST_INSTANCES: i32 = 8;

/// An object, line by line.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) events: Vec<EventLines>,
}

/// Whom a component names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) address: String,
    pub(crate) part_stat: String,
    pub(crate) by_server: bool,
    pub(crate) forces: bool,
}

impl Text {
    pub(crate) fn read(object: &[u8]) -> Self {
        Self {
            events: event_lines(object),
        }
    }

    pub(crate) fn to_ics(&self) -> String {
        let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n".to_owned();
        for event in &self.events {
            text.push_str("BEGIN:VEVENT\r\n");
            for line in &event.lines {
                text.push_str(line);
                text.push_str("\r\n");
            }
            text.push_str("END:VEVENT\r\n");
        }
        text.push_str("END:VCALENDAR\r\n");
        text
    }

    pub(crate) fn event(&self, key: &str) -> Option<&EventLines> {
        self.events.iter().find(|event| event.recurrence_id == key)
    }

    pub(crate) fn event_mut(&mut self, key: &str) -> Option<&mut EventLines> {
        self.events
            .iter_mut()
            .find(|event| event.recurrence_id == key)
    }

    pub(crate) fn keys(&self) -> BTreeSet<String> {
        self.events
            .iter()
            .map(|event| event.recurrence_id.clone())
            .collect()
    }

    /// The recurrence keys of the series' first instances, those that are taken out too; none if it does not repeat.
    pub(crate) fn instances(&self) -> Vec<String> {
        let Some(series) = self.event("") else {
            return Vec::new();
        };
        let Some(rule) = series.value("RRULE") else {
            return Vec::new();
        };
        let count = rule
            .split_once("COUNT=")
            .map_or(MOST_INSTANCES, |(_, count)| {
                count.parse().expect("a number")
            });
        let start =
            NaiveDateTime::parse_from_str(series.value("DTSTART").unwrap_or_default(), DATE_TIME)
                .expect("a time in UTC");
        let weekly =
            (0..count.min(MOST_INSTANCES)).map(|week| start + TimeDelta::weeks(week.into()));
        weekly
            .map(|time| time.format(DATE_TIME).to_string())
            .collect()
    }

    /// Whether the series has this instance, as a component or without.
    pub(crate) fn has_instance(&self, key: &str) -> bool {
        self.event("")
            .is_some_and(|series| !excluded(series).contains(key))
            && self.instances().iter().any(|instance| instance == key)
    }

    /// Adds a component for an instance that is as its series says.
    pub(crate) fn separate(&mut self, key: &str) {
        let series = self.event("").expect("an instance has a series");
        let of_series = ["RRULE", "EXDATE", "RDATE", "RECURRENCE-ID"];
        let mut lines = Vec::new();
        for line in &series.lines {
            match name_of(line) {
                "DTSTART" => {
                    lines.extend([format!("RECURRENCE-ID:{key}"), format!("DTSTART:{key}")]);
                }
                name if of_series.contains(&name) => {}
                _ => lines.push(line.clone()),
            }
        }
        self.events.push(EventLines {
            recurrence_id: key.to_owned(),
            lines,
        });
    }
}

pub(crate) fn name_of(line: &str) -> &str {
    line.split([';', ':']).next().unwrap_or_default()
}

/// The keys of the instances that an EXDATE takes out.
pub(crate) fn excluded(event: &EventLines) -> BTreeSet<String> {
    let lines = event.lines.iter().filter(|line| name_of(line) == "EXDATE");
    let values = lines.flat_map(|line| content_line(line).1.split(','));
    values.map(str::to_owned).collect()
}

/// The ATTENDEE lines.
pub(crate) fn named(event: &EventLines) -> Vec<Named> {
    let mut inside_alarm = false;
    let mut all = Vec::new();
    for line in &event.lines {
        match line.as_str() {
            "BEGIN:VALARM" => inside_alarm = true,
            "END:VALARM" => inside_alarm = false,
            _ => {}
        }
        if inside_alarm || name_of(line) != "ATTENDEE" {
            continue;
        }
        let (parts, value) = content_line(line);
        let parameter = |name: &str| {
            let mut parameters = parts.iter().filter_map(|part| part.split_once('='));
            let found = parameters.find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.trim_matches('"').to_ascii_uppercase())
        };
        all.push(Named {
            address: normal_address(value),
            part_stat: parameter("PARTSTAT").unwrap_or_else(|| "NEEDS-ACTION".to_owned()),
            by_server: parameter("SCHEDULE-AGENT").is_none_or(|agent| agent == "SERVER"),
            forces: parameter("SCHEDULE-FORCE-SEND").is_some(),
        });
    }
    all
}

/// Puts an answer into the lines of somebody. Whether there are any.
pub(crate) fn set_part_stat(event: &mut EventLines, address: &str, part_stat: &str) -> bool {
    set_parameters(event, address, &[("PARTSTAT", part_stat)])
}

/// Sets parameters of the lines of somebody. Whether there are any.
pub(crate) fn set_parameters(
    event: &mut EventLines,
    address: &str,
    parameters: &[(&str, &str)],
) -> bool {
    let mut found = false;
    for line in &mut event.lines {
        let (parts, value) = content_line(line);
        if name_of(line) != "ATTENDEE" || normal_address(value) != address {
            continue;
        }
        found = true;
        let mut written = "ATTENDEE".to_owned();
        let kept = parts.iter().skip(1).filter(|part| {
            let name = part.split('=').next().unwrap_or_default();
            !parameters
                .iter()
                .any(|(set, _)| name.eq_ignore_ascii_case(set))
        });
        for part in kept {
            written.push(';');
            written.push_str(part);
        }
        for (name, value) in parameters {
            written.push_str(&format!(";{name}={value}"));
        }
        *line = format!("{written}:{value}");
    }
    found
}

/// Sets the value of a property, which is there.
pub(crate) fn set_value(event: &mut EventLines, name: &str, value: &str) {
    for line in &mut event.lines {
        if name_of(line) == name {
            *line = format!("{name}:{value}");
        }
    }
}

/// What an organizer's app writes.
pub(crate) fn written(uid: &str, dan: &str, object: &Object) -> Text {
    let event = |instance: Option<(u8, u8, &[Guest])>| {
        let (week, hour, guests) = instance.unwrap_or((0, 8, &object.guests));
        let day = object.day + 1 + 7 * week;
        let mut lines = vec![format!("UID:{uid}"), "DTSTAMP:20260101T000000Z".to_owned()];
        if instance.is_some() {
            lines.push(format!("RECURRENCE-ID:203701{day:02}T080000Z"));
        }
        lines.push(format!("DTSTART:203701{day:02}T{hour:02}0000Z"));
        if let (Some(rule), None) = (object.rule, instance) {
            lines.push(format!("RRULE:{rule}"));
            if let Some(week) = object.excluded {
                lines.push(format!(
                    "EXDATE:203701{:02}T080000Z",
                    object.day + 1 + 7 * week
                ));
            }
        }
        lines.push(format!("SUMMARY:Title {}", object.title));
        lines.push(format!("LOCATION:Place {}", object.place));
        lines.extend(object.organizer.lines().map(str::to_owned));
        for guest in guests {
            let address = guest.address.replace("{dan}", dan);
            lines.push(format!(
                "ATTENDEE{}{}:{address}",
                guest.part_stat, guest.agent
            ));
        }
        EventLines {
            recurrence_id: if instance.is_some() {
                format!("203701{day:02}T080000Z")
            } else {
                String::new()
            },
            lines,
        }
    };
    let mut events = vec![event(None)];
    for (week, (hour, guests)) in &object.instances {
        let guests = guests.as_ref().unwrap_or(&object.guests);
        events.push(event(Some((*week, *hour, guests))));
    }
    Text { events }
}
