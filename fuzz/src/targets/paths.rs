//! Paths of requests, and URLs in bodies and headers.

/// Segments.
pub(crate) const WORDS: &[&str] = &[
    "/dav",
    "/dav/",
    "/principals/",
    "/calendars/",
    "/5/",
    "/4503599627370496/",
    "inbox",
    "outbox",
    "default",
    "a.ics",
    "http://x",
    "https://x/dav/",
    "%2F",
    "%25",
    "%00",
    "%ff",
    "%C3%A9",
    "?",
    "#",
    "//",
    "..",
    "%2e",
    "/users/",
    "/caldav/v2/",
    "@",
    "\u{e9}",
];

/// Reads it.
pub(crate) fn run(input: &[u8]) {
    televent_api::fuzzing::path(&String::from_utf8_lossy(input));
}
