//! The chat page at `/`: its files, embedded, under a policy that lets it load nothing else.

use crate::{app::App, guard::guard};
use axum::{
    Router,
    http::{HeaderName, header},
    middleware,
    response::IntoResponse,
    routing::get,
};
use std::sync::Arc;

/// Scripts, styles and connections from here only; nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

macro_rules! asset {
    ($file:literal, $kind:literal) => {
        get(async || answer($kind, include_str!(concat!("assets/", $file))))
    };
}

pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/", asset!("index.html", "text/html; charset=utf-8"))
        .route(
            "/_page/style.css",
            asset!("style.css", "text/css; charset=utf-8"),
        )
        .route(
            "/_page/app.js",
            asset!("app.js", "text/javascript; charset=utf-8"),
        )
        .route(
            "/_page/entities.js",
            asset!("entities.js", "text/javascript; charset=utf-8"),
        )
        .route(
            "/_page/dom.js",
            asset!("dom.js", "text/javascript; charset=utf-8"),
        )
        .route(
            "/_page/attachments.js",
            asset!("attachments.js", "text/javascript; charset=utf-8"),
        )
        .route(
            "/_page/reply_keyboard.js",
            asset!("reply_keyboard.js", "text/javascript; charset=utf-8"),
        )
        .route("/_page/icon.svg", asset!("icon.svg", "image/svg+xml"))
        .layer(middleware::from_fn(guard))
}

fn answer(kind: &'static str, content: &'static str) -> impl IntoResponse {
    let headers: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // A new build of the simulator must show at once.
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, content)
}
