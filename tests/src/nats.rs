//! A nats-server of a test's own, behind a proxy, and a look into its streams.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_nats::{
    ConnectOptions,
    jetstream::{self, consumer::pull},
};
use secrecy::ExposeSecret as _;
use televent_broker::{Consumer, INVITES, NatsKeyPair, NatsUser, UPDATES};
use televent_localservers::{Binaries, NatsServer};
use tempfile::TempDir;

use crate::{Proxy, signal};

/// A nats-server that nobody else uses. Its address stays when it is stopped and started again.
pub struct Nats {
    binaries: Binaries,
    dir: TempDir,
    proxy: Proxy,
    users: Option<Users>,
    running: Mutex<Option<Running>>,
}

/// The users of the project's nats.conf, and the test's own, who may do anything.
struct Users {
    config: PathBuf,
    variables: Vec<(String, String)>,
    test: NatsKeyPair,
}

struct Running {
    server: NatsServer,
    /// Straight to the server, whatever the proxy does.
    jetstream: jetstream::Context,
}

/// A message in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its subject.
    pub subject: String,
    /// Its headers.
    pub headers: BTreeMap<String, String>,
    /// What it carries.
    pub payload: serde_json::Value,
}

impl Nats {
    /// Starts an empty server.
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        Self::start_in(dir, None).await
    }

    /// Starts an empty server of the project's nats.conf, which knows its users by these public keys.
    pub async fn with_users(public_keys: &[(NatsUser, String)]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let test = NatsKeyPair::random().expect("a key");
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nats.conf");
        let original = std::fs::read_to_string(original).expect("the project has a nats.conf");
        let (before, after) = original
            .split_once("    users: [\n")
            .expect("nats.conf lists users");
        let config = dir.path().join("with-test-user.conf");
        let text = format!(
            "{before}    users: [\n        {{ nkey: {} }}\n{after}",
            test.public
        );
        std::fs::write(&config, text).expect("the file is written");
        let variables = public_keys
            .iter()
            .map(|(user, key)| (user.variable(), key.clone()))
            .collect();
        let users = Users {
            config,
            variables,
            test,
        };
        Self::start_in(dir, Some(users)).await
    }

    async fn start_in(dir: TempDir, users: Option<Users>) -> Self {
        let nats = Self {
            binaries: Binaries::find().expect("./x setup has installed the servers"),
            dir,
            proxy: Proxy::start().await,
            users,
            running: Mutex::new(None),
        };
        nats.start_again().await;
        nats
    }

    /// Where clients connect, through the proxy.
    pub fn url(&self) -> String {
        format!("nats://{}", self.proxy.address())
    }

    /// Starts the stopped server on the streams that it had.
    pub async fn start_again(&self) {
        let dir = self.dir.path();
        let (server, options) = match &self.users {
            None => {
                let server = NatsServer::start(&self.binaries, dir, None);
                (server.await, ConnectOptions::new())
            }
            Some(users) => {
                let config = Some(users.config.as_path());
                let server = NatsServer::start_with(&self.binaries, dir, config, &users.variables);
                let seed = users.test.seed.expose_secret().to_owned();
                (server.await, ConnectOptions::with_nkey(seed))
            }
        };
        let server = server.expect("nats-server starts");
        let url = server.url();
        let client = options.connect(&url).await.expect("nats-server answers");
        self.proxy.forward_to(address_of(&url));
        *self.running() = Some(Running {
            server,
            jetstream: jetstream::new(client),
        });
    }

    /// What the server has logged since it was started last.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("nats.log")).expect("the server has a log")
    }

    /// Stops the server in good order.
    pub async fn stop(&self) {
        self.stop_if_running().await;
    }

    /// Stops the server in good order, unless somebody else has. Returns whether it ran.
    pub async fn stop_if_running(&self) -> bool {
        self.proxy.cut();
        let running = self.running().take();
        let Some(running) = running else {
            return false;
        };
        running.server.stop().await.expect("nats-server stops");
        true
    }

    /// The server does nothing any more, and its connections stay open.
    pub async fn freeze(&self) {
        self.signal("STOP").await;
    }

    /// It goes on.
    pub async fn thaw(&self) {
        self.signal("CONT").await;
    }

    async fn signal(&self, name: &str) {
        let pid = std::fs::read_to_string(self.dir.path().join("nats.pid"));
        let pid = pid.expect("nats-server is running");
        signal::send(name, pid.trim()).await;
    }

    /// Forgets what a stopped server had on its disk.
    pub fn empty_disk(&self) {
        std::fs::remove_dir_all(self.dir.path().join("jetstream"))
            .expect("the streams were on disk");
    }

    /// Forgets how far the stopped server's consumer has read: it begins anew with everything that its stream has.
    pub fn forget_consumer(&self, consumer: Consumer) {
        let streams = self.dir.path().join("jetstream/$G/streams");
        let place = streams
            .join(consumer.stream)
            .join("obs")
            .join(consumer.durable);
        std::fs::remove_dir_all(place).expect("the consumer was on disk");
    }

    /// Stops the server and empties its disk.
    pub async fn lose_everything(&self) {
        self.stop().await;
        self.empty_disk();
    }

    /// Closes the connections of the processes; they come back at once.
    pub fn disconnect_clients(&self) {
        self.proxy.cut_open();
    }

    /// Lets the processes reach the server again, if it runs.
    pub fn reconnect(&self) {
        if let Some(running) = &*self.running() {
            self.proxy.forward_to(address_of(&running.server.url()));
        }
    }

    /// What stands between the processes and the server.
    pub fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    /// Access to JetStream, beside the processes.
    pub fn jetstream(&self) -> jetstream::Context {
        let running = self.running();
        let running = running.as_ref().expect("nats-server is running");
        running.jetstream.clone()
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on a stream takes no more than so many messages, and refuses what comes then; -1 is no bound.
    pub async fn bound_stream(&self, stream: &str, max_messages: i64) {
        let jetstream = self.jetstream();
        let known = jetstream.get_stream(stream).await;
        let known = known.expect("the stream is there");
        let bounded = jetstream::stream::Config {
            max_messages,
            ..known.cached_info().config.clone()
        };
        let updated = jetstream.update_stream(bounded).await;
        updated.expect("the stream may be bounded");
    }

    /// Whether a consumer has nothing before it and nothing in its hands.
    ///
    /// # Errors
    /// What it has.
    pub async fn idle(&self, consumer: Consumer) -> Result<(), String> {
        let found = self
            .jetstream()
            .get_consumer_from_stream::<pull::Config, _, _>(consumer.durable, consumer.stream)
            .await;
        let info = match found {
            Ok(found) => found.cached_info().clone(),
            // Nothing can wait where nothing was ever made.
            Err(error) if error.to_string().contains("stream not found") => return Ok(()),
            Err(error) => {
                let stream = self.jetstream().get_stream(consumer.stream).await;
                let is_empty = stream.is_ok_and(|stream| stream.cached_info().state.messages == 0);
                // Nor where nobody has ever read, and nothing is there to be read.
                if is_empty && error.to_string().contains("consumer not found") {
                    return Ok(());
                }
                return Err(format!("{}: {error}", consumer.durable));
            }
        };
        is_idle(&info)
    }

    /// All messages of `INVITES`, oldest first.
    pub async fn invites(&self) -> Vec<StoredMessage> {
        self.messages(INVITES).await
    }

    /// All messages of `UPDATES`, oldest first.
    pub async fn updates(&self) -> Vec<StoredMessage> {
        self.messages(UPDATES).await
    }

    async fn messages(&self, stream: &str) -> Vec<StoredMessage> {
        let stream = self
            .jetstream()
            .get_stream(stream)
            .await
            .expect("the stream is there");
        let state = stream.cached_info().state.clone();
        let mut messages = Vec::new();
        for sequence in state.first_sequence..=state.last_sequence {
            let Ok(message) = stream.get_raw_message(sequence).await else {
                continue;
            };
            let headers = message
                .headers
                .iter()
                .flat_map(|(name, values)| {
                    values
                        .iter()
                        .map(move |value| (name.to_string(), value.to_string()))
                })
                .collect();
            messages.push(StoredMessage {
                subject: message.subject.to_string(),
                headers,
                payload: serde_json::from_slice(&message.payload).expect("payloads are JSON"),
            });
        }
        messages
    }
}

/// Whether a consumer has nothing before it and nothing in its hands; what it has otherwise.
pub(crate) fn is_idle(info: &jetstream::consumer::Info) -> Result<(), String> {
    if info.num_pending == 0 && info.num_ack_pending == 0 {
        return Ok(());
    }
    Err(format!(
        "consumer {} has {} messages before it and {} in its hands",
        info.name, info.num_pending, info.num_ack_pending
    ))
}

fn address_of(url: &str) -> SocketAddr {
    url.trim_start_matches("nats://")
        .parse()
        .expect("nats-server tells an address")
}
