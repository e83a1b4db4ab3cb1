//! The connections to Postgres, and how a statement runs on one: within a bound that does not need Postgres' help, and once more
//! where a connection broke and nothing can have been changed.
//!
//! A server that is gone without a word (a cable, a firewall, a machine that hangs) closes nothing, and its time-outs are gone with
//! it. So every wait here has an end of our own, and a connection that is not known to be sound is closed, never lent again.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    pin::Pin,
    time::Duration,
};

use deadpool::managed::{Object, Pool, PoolConfig, PoolError, QueueMode};
use futures_util::{Stream, TryStreamExt as _, stream};
use sqlx::{
    Describe, Either, Error, Execute, Executor, Postgres, SqlStr,
    error::DatabaseError,
    postgres::{
        PgArguments, PgConnectOptions, PgConnection, PgDatabaseError, PgQueryResult, PgRow,
        PgSeverity, PgStatement, PgTypeInfo,
    },
};

use crate::{PoolUse, server::Server};

/// The longest that a statement is waited for. Longer than Postgres itself lets one run, whose error says more.
pub(crate) const STATEMENT_DEADLINE: Duration = Duration::from_secs(12);

/// The same for one that writes many megabytes, and what Postgres itself lets it have.
const MUCH_DEADLINE: Duration = Duration::from_secs(65);
const MUCH_TIMEOUT: &str = "set statement_timeout = '60s'";

/// How long a statement waits for a connection. A restart of Postgres takes less.
pub(crate) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// The first pause between two tries to connect, and the longest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// What a statement tells: rows, and how many were changed.
type Told = Result<Vec<Either<PgQueryResult, PgRow>>, Error>;

/// The pool. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Connections {
    pool: Pool<Server>,
    /// Whether statements have more to write than others.
    is_for_much: bool,
    /// Whether statements change nothing more when they are run twice.
    is_idempotent: bool,
}

/// A connection that goes back to the pool once the statement is through, and is closed if that is given up.
struct Lent {
    connection: Option<Object<Server>>,
    is_sound: bool,
}

impl Deref for Lent {
    type Target = PgConnection;

    #[allow(clippy::expect_used, reason = "only dropping takes it")]
    fn deref(&self) -> &Self::Target {
        self.connection.as_ref().expect("it is lent until the drop")
    }
}

impl DerefMut for Lent {
    #[allow(clippy::expect_used, reason = "only dropping takes it")]
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.connection.as_mut().expect("it is lent until the drop")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            && !self.is_sound
        {
            drop(Object::take(connection));
        }
    }
}

impl Connections {
    pub(crate) fn in_use(&self) -> PoolUse {
        let status = self.pool.status();
        PoolUse {
            in_use: status.size.saturating_sub(status.available),
            idle: status.available,
            waiting: status.waiting,
        }
    }

    /// Up to `most` connections, none of which is opened before it is needed.
    pub(crate) fn new(most: usize, options: PgConnectOptions) -> Self {
        #[allow(
            clippy::expect_used,
            reason = "only time-outs of the pool's own can't be had"
        )]
        let pool = Pool::builder(Server::new(options))
            .config(PoolConfig {
                // Those that nobody needs get old.
                queue_mode: QueueMode::Lifo,
                ..PoolConfig::new(most)
            })
            .build()
            .expect("it has no time-outs");
        Self {
            pool,
            is_for_much: false,
            is_idempotent: false,
        }
    }

    /// For one statement that writes so many megabytes that it may take longer than others: a new meeting of a thousand people has
    /// two hundred.
    pub(crate) fn for_much(&self) -> Self {
        Self {
            is_for_much: true,
            ..self.clone()
        }
    }

    /// For a statement that changes something, and nothing more when it is run twice.
    pub(crate) fn idempotent(&self) -> Self {
        Self {
            is_idempotent: true,
            ..self.clone()
        }
    }

    /// A connection of the caller's own, outside of the pool.
    pub(crate) async fn detached(&self) -> Result<PgConnection, Error> {
        let mut lent = self.lend().await?;
        lent.connection
            .take()
            .map(Object::take)
            .ok_or(Error::PoolClosed)
    }

    /// Lends no more, and waits for what is lent.
    pub(crate) async fn close(&self) {
        self.pool.close();
        while self.pool.status().size > 0 {
            // What was given back in the moment of closing.
            drop(self.pool.retain(|_, _| false));
            tokio::time::sleep(SHORTEST_PAUSE).await;
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.pool.is_closed()
    }

    /// A connection, as soon as there is one. A server that begins or ends refuses connections or breaks them off, and so may whatever
    /// stands before it: they are asked for again.
    async fn lend(&self) -> Result<Lent, Error> {
        self.pool.manager().close_idle(&self.pool);
        let deadline = tokio::time::Instant::now() + ACQUIRE_TIMEOUT;
        let mut pause = SHORTEST_PAUSE;
        let mut met = None;
        loop {
            let error = match tokio::time::timeout_at(deadline, self.pool.get()).await {
                Ok(Ok(connection)) => {
                    return Ok(Lent {
                        connection: Some(connection),
                        is_sound: false,
                    });
                }
                Ok(Err(PoolError::Backend(error))) => error,
                Ok(Err(PoolError::Closed)) => return Err(Error::PoolClosed),
                // What the tries before have met says more than that the last one was cut short.
                Ok(Err(_)) | Err(_) => return Err(met.unwrap_or(Error::PoolTimedOut)),
            };
            if !may_be_there_soon(&error) || tokio::time::Instant::now() + pause >= deadline {
                return Err(error);
            }
            met = Some(error);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Runs a statement to its end.
    async fn run(&self, sql: SqlStr, arguments: Option<PgArguments>) -> Told {
        let may_be_repeated = self.is_idempotent || changes_nothing(sql.as_str());
        let again = may_be_repeated.then(|| (sql.clone(), arguments.clone()));
        match (self.run_once(sql, arguments).await, again) {
            (Err(error), Some((sql, arguments))) if is_broken(&error) => {
                self.run_once(sql, arguments).await
            }
            (told, _) => told,
        }
    }

    async fn run_once(&self, sql: SqlStr, arguments: Option<PgArguments>) -> Told {
        let mut lent = self.lend().await?;
        let deadline = if self.is_for_much {
            MUCH_DEADLINE
        } else {
            STATEMENT_DEADLINE
        };
        let told = tokio::time::timeout(deadline, self.tell(&mut lent, (sql, arguments)))
            .await
            .unwrap_or_else(|_| Err(no_answer()));
        match &told {
            Err(error) if is_broken(error) => self.pool.manager().a_connection_broke(),
            _ => lent.is_sound = true,
        }
        told
    }
}

impl Connections {
    async fn tell(
        &self,
        connection: &mut PgConnection,
        statement: (SqlStr, Option<PgArguments>),
    ) -> Told {
        if !self.is_for_much {
            return connection.fetch_many(statement).try_collect().await;
        }
        (&mut *connection).execute(MUCH_TIMEOUT).await?;
        let told = connection.fetch_many(statement).try_collect().await;
        // As it was when the connection began; on one that is broken it does not matter.
        connection.execute("reset statement_timeout").await?;
        told
    }
}

fn no_answer() -> Error {
    Error::Io(std::io::Error::new(
        std::io::ErrorKind::TimedOut,
        "Postgres has not answered in time",
    ))
}

/// Whether the connection is of no use any more; what became of its statement is not known.
fn is_broken(error: &Error) -> bool {
    /// Postgres ends, is killed, or begins (class 57, operator intervention).
    const SHUTDOWNS: [&str; 3] = ["57P01", "57P02", "57P03"];
    match error {
        Error::Io(_) | Error::Protocol(_) | Error::Tls(_) => true,
        Error::Database(database) => {
            let postgres = database.try_downcast_ref::<PgDatabaseError>();
            database
                .code()
                .is_some_and(|code| SHUTDOWNS.contains(&code.as_ref()))
                || postgres.is_some_and(|error| {
                    matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic)
                })
        }
        _ => false,
    }
}

/// Whether a server that says so, or is not there, may be there soon.
fn may_be_there_soon(error: &Error) -> bool {
    /// Postgres has as many connections as it takes: those that were just closed may still count (`too_many_connections`).
    const FULL: &str = "53300";
    let code = error.as_database_error().and_then(DatabaseError::code);
    is_broken(error) || code.is_some_and(|code| code == FULL)
}

/// Whether a statement may be run twice. A `select` here changes nothing but for `take_pace`, which takes a moment from the bot's
/// pace: one that was taken twice is a moment in which the bot is silent.
fn changes_nothing(sql: &str) -> bool {
    sql.trim_start().starts_with("select")
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}

type BoxFuture<'e, T> = Pin<Box<dyn Future<Output = T> + Send + 'e>>;
type BoxStream<'e, T> = Pin<Box<dyn Stream<Item = T> + Send + 'e>>;

impl<'p> Executor<'p> for &Connections {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        E: 'q + Execute<'q, Postgres>,
    {
        let told = self.told(query);
        Box::pin(
            stream::once(told)
                .map_ok(|told| stream::iter(told.into_iter().map(Ok)))
                .try_flatten(),
        )
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        E: 'q + Execute<'q, Postgres>,
    {
        let told = self.told(query);
        Box::pin(async move {
            Ok(told.await?.into_iter().find_map(|told| match told {
                Either::Left(_) => None,
                Either::Right(row) => Some(row),
            }))
        })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'p: 'e,
    {
        let connections = self.clone();
        Box::pin(async move {
            let mut lent = connections.lend().await?;
            let prepared = lent.prepare_with(sql, parameters).await;
            lent.is_sound = prepared.is_ok();
            prepared
        })
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'p: 'e,
    {
        let connections = self.clone();
        Box::pin(async move {
            let mut lent = connections.lend().await?;
            let described = lent.describe(sql).await;
            lent.is_sound = described.is_ok();
            described
        })
    }
}

impl Connections {
    fn told<'q, E>(&self, mut query: E) -> impl Future<Output = Told> + Send + use<'q, E>
    where
        E: 'q + Execute<'q, Postgres>,
    {
        let connections = self.clone();
        let arguments = query.take_arguments().map_err(Error::Encode);
        let sql = query.sql();
        async move { connections.run(sql, arguments?).await }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_nothing_is_run_again() {
        for (sql, expected) in [
            ("select 1", true),
            ("\n  select id from users", true),
            ("with new as (insert into users …) select 1", false),
            ("update users set name = $1 returning name", false),
            ("insert into users …", false),
        ] {
            assert_eq!(changes_nothing(sql), expected, "{sql}");
        }
    }
}
