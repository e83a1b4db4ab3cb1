//! What is twice as long takes twice as long, and not four times: each shape of input in two sizes, in the same run.

use std::time::Duration;

use televent_fuzz::{TARGETS, bounds};

/// The size of the smaller input, in bytes.
const SIZE: usize = 60_000;

/// How much longer twice as much may take: between what is linear and what is quadratic.
const MOST: f64 = 3.0;

/// Below it a measurement says nothing.
const NOISE: Duration = Duration::from_millis(15);

/// Tries before a ratio counts: others use this machine, too, and its caches.
const TRIES: usize = 4;

/// A beginning, what is repeated (`#` is its number), and an end.
struct Shape {
    target: &'static str,
    name: &'static str,
    begin: &'static str,
    repeated: &'static str,
    end: &'static str,
}

/// An event of Ann with Bob, as far as its last property.
macro_rules! plain {
    () => {
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n\
         DTSTART:20270302T100000Z\r\nDTEND:20270302T110000Z\r\nORGANIZER:mailto:tg_1@televent.internal\r\n\
         ATTENDEE:mailto:tg_2@televent.internal\r\n"
    };
}

/// The same, put by Ann.
macro_rules! put {
    () => {
        concat!("put\n", plain!())
    };
}

/// Its end.
macro_rules! end {
    () => {
        "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    };
}

const ZONE: &str = "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:Mine\r\n";
const ZONE_END: &str = "END:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Mine:20270302T100000\r\n\
    RRULE:FREQ=DAILY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
const ZONES_END: &str = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Z7:20270302T100000\r\nRRULE:FREQ=DAILY\r\n\
    END:VEVENT\r\nEND:VCALENDAR\r\n";
const DAV: &str = "<d:propfind xmlns:d='DAV:'><d:prop>";
const END_DAV: &str = "</d:prop></d:propfind>";
const TEXT: &str =
    "{\"update_id\":1,\"message\":{\"chat\":{\"id\":5},\"from\":{\"id\":5},\"text\":\"";
const USERS: &str = "{\"update_id\":1,\"message\":{\"chat\":{\"id\":5},\"from\":{\"id\":5},\
    \"users_shared\":{\"request_id\":1,\"users\":[{\"user_id\":1}";
const GUESTS: &str = "{\"step\":\"event\",\"asked\":\"title\",\"draft\":{\
    \"id\":\"00000000-0000-0000-0000-000000000005\",\"title\":\"x\",\"guests\":[{\"id\":1,\"name\":\"a\"}";

#[rustfmt::skip]
const SHAPES: &[Shape] = &[
    Shape { target: "icalendar", name: "nested components", begin: "", repeated: "BEGIN:VEVENT\r\n", end: "" },
    Shape { target: "icalendar", name: "components beside each other", begin: plain!(), repeated: "BEGIN:X\r\nEND:X\r\n", end: end!() },
    Shape { target: "icalendar", name: "alarms", begin: plain!(), repeated: "BEGIN:VALARM\r\nTRIGGER:-PT#M\r\nACTION:AUDIO\r\nEND:VALARM\r\n", end: end!() },
    Shape { target: "icalendar", name: "one long line", begin: plain!(), repeated: "x", end: end!() },
    Shape { target: "icalendar", name: "one long text", begin: concat!(plain!(), "DESCRIPTION:"), repeated: "x\\n\\,", end: end!() },
    Shape { target: "icalendar", name: "a line that is all folds", begin: concat!(plain!(), "SUMMARY:"), repeated: "\r\n x", end: end!() },
    Shape { target: "icalendar", name: "parameters", begin: concat!(plain!(), "ATTENDEE"), repeated: ";X-A#=\"b,c\"", end: concat!(":mailto:tg_3@televent.internal", end!()) },
    Shape { target: "icalendar", name: "quotes that are not closed", begin: concat!(plain!(), "ATTENDEE;CN="), repeated: "\"", end: end!() },
    Shape { target: "icalendar", name: "attendees", begin: plain!(), repeated: "ATTENDEE:mailto:tg_#@televent.internal\r\n", end: end!() },
    Shape { target: "icalendar", name: "attendees who are one", begin: plain!(), repeated: "ATTENDEE:mailto:tg_2@televent.internal\r\n", end: end!() },
    Shape { target: "icalendar", name: "properties", begin: plain!(), repeated: "X-A#:b\r\n", end: end!() },
    Shape { target: "icalendar", name: "dates", begin: concat!(plain!(), "RRULE:FREQ=DAILY\r\nEXDATE:20270302T100000Z"), repeated: ",20270303T100000Z", end: end!() },
    Shape { target: "icalendar", name: "rules", begin: plain!(), repeated: "RRULE:FREQ=YEARLY;COUNT=2\r\n", end: end!() },
    Shape { target: "icalendar", name: "parts of a zone", begin: ZONE, repeated: "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\n", end: ZONE_END },
    Shape { target: "icalendar", name: "zones", begin: "BEGIN:VCALENDAR\r\n", repeated: "BEGIN:VTIMEZONE\r\nTZID:Z#\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n", end: ZONES_END },
    Shape { target: "icalendar", name: "line breaks", begin: plain!(), repeated: "\r\n", end: end!() },
    Shape { target: "icalendar", name: "colons", begin: "", repeated: "::::\n", end: "" },
    Shape { target: "scheduling", name: "attendees", begin: put!(), repeated: "ATTENDEE:mailto:a#@example.org\r\n", end: end!() },
    Shape { target: "scheduling", name: "dates", begin: concat!(put!(), "RRULE:FREQ=DAILY\r\nEXDATE:20270302T100000Z"), repeated: ",20270303T100000Z", end: end!() },
    Shape { target: "cards", name: "a description of signs", begin: concat!(plain!(), "DESCRIPTION:</"), repeated: "<a", end: end!() },
    Shape { target: "cards", name: "a title of accents", begin: concat!(plain!(), "SUMMARY:e"), repeated: "\u{301}", end: end!() },
    Shape { target: "cards", name: "links", begin: concat!(plain!(), "DESCRIPTION:"), repeated: "https:// ", end: end!() },
    Shape { target: "cards", name: "a place of brackets", begin: concat!(plain!(), "LOCATION:"), repeated: "<https://", end: end!() },
    Shape { target: "cards", name: "words", begin: "", repeated: "a, ", end: "" },
    Shape { target: "xml", name: "nested elements", begin: "", repeated: "<a>", end: "" },
    Shape { target: "xml", name: "elements beside each other", begin: DAV, repeated: "<d:x/>", end: END_DAV },
    Shape { target: "xml", name: "other properties", begin: DAV, repeated: "<d:x#/>", end: END_DAV },
    Shape { target: "xml", name: "declarations of namespaces", begin: "<d:propfind xmlns:d='DAV:'", repeated: " xmlns:a#='b'", end: "><d:prop/></d:propfind>" },
    Shape { target: "xml", name: "attributes", begin: "<d:propfind xmlns:d='DAV:'", repeated: " a#='b'", end: "><d:prop/></d:propfind>" },
    Shape { target: "xml", name: "elements with namespaces", begin: DAV, repeated: "<a#:x xmlns:a#='u'/>", end: END_DAV },
    Shape { target: "xml", name: "pieces of text", begin: DAV, repeated: "a<![CDATA[b]]>&lt;", end: END_DAV },
    Shape { target: "xml", name: "comments", begin: DAV, repeated: "<!--a-->", end: END_DAV },
    Shape { target: "xml", name: "entities in an attribute", begin: "<d:propfind xmlns:d='DAV:' a='", repeated: "&#65;", end: "'/>" },
    Shape { target: "xml", name: "brackets", begin: "", repeated: "<", end: "" },
    Shape { target: "xml", name: "hrefs", begin: DAV, repeated: "<d:href>/dav/calendars/5/default/#.ics</d:href>", end: END_DAV },
    Shape { target: "paths", name: "segments", begin: "/dav", repeated: "/a", end: "" },
    Shape { target: "paths", name: "escapes", begin: "/dav/calendars/5/default/", repeated: "%41", end: "" },
    Shape { target: "headers", name: "lists of If", begin: "/\nIf: ", repeated: "([\"a\"])", end: "" },
    Shape { target: "headers", name: "conditions of If", begin: "/\nIf: (", repeated: "Not <a>", end: ")" },
    Shape { target: "headers", name: "open lists of If", begin: "/\nIf: ", repeated: "(<", end: "" },
    Shape { target: "headers", name: "entity tags", begin: "/\nIf-Match: \"a\"", repeated: ", \"a#\"", end: "" },
    Shape { target: "headers", name: "languages", begin: "/\nAccept-Language: de", repeated: ",de;q=0.1", end: "" },
    Shape { target: "headers", name: "preferences", begin: "/\nPrefer: a", repeated: ",a=b", end: "" },
    Shape { target: "buttons", name: "colons", begin: "bot:", repeated: ":", end: "" },
    Shape { target: "updates", name: "nested arrays", begin: "{\"update_id\":1,\"x\":", repeated: "[", end: "" },
    Shape { target: "updates", name: "a long text", begin: TEXT, repeated: "\\n", end: "\"}}" },
    Shape { target: "updates", name: "people", begin: USERS, repeated: ",{\"user_id\":#}", end: "]}}}" },
    Shape { target: "quick_events", name: "times", begin: "", repeated: "255 um- ", end: "" },
    Shape { target: "quick_events", name: "numbers", begin: "", repeated: "1 ", end: "" },
    Shape { target: "quick_events", name: "places", begin: "", repeated: "@ ", end: "" },
    Shape { target: "dialogs", name: "guests", begin: GUESTS, repeated: ",{\"id\":#,\"name\":\"a\"}", end: "]}}" },
    Shape { target: "payloads", name: "nested arrays", begin: "{\"v\":1,\"bot_id\":1,\"received_at\":\"2026-01-01T00:00:00Z\",\"update\":", repeated: "[", end: "" },
    Shape { target: "configuration", name: "nested arrays", begin: "log = ", repeated: "[", end: "" },
    Shape { target: "configuration", name: "keys", begin: "", repeated: "a# = 1\n", end: "" },
    Shape { target: "configuration", name: "dotted keys", begin: "", repeated: "a.", end: "b = 1\n" },
];

impl Shape {
    fn sized(&self, bytes: usize) -> Vec<u8> {
        let mut input = self.begin.to_owned();
        let mut number = 0;
        while input.len() < bytes {
            number += 1;
            input.push_str(&self.repeated.replace('#', &number.to_string()));
        }
        input.push_str(self.end);
        input.into_bytes()
    }

    /// The time that this size takes, at best.
    fn time(&self, bytes: usize) -> Result<Duration, String> {
        let target = TARGETS.iter().find(|target| target.name == self.target);
        let run = target.ok_or("no such target")?.run;
        let input = self.sized(bytes);
        (0..2)
            .map(|_| bounds::check(run, &input))
            .try_fold(Duration::MAX, |best, took| Ok(best.min(took?)))
    }

    fn check(&self) -> Result<(), String> {
        let mut told = String::new();
        for _ in 0..TRIES {
            let (once, twice) = (self.time(SIZE)?, self.time(2 * SIZE)?);
            if twice < NOISE || twice.as_secs_f64() <= MOST * once.as_secs_f64() {
                return Ok(());
            }
            told = format!("{once:?} for {SIZE} bytes, {twice:?} for twice as many");
        }
        Err(told)
    }
}

#[test]
fn twice_as_much_takes_twice_as_long() {
    let failures: Vec<String> = SHAPES
        .iter()
        .filter_map(|shape| {
            let outcome = bounds::on_a_small_stack(shape.name, || shape.check());
            let why = outcome.err()?;
            Some(format!("{}, {}: {why}", shape.target, shape.name))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
