//! OPTIONS (RFC 9110 section 9.3.7), and which methods have a meaning where.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::path::DavPath;

/// The compliance classes of the `DAV` header (RFC 4918 section 10.1, RFC 4791 section 5.1).
pub(crate) const DAV_CLASSES: &str = "1, 3, calendar-access";

/// `Allow` for URLs that name nothing.
pub(crate) const ALLOWED_ON_NOTHING: &str = "OPTIONS";

const ALLOWED_ON_OBJECT: &str = "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND";
const ALLOWED_ON_COLLECTION: &str = "OPTIONS, PROPFIND";

/// The value of `Allow`.
pub(crate) const fn allowed(path: &DavPath) -> &'static str {
    match path {
        DavPath::Object { .. } => ALLOWED_ON_OBJECT,
        _ => ALLOWED_ON_COLLECTION,
    }
}

pub(crate) fn options(path: &DavPath) -> Response {
    (StatusCode::OK, [(header::ALLOW, allowed(path))]).into_response()
}
