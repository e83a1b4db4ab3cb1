//! From a request to the file that answers it: what the path names, who asks, whether they may know of
//! it, and the method.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Extension, Router,
    body::{Body, HttpBody as _},
    extract::{Request, State},
    handler::Handler as _,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{any, get},
};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use televent_runtime::{Guesses, metrics::METHODS};
use televent_store::{Asker, Calendar, Recalled, Slot};

use crate::{
    Api,
    admission::{self, Admission, Admitted},
    auth, client_family, compression,
    conditions::Conditions,
    error::ApiError,
    feed, methods,
    path::{DavPath, ROOT},
    reports,
    scene::Scene,
    setup,
    xml::{self, Element, Name},
};

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// Largest body that is read to be thrown away.
const MAX_DRAINED_BYTES: usize = 64 * 1024;

/// How long such a body may take.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// A request whose resource is known, and known to be the asker's or nobody's.
pub(crate) struct Call {
    pub(crate) api: Api,
    pub(crate) scene: Scene,
    pub(crate) path: DavPath,
    pub(crate) headers: HeaderMap,
    /// What was at the path when it was asked for, of a calendar and of an object. Whoever tries again reads anew.
    pub(crate) seen: Option<Slot>,
    /// What the asker and the place are taken for without having asked. Nothing is answered on it but that a write which has checked
    /// it is done; all else asks first ([`Call::confirm`]).
    pub(crate) recalled: Option<Arc<Recalled>>,
}

impl Call {
    /// Asks who asks, and what is at the path, if that was not done.
    pub(crate) async fn confirm(&mut self, parts: &Parts) -> Result<(), ApiError> {
        let Some(recalled) = self.recalled.take() else {
            return Ok(());
        };
        self.api.store.forget(&recalled);
        let place = self.path.own_place();
        let Asker { user, slot } = auth::authenticate(&self.api, parts, place).await?;
        if self.path.owner() != Some(user.telegram_id) {
            return Err(ApiError::NotFound);
        }
        self.scene.user = Arc::new(user);
        self.seen = slot;
        Ok(())
    }

    /// The calendar or inbox that the path names, or in which it names an object.
    pub(crate) async fn collection(&mut self) -> Result<Calendar, ApiError> {
        if let Some(slot) = self.seen.take() {
            return Ok(slot.calendar);
        }
        let (owner, slug) = self.path.collection().ok_or(ApiError::NotFound)?;
        let found = self.api.store.calendar(owner, slug).await?;
        found.ok_or(ApiError::NotFound)
    }
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

/// The body as a document; `None` when it is empty.
pub(crate) async fn read_xml(body: Body) -> Result<Option<Element>, ApiError> {
    let body = read_body(body, xml::MAX_BODY_BYTES, None).await?;
    if body.is_empty() {
        return Ok(None);
    }
    xml::parse(&body).map(Some).map_err(ApiError::BadRequest)
}

/// All routes of the api role.
pub fn router(api: Api) -> Router {
    // As a service, since of a handler's answer to HEAD the length would be lost.
    let dav = dav.with_state(api.clone());
    let paths = [
        "/dav",
        "/dav/",
        "/dav/{*path}",
        "/principals",
        "/principals/",
        "/principals/{*path}",
        "/calendars",
        "/calendars/",
        "/caldav",
        "/caldav/",
        "/caldav/{*path}",
    ];
    let router = paths
        .into_iter()
        .fold(Router::<Api>::new(), |router, path| {
            router.route_service(path, dav.clone())
        });
    router
        .route("/", get(setup::home).fallback_service(dav))
        .route("/setup/{token}", get(setup::show))
        .route(
            "/setup/{token}/profile",
            get(setup::back).post(setup::profile),
        )
        .route(
            "/setup/{token}/password",
            get(setup::back).post(setup::password),
        )
        .route("/feeds/{file}", get(feed::show))
        .route("/.well-known/caldav", any(redirect))
        .route("/.well-known/carddav", any(redirect))
        .layer(Extension(Guesses::default()))
        .layer(compression::layer())
        .layer(from_fn_with_state(Admission::new(), admission::admit))
        .with_state(api)
}

async fn redirect() -> Response {
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, ROOT)]).into_response()
}

async fn dav(State(api): State<Api>, request: Request) -> Response {
    let method = method_label(request.method());
    let client = client_family::of(request.headers());
    let began = Instant::now();
    let outcome = answer(api, request).await;
    let mut response = outcome.unwrap_or_else(IntoResponse::into_response);
    count(method, client, began, &response);
    response
        .headers_mut()
        .insert("DAV", HeaderValue::from_static(methods::DAV_CLASSES));
    response
}

fn count(method: &'static str, client: &'static str, began: Instant, response: &Response) {
    let report = response
        .extensions()
        .get::<reports::Answered>()
        .map_or("", |reports::Answered(name)| *name);
    metrics::counter!(
        "televent_dav_requests_total",
        "method" => method,
        "report" => report,
        "status" => status_class(response.status()),
    )
    .increment(1);
    metrics::histogram!(
        "televent_dav_request_duration_seconds",
        "method" => method,
        "report" => report,
    )
    .record(began.elapsed());
    metrics::counter!("televent_client_requests_total", "client" => client).increment(1);
}

async fn answer(api: Api, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let call = match admit(api, &parts).await {
        Ok(call) => call,
        Err(error) => {
            drain(body).await;
            return Err(error);
        }
    };
    match parts.method {
        Method::OPTIONS => Ok(methods::options(&call.path)),
        // Of HEAD the router sends the headers alone.
        Method::GET | Method::HEAD => methods::get(call).await,
        Method::PUT => methods::put(call, &parts, body).await,
        Method::DELETE => methods::delete(call).await,
        Method::POST => methods::post(call, body).await,
        ref method => match method.as_str() {
            "ACL" => Err(methods::acl()),
            "COPY" => methods::copy(call).await,
            "MKCALENDAR" => methods::mkcalendar(call, body).await,
            "MKCOL" => methods::mkcol(call, body).await,
            "MOVE" => methods::move_resource(call).await,
            "PROPFIND" => methods::propfind(call, body).await,
            "PROPPATCH" => methods::proppatch(call, body).await,
            "REPORT" => reports::report(call, body).await,
            _ => Err(ApiError::MethodNotAllowed {
                allow: methods::allowed(&call.path),
            }),
        },
    }
}

/// Who asks for what, and whether the method has a meaning there.
async fn admit(api: Api, parts: &Parts) -> Result<Call, ApiError> {
    let path = DavPath::parse(parts.uri.path());
    let recalled = path.as_ref().and_then(|path| recall(&api, parts, path));
    let Asker { user, slot: seen } = match &recalled {
        Some(recalled) => Asker {
            user: recalled.user().clone(),
            slot: None,
        },
        None => {
            let place = path.as_ref().and_then(DavPath::own_place);
            auth::authenticate(&api, parts, place).await?
        }
    };
    if let Some(admitted) = parts.extensions.get::<Admitted>() {
        admitted.of(user.telegram_id).await?;
    }
    // Somebody else's resource and a missing one look the same.
    let path = path.filter(|path| path.owner().is_none_or(|owner| owner == user.telegram_id));
    let makes_collection = matches!(parts.method.as_str(), "MKCALENDAR" | "MKCOL");
    if makes_collection && matches!(path, None | Some(DavPath::Object { .. })) {
        return Err(methods::not_a_place_for_a_calendar());
    }
    let path = path.ok_or(ApiError::NotFound)?;
    if !methods::is_allowed(&path, parts.method.as_str()) {
        return Err(ApiError::MethodNotAllowed {
            allow: methods::allowed(&path),
        });
    }
    Ok(Call {
        scene: Scene {
            user: Arc::new(user),
            domain: api.domain.clone(),
            directory: api.directory,
        },
        api,
        path,
        headers: parts.headers.clone(),
        seen,
        recalled,
    })
}

/// What is remembered, where that may do: a client that PUTs what it calls new is told nothing but that it is there.
fn recall(api: &Api, parts: &Parts, path: &DavPath) -> Option<Arc<Recalled>> {
    let is_object = matches!(path, DavPath::Object { .. }) && !path.is_message();
    if parts.method != Method::PUT || !is_object {
        return None;
    }
    let conditions = Conditions::from_headers(&parts.headers).ok()?;
    if conditions != Conditions::only_new() {
        return None;
    }
    let recalled = auth::recall(api, parts, path.own_place()?)?;
    (path.owner() == Some(recalled.user().telegram_id)).then_some(recalled)
}

/// Reads a body that nobody wants, if it is not large: with an unread body the connection can't be used again, and clients
/// that are still sending see it break instead of the answer.
pub(crate) async fn drain(body: Body) {
    let all = Limited::new(body, MAX_DRAINED_BYTES).collect();
    // Whatever comes of it, the answer is the same.
    drop(tokio::time::timeout(DRAIN_TIMEOUT, all).await);
}

/// A bounded set of labels: a client can send any method name.
fn method_label(method: &Method) -> &'static str {
    METHODS
        .iter()
        .find(|known| **known == method.as_str())
        .copied()
        .unwrap_or("other")
}

const fn status_class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        0..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}
