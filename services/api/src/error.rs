//! What goes wrong in a request, and the answer that says so: the right status and, where a RFC names a
//! precondition, its element in a `DAV:error` body (RFC 4918 section 16).

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use televent_calendar::ObjectError;
use televent_store::StoreError;
use tracing::{error, warn};

use crate::{
    admission::Refusal,
    methods::ALLOWED_ON_NOTHING,
    xml::{CALDAV, DAV, Name, XmlWriter},
};

/// Seconds after which a request may be worth repeating when Postgres was away.
const RETRY_AFTER_SECONDS: u64 = 2;

/// The realm never changes: clients store passwords under it.
const CHALLENGE: &str = r#"Basic realm="Televent", charset="UTF-8""#;

/// A request that is not done.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// No credentials, or wrong ones.
    Unauthorized,
    /// Too many wrong passwords are tried where this one comes from.
    TooManyGuesses { come_back_in: Duration },
    /// Nothing is there, or nothing that the asker may know of.
    NotFound,
    /// The method has no meaning here.
    MethodNotAllowed { allow: &'static str },
    /// The request is not well-formed; says what is wrong.
    BadRequest(String),
    /// It is understood, and not done; says why.
    Forbidden(String),
    /// A condition of the request does not hold.
    PreconditionFailed,
    /// The body did not arrive in time.
    BodyTooSlow,
    /// The body is larger than allowed.
    TooLarge(Option<Name<'static>>),
    /// A named precondition is violated.
    Violated {
        status: StatusCode,
        condition: Name<'static>,
        /// For the person who debugs the client.
        why: String,
        /// The resource that stands in the way, for conditions that name one.
        href: Option<String>,
    },
    /// The collection that the resource would be in does not exist.
    NoParent,
    /// Too many requests are being answered.
    Overloaded(Refusal),
    /// The answer took too long.
    TooSlow,
    /// The resource kept changing under us.
    Busy,
    /// The store gave no result.
    Store(StoreError),
    /// A stored object can't be read: a bug.
    Corrupt(ObjectError),
}

impl ApiError {
    pub(crate) fn forbidden(condition: Name<'static>, why: impl Into<String>) -> Self {
        Self::Violated {
            status: StatusCode::FORBIDDEN,
            condition,
            why: why.into(),
            href: None,
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// RFC 4791 section 5.3.2.1 names the preconditions of PUT.
impl From<ObjectError> for ApiError {
    fn from(error: ObjectError) -> Self {
        let condition = match &error {
            ObjectError::TooLarge { .. } => {
                return Self::TooLarge(Some(CALDAV.name("max-resource-size")));
            }
            ObjectError::NotICalendar { .. } => CALDAV.name("valid-calendar-data"),
            ObjectError::InvalidObject { .. } => CALDAV.name("valid-calendar-object-resource"),
            ObjectError::UnsupportedComponent { .. } => CALDAV.name("supported-calendar-component"),
            ObjectError::TooManyAttendees { .. } => CALDAV.name("max-attendees-per-instance"),
            ObjectError::TooManyInstances { .. } => CALDAV.name("max-instances"),
            ObjectError::DifferentOrganizers => CALDAV.name("same-organizer-in-all-components"),
        };
        Self::forbidden(condition, error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Unauthorized => {
                let mut response = (
                    StatusCode::UNAUTHORIZED,
                    "a device's username and password are needed\n",
                )
                    .into_response();
                response.headers_mut().insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static(CHALLENGE),
                );
                response
            }
            Self::TooManyGuesses { come_back_in } => come_back(
                StatusCode::TOO_MANY_REQUESTS,
                come_back_in.as_secs().saturating_add(1),
                "too many wrong passwords were sent\n",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "nothing is here\n").into_response(),
            Self::MethodNotAllowed { allow } => {
                let allow = if allow.is_empty() {
                    ALLOWED_ON_NOTHING
                } else {
                    allow
                };
                (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, allow)]).into_response()
            }
            Self::BadRequest(why) => (StatusCode::BAD_REQUEST, why + "\n").into_response(),
            Self::Forbidden(why) => (StatusCode::FORBIDDEN, why + "\n").into_response(),
            Self::PreconditionFailed => (
                StatusCode::PRECONDITION_FAILED,
                "the resource is not as the condition says\n",
            )
                .into_response(),
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT.into_response(),
            Self::TooLarge(condition) => match condition {
                Some(condition) => violated(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    condition,
                    "the body is too large",
                    None,
                ),
                None => (StatusCode::PAYLOAD_TOO_LARGE, "the body is too large\n").into_response(),
            },
            Self::Violated {
                status,
                condition,
                why,
                href,
            } => violated(status, condition, &why, href.as_deref()),
            Self::NoParent => (
                StatusCode::CONFLICT,
                "the calendar does not exist; make it first\n",
            )
                .into_response(),
            Self::Overloaded(Refusal::ByAll) => unavailable("too many requests are being answered"),
            Self::Overloaded(Refusal::ByUser) => come_back(
                StatusCode::TOO_MANY_REQUESTS,
                RETRY_AFTER_SECONDS,
                "too many requests of this account are being answered",
            ),
            Self::TooSlow => unavailable("the answer has taken too long"),
            Self::Busy | Self::Store(StoreError::Busy) => {
                unavailable("the resource is being changed by others")
            }
            Self::Store(error @ StoreError::Unavailable(_)) => {
                warn!(
                    error = &error as &dyn std::error::Error,
                    "a request was turned away"
                );
                unavailable("the database is not available")
            }
            Self::Store(error) => {
                error!(error = &error as &dyn std::error::Error, "a request failed");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
            Self::Corrupt(error) => {
                error!(
                    error = &error as &dyn std::error::Error,
                    "a stored object can't be read"
                );
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

fn unavailable(why: &'static str) -> Response {
    come_back(StatusCode::SERVICE_UNAVAILABLE, RETRY_AFTER_SECONDS, why)
}

fn come_back(status: StatusCode, seconds: u64, why: &'static str) -> Response {
    (
        status,
        [(header::RETRY_AFTER, HeaderValue::from(seconds))],
        why,
    )
        .into_response()
}

fn violated(status: StatusCode, condition: Name<'_>, why: &str, href: Option<&str>) -> Response {
    let mut xml = XmlWriter::document(DAV.name("error"));
    match href {
        Some(href) => {
            xml.open(condition);
            xml.text_element(DAV.name("href"), href);
            xml.close();
        }
        None => xml.empty(condition),
    }
    xml.text_element(DAV.name("responsedescription"), why);
    xml.close();
    (
        status,
        [(header::CONTENT_TYPE, crate::xml::CONTENT_TYPE)],
        xml.finish(),
    )
        .into_response()
}
