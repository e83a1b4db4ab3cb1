//! A database for each test, copied from a template that is migrated once a run.

use std::{net::SocketAddr, path::Path, sync::Once, time::Duration};

use anyhow::{Context as _, Result, ensure};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use televent_calendar::TelegramUserId;
use televent_store::{DeviceSecret, NewUser, Store};
use tokio::time::timeout;
use url::Url;
use uuid::Uuid;

use crate::Proxy;

/// Names the admin database of the Postgres that `./x test` has started.
const ADMIN_URL_VARIABLE: &str = "TELEVENT_TEST_DATABASE_URL";

const TEMPLATE: &str = "televent_template";

/// Key of the advisory lock under which the template is made; any number that nobody else uses.
const TEMPLATE_LOCK: i64 = 7_461_002;

/// How long a race may take to come to its gate before the test fails.
const GATE_PATIENCE: Duration = Duration::from_secs(20);

/// What the names of these databases begin with; the number of the process that has made it comes next.
const PREFIX: &str = "test_";

static OTHERS_ARE_DROPPED: Once = Once::new();

/// A migrated database of one test. It goes when a later program of the run makes its first one, or with the server.
#[derive(Clone, Debug)]
pub struct TestDatabase {
    /// `postgres://…`.
    pub url: String,
    /// A store on it.
    pub store: Store,
}

impl TestDatabase {
    /// Makes an empty, migrated database.
    pub async fn create() -> Result<Self> {
        Self::copy_of(true).await
    }

    /// Makes a database in which nothing is, not even the schema.
    pub async fn create_unmigrated() -> Result<Self> {
        Self::copy_of(false).await
    }

    async fn copy_of(migrated: bool) -> Result<Self> {
        let admin_url = std::env::var(ADMIN_URL_VARIABLE).with_context(|| {
            format!("{ADMIN_URL_VARIABLE} is not set: run the tests with ./x test")
        })?;
        let mut admin = PgConnection::connect(&admin_url).await?;
        ensure_template(&mut admin, &admin_url).await?;
        drop_others(&admin_url);
        let name = format!("{PREFIX}{}_{}", std::process::id(), Uuid::new_v4().simple());
        let template = if migrated { TEMPLATE } else { "template0" };
        let create = format!("create database {name} template {template}");
        sqlx::query(AssertSqlSafe(create))
            .execute(&mut admin)
            .await?;
        admin.close().await?;
        let url = with_database(&admin_url, &name)?;
        Ok(Self {
            store: Store::connect_lazy(&url)?,
            url,
        })
    }

    /// Where Postgres listens.
    pub fn address(&self) -> SocketAddr {
        let url: Url = self.url.parse().expect("a URL of Postgres");
        let host = url.host_str().expect("a host").parse();
        SocketAddr::new(host.expect("an address"), url.port().expect("a port"))
    }

    /// A proxy before Postgres, and the database's URL through it.
    pub async fn behind_proxy(&self) -> (Proxy, String) {
        let proxy = Proxy::start().await;
        proxy.forward_to(self.address());
        let (direct, through) = (self.address().to_string(), proxy.address().to_string());
        let url = self.url.replace(&direct, &through);
        (proxy, url)
    }

    /// A connection beside the store's, to look at tables with.
    pub async fn connect(&self) -> Result<PgConnection> {
        Ok(PgConnection::connect(&self.url).await?)
    }

    /// Comes back when this many connections wait for a lock of another.
    pub async fn until_waiting(&self, wanted: i64) -> Result<()> {
        let mut connection = self.connect().await?;
        timeout(GATE_PATIENCE, all_wait(&mut connection, wanted))
            .await
            .context("nobody came to the gate")?
    }

    /// Makes an account as the bot does at Start, with a time zone such as `Europe/Berlin`.
    pub async fn add_account(&self, id: i64, name: &str, time_zone: Option<&str>) -> Result<()> {
        let user = NewUser {
            telegram_id: TelegramUserId::new(id)?,
            name,
            username: None,
            language: None,
            time_zone,
            reachable: None,
            calendar_id: Uuid::now_v7(),
        };
        self.store.add_user(&user).await?;
        Ok(())
    }

    /// Connects a device of somebody who has an account. Returns its password.
    pub async fn connect_device(&self, id: i64) -> Result<String> {
        let owner = TelegramUserId::new(id)?;
        let secret = DeviceSecret::from_random(rand::random());
        let added = self
            .store
            .add_device(Uuid::now_v7(), owner, "test", &secret)
            .await?;
        ensure!(added, "{id} has no account");
        Ok(secret.reveal())
    }
}

async fn all_wait(connection: &mut PgConnection, wanted: i64) -> Result<()> {
    loop {
        let waiting: i64 = sqlx::query_scalar(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
        .fetch_one(&mut *connection)
        .await?;
        if waiting >= wanted {
            return Ok(());
        }
        tokio::task::yield_now().await;
    }
}

/// Drops, beside everything else, the databases of programs that have ended: a thousand and a half of them are more than a small disk has
/// room for. What can't be dropped is left to the next program.
fn drop_others(admin_url: &str) {
    OTHERS_ARE_DROPPED.call_once(|| {
        let admin_url = admin_url.to_owned();
        std::thread::spawn(move || -> Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let mut admin = PgConnection::connect(&admin_url).await?;
                let names: Vec<String> = sqlx::query_scalar(
                    "select datname::text from pg_database where starts_with(datname, $1)",
                )
                .bind(PREFIX)
                .fetch_all(&mut admin)
                .await?;
                for name in names.iter().filter(|name| has_ended(name)) {
                    let drop = format!("drop database {name} with (force)");
                    sqlx::query(AssertSqlSafe(drop)).execute(&mut admin).await?;
                }
                Ok(())
            })
        });
    });
}

/// Whether the process that has made a database is gone.
fn has_ended(database: &str) -> bool {
    let rest = database.strip_prefix(PREFIX);
    rest.and_then(|rest| rest.split_once('_'))
        .is_some_and(|(process, _)| !Path::new("/proc").join(process).exists())
}

async fn ensure_template(admin: &mut PgConnection, admin_url: &str) -> Result<()> {
    sqlx::query("select pg_advisory_lock($1)")
        .bind(TEMPLATE_LOCK)
        .execute(&mut *admin)
        .await?;
    let made: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(TEMPLATE)
            .fetch_one(&mut *admin)
            .await?;
    if !made {
        // Made under another name first: a run that dies in the middle leaves no half template.
        let draft = format!("{TEMPLATE}_{}", Uuid::new_v4().simple());
        sqlx::query(AssertSqlSafe(format!("create database {draft}")))
            .execute(&mut *admin)
            .await?;
        let store = Store::connect_lazy(&with_database(admin_url, &draft)?)?;
        store.migrate().await?;
        store.close().await;
        let rename = format!("alter database {draft} rename to {TEMPLATE}");
        sqlx::query(AssertSqlSafe(rename))
            .execute(&mut *admin)
            .await?;
    }
    sqlx::query("select pg_advisory_unlock($1)")
        .bind(TEMPLATE_LOCK)
        .execute(&mut *admin)
        .await?;
    Ok(())
}

fn with_database(url: &str, name: &str) -> Result<String> {
    let (server, _) = url
        .rsplit_once('/')
        .context("the admin URL names no database")?;
    Ok(format!("{server}/{name}"))
}
