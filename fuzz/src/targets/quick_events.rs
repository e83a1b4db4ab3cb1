//! Events in one message.

use chrono_tz::Tz;
use televent_conversation::{EventDraft, MAX_MINUTES, MAX_TEXT, QuickEvent, TimeOfDay};
use televent_language::Language;

use super::now;

/// Words of our languages.
pub(crate) const WORDS: &[&str] = &[
    "tomorrow",
    "morgen",
    "завтра",
    "غدا",
    "at 3",
    "um 15 Uhr",
    "в 15:00",
    "15:00",
    "3pm",
    "12.12.",
    "31.02.2026",
    "2026-12-31",
    "9999-12-31",
    "for 2 hours",
    "90 min",
    "next monday",
    "am Montag",
    "в понедельник",
    "all day",
    "ganztägig",
    "bis",
    "-",
    "–",
    "from",
    "to",
    "in Room 5",
    "@ place",
    "at",
    "/new",
    "٣",
    "１２",
    "noon",
    "midnight",
    "half past",
    "halb",
    "¼",
    "99999999999999999999",
];

/// Reads it in each language, in zones with odd clocks.
pub(crate) fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for (language, zone) in Language::ALL.into_iter().zip([
        Tz::Europe__Berlin,
        Tz::Australia__Lord_Howe,
        Tz::Pacific__Apia,
        Tz::Africa__Cairo,
    ]) {
        let now = now().with_timezone(&zone);
        for event in [
            QuickEvent::read(&text, language, now),
            QuickEvent::read_time(&text, language, now),
        ] {
            assert!(event.title.chars().count() <= MAX_TEXT, "{event:?}");
            let place = event
                .place
                .as_ref()
                .map_or(0, |place| place.chars().count());
            assert!(place <= MAX_TEXT, "{event:?}");
            if let Some(TimeOfDay::At { minutes, .. }) = event.time {
                assert!(minutes <= MAX_MINUTES, "{event:?}");
            }
            let _ = event.is_complete();
            let draft = EventDraft::of(Default::default(), event);
            let _ = (draft.when(zone), draft.missing());
        }
    }
}
