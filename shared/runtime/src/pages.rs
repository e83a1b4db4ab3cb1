//! The headers that keep an answer for people to where it belongs.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};

/// How long a page that is for anybody may be kept, in seconds: a change of the server's configuration is seen soon.
const PUBLIC_PAGE_MAX_AGE: &str = "public, max-age=300";

/// On every answer for people: it is not guessed what it is, not framed, not shared with the window that opened it or with
/// other sites, says to nobody where the reader comes from, and may copy to the clipboard, but nothing else that asks.
const PROTECTION: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), clipboard-read=(), clipboard-write=(self), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Whom an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// It shows no secret.
    Anybody,
    /// What it shows, or where it stands, is a secret.
    One,
}

/// Keeps an answer to where it belongs; a secret one out of caches and search engines, too.
pub fn protect(response: &mut Response, reader: Reader) {
    let headers = response.headers_mut();
    for (name, value) in PROTECTION {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let caching = match reader {
        Reader::Anybody => PUBLIC_PAGE_MAX_AGE,
        Reader::One => {
            headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
            "no-store"
        }
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
}
