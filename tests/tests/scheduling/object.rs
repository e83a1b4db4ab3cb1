//! Calendar objects as lines, with a reader that shares nothing with the server's: what is in them, and edits as a
//! calendar app makes them.

use std::ops::Range;

use anyhow::{Context as _, Result, bail, ensure};
use chrono::NaiveDateTime;

const DATE_TIME: &str = "%Y%m%dT%H%M%S";

/// Properties of a series that none of its instances has.
const OF_SERIES: [&str; 4] = ["RRULE", "RDATE", "EXDATE", "EXRULE"];

/// A place of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Section {
    /// The component without RECURRENCE-ID.
    Series,
    /// The component whose RECURRENCE-ID has this value.
    Instance(String),
    /// The VCALENDAR itself.
    Calendar,
}

/// A property that is looked for: what is not said of it may be as it likes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    name: String,
    /// `None`: not there.
    parameters: Vec<(String, Option<String>)>,
    value: Option<String>,
    text: String,
}

/// A change of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A line at the end of the section.
    Add(String),
    /// Each property that is so; there must be one.
    Remove(Pattern),
    RemoveComponent(Section),
    /// Text of the section; it must be there.
    Replace {
        old: String,
        new: String,
    },
}

/// An object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Unfolded.
    lines: Vec<String>,
}

impl Pattern {
    /// Reads `NAME;PARAMETER=VALUE;!PARAMETER:VALUE`.
    pub fn parse(text: &str) -> Result<Self> {
        let (parts, value) = split(text);
        let mut parts = parts.into_iter();
        let name = parts.next().unwrap_or_default();
        let is_name = |name: &str| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-')
        };
        ensure!(
            is_name(name),
            "{text:?} does not begin with the name of a property"
        );
        let mut parameters = Vec::new();
        for part in parts {
            ensure!(!part.is_empty(), "an empty parameter in {text:?}");
            parameters.push(match (part.strip_prefix('!'), part.split_once('=')) {
                (Some(name), _) => (name.to_owned(), None),
                (None, Some((name, value))) => {
                    (name.to_owned(), Some(value.trim_matches('"').to_owned()))
                }
                (None, None) => bail!("the parameter {part:?} has no value"),
            });
        }
        Ok(Self {
            name: name.to_owned(),
            parameters,
            value: value.map(str::to_owned),
            text: text.to_owned(),
        })
    }

    fn is(&self, line: &str) -> bool {
        let (parts, value) = split(line);
        let Some((name, parameters)) = parts.split_first() else {
            return false;
        };
        let parameter = |wanted: &str| {
            let mut found = parameters.iter().filter_map(|part| part.split_once('='));
            let written = found.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            let default = match wanted {
                "PARTSTAT" => Some("NEEDS-ACTION"),
                "RSVP" => Some("FALSE"),
                _ => None,
            };
            written
                .map(|(_, value)| value.trim_matches('"'))
                .or(default.filter(|_| self.name == "ATTENDEE"))
        };
        name.eq_ignore_ascii_case(&self.name)
            && self
                .value
                .as_deref()
                .is_none_or(|wanted| same_value(wanted, value.unwrap_or_default()))
            && self
                .parameters
                .iter()
                .all(|(name, wanted)| match (wanted, parameter(name)) {
                    (Some(wanted), Some(found)) => wanted == found,
                    (None, found) => found.is_none(),
                    (Some(_), None) => false,
                })
    }
}

/// Addresses are the same in any case; everything else is compared as it stands.
fn same_value(one: &str, other: &str) -> bool {
    let is_address = one
        .get(..7)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
    one == other || (is_address && one.eq_ignore_ascii_case(other))
}

impl Object {
    pub fn parse(text: &str) -> Self {
        let text = text
            .replace("\r\n", "\n")
            .replace("\n ", "")
            .replace("\n\t", "");
        Self {
            lines: text.lines().map(str::to_owned).collect(),
        }
    }

    /// As it is PUT.
    pub fn to_ics(&self) -> String {
        self.lines
            .iter()
            .map(|line| format!("{line}\r\n"))
            .collect()
    }

    /// The value of the first property of this name.
    pub fn value(&self, name: &str) -> Option<&str> {
        let lines = self.lines.iter().map(|line| split(line));
        let mut found = lines.filter(|(parts, _)| {
            parts
                .first()
                .is_some_and(|found| found.eq_ignore_ascii_case(name))
        });
        found.find_map(|(_, value)| value)
    }

    /// Whether there is such a property anywhere in it.
    pub fn has(&self, pattern: &Pattern) -> bool {
        self.lines.iter().any(|line| pattern.is(line))
    }

    /// That the section has such a property, or has none.
    pub fn check(&self, section: &Section, pattern: &Pattern, is_there: bool) -> Result<()> {
        let found = self
            .section_lines(section)?
            .into_iter()
            .any(|line| pattern.is(line));
        if found == is_there {
            return Ok(());
        }
        let problem = if is_there { "there is no" } else { "there is" };
        bail!("{problem} {} in the {section:?} of\n{self}", pattern.text)
    }

    pub fn check_absent(&self, section: &Section) -> Result<()> {
        ensure!(
            self.find(section).is_none(),
            "there is the {section:?} in\n{self}"
        );
        Ok(())
    }

    pub fn edit(&mut self, section: &Section, edit: &Edit) -> Result<()> {
        if let Edit::RemoveComponent(section) = edit {
            let range = self.range(section)?;
            self.lines.drain(range);
            return Ok(());
        }
        // Of a copy that has one instance only, that is what is meant.
        let only = Section::Instance(self.keys().into_iter().flatten().next().unwrap_or_default());
        let section = match section {
            Section::Series if self.find(section).is_none() => &only,
            section => section,
        };
        let range = self.range(section)?;
        let before = self.to_ics();
        match edit {
            Edit::Add(line) => match line.strip_prefix(' ') {
                // A fold, as it stands in the script.
                Some(rest) => {
                    let last = self
                        .lines
                        .get_mut(range.end - 2)
                        .context("nothing to continue")?;
                    last.push_str(rest);
                }
                None => self.lines.insert(range.end - 1, line.clone()),
            },
            Edit::Remove(pattern) => {
                let mut at = 0;
                self.lines.retain(|line| {
                    at += 1;
                    !(range.contains(&(at - 1)) && pattern.is(line))
                });
            }
            Edit::Replace { old, new } => {
                for line in self.lines.iter_mut().take(range.end).skip(range.start) {
                    *line = line.replace(old, new);
                }
            }
            Edit::RemoveComponent(_) => {}
        }
        ensure!(
            self.to_ics() != before,
            "{edit:?} changes nothing in the {section:?} of\n{self}"
        );
        Ok(())
    }

    /// Puts an answer in, as a calendar app does: of one instance, or wherever the person is invited.
    pub fn answer(&mut self, address: &str, part_stat: &str, instance: Option<&str>) -> Result<()> {
        let sections = match instance {
            None => self
                .keys()
                .into_iter()
                .map(|key| key.map_or(Section::Series, Section::Instance))
                .collect(),
            Some(key) => {
                let section = Section::Instance(key.to_owned());
                if self.find(&section).is_none() {
                    self.override_instance(key)?;
                }
                vec![section]
            }
        };
        let own = Pattern::parse(&format!("ATTENDEE:{address}"))?;
        let mut answered = 0;
        for section in &sections {
            let range = self.range(section)?;
            for line in self.lines.iter_mut().take(range.end).skip(range.start) {
                if own.is(line) {
                    *line = with_parameter(line, "PARTSTAT", part_stat);
                    answered += 1;
                }
            }
        }
        ensure!(answered > 0, "{address} is no attendee of\n{self}");
        Ok(())
    }

    /// Adds a component for an instance, which is as its series says.
    fn override_instance(&mut self, key: &str) -> Result<()> {
        let range = self.range(&Section::Series)?;
        let series: Vec<String> = self.lines.get(range.clone()).unwrap_or_default().to_vec();
        let start = series
            .iter()
            .find(|line| name_of(line) == "DTSTART")
            .context("the series has no DTSTART")?;
        let (parts, value) = split(start);
        let parameters: String = parts
            .iter()
            .skip(1)
            .map(|part| format!(";{part}"))
            .collect();
        let moved_by = date_time(key)? - date_time(value.unwrap_or_default())?;
        let mut instance = Vec::new();
        for line in &series {
            let name = name_of(line);
            if OF_SERIES.contains(&name.as_str()) {
                continue;
            }
            match (name.as_str(), line.rsplit_once(':')) {
                ("DTSTART", _) => {
                    instance.push(format!("RECURRENCE-ID{parameters}:{key}"));
                    instance.push(format!("DTSTART{parameters}:{key}"));
                }
                ("DTEND" | "DUE", Some((head, value))) => {
                    let end = shown_as(date_time(value)? + moved_by, value);
                    instance.push(format!("{head}:{end}"));
                }
                _ => instance.push(line.clone()),
            }
        }
        self.lines.splice(range.end..range.end, instance);
        Ok(())
    }

    /// Of each component, the value of RECURRENCE-ID.
    fn keys(&self) -> Vec<Option<String>> {
        self.components()
            .into_iter()
            .map(|range| self.key(range))
            .collect()
    }

    fn key(&self, range: Range<usize>) -> Option<String> {
        let lines = self.lines.get(range)?;
        let line = lines.iter().find(|line| name_of(line) == "RECURRENCE-ID")?;
        split(line).1.map(str::to_owned)
    }

    /// The lines of each component, its BEGIN and END with it; time zones are none.
    fn components(&self) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let mut start = None;
        for (at, line) in self.lines.iter().enumerate() {
            if matches!(
                line.as_str(),
                "BEGIN:VEVENT" | "BEGIN:VTODO" | "BEGIN:VJOURNAL" | "BEGIN:VFREEBUSY"
            ) {
                start = Some(at);
            }
            if matches!(
                line.as_str(),
                "END:VEVENT" | "END:VTODO" | "END:VJOURNAL" | "END:VFREEBUSY"
            ) && let Some(start) = start.take()
            {
                ranges.push(start..at + 1);
            }
        }
        ranges
    }

    fn find(&self, section: &Section) -> Option<Range<usize>> {
        let key = match section {
            Section::Calendar => return Some(0..self.lines.len()),
            Section::Series => None,
            Section::Instance(key) => Some(key.clone()),
        };
        self.components()
            .into_iter()
            .find(|range| self.key(range.clone()) == key)
    }

    fn range(&self, section: &Section) -> Result<Range<usize>> {
        self.find(section)
            .with_context(|| format!("there is no {section:?} in\n{self}"))
    }

    /// The lines of a section; those of the components are not the calendar's.
    fn section_lines(&self, section: &Section) -> Result<Vec<&str>> {
        let range = self.range(section)?;
        let components = if *section == Section::Calendar {
            self.components()
        } else {
            Vec::new()
        };
        let lines = self.lines.iter().enumerate().filter(|(at, _)| {
            range.contains(at) && !components.iter().any(|component| component.contains(at))
        });
        Ok(lines.map(|(_, line)| line.as_str()).collect())
    }
}

impl std::fmt::Display for Object {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.lines.join("\n"))
    }
}

fn name_of(line: &str) -> String {
    split(line)
        .0
        .first()
        .map(|name| name.to_ascii_uppercase())
        .unwrap_or_default()
}

/// The line with this parameter, and no other of its name.
fn with_parameter(line: &str, name: &str, value: &str) -> String {
    let (parts, line_value) = split(line);
    let mut parts = parts.into_iter();
    let mut written = format!("{};{name}={value}", parts.next().unwrap_or_default());
    for part in parts.filter(|part| {
        part.split_once('=')
            .is_none_or(|(known, _)| !known.eq_ignore_ascii_case(name))
    }) {
        written.push(';');
        written.push_str(part);
    }
    format!("{written}:{}", line_value.unwrap_or_default())
}

/// What a clock shows; all times of a script's series are in one zone.
fn date_time(value: &str) -> Result<NaiveDateTime> {
    let midnight = if value.len() == 8 { "T000000" } else { "" };
    let text = format!("{}{midnight}", value.trim_end_matches('Z'));
    NaiveDateTime::parse_from_str(&text, DATE_TIME)
        .with_context(|| format!("{value:?} is neither a date nor a time"))
}

/// The time in the form of another: a date, a local time or one in UTC.
fn shown_as(time: NaiveDateTime, other: &str) -> String {
    let text = time.format(DATE_TIME).to_string();
    match other.len() {
        8 => text.chars().take(8).collect(),
        16 => text + "Z",
        _ => text,
    }
}

/// Name and parameters, and the value behind the first colon that is not quoted.
fn split(line: &str) -> (Vec<&str>, Option<&str>) {
    let mut quoted = false;
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, character) in line.char_indices() {
        match character {
            '"' => quoted = !quoted,
            ';' | ':' if !quoted => {
                parts.push(line.get(start..at).unwrap_or_default());
                start = at + 1;
                if character == ':' {
                    return (parts, line.get(start..));
                }
            }
            _ => {}
        }
    }
    parts.push(line.get(start..).unwrap_or_default());
    (parts, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERIES: &str = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID=Europe/Berlin:20270104T100000\n\
        DTEND;TZID=Europe/Berlin:20270104T113000\nRRULE:FREQ=DAILY\nATTENDEE;CN=\"a:b\";RSVP\n =TRUE:MAILTO:Tg_1@x\n\
        END:VEVENT\nEND:VCALENDAR\n";

    fn is_there(object: &Object, section: &Section, pattern: &str) -> bool {
        object
            .check(section, &Pattern::parse(pattern).unwrap(), true)
            .is_ok()
    }

    #[test]
    fn patterns_say_what_matters() {
        let object = Object::parse(SERIES);
        for (pattern, expected) in [
            ("ATTENDEE", true),
            (
                "ATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:tg_1@x",
                true,
            ),
            ("ATTENDEE;!SCHEDULE-STATUS;CN=a:b:mailto:tg_1@x", false),
            ("ATTENDEE;!SCHEDULE-STATUS;CN=\"a:b\":mailto:tg_1@x", true),
            ("ATTENDEE;!CN", false),
            ("ATTENDEE;PARTSTAT=ACCEPTED", false),
            ("DTSTART:20270104T100000", true),
            ("DTSTART;!TZID", false),
            ("SUMMARY", false),
        ] {
            assert_eq!(
                is_there(&object, &Section::Series, pattern),
                expected,
                "{pattern}"
            );
        }
    }

    #[test]
    fn answer_to_an_instance_makes_it() {
        let mut object = Object::parse(SERIES);
        object
            .answer("mailto:tg_1@x", "DECLINED", Some("20270106T100000"))
            .unwrap();
        let instance = Section::Instance("20270106T100000".to_owned());
        assert!(is_there(&object, &instance, "ATTENDEE;PARTSTAT=DECLINED"));
        assert!(is_there(
            &object,
            &instance,
            "DTEND;TZID=Europe/Berlin:20270106T113000"
        ));
        assert!(!is_there(&object, &instance, "RRULE"));
        assert!(is_there(
            &object,
            &Section::Series,
            "ATTENDEE;PARTSTAT=NEEDS-ACTION"
        ));
    }

    #[test]
    fn edit_that_changes_nothing_is_an_error() {
        let mut object = Object::parse(SERIES);
        let edit = Edit::Remove(Pattern::parse("SUMMARY").unwrap());
        assert!(object.edit(&Section::Series, &edit).is_err());
        object
            .edit(&Section::Series, &Edit::Add("SUMMARY:x".to_owned()))
            .unwrap();
        object.edit(&Section::Series, &edit).unwrap();
        assert_eq!(object.lines, Object::parse(SERIES).lines);
    }
}
