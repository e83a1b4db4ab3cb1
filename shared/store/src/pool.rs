//! The connection pool, the migrations and the check that the schema is ours.

use std::{str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    Connection as _,
    migrate::{MigrateError, Migrator},
    postgres::PgConnectOptions,
};

use crate::{StoreError, connections::Connections, premises::Memory};

static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// Connections a process may hold. Postgres' default limit of 100 leaves room for several processes.
pub const MAX_CONNECTIONS: u32 = 16;

/// The longest a statement may take; the slowest ones take some milliseconds.
const STATEMENT_TIMEOUT: &str = "10s";

/// The longest a statement may wait for a row that somebody else is writing.
const LOCK_TIMEOUT: &str = "5s";

/// The longest a migration waits for a table that is in use.
const MIGRATION_LOCK_TIMEOUT: &str = "1s";

/// Then it lets the others go on for so long, and tries again.
const MIGRATION_RETRY: Duration = Duration::from_secs(1);

/// How often it tries.
const MIGRATION_TRIES: u32 = 60;

/// A handle to the database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) pool: Connections,
    pub(crate) memory: Arc<Memory>,
}

/// How the database's schema relates to this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// Exactly the migrations that this program knows.
    Current,
    /// Migrations are missing: run `televent migrate`.
    Older {
        /// How many are missing.
        missing: usize,
    },
    /// A newer program has migrated it.
    Newer {
        /// The newest version found.
        found: i64,
    },
}

impl Store {
    /// Prepares a pool for `url` (`postgres://user:password@host:port/database`). No connection is
    /// opened before the first use, so that a process can start while Postgres is still away.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when `url` is not a Postgres URL.
    pub fn connect_lazy(url: &str) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(StoreError::from)?
            .application_name("televent")
            .options([
                ("statement_timeout", STATEMENT_TIMEOUT),
                ("lock_timeout", LOCK_TIMEOUT),
                ("idle_in_transaction_session_timeout", STATEMENT_TIMEOUT),
                // Every statement is written for an index, whatever its parameters. Left to itself, Postgres plans some of
                // them anew each time, which takes several times as long as running them.
                ("plan_cache_mode", "force_generic_plan"),
                // Such a plan lives until Postgres counts the rows of a table again. One that was made while there were few would read
                // a whole table, as it has become, for each row.
                ("enable_seqscan", "off"),
                // No statement runs for as long as compiling it takes; and before version 18 Postgres takes what it reads in spite of the
                // line above for very expensive.
                ("jit", "off"),
            ]);
        Ok(Self {
            pool: Connections::new(MAX_CONNECTIONS as usize, options),
            memory: Arc::default(),
        })
    }

    /// Makes the database `name` on the same server if it is not there.
    ///
    /// # Errors
    /// When Postgres does not answer, or refuses.
    pub async fn ensure_database(&self, name: &str) -> Result<(), StoreError> {
        let is_there: bool =
            sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
                .bind(name)
                .fetch_one(&self.pool)
                .await?;
        if !is_there {
            // A name can't be a parameter of this statement; it is quoted as an identifier.
            let quoted = name.replace('"', "\"\"");
            sqlx::query(sqlx::AssertSqlSafe(format!("create database \"{quoted}\"")))
                .execute(&self.pool)
                .await?;
        }
        Ok(())
    }

    /// Applies the migrations that are missing.
    ///
    /// # Errors
    /// [`StoreError::Migration`] when one fails, or when the schema is newer than this program.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = self.pool.detached().await?;
        // A migration takes as long as it takes, but while it waits for a table, everybody else waits behind it.
        sqlx::raw_sql("set statement_timeout = 0")
            .execute(&mut connection)
            .await?;
        sqlx::query("select set_config('lock_timeout', $1, false)")
            .bind(MIGRATION_LOCK_TIMEOUT)
            .execute(&mut connection)
            .await?;
        let mut tries = 1;
        while let Err(error) = MIGRATOR.run(&mut connection).await {
            if tries == MIGRATION_TRIES || !is_lock_timeout(&error) {
                return Err(error.into());
            }
            tries += 1;
            tokio::time::sleep(MIGRATION_RETRY).await;
        }
        connection.close().await?;
        Ok(())
    }

    /// Compares the applied migrations with those of this program.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn schema_state(&self) -> Result<SchemaState, StoreError> {
        let has_table: bool =
            sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
                .fetch_one(&self.pool)
                .await?;
        let applied: Vec<i64> = if has_table {
            sqlx::query_scalar(
                "select version from _sqlx_migrations where success order by version",
            )
            .fetch_all(&self.pool)
            .await?
        } else {
            Vec::new()
        };
        let newest_known = MIGRATOR.iter().map(|migration| migration.version).max();
        if let Some(found) = applied.last().copied()
            && Some(found) > newest_known
        {
            return Ok(SchemaState::Newer { found });
        }
        let missing = MIGRATOR
            .iter()
            .filter(|migration| !applied.contains(&migration.version))
            .count();
        Ok(if missing == 0 {
            SchemaState::Current
        } else {
            SchemaState::Older { missing }
        })
    }

    /// One round trip, for readiness.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("select 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Closes all connections; statements under way finish first.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Whether [`Store::close`] was called: nothing can be read or written any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.pool.is_closed()
    }
}

/// SQLSTATE `lock_not_available`.
const LOCK_NOT_AVAILABLE: &str = "55P03";

fn is_lock_timeout(error: &MigrateError) -> bool {
    let (MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) = error else {
        return false;
    };
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == LOCK_NOT_AVAILABLE)
}
