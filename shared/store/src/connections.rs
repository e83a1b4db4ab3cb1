//! The connections to Postgres, and how a statement runs on one: within a bound that does not need Postgres' help, and once more
//! where a connection broke and nothing can have been changed.
//!
//! A server that is gone without a word (a cable, a firewall, a machine that hangs) closes nothing, and its time-outs are gone with
//! it. So every wait here has an end of our own, and a connection that is not known to be sound is closed, never lent again.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::{Stream, TryStreamExt as _, stream};
use sqlx::{
    Connection as _, Describe, Either, Error, Execute, Executor, PgPool, Postgres, SqlStr,
    pool::PoolConnection,
    postgres::{
        PgArguments, PgConnectOptions, PgConnection, PgPoolOptions, PgQueryResult, PgRow,
        PgStatement, PgTypeInfo,
    },
};

use crate::PoolUse;

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

/// The longest that a connection may take to say that it is there.
const PING_DEADLINE: Duration = Duration::from_secs(1);

/// A connection that has worked within this time is trusted: asking first would cost each busy statement a round trip.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// What a statement tells: rows, and how many were changed.
type Told = Result<Vec<Either<PgQueryResult, PgRow>>, Error>;

/// The pool. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Connections {
    pool: PgPool,
    suspicion: Arc<Suspicion>,
    /// Statements that wait for a connection.
    waiting: Arc<AtomicUsize>,
    /// Whether statements have more to write than others.
    is_for_much: bool,
    /// Whether statements change nothing more when they are run twice.
    is_idempotent: bool,
}

/// When a connection was last found broken: others that have not worked since may be, too, as after a restart of Postgres.
struct Suspicion {
    epoch: Instant,
    /// Milliseconds after `epoch`; zero for never.
    broken_at: AtomicU64,
}

impl Suspicion {
    fn new() -> Self {
        Self {
            epoch: Instant::now(),
            broken_at: AtomicU64::new(0),
        }
    }

    fn millis(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.epoch);
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn a_connection_broke(&self, now: Instant) {
        // Rounded up, so that what worked in the same millisecond is asked.
        self.broken_at
            .fetch_max(self.millis(now).saturating_add(1), Ordering::Relaxed);
    }

    /// Whether a connection that has worked `idle_for` ago must show that it still does.
    fn falls_on(&self, now: Instant, idle_for: Duration) -> bool {
        let worked_at = now.checked_sub(idle_for).unwrap_or(self.epoch);
        idle_for >= TRUSTED_FOR || self.millis(worked_at) <= self.broken_at.load(Ordering::Relaxed)
    }
}

/// Counts somebody who waits, until dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection that goes back to the pool once the statement is through, and is closed if that is given up.
struct Lent {
    connection: Option<PoolConnection<Postgres>>,
    is_sound: bool,
}

impl Deref for Lent {
    type Target = PoolConnection<Postgres>;

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
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        if self.is_sound {
            // The pool asks a connection that comes back whether it is there, and would wait for ever.
            tokio::spawn(tokio::time::timeout(
                PING_DEADLINE,
                connection.return_to_pool(),
            ));
        } else {
            drop(connection.detach());
        }
    }
}

impl Connections {
    pub(crate) fn in_use(&self) -> PoolUse {
        let open = usize::try_from(self.pool.size()).unwrap_or_default();
        let idle = self.pool.num_idle();
        PoolUse {
            in_use: open.saturating_sub(idle),
            idle,
            waiting: self.waiting.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn new(pool: PgPoolOptions, server: PgConnectOptions) -> Self {
        let suspicion = Arc::new(Suspicion::new());
        let of_pool = Arc::clone(&suspicion);
        let pool = pool
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .before_acquire(move |connection, meta| {
                let must_answer = of_pool.falls_on(Instant::now(), meta.idle_for);
                Box::pin(async move { Ok(!must_answer || answers(connection).await) })
            })
            .connect_lazy_with(server);
        Self {
            pool,
            suspicion,
            waiting: Arc::default(),
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
            .map(PoolConnection::detach)
            .ok_or(Error::PoolClosed)
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.pool.is_closed()
    }

    /// A connection, as soon as there is one. The pool itself waits for a server that refuses connections; whatever stands before a
    /// server may take them and drop them, and a server that is about to end begins to talk and breaks off.
    async fn lend(&self) -> Result<Lent, Error> {
        let _waiting = Waiting::begin(&self.waiting);
        let deadline = tokio::time::Instant::now() + ACQUIRE_TIMEOUT;
        let mut pause = SHORTEST_PAUSE;
        loop {
            let acquired = tokio::time::timeout_at(deadline, self.pool.acquire()).await;
            let error = match acquired.unwrap_or(Err(Error::PoolTimedOut)) {
                Ok(connection) => {
                    return Ok(Lent {
                        connection: Some(connection),
                        is_sound: false,
                    });
                }
                Err(error) => error,
            };
            if !is_broken(&error) || tokio::time::Instant::now() + pause >= deadline {
                return Err(error);
            }
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
            Err(error) if is_broken(error) => self.suspicion.a_connection_broke(Instant::now()),
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
        let reset = connection.execute("reset statement_timeout").await;
        let told = told?;
        reset?;
        Ok(told)
    }
}

async fn answers(connection: &mut PgConnection) -> bool {
    matches!(
        tokio::time::timeout(PING_DEADLINE, connection.ping()).await,
        Ok(Ok(()))
    )
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
        Error::Database(database) => database
            .code()
            .is_some_and(|code| SHUTDOWNS.contains(&code.as_ref())),
        _ => false,
    }
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
        self.pool.prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'p: 'e,
    {
        self.pool.describe(sql)
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
    fn connection_that_has_not_worked_since_one_broke_must_answer() {
        let suspicion = Suspicion::new();
        let start = suspicion.epoch + Duration::from_secs(100);
        let after = |millis| start + Duration::from_millis(millis);
        let millis = Duration::from_millis;
        assert!(!suspicion.falls_on(start, millis(500)));
        assert!(suspicion.falls_on(start, TRUSTED_FOR));
        suspicion.a_connection_broke(start);
        assert!(suspicion.falls_on(after(100), millis(100)));
        assert!(suspicion.falls_on(after(100), millis(300)));
        assert!(!suspicion.falls_on(after(100), millis(50)));
        // An older finding does not hide a newer one.
        suspicion.a_connection_broke(after(200));
        suspicion.a_connection_broke(after(150));
        assert!(suspicion.falls_on(after(300), millis(120)));
    }

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
