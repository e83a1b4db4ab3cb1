//! The HTTP listener, plain or with TLS.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::{ConnectInfo, MatchedPath, Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use axum_server::{
    Handle,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use ipnet::IpNet;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span, field::Empty, info, info_span};

use crate::{
    client_address::{ClientAddress, client_address},
    config::TlsFiles,
    connections::BoundedAcceptor,
    metrics::METHODS,
};

/// How long requests under way may take once a shutdown was asked for.
const DRAIN: Duration = Duration::from_secs(10);

/// How long a client may take to agree on TLS.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a client may take to send a request's head, and to begin its first one or its next.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// A bound listener that does not serve yet.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    tls: Option<RustlsConfig>,
    trusted_proxies: Arc<[IpNet]>,
}

/// Why the listener could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is taken, or not ours.
    #[error(
        "http_listen: can't listen on {address}: {source}; set TELEVENT_HTTP_LISTEN to a free address such as 127.0.0.1:8081"
    )]
    Bind {
        /// What was asked for.
        address: SocketAddr,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The certificate or its key can't be used.
    #[error(
        "tls_cert, tls_key: can't use {cert} and {key}: {source}; both must be PEM files and belong together"
    )]
    Tls {
        /// The certificate's file.
        cert: String,
        /// The key's file.
        key: String,
        /// What is wrong with them.
        source: io::Error,
    },
}

impl Listener {
    /// Binds `address`; with TLS if there are files for it.
    ///
    /// # Errors
    /// [`ListenError`] names the configuration key.
    pub async fn bind(address: SocketAddr, tls: Option<&TlsFiles>) -> Result<Self, ListenError> {
        let bind = |source| ListenError::Bind { address, source };
        let socket = TcpListener::bind(address).map_err(bind)?;
        socket.set_nonblocking(true).map_err(bind)?;
        let address = socket.local_addr().map_err(bind)?;
        let tls = match tls {
            None => None,
            Some(files) => Some(load_tls(&files.cert, &files.key).await?),
        };
        Ok(Self {
            socket,
            address,
            tls,
            trusted_proxies: Arc::default(),
        })
    }

    /// Believes these proxies when they say on whose behalf they ask; without this, nobody.
    #[must_use]
    pub fn trusting(self, proxies: &[IpNet]) -> Self {
        Self {
            trusted_proxies: proxies.into(),
            ..self
        }
    }

    /// The bound address, with the port that the system chose if 0 was asked for.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is cancelled and the requests under way are answered. Requests have their [`ClientAddress`].
    ///
    /// # Errors
    /// When the socket fails.
    pub async fn serve(self, router: Router, shutdown: CancellationToken) -> io::Result<()> {
        info!(http.address = %self.address, tls = self.tls.is_some(), "listening");
        let handle = Handle::new();
        let stop = handle.clone();
        let stopper = tokio::spawn(async move {
            shutdown.cancelled().await;
            stop.graceful_shutdown(Some(DRAIN));
        });
        let service = router
            .layer(from_fn_with_state(self.trusted_proxies, note_client))
            .into_make_service_with_connect_info::<SocketAddr>();
        let acceptor = BoundedAcceptor::new();
        let served = match self.tls {
            Some(tls) => {
                let tls = RustlsAcceptor::new(tls)
                    .handshake_timeout(HANDSHAKE_TIMEOUT)
                    .acceptor(acceptor);
                let mut server = axum_server::from_tcp(self.socket)?
                    .acceptor(tls)
                    .first_request_timeout(HEAD_TIMEOUT)
                    .handle(handle);
                server
                    .http_builder()
                    .http1()
                    .header_read_timeout(HEAD_TIMEOUT);
                server.serve(service).await
            }
            None => {
                let mut server = axum_server::from_tcp(self.socket)?
                    .acceptor(acceptor)
                    .first_request_timeout(HEAD_TIMEOUT)
                    .handle(handle);
                server
                    .http_builder()
                    .http1()
                    .header_read_timeout(HEAD_TIMEOUT);
                server.serve(service).await
            }
        };
        stopper.abort();
        served
    }
}

async fn note_client(
    State(trusted): State<Arc<[IpNet]>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let client = client_address(peer.ip(), request.headers(), &trusted);
    request.extensions_mut().insert(ClientAddress(client));
    let span = request_span(&request);
    async {
        let response = next.run(request).await;
        let status = response.status();
        let span = Span::current();
        span.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            span.record("otel.status_code", "ERROR");
        }
        response
    }
    .instrument(span)
    .await
}

/// What is asked for all the time, by machines.
const NOT_TRACED: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// The span of a request, by OpenTelemetry's conventions for HTTP: with the route and not the path, which names people and what they
/// have written, or is a secret. It begins a trace, whatever the caller says of its own.
fn request_span(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map(MatchedPath::as_str);
    if route.is_some_and(|route| NOT_TRACED.contains(&route)) {
        return Span::none();
    }
    let method = known_method(request.method().as_str());
    info_span!(
        parent: None,
        "request",
        otel.name = format!("{method} {}", route.unwrap_or_default()),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
    )
}

/// The method, or `_OTHER`: anybody can send whatever they like.
fn known_method(method: &str) -> &'static str {
    METHODS
        .iter()
        .copied()
        // Nobody answers it; but it is a method that everybody knows.
        .chain(["PATCH"])
        .find(|known| *known == method)
        .unwrap_or("_OTHER")
}

async fn load_tls(cert: &Path, key: &Path) -> Result<RustlsConfig, ListenError> {
    // Every TLS user in the process shares ring; a second call finds it installed.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    RustlsConfig::from_pem_file(cert, key)
        .await
        .map_err(|source| ListenError::Tls {
            cert: cert.display().to_string(),
            key: key.display().to_string(),
            source,
        })
}
