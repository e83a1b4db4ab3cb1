//! The server as the pool of connections sees it: how one comes into being, when it must show that it still works, and when it goes.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use deadpool::managed::{Manager, Metrics, Pool, RecycleError, RecycleResult};
use sqlx::{
    ConnectOptions as _, Connection as _, Error,
    postgres::{PgConnectOptions, PgConnection},
};

/// The longest that a connection may take to say that it is there.
const PING_DEADLINE: Duration = Duration::from_secs(1);

/// A connection that was lent within this time is trusted: asking first would cost each busy statement a round trip.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// How long a connection lives: what Postgres has gathered for it goes with it.
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 60);

/// As long lives one of the first. Plans go with their connection, and those that were made in a database that was nearly empty are
/// not those that it needs a minute later.
const SHORTEST_LIFE: Duration = Duration::from_secs(60);

/// How long a connection is kept that nobody needs, and how often that is looked at.
const KEPT_IDLE: Duration = Duration::from_secs(10 * 60);
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Makes connections, and remembers when one was last found broken.
pub(crate) struct Server {
    options: PgConnectOptions,
    suspicion: Suspicion,
    /// When idle connections were last looked at, in milliseconds after the suspicion's epoch.
    looked_at: AtomicU64,
}

impl Server {
    pub(crate) fn new(options: PgConnectOptions) -> Self {
        Self {
            options,
            suspicion: Suspicion::new(),
            looked_at: AtomicU64::new(0),
        }
    }

    pub(crate) fn a_connection_broke(&self) {
        self.suspicion.a_connection_broke(Instant::now());
    }

    /// Closes, now and then, what nobody has needed for long.
    pub(crate) fn close_idle(&self, pool: &Pool<Self>) {
        let now = self.suspicion.millis(Instant::now());
        let looked_at = self.looked_at.load(Ordering::Relaxed);
        let is_time = Duration::from_millis(now.saturating_sub(looked_at)) >= LOOK_EVERY;
        if is_time
            && self
                .looked_at
                .compare_exchange(looked_at, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        {
            drop(pool.retain(|_, metrics| metrics.last_used() < KEPT_IDLE));
        }
    }
}

impl Manager for Server {
    type Type = PgConnection;
    type Error = Error;

    async fn create(&self) -> Result<PgConnection, Error> {
        self.options.connect().await
    }

    async fn recycle(
        &self,
        connection: &mut PgConnection,
        metrics: &Metrics,
    ) -> RecycleResult<Error> {
        if metrics.age() > life(metrics.created.duration_since(self.suspicion.epoch)) {
            return Err(RecycleError::message("it is old"));
        }
        let must_answer = self.suspicion.falls_on(Instant::now(), metrics.last_used());
        if must_answer && !answers(connection).await {
            return Err(RecycleError::message("it does not answer"));
        }
        Ok(())
    }
}

/// How long a connection lives that was made so long after the first: as long again.
fn life(made_after: Duration) -> Duration {
    made_after.clamp(SHORTEST_LIFE, LONGEST_LIFE)
}

async fn answers(connection: &mut PgConnection) -> bool {
    matches!(
        tokio::time::timeout(PING_DEADLINE, connection.ping()).await,
        Ok(Ok(()))
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_connections_do_not_live_long() {
        for (made_after, expected) in [(0, 60), (59, 60), (90, 90), (7_200, 1_800)] {
            let made_after = Duration::from_secs(made_after);
            assert_eq!(life(made_after), Duration::from_secs(expected));
        }
    }

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
}
