//! How the page looks.

use std::{sync::LazyLock, time::Duration};

use axum::{
    http::{HeaderValue, header},
    response::{Html, IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use data_encoding::BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::{GivenUp, Part, Report};
use crate::{RecentEvent, metrics::uptime};

const STYLE: &str = include_str!("style.css");

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The page's own style by its digest, and nothing else.
static CONTENT_SECURITY_POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let digest = BASE64.encode(&Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

pub(super) fn show(report: &Report, events: &[RecentEvent], now: DateTime<Utc>) -> Response {
    let markup = render(report, events, now);
    let mut response = Html(markup.into_string()).into_response();
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        CONTENT_SECURITY_POLICY.clone(),
    );
    response
}

fn render(report: &Report, events: &[RecentEvent], now: DateTime<Utc>) -> Markup {
    let troubles = report
        .parts
        .iter()
        .filter(|part| part.words.is_err())
        .count()
        + report.figures.iter().filter(|figure| figure.is_bad).count();
    let (class, verdict) = match troubles {
        0 => ("good", "Everything works".to_owned()),
        1 => ("bad", "One thing needs attention".to_owned()),
        more => ("bad", format!("{more} things need attention")),
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="color-scheme" content="light dark";
                meta name="format-detection" content="telephone=no";
                title { (verdict) " · Televent status" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    header {
                        h1 class=(class) { (verdict) }
                        p {
                            "Televent " (report.version) " · " (report.roles.join(", ")) " · up for " (span(uptime()))
                        }
                        p.muted { "As of " (moment(now)) ". Each process has a page of its own." }
                    }
                    section aria-labelledby="parts" {
                        h2 id="parts" { "Parts" }
                        ul.parts { @for part in &report.parts { (row(part)) } }
                    }
                    section aria-labelledby="waits" {
                        h2 id="waits" { "What waits" }
                        dl {
                            @for figure in &report.figures {
                                div.bad[figure.is_bad] { dt { (figure.name) } dd { (figure.value) } }
                            }
                        }
                    }
                    section aria-labelledby="given-up" {
                        h2 id="given-up" { "Given up" }
                        @match &report.given_up {
                            Some(Ok(letters)) if letters.is_empty() => p.muted { "Nothing." },
                            Some(Ok(letters)) => ul.cards { @for letter in letters { (given_up(letter, now)) } },
                            Some(Err(why)) => p.bad { "Not known now: " (why) },
                            None => p.muted { "Not known." },
                        }
                    }
                    section aria-labelledby="events" {
                        h2 id="events" { "Last warnings and errors" }
                        p.muted { "Of this process, since it began." }
                        @if events.is_empty() {
                            p.muted { "None." }
                        } @else {
                            ul.cards { @for one in events { (event(one, now)) } }
                        }
                    }
                }
            }
        }
    }
}

fn row(part: &Part) -> Markup {
    let (class, mark, words) = match &part.words {
        Ok(words) => ("good", "Works", words),
        Err(words) => ("bad", "Trouble", words),
    };
    html! {
        li class=(class) {
            span.mark { (mark) }
            strong { (part.name) }
            span.words { (words) }
        }
    }
}

fn given_up(letter: &GivenUp, now: DateTime<Utc>) -> Markup {
    html! {
        li {
            p { strong { (letter.kind) } " " span.muted { (ago(letter.at, now)) } }
            p { (without_quotations(&letter.reason)) }
            p { code { (letter.command) } }
        }
    }
}

fn event(event: &RecentEvent, now: DateTime<Utc>) -> Markup {
    html! {
        li.bad[event.is_error] {
            p {
                strong { @if event.is_error { "error" } @else { "warning" } }
                " " span.muted {
                    (ago(event.last_at, now))
                    @if event.count > 1 { " · " (event.count) " times since " (moment(event.first_at)) }
                }
            }
            p { (event.message) }
            @if !event.fields.is_empty() { p { code { (without_quotations(&event.fields)) } } }
            p.muted { (event.target) }
        }
    }
}

/// Readers of JSON quote in their errors what they have read, and that may be a title.
fn without_quotations(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for (index, part) in text.split(['"', '`']).enumerate() {
        kept.push_str(if index % 2 == 0 { part } else { "“…”" });
    }
    kept
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    format!("{} ago", span((now - at).to_std().unwrap_or_default()))
}

/// A span in its two largest units.
pub(super) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min {} s", seconds / MINUTE, seconds % MINUTE),
        HOUR..DAY => format!("{} h {} min", seconds / HOUR, seconds % HOUR / MINUTE),
        _ => format!("{} d {} h", seconds / DAY, seconds % DAY / HOUR),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_errors_quote_is_not_shown() {
        for (reason, expected) in [
            ("given up after 3 tries", "given up after 3 tries"),
            (
                "invalid type: string \"Divorce\", expected i64",
                "invalid type: string “…”, expected i64",
            ),
            ("unknown field `Divorce` at 1", "unknown field “…” at 1"),
            ("cut \"Divor", "cut “…”"),
        ] {
            assert_eq!(without_quotations(reason), expected);
        }
    }

    #[test]
    fn spans_have_two_units() {
        for (seconds, expected) in [
            (0, "0 s"),
            (59, "59 s"),
            (61, "1 min 1 s"),
            (2 * HOUR + 5 * MINUTE + 59, "2 h 5 min"),
            (3 * DAY + 23 * HOUR, "3 d 23 h"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), expected);
        }
    }
}
