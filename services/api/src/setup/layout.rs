//! What all pages share: the frame, the style, the headers.

use std::sync::LazyLock;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use data_encoding::BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};
use televent_language::Language;

const STYLE: &str = include_str!("style.css");

/// Copies what stands beside a button.
const SCRIPT: &str = include_str!("copy.js");

const ICON: &str = include_str!("icon.svg");

/// The page's own style and script by their digests, forms that go to where the page came from, and nothing else.
static CONTENT_SECURITY_POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let digest = |text: &str| BASE64.encode(&Sha256::digest(text));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'",
        digest(STYLE),
        digest(SCRIPT)
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// A page.
pub(super) struct Page {
    pub(super) language: Language,
    pub(super) title: String,
    pub(super) lead: String,
    pub(super) content: Markup,
}

impl Page {
    /// `is_secret`: what it shows, or where it stands, is for one reader.
    pub(super) fn into_response(self, status: StatusCode, is_secret: bool) -> Response {
        let mut response = (status, Html(self.render().into_string())).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            CONTENT_SECURITY_POLICY.clone(),
        );
        headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
        protect(&mut response, is_secret);
        response
    }

    fn render(&self) -> Markup {
        let direction = if self.language.is_right_to_left() {
            "rtl"
        } else {
            "ltr"
        };
        html! {
            (DOCTYPE)
            html lang=(self.language.code()) dir=(direction) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                    meta name="color-scheme" content="light dark";
                    meta name="format-detection" content="telephone=no";
                    title { (self.title) " · Televent" }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    main {
                        header {
                            (PreEscaped(ICON))
                            h1 { (self.title) }
                            p { (self.lead) }
                        }
                        (self.content)
                    }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    }
}

/// Keeps an answer out of frames and guesses about its type; a secret one out of caches, referrers and search engines, too.
pub(super) fn protect(response: &mut Response, is_secret: bool) {
    let headers = response.headers_mut();
    let always = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_secret {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    }
}

/// A fact to be typed or copied.
pub(super) fn fact(language: Language, name: &str, value: &str) -> Markup {
    html! {
        div.fact {
            dt { (language.text(name)) }
            dd {
                code { (value) }
                button type="button" hidden data-copy data-done=(language.text("setup-copied")) {
                    (language.text("setup-copy"))
                }
            }
        }
    }
}
