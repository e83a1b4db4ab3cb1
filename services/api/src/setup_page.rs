//! The page at `/`: what to type into a calendar app.

use axum::{
    extract::State,
    http::header,
    response::{Html, IntoResponse, Response},
};

use crate::Api;

/// No script, no foreign content.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TEMPLATE: &str = include_str!("setup_page.html");

pub(crate) async fn show(State(api): State<Api>) -> Response {
    let page = TEMPLATE
        .replace("{{server}}", &escape(&api.public_url))
        .replace("{{domain}}", &escape(api.domain.as_str()));
    (
        [
            (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
        ],
        Html(page),
    )
        .into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
