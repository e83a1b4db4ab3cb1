//! From a request to the file that answers it: what the path names, who asks, whether they may know of
//! it, and the method.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, HttpBody as _},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use televent_store::User;

use crate::{Api, auth, error::ApiError, methods, path::DavPath, setup_page, xml::Name};

/// Where the well-known URLs lead (RFC 6764 section 5). It answers PROPFIND itself.
const CONTEXT_PATH: &str = "/dav/";

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// A request whose resource is known, and known to be the asker's.
pub(crate) struct Call {
    pub(crate) api: Api,
    pub(crate) user: User,
    pub(crate) path: DavPath,
    pub(crate) headers: HeaderMap,
}

/// The body, if it has at most `limit` bytes; `condition` names the limit in the answer otherwise.
pub(crate) async fn read_body(
    body: Body,
    limit: usize,
    condition: Option<Name<'static>>,
) -> Result<Bytes, ApiError> {
    // What is announced as too large is refused before it is sent.
    if body.size_hint().lower() > limit as u64 {
        return Err(ApiError::TooLarge(condition));
    }
    let Ok(read) = tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, limit).collect()).await
    else {
        return Err(ApiError::BodyTooSlow);
    };
    match read {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::TooLarge(condition)),
        Err(error) => Err(ApiError::BadRequest(format!(
            "the body can't be read: {error}"
        ))),
    }
}

/// All routes of the api role.
pub fn router(api: Api) -> Router {
    Router::new()
        .route("/", get(setup_page::show).fallback(dav))
        .route("/dav", any(dav))
        .route("/dav/{*path}", any(dav))
        .route("/dav/", any(dav))
        .route("/.well-known/caldav", any(redirect))
        .route("/.well-known/carddav", any(redirect))
        .with_state(api)
}

async fn redirect() -> Response {
    (
        StatusCode::MOVED_PERMANENTLY,
        [(header::LOCATION, CONTEXT_PATH)],
    )
        .into_response()
}

async fn dav(State(api): State<Api>, request: Request) -> Response {
    let method = request.method().clone();
    let outcome = answer(api, request).await;
    let mut response = outcome.unwrap_or_else(IntoResponse::into_response);
    metrics::counter!(
        "televent_dav_requests_total",
        "method" => method_label(&method),
        "status" => response.status().as_u16().to_string(),
    )
    .increment(1);
    response
        .headers_mut()
        .insert("DAV", HeaderValue::from_static(methods::DAV_CLASSES));
    response
}

async fn answer(api: Api, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let user = auth::authenticate(&api, &parts.headers).await?;
    // Somebody else's resource and a missing one look the same.
    let path = DavPath::parse(parts.uri.path())
        .filter(|path| path.owner().is_none_or(|owner| owner == user.telegram_id))
        .ok_or(ApiError::NotFound)?;
    let call = Call {
        api,
        user,
        path,
        headers: parts.headers,
    };
    match parts.method {
        Method::OPTIONS => Ok(methods::options(&call.path)),
        Method::GET | Method::HEAD => methods::get(call).await,
        Method::PUT => methods::put(call, body).await,
        Method::DELETE => methods::delete(call).await,
        method if method.as_str() == "PROPFIND" => methods::propfind(call, body).await,
        _ => Err(ApiError::MethodNotAllowed {
            allow: methods::allowed(&call.path),
        }),
    }
}

/// A bounded set of labels: a client can send any method name.
fn method_label(method: &Method) -> &'static str {
    const KNOWN: [&str; 14] = [
        "OPTIONS",
        "GET",
        "HEAD",
        "PUT",
        "POST",
        "DELETE",
        "PROPFIND",
        "PROPPATCH",
        "REPORT",
        "MKCALENDAR",
        "MKCOL",
        "COPY",
        "MOVE",
        "ACL",
    ];
    KNOWN
        .into_iter()
        .find(|known| *known == method.as_str())
        .unwrap_or("other")
}
