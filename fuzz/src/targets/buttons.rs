//! Callback data, the bot's own buttons among it, and commands.

use televent_conversation::{BotButton, Command};
use televent_telegram::{CallbackData, MAX_CALLBACK_DATA_BYTES};

/// What stands in it.
pub(crate) const WORDS: &[&str] = &[
    "rsvp:",
    "change:",
    "bot:",
    "00000000-0000-0000-0000-000000000005",
    ":ACCEPTED",
    ":DECLINED",
    ":A",
    ":20260105T090000Z",
    ":20260105",
    "settings",
    "zone:",
    "Europe/Berlin",
    "language:de",
    "pings:all",
    "freebusy:nobody",
    "device:",
    "agenda:2026-01-01:7",
    "pending:0",
    "event:",
    "day:2027-01-15",
    "time:1300",
    "allday",
    "delete:everything",
    "/start",
    "/new",
    "@televent_bot",
    "-",
    "+",
    "9999-12-31",
    "262142-12-31",
];

/// Reads it; what was read is written as something that is read alike.
pub(crate) fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let _ = Command::read(&text);
    if let Ok(data) = text.parse::<CallbackData>() {
        let written = data.to_string();
        assert!(written.len() <= MAX_CALLBACK_DATA_BYTES, "{written}");
        assert_eq!(written.parse().as_ref(), Ok(&data), "{written}");
    }
    if let Ok(button) = text.parse::<BotButton>() {
        let written = button.to_string();
        assert_eq!(written.parse().as_ref(), Ok(&button), "{written}");
        let is_printable = text.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
        let data = CallbackData::Bot(written).to_string();
        if is_printable && data.len() <= MAX_CALLBACK_DATA_BYTES {
            assert_eq!(data.parse(), Ok(CallbackData::Bot(button.to_string())));
        }
    }
}
