//! What an unsuccessful call means for the message that it was to deliver.

use std::time::Duration;

use serde::Deserialize;
use televent_runtime::without_quotations;

/// The class of an unsuccessful call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// 429: not done; the bot must be quiet for exactly this long.
    #[error("Telegram asks to wait {} s", .0.as_secs())]
    RetryAfter(Duration),
    /// The person can't be written to: they never pressed Start, blocked the bot, or are gone.
    #[error("the person can't be written to: {0}")]
    Unreachable(Unreachable),
    /// The chat has another id now.
    #[error("the chat has moved to {0}")]
    ChatMoved(i64),
    /// The message shows already what it should.
    #[error("the message is not modified")]
    NotModified,
    /// The message is not there any more, or can't be edited.
    #[error("the message can't be edited: {description}")]
    MessageGone {
        /// Telegram's words.
        description: String,
    },
    /// Too late to answer this press, or the query is unknown.
    #[error("too late to answer the press")]
    QueryTooOld,
    /// The message can't be sent as it is, but perhaps plainer (see [`crate::degraded`]): our fault.
    #[error("Telegram refused the message (400): {description}")]
    BadContent {
        /// What is wrong with it.
        fault: ContentFault,
        /// Telegram's words.
        description: String,
    },
    /// This call can never succeed: repeating it is of no use.
    #[error("Telegram refused the call ({code}): {description}")]
    Refused {
        /// `error_code`.
        code: u16,
        /// Telegram's words.
        description: String,
    },
    /// The token is not valid: no call can succeed until the operator mends it.
    #[error("the bot token is not valid: {description}")]
    BadToken {
        /// Telegram's words.
        description: String,
    },
    /// 409: another process polls, or a webhook is set.
    #[error("{description}")]
    Conflict {
        /// Telegram's words.
        description: String,
    },
    /// The call did not reach Telegram.
    #[error("Telegram was not reached: {why}")]
    NotSent {
        /// What failed.
        why: String,
    },
    /// The call may or may not have been done: no answer, or a server error.
    #[error("it is unknown whether Telegram did it: {why}")]
    Ambiguous {
        /// What failed.
        why: String,
    },
}

impl CallError {
    /// The class, for metrics and traces.
    #[must_use]
    pub const fn class(&self) -> &'static str {
        match self {
            Self::RetryAfter(_) => "retry_after",
            Self::Unreachable(_) => "unreachable",
            Self::ChatMoved(_) | Self::MessageGone { .. } => "gone",
            Self::NotModified => "not_modified",
            Self::QueryTooOld => "too_late",
            Self::BadContent { .. } => "bad_content",
            Self::Refused { .. } => "refused",
            Self::BadToken { .. } => "bad_token",
            Self::Conflict { .. } => "conflict",
            Self::NotSent { .. } => "not_sent",
            Self::Ambiguous { .. } => "ambiguous",
        }
    }
}

/// What Telegram does not like of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentFault {
    /// `<tg-time>`: the server is older than Bot API 9.5.
    TgTime,
    /// Its tags.
    Entities,
    /// Its length.
    TooLong,
    /// Its buttons.
    Buttons,
}

impl ContentFault {
    /// In words, for metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TgTime => "tg-time",
            Self::Entities => "entities",
            Self::TooLong => "too long",
            Self::Buttons => "buttons",
        }
    }

    /// By a description in lower case.
    fn of(text: &str) -> Option<Self> {
        if text.contains("can't parse entities") {
            let is_time = text.contains("tg-time");
            Some(if is_time {
                Self::TgTime
            } else {
                Self::Entities
            })
        } else if text.contains("is too long") || text.contains("caption_too_long") {
            Some(Self::TooLong)
        } else if text.contains("button_") || text.contains("inline keyboard button") {
            Some(Self::Buttons)
        } else {
            None
        }
    }
}

/// Why a person can't be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// They never pressed Start.
    #[error("they have not pressed Start")]
    NotStarted,
    /// Telegram knows no such person, or does not let us know them.
    #[error("Telegram knows no such person")]
    Unknown,
    /// They blocked the bot, or are gone.
    #[error("they have blocked the bot, or are gone")]
    Blocked,
}

/// The envelope of every answer (Bot API, "Making requests").
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope<T> {
    pub(crate) ok: bool,
    pub(crate) result: Option<T>,
    error_code: Option<u16>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

impl<T> Envelope<T> {
    pub(crate) fn into_error(self, http_status: u16) -> CallError {
        classify(
            self.error_code.unwrap_or(http_status),
            &self.description,
            self.parameters.retry_after,
            self.parameters.migrate_to_chat_id,
        )
    }
}

/// Descriptions of a 400 that mean that the person can't be written to.
const UNREACHABLE: [&str; 4] = [
    "chat not found",
    "private chat not found",
    "peer_id_invalid",
    "user not found",
];

/// Descriptions of a 400 that mean that the message can't show what it should.
const GONE: [&str; 5] = [
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    // It is a file where a text was meant, or the other way round: a forged press named it.
    "there is no text in the message to edit",
    "there is no caption in the message to edit",
];

/// The class of an answer with `ok: false`. `retry_after` is in seconds. Descriptions are compared
/// without regard to case, because servers differ in it.
#[must_use]
pub fn classify(
    code: u16,
    description: &str,
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
) -> CallError {
    let text = description.to_ascii_lowercase();
    // Of a message that it does not take, Telegram quotes what people have written.
    let description = without_quotations(description);
    match code {
        429 => CallError::RetryAfter(Duration::from_secs(retry_after.unwrap_or(1))),
        401 | 404 => CallError::BadToken { description },
        403 if text.contains("can't initiate conversation") => {
            CallError::Unreachable(Unreachable::NotStarted)
        }
        403 => CallError::Unreachable(Unreachable::Blocked),
        409 => CallError::Conflict { description },
        400 => {
            if let Some(chat_id) = migrate_to_chat_id {
                CallError::ChatMoved(chat_id)
            } else if text.contains("message is not modified") {
                CallError::NotModified
            } else if GONE.iter().any(|known| text.contains(known)) {
                CallError::MessageGone { description }
            } else if text.contains("query is too old") || text.contains("query id is invalid") {
                CallError::QueryTooOld
            } else if UNREACHABLE.iter().any(|known| text.contains(known)) {
                CallError::Unreachable(Unreachable::Unknown)
            } else if let Some(fault) = ContentFault::of(&text) {
                CallError::BadContent { fault, description }
            } else {
                CallError::Refused { code, description }
            }
        }
        500.. => CallError::Ambiguous {
            why: format!("{code} {description}"),
        },
        _ => CallError::Refused { code, description },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(error: &CallError) -> &'static str {
        match error {
            CallError::RetryAfter(_) => "retry after",
            CallError::Unreachable(Unreachable::NotStarted) => "not started",
            CallError::Unreachable(Unreachable::Unknown) => "unknown person",
            CallError::Unreachable(Unreachable::Blocked) => "blocked",
            CallError::ChatMoved(_) => "moved",
            CallError::NotModified => "not modified",
            CallError::MessageGone { .. } => "gone",
            CallError::QueryTooOld => "too old",
            CallError::BadContent { fault, .. } => fault.as_str(),
            CallError::Refused { .. } => "refused",
            CallError::BadToken { .. } => "bad token",
            CallError::Conflict { .. } => "conflict",
            CallError::NotSent { .. } => "not sent",
            CallError::Ambiguous { .. } => "ambiguous",
        }
    }

    #[test]
    fn what_telegram_says_and_what_it_means() {
        for (code, description, class) in [
            (429, "Too Many Requests: retry after 7", "retry after"),
            (403, "Forbidden: bot was blocked by the user", "blocked"),
            (403, "Forbidden: user is deactivated", "blocked"),
            (
                403,
                "Forbidden: bot can't initiate conversation with a user",
                "not started",
            ),
            (
                403,
                "Forbidden: bot was kicked from the group chat",
                "blocked",
            ),
            (
                403,
                "Forbidden: bot was kicked from the supergroup chat",
                "blocked",
            ),
            (403, "Forbidden: bot can't send messages to bots", "blocked"),
            (400, "Bad Request: chat not found", "unknown person"),
            (400, "Bad Request: private chat not found", "unknown person"),
            (400, "Bad Request: PEER_ID_INVALID", "unknown person"),
            (
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly the same",
                "not modified",
            ),
            (400, "Bad Request: message to edit not found", "gone"),
            (400, "Bad Request: message can't be edited", "gone"),
            (400, "Bad Request: MESSAGE_ID_INVALID", "gone"),
            (
                400,
                "Bad Request: there is no caption in the message to edit",
                "gone",
            ),
            (
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
                "too old",
            ),
            (
                400,
                "Bad Request: can't parse entities: Unsupported start tag \"tg-time\" at byte offset 3",
                "tg-time",
            ),
            (
                400,
                "Bad Request: can't parse entities: Unmatched end tag at byte offset 12, expected \"</b>\", found \"</i>\"",
                "entities",
            ),
            (400, "Bad Request: message is too long", "too long"),
            (400, "Bad Request: message caption is too long", "too long"),
            (400, "Bad Request: BUTTON_DATA_INVALID", "buttons"),
            (
                400,
                "Bad Request: inline keyboard button URL 'x' is invalid: Wrong HTTP URL",
                "buttons",
            ),
            (400, "Bad Request: chat_id is empty", "refused"),
            (401, "Unauthorized", "bad token"),
            (404, "Not Found", "bad token"),
            (
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                "conflict",
            ),
            (
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
                "conflict",
            ),
            (500, "Internal Server Error: restart", "ambiguous"),
            (502, "Bad Gateway", "ambiguous"),
            (504, "Gateway Timeout", "ambiguous"),
            (418, "something new", "refused"),
        ] {
            assert_eq!(
                name(&classify(code, description, None, None)),
                class,
                "{code} {description}"
            );
        }
    }

    #[test]
    fn parameters_count() {
        assert_eq!(
            classify(429, "Too Many Requests: retry after 7", Some(7), None),
            CallError::RetryAfter(Duration::from_secs(7))
        );
        assert_eq!(
            classify(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                None,
                Some(-5)
            ),
            CallError::ChatMoved(-5)
        );
    }
}
