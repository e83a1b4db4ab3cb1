//! Through a real socket: what the router alone does not show.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use reqwest::{Client, Method, header::HeaderMap};
use televent_runtime::listener::Listener;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    answer::DAV_CLASSES,
    support::{CALENDAR, EVENT, Ground, etag, object},
};

const LIMIT: usize = 1024 * 1024;

/// A server on a free port, until it is dropped.
struct Server {
    ground: Ground,
    address: SocketAddr,
    client: Client,
    _stop: DropGuard,
}

impl Server {
    async fn start() -> Result<Self> {
        let ground = Ground::new().await?;
        let listener = Listener::bind("127.0.0.1:0".parse()?, None).await?;
        let address = listener.address();
        let shutdown = CancellationToken::new();
        tokio::spawn(listener.serve(ground.router.clone(), shutdown.clone()));
        Ok(Self {
            ground,
            address,
            client: Client::builder().no_proxy().build()?,
            _stop: shutdown.drop_guard(),
        })
    }

    async fn send(&self, method: &str, path: &str, body: String) -> Result<reqwest::Response> {
        let request = self
            .client
            .request(
                Method::from_bytes(method.as_bytes())?,
                format!("http://{}{path}", self.address),
            )
            .header("authorization", &self.ground.ann)
            .header("depth", "0")
            .body(body);
        Ok(request.send().await?)
    }

    /// Writes `head` and `body`, and reads the answer up to the end of its `DAV:error`.
    async fn refused(&self, head: &str, body: &[u8]) -> Result<String> {
        let mut socket = TcpStream::connect(self.address).await?;
        let authorization = &self.ground.ann;
        let head = format!(
            "PUT {EVENT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n{head}\r\n\r\n"
        );
        socket.write_all(head.as_bytes()).await?;
        socket.write_all(body).await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"</d:error>") {
            let read = socket.read_buf(&mut answer).await?;
            anyhow::ensure!(
                read > 0,
                "the answer ends early: {}",
                String::from_utf8_lossy(&answer)
            );
        }
        Ok(String::from_utf8(answer)?)
    }
}

/// What HEAD and GET must have in common: a body that is sent as it is written has no length, and HEAD has no body.
fn of_the_resource(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    headers.remove("date");
    headers.remove("transfer-encoding");
    headers
}

#[tokio::test]
async fn head_is_get_without_the_body() -> Result<()> {
    let server = Server::start().await?;
    let body = object("uid-a", "");
    assert_eq!(server.send("PUT", EVENT, body.clone()).await?.status(), 201);
    let get = server.send("GET", EVENT, String::new()).await?;
    let head = server.send("HEAD", EVENT, String::new()).await?;
    assert_eq!(
        (get.status(), head.status()),
        (200.try_into()?, 200.try_into()?)
    );
    assert_eq!(
        of_the_resource(head.headers()),
        of_the_resource(get.headers())
    );
    let header = |name: &str| {
        head.headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    assert_eq!(header("content-length"), Some(body.len().to_string()));
    assert_eq!(header("etag"), Some(etag(&body)));
    assert_eq!(get.text().await?, body);
    assert_eq!(head.text().await?, "");

    for path in ["/dav/calendars/1001/default/none.ics", CALENDAR, "/"] {
        let get = server.send("GET", path, String::new()).await?;
        let head = server.send("HEAD", path, String::new()).await?;
        assert_eq!(head.status(), get.status(), "{path}");
        assert_eq!(
            of_the_resource(head.headers()),
            of_the_resource(get.headers()),
            "{path}"
        );
        assert_eq!(head.text().await?, "", "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn announced_body_over_the_limit_is_refused_before_it_is_sent() -> Result<()> {
    let server = Server::start().await?;
    let answer = server
        .refused(
            &format!("Expect: 100-continue\r\nContent-Length: {}", LIMIT + 1),
            b"",
        )
        .await?;
    assert!(
        answer.starts_with("HTTP/1.1 413 Payload Too Large\r\n"),
        "{answer}"
    );
    assert!(answer.contains("<c:max-resource-size/>"), "{answer}");
    Ok(())
}

#[tokio::test]
async fn chunked_body_over_the_limit_is_refused_when_it_passes_it() -> Result<()> {
    let server = Server::start().await?;
    let mut body = format!("{:x}\r\n", LIMIT + 1).into_bytes();
    body.resize(body.len() + LIMIT + 1, b'x');
    let answer = server.refused("Transfer-Encoding: chunked", &body).await?;
    assert!(
        answer.starts_with("HTTP/1.1 413 Payload Too Large\r\n"),
        "{answer}"
    );
    assert!(answer.contains("<c:max-resource-size/>"), "{answer}");
    assert_eq!(server.ground.get(EVENT).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn chunked_body_within_the_limit_is_stored() -> Result<()> {
    let server = Server::start().await?;
    let mut socket = TcpStream::connect(server.address).await?;
    let (first, second) = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEV",
        "ENT\r\nUID:c\r\nDTSTART:20260105\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    );
    let request = format!(
        "PUT {EVENT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
        server.ground.ann,
        first.len(),
        second.len()
    );
    socket.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await?;
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    assert_eq!(
        server.ground.get(EVENT).await?.text(),
        format!("{first}{second}")
    );
    Ok(())
}

#[tokio::test]
async fn body_that_breaks_off_is_not_stored() -> Result<()> {
    let server = Server::start().await?;
    let body = object("uid-a", "");
    let mut socket = TcpStream::connect(server.address).await?;
    let request = format!(
        "PUT {EVENT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {}\r\nContent-Length: {}\r\n\r\n{body}",
        server.ground.ann,
        body.len() + 1
    );
    socket.write_all(request.as_bytes()).await?;
    socket.shutdown().await?;
    // Whatever it is told, it is over when the server has closed the connection.
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await?;
    assert!(
        !answer.starts_with(b"HTTP/1.1 2"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    assert_eq!(server.ground.get(EVENT).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn redirect_is_followed_by_an_app_that_knows_the_host_alone() -> Result<()> {
    let server = Server::start().await?;
    let answer = server
        .send("OPTIONS", "/.well-known/caldav", String::new())
        .await?;
    assert_eq!(
        (answer.status(), answer.url().path()),
        (200.try_into()?, "/dav/")
    );
    let classes = answer.headers().get("dav").context("the DAV header")?;
    assert_eq!(classes, DAV_CLASSES);
    Ok(())
}
