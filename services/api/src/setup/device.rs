//! `/setup/<token>`: the page that sets up one device. Looking at it changes nothing, because previews of links and browsers that
//! fetch ahead look, too; a POST uses the link up, and gives a profile or the password.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use televent_language::{Language, isolate};
use televent_runtime::pages::{Reader, protect};
use televent_store::{DeviceApp, LinkState, SetupLink, SetupToken, UsedLink};
use tracing::error;
use url::Url;

use super::{
    accept_language,
    layout::{Page, fact, scan},
    profile::{MEDIA_TYPE, profile_of},
    steps,
};
use crate::{Api, error::ApiError};

/// Under which name the profile is saved.
const PROFILE_FILE: HeaderValue =
    HeaderValue::from_static("attachment; filename=\"televent.mobileconfig\"");

/// What the pages of a link are about.
enum Found {
    Link(SetupToken, SetupLink),
    Nothing,
}

pub(crate) async fn show(
    State(api): State<Api>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    answered("show", page_of(&api, &token, &headers).await)
}

/// A page that came by POST is asked for again.
pub(crate) async fn back(Path(token): Path<String>) -> Response {
    let mut response = match SetupToken::parse(&token) {
        Ok(token) => Redirect::to(&format!("../{}", token.reveal())).into_response(),
        Err(_) => ApiError::NotFound.into_response(),
    };
    protect(&mut response, Reader::One);
    response
}

pub(crate) async fn profile(
    State(api): State<Api>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let server = match Url::parse(&api.public_url) {
        Ok(server) => server,
        Err(error) => return broken(&error),
    };
    let outcome = match used(&api, &token).await {
        Ok(Some(used)) => Ok(profile_file(&used, &server)),
        Ok(None) => page_of(&api, &token, &headers).await,
        Err(error) => Err(error),
    };
    answered("profile", outcome)
}

pub(crate) async fn password(
    State(api): State<Api>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let outcome = match used(&api, &token).await {
        Ok(Some(used)) => Ok(password_page(&api, &used)),
        Ok(None) => page_of(&api, &token, &headers).await,
        Err(error) => Err(error),
    };
    answered("password", outcome)
}

fn answered(what: &'static str, outcome: Result<Response, ApiError>) -> Response {
    let response = outcome.unwrap_or_else(|error| {
        let mut response = error.into_response();
        protect(&mut response, Reader::One);
        response
    });
    metrics::counter!(
        "televent_setup_requests_total",
        "what" => what,
        "status" => response.status().as_u16().to_string(),
    )
    .increment(1);
    response
}

async fn find(api: &Api, token: &str) -> Result<Found, ApiError> {
    let Ok(token) = SetupToken::parse(token) else {
        return Ok(Found::Nothing);
    };
    let link = api.store.setup_link(&token).await?;
    Ok(link.map_or(Found::Nothing, |link| Found::Link(token, link)))
}

async fn used(api: &Api, token: &str) -> Result<Option<UsedLink>, ApiError> {
    match SetupToken::parse(token) {
        Ok(token) => Ok(api.store.use_setup_link(&token).await?),
        Err(_) => Ok(None),
    }
}

/// The page of a link as it is now.
async fn page_of(api: &Api, token: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    let (token, link) = match find(api, token).await? {
        Found::Link(token, link) => (token, link),
        Found::Nothing => {
            let language = accept_language::preferred(headers);
            return Ok(over(language, "setup-unknown", StatusCode::NOT_FOUND));
        }
    };
    let language = Language::of_tag(link.language.as_deref());
    Ok(match link.state {
        LinkState::Open => choice(api, language, &token, &link),
        LinkState::Used => over(language, "setup-used", StatusCode::GONE),
        LinkState::Expired => over(language, "setup-expired", StatusCode::GONE),
    })
}

/// The two ways, that of the device's app first.
fn choice(api: &Api, language: Language, token: &SetupToken, link: &SetupLink) -> Response {
    // Relative, so that they are right under any public URL.
    let action = |way: &str| format!("{}/{way}", token.reveal());
    let text = |id: &str| language.text(id);
    let is_apple = matches!(link.app, DeviceApp::Iphone | DeviceApp::Mac);
    let by_profile = html! {
        section {
            h2 { (text("setup-apple")) }
            ol {
                li { (text("setup-apple-1")) }
                li { (text("setup-apple-2")) }
                li { (text("setup-apple-3")) }
            }
            (form(&action("profile"), &text("setup-apple-load"), is_apple))
        }
    };
    let by_password = html! {
        section {
            h2 { (text("setup-others")) }
            p { (text("setup-others-how")) }
            (form(&action("password"), &text("setup-others-show"), !is_apple))
        }
    };
    let here = format!("{}/setup/{}", api.public_url, token.reveal());
    let content = html! {
        @if is_apple { (by_profile) (by_password) } @else { (by_password) (by_profile) }
        @if matches!(link.app, DeviceApp::Iphone | DeviceApp::Android) {
            section.elsewhere { (scan(language, "setup-scan-link", &here)) }
        }
    };
    let page = Page {
        language,
        title: title(language, &link.label),
        lead: text("setup-once"),
        content,
        reader: Reader::One,
    };
    page.into_response(StatusCode::OK)
}

fn form(action: &str, label: &str, is_first: bool) -> Markup {
    html! {
        form method="post" action=(action) {
            button.action.second[!is_first] type="submit" { (label) }
        }
    }
}

fn title(language: Language, label: &str) -> String {
    let label = isolate(label, language);
    language.say("setup-device", &[("label", label.as_ref().into())])
}

fn over(language: Language, what: &str, status: StatusCode) -> Response {
    let page = Page {
        language,
        title: language.text(what),
        lead: language.text("setup-again"),
        content: html! {},
        reader: Reader::One,
    };
    page.into_response(status)
}

fn password_page(api: &Api, used: &UsedLink) -> Response {
    let language = Language::of_tag(used.language.as_deref());
    let username = username(used);
    let password = used.secret.reveal();
    let davx5 = davx5_link(&api.public_url, &username, &password);
    let content = html! {
        section {
            h2 { (language.text("setup-your-access")) }
            dl {
                (fact(language, "setup-server", &api.public_url))
                (fact(language, "setup-username", &username))
                (fact(language, "setup-password", &password))
            }
        }
        (steps::by_app(language, Some(used.app), davx5.as_deref()))
    };
    let page = Page {
        language,
        title: title(language, &used.label),
        lead: language.text("setup-shown-once"),
        content,
        reader: Reader::One,
    };
    page.into_response(StatusCode::OK)
}

fn profile_file(used: &UsedLink, server: &Url) -> Response {
    let mut response = match profile_of(used, server, &username(used)) {
        Ok(profile) => profile.into_response(),
        Err(error) => return broken(&error),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(header::CONTENT_DISPOSITION, PROFILE_FILE);
    protect(&mut response, Reader::One);
    response
}

fn broken(error: &(dyn std::error::Error + 'static)) -> Response {
    error!(error, "a profile can't be made");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

fn username(used: &UsedLink) -> String {
    format!("tg_{}", used.telegram_id)
}

/// Opens the login of DAVx⁵ filled in. It takes the host, the path and the user of such a link, always by https, and drops a
/// port (`LoginActivity.loginInfoFromIntent` in davx5-ose): where there is one there can be no link.
fn davx5_link(public_url: &str, username: &str, password: &str) -> Option<String> {
    let server = Url::parse(public_url).ok()?;
    let host = server.host_str()?;
    (server.scheme() == "https" && server.port().is_none())
        .then(|| format!("davx5://{username}:{password}@{host}{}", server.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn davx5_is_opened_only_where_it_can_find_the_server() {
        let link = |url| davx5_link(url, "tg_1", "abc-def");
        assert_eq!(
            link("https://cal.example").as_deref(),
            Some("davx5://tg_1:abc-def@cal.example/")
        );
        assert_eq!(
            link("https://example.org/cal").as_deref(),
            Some("davx5://tg_1:abc-def@example.org/cal")
        );
        assert_eq!(link("https://cal.example:8443"), None);
        assert_eq!(link("http://cal.example"), None);
        assert_eq!(link("nothing"), None);
    }
}
