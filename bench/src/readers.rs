//! What the workloads of reading share: one account with calendars of several sizes.

use anyhow::Result;

use crate::{
    dav::Target,
    people::{Account, add_account},
    progress::say,
    seed,
    serving::Serving,
    stage::{Database, Limits, Stage},
};

/// Whose calendars they are.
const OWNER: i64 = 500;

/// Events of the large calendar, and of the one with --quick.
const LARGE: usize = 100_000;
const QUICK_LARGE: usize = 5_000;

/// A calendar with this name has so many events.
pub const SMALL: (&str, usize) = ("small", 1_000);

/// The name of the large calendar.
pub const LARGE_SLUG: &str = "large";

/// The calendar that is read from the start, and how many events it has.
pub const FIRST_SYNC: (&str, usize) = ("first-sync", 10_000);
const QUICK_FIRST_SYNC: usize = 2_000;

/// A database with filled calendars.
#[derive(Debug)]
pub struct Readers {
    /// Where they are.
    pub database: Database,
    account: Account,
    /// Events of the large calendar.
    pub large: usize,
    /// Events of the calendar for first syncs.
    pub first_sync: usize,
}

impl Readers {
    /// Fills the calendars.
    ///
    /// # Errors
    /// When Postgres refuses.
    pub async fn seed(stage: &Stage) -> Result<Self> {
        let (large, first_sync) = if stage.quick {
            (QUICK_LARGE, QUICK_FIRST_SYNC)
        } else {
            (LARGE, FIRST_SYNC.1)
        };
        say(format_args!(
            "==> Filling calendars: {}, {first_sync} and {large} events",
            SMALL.1
        ));
        let database = stage.database().await?;
        let account = add_account(&database.url, OWNER).await?;
        for (slug, events) in [SMALL, (FIRST_SYNC.0, first_sync), (LARGE_SLUG, large)] {
            seed::calendar(&database.url, OWNER, slug, events).await?;
        }
        Ok(Self {
            database,
            account,
            large,
            first_sync,
        })
    }

    /// Starts the api on them.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn serve(&self, stage: &Stage) -> Result<Serving> {
        stage.forget_streams().await?;
        stage
            .serve(&self.database, "api", Limits::Default, None)
            .await
    }

    /// One of the calendars at a running api.
    #[must_use]
    pub fn target(&self, api: &Serving, slug: &str) -> Target {
        Target {
            address: api.address,
            calendar: self.account.calendar(slug),
            account: self.account.clone(),
        }
    }

    /// The path of something at the handler that is the floor.
    #[must_use]
    pub fn floor_path(&self, what: &str, rest: &str) -> String {
        format!("/{what}/{OWNER}/{rest}")
    }
}
