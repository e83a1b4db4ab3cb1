//! Updates of the Bot API, as they come and as they are stored.

use chrono::DateTime;
use televent_broker::UpdateMessage;
use televent_telegram::{IncomingKind, KEPT_TEXT, Said, essentials, parse_update};

/// Fields.
pub(crate) const WORDS: &[&str] = &[
    "{\"update_id\":7,",
    "\"callback_query\":{\"id\":\"1\",\"from\":{\"id\":5,\"first_name\":\"A\"},\"data\":\"rsvp:\"}",
    "\"message\":{\"message_id\":1,\"chat\":{\"id\":5},\"text\":\"x\"}",
    "\"my_chat_member\":{\"chat\":{\"id\":5},\"from\":{\"id\":5},\"new_chat_member\":{\"status\":\"member\"}}",
    "\"location\":{\"latitude\":1e308,\"longitude\":-0.0}",
    "\"users_shared\":{\"request_id\":1,\"users\":[{\"user_id\":7}]}",
    "\"text\":",
    "\"chat\":",
    "\"from\":",
    "null",
    "true",
    "[]",
    "{}",
    "1e999",
    "\"\\ud800\"",
    "\"\\u0000\"",
    ",",
    "}",
];

/// Reads it; what is kept of it is read alike.
pub(crate) fn run(input: &[u8]) {
    let Ok(update) = serde_json::from_slice::<serde_json::Value>(input) else {
        return;
    };
    let kept = essentials(&update);
    let read = parse_update(&update);
    assert!(kept.is_ok() || read.is_err(), "{kept:?} of {read:?}");
    let Ok(kept) = kept else {
        return;
    };
    let again = parse_update(&kept);
    assert_eq!(again, read, "{kept}");
    if let Ok(read) = read {
        if let IncomingKind::Said(Said::Text(text)) = &read.kind {
            assert!(text.chars().count() <= KEPT_TEXT);
        }
        let message = UpdateMessage {
            bot_id: 7,
            received_at: DateTime::UNIX_EPOCH,
            update: kept,
        };
        let bytes = message.to_bytes().expect("it is JSON");
        let stored = UpdateMessage::from_bytes(&bytes).expect("it is ours");
        assert_eq!(parse_update(&stored.update), Ok(read));
    }
}
