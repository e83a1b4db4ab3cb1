//! OPTIONS (RFC 9110 section 9.3.7), and which methods have a meaning where.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::path::DavPath;

/// The compliance classes of the `DAV` header: RFC 4918 section 10.1, RFC 3744 section 7.2, RFC 4791 section 5.1, RFC 5689
/// section 3, RFC 6638 section 2, and Apple's search for people. Calendar apps show "Invitees" only for
/// `calendar-auto-schedule`, and leave sending invitations to the server then. `inbox-availability` is how Apple's apps know
/// that the inbox has CALDAV:calendar-availability; `calendar-availability` (RFC 7953 section 7.2.1) would also promise
/// calendars that hold VAVAILABILITYs, and there are none.
pub(crate) const DAV_CLASSES: &str = "1, 3, access-control, extended-mkcol, calendar-access, calendar-auto-schedule, inbox-availability, calendarserver-principal-search";

/// `Allow` for URLs that name nothing.
pub(crate) const ALLOWED_ON_NOTHING: &str = "OPTIONS";

/// The value of `Allow`.
pub(crate) fn allowed(path: &DavPath) -> &'static str {
    match path {
        DavPath::Root(_) | DavPath::Principals | DavPath::Homes => {
            "OPTIONS, HEAD, GET, PROPFIND, REPORT"
        }
        DavPath::Principal(_) | DavPath::Home(_) | DavPath::Inbox(_) => {
            "OPTIONS, HEAD, GET, PROPFIND, PROPPATCH, REPORT, ACL"
        }
        DavPath::Outbox(_) => "OPTIONS, HEAD, GET, POST, PROPFIND, PROPPATCH, REPORT, ACL",
        DavPath::Calendar { .. } => {
            "OPTIONS, HEAD, GET, DELETE, MKCALENDAR, MKCOL, MOVE, PROPFIND, PROPPATCH, REPORT, ACL"
        }
        DavPath::Object { .. } if path.is_message() => {
            "OPTIONS, HEAD, GET, PUT, DELETE, PROPFIND, PROPPATCH, REPORT, ACL"
        }
        DavPath::Object { .. } => {
            "OPTIONS, HEAD, GET, PUT, DELETE, COPY, MOVE, PROPFIND, PROPPATCH, REPORT, ACL"
        }
    }
}

/// Whether a method has a meaning there.
pub(crate) fn is_allowed(path: &DavPath, method: &str) -> bool {
    allowed(path).split(", ").any(|allowed| allowed == method)
}

pub(crate) fn options(path: &DavPath) -> Response {
    (StatusCode::OK, [(header::ALLOW, allowed(path))]).into_response()
}
