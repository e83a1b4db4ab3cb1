//! Pull requests at a consumer: never for more than can be worked on at once, and ended so that no message is lost sight of.
//!
//! A subscription that is simply dropped takes with it what the server is just sending, and that would come again only after the
//! ack wait. So it is ended by a count: the server is told after how many messages it ends, and is asked for answers of no
//! content until there were as many; whatever else it sent until then has been received here.

use std::time::Duration;

use async_nats::{
    Message, StatusCode, Subscriber,
    jetstream::{
        self,
        consumer::{PullConsumer, pull::BatchConfig},
    },
};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::Instant;
use tracing::debug;

use crate::Broker;

/// How long the server keeps a request.
const EXPIRES: Duration = Duration::from_secs(30);

/// How often it says that it is there while nothing comes.
const HEARTBEAT: Duration = Duration::from_secs(3);

/// After so long without a message or a heartbeat the request is gone: it dies with the node of a cluster that leads the
/// consumer, and by then another one leads it.
const SILENCE: Duration = Duration::from_secs(8);

/// How long ending may take. What has not come by then comes again after the ack wait.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// Statuses that may be on their way beside the messages that were asked for.
const SPARE: u64 = 8;

/// No request, since it is no JSON: the server answers that it is none. (Other texts are requests for one message.)
pub(crate) const NO_REQUEST: &str = "{";

/// An open consumer.
pub(crate) struct Pull {
    consumer: PullConsumer,
    subscriber: Subscriber,
    inbox: String,
    broker: Broker,
    /// Which connection it was opened on.
    connection: u64,
    /// Messages that the server may still send.
    asked: usize,
    /// Whatever came.
    received: u64,
    heard_at: Instant,
}

impl Pull {
    pub(crate) async fn open(broker: &Broker, consumer: PullConsumer) -> Result<Self, String> {
        let connection = broker.connection();
        let inbox = broker.client.new_inbox();
        let subscriber = broker
            .client
            .subscribe(inbox.clone())
            .await
            .map_err(|error| error.to_string())?;
        Ok(Self {
            consumer,
            subscriber,
            inbox,
            broker: broker.clone(),
            connection,
            asked: 0,
            received: 0,
            heard_at: Instant::now(),
        })
    }

    /// The next message, where `free` of them can be begun. May be dropped and called again.
    ///
    /// # Errors
    /// When the consumer has to be opened anew.
    pub(crate) async fn next(&mut self, free: usize) -> Result<jetstream::Message, String> {
        loop {
            if self.asked <= free / 2 {
                self.ask(free.saturating_sub(self.asked)).await?;
            }
            let came = tokio::time::timeout_at(self.heard_at + SILENCE, self.subscriber.next());
            let message = match came.await {
                Ok(Some(message)) => message,
                Ok(None) => return Err("the connection is closed".to_owned()),
                Err(_) => return Err("the server has fallen silent".to_owned()),
            };
            self.received += 1;
            self.heard_at = Instant::now();
            if let Some(message) = self.read(message)? {
                return Ok(message);
            }
        }
    }

    async fn ask(&mut self, batch: usize) -> Result<(), String> {
        if batch == 0 {
            return Ok(());
        }
        let request = BatchConfig {
            batch,
            expires: Some(EXPIRES),
            idle_heartbeat: HEARTBEAT,
            ..BatchConfig::default()
        };
        // Before the request, so that whoever drops this is not sent more than is known.
        self.asked += batch;
        self.heard_at = Instant::now();
        self.consumer
            .request_batch(request, self.inbox.as_str().into())
            .await
            .map_err(|error| error.to_string())
    }

    /// A message; `None` is what the server says of a request (ADR-13).
    fn read(&mut self, message: Message) -> Result<Option<jetstream::Message>, String> {
        match message.status.unwrap_or(StatusCode::OK) {
            StatusCode::OK => {
                self.asked = self.asked.saturating_sub(1);
                Ok(Some(self.of_stream(message)))
            }
            StatusCode::IDLE_HEARTBEAT => Ok(None),
            StatusCode::TIMEOUT => {
                let left = message
                    .headers
                    .as_ref()
                    .and_then(|headers| headers.get("Nats-Pending-Messages"))
                    .and_then(|left| left.as_str().parse().ok())
                    .unwrap_or(self.asked);
                self.asked = self.asked.saturating_sub(left);
                Ok(None)
            }
            status => Err(format!(
                "{status} {}",
                message.description.unwrap_or_default()
            )),
        }
    }

    fn of_stream(&self, message: Message) -> jetstream::Message {
        jetstream::Message {
            message,
            context: self.broker.jetstream.clone(),
        }
    }

    /// Ends the requests. Returns the messages that had come and were not begun.
    pub(crate) async fn close(mut self) -> Vec<jetstream::Message> {
        let mut messages = Vec::new();
        // On another connection the server counts anew, and what was on its way on the old one is lost already.
        if !self.broker.is_connected() || self.broker.connection() != self.connection {
            while let Some(Some(message)) = self.subscriber.next().now_or_never() {
                if is_of_stream(&message) {
                    messages.push(self.of_stream(message));
                }
            }
            return messages;
        }
        let more = u64::try_from(self.asked)
            .unwrap_or(u64::MAX)
            .saturating_add(SPARE);
        let ended = async {
            self.subscriber
                .unsubscribe_after(self.received.saturating_add(more))
                .await
                .map_err(|error| error.to_string())?;
            let subject = format!(
                "$JS.API.CONSUMER.MSG.NEXT.{}.{}",
                self.consumer.cached_info().stream_name,
                self.consumer.cached_info().name
            );
            for _ in 0..more {
                self.broker
                    .client
                    .publish_with_reply(subject.clone(), self.inbox.clone(), NO_REQUEST.into())
                    .await
                    .map_err(|error| error.to_string())?;
            }
            while let Some(message) = self.subscriber.next().await {
                if is_of_stream(&message) {
                    messages.push(self.of_stream(message));
                }
            }
            Ok::<(), String>(())
        };
        match tokio::time::timeout(CLOSE_WITHIN, ended).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => debug!(error, "the consumer is closed without its server"),
            Err(_) => debug!("the consumer is closed without an answer of its server"),
        }
        messages
    }
}

fn is_of_stream(message: &Message) -> bool {
    message.status.unwrap_or(StatusCode::OK) == StatusCode::OK
}
