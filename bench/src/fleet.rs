//! A whole Televent for the workloads that end in Telegram: an organizer, people who merely have Telegram, and the processes.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use sqlx::{Connection as _, PgConnection};

use crate::{
    dav::Target,
    events,
    people::{Account, add_account},
    serving::Serving,
    stage::{Database, Limits, Stage},
    telegram::Telegram,
};

/// The organizer's id.
const ORGANIZER: i64 = 900;

/// The first of the invited; the others follow.
const FIRST_INVITED: i64 = 3_000_000;

/// How long all cards together may take.
const SETTLED_WITHIN: Duration = Duration::from_secs(120);

/// How often it is asked whether they are there.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// Servers and people; processes are started by each workload.
#[derive(Debug)]
pub struct Fleet {
    /// Its own.
    pub database: Database,
    /// Its own.
    pub telegram: Telegram,
    organizer: Account,
    /// Who can be invited.
    pub invited: Vec<i64>,
}

impl Fleet {
    /// An organizer with a device, and so many people who have pressed Start and have no account.
    ///
    /// # Errors
    /// When a server refuses.
    pub async fn gather(stage: &Stage, people: usize) -> Result<Self> {
        stage.forget_streams().await?;
        let database = stage.database().await?;
        let organizer = add_account(&database.url, ORGANIZER).await?;
        let mut telegram = Telegram::start(stage.folder()).await?;
        telegram.add_person(ORGANIZER).await?;
        let invited: Vec<i64> = (0..people)
            .map(|number| Ok(FIRST_INVITED + i64::try_from(number)?))
            .collect::<Result<_>>()?;
        for id in &invited {
            telegram.add_person(*id).await?;
        }
        Ok(Self {
            database,
            telegram,
            organizer,
            invited,
        })
    }

    /// Starts a process; the bot's limits are lifted.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn serve(&self, stage: &Stage, roles: &str) -> Result<Serving> {
        stage
            .serve(&self.database, roles, Limits::Lifted, Some(&self.telegram))
            .await
    }

    /// The organizer's calendar.
    #[must_use]
    pub fn target(&self, api: &Serving) -> Target {
        Target {
            address: api.address,
            account: self.organizer.clone(),
            calendar: self.organizer.calendar("default"),
        }
    }

    /// PUT of a new meeting with these people.
    #[must_use]
    pub fn invite(target: &Target, uid: &str, people: &[i64]) -> Vec<u8> {
        let object = events::invitation(uid, ORGANIZER, people);
        target.put(&format!("{uid}.ics"), &object, true)
    }

    /// Waits until so many messages were accepted since the meter was reset, and returns when that was seen.
    ///
    /// # Errors
    /// When it takes too long, or there are more.
    pub async fn accepted(&mut self, wanted: u64) -> Result<Instant> {
        let started = Instant::now();
        loop {
            let accepted = self.telegram.accepted().await?;
            if accepted >= wanted {
                return Ok(Instant::now());
            }
            if started.elapsed() > SETTLED_WITHIN {
                bail!("{accepted} of {wanted} messages came in {SETTLED_WITHIN:?}");
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    /// Waits until every outbox row is settled, and sees that nothing was given up.
    ///
    /// # Errors
    /// When it takes too long, or something was.
    pub async fn settled(&self) -> Result<()> {
        let mut postgres = PgConnection::connect(&self.database.url).await?;
        let started = Instant::now();
        loop {
            let (open, dead): (i64, i64) = sqlx::query_as(
                "select (select count(*) from outbox_messages where state in ('pending', 'published')),
                        (select count(*) from dead_letters)",
            )
            .fetch_one(&mut postgres)
            .await?;
            ensure!(dead == 0, "{dead} messages were given up");
            if open == 0 {
                postgres.close().await?;
                return Ok(());
            }
            ensure!(
                started.elapsed() < SETTLED_WITHIN,
                "{open} outbox rows are not settled"
            );
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    /// Ends Telegram and forgets the database.
    ///
    /// # Errors
    /// When something is still in use.
    pub async fn disband(self, stage: &Stage) -> Result<()> {
        self.telegram.stop().await?;
        stage.drop_database(self.database).await
    }
}
