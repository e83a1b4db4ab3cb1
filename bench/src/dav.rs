//! What calendar apps ask, as bytes, and what must be in the answers. It knows only CalDAV, so that every server can be asked.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use memchr::memmem;

use crate::{
    events,
    http::{Answer, Connection},
    people::Account,
};

const POLL: &str = r#"<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:" xmlns:CS="http://calendarserver.org/ns/"><prop><CS:getctag/><sync-token/></prop></propfind>"#;

/// A calendar at a server, and who asks.
#[derive(Clone, Debug)]
pub struct Target {
    /// Of the server.
    pub address: SocketAddr,
    /// Who asks.
    pub account: Account,
    /// The path of the calendar, with a slash at its end.
    pub calendar: String,
}

impl Target {
    /// A request for something in the calendar; for the calendar itself with an empty name.
    #[must_use]
    pub fn request(&self, method: &str, name: &str, headers: &str, body: &str) -> Vec<u8> {
        format!(
            "{method} {}{name} HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nUser-Agent: televent-bench\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            self.calendar,
            self.address,
            self.account.authorization,
            body.len()
        )
        .into_bytes()
    }

    /// Asks for the calendar's ctag and sync token.
    #[must_use]
    pub fn poll(&self) -> Vec<u8> {
        self.request(
            "PROPFIND",
            "",
            "Depth: 0\r\nContent-Type: application/xml\r\n",
            POLL,
        )
    }

    /// Fetches an event.
    #[must_use]
    pub fn get(&self, name: &str) -> Vec<u8> {
        self.request("GET", name, "", "")
    }

    /// Stores an event; a new one only if nothing is there.
    #[must_use]
    pub fn put(&self, name: &str, object: &str, is_new: bool) -> Vec<u8> {
        let headers = if is_new {
            "Content-Type: text/calendar; charset=utf-8\r\nIf-None-Match: *\r\n"
        } else {
            "Content-Type: text/calendar; charset=utf-8\r\n"
        };
        self.request("PUT", name, headers, object)
    }

    /// Asks what has changed since a token; for everything with an empty one.
    #[must_use]
    pub fn sync(&self, token: &str) -> Vec<u8> {
        self.report(&format!(
            r#"<sync-collection xmlns="DAV:"><sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>"#
        ))
    }

    /// Fetches several events.
    #[must_use]
    pub fn multiget<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<u8> {
        let mut hrefs = String::new();
        for name in names {
            for part in ["<href>", &self.calendar, name, "</href>"] {
                hrefs.push_str(part);
            }
        }
        self.report(&format!(
            r#"<C:calendar-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/><C:calendar-data/></prop>{hrefs}</C:calendar-multiget>"#
        ))
    }

    /// Asks for the events of a time, with their data.
    #[must_use]
    pub fn time_range(&self, start: &str, end: &str) -> Vec<u8> {
        self.report(&format!(
            r#"<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/><C:calendar-data/></prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="{start}" end="{end}"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"#
        ))
    }

    fn report(&self, body: &str) -> Vec<u8> {
        self.request(
            "REPORT",
            "",
            "Depth: 1\r\nContent-Type: application/xml\r\n",
            body,
        )
    }

    /// Makes the calendar.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn make(&self) -> Result<()> {
        let mut connection = Connection::new(self.address);
        let request = self.request("MKCALENDAR", "", "", "");
        connection.send(&request).await?.expect(&[201])
    }

    /// The marks of the calendar as they are now.
    ///
    /// # Errors
    /// When the server does not tell them.
    pub async fn marks(&self, connection: &mut Connection) -> Result<Marks> {
        let answer = connection.send(&self.poll()).await?;
        Marks::read(&answer)
    }
}

/// What changes with every change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// `getctag`.
    pub ctag: String,
    /// `sync-token`.
    pub sync_token: String,
}

impl Marks {
    /// Out of the answer to [`Target::poll`].
    ///
    /// # Errors
    /// When they are not in it.
    pub fn read(answer: &Answer<'_>) -> Result<Self> {
        answer.expect(&[207])?;
        let mark = |name: &str| {
            element(answer.body, name)
                .filter(|text| !text.is_empty())
                .with_context(|| format!("there is no {name}: {}", answer.text()))
        };
        Ok(Self {
            ctag: mark("getctag")?,
            sync_token: mark("sync-token")?,
        })
    }
}

/// The text of the first element of a name, whatever its prefix.
#[must_use]
pub fn element(body: &[u8], name: &str) -> Option<String> {
    let mut rest = body;
    loop {
        let at = memmem::find(rest, name.as_bytes())?;
        let before = at.checked_sub(1).and_then(|before| rest.get(before));
        let after = rest.get(at + name.len()..)?;
        let opens =
            matches!(before, Some(b'<' | b':')) && matches!(after.first(), Some(b'>' | b' '));
        if opens {
            let start = memchr::memchr(b'>', after)? + 1;
            let end = start + memchr::memchr(b'<', after.get(start..)?)?;
            return Some(String::from_utf8_lossy(after.get(start..end)?).into_owned());
        }
        rest = after;
    }
}

/// How often something stands in a body.
#[must_use]
pub fn count(body: &[u8], what: &str) -> usize {
    memmem::find_iter(body, what).count()
}

/// Checks that a multistatus has exactly so many events with their data.
///
/// # Errors
/// How many it has instead.
pub fn expect_objects(answer: &Answer<'_>, expected: usize) -> Result<()> {
    answer.expect(&[207])?;
    let found = count(answer.body, "BEGIN:VCALENDAR");
    ensure!(found == expected, "{found} objects instead of {expected}");
    Ok(())
}

/// Checks that a multistatus has exactly these events.
///
/// # Errors
/// Which one is missing, or how many there are instead.
pub fn expect_events(answer: &Answer<'_>, numbers: &[usize]) -> Result<()> {
    expect_objects(answer, numbers.len())?;
    for number in numbers {
        let uid = events::uid(*number);
        ensure!(
            memmem::find(answer.body, format!("UID:{uid}").as_bytes()).is_some(),
            "{uid} is missing"
        );
    }
    Ok(())
}
