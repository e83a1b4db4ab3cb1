//! A handler that does one indexed query and answers: axum and sqlx as the server uses them, and nothing besides.

use std::{net::SocketAddr, process::ExitCode};

use anyhow::Result;
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use televent_store::MAX_CONNECTIONS;
use tokio::{net::TcpListener, process::Command};

use crate::{
    arguments::Floor,
    http::Answer,
    load::Script,
    serving::{Serving, free_address},
    stage::{Database, Stage},
};

/// Where the process shall listen.
const LISTEN_VARIABLE: &str = "BENCH_FLOOR_LISTEN";

/// Serves until it is killed.
///
/// # Errors
/// When it can't listen, or Postgres does not answer.
pub async fn serve(floor: &Floor) -> Result<ExitCode> {
    let options: PgConnectOptions = floor.database_url.parse()?;
    let pool = PgPoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .test_before_acquire(false)
        .connect_with(options.options([("plan_cache_mode", "force_generic_plan")]))
        .await?;
    let router = Router::new()
        .route("/ready", get(async || "ok"))
        .route("/ctag/{owner}/{slug}", get(ctag))
        .route("/object/{owner}/{slug}/{name}", get(object))
        .with_state(pool);
    let address: SocketAddr = std::env::var(LISTEN_VARIABLE)?.parse()?;
    let listener = TcpListener::bind(address).await?;
    axum::serve(listener, router).await?;
    Ok(ExitCode::SUCCESS)
}

/// Starts the process.
///
/// # Errors
/// When it does not start.
pub async fn start(stage: &Stage, database: &Database) -> Result<Serving> {
    let address = free_address()?;
    let log = stage.folder().join("floor.log");
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["floor", "--database-url", &database.url])
        .env(LISTEN_VARIABLE, address.to_string())
        .stderr(std::fs::File::create(&log)?);
    Serving::of_command(command, address, "/ready", &log).await
}

async fn ctag(
    State(pool): State<PgPool>,
    Path((owner, slug)): Path<(i64, String)>,
) -> Result<String, StatusCode> {
    let ctag: Option<i64> = sqlx::query_scalar(
        "select ctag from calendars where owner = $1 and slug = $2 and deleted_at is null",
    )
    .bind(owner)
    .bind(slug)
    .fetch_optional(&pool)
    .await
    .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    ctag.map(|ctag| ctag.to_string())
        .ok_or(StatusCode::NOT_FOUND)
}

async fn object(
    State(pool): State<PgPool>,
    Path((owner, slug, name)): Path<(i64, String, String)>,
) -> Result<Vec<u8>, StatusCode> {
    let object: Option<Vec<u8>> = sqlx::query_scalar(
        "select e.object from calendars c join events e on e.calendar_id = c.id
         where c.owner = $1 and c.slug = $2 and c.deleted_at is null and e.resource_name = $3 and e.deleted_at is null",
    )
    .bind(owner)
    .bind(slug)
    .bind(name)
    .fetch_optional(&pool)
    .await
    .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    object.ok_or(StatusCode::NOT_FOUND)
}

/// Asks the handler for one of some paths in turn.
#[derive(Clone, Debug)]
pub struct Ask {
    requests: Vec<Vec<u8>>,
    at: usize,
    /// How every answer begins; empty for anything that is not.
    begins: &'static [u8],
}

impl Ask {
    /// For these paths.
    #[must_use]
    pub fn paths(paths: impl Iterator<Item = String>, begins: &'static [u8]) -> Self {
        let request =
            |path: String| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes();
        Self {
            requests: paths.map(request).collect(),
            at: 0,
            begins,
        }
    }
}

impl Script for Ask {
    fn request(&mut self, buffer: &mut Vec<u8>) {
        self.at = (self.at + 1) % self.requests.len().max(1);
        if let Some(request) = self.requests.get(self.at) {
            buffer.extend_from_slice(request);
        }
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<()> {
        answer.expect(&[200])?;
        anyhow::ensure!(
            !answer.body.is_empty() && answer.body.starts_with(self.begins),
            "another answer"
        );
        Ok(())
    }
}
