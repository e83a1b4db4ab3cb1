//! Bounds on what clients may hold: how many connections are open, and how slowly an answer may be read.

use std::{
    future::{Ready, ready},
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready as when_ready},
    time::Duration,
};

use axum_server::accept::Accept;
use metrics::{counter, gauge};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep, sleep_until},
};

/// Connections of clients that are open at once. Leaves room for our own under the usual limit of 1,024 open files.
const MAX_CONNECTIONS: usize = 800;

/// While an answer waits for its reader, at least so much of it must be taken in [`READ_WINDOW`]: two kilobytes a second.
const READ_BYTES: usize = 64 * 1024;

/// See [`READ_BYTES`].
const READ_WINDOW: Duration = Duration::from_secs(30);

/// Accepts connections within the bounds.
#[derive(Clone, Debug)]
pub(crate) struct BoundedAcceptor {
    free: Arc<Semaphore>,
    pace: Pace,
}

/// How fast an answer must be read.
#[derive(Clone, Copy, Debug)]
struct Pace {
    bytes: usize,
    window: Duration,
}

impl BoundedAcceptor {
    pub(crate) fn new() -> Self {
        Self {
            free: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
            pace: Pace {
                bytes: READ_BYTES,
                window: READ_WINDOW,
            },
        }
    }
}

impl<S> Accept<TcpStream, S> for BoundedAcceptor {
    type Stream = Bounded<TcpStream>;
    type Service = S;
    type Future = Ready<io::Result<(Self::Stream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let Ok(place) = Arc::clone(&self.free).try_acquire_owned() else {
            counter!("televent_http_connections_refused_total").increment(1);
            return ready(Err(io::Error::other("too many connections are open")));
        };
        ready(Ok((
            Bounded::new(stream, self.pace, Some(Place::new(place))),
            service,
        )))
    }
}

/// One of the connections, in the gauge.
#[derive(Debug)]
struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Place {
    fn new(permit: OwnedSemaphorePermit) -> Self {
        gauge!("televent_http_connections").increment(1);
        Self { _permit: permit }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        gauge!("televent_http_connections").decrement(1);
    }
}

/// A connection whose writes fail once its peer reads too slowly.
#[derive(Debug)]
pub(crate) struct Bounded<S> {
    stream: S,
    pace: Pace,
    /// While something waits to be read: until when how many bytes must have gone.
    due: Option<Due>,
    _place: Option<Place>,
}

#[derive(Debug)]
struct Due {
    at: Pin<Box<Sleep>>,
    bytes_left: usize,
}

impl<S> Bounded<S> {
    fn new(stream: S, pace: Pace, place: Option<Place>) -> Self {
        Self {
            stream,
            pace,
            due: None,
            _place: place,
        }
    }

    /// Judges a write of `wanted` bytes by what came of it.
    fn judge(
        &mut self,
        cx: &mut Context<'_>,
        wanted: usize,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(bytes)) if *bytes == wanted => {
                self.due = None;
                return written;
            }
            Poll::Ready(Err(_)) => return written,
            _ => {}
        }
        let window = self.pace.window;
        let due = self.due.get_or_insert_with(|| Due {
            at: Box::pin(sleep_until(Instant::now() + window)),
            bytes_left: self.pace.bytes,
        });
        if let Poll::Ready(Ok(bytes)) = &written {
            due.bytes_left = due.bytes_left.saturating_sub(*bytes);
            if due.bytes_left == 0 {
                due.bytes_left = self.pace.bytes;
                due.at.as_mut().reset(Instant::now() + window);
            }
            return written;
        }
        when_ready!(due.at.as_mut().poll(cx));
        counter!("televent_http_slow_readers_total").increment(1);
        Poll::Ready(Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the client reads too slowly",
        )))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.judge(cx, bytes.len(), written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wanted = parts.iter().map(|part| part.len()).sum();
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.judge(cx, wanted, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    const PACE: Pace = Pace {
        bytes: 100,
        window: Duration::from_millis(200),
    };

    #[tokio::test]
    async fn reader_that_has_stopped_is_given_up() {
        let (server, _client) = duplex(50);
        let mut server = Bounded::new(server, PACE, None);
        let begun = Instant::now();
        let error = server.write_all(&[7; 200]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(begun.elapsed() >= PACE.window);
    }

    #[tokio::test]
    async fn reader_that_takes_a_byte_now_and_then_is_given_up() {
        let (server, mut client) = duplex(50);
        let mut server = Bounded::new(server, PACE, None);
        let reading = tokio::spawn(async move {
            while client.read_u8().await.is_ok() {
                tokio::time::sleep(PACE.window / 10).await;
            }
        });
        assert!(server.write_all(&[7; 2_000]).await.is_err());
        reading.abort();
    }

    #[tokio::test]
    async fn slow_reader_and_quiet_connection_are_not() {
        let (server, mut client) = duplex(50);
        let mut server = Bounded::new(server, PACE, None);
        let reading = tokio::spawn(async move {
            let mut part = [0; 25];
            while client.read_exact(&mut part).await.is_ok() {
                tokio::time::sleep(PACE.window / 10).await;
            }
        });
        for _ in 0..3 {
            let begun = Instant::now();
            server.write_all(&[7; 1_000]).await.unwrap();
            assert!(begun.elapsed() > PACE.window * 2);
            // As between two requests on one connection.
            tokio::time::sleep(PACE.window * 2).await;
        }
        reading.abort();
    }
}
