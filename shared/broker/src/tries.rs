//! The bounds of trying: a message that its handler never ends, because its process dies of it, or it panics, or it takes too long,
//! is given up after so many tries.
//!
//! JetStream's count of deliveries can't tell that: a message that had to wait was delivered often, too. So every further delivery is
//! noted in Postgres before the handler begins, and the note is taken back when it has ended, however it ended. What a process that
//! dies takes with it is noted as well; therefore a message with an open note is tried alone, beside none of its kind: whatever
//! dies then has died of it.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream;
use chrono::{DateTime, Utc};
use televent_runtime::Backoff;
use televent_store::{BrokenTry, MessageKey, NewDeadLetter, Store, StoreError, Trouble};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, warn};
use uuid::Uuid;

use crate::Outcome;

/// Tries of a message that came to no end, after which it is given up.
const MAX_UNENDED: i32 = 5;

/// Tries of a message that ran out of time, after which it is given up. More than the others: something may be done each time.
const MAX_TIMEOUTS: i32 = 20;

/// Wait of a message that has to be tried alone while another one is.
const ALONE_RETRY: Duration = Duration::from_secs(3);

/// Wait of a message of which nothing can be noted now. Its handler needs Postgres, too.
const NOTE_RETRY: Duration = Duration::from_secs(2);

/// How long a note may take.
const NOTE_TIMEOUT: Duration = Duration::from_secs(5);

/// Waits between tries to take a note back.
const END_BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(200),
    longest: Duration::from_secs(10),
};

/// Tries to take a note back: for about five minutes.
const MAX_END_TRIES: u64 = 30;

/// The header of JetStream with the message id.
pub(crate) const MESSAGE_ID: &str = "Nats-Msg-Id";

/// A message in our hands.
#[derive(Clone, Debug)]
pub(crate) struct TriedMessage {
    /// Its message id up to the first dot.
    id: String,
    /// The how-manieth delivery this is, from 1.
    pub(crate) deliveries: u64,
    /// When JetStream stored it.
    published_at: Option<DateTime<Utc>>,
    outbox_id: Option<Uuid>,
}

impl TriedMessage {
    pub(crate) fn read(message: &jetstream::Message, outbox_id: fn(&[u8]) -> Option<Uuid>) -> Self {
        let info = message.info().ok();
        let published_at = info.as_ref().map(|info| info.published);
        let header = message
            .headers
            .as_ref()
            .and_then(|headers| headers.get(MESSAGE_ID));
        let id = match (header, &info) {
            (Some(id), _) => until_dot(id.as_str()).to_owned(),
            // Nobody of us published it. Its place in the stream is its own, unless the stream is made anew.
            (None, Some(info)) => {
                format!("{}@{}", info.stream_sequence, info.published.timestamp())
            }
            (None, None) => message.subject.to_string(),
        };
        Self {
            id,
            deliveries: info.map_or(1, |info| u64::try_from(info.delivered).unwrap_or(1)),
            published_at,
            outbox_id: outbox_id(&message.payload),
        }
    }

    fn is_first_delivery(&self) -> bool {
        self.deliveries <= 1
    }
}

fn until_dot(id: &str) -> &str {
    id.split_once('.').map_or(id, |(id, _)| id)
}

/// Whether a message may be tried.
pub(crate) enum Admission {
    Try(OpenTry),
    Not(Outcome),
}

/// A try under way.
pub(crate) struct OpenTry {
    is_noted: bool,
    alone: Option<OwnedSemaphorePermit>,
}

/// What a consumer remembers of its messages.
pub(crate) struct Tries {
    store: Store,
    stream: &'static str,
    alone: Arc<Semaphore>,
    under_way: TaskTracker,
    shutdown: CancellationToken,
}

impl Tries {
    pub(crate) fn new(
        store: Store,
        stream: &'static str,
        under_way: TaskTracker,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            store,
            stream,
            alone: Arc::new(Semaphore::new(1)),
            under_way,
            shutdown,
        }
    }

    fn key<'a>(&'a self, message: &'a TriedMessage) -> MessageKey<'a> {
        MessageKey {
            stream: self.stream,
            message_id: &message.id,
            outbox_id: message.outbox_id,
        }
    }

    /// Decides whether a message is tried now, and notes that it is.
    pub(crate) async fn admit(&self, message: &TriedMessage) -> Admission {
        // Almost all are delivered once, and cost nothing here.
        if message.is_first_delivery() {
            return Admission::Try(OpenTry {
                is_noted: false,
                alone: None,
            });
        }
        let noted = tokio::time::timeout(NOTE_TIMEOUT, self.begin(message)).await;
        match noted {
            Ok(Ok(admission)) => admission,
            Ok(Err(error)) => retry(NOTE_RETRY, error.to_string()),
            Err(_) => retry(NOTE_RETRY, "Postgres does not answer in time".to_owned()),
        }
    }

    async fn begin(&self, message: &TriedMessage) -> Result<Admission, StoreError> {
        let key = self.key(message);
        let trouble = self.store.trouble(&key).await?;
        if let Some(why) = given_up(trouble) {
            return Ok(Admission::Not(Outcome::Dead { why }));
        }
        let mut alone = None;
        if trouble.unended > 0 {
            let Ok(permit) = Arc::clone(&self.alone).try_acquire_owned() else {
                return Ok(retry(ALONE_RETRY, "it is tried alone".to_owned()));
            };
            alone = Some(permit);
        }
        self.store.begin_try(&key).await?;
        Ok(Admission::Try(OpenTry {
            is_noted: true,
            alone,
        }))
    }

    /// What becomes of a message whose handler did not end.
    pub(crate) async fn broken(
        &self,
        message: &TriedMessage,
        open: OpenTry,
        broken: BrokenTry,
        after: Duration,
    ) -> Outcome {
        let why = match broken {
            BrokenTry::Panicked => "its handler panicked",
            BrokenTry::TimedOut => "its handler ran out of time",
        };
        let key = self.key(message);
        let noted = self.store.note_broken_try(&key, broken, open.is_noted, why);
        let trouble = match tokio::time::timeout(NOTE_TIMEOUT, noted).await {
            Ok(Ok(trouble)) => trouble,
            Ok(Err(_)) | Err(_) => {
                warn!(message = message.id, why, "a try can't be noted now");
                // The process lives; a panic counts as noted before it.
                if broken == BrokenTry::TimedOut {
                    self.end(message, open, false);
                }
                Trouble::default()
            }
        };
        match given_up(trouble) {
            Some(why) => Outcome::Dead { why },
            None => Outcome::Retry {
                after,
                why: why.to_owned(),
            },
        }
    }

    /// Takes the note of a try back, in the background: until then the message counts as one that came to no end.
    pub(crate) fn end(&self, message: &TriedMessage, open: OpenTry, is_done: bool) {
        if !open.is_noted {
            return;
        }
        let (store, stream, message) = (self.store.clone(), self.stream, message.clone());
        let shutdown = self.shutdown.clone();
        self.under_way.spawn(async move {
            // Until then no other message under suspicion is tried, which might take this note with it.
            let _alone = open.alone;
            let key = MessageKey {
                stream,
                message_id: &message.id,
                outbox_id: message.outbox_id,
            };
            for failures in 1..=MAX_END_TRIES {
                let Err(error) = store.end_try(&key, is_done).await else {
                    return;
                };
                debug!(
                    error = &error as &dyn std::error::Error,
                    "the note of a try can't be taken back now"
                );
                tokio::select! {
                    () = tokio::time::sleep(END_BACKOFF.after(failures)) => {}
                    () = shutdown.cancelled() => return,
                }
            }
        });
    }

    /// Gives a message up.
    pub(crate) async fn bury(
        &self,
        message: &TriedMessage,
        subject: &str,
        payload: serde_json::Value,
        reason: &str,
    ) -> Result<(), StoreError> {
        let letter = NewDeadLetter {
            id: Uuid::now_v7(),
            stream: self.stream,
            subject,
            message_id: &message.id,
            payload,
            reason,
            deliveries: i64::try_from(message.deliveries).unwrap_or(i64::MAX),
            published_at: message.published_at,
            outbox_id: message.outbox_id,
        };
        self.store.add_dead_letter(&letter).await
    }
}

/// Why a message is not tried any more, if so.
fn given_up(trouble: Trouble) -> Option<String> {
    let Trouble { unended, timeouts } = trouble;
    if unended >= MAX_UNENDED {
        return Some(format!(
            "{unended} tries came to no end: its handler panicked, or its process died"
        ));
    }
    (timeouts >= MAX_TIMEOUTS).then(|| format!("its handler ran out of time {timeouts} times"))
}

fn retry(after: Duration, why: String) -> Admission {
    Admission::Not(Outcome::Retry { after, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deliberate_repeats_are_the_same_message() {
        for id in ["1000-500", "1000-500.1", "1000-500.12"] {
            assert_eq!(until_dot(id), "1000-500");
        }
    }

    #[test]
    fn so_many_tries_and_no_more() {
        let trouble = |unended, timeouts| Trouble { unended, timeouts };
        assert_eq!(given_up(trouble(4, 19)), None);
        assert!(given_up(trouble(5, 0)).is_some());
        assert!(given_up(trouble(0, 20)).is_some());
    }
}
