//! Errors shaped by what a caller can do about them.

use sqlx::error::ErrorKind;

/// Why a call to the store gave no result. Conflicts and absences are values, not errors.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Postgres can't be reached or is overloaded. Trying again later may help.
    #[error("Postgres is not available")]
    Unavailable(#[source] sqlx::Error),
    /// Others kept changing what was to be changed. Trying again later may help.
    #[error("what was to be changed is being changed by others")]
    Busy,
    /// The statement can't succeed as it is: a bug, or a schema that is not ours.
    #[error("Postgres refused a statement")]
    Refused(#[source] sqlx::Error),
    /// The migrations could not be applied.
    #[error("a migration failed")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row holds what the program can't have written.
    #[error("the database holds an invalid {what}")]
    Corrupt {
        /// The kind of value.
        what: &'static str,
    },
}

/// SQLSTATE classes of errors that pass by themselves: connection, serialization and deadlocks, resources,
/// locks, operator intervention and time-outs, system (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
const PASSING_SQLSTATE_CLASSES: [&str; 6] = ["08", "40", "53", "55", "57", "58"];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let passes = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(database) => database.code().is_some_and(|code| {
                PASSING_SQLSTATE_CLASSES
                    .iter()
                    .any(|class| code.starts_with(class))
            }),
            _ => false,
        };
        if passes {
            Self::Unavailable(error)
        } else {
            Self::Refused(error)
        }
    }
}

/// The constraint that a unique violation names, if the error is one.
pub(crate) fn violated_unique_constraint(error: &sqlx::Error) -> Option<&str> {
    let database = error.as_database_error()?;
    match database.kind() {
        ErrorKind::UniqueViolation => database.constraint(),
        _ => None,
    }
}
