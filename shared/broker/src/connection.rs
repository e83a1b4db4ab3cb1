//! The connection to NATS, which may be away for a while, and what a server must be.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_nats::{
    Client, ConnectOptions, Event,
    connection::State,
    jetstream::{self, context::PublishAckFuture, message::PublishMessage},
};
use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use televent_runtime::trace;
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use tracing::{Span, debug_span, error, field::Empty, info, warn};

use crate::{
    access::{NatsKey, NatsUser},
    node::NodeWatch,
    provision::{ProvisionError, missing, provision},
    refusals::{Refusal, Refusals},
};

/// Older servers ignore silently what we rely on.
pub const MIN_SERVER_VERSION: (i64, i64, i64) = (2, 14, 0);

/// How long a publish may wait for its ack.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(5);

/// How often the server is asked whether it is there. The third question that is not answered ends the connection, so that a
/// server that is frozen, or cut off without a word, keeps nobody for long from another node of its cluster.
const PING_EVERY: Duration = Duration::from_secs(5);

/// How long a start waits for NATS before it goes on without, and whoever leaves a node for another one.
const FIRST_CONNECT: Duration = Duration::from_secs(5);

/// How often a node that is of no use is left for whichever the client takes next.
const TRIES_TO_LEAVE: u32 = 5;

/// How often streams and consumers are looked after, besides each reconnect.
const PROVISION_EVERY: Duration = Duration::from_secs(30);

/// How soon provisioning is tried again after a failure.
const PROVISION_RETRY: Duration = Duration::from_secs(1);

/// How long the last acks of a process may take to reach the server.
const FLUSH_WITHIN: Duration = Duration::from_secs(2);

/// What is wrong while there is no connection.
const NOT_CONNECTED: &str = "not connected to NATS";

/// What is wrong with a publish whose ack was not waited for any longer.
const NO_ACK: &str = "no ack in time";

/// A message to be published, by whatever its caller knows it by.
pub(crate) struct Publication<K> {
    pub(crate) key: K,
    pub(crate) subject: String,
    pub(crate) message_id: String,
    pub(crate) payload: Vec<u8>,
    /// The trace that it belongs to.
    pub(crate) traceparent: Option<String>,
}

/// Why the broker can't be used.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The configured servers can't be used at all.
    #[error("nats_url: can't connect: {0}")]
    Connect(#[from] async_nats::ConnectError),
    /// An old server.
    #[error(
        "nats_url: nats-server {found} is too old: televent needs {}.{}.{} or newer, because older ones \
         silently ignore features that it relies on; upgrade the server",
        MIN_SERVER_VERSION.0, MIN_SERVER_VERSION.1, MIN_SERVER_VERSION.2
    )]
    TooOld {
        /// Its version.
        found: String,
    },
    /// A publish was refused, or its ack did not come in time.
    #[error("JetStream did not take the message: {0}")]
    Publish(String),
    /// The process ends, and the ack has not come yet.
    #[error("the process ends before the ack")]
    Stopping,
}

/// Why streams and consumers could not be seen to.
struct Trouble {
    /// For an operator.
    words: String,
    /// Whether another node of the cluster may do better.
    is_of_the_node: bool,
}

impl From<String> for Trouble {
    fn from(words: String) -> Self {
        Self {
            words,
            is_of_the_node: false,
        }
    }
}

/// A handle to NATS; cheap to clone.
#[derive(Clone)]
pub struct Broker {
    pub(crate) client: Client,
    pub(crate) jetstream: jetstream::Context,
    pub(crate) user: NatsUser,
    pub(crate) refusals: Refusals,
    /// Raised at each connect.
    connected: Arc<Notify>,
    /// How often there was one.
    connections: Arc<AtomicU64>,
    /// Raised when a stream or a consumer seems to be gone.
    in_doubt: Arc<Notify>,
    /// `None` once streams and consumers are as they must be; otherwise what is wrong.
    trouble: Arc<watch::Sender<Option<String>>>,
}

impl Broker {
    /// [`Broker::connect_as`] a process that does everything, at a server that asks for no key.
    ///
    /// # Errors
    /// [`BrokerError::TooOld`], or when the URLs can't be used.
    pub async fn connect(urls: &[String]) -> Result<Self, BrokerError> {
        Self::connect_as(urls, NatsUser::All, None).await
    }

    /// Connects to the first of `urls` that answers, for what `user` has to do. Returns without a connection when none does within
    /// five seconds: the process can do what it can without, and the connection is made later.
    ///
    /// # Errors
    /// [`BrokerError::TooOld`], or when the URLs can't be used.
    pub async fn connect_as(
        urls: &[String],
        user: NatsUser,
        key: Option<&NatsKey>,
    ) -> Result<Self, BrokerError> {
        let connected = Arc::new(Notify::new());
        let trouble = Arc::new(watch::channel(Some(NOT_CONNECTED.to_owned())).0);
        let refusals = Refusals::default();
        let connections = Arc::<AtomicU64>::default();
        let events = Events {
            connected: Arc::clone(&connected),
            connections: Arc::clone(&connections),
            trouble: Arc::clone(&trouble),
            refusals: refusals.clone(),
        };
        let mut options = ConnectOptions::new()
            .name(format!("televent {}", user.as_str()))
            .custom_inbox_prefix(user.inbox_prefix())
            .ping_interval(PING_EVERY)
            .retry_on_initial_connect()
            .event_callback(move |event| {
                events.take(event);
                std::future::ready(())
            });
        if let Some(key) = key {
            options = options.nkey(key.seed());
        }
        let client = options.connect(urls).await?;
        let mut jetstream = jetstream::new(client.clone());
        jetstream.set_timeout(PUBLISH_TIMEOUT);
        let broker = Self {
            client,
            jetstream,
            user,
            refusals,
            connected,
            connections,
            in_doubt: Arc::default(),
            trouble,
        };
        let first_connect = async {
            while !broker.knows_server() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        if tokio::time::timeout(FIRST_CONNECT, first_connect)
            .await
            .is_ok()
        {
            broker.check_version()?;
        } else {
            let why = broker.why_not_connected();
            warn!(why, "NATS can't be used yet; invitations wait in Postgres");
        }
        Ok(broker)
    }

    /// Whether there is a connection now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Whether there is a connection, and the server has said what it is: the client counts as connected a moment before it has read
    /// that.
    fn knows_server(&self) -> bool {
        self.is_connected() && !self.server_version().is_empty()
    }

    /// The how-manieth connection there is.
    pub(crate) fn connection(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    /// Refuses a server that is too old.
    ///
    /// # Errors
    /// [`BrokerError::TooOld`].
    pub fn check_version(&self) -> Result<(), BrokerError> {
        let (major, minor, patch) = MIN_SERVER_VERSION;
        if self.client.is_server_compatible(major, minor, patch) {
            Ok(())
        } else {
            Err(BrokerError::TooOld {
                found: self.client.server_info().version,
            })
        }
    }

    /// The version of the connected server.
    #[must_use]
    pub fn server_version(&self) -> String {
        self.client.server_info().version
    }

    /// Whether messages can be published and pulled now.
    ///
    /// # Errors
    /// What is wrong, for an operator.
    pub fn ready(&self) -> Result<(), String> {
        if !self.is_connected() {
            return Err(self.why_not_connected());
        }
        if let Some(refusal) = self.refusals.recent() {
            return Err(refusal.to_string());
        }
        match self.trouble.borrow().clone() {
            None => Ok(()),
            Some(trouble) => Err(trouble),
        }
    }

    /// What the server has refused within the last minute, for an operator.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        self.refusals.recent().map(|refusal| refusal.to_string())
    }

    fn why_not_connected(&self) -> String {
        match self.refusals.recent() {
            Some(Refusal::Key) => Refusal::Key.to_string(),
            _ => NOT_CONNECTED.to_owned(),
        }
    }

    /// Makes this user's streams and consumers, or brings them up to date, once.
    ///
    /// # Errors
    /// What is wrong, for an operator.
    pub async fn provision(&self) -> Result<(), String> {
        self.try_to_provision()
            .await
            .map_err(|trouble| trouble.words)
    }

    async fn try_to_provision(&self) -> Result<(), Trouble> {
        let mut refused = self.refusals.listen();
        let provisioned = async {
            if !self.knows_server() {
                return Err(Trouble::from(self.why_not_connected()));
            }
            self.check_version()
                .map_err(|error| Trouble::from(error.to_string()))?;
            provision(&self.client, &self.jetstream, self.user)
                .await
                .map_err(|error: ProvisionError| Trouble {
                    words: error.to_string(),
                    is_of_the_node: error.is_of_the_node(),
                })
        };
        let outcome = tokio::select! {
            biased;
            // The request that is refused has no answer.
            refusal = refused.next() => Err(Trouble::from(refusal.to_string())),
            outcome = provisioned => outcome,
        };
        let words = outcome.as_ref().err().map(|trouble| trouble.words.clone());
        self.trouble.send_replace(words);
        outcome
    }

    /// Connects to another node of the cluster, if there is one.
    async fn leave_node(&self) {
        let pool = self.client.server_pool().await;
        if !pool.is_ok_and(|pool| pool.len() > 1) {
            return;
        }
        let left = self.client.server_info().server_name;
        warn!(
            nats.node = left,
            "JetStream can't be used by this node; another one is asked"
        );
        // The client takes any of them, and so perhaps the same.
        for _ in 0..TRIES_TO_LEAVE {
            let connection = self.connection();
            if self.client.force_reconnect().await.is_err() {
                return;
            }
            let reconnected = async {
                while self.connection() == connection || !self.knows_server() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            let reconnected = tokio::time::timeout(FIRST_CONNECT, reconnected).await;
            if reconnected.is_err() || self.client.server_info().server_name != left {
                return;
            }
        }
    }

    /// The streams and consumers that are not there, without making them.
    ///
    /// # Errors
    /// What is wrong, for an operator.
    pub async fn missing(&self) -> Result<Vec<String>, String> {
        self.check_version().map_err(|error| error.to_string())?;
        let mut refused = self.refusals.listen();
        tokio::select! {
            biased;
            refusal = refused.next() => Err(refusal.to_string()),
            found = missing(&self.jetstream, self.user) => found.map_err(|error| error.to_string()),
        }
    }

    /// After a failure that may mean that a stream or a consumer is gone: has them looked after at once.
    pub(crate) fn look_after(&self) {
        self.in_doubt.notify_one();
    }

    /// Keeps streams and consumers as they must be: at each connect, and now and then, because an
    /// operator may have emptied JetStream's disk. Leaves a node of a cluster that is cut off from the others.
    pub async fn keep_provisioned(self, shutdown: CancellationToken) {
        let mut last_trouble = None;
        let mut node = NodeWatch::default();
        loop {
            // A request that was under way when the connection broke would be waited for in vain.
            let outcome = tokio::select! {
                outcome = self.try_to_provision() => outcome,
                () = self.connected.notified() => continue,
                () = shutdown.cancelled() => return,
            };
            let pause = if outcome.is_ok() {
                PROVISION_EVERY
            } else {
                PROVISION_RETRY
            };
            let is_of_use = !matches!(&outcome, Err(trouble) if trouble.is_of_the_node);
            let trouble = outcome.err().map(|trouble| trouble.words);
            if trouble != last_trouble {
                match &trouble {
                    Some(trouble) => error!(trouble, "JetStream is not usable"),
                    None => info!(nats.version = self.server_version(), "JetStream is ready"),
                }
                last_trouble = trouble;
            }
            if node.note(self.connection(), is_of_use, Instant::now()) {
                tokio::select! {
                    () = self.leave_node() => {}
                    () = shutdown.cancelled() => return,
                }
            }
            tokio::select! {
                () = self.connected.notified() => {}
                () = self.in_doubt.notified() => {}
                () = tokio::time::sleep(pause) => {}
                () = shutdown.cancelled() => return,
            }
        }
    }

    /// Waits until messages can be published and pulled.
    pub async fn until_ready(&self) {
        let mut trouble = self.trouble.subscribe();
        // The sender lives in self, so the channel can't be closed.
        let _never_closed = trouble.wait_for(Option::is_none).await;
    }

    /// Waits until there is no connection, or something else is wrong with it, and says what.
    pub(crate) async fn until_in_trouble(&self) -> String {
        let mut trouble = self.trouble.subscribe();
        let found = trouble.wait_for(Option::is_some).await;
        found
            .ok()
            .and_then(|trouble| trouble.clone())
            .unwrap_or_default()
    }

    /// When a stream was made. What was published to it before is gone.
    ///
    /// # Errors
    /// [`BrokerError::Publish`] if it is not there, or JetStream does not answer.
    pub(crate) async fn made_at(&self, stream: &str) -> Result<DateTime<Utc>, BrokerError> {
        match self.jetstream.get_stream(stream).await {
            Ok(stream) => Ok(stream.cached_info().created),
            Err(error) => Err(BrokerError::Publish(error.to_string())),
        }
    }

    /// Publishes one message and waits, at most `patience`, until it is stored. A repeat under the same `message_id` within
    /// the stream's window is a success.
    ///
    /// # Errors
    /// [`BrokerError::Publish`]. The message may have been stored all the same: repeat it under its id.
    pub async fn publish(
        &self,
        subject: String,
        message_id: &str,
        payload: Vec<u8>,
        traceparent: Option<&str>,
        patience: Duration,
    ) -> Result<(), BrokerError> {
        let stored = async {
            let ack = self.begin_publish(subject, message_id, payload, traceparent);
            self.stored(ack.await?).await
        };
        let outcome = tokio::time::timeout(patience, stored)
            .await
            .unwrap_or_else(|_| Err(self.no_ack(NO_ACK)));
        if outcome.is_err() {
            self.look_after();
        }
        outcome
    }

    /// Publishes with all acks in flight together. Returns the keys of what is stored, and of what is not with the first reason.
    pub(crate) async fn publish_all<K>(
        &self,
        publications: impl IntoIterator<Item = Publication<K>>,
    ) -> (Vec<K>, Option<(Vec<K>, BrokerError)>) {
        let mut acks = Vec::new();
        for publication in publications {
            let Publication {
                key,
                subject,
                message_id,
                payload,
                traceparent,
            } = publication;
            let span = publish_span(&subject, &message_id);
            trace::continue_from(&span, traceparent.as_deref());
            // Where nothing is recorded, the consumer continues from who wrote the row.
            let traceparent = trace::of(&span).or(traceparent);
            let ack = self
                .begin_publish(subject, &message_id, payload, traceparent.as_deref())
                .await;
            acks.push((key, ack, span));
        }
        let outcomes = join_all(acks.into_iter().map(async |(key, ack, span)| {
            let outcome = match ack {
                Ok(ack) => self.stored(ack).await,
                Err(error) => Err(error),
            };
            if outcome.is_err() {
                span.record("otel.status_code", "ERROR");
            }
            (key, outcome)
        }))
        .await;
        let mut published = Vec::with_capacity(outcomes.len());
        let mut refused: Option<(Vec<K>, BrokerError)> = None;
        for (key, outcome) in outcomes {
            match outcome {
                Ok(()) => published.push(key),
                Err(error) => refused.get_or_insert((Vec::new(), error)).0.push(key),
            }
        }
        if refused.is_some() {
            self.look_after();
        }
        (published, refused)
    }

    /// Waits for an ack.
    async fn stored(&self, ack: PublishAckFuture) -> Result<(), BrokerError> {
        ack.await.map(|_| ()).map_err(|error| self.no_ack(error))
    }

    /// Why there is no ack: what is refused has none.
    fn no_ack(&self, error: impl std::fmt::Display) -> BrokerError {
        BrokerError::Publish(self.refusal().unwrap_or_else(|| error.to_string()))
    }

    /// Publishes without waiting for the ack, which the returned future yields.
    async fn begin_publish(
        &self,
        subject: String,
        message_id: &str,
        payload: Vec<u8>,
        traceparent: Option<&str>,
    ) -> Result<PublishAckFuture, BrokerError> {
        // The client would queue it and send it after a reconnect, long after its ack has timed out.
        if !self.is_connected() {
            return Err(BrokerError::Publish(NOT_CONNECTED.to_owned()));
        }
        let mut message = PublishMessage::build()
            .payload(payload.into())
            .message_id(message_id);
        if let Some(traceparent) = traceparent {
            message = message.header(trace::TRACEPARENT, traceparent);
        }
        self.jetstream
            .send_publish(subject, message)
            .await
            .map_err(|error| BrokerError::Publish(error.to_string()))
    }

    /// Sends what is buffered, acks among it, before the process ends, and waits until the server has read it.
    pub async fn flush(&self) {
        if !self.is_connected() {
            return;
        }
        let flushed = async {
            let outcome = self.client.flush().await;
            self.round_trip().await;
            outcome
        };
        match tokio::time::timeout(FLUSH_WITHIN, flushed).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                warn!(%error, "acks may not have reached NATS; their messages will come again");
            }
            Err(_) => {
                warn!("acks may not have reached NATS in time; their messages will come again");
            }
        }
    }
}

/// What is published is a span of its own, by OpenTelemetry's conventions for messages. Subjects have people's ids in them: only what
/// kind of subject it is stands there.
fn publish_span(subject: &str, message_id: &str) -> Span {
    debug_span!(
        "publish",
        otel.kind = "producer",
        otel.status_code = Empty,
        messaging.system = "nats",
        messaging.operation.type = "send",
        messaging.operation.name = "publish",
        messaging.destination.template = subject_kind(subject),
        messaging.message.id = message_id,
    )
}

/// The first two parts of a subject.
pub(crate) fn subject_kind(subject: &str) -> &str {
    let end = subject.match_indices('.').nth(1).map(|(at, _)| at);
    subject
        .get(..end.unwrap_or(subject.len()))
        .unwrap_or(subject)
}

/// What becomes of the connection.
struct Events {
    connected: Arc<Notify>,
    connections: Arc<AtomicU64>,
    trouble: Arc<watch::Sender<Option<String>>>,
    refusals: Refusals,
}

impl Events {
    fn take(&self, event: Event) {
        let refusal = match &event {
            Event::ServerError(error) => Refusal::of_server(error),
            Event::ClientError(error) => Refusal::of_client(error),
            _ => None,
        };
        if let Some(refusal) = refusal {
            metrics::counter!("televent_nats_refused_total").increment(1);
            if self.refusals.recent().as_ref() != Some(&refusal) {
                error!(%refusal, "NATS refuses");
            }
            self.refusals.note(refusal);
            return;
        }
        match event {
            Event::Connected => {
                info!("connected to NATS");
                self.connections.fetch_add(1, Ordering::Relaxed);
                self.refusals.forget();
                self.connected.notify_one();
            }
            Event::Disconnected => {
                warn!("disconnected from NATS");
                self.trouble.send_replace(Some(NOT_CONNECTED.to_owned()));
            }
            other => info!(nats.event = %other, "NATS connection"),
        }
    }
}
