//! Accounts with a device, as requests need them.

use anyhow::{Result, ensure};
use data_encoding::BASE64;
use televent_calendar::TelegramUserId;
use televent_store::{DeviceSecret, NewUser, Store};
use uuid::Uuid;

/// Whom a request is from, and at which server.
#[derive(Clone, Debug)]
pub struct Account {
    /// Their id.
    pub id: i64,
    /// The value of the header.
    pub authorization: String,
}

impl Account {
    /// A name and a password of any server.
    #[must_use]
    pub fn basic(id: i64, username: &str, password: &str) -> Self {
        let credentials = BASE64.encode(format!("{username}:{password}").as_bytes());
        Self {
            id,
            authorization: format!("Basic {credentials}"),
        }
    }

    /// The URL of one of their calendars at our server.
    #[must_use]
    pub fn calendar(&self, slug: &str) -> String {
        format!("/dav/calendars/{}/{slug}/", self.id)
    }
}

/// Makes an account with a device and the calendar `default`.
///
/// # Errors
/// When Postgres refuses.
pub async fn add_account(database_url: &str, id: i64) -> Result<Account> {
    let store = Store::connect_lazy(database_url)?;
    let telegram_id = TelegramUserId::new(id)?;
    let user = NewUser {
        telegram_id,
        name: &format!("Person {id}"),
        username: None,
        language: Some("en"),
        time_zone: Some("Europe/Berlin"),
        reachable: Some(true),
        calendar_id: Uuid::now_v7(),
    };
    store.add_user(&user).await?;
    let secret = DeviceSecret::from_random(rand::random());
    let added = store
        .add_device(Uuid::now_v7(), telegram_id, "bench", &secret)
        .await?;
    ensure!(added, "{id} has no account");
    store.close().await;
    Ok(Account::basic(id, &format!("tg_{id}"), &secret.reveal()))
}
