//! A private Postgres and nats-server on this machine, for `televent up` and
//! for tests: on loopback, on free ports, with their data under one folder.
//!
//! The servers are children of this process, but in process groups of their
//! own, so that a Ctrl-C in the terminal reaches only us and the roles can
//! finish against living servers. `stop` is orderly; dropping without `stop`
//! kills; what a killed parent left running is stopped by the next start in
//! the same folder. A lock in the folder keeps two processes from sharing it.
//!
//! Deliberately elsewhere: every SQL statement (`televent-store`), streams and
//! consumers (`televent-broker`), and installing the programs (`./x setup`).

mod account;
mod binaries;
mod error;
mod folder;
mod nats;
mod postgres;
mod process;
mod server;

pub use binaries::Binaries;
pub use error::LocalServerError;
pub use nats::NatsServer;
pub use postgres::{Durability, Postgres};

use std::path::Path;

/// Stops what an ended process left running in `dir`, then deletes the folder.
///
/// # Errors
/// [`LocalServerError::InUse`] when a living process uses the folder.
pub async fn discard(dir: &Path) -> Result<(), LocalServerError> {
    let postgres = folder::Folder::open(dir, postgres::LOCK_FILE)?;
    let nats = folder::Folder::open(dir, nats::LOCK_FILE)?;
    postgres::stop_stale(&postgres).await?;
    nats::stop_stale(&nats).await?;
    std::fs::remove_dir_all(postgres.path())
        .map_err(|source| LocalServerError::io("delete", postgres.path(), source))
}
