//! The consumer runner: pulls, hands each message to a handler, and is the only one who acknowledges.

use std::{future::Future, sync::Arc, time::Duration};

use async_nats::jetstream::{self, AckKind};
use bytes::Bytes;
use televent_runtime::{Backoff, Failpoint, trace, without_quotations};
use televent_store::{BrokenTry, Store};
use tokio::{sync::Semaphore, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument as _, Span, debug, error, field::Empty, info, info_span, warn};
use uuid::Uuid;

use crate::{
    Broker,
    connection::subject_kind,
    provision::consumer_config,
    pull::Pull,
    tries::{Admission, MESSAGE_ID, OpenTry, TriedMessage, Tries},
};

/// The part of the ack wait that is left for recording what became of a message whose handler ran out of time.
const RECORDING_PART: u32 = 12;

/// Wait before a message whose handler ran out of time is delivered again.
const TIMEOUT_RETRY: Duration = Duration::from_secs(5);

/// Waits between deliveries of a message whose handler panicked.
const PANIC_BACKOFF: Backoff = Backoff {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(30),
};

/// Wait before a dead letter that could not be recorded is tried again.
const DEAD_LETTER_RETRY: Duration = Duration::from_secs(5);

/// Wait before a consumer that has ended is opened again.
const REOPEN_AFTER: Duration = Duration::from_millis(500);

/// A durable pull consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consumer {
    /// Its stream.
    pub stream: &'static str,
    /// Its durable name.
    pub durable: &'static str,
    /// Messages that one process works on at once, and so how many it prefetches: what a stuck process
    /// holds, nobody else gets before the ack wait is over.
    pub concurrency: usize,
    /// How long a process may work on a message before it is delivered again.
    pub ack_wait: Duration,
}

impl Consumer {
    /// The longest a handler may work on a message. Then it is dropped, before the message is delivered again.
    fn handler_timeout(&self) -> Duration {
        self.ack_wait.saturating_sub(self.ack_wait / RECORDING_PART)
    }
}

/// A message in a handler's hands.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its subject.
    pub subject: String,
    /// What it carries.
    pub payload: Bytes,
    /// The how-manieth delivery this is, from 1.
    pub deliveries: u64,
}

/// What a handler makes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its effect is recorded.
    Done,
    /// Deliver it again after a while.
    Retry {
        /// Exactly this long.
        after: Duration,
        /// For the log.
        why: String,
    },
    /// It can never succeed: it goes to the dead letters.
    Dead {
        /// For the operator who reads it there.
        why: String,
    },
}

/// Handles messages until `shutdown` is cancelled; then finishes those under way and hands the rest
/// back. `outbox_id` finds the outbox row of a payload, which dies with its message.
pub async fn run_consumer<H, F>(
    consumer: Consumer,
    broker: Broker,
    store: Store,
    outbox_id: fn(&[u8]) -> Option<Uuid>,
    handler: H,
    shutdown: CancellationToken,
) where
    H: Fn(Delivery) -> F + Send + Sync + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    // What springs into being with its first event can't be seen to grow.
    redeliveries(consumer).increment(0);
    let under_way = TaskTracker::new();
    let runner = Arc::new(Runner {
        consumer,
        tries: Tries::new(store, consumer.stream, under_way.clone(), shutdown.clone()),
        outbox_id,
        handler,
    });
    let permits = Arc::new(Semaphore::new(consumer.concurrency));
    while !shutdown.is_cancelled() {
        tokio::select! {
            () = broker.until_ready() => {}
            () = shutdown.cancelled() => break,
        }
        if let Err(error) = pull(&runner, &broker, &permits, &under_way, &shutdown).await {
            warn!(
                consumer = consumer.durable,
                error, "the consumer is opened again"
            );
            broker.look_after();
            tokio::select! {
                () = tokio::time::sleep(REOPEN_AFTER) => {}
                () = shutdown.cancelled() => {}
            }
        }
    }
    under_way.close();
    under_way.wait().await;
    broker.flush().await;
    info!(consumer = consumer.durable, "the consumer has stopped");
}

fn redeliveries(consumer: Consumer) -> metrics::Counter {
    metrics::counter!(
        "televent_redeliveries_total",
        "stream" => consumer.stream,
        "consumer" => consumer.durable,
    )
}

struct Runner<H> {
    consumer: Consumer,
    tries: Tries,
    outbox_id: fn(&[u8]) -> Option<Uuid>,
    handler: H,
}

/// Pulls from one opening of the consumer, until it ends or `shutdown` is cancelled.
async fn pull<H, F>(
    runner: &Arc<Runner<H>>,
    broker: &Broker,
    permits: &Arc<Semaphore>,
    under_way: &TaskTracker,
    shutdown: &CancellationToken,
) -> Result<(), String>
where
    H: Fn(Delivery) -> F + Send + Sync + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    let consumer = runner.consumer;
    // Creating what is there already is how the consumer is opened: one round trip, and it heals.
    let opened = broker
        .jetstream
        .create_consumer_on_stream(consumer_config(consumer), consumer.stream)
        .await
        .map_err(|error| error.to_string())?;
    let mut pull = Pull::open(broker, opened).await?;
    let ended = loop {
        let permit = tokio::select! {
            permit = Arc::clone(permits).acquire_owned() => match permit {
                Ok(permit) => permit,
                Err(error) => break Err(error.to_string()),
            },
            () = shutdown.cancelled() => break Ok(()),
        };
        let next = tokio::select! {
            next = pull.next(permits.available_permits() + 1) => next,
            why = broker.until_in_trouble() => Err(why),
            () = shutdown.cancelled() => break Ok(()),
        };
        match next {
            Ok(message) => {
                let runner = Arc::clone(runner);
                let span = process_span(&consumer, &message);
                let work = async move {
                    let _permit = permit;
                    runner.process(message).await;
                };
                under_way.spawn(work.instrument(span));
            }
            Err(error) => break Err(error),
        }
    };
    // What has come and was not begun goes to others at once.
    for message in pull.close().await {
        acknowledge(&message, AckKind::Nak(None)).await;
    }
    ended
}

impl<H, F> Runner<H>
where
    H: Fn(Delivery) -> F + Send + Sync + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    async fn process(&self, message: jetstream::Message) {
        let started = Instant::now();
        let tried = TriedMessage::read(&message, self.outbox_id);
        if tried.deliveries > 1 {
            redeliveries(self.consumer).increment(1);
        }
        let (outcome, ended) = match self.tries.admit(&tried).await {
            Admission::Try(open) => self.handle(&message, &tried, open, started).await,
            Admission::Not(outcome) => (outcome, None),
        };
        let label = match &outcome {
            Outcome::Done => "done",
            Outcome::Retry { .. } => "retry",
            Outcome::Dead { .. } => "dead",
        };
        let span = Span::current();
        span.record("televent.outcome", label);
        if label == "dead" {
            span.record("otel.status_code", "ERROR");
        }
        metrics::counter!("televent_messages_total", "consumer" => self.consumer.durable, "outcome" => label)
            .increment(1);
        let is_done = outcome == Outcome::Done;
        let ack = match outcome {
            Outcome::Done => AckKind::Ack,
            Outcome::Retry { after, why } => {
                debug!(
                    consumer = self.consumer.durable,
                    why = without_quotations(&why),
                    after_s = after.as_secs_f64(),
                    "delivered again later"
                );
                AckKind::Nak((!after.is_zero()).then_some(after))
            }
            Outcome::Dead { why } => self.bury(&message, &tried, &why).await,
        };
        Failpoint::MessageHandled.reached();
        acknowledge(&message, ack).await;
        Failpoint::MessageAcknowledged.reached();
        if let Some(ended) = ended {
            self.tries.end(&tried, ended, is_done);
        }
    }

    /// Runs the handler. Returns the try, too, if the handler has ended it; what it has not ended is noted.
    async fn handle(
        &self,
        message: &jetstream::Message,
        tried: &TriedMessage,
        open: OpenTry,
        started: Instant,
    ) -> (Outcome, Option<OpenTry>) {
        let deliveries = tried.deliveries;
        let delivery = Delivery {
            subject: message.subject.to_string(),
            payload: message.payload.clone(),
            deliveries,
        };
        let deadline = started + self.consumer.handler_timeout();
        // A task of its own, so that a panic ends one message and not the consumer.
        let work = tokio::time::timeout_at(deadline, (self.handler)(delivery));
        let (broken, after) = match tokio::spawn(work.in_current_span()).await {
            Ok(Ok(outcome)) => return (outcome, Some(open)),
            Ok(Err(_)) => (BrokenTry::TimedOut, TIMEOUT_RETRY),
            Err(panic) => {
                error!(consumer = self.consumer.durable, error = %panic, deliveries, "a handler panicked");
                (BrokenTry::Panicked, PANIC_BACKOFF.after(deliveries))
            }
        };
        (self.tries.broken(tried, open, broken, after).await, None)
    }

    /// Records a dead letter; the message is only let go once that is committed.
    async fn bury(&self, message: &jetstream::Message, tried: &TriedMessage, why: &str) -> AckKind {
        warn!(
            consumer = self.consumer.durable,
            subject = %message.subject,
            deliveries = tried.deliveries,
            why = without_quotations(why),
            "a message goes to the dead letters"
        );
        let payload = readable(&message.payload);
        match self.tries.bury(tried, &message.subject, payload, why).await {
            Ok(()) => AckKind::Term,
            Err(error) => {
                warn!(
                    error = &error as &dyn std::error::Error,
                    "a dead letter can't be recorded now"
                );
                AckKind::Nak(Some(DEAD_LETTER_RETRY))
            }
        }
    }
}

/// What becomes of a message, continued from who published it, by OpenTelemetry's conventions for messages.
fn process_span(consumer: &Consumer, message: &jetstream::Message) -> Span {
    let header = |name: &str| {
        let headers = message.headers.as_ref()?;
        headers.get(name).map(async_nats::HeaderValue::as_str)
    };
    let span = info_span!(
        parent: None,
        "process",
        otel.name = format!("process {}", consumer.stream),
        otel.kind = "consumer",
        otel.status_code = Empty,
        messaging.system = "nats",
        messaging.operation.type = "process",
        messaging.operation.name = "process",
        messaging.destination.name = consumer.stream,
        messaging.destination.template = subject_kind(&message.subject),
        messaging.consumer.group.name = consumer.durable,
        messaging.message.id = header(MESSAGE_ID),
        televent.outcome = Empty,
    );
    trace::continue_from(&span, header(trace::TRACEPARENT));
    span
}

/// The payload as JSON for Postgres, which can't hold U+0000 in it; as a text where it is none.
fn readable(payload: &[u8]) -> serde_json::Value {
    let text = String::from_utf8_lossy(payload);
    match serde_json::from_str(&text) {
        Ok(json) if !text.contains("\\u0000") => json,
        _ => serde_json::Value::String(text.replace('\0', "\u{fffd}")),
    }
}

async fn acknowledge(message: &jetstream::Message, kind: AckKind) {
    if let Err(error) = message.ack_with(kind).await {
        warn!(%error, "an ack was not sent; the message will come again");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn whatever_a_message_carried_can_be_kept() {
        assert_eq!(readable(br#"{"a":1}"#), json!({"a": 1}));
        assert_eq!(readable(b"no json\0\xff"), json!("no json\u{fffd}\u{fffd}"));
        assert_eq!(readable(br#"{"a":"\u0000"}"#), json!(r#"{"a":"\u0000"}"#));
    }
}
