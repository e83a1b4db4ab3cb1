//! An HTTP/1.1 client that costs little: one connection, its buffers used again, no request built anew that can be kept.
//! A client library would take as much CPU as the server on some paths, on processors that both share.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Most headers of an answer.
const MAX_HEADERS: usize = 64;

/// How much is read at once.
const READ_BYTES: usize = 64 * 1024;

/// A connection, which is made again when the server closes it after an answer.
#[derive(Debug)]
pub struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    /// As it came: the head, and a body that is not in chunks.
    input: Vec<u8>,
    /// A body that came in chunks.
    joined: Vec<u8>,
}

/// An answer, in the buffers of its connection.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// Status code.
    pub status: u16,
    head: &'a [u8],
    /// The whole body.
    pub body: &'a [u8],
}

/// Where a body ends.
enum Framing {
    Length(usize),
    Chunks,
    Close,
}

struct Head {
    status: u16,
    bytes: usize,
    framing: Framing,
    closes: bool,
}

impl Connection {
    /// To a server; nothing is opened yet.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
            input: Vec::with_capacity(READ_BYTES),
            joined: Vec::new(),
        }
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// When the connection breaks, or what comes is not HTTP/1.
    pub async fn send(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        stream.write_all(request).await?;
        self.input.clear();
        let head = loop {
            let read = stream.read_buf(&mut self.input).await?;
            ensure!(read > 0, "the server closed the connection");
            if let Some(head) = parse_head(&self.input)? {
                break head;
            }
        };
        let is_joined = self.read_body(&mut stream, &head).await?;
        if !head.closes {
            self.stream = Some(stream);
        }
        let (bytes, rest) = self.input.split_at(head.bytes);
        Ok(Answer {
            status: head.status,
            head: bytes,
            body: if is_joined { &self.joined } else { rest },
        })
    }

    /// Returns whether the body is in `joined`.
    async fn read_body(&mut self, stream: &mut TcpStream, head: &Head) -> Result<bool> {
        match head.framing {
            Framing::Length(length) => {
                let end = head.bytes + length;
                self.input.reserve(end.saturating_sub(self.input.len()));
                while self.input.len() < end {
                    let read = stream.read_buf(&mut self.input).await?;
                    ensure!(read > 0, "the answer was cut off");
                }
                Ok(false)
            }
            Framing::Close => {
                while stream.read_buf(&mut self.input).await? > 0 {}
                Ok(false)
            }
            Framing::Chunks => {
                self.joined.clear();
                let mut at = head.bytes;
                loop {
                    let found =
                        httparse::parse_chunk_size(self.input.get(at..).unwrap_or_default());
                    let (line, size) = match found {
                        Ok(httparse::Status::Complete((line, size))) => {
                            (line, usize::try_from(size)?)
                        }
                        Ok(httparse::Status::Partial) => {
                            self.read_more(stream).await?;
                            continue;
                        }
                        Err(_) => bail!("a chunk has no size"),
                    };
                    let start = at + line;
                    // CRLF follows each chunk, and the last one, which is empty, as we send no trailers.
                    while self.input.len() < start + size + 2 {
                        self.read_more(stream).await?;
                    }
                    let chunk = self.input.get(start..start + size);
                    self.joined.extend_from_slice(chunk.unwrap_or_default());
                    at = start + size + 2;
                    if size == 0 {
                        return Ok(true);
                    }
                }
            }
        }
    }

    async fn read_more(&mut self, stream: &mut TcpStream) -> Result<()> {
        self.input.reserve(READ_BYTES);
        let read = stream.read_buf(&mut self.input).await?;
        ensure!(read > 0, "the answer was cut off");
        Ok(())
    }
}

impl Answer<'_> {
    /// A header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = std::str::from_utf8(self.head).ok()?;
        let mut fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let (_, value) = fields.find(|(field, _)| field.eq_ignore_ascii_case(name))?;
        Some(value.trim())
    }

    /// The body as text; what is not UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.body).into_owned()
    }

    /// Says that the status is another one than wanted.
    ///
    /// # Errors
    /// With the beginning of the body.
    pub fn expect(&self, statuses: &[u16]) -> Result<()> {
        if statuses.contains(&self.status) {
            return Ok(());
        }
        let text: String = self.text().chars().take(300).collect();
        bail!(
            "the answer was {} instead of {statuses:?}: {text}",
            self.status
        )
    }
}

fn parse_head(input: &[u8]) -> Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(bytes) = response.parse(input)? else {
        return Ok(None);
    };
    let status = response.code.context("an answer without status")?;
    let mut closes = response.version == Some(0);
    let mut framing = match status {
        204 | 304 => Framing::Length(0),
        _ => Framing::Close,
    };
    for header in response.headers.iter() {
        let value = std::str::from_utf8(header.value).unwrap_or_default();
        if header.name.eq_ignore_ascii_case("content-length") {
            framing = Framing::Length(value.trim().parse()?);
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            framing = Framing::Chunks;
        } else if header.name.eq_ignore_ascii_case("connection") {
            closes = value.eq_ignore_ascii_case("close");
        }
    }
    Ok(Some(Head {
        status,
        bytes,
        closes: closes || matches!(framing, Framing::Close),
        framing,
    }))
}
