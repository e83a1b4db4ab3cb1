//! Work that one process of the fleet does at a time, such as long polling.

use std::time::Duration;

use uuid::Uuid;

use crate::{Store, StoreError};

/// A name under which one holder works until its time runs out.
#[derive(Clone, Debug)]
pub struct Lease {
    /// What the work is called.
    pub name: String,
    /// Who we are, unique for the process.
    pub holder: Uuid,
    /// How long a holder that stops renewing keeps others out.
    pub time_to_live: Duration,
}

impl Store {
    /// Takes or renews a lease. Returns whether it is ours now.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn hold_lease(&self, lease: &Lease) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "insert into leases (name, holder, expires_at)
             values ($1, $2, now() + $3 * interval '1 second')
             on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at
             where leases.holder = excluded.holder or leases.expires_at < now()",
            lease.name,
            lease.holder,
            lease.time_to_live.as_secs_f64(),
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives a lease back, so that another process need not wait for it to run out.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn release_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        sqlx::query!(
            "delete from leases where name = $1 and holder = $2",
            lease.name,
            lease.holder,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
