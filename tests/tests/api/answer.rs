//! An answer of the router as text, and how answers should look.

use std::fmt::Write as _;

use anyhow::Result;
use axum::{body::Body, http::Response};
use http_body_util::BodyExt as _;

/// The `DAV` header of each answer.
pub const DAV_CLASSES: &str = "1, 3, access-control, extended-mkcol, calendar-access, calendar-auto-schedule, inbox-availability, calendarserver-principal-search";

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Sorted.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub async fn read(response: Response<Body>) -> Result<Self> {
        let (parts, body) = response.into_parts();
        let mut headers = Vec::new();
        for (name, value) in &parts.headers {
            headers.push((name.as_str().to_owned(), value.to_str()?.to_owned()));
        }
        headers.sort();
        Ok(Self {
            status: parts.status.as_u16(),
            headers,
            body: body.collect().await?.to_bytes().to_vec(),
        })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name)?;
        Some(&found.1)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The hrefs of the responses.
    pub fn hrefs(&self) -> Vec<String> {
        self.all_between("<d:response><d:href>", "</d:href>")
    }

    /// What stands between each `start` and the next `end`.
    pub fn all_between(&self, start: &str, end: &str) -> Vec<String> {
        let text = self.text();
        let pieces = text.split(start).skip(1);
        pieces
            .filter_map(|piece| Some(piece.split_once(end)?.0.to_owned()))
            .collect()
    }

    /// Status, headers and body. The `DAV` header and the length are left out where they are as they should be. XML
    /// has a line for each element.
    pub fn shown(&self) -> String {
        let mut shown = format!("{}\n", self.status);
        for (name, value) in &self.headers {
            let as_it_should_be = match name.as_str() {
                "dav" => value == DAV_CLASSES,
                "vary" => value == "accept-encoding",
                "content-length" => *value == self.body.len().to_string(),
                _ => false,
            };
            if !as_it_should_be {
                // Writing to a text can't fail.
                let _ = writeln!(shown, "{name}: {value}");
            }
        }
        let body = self.text();
        if !body.is_empty() {
            shown.push('\n');
            shown.push_str(body.replace("><", ">\n<").trim_end());
        }
        shown.trim_end().to_owned()
    }
}

const XMLNS: &str = "xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\" xmlns:cs=\"http://calendarserver.org/ns/\" \
     xmlns:a=\"http://apple.com/ns/ical/\"";

/// The answer that names a violated precondition.
pub fn violated(status: u16, condition: &str, why: &str) -> String {
    format!(
        "{status}\ncontent-type: application/xml; charset=utf-8\n\n{}",
        document(
            "d:error",
            &format!("{condition}\n<d:responsedescription>{why}</d:responsedescription>\n")
        )
    )
}

/// A whole multistatus with these responses in it.
pub fn multistatus(responses: &str) -> String {
    let responses = if responses.is_empty() {
        String::new()
    } else {
        format!("{responses}\n")
    };
    format!(
        "207\ncontent-type: application/xml; charset=utf-8\nvary: Brief, Prefer\n\n{}",
        document("d:multistatus", &responses)
    )
}

/// A document as [`Answer::shown`] has it.
pub fn document(root: &str, inner: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<{root} {XMLNS}>\n{inner}</{root}>")
}

/// A `DAV:response`: properties that are there, and the names of those that are not. One of the two is not empty, or both are.
pub fn response(href: &str, found: &str, missing: &str) -> String {
    let mut propstats = String::new();
    if !found.is_empty() || missing.is_empty() {
        propstats.push_str(&propstat(found, "200 OK"));
    }
    if !missing.is_empty() {
        propstats.push_str(&propstat(missing, "404 Not Found"));
    }
    format!("<d:response>\n<d:href>{href}</d:href>\n{propstats}</d:response>")
}

/// The `DAV:response` for what is not there, or not any more.
pub fn gone(href: &str) -> String {
    format!(
        "<d:response>\n<d:href>{href}</d:href>\n<d:status>HTTP/1.1 404 Not Found</d:status>\n</d:response>"
    )
}

/// A `DAV:propstat` with its line ending.
pub fn propstat(properties: &str, status: &str) -> String {
    let properties = if properties.is_empty() {
        String::new()
    } else {
        format!("{properties}\n")
    };
    format!(
        "<d:propstat>\n<d:prop>\n{properties}</d:prop>\n<d:status>HTTP/1.1 {status}</d:status>\n</d:propstat>\n"
    )
}
