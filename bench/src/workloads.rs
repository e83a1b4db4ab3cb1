//! The workloads, by name: one file each.

mod beside_handler;
mod card;
mod cold_start;
mod first_sync;
mod get;
mod memory;
mod million;
mod month;
mod multiget;
mod notifier;
mod one_change;
mod poll;
mod press;
mod put;
mod relay;
mod scale;

use anyhow::{Result, bail};
use tokio::sync::OnceCell;

use crate::{readers::Readers, results::Outcome, stage::Stage};

/// Connections of the workloads of throughput.
pub const CONNECTIONS: usize = 16;

/// The names of all, in the order in which they run.
pub const WORKLOADS: [&str; 14] = [
    "put",
    "poll",
    "get",
    "one-change",
    "multiget",
    "month",
    "first-sync",
    "card",
    "press",
    "notifier",
    "relay",
    "memory",
    "million",
    "cold-start",
];

/// What workloads of one run share.
#[derive(Debug, Default)]
pub struct Shared {
    readers: OnceCell<Readers>,
}

impl Shared {
    /// Filled calendars, once they are needed.
    async fn readers(&self, stage: &Stage) -> Result<&Readers> {
        self.readers.get_or_try_init(|| Readers::seed(stage)).await
    }
}

/// Runs one.
///
/// # Errors
/// When there is no such workload, or when anything in it is not as it should be.
pub async fn run(name: &str, stage: &Stage, shared: &Shared) -> Result<Outcome> {
    stage.settle().await?;
    match name {
        "put" => put::run(stage).await,
        "poll" => poll::run(stage, shared.readers(stage).await?).await,
        "get" => get::run(stage, shared.readers(stage).await?).await,
        "one-change" => one_change::run(stage, shared.readers(stage).await?).await,
        "multiget" => multiget::run(stage, shared.readers(stage).await?).await,
        "month" => month::run(stage, shared.readers(stage).await?).await,
        "first-sync" => first_sync::run(stage, shared.readers(stage).await?).await,
        "card" => card::run(stage).await,
        "press" => press::run(stage).await,
        "notifier" => notifier::run(stage).await,
        "relay" => relay::run(stage).await,
        "memory" => memory::run(stage).await,
        "million" => million::run(stage, shared.readers(stage).await?).await,
        "cold-start" => cold_start::run(stage).await,
        other => bail!("there is no workload {other}; see --help"),
    }
}
