//! Basic authentication (RFC 7617), as far as its header goes.

use axum::http::{HeaderMap, header};
use data_encoding::BASE64;

/// Longest `Authorization` header that is looked at.
const MAX_AUTHORIZATION_BYTES: usize = 512;

/// Username and password of a request with these headers.
#[must_use]
pub fn basic_credentials_of(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?;
    basic_credentials(value.to_str().ok()?)
}

/// Username and password of an `Authorization` header.
#[must_use]
pub fn basic_credentials(header: &str) -> Option<(String, String)> {
    if header.len() > MAX_AUTHORIZATION_BYTES {
        return None;
    }
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64.decode(encoded.trim().as_bytes()).ok()?;
    let (username, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((username.to_owned(), password.to_owned()))
}
