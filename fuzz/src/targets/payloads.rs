//! What travels on JetStream.

use televent_broker::{InviteMessage, UpdateMessage};

/// Fields.
pub(crate) const WORDS: &[&str] = &[
    "{\"v\":1,",
    "\"v\":2",
    "\"outbox_id\":\"00000000-0000-0000-0000-000000000005\"",
    "\"kind\":\"invite\"",
    "\"kind\":\"chat_message\"",
    "\"event_id\":\"00000000-0000-0000-0000-000000000005\"",
    "\"chat_message_id\":null",
    "\"telegram_id\":5",
    "\"telegram_id\":-9223372036854775808",
    "\"urgency\":255",
    "\"bot_id\":7",
    "\"received_at\":\"2026-01-01T00:00:00Z\"",
    "\"received_at\":\"+262142-12-31T23:59:60Z\"",
    "\"update\":{}",
    ",",
    "}",
];

/// Reads it; what was read is written as what is read alike.
pub(crate) fn run(input: &[u8]) {
    let _ = InviteMessage::outbox_id_of(input);
    match InviteMessage::from_bytes(input) {
        Ok(message) => {
            let _ = message.subject();
            let bytes = message.to_bytes().expect("it is JSON");
            let again = InviteMessage::from_bytes(&bytes).expect("it is ours");
            assert_eq!(again, message);
        }
        Err(error) => {
            let _ = error.outcome(u64::MAX);
        }
    }
    if let Ok(message) = UpdateMessage::from_bytes(input) {
        let bytes = message.to_bytes().expect("it is JSON");
        let again = UpdateMessage::from_bytes(&bytes).expect("it is ours");
        assert_eq!(again, message);
        let _ = message.message_id(i64::MIN);
    }
}
