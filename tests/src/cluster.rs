//! A cluster of three nats-servers of a test's own, whose nodes can be killed, frozen, restarted in good order, and cut off from each
//! other.

use std::{
    collections::HashSet,
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use async_nats::jetstream::{self, consumer::pull};
use televent_broker::Consumer;
use televent_localservers::Binaries;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{Proxy, free_addresses, nats::is_idle, signal};

/// As many as a stream has replicas.
const NODES: usize = 3;

/// How long the cluster may take to agree on anything. An election takes up to nine seconds, and machines may be slow.
const PATIENCE: Duration = Duration::from_secs(120);

const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What each node says to others about where it can be reached, which they tell each other: nobody is there, so that all of them
/// only use the ways that they are configured with, which can be cut.
const NOWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9);

/// Three nats-servers that nobody else uses. Their addresses stay when they are started again.
pub struct Cluster {
    binaries: Binaries,
    folder: TempDir,
    nodes: Vec<Node>,
    routes: Vec<Route>,
}

/// The way from one node to another.
struct Route {
    from: usize,
    to: usize,
    proxy: Proxy,
    upstream: SocketAddr,
}

/// What becomes of the connections between a node that is cut off and the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// They are closed, and so are new ones.
    Closed,
    /// They stay open, and nothing gets through until they are joined again: then all of it does.
    Silent,
}

struct Node {
    name: String,
    /// For clients.
    address: SocketAddr,
    child: Option<Child>,
}

impl Cluster {
    /// Starts three empty servers, and waits until they are one cluster that takes streams.
    pub async fn start() -> Self {
        let mut cluster = Self {
            binaries: Binaries::find().expect("./x setup has installed the servers"),
            folder: tempfile::tempdir().expect("a temporary folder"),
            nodes: Vec::new(),
            routes: Vec::new(),
        };
        let addresses = free_addresses::<{ 2 * NODES }>();
        let (clients, listeners) = addresses.split_at(NODES);
        for from in 0..NODES {
            for (to, upstream) in listeners.iter().enumerate() {
                if to != from {
                    cluster.routes.push(Route::start(from, to, *upstream).await);
                }
            }
        }
        for (number, (client, listener)) in clients.iter().zip(listeners).enumerate() {
            let name = format!("node{number}");
            let from_here = cluster.routes.iter().filter(|route| route.from == number);
            let routes: Vec<String> = from_here
                .map(|route| format!("nats://{}", route.proxy.address()))
                .collect();
            let configuration = format!(
                "server_name: {name}\n\
                 listen: \"{client}\"\n\
                 jetstream {{ store_dir: \"{}\", max_memory_store: 64MB, max_file_store: 2GB }}\n\
                 cluster {{ name: televent, listen: \"{listener}\", advertise: \"{NOWHERE}\", routes: [{}] }}\n\
                 lame_duck_duration: \"30s\"\n\
                 lame_duck_grace_period: \"1s\"\n",
                cluster.folder.path().join(&name).display(),
                routes.join(", "),
            );
            fs::write(cluster.file(&name, "conf"), configuration).expect("the file is written");
            cluster.nodes.push(Node {
                name,
                address: *client,
                child: None,
            });
        }
        for node in 0..NODES {
            cluster.start_node(node);
        }
        cluster.until_it_takes_streams().await;
        cluster
    }

    /// Where clients connect: all nodes, separated by commas.
    pub fn url(&self) -> String {
        let urls: Vec<String> = self.nodes.iter().map(Node::url).collect();
        urls.join(",")
    }

    /// Where clients connect to one node, counted on from the last to the first. They learn of the others there.
    pub fn url_of(&self, node: usize) -> String {
        self.node(node % NODES).url()
    }

    /// Keeps a node from the others, and them from it. Its clients still reach it.
    pub fn cut_off(&self, node: usize, how: Cut) {
        for route in self.routes_of(node) {
            match how {
                Cut::Closed => route.proxy.cut(),
                Cut::Silent => route.proxy.half_open(),
            }
        }
    }

    /// Ends [`Cluster::cut_off`].
    pub fn join_again(&self, node: usize, how: Cut) {
        for route in self.routes_of(node) {
            match how {
                Cut::Closed => route.proxy.forward_to(route.upstream),
                Cut::Silent => route.proxy.undisturbed(),
            }
        }
    }

    fn routes_of(&self, node: usize) -> impl Iterator<Item = &Route> {
        let routes = self.routes.iter();
        routes.filter(move |route| route.from == node || route.to == node)
    }

    /// Starts a node that does not run, on what it had.
    pub fn start_node(&mut self, node: usize) {
        let (configuration, log) = {
            let name = &self.node(node).name;
            (self.file(name, "conf"), self.file(name, "log"))
        };
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(log)
            .expect("the log can be written");
        let child = Command::new(&self.binaries.nats_server)
            .arg("-c")
            .arg(configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("nats-server starts");
        self.nodes.get_mut(node).expect("there is a node").child = Some(child);
    }

    /// `kill -9`.
    pub async fn kill(&mut self, node: usize) {
        let child = self.nodes.get_mut(node).and_then(|node| node.child.take());
        let mut child = child.expect("the node runs");
        child.kill().await.expect("a child can be killed");
    }

    /// Sends a signal, such as `STOP`.
    pub async fn signal(&self, node: usize, name: &str) {
        let child = self.node(node).child.as_ref().expect("the node runs");
        let pid = child.id().expect("it was not reaped").to_string();
        signal::send(name, &pid).await;
    }

    /// Lame-duck mode: the node gives its clients and leaderships away over half a minute, ends, and is started again.
    pub async fn restart_as_lame_duck(&mut self, node: usize) {
        self.signal(node, "USR2").await;
        let child = self.nodes.get_mut(node).and_then(|node| node.child.take());
        let mut child = child.expect("the node runs");
        let ended = tokio::time::timeout(PATIENCE, child.wait()).await;
        ended
            .expect("it ends in time")
            .expect("a child can be awaited");
        self.start_node(node);
    }

    /// Which node leads a stream.
    pub async fn leader(&self, stream: &str) -> usize {
        let start = Instant::now();
        loop {
            if let Some(leader) = self.leader_seen_by(None, stream).await {
                return leader;
            }
            assert!(start.elapsed() < PATIENCE, "{stream} has no leader");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until the others have a leader of a stream among them.
    pub async fn until_led_without(&self, node: usize, stream: &str) {
        let start = Instant::now();
        let other = (node + 1) % NODES;
        loop {
            let leader = self.leader_seen_by(Some(other), stream).await;
            if leader.is_some_and(|leader| leader != node) {
                return;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{stream} is still led by {leader:?}"
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Which node leads a stream, as any or this one knows.
    async fn leader_seen_by(&self, node: Option<usize>, stream: &str) -> Option<usize> {
        let jetstream = self.jetstream(node).await.ok()?;
        let stream = jetstream.get_stream(stream).await.ok()?;
        let leader = stream.cached_info().cluster.as_ref()?.leader.as_ref()?;
        self.nodes.iter().position(|node| node.name == *leader)
    }

    /// How many replicas a stream has that have all of it.
    pub async fn current_replicas(&self, stream: &str) -> usize {
        let Ok(jetstream) = self.jetstream(None).await else {
            return 0;
        };
        let Ok(found) = jetstream.get_stream(stream).await else {
            return 0;
        };
        let Some(cluster) = &found.cached_info().cluster else {
            return 1;
        };
        let followers = cluster.replicas.iter();
        usize::from(cluster.leader.is_some()) + followers.filter(|peer| peer.current).count()
    }

    /// Waits until all replicas of a stream have all of it.
    pub async fn until_whole(&self, stream: &str) {
        let start = Instant::now();
        while self.current_replicas(stream).await < NODES {
            assert!(start.elapsed() < PATIENCE, "{stream} does not become whole");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Whether a consumer has nothing before it and nothing in its hands.
    ///
    /// # Errors
    /// What it has.
    pub async fn idle(&self, consumer: Consumer) -> Result<(), String> {
        let jetstream = self.jetstream(None).await?;
        let found = jetstream
            .get_consumer_from_stream::<pull::Config, _, _>(consumer.durable, consumer.stream)
            .await
            .map_err(|error| format!("{}: {error}", consumer.durable))?;
        is_idle(found.cached_info())
    }

    async fn until_it_takes_streams(&self) {
        let start = Instant::now();
        loop {
            match self.try_a_stream().await {
                Ok(()) => return,
                Err(error) => assert!(start.elapsed() < PATIENCE, "no cluster: {error}"),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Makes a stream with a replica at each node, and removes it.
    async fn try_a_stream(&self) -> Result<(), String> {
        let mut reached = HashSet::new();
        for node in 0..NODES {
            reached.insert(node);
            self.jetstream(Some(node)).await?;
        }
        let jetstream = self.jetstream(None).await?;
        let config = jetstream::stream::Config {
            name: "TRIAL".to_owned(),
            subjects: vec!["trial".to_owned()],
            num_replicas: reached.len(),
            ..Default::default()
        };
        let made = jetstream.create_stream(config).await;
        made.map_err(|error| error.to_string())?;
        let removed = jetstream.delete_stream("TRIAL").await;
        removed.map(drop).map_err(|error| error.to_string())
    }

    /// Access to JetStream beside the processes, by any node or this one.
    async fn jetstream(&self, node: Option<usize>) -> Result<jetstream::Context, String> {
        let urls: Vec<String> = match node {
            Some(node) => vec![self.node(node).url()],
            None => self.nodes.iter().map(Node::url).collect(),
        };
        let connecting = async_nats::ConnectOptions::new()
            .connection_timeout(Duration::from_secs(1))
            .connect(urls);
        let client = connecting.await.map_err(|error| error.to_string())?;
        let mut jetstream = jetstream::new(client);
        jetstream.set_timeout(Duration::from_secs(2));
        Ok(jetstream)
    }

    fn node(&self, node: usize) -> &Node {
        self.nodes.get(node).expect("there is a node")
    }

    fn file(&self, name: &str, extension: &str) -> std::path::PathBuf {
        let folder: &Path = self.folder.path();
        folder.join(format!("{name}.{extension}"))
    }
}

impl Route {
    async fn start(from: usize, to: usize, upstream: SocketAddr) -> Self {
        let proxy = Proxy::start().await;
        proxy.forward_to(upstream);
        Self {
            from,
            to,
            proxy,
            upstream,
        }
    }
}

impl Node {
    fn url(&self) -> String {
        format!("nats://{}", self.address)
    }
}
