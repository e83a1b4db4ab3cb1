//! What headers and properties both say of a calendar object resource.

use axum::http::HeaderValue;
use chrono::{DateTime, Utc};

/// `Content-Type` and `getcontenttype` of an object that holds `component`.
pub(crate) fn content_type(component: &str) -> String {
    format!("text/calendar; charset=utf-8; component={component}")
}

/// `Last-Modified` and `getlastmodified`: an HTTP date (RFC 9110 section 5.6.7).
pub(crate) fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A tag of ours as it stands in `ETag` and `Schedule-Tag`.
pub(crate) fn quoted(tag: &str) -> HeaderValue {
    HeaderValue::try_from(format!("\"{tag}\"")).expect("tags are hexadecimal digits")
}
