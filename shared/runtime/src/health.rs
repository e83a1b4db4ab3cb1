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

use crate::telemetry;

/// How long one readiness check may take.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

const NO_ANSWER: &str = "no answer in time";

type Check =
    Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

type Detail = Box<dyn Fn() -> Pin<Box<dyn Future<Output = String> + Send>> + Send + Sync>;

/// What a process needs to do the work of its roles, and what else an operator wants to know.
#[derive(Default)]
pub struct Readiness {
    checks: Vec<(&'static str, Check)>,
    details: Vec<(&'static str, Detail)>,
}

impl Readiness {
    /// Needs nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a need. `check` says what is wrong, in words for an operator.
    pub fn require<C, F>(&mut self, name: &'static str, check: C)
    where
        C: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.checks
            .push((name, Box::new(move || Box::pin(check()))));
    }

    /// Adds what is told and not needed.
    pub fn tell<D, F>(&mut self, name: &'static str, detail: D)
    where
        D: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = String> + Send + 'static,
    {
        self.details
            .push((name, Box::new(move || Box::pin(detail()))));
    }

    /// Runs all checks. `Ok` and `Err` both hold a line for each need, and for each detail.
    ///
    /// # Errors
    /// When one of the needs is not met.
    pub async fn report(&self) -> Result<String, String> {
        let checks = self.checks.iter().map(async |(name, check)| {
            let outcome = tokio::time::timeout(CHECK_TIMEOUT, check())
                .await
                .unwrap_or_else(|_| Err(NO_ANSWER.to_owned()));
            let is_met = outcome.is_ok();
            (
                *name,
                outcome.err().unwrap_or_else(|| "ok".to_owned()),
                is_met,
            )
        });
        let details = self.details.iter().map(async |(name, detail)| {
            let told = tokio::time::timeout(CHECK_TIMEOUT, detail()).await;
            (*name, told.unwrap_or_else(|_| NO_ANSWER.to_owned()))
        });
        let (checks, details) = tokio::join!(join_all(checks), join_all(details));
        let ready = checks.iter().all(|(_, _, is_met)| *is_met);
        let lines = checks
            .into_iter()
            .map(|(name, state, _)| (name, state))
            .chain(details)
            .fold(String::new(), |mut lines, (name, state)| {
                // Writing to a String can't fail.
                let _infallible = writeln!(lines, "{name}: {state}");
                lines
            });
        if ready { Ok(lines) } else { Err(lines) }
    }
}

struct Health {
    readiness: Readiness,
    shutdown: CancellationToken,
}

/// The routes. Readiness goes false as soon as `shutdown` is cancelled.
pub fn router(readiness: Readiness, shutdown: CancellationToken) -> Router {
    telemetry::init_metrics();
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(Arc::new(Health {
            readiness,
            shutdown,
        }))
}

async fn ready(State(health): State<Arc<Health>>) -> Response {
    if health.shutdown.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n").into_response();
    }
    match health.readiness.report().await {
        Ok(lines) => lines.into_response(),
        Err(lines) => (StatusCode::SERVICE_UNAVAILABLE, lines).into_response(),
    }
}

async fn metrics() -> Response {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        telemetry::render_metrics(),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn unmet_need_is_named() {
        let mut readiness = Readiness::new();
        readiness.require("postgres", async || Ok(()));
        readiness.require("nats", async || Err("not connected".to_owned()));
        let report = readiness.report().await.unwrap_err();
        assert_eq!(report, "postgres: ok\nnats: not connected\n");
    }

    #[tokio::test]
    async fn what_is_merely_told_makes_nothing_unready() {
        let mut readiness = Readiness::new();
        readiness.tell("dead letters", async || "3".to_owned());
        readiness.require("postgres", async || Ok(()));
        let report = readiness.report().await.unwrap();
        assert_eq!(report, "postgres: ok\ndead letters: 3\n");
    }
}
