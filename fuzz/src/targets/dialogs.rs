//! What is stored of dialogs, screens and cards: another version of the program may have written it.

use chrono_tz::Tz;
use serde::{Serialize, de::DeserializeOwned};
use televent_conversation::{EventScreen, Facts, Screen, Step};
use televent_language::Language;
use televent_notifier::fuzzing::screens;

use super::{now, person};

/// Fields.
pub(crate) const WORDS: &[&str] = &[
    "{\"step\":\"event\",",
    "\"draft\":{\"id\":\"00000000-0000-0000-0000-000000000005\",\"title\":\"x\"}",
    "\"asked\":\"everything\"",
    "{\"step\":\"time_zone\"}",
    "{\"screen\":\"event\",\"event\":\"draft\",",
    "\"day\":\"2026-01-01\"",
    "\"day\":\"262142-12-31\"",
    "\"time\":{\"at\":{\"start\":\"23:59:59\",\"minutes\":4294967295}}",
    "\"time\":\"all_day\"",
    "\"guests\":[{\"id\":-1,\"name\":\"\"}]",
    "\"doubt\":\"past_day\"",
    "\"page\":65535",
    "\"days\":0",
    "null",
    "[]",
    ",",
    "}",
];

/// Reads it, and shows what can be shown.
pub(crate) fn run(input: &[u8]) {
    let facts = same::<Facts>(input);
    if let Some(facts) = facts {
        let _ = facts.is_over(now());
        let nothing = Facts::default();
        let changes = facts.since(&nothing);
        let _ = changes.sentences(Language::English, Some(Tz::Pacific__Apia));
        let _ = changes.ask_anew();
    }
    let step = same::<Step>(input);
    let screen = same::<Screen>(input);
    let draft = match (step, screen) {
        (Some(Step::Event { draft, .. }), _)
        | (_, Some(Screen::Event(EventScreen::Draft { draft }))) => draft,
        _ => return,
    };
    for zone in [Tz::Europe__Berlin, Tz::Pacific__Apia] {
        let _ = draft.when(zone);
    }
    for language in Language::ALL {
        let _ = screens(
            &draft,
            None,
            &[],
            person(2),
            (language, Some(Tz::Asia__Kathmandu)),
        );
    }
}

fn same<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(input: &[u8]) -> Option<T> {
    let value: T = serde_json::from_slice(input).ok()?;
    let written = serde_json::to_vec(&value).expect("it is JSON");
    let again: T = serde_json::from_slice(&written).expect("it is read back");
    assert_eq!(again, value);
    Some(value)
}
