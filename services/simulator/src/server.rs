//! Start and stop: the socket, the router and the three background tasks, all of them tracked.

use crate::{app::App, control, http, page, persist, webhook};
use axum::{
    Router,
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};
use tokio_util::task::TaskTracker;

/// How long `stop` waits for open calls before it drops them.
const STOP_TIMEOUT: Duration = Duration::from_secs(3);

/// Where the simulator listens and who its bot is.
#[derive(Debug, Clone)]
pub struct SimulatorConfig {
    /// A loopback address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The only token that is accepted, `<bot id>:<secret>`.
    pub token: String,
    /// Username of the bot, without `@`.
    pub bot_username: String,
    /// Where chats, people and counters live over restarts; `None` forgets them.
    pub state_file: Option<PathBuf>,
}

/// Why the simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The control API has no authentication, so it must not leave the machine.
    #[error("the simulator listens on loopback only, not on {0}")]
    NotLoopback(SocketAddr),
    /// The token is empty or would not fit into a path.
    #[error("the bot token must be non-empty and without slashes or spaces")]
    Token,
    /// The address is taken or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// The configured address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The state file exists and cannot be read.
    #[error("cannot read the state file {path}")]
    StateFile {
        /// The configured path.
        path: PathBuf,
        /// What was wrong with it.
        source: io::Error,
    },
    /// The HTTP client for webhooks could not be built.
    #[error("cannot build the HTTP client for webhooks")]
    Client(#[source] reqwest::Error),
}

/// A running simulator. `stop` ends it in order; dropping it ends its tasks too, without waiting for them.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    app: Arc<App>,
    tasks: TaskTracker,
    saver: TaskTracker,
}

/// Whether a token can stand in the path of a call.
pub(crate) fn fits_into_path(token: &str) -> bool {
    !token.is_empty() && !token.contains(['/', '?', '#', ' ', '%'])
}

impl Simulator {
    /// Loads the state file, listens and serves.
    pub async fn start(config: SimulatorConfig) -> Result<Self, SimulatorError> {
        if !config.listen.ip().is_loopback() {
            return Err(SimulatorError::NotLoopback(config.listen));
        }
        if !fits_into_path(&config.token) {
            return Err(SimulatorError::Token);
        }
        let saved = match &config.state_file {
            Some(path) => persist::load(path).map_err(|source| SimulatorError::StateFile {
                path: path.clone(),
                source,
            })?,
            None => None,
        };
        let client = webhook::client().map_err(SimulatorError::Client)?;
        let listen_error = |source| SimulatorError::Listen {
            address: config.listen,
            source,
        };
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;

        let app = Arc::new(App::new(config.token, config.bot_username, saved));
        let (tasks, saver) = (TaskTracker::new(), TaskTracker::new());
        let router = Router::new()
            .merge(page::router())
            .nest("/_sim", control::router())
            .fallback(http::bot_api)
            .with_state(Arc::clone(&app))
            .into_make_service_with_connect_info::<KillSwitch>();
        let stopping = app.stopping.clone();
        tasks.spawn(async move {
            let serve = axum::serve(KillableListener(listener), router)
                .with_graceful_shutdown(stopping.clone().cancelled_owned());
            let give_up = async {
                stopping.cancelled().await;
                tokio::time::sleep(STOP_TIMEOUT).await;
            };
            tokio::select! {
                _ = serve.into_future() => {}
                () = give_up => {}
            }
        });
        tasks.spawn(webhook::run(Arc::clone(&app), client));
        if let Some(path) = config.state_file {
            saver.spawn(persist::run(Arc::clone(&app), path));
        }
        tasks.close();
        saver.close();
        tracing::info!(%address, "Bot API simulator is listening");
        Ok(Self {
            address,
            app,
            tasks,
            saver,
        })
    }

    /// The address that it listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The base URL, for use as the bot's API URL and for the page.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends open polls and streams, saves the state and waits for the tasks.
    pub async fn stop(self) {
        self.app.stopping.cancel();
        self.tasks.wait().await;
        // A call that was still under way is saved too.
        self.app.quiet.cancel();
        self.saver.wait().await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.app.stopping.cancel();
        self.app.quiet.cancel();
    }
}

/// Closes the connection of one call without an answer, for the fault "answer lost after the effect".
#[derive(Debug, Clone, Default)]
pub(crate) struct KillSwitch(Arc<AtomicBool>);

impl KillSwitch {
    /// From now on nothing is written to this connection any more.
    pub(crate) fn kill(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Connected<IncomingStream<'_, KillableListener>> for KillSwitch {
    fn connect_info(stream: IncomingStream<'_, KillableListener>) -> Self {
        stream.io().switch.clone()
    }
}

struct KillableListener(TcpListener);

impl Listener for KillableListener {
    type Io = KillableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Small answers at once: tests measure the round trip.
        let _ = stream.set_nodelay(true);
        (
            KillableStream {
                stream,
                switch: KillSwitch::default(),
            },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

struct KillableStream {
    stream: TcpStream,
    switch: KillSwitch,
}

impl KillableStream {
    fn check(&self) -> io::Result<()> {
        if self.switch.0.load(Ordering::SeqCst) {
            return Err(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "closed by a fault",
            ));
        }
        Ok(())
    }
}

impl AsyncRead for KillableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for KillableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
