//! A TCP proxy before a server, so that the server can go away and come back under the same address.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tokio_util::task::AbortOnDropHandle;

/// A proxy on a free port of this machine. Dropping it closes its connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    upstream: watch::Sender<Option<SocketAddr>>,
    _task: AbortOnDropHandle<()>,
}

impl Proxy {
    /// Listens. Connections are closed at once until [`Proxy::forward_to`] says where they go.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let (upstream, current) = watch::channel(None);
        let task = tokio::spawn(accept(listener, current));
        Self {
            address,
            upstream,
            _task: AbortOnDropHandle::new(task),
        }
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on connections go there. Those that are open are closed.
    pub fn forward_to(&self, upstream: SocketAddr) {
        self.upstream.send_replace(Some(upstream));
    }

    /// From now on nobody is there. Open connections are closed.
    pub fn cut(&self) {
        self.upstream.send_replace(None);
    }
}

async fn accept(listener: TcpListener, current: watch::Receiver<Option<SocketAddr>>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(forward(client, current.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn forward(mut client: TcpStream, mut current: watch::Receiver<Option<SocketAddr>>) {
    let Some(upstream) = *current.borrow_and_update() else {
        return;
    };
    let Ok(mut server) = TcpStream::connect(upstream).await else {
        return;
    };
    for stream in [&client, &server] {
        // Latency is measured through here.
        let _unimportant = stream.set_nodelay(true);
    }
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = current.changed() => {}
    }
}
