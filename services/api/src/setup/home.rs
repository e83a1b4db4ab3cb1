//! The page at `/`: what this is, and how to connect a calendar app.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use maud::html;

use super::{
    accept_language,
    layout::{Page, fact},
    steps,
};
use crate::Api;

pub(crate) async fn home(State(api): State<Api>, headers: HeaderMap) -> Response {
    let language = accept_language::preferred(&headers);
    let text = |id: &str| language.text(id);
    let content = html! {
        section {
            h2 { (text("setup-connect")) }
            p { (text("setup-ask-bot")) }
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
    };
    page.into_response(StatusCode::OK, false)
}
