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
use televent_runtime::pages::{Reader, protect};

use super::qr;

/// What stands in titles.
const NAME: &str = "Televent";

const STYLE: &str = include_str!("style.css");

/// Copies what stands beside a button.
const SCRIPT: &str = include_str!("copy.js");

const ICON: &str = include_str!("icon.svg");

/// The page's own style and script by their digests, forms that go to where the page came from, and nothing else.
static CONTENT_SECURITY_POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let digest = |text: &str| BASE64.encode(&Sha256::digest(text));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
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
    pub(super) reader: Reader,
}

impl Page {
    pub(super) fn into_response(self, status: StatusCode) -> Response {
        let mut response = (status, Html(self.render().into_string())).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            CONTENT_SECURITY_POLICY.clone(),
        );
        headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
        headers.insert(
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(self.language.code()),
        );
        protect(&mut response, self.reader);
        response
    }

    fn render(&self) -> Markup {
        html! {
            (DOCTYPE)
            html lang=(self.language.code()) dir=(direction(self.language)) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                    meta name="color-scheme" content="light dark";
                    meta name="format-detection" content="telephone=no";
                    title { (self.title) @if self.title != NAME { " · " (NAME) } }
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
                    @if self.reader == Reader::Anybody {
                        footer { (self.languages()) }
                    }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    }

    /// The page in the other languages: a browser does not always ask for the one that its owner reads.
    fn languages(&self) -> Markup {
        html! {
            nav aria-label=(self.language.text("setup-languages")) {
                @for language in Language::ALL {
                    @let code = language.code();
                    @let is_this = language == self.language;
                    a href={ "?lang=" (code) } lang=(code) hreflang=(code) dir=(direction(language)) aria-current=[is_this.then_some("page")] {
                        (language.name())
                    }
                }
            }
        }
    }
}

const fn direction(language: Language) -> &'static str {
    if language.is_right_to_left() {
        "rtl"
    } else {
        "ltr"
    }
}

/// A link for a phone's camera, with what it is for, and as text. Only a screen that is no phone's shows it.
pub(super) fn scan(language: Language, what: &str, link: &str) -> Markup {
    let label = language.say("setup-code", &[("link", link.into())]);
    html! {
        @if let Some(code) = qr::svg(link, &label) {
            figure.scan {
                (code)
                figcaption {
                    p { (language.text(what)) }
                    code { (link) }
                }
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Least contrast of text (WCAG 2.2, 1.4.3), and of what shows where the focus is (1.4.11).
    const OF_TEXT: f64 = 4.5;
    const OF_OUTLINES: f64 = 3.0;

    /// The colours of a theme, by the names of their custom properties.
    fn color(theme: &str, name: &str) -> [f64; 3] {
        let start = format!("--{name}: #");
        let at = theme.find(&start).unwrap() + start.len();
        let channel = |n: usize| {
            let digits = &theme[at + 2 * n..at + 2 * n + 2];
            f64::from(u8::from_str_radix(digits, 16).unwrap()) / 255.0
        };
        [channel(0), channel(1), channel(2)]
    }

    /// The relative luminance of a colour (WCAG 2.2).
    fn luminance(color: [f64; 3]) -> f64 {
        let linear = color.map(|channel| {
            if channel <= 0.040_45 {
                channel / 12.92
            } else {
                ((channel + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn everything_can_be_read_in_both_themes() {
        let (light, dark) = STYLE
            .split_once("@media (prefers-color-scheme: dark)")
            .unwrap();
        for theme in [light, dark] {
            for (text, ground, least) in [
                ("text", "page", OF_TEXT),
                ("text", "panel", OF_TEXT),
                ("text", "wash", OF_TEXT),
                ("text", "code", OF_TEXT),
                ("muted", "page", OF_TEXT),
                ("muted", "panel", OF_TEXT),
                ("muted", "wash", OF_TEXT),
                ("accent-text", "accent", OF_TEXT),
                ("accent", "accent-soft", OF_TEXT),
                ("accent", "panel", OF_TEXT),
                ("accent", "page", OF_OUTLINES),
            ] {
                let found = contrast(color(theme, text), color(theme, ground));
                assert!(found >= least, "{text} on {ground}: {found:.2}");
            }
        }
    }

    #[test]
    fn policy_names_what_is_there_and_nothing_else() {
        let policy = CONTENT_SECURITY_POLICY.to_str().unwrap();
        for part in [
            "default-src 'none';",
            "style-src 'sha256-",
            "script-src 'sha256-",
            "base-uri 'none';",
            "form-action 'self';",
            "frame-ancestors 'none';",
        ] {
            assert!(policy.contains(part), "{part}: {policy}");
        }
        for part in ["unsafe", "http", "data:", "*"] {
            assert!(!policy.contains(part), "{part}: {policy}");
        }
    }
}
