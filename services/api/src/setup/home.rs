//! The page at `/`: what this is, and how to connect a calendar app.

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use televent_language::Language;
use televent_runtime::pages::Reader;

use super::{
    accept_language,
    layout::{Page, fact, scan},
    steps::{self, marked},
};
use crate::Api;

/// What the links to the other languages ask with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Choice {
    lang: Option<String>,
}

pub(crate) async fn home(
    State(api): State<Api>,
    choice: Result<Query<Choice>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let chosen = choice.ok().and_then(|Query(choice)| choice.lang);
    let language = match chosen {
        Some(tag) => Language::of_tag(Some(&tag)),
        None => accept_language::preferred(&headers),
    };
    let text = |id: &str| language.text(id);
    let content = html! {
        section {
            h2 { (text("setup-connect")) }
            ol {
                @for step in ["setup-connect-1", "setup-connect-2", "setup-connect-3"] {
                    li { (marked(&text(step))) }
                }
            }
            (to_the_phone(language, &api))
        }
        section {
            h2 { (text("setup-facts")) }
            dl {
                (fact(language, "setup-server", &api.public_url))
                div.fact {
                    dt { (text("setup-username")) }
                    dd { span { (text("setup-username-hint")) } }
                }
                div.fact {
                    dt { (text("setup-password")) }
                    dd { span { (text("setup-password-hint")) } }
                }
            }
        }
        (steps::by_app(language, None, None))
        section {
            h2 { (text("setup-invite")) }
            p { (text("setup-invite-how")) }
            p { code { "tg_98765@" (api.domain) } }
        }
    };
    let page = Page {
        language,
        title: "Televent".to_owned(),
        lead: text("setup-lead"),
        content,
        reader: Reader::Anybody,
    };
    page.into_response(StatusCode::OK)
}

/// The way to the bot, where it is known; else this page goes to the phone, which most people have Telegram on.
fn to_the_phone(language: Language, api: &Api) -> Markup {
    match &api.bot_page {
        Some(bot) => html! {
            a.action href=(bot) { (language.text("setup-open-bot")) }
            (scan(language, "setup-scan-bot", bot))
        },
        None => scan(language, "setup-scan-page", &api.public_url),
    }
}
