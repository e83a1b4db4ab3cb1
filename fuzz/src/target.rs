//! The targets.

use crate::targets::{
    buttons, cards, configuration, dialogs, headers, icalendar, paths, payloads, quick_events,
    scheduling, updates, xml,
};

/// A reader of what comes from outside.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is that of its folder in `corpus/` and `findings/`.
    pub name: &'static str,
    /// Reads an input, and panics when something does not hold that must.
    pub run: fn(&[u8]),
    /// Words of what it reads, for mutations.
    pub words: &'static [&'static str],
    /// Folders with more inputs, from the root of the repository.
    pub more: &'static [&'static str],
}

/// What calendar apps send.
const CALENDARS: &[&str] = &[
    "shared/calendar/tests/fixtures",
    "shared/calendar/tests/fixtures/rfc4791",
];

/// All of them.
pub const TARGETS: [Target; 12] = [
    target("icalendar", icalendar::run, icalendar::WORDS, CALENDARS),
    target("scheduling", scheduling::run, icalendar::WORDS, &[]),
    target("cards", cards::run, cards::WORDS, CALENDARS),
    target("xml", xml::run, xml::WORDS, &[]),
    target("paths", paths::run, paths::WORDS, &[]),
    target("headers", headers::run, headers::WORDS, &[]),
    target("buttons", buttons::run, buttons::WORDS, &[]),
    target("updates", updates::run, updates::WORDS, &[]),
    target("quick_events", quick_events::run, quick_events::WORDS, &[]),
    target("dialogs", dialogs::run, dialogs::WORDS, &[]),
    target("payloads", payloads::run, payloads::WORDS, &[]),
    target(
        "configuration",
        configuration::run,
        configuration::WORDS,
        &[],
    ),
];

const fn target(
    name: &'static str,
    run: fn(&[u8]),
    words: &'static [&'static str],
    more: &'static [&'static str],
) -> Target {
    Target {
        name,
        run,
        words,
        more,
    }
}
