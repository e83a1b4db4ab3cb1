//! Two ready-made people, with accounts, devices and chats. Their passwords are kept in the data
//! directory, since they are shown at each start.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use televent_calendar::TelegramUserId;
use televent_simulator::Simulator;
use televent_store::{NewUser, Store};
use uuid::Uuid;

use crate::commands::device;

const ORGANIZER: (i64, &str) = (10_001, "Ann");
const FRIEND: (i64, &str) = (98_765, "Kirill");

/// One of them.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Character {
    pub(super) telegram_id: i64,
    pub(super) name: String,
    pub(super) password: String,
}

impl Character {
    pub(super) fn username(&self) -> String {
        format!("tg_{}", self.telegram_id)
    }

    pub(super) fn id(&self) -> anyhow::Result<TelegramUserId> {
        Ok(TelegramUserId::new(self.telegram_id)?)
    }
}

/// Both.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct People {
    pub(super) organizer: Character,
    pub(super) friend: Character,
}

/// Finds them as the last run left them, or makes them.
pub(super) async fn ready_made(
    data_dir: &Path,
    store: &Store,
    simulator: &Simulator,
) -> anyhow::Result<People> {
    let file = data_dir.join("people.json");
    let known = fs::read(&file)
        .ok()
        .and_then(|text| serde_json::from_slice::<People>(&text).ok());
    let people = match known {
        Some(people) => people,
        None => {
            let people = People {
                organizer: make(store, ORGANIZER).await?,
                friend: make(store, FRIEND).await?,
            };
            // For the owner of the data directory alone: it holds passwords.
            OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&file)?
                .write_all(&serde_json::to_vec_pretty(&people)?)?;
            people
        }
    };
    for character in [&people.organizer, &people.friend] {
        reqwest::Client::builder()
            .no_proxy()
            .build()?
            .put(format!("{}/_sim/people/{}", simulator.url(), character.telegram_id))
            .json(&serde_json::json!({ "first_name": character.name, "started": true, "language_code": "en" }))
            .send()
            .await?
            .error_for_status()?;
    }
    Ok(people)
}

async fn make(store: &Store, (telegram_id, name): (i64, &str)) -> anyhow::Result<Character> {
    let id = TelegramUserId::new(telegram_id)?;
    store
        .add_user(&NewUser {
            telegram_id: id,
            name,
            username: None,
            language: Some("en"),
            time_zone: None,
            reachable: Some(true),
            calendar_id: Uuid::now_v7(),
        })
        .await?;
    let password = device::add(store, id, "televent up")
        .await?
        .context("the account was made just now")?;
    Ok(Character {
        telegram_id,
        name: name.to_owned(),
        password,
    })
}
