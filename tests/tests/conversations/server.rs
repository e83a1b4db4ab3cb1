//! The api on a socket of its own, with a real Postgres and nothing else: what most conversations need.

use anyhow::Result;
use televent_api::{Api, router};
use televent_broker::RelayWaker;
use televent_calendar::InternalDomain;
use televent_runtime::listener::Listener;
use televent_store::Directory;
use televent_tests::TestDatabase;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A server, until it is dropped.
pub struct Server {
    database: TestDatabase,
    url: String,
    _stop: DropGuard,
}

/// What somebody types into a calendar app.
#[derive(Clone, Debug)]
pub struct Login {
    /// Scheme, host and port.
    pub server: String,
    pub username: String,
    pub password: String,
}

impl Server {
    pub async fn start() -> Result<Self> {
        let database = TestDatabase::create().await?;
        let listener = Listener::bind("127.0.0.1:0".parse()?, None).await?;
        let url = format!("http://{}", listener.address());
        let router = router(Api {
            store: database.store.clone(),
            domain: InternalDomain::default(),
            relay: RelayWaker::default(),
            public_url: url.clone(),
            bot_page: None,
            directory: Directory::Acquaintances,
        });
        let shutdown = CancellationToken::new();
        tokio::spawn(listener.serve(router, shutdown.clone()));
        Ok(Self {
            database,
            url,
            _stop: shutdown.drop_guard(),
        })
    }

    /// Puts a scheduling message into somebody's inbox.
    pub async fn deliver(&self, owner: i64, name: &str, message: &str) -> Result<()> {
        self.database.deliver(owner, name, message).await
    }

    /// Makes an account as the bot does at Start, and a password for a device.
    pub async fn account(&self, id: i64, name: &str) -> Result<Login> {
        self.database
            .add_account(id, name, Some("Europe/Berlin"))
            .await?;
        Ok(Login {
            server: self.url.clone(),
            username: format!("tg_{id}"),
            password: self.database.connect_device(id).await?,
        })
    }
}
