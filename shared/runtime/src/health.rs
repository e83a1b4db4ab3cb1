//! `/healthz`, `/readyz` and `/metrics`, which every process answers whatever its roles.

use std::{fmt::Write as _, future::Future, pin::Pin, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::metrics;

/// How long it may take to learn how something is.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

const NO_ANSWER: &str = "no answer in time";

/// What is fine, where there is no more to say.
pub const OK: &str = "ok";

/// What is fine, or what is wrong, in words for an operator.
type Words = Result<String, String>;

type Check = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Words> + Send>> + Send + Sync>;

/// What a process needs to do the work of its roles, and what else an operator wants to know.
#[derive(Default)]
pub struct Readiness {
    needs: Vec<(&'static str, Check)>,
    details: Vec<(&'static str, Check)>,
}

impl Readiness {
    /// Needs nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a need. `check` says how it is, in words for an operator.
    pub fn require<C, F>(&mut self, name: &'static str, check: C)
    where
        C: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Words> + Send + 'static,
    {
        self.needs.push((name, boxed(check)));
    }

    /// Adds what is told in the same way, and not needed.
    pub fn tell<C, F>(&mut self, name: &'static str, check: C)
    where
        C: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Words> + Send + 'static,
    {
        self.details.push((name, boxed(check)));
    }

    /// Runs all checks. `Ok` and `Err` both hold a line for each need, and for each detail.
    ///
    /// # Errors
    /// When one of the needs is not met.
    pub async fn report(&self) -> Result<String, String> {
        let (needs, details) = tokio::join!(run(&self.needs), run(&self.details));
        let ready = needs.iter().all(|(_, words)| words.is_ok());
        let mut lines = String::new();
        for (name, words) in needs.into_iter().chain(details) {
            let (Ok(words) | Err(words)) = words;
            // Writing to a String can't fail.
            let _infallible = writeln!(lines, "{name}: {words}");
        }
        if ready { Ok(lines) } else { Err(lines) }
    }
}

/// All together, each within its time.
async fn run(checks: &[(&'static str, Check)]) -> Vec<(&'static str, Words)> {
    join_all(
        checks
            .iter()
            .map(async |(name, check)| (*name, within(check()).await)),
    )
    .await
}

/// What somebody is asked, or that they have not answered within two seconds.
///
/// # Errors
/// What is wrong, in words for an operator.
pub async fn within<T>(asked: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    tokio::time::timeout(CHECK_TIMEOUT, asked)
        .await
        .unwrap_or_else(|_| Err(NO_ANSWER.to_owned()))
}

fn boxed<C, F>(check: C) -> Check
where
    C: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Words> + Send + 'static,
{
    Box::new(move || Box::pin(check()))
}

struct Health {
    readiness: Readiness,
    leaving: CancellationToken,
}

/// The routes. Readiness goes false as soon as `leaving` is cancelled.
pub fn router(readiness: Readiness, leaving: CancellationToken) -> Router {
    metrics::init();
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(show_metrics))
        .with_state(Arc::new(Health { readiness, leaving }))
}

async fn ready(State(health): State<Arc<Health>>) -> Response {
    if health.leaving.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n").into_response();
    }
    match health.readiness.report().await {
        Ok(lines) => lines.into_response(),
        Err(lines) => (StatusCode::SERVICE_UNAVAILABLE, lines).into_response(),
    }
}

async fn show_metrics() -> Response {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        metrics::render(),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn unmet_need_is_named() {
        let mut readiness = Readiness::new();
        readiness.require("postgres", async || Ok(OK.to_owned()));
        readiness.require("nats", async || Err("not connected".to_owned()));
        let report = readiness.report().await.unwrap_err();
        assert_eq!(report, "postgres: ok\nnats: not connected\n");
    }

    #[tokio::test]
    async fn what_is_merely_told_makes_nothing_unready() {
        let mut readiness = Readiness::new();
        readiness.tell("dead letters", async || Ok("3".to_owned()));
        readiness.require("postgres", async || Ok(OK.to_owned()));
        let report = readiness.report().await.unwrap();
        assert_eq!(report, "postgres: ok\ndead letters: 3\n");
    }
}
