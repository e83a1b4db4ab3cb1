//! The operator's commands, one file each.

pub(crate) mod after_restore;
pub(crate) mod dead_letters;
pub(crate) mod device;
pub(crate) mod doctor;
pub(crate) mod feed;
pub(crate) mod healthy;
pub(crate) mod migrate;
pub(crate) mod nats_keys;
pub(crate) mod serve;
pub(crate) mod user;
mod watch;

use std::io::{self, Write as _};

use anyhow::{Context as _, bail};
use secrecy::ExposeSecret as _;
use televent_runtime::config::Config;
use televent_store::{SchemaState, Store};
use tracing::error;

/// The store of a command that needs the configured database with its schema.
async fn ready_store(config: &Config) -> anyhow::Result<Store> {
    let store = store(config)?;
    check_schema(&store).await?;
    Ok(store)
}

fn store(config: &Config) -> anyhow::Result<Store> {
    let url = config.database_url.as_ref().context(
        "database_url is not set; set TELEVENT_DATABASE_URL to postgres://user:password@host:5432/database",
    )?;
    Store::connect_lazy(url.expose_secret())
        .context("database_url: write postgres://user:password@host:5432/database, with options that Postgres knows")
}

/// Refuses a schema that is not this program's.
pub(crate) async fn check_schema(store: &Store) -> anyhow::Result<()> {
    let state = store
        .schema_state()
        .await
        .context("database_url: the database does not answer")?;
    match state {
        SchemaState::Current => Ok(()),
        SchemaState::Older { missing } => bail!(
            "the database's schema is older than this program ({missing} migrations are missing); run `televent migrate`"
        ),
        SchemaState::Newer { found } => bail!(
            "the database's schema is newer than this program (it has migration {found}); install the version that made it"
        ),
    }
}

/// Prints a line for the person who typed the command.
pub(crate) fn say(line: impl std::fmt::Display) {
    match writeln!(io::stdout(), "{line}") {
        Ok(()) => {}
        // Whoever reads, such as `head`, has had enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => error!(%error, "standard output can't be written to"),
    }
}
