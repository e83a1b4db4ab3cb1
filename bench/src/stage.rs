//! The servers of a run: Postgres that waits for its disk, nats-server as in production, and the programs that workloads start
//! beside them. Everything is a child of this process, on loopback, and gone with it.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use async_nats::jetstream;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use televent_localservers::{Binaries, Durability, NatsServer, Postgres};
use televent_store::Store;
use tempfile::TempDir;

use crate::{arguments::Plan, serving::Serving, telegram::Telegram};

/// The migrated database that all others are copies of.
const TEMPLATE: &str = "bench_template";

/// The configuration of nats-server in production.
const NATS_CONF: &str = include_str!("../../nats.conf");

/// What comes last in it, and is left out here: the load makes and deletes streams, which no user of it may.
const USERS: &str = "\nauthorization {";

/// Rounds of each side, unless told otherwise.
const ROUNDS: usize = 5;
const QUICK_ROUNDS: usize = 2;

/// How long a round of a closed loop takes.
const ROUND: Duration = Duration::from_secs(3);
const QUICK_ROUND: Duration = Duration::from_secs(1);

/// What workloads run on.
pub struct Stage {
    /// Programs of the servers.
    pub binaries: Binaries,
    /// Whether figures are not wanted.
    pub quick: bool,
    /// How many rounds of each side.
    pub rounds: usize,
    /// How long a round of a closed loop takes.
    pub round: Duration,
    televent: PathBuf,
    postgres: Postgres,
    nats: NatsServer,
    /// For logs; deleted at the end.
    folder: TempDir,
    databases: Cell<u32>,
}

/// A database of one workload.
#[derive(Clone, Debug)]
pub struct Database {
    /// `postgres://…`.
    pub url: String,
    name: String,
}

impl Stage {
    /// Starts the servers.
    ///
    /// # Errors
    /// When a program is missing or does not start.
    pub async fn start(plan: &Plan) -> Result<Self> {
        let binaries = Binaries::find()?;
        let own = std::env::current_exe()?;
        let televent = match &plan.televent {
            Some(path) => path.canonicalize()?,
            None => own.with_file_name("televent"),
        };
        if !televent.is_file() {
            bail!(
                "{} is missing: cargo build --release -p televent",
                televent.display()
            );
        }
        // In the project's target folder, as the system's temporary folder may be in memory, where fsync costs nothing.
        let parent = own.parent().unwrap_or(Path::new("."));
        let folder = tempfile::Builder::new()
            .prefix("bench-")
            .tempdir_in(parent)?;
        // Postgres runs as another user when we are root.
        let servers = folder.path().join("servers");
        std::fs::create_dir(&servers)?;
        open_to_all(folder.path())?;
        let nats_conf = folder.path().join("nats.conf");
        let for_anybody = NATS_CONF.split(USERS).next().unwrap_or(NATS_CONF);
        std::fs::write(&nats_conf, for_anybody)?;
        let (postgres, nats) = tokio::join!(
            Postgres::start(&binaries, &servers, Durability::Full),
            NatsServer::start(&binaries, &servers, Some(&nats_conf)),
        );
        let stage = Self {
            postgres: postgres?,
            nats: nats?,
            quick: plan.quick,
            rounds: plan
                .rounds
                .unwrap_or(if plan.quick { QUICK_ROUNDS } else { ROUNDS }),
            round: if plan.quick { QUICK_ROUND } else { ROUND },
            binaries,
            televent,
            folder,
            databases: Cell::new(0),
        };
        let admin = Store::connect_lazy(&stage.postgres.url("postgres"))?;
        admin.ensure_database(TEMPLATE).await?;
        admin.close().await;
        let template = Store::connect_lazy(&stage.postgres.url(TEMPLATE))?;
        template.migrate().await?;
        template.close().await;
        Ok(stage)
    }

    /// A fresh, migrated database.
    ///
    /// # Errors
    /// When Postgres refuses.
    pub async fn database(&self) -> Result<Database> {
        let number = self.databases.get() + 1;
        self.databases.set(number);
        let name = format!("bench_{number}");
        let mut admin = PgConnection::connect(&self.postgres.url("postgres")).await?;
        // By files: a checkpoint now rather than one in the middle of what is measured.
        let create = format!("create database {name} template {TEMPLATE} strategy file_copy");
        sqlx::query(AssertSqlSafe(create))
            .execute(&mut admin)
            .await?;
        admin.close().await?;
        Ok(Database {
            url: self.postgres.url(&name),
            name,
        })
    }

    /// Deletes a database when nobody uses it any more.
    ///
    /// # Errors
    /// When Postgres refuses.
    pub async fn drop_database(&self, database: Database) -> Result<()> {
        let mut admin = PgConnection::connect(&self.postgres.url("postgres")).await?;
        let drop = format!("drop database {} with (force)", database.name);
        sqlx::query(AssertSqlSafe(drop)).execute(&mut admin).await?;
        admin.close().await?;
        Ok(())
    }

    /// Writes out what is unwritten, so that no checkpoint falls into the round that follows.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn settle(&self) -> Result<()> {
        let mut admin = PgConnection::connect(&self.postgres.url("postgres")).await?;
        sqlx::query("checkpoint").execute(&mut admin).await?;
        admin.close().await?;
        Ok(())
    }

    /// Starts a process with these roles, and waits until it is ready.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn serve(
        &self,
        database: &Database,
        roles: &str,
        limits: Limits,
        telegram: Option<&Telegram>,
    ) -> Result<Serving> {
        let mut environment = vec![
            ("TELEVENT_DATABASE_URL", database.url.clone()),
            ("TELEVENT_NATS_URL", self.nats.url()),
            ("TELEVENT_LOG", "warn".to_owned()),
        ];
        if let Some(telegram) = telegram {
            environment.push(("TELEVENT_TELEGRAM_API_URL", telegram.url()));
            environment.push(("TELEVENT_TELEGRAM_TOKEN", crate::telegram::TOKEN.to_owned()));
        }
        if limits == Limits::Lifted {
            for key in [
                "TELEVENT_TELEGRAM_MESSAGES_PER_SECOND",
                "TELEVENT_TELEGRAM_CHAT_MESSAGES_PER_SECOND",
                "TELEVENT_TELEGRAM_GROUP_MESSAGES_PER_MINUTE",
                "TELEVENT_TELEGRAM_EDIT_INTERVAL_SECONDS",
            ] {
                environment.push((key, "0".to_owned()));
            }
        }
        Serving::start(&self.televent, self.folder.path(), roles, environment).await
    }

    /// The address of nats-server.
    #[must_use]
    pub fn nats_url(&self) -> String {
        self.nats.url()
    }

    /// Access to JetStream beside the processes.
    ///
    /// # Errors
    /// When nats-server does not answer.
    pub async fn jetstream(&self) -> Result<jetstream::Context> {
        Ok(jetstream::new(async_nats::connect(self.nats.url()).await?))
    }

    /// Forgets all streams; processes make them anew when they start.
    ///
    /// # Errors
    /// When nats-server does not answer.
    pub async fn forget_streams(&self) -> Result<()> {
        let jetstream = self.jetstream().await?;
        for stream in ["INVITES", "UPDATES"] {
            // One that is not there is as good.
            drop(jetstream.delete_stream(stream).await);
        }
        Ok(())
    }

    /// Where pgbench is: beside Postgres.
    #[must_use]
    pub fn pgbench(&self) -> PathBuf {
        let beside = self.binaries.postgres_bin.join("pgbench");
        if beside.is_file() {
            beside
        } else {
            // Debian puts it with the client's programs.
            PathBuf::from("pgbench")
        }
    }

    /// A folder for files of a workload.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops the servers.
    ///
    /// # Errors
    /// When one does not end.
    pub async fn stop(self) -> Result<()> {
        self.nats.stop().await.context("nats-server")?;
        self.postgres.stop().await.context("Postgres")?;
        Ok(())
    }
}

/// How fast the bot writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limits {
    /// As by default, and as Telegram allows.
    Default,
    /// As fast as it can.
    Lifted,
}

fn open_to_all(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
    Ok(())
}
