//! Calendar objects as text, and a reader of them that shares nothing with the server's.

/// The lines of `text` with CRLF, without the indentation that they have in the source.
pub fn ics(text: &str) -> String {
    text.trim()
        .lines()
        .map(|line| format!("{}\r\n", line.trim_start()))
        .collect()
}

/// A meeting on 15 January 2027 from 9 to 10 in Berlin, organized by `tg_<organizer>`, with these lines besides.
pub fn meeting(uid: &str, organizer: i64, lines: &str) -> String {
    ics(&format!(
        "BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Example Corp.//Calendar 1.0//EN
        BEGIN:VEVENT
        UID:{uid}
        DTSTAMP:20270101T000000Z
        DTSTART:20270115T080000Z
        DTEND:20270115T090000Z
        SEQUENCE:3
        SUMMARY:Planning
        LOCATION:Room 4.2
        ORGANIZER;CN=Ann:mailto:tg_{organizer}@televent.internal
        {lines}
        END:VEVENT
        END:VCALENDAR"
    ))
}

/// The object as it is in a scheduling message (RFC 5546 section 1.4).
pub fn message(method: &str, object: &str) -> String {
    let versioned = format!("VERSION:2.0\r\nMETHOD:{method}");
    object.replacen("VERSION:2.0", &versioned, 1)
}

/// The object with one `PARTSTAT=NEEDS-ACTION` replaced: what an answer may change, and no other byte.
pub fn with_part_stat(object: &str, part_stat: &str) -> String {
    assert_eq!(
        object.matches("PARTSTAT=NEEDS-ACTION").count(),
        1,
        "{object}"
    );
    object.replace("PARTSTAT=NEEDS-ACTION", &format!("PARTSTAT={part_stat}"))
}

/// What in a stored object is not the server's word on delivery: unfolded, and without SCHEDULE-STATUS.
pub fn without_schedule_status(object: &str) -> String {
    let mut text = object.replace("\r\n ", "").replace("\n ", "");
    for code in ["1.0", "1.2", "2.0", "3.7", "5.1", "5.2"] {
        text = text.replace(&format!(";SCHEDULE-STATUS={code}"), "");
    }
    text
}

/// An ATTENDEE as it stands in an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttendeeLine {
    /// The value of RECURRENCE-ID; empty in the series.
    pub recurrence_id: String,
    /// Without `mailto:`, and its domain in lower case.
    pub address: String,
    /// PARTSTAT in upper case; `NEEDS-ACTION` where there is none.
    pub part_stat: String,
}

/// All ATTENDEE lines of all VEVENTs, read naively: unfold, split, look.
pub fn attendee_lines(object: &[u8]) -> Vec<AttendeeLine> {
    let text = String::from_utf8_lossy(object).replace("\r\n", "\n");
    let unfolded = text.replace("\n ", "").replace("\n\t", "");
    let mut all = Vec::new();
    let mut component: Vec<AttendeeLine> = Vec::new();
    let mut recurrence_id = String::new();
    let mut open: Vec<String> = Vec::new();
    for line in unfolded.lines() {
        let (parameters, value) = content_line(line);
        let name = parameters
            .first()
            .map(|name| name.to_ascii_uppercase())
            .unwrap_or_default();
        let in_event = open.last().is_some_and(|name| name == "VEVENT");
        match name.as_str() {
            "BEGIN" => open.push(value.to_ascii_uppercase()),
            "END" => {
                let ended = open.pop();
                if ended.as_deref() == Some("VEVENT") {
                    let id = std::mem::take(&mut recurrence_id);
                    all.extend(component.drain(..).map(|line| AttendeeLine {
                        recurrence_id: id.clone(),
                        ..line
                    }));
                }
            }
            "RECURRENCE-ID" if in_event => value.clone_into(&mut recurrence_id),
            "ATTENDEE" if in_event => component.push(AttendeeLine {
                recurrence_id: String::new(),
                address: normal_address(value),
                part_stat: parameters
                    .iter()
                    .filter_map(|parameter| parameter.split_once('='))
                    .find(|(name, _)| name.eq_ignore_ascii_case("PARTSTAT"))
                    .map_or("NEEDS-ACTION".to_owned(), |(_, value)| {
                        value.trim_matches('"').to_ascii_uppercase()
                    }),
            }),
            _ => {}
        }
    }
    all
}

/// A VEVENT as it stands in an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventLines {
    /// The value of RECURRENCE-ID; empty in the series.
    pub recurrence_id: String,
    /// Unfolded, from after its BEGIN to before its END; those of its VALARMs with their BEGIN and END.
    pub lines: Vec<String>,
}

impl EventLines {
    /// The value of the first property of this name.
    pub fn value(&self, name: &str) -> Option<&str> {
        let lines = self.lines.iter().map(|line| content_line(line));
        let mut found = lines.filter(|(parts, _)| parts.first() == Some(&name));
        found.next().map(|(_, value)| value)
    }
}

/// All VEVENTs of an object in their order, read naively.
pub fn event_lines(object: &[u8]) -> Vec<EventLines> {
    let text = String::from_utf8_lossy(object).replace("\r\n", "\n");
    let unfolded = text.replace("\n ", "").replace("\n\t", "");
    let mut all = Vec::new();
    for text in unfolded.split("BEGIN:VEVENT\n").skip(1) {
        let text = text.split("END:VEVENT\n").next().unwrap_or_default();
        let mut event = EventLines {
            recurrence_id: String::new(),
            lines: text.lines().map(str::to_owned).collect(),
        };
        event.recurrence_id = event.value("RECURRENCE-ID").unwrap_or_default().to_owned();
        all.push(event);
    }
    all
}

/// An address without `mailto:`. Domains are the same in any case, what is before the `@` is not (RFC 5321 section 2.4).
pub fn normal_address(value: &str) -> String {
    let address = match value.split_at_checked("mailto:".len()) {
        Some((scheme, address)) if scheme.eq_ignore_ascii_case("mailto:") => address,
        _ => value,
    };
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", domain.to_ascii_lowercase()),
        None => address.to_owned(),
    }
}

/// Name and parameters of a line, and the value behind the first colon that is not quoted.
pub fn content_line(line: &str) -> (Vec<&str>, &str) {
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
                    return (parts, line.get(start..).unwrap_or_default());
                }
            }
            _ => {}
        }
    }
    (parts, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn naive_reader_reads() {
        let object = ics("BEGIN:VCALENDAR
            BEGIN:VEVENT
            ATTENDEE;CN=\"a;b:c\";PARTSTAT=accepted:MAILTO:Tg_1@Televent.Internal
            BEGIN:VALARM
            ATTENDEE:mailto:nobody@example.org
            END:VALARM
            RECURRENCE-ID:20270115T080000Z
            END:VEVENT
            END:VCALENDAR")
        .replace("CN=", "C\r\n N=");
        let line = AttendeeLine {
            recurrence_id: "20270115T080000Z".to_owned(),
            address: "Tg_1@televent.internal".to_owned(),
            part_stat: "ACCEPTED".to_owned(),
        };
        assert_eq!(attendee_lines(object.as_bytes()), [line]);
    }
}
