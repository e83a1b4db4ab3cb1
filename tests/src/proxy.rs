//! A TCP proxy before a server, so that the server can go away and come back under the same address, or be slow, or be there and
//! say nothing.

use std::{net::SocketAddr, num::NonZeroU32, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tokio_util::task::AbortOnDropHandle;

/// What is read at once: the unit of [`Proxy::delay`].
const CHUNK_BYTES: usize = 16 * 1024;

/// How often [`Proxy::slow`] lets something through in each second.
const SLOW_STEPS: u32 = 20;

/// A proxy on a free port of this machine. Dropping it closes its connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    way: watch::Sender<Way>,
    _task: AbortOnDropHandle<()>,
}

#[derive(Clone, Copy, Debug)]
struct Way {
    upstream: Option<SocketAddr>,
    /// Raised to close what is open.
    generation: u64,
    pace: Pace,
}

/// How what is sent gets through, in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    Undisturbed,
    /// Each chunk waits.
    Delay(Duration),
    /// So many bytes a second.
    Slow(NonZeroU32),
    /// Not at all.
    HalfOpen,
}

impl Proxy {
    /// Listens. Connections are closed at once until [`Proxy::forward_to`] says where they go.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let (way, current) = watch::channel(Way {
            upstream: None,
            generation: 0,
            pace: Pace::Undisturbed,
        });
        let task = tokio::spawn(accept(listener, current));
        Self {
            address,
            way,
            _task: AbortOnDropHandle::new(task),
        }
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on connections go there, undisturbed. Those that are open are closed.
    pub fn forward_to(&self, upstream: SocketAddr) {
        self.way.send_modify(|way| {
            *way = Way {
                upstream: Some(upstream),
                generation: way.generation + 1,
                pace: Pace::Undisturbed,
            };
        });
    }

    /// From now on nobody is there: connections are closed, those that are open and those that come.
    pub fn cut(&self) {
        self.way.send_modify(|way| {
            way.upstream = None;
            way.generation += 1;
        });
    }

    /// Closes the connections that are open. New ones go where they went.
    pub fn cut_open(&self) {
        self.way.send_modify(|way| way.generation += 1);
    }

    /// From now on connections are accepted and kept open, those that are open stay so, and nothing gets through.
    pub fn half_open(&self) {
        self.set(Pace::HalfOpen);
    }

    /// From now on each chunk of what is sent waits for `delay`.
    pub fn delay(&self, delay: Duration) {
        self.set(Pace::Delay(delay));
    }

    /// From now on so many bytes a second get through on each connection, in each direction.
    pub fn slow(&self, bytes_per_second: u32) {
        let rate = NonZeroU32::new(bytes_per_second).expect("nothing at all is half_open");
        self.set(Pace::Slow(rate));
    }

    /// Ends [`Proxy::half_open`], [`Proxy::delay`] and [`Proxy::slow`]: what has waited gets through on the same connections.
    pub fn undisturbed(&self) {
        self.set(Pace::Undisturbed);
    }

    fn set(&self, pace: Pace) {
        self.way.send_modify(|way| way.pace = pace);
    }
}

async fn accept(listener: TcpListener, way: watch::Receiver<Way>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(forward(client, way.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn forward(client: TcpStream, mut way: watch::Receiver<Way>) {
    let generation = way.borrow_and_update().generation;
    let mut closed = way.clone();
    let until_closed = closed.wait_for(|way| way.generation != generation);
    tokio::select! {
        () = connect(client, way) => {}
        _ = until_closed => {}
    }
}

async fn connect(client: TcpStream, mut way: watch::Receiver<Way>) {
    let Some(upstream) = until_open(&mut way).await.upstream else {
        return;
    };
    let Ok(server) = TcpStream::connect(upstream).await else {
        return;
    };
    for stream in [&client, &server] {
        // Latency is measured through here.
        let _unimportant = stream.set_nodelay(true);
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::join!(
        pump(from_client, to_server, way.clone()),
        pump(from_server, to_client, way)
    );
}

/// The way, once something gets through.
async fn until_open(way: &mut watch::Receiver<Way>) -> Way {
    let open = way.wait_for(|way| way.pace != Pace::HalfOpen).await;
    let open = open.ok().map(|way| *way);
    match open {
        Some(way) => way,
        // The proxy is dropped, and this task with it.
        None => std::future::pending().await,
    }
}

/// Carries bytes in one direction until it ends.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut way: watch::Receiver<Way>,
) {
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        let Ok(read) = from.read(&mut buffer).await else {
            return;
        };
        let mut rest = buffer.get(..read).unwrap_or_default();
        let way_now = until_open(&mut way).await;
        if let Pace::Delay(delay) = way_now.pace {
            tokio::time::sleep(delay).await;
        }
        if rest.is_empty() {
            let _closed_already = to.shutdown().await;
            return;
        }
        while !rest.is_empty() {
            let (now, later) = match until_open(&mut way).await.pace {
                Pace::Slow(rate) => {
                    tokio::time::sleep(Duration::from_secs(1) / SLOW_STEPS).await;
                    let step = rate.get().div_ceil(SLOW_STEPS) as usize;
                    rest.split_at(step.min(rest.len()))
                }
                _ => (rest, &[][..]),
            };
            if to.write_all(now).await.is_err() {
                return;
            }
            rest = later;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, timeout};

    use super::*;

    /// A server that says back what it is told.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.into_split();
                    tokio::io::copy(&mut from, &mut to).await
                });
            }
        });
        address
    }

    async fn says_back(client: &mut TcpStream, text: &[u8]) -> bool {
        let mut back = vec![0; text.len()];
        client.write_all(text).await.is_ok()
            && client.read_exact(&mut back).await.is_ok()
            && back == text
    }

    #[tokio::test]
    async fn half_open_connections_stay_and_say_nothing_until_it_ends() {
        let proxy = Proxy::start().await;
        proxy.forward_to(echo().await);
        let mut old = TcpStream::connect(proxy.address()).await.unwrap();
        assert!(says_back(&mut old, b"before").await);
        proxy.half_open();
        let mut new = TcpStream::connect(proxy.address()).await.unwrap();
        for client in [&mut old, &mut new] {
            client.write_all(b"later").await.unwrap();
            let mut byte = [0];
            let read = client.read(&mut byte);
            assert!(timeout(Duration::from_millis(200), read).await.is_err());
        }
        proxy.undisturbed();
        for client in [&mut old, &mut new] {
            let mut back = [0; 5];
            client.read_exact(&mut back).await.unwrap();
            assert_eq!(&back, b"later");
        }
    }

    #[tokio::test]
    async fn delay_and_slow_take_their_time() {
        let proxy = Proxy::start().await;
        proxy.forward_to(echo().await);
        let mut client = TcpStream::connect(proxy.address()).await.unwrap();
        proxy.delay(Duration::from_millis(100));
        let begun = Instant::now();
        assert!(says_back(&mut client, b"there and back").await);
        assert!(begun.elapsed() >= Duration::from_millis(200));
        proxy.slow(1_000);
        let begun = Instant::now();
        assert!(says_back(&mut client, &[7; 500]).await);
        assert!(begun.elapsed() >= Duration::from_millis(400));
        proxy.undisturbed();
        assert!(says_back(&mut client, b"again").await);
    }

    #[tokio::test]
    async fn cut_closes_what_is_open_and_what_comes() {
        let proxy = Proxy::start().await;
        let echo = echo().await;
        proxy.forward_to(echo);
        let mut client = TcpStream::connect(proxy.address()).await.unwrap();
        assert!(says_back(&mut client, b"before").await);
        proxy.cut_open();
        assert!(!says_back(&mut client, b"after").await);
        let mut client = TcpStream::connect(proxy.address()).await.unwrap();
        assert!(says_back(&mut client, b"before").await);
        proxy.cut();
        assert!(!says_back(&mut client, b"after").await);
        let mut client = TcpStream::connect(proxy.address()).await.unwrap();
        assert!(!says_back(&mut client, b"still").await);
        proxy.forward_to(echo);
        let mut client = TcpStream::connect(proxy.address()).await.unwrap();
        assert!(says_back(&mut client, b"back").await);
    }
}
