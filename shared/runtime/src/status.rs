//! `/status`: one page for the operator, behind a password of its own. Where none is configured there is no such page.

mod page;

use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr},
    pin::Pin,
    sync::Arc,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::{
    ClientAddress, Guesses, basic_credentials_of,
    pages::{Reader, protect},
    recent_events,
};

/// Whose password is guessed, for [`Guesses`]: the name that somebody types does not matter.
const ACCOUNT: &str = "status";

/// What browsers ask for.
const CHALLENGE: HeaderValue =
    HeaderValue::from_static("Basic realm=\"Televent status\", charset=\"UTF-8\"");

/// How a part of the whole is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// What is fine, or what is wrong.
    pub words: Result<String, String>,
}

/// Something counted or measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What it is.
    pub name: String,
    /// Its value, with its unit.
    pub value: String,
    /// Whether somebody should look.
    pub is_bad: bool,
}

/// A message that was given up: neither what it carried, nor whom it was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenUp {
    /// What it was about.
    pub kind: &'static str,
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
    /// How to look at it.
    pub command: String,
}

/// What the page shows of the roles of this process, and of what they share with others.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The program's version.
    pub version: &'static str,
    /// The roles of this process.
    pub roles: Vec<&'static str>,
    /// Its parts, and the servers behind.
    pub parts: Vec<Part>,
    /// What waits; or why that is not known.
    pub figures: Vec<Figure>,
    /// The newest messages that were given up; or why they are not known.
    pub given_up: Option<Result<Vec<GivenUp>, String>>,
}

type Reporter = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Report> + Send>> + Send + Sync>;

struct Status {
    /// Of the password: what is compared has always the same length.
    digest: [u8; 32],
    guesses: Guesses,
    report: Reporter,
}

/// The route, if there is a password.
pub fn router<R, F>(password: Option<&SecretString>, report: R) -> Router
where
    R: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Report> + Send + 'static,
{
    // Uptime counts from here.
    crate::metrics::uptime();
    let Some(password) = password else {
        return Router::new();
    };
    let status = Status {
        digest: Sha256::digest(password.expose_secret()).into(),
        guesses: Guesses::default(),
        report: Box::new(move || Box::pin(report())),
    };
    Router::new()
        .route("/status", get(show))
        .with_state(Arc::new(status))
}

async fn show(State(status): State<Arc<Status>>, request: Request) -> Response {
    let mut response = answer(&status, request).await;
    protect(&mut response, Reader::One);
    response
}

async fn answer(status: &Status, request: Request) -> Response {
    let Some((_, password)) = basic_credentials_of(request.headers()) else {
        return refusal();
    };
    let client = request
        .extensions()
        .get::<ClientAddress>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |client| client.0);
    drop(request);
    let turn = match status.guesses.turn(client, ACCOUNT, &password).await {
        Ok(turn) => turn,
        Err(after) => {
            let seconds = after.as_secs().max(1).to_string();
            let come_back = (
                StatusCode::TOO_MANY_REQUESTS,
                [(header::RETRY_AFTER, seconds)],
                "too many wrong passwords; come back later\n",
            );
            return come_back.into_response();
        }
    };
    let is_right = bool::from(Sha256::digest(&password).as_slice().ct_eq(&status.digest));
    turn.ended(is_right);
    if !is_right {
        return refusal();
    }
    let report = (status.report)().await;
    page::show(&report, &recent_events(), Utc::now())
}

fn refusal() -> Response {
    (
        StatusCode::UNAUTHORIZED,
        [(header::WWW_AUTHENTICATE, CHALLENGE)],
        "the operator's password is needed\n",
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use data_encoding::BASE64;
    use tower::ServiceExt as _;

    use super::*;

    const PASSWORD: &str = "correct horse: battery";

    fn routes(password: Option<&str>) -> Router {
        let password = password.map(SecretString::from);
        router(password.as_ref(), async || Report {
            version: "1.2.3",
            roles: vec!["api"],
            parts: vec![Part {
                name: "postgres",
                words: Err("<script>alert(1)</script>".to_owned()),
            }],
            given_up: Some(Ok(vec![GivenUp {
                kind: "card",
                reason: "a & b <img src=x onerror=alert(1)>".to_owned(),
                at: Utc::now(),
                command: "televent dead-letters show 1".to_owned(),
            }])),
            ..Report::default()
        })
    }

    async fn ask(routes: &Router, credentials: Option<&str>) -> Response {
        let mut request = Request::get("/status");
        if let Some(credentials) = credentials {
            let encoded = BASE64.encode(credentials.as_bytes());
            request = request.header(header::AUTHORIZATION, format!("Basic {encoded}"));
        }
        let request = request.body(Body::empty()).unwrap();
        routes.clone().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn without_a_password_there_is_no_page() {
        let response = ask(&routes(None), Some("operator:anything")).await;
        assert_eq!(response.status(), 404);
    }

    #[tokio::test]
    async fn only_the_right_password_opens_it_whatever_the_name() {
        let routes = routes(Some(PASSWORD));
        for wrong in [
            None,
            Some("operator:wrong"),
            Some("operator:"),
            Some("correct horse: battery"),
            Some("operator:correct horse: battery "),
        ] {
            let response = ask(&routes, wrong).await;
            assert_eq!(response.status(), 401, "{wrong:?}");
            assert_eq!(response.headers()[header::WWW_AUTHENTICATE], CHALLENGE);
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
            let shared_with = &response.headers()["cross-origin-resource-policy"];
            assert_eq!(shared_with, "same-origin");
        }
        for name in ["operator", ""] {
            let response = ask(&routes, Some(&format!("{name}:{PASSWORD}"))).await;
            assert_eq!(response.status(), 200);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn guesses_are_slowed_down() {
        let routes = routes(Some(PASSWORD));
        let began = tokio::time::Instant::now();
        for guess in 0..20 {
            ask(&routes, Some(&format!("operator:{guess}"))).await;
        }
        assert!(began.elapsed().as_secs() >= 10, "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn what_it_shows_is_escaped_and_nothing_may_run() {
        let response = ask(&routes(Some(PASSWORD)), Some(&format!("x:{PASSWORD}"))).await;
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].clone();
        let policy = policy.to_str().unwrap().to_owned();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        assert!(!policy.contains("script-src"), "{policy}");
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let html = String::from_utf8(body.to_vec()).unwrap();
        assert!(
            html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
            "{html}"
        );
        assert!(html.contains("a &amp; b &lt;img src=x"), "{html}");
        assert!(!html.contains("<script"), "{html}");
        assert!(!html.contains("<img"), "{html}");
        assert!(html.contains("televent dead-letters show 1"), "{html}");
    }
}
