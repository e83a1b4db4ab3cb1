//! Scheduling messages as they stand in an inbox (RFC 6638 section 2.2, RFC 5546).

use chrono::{DateTime, Utc};

use super::answer::{Answers, Comments};
use super::copy::is_all_cancelled;
use crate::address::{CalendarUserAddress, TelegramUserId};
use crate::content_line::{LineEnding, push_line, splice};
use crate::object::CalendarObject;
use crate::time::utc_text;
use crate::tree::Node;

/// METHOD of a message (RFC 5546 section 1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// The organizer invites, or tells of a change.
    Request,
    /// The organizer takes an invitation back.
    Cancel,
    /// An attendee answers.
    Reply,
}

impl Method {
    /// The value of METHOD.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
            Self::Reply => "REPLY",
        }
    }
}

impl Method {
    /// That of a message about all that somebody sees of an object (RFC 5546 sections 3.2.2 and 3.2.5).
    pub(super) fn to_tell_of(seen: &CalendarObject) -> Self {
        if is_all_cancelled(seen) {
            Self::Cancel
        } else {
            Self::Request
        }
    }
}

/// A message to somebody's inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Whose inbox.
    pub to: TelegramUserId,
    /// Who answers, in a REPLY.
    pub from: Option<TelegramUserId>,
    /// What it does.
    pub method: Method,
    /// The iCalendar with its METHOD.
    pub text: Vec<u8>,
}

/// Properties of a REPLY (RFC 5546 section 3.2.3), besides DTSTAMP and the attendee who answers.
const OF_REPLY: [&str; 9] = [
    "UID",
    "RECURRENCE-ID",
    "DTSTART",
    "DTEND",
    "DUE",
    "DURATION",
    "SEQUENCE",
    "SUMMARY",
    "ORGANIZER",
];

/// What an attendee sees of an object, as a message about it that is generated now (RFC 6638 section 3.2.5).
pub(super) fn about(object: &CalendarObject, method: Method, now: DateTime<Utc>) -> Vec<u8> {
    let calendar = Node::of(object);
    let ending = calendar.begin.ending().unwrap_or(LineEnding::CrLf);
    let mut line = format!("METHOD:{}", method.as_str()).into_bytes();
    line.extend_from_slice(ending.as_bytes());
    let at = calendar.begin.span.end;
    let mut edits = vec![(at..at, line)];
    let stamp = format!("DTSTAMP:{}", utc_text(now));
    let nodes = calendar.kept(object);
    edits.extend(
        nodes
            .iter()
            .flat_map(|node| node.properties_named("DTSTAMP"))
            .map(|line| {
                let rewritten = line.line.rewritten(stamp.as_bytes(), ending);
                (line.line.span.clone(), rewritten)
            }),
    );
    splice(object.as_bytes(), &edits)
}

/// The REPLY with these answers and comments; `object` is the organizer's, with the answers in it.
pub(super) fn reply(
    object: &CalendarObject,
    from: &CalendarUserAddress,
    (answers, comments): (&Answers, &Comments),
    now: DateTime<Utc>,
) -> Vec<u8> {
    let calendar = Node::of(object);
    let mut file = Vec::new();
    push_line(&mut file, "BEGIN:VCALENDAR");
    push_line(&mut file, "VERSION:2.0");
    push_line(&mut file, &format!("PRODID:{}", crate::PRODUCT_ID));
    push_line(&mut file, "METHOD:REPLY");
    for zone in calendar.named("VTIMEZONE") {
        let text = object.as_bytes().get(zone.span.clone());
        file.extend_from_slice(text.unwrap_or_default());
    }
    for (node, component) in calendar.kept(object).into_iter().zip(object.components()) {
        let key = component.recurrence_key();
        let comments = comments.get(key);
        if !answers.contains_key(key) && comments.is_none() {
            continue;
        }
        push_line(&mut file, &format!("BEGIN:{}", node.name));
        push_line(&mut file, &format!("DTSTAMP:{}", utc_text(now)));
        for line in &node.properties {
            let is_said = OF_REPLY.iter().any(|name| line.is(name));
            let is_who = line.is("ATTENDEE")
                && line.property().is_some_and(|property| {
                    CalendarUserAddress::parse(&property.value_text())
                        .is_ok_and(|address| address == *from)
                });
            let private = [
                "SCHEDULE-STATUS",
                "SCHEDULE-FORCE-SEND",
                "SCHEDULE-AGENT",
                "RSVP",
            ];
            match line.property() {
                Some(property) if is_said || is_who => {
                    let text = property.without_parameters(&private);
                    push_line(&mut file, &String::from_utf8_lossy(&text));
                }
                _ => {}
            }
        }
        for line in comments.into_iter().flatten() {
            push_line(&mut file, &String::from_utf8_lossy(line));
        }
        push_line(&mut file, "REQUEST-STATUS:2.0;Success");
        push_line(&mut file, &format!("END:{}", node.name));
    }
    push_line(&mut file, "END:VCALENDAR");
    file
}
