//! What becomes of a message after a failure.

use std::time::Duration;

use televent_broker::Outcome;
use televent_runtime::Backoff;
use televent_store::{SHORTEST_DEFERRAL, StoreError};
use televent_telegram::CallError;
use tracing::{error, warn};
use uuid::Uuid;

use crate::deliver::{DeliverError, Notifier};

/// Wait when somebody else is writing the card, or has written it meanwhile.
const BUSY_RETRY: Duration = Duration::from_millis(500);

/// Wait when Postgres is away: nothing that a message could do anything about, nor that a longer wait would help. Each try waits for
/// a connection besides.
const STORE_RETRY: Duration = Duration::from_secs(1);

/// Wait of a process whose token is not valid: an operator has to act, and no message must be burnt meanwhile.
pub(crate) const BAD_TOKEN_WAIT: Duration = Duration::from_secs(60);

/// Waits between tries that may succeed later.
const BACKOFF: Backoff = Backoff {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(300),
};

/// Failed tries after which a message is given up: about a week at the longest wait.
const MAX_FAILURES: u64 = 2_000;

/// What becomes of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// Not the message's fault: exactly this long.
    Wait(Duration),
    /// A try that failed; each makes the wait longer.
    Failed,
    /// It can never succeed.
    GiveUp,
}

impl Notifier {
    pub(crate) async fn outcome(
        &self,
        error: &DeliverError,
        outbox_id: Uuid,
        deliveries: u64,
    ) -> Outcome {
        let why = error.to_string();
        match next(error) {
            Next::Wait(wait) => self.later(outbox_id, wait, why).await,
            Next::GiveUp => Outcome::Dead { why },
            Next::Failed => {
                let noted = self
                    .store
                    .note_outbox_failure(outbox_id, BACKOFF.longest, &why)
                    .await;
                let failures = match noted {
                    Ok(failures) => failures,
                    // The deliveries count every wait, however short: no measure for the next one.
                    Err(StoreError::Unavailable(_)) => {
                        return self.later(outbox_id, STORE_RETRY, why).await;
                    }
                    Err(_) => deliveries,
                };
                if failures >= MAX_FAILURES {
                    return Outcome::Dead {
                        why: format!("given up after {failures} tries: {why}"),
                    };
                }
                self.later(outbox_id, BACKOFF.after(failures), why).await
            }
        }
    }

    /// A short wait is JetStream's. For a long one the row goes back to the outbox: what can't be worked on must not fill up what can.
    async fn later(&self, outbox_id: Uuid, wait: Duration, why: String) -> Outcome {
        if wait >= SHORTEST_DEFERRAL {
            match self.store.defer_outbox(outbox_id, wait).await {
                Ok(()) => {
                    metrics::counter!("televent_deferred_total").increment(1);
                    return Outcome::Done;
                }
                Err(error) => {
                    warn!(
                        error = &error as &dyn std::error::Error,
                        "a message can't be given back to the outbox"
                    );
                }
            }
        }
        Outcome::Retry { after: wait, why }
    }
}

fn next(error: &DeliverError) -> Next {
    match error {
        DeliverError::Busy | DeliverError::OutOfTime => Next::Wait(BUSY_RETRY),
        DeliverError::Deferred(wait) => Next::Wait(*wait),
        DeliverError::Store(StoreError::Unavailable(_)) => Next::Wait(STORE_RETRY),
        // Another process takes it at once.
        DeliverError::Stopping => Next::Wait(Duration::ZERO),
        DeliverError::Store(error) | DeliverError::Unrecorded(error) => {
            error!(
                error = error as &dyn std::error::Error,
                "a card can't be read or recorded"
            );
            Next::Failed
        }
        DeliverError::Object(_) | DeliverError::Screen(_) | DeliverError::Picture(_) => {
            Next::GiveUp
        }
        DeliverError::Call(error) => after_call(error),
    }
}

fn after_call(error: &CallError) -> Next {
    match error {
        CallError::RetryAfter(wait) => Next::Wait(*wait),
        CallError::BadToken { .. } => {
            error!(
                "telegram_token: Telegram does not know this token; \
                 set TELEVENT_TELEGRAM_TOKEN to what @BotFather says"
            );
            Next::Wait(BAD_TOKEN_WAIT)
        }
        CallError::Ambiguous { .. } | CallError::NotSent { .. } | CallError::Conflict { .. } => {
            Next::Failed
        }
        // Plainer was tried, and those who can be dealt with were, where the call was made.
        CallError::BadContent { .. }
        | CallError::Refused { .. }
        | CallError::ChatMoved(_)
        | CallError::NotModified
        | CallError::MessageGone { .. }
        | CallError::QueryTooOld
        | CallError::Unreachable(_) => Next::GiveUp,
    }
}

#[cfg(test)]
mod tests {
    use televent_telegram::classify;

    use super::*;

    /// The rows of Telegram's errors that reach this far: what the call itself deals with (a card that is not modified, a message
    /// that is gone, a person who can't be written to, a message that is sent plainer) is tested with it.
    #[test]
    fn what_telegram_says_and_what_becomes_of_the_message() {
        let minute = Duration::from_secs(60);
        for (code, description, retry_after, expected) in [
            (
                429,
                "Too Many Requests: retry after 7",
                Some(7),
                Next::Wait(Duration::from_secs(7)),
            ),
            (401, "Unauthorized", None, Next::Wait(minute)),
            (404, "Not Found", None, Next::Wait(minute)),
            (
                409,
                "Conflict: terminated by other getUpdates request",
                None,
                Next::Failed,
            ),
            (500, "Internal Server Error: restart", None, Next::Failed),
            (502, "Bad Gateway", None, Next::Failed),
            // Nothing could be taken away any more.
            (
                400,
                "Bad Request: can't parse entities: Unsupported start tag \"x\"",
                None,
                Next::GiveUp,
            ),
            (400, "Bad Request: message is too long", None, Next::GiveUp),
            (400, "Bad Request: BUTTON_DATA_INVALID", None, Next::GiveUp),
            (400, "Bad Request: something new", None, Next::GiveUp),
            (
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
                None,
                Next::GiveUp,
            ),
        ] {
            let error = DeliverError::Call(classify(code, description, retry_after, None));
            assert_eq!(next(&error), expected, "{code} {description}");
        }
    }

    #[test]
    fn putting_off_is_no_failure() {
        let wait = Duration::from_secs(5);
        assert_eq!(next(&DeliverError::Deferred(wait)), Next::Wait(wait));
        assert_eq!(next(&DeliverError::Busy), Next::Wait(BUSY_RETRY));
        let lost = CallError::Ambiguous { why: String::new() };
        assert_eq!(next(&DeliverError::Call(lost)), Next::Failed);
    }
}
