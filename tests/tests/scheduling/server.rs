//! The server that a script talks to, and the people who have accounts there: the router on a database of its own, or,
//! where Telegram takes part, whole processes.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use axum::{Router, body::Body};
use http_body_util::BodyExt as _;
use reqwest::{Client, Method, Url};
use televent_api::{Api, router};
use televent_broker::RelayWaker;
use televent_calendar::InternalDomain;
use televent_store::Directory;
use televent_tests::{Message, TestDatabase, World};
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::script::{Participant, Person};

/// Where the router would be, if it were anywhere.
const NOWHERE: &str = "http://cal.example";

/// A server and its devices.
pub struct Server {
    kind: Kind,
    http: Client,
    /// Username and password of somebody's device.
    devices: BTreeMap<Person, (String, String)>,
}

enum Kind {
    Router {
        database: TestDatabase,
        router: Router,
    },
    World(Box<World>),
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(formatter, "{}", self.status)?;
        for (name, value) in &self.headers {
            writeln!(formatter, "{name}: {value}")?;
        }
        write!(formatter, "\n{}", self.body)
    }
}

impl Server {
    pub async fn start(with_telegram: bool) -> Result<Self> {
        let kind = if with_telegram {
            Kind::World(Box::new(World::start().await))
        } else {
            let database = TestDatabase::create().await?;
            let router = router(Api {
                store: database.store.clone(),
                domain: InternalDomain::default(),
                relay: RelayWaker::default(),
                public_url: NOWHERE.to_owned(),
                bot_page: None,
                directory: Directory::Acquaintances,
            });
            Kind::Router { database, router }
        };
        Ok(Self {
            kind,
            http: Client::builder().no_proxy().build()?,
            devices: BTreeMap::new(),
        })
    }

    /// Somebody comes into the script.
    pub async fn add(&mut self, participant: Participant) -> Result<()> {
        let Participant {
            person,
            has_account,
        } = participant;
        if let Kind::World(world) = &self.kind {
            if has_account {
                world.telegram.add_person(person.id, person.name).await;
            } else {
                world.telegram.add_stranger(person.id, person.name).await;
            }
        }
        if has_account {
            self.database()
                .add_account(person.id, person.name, None)
                .await?;
            self.add_device(person).await?;
        }
        Ok(())
    }

    /// They press Start in the bot's chat, and then connect a device.
    pub async fn press_start(&mut self, person: Person) -> Result<()> {
        self.world()?.telegram.press_start(person.id).await;
        self.settled().await;
        self.add_device(person).await
    }

    async fn add_device(&mut self, person: Person) -> Result<()> {
        let password = self.database().connect_device(person.id).await?;
        self.devices
            .insert(person, (format!("tg_{}", person.id), password));
        Ok(())
    }

    /// A request by somebody's device.
    pub async fn send(
        &self,
        who: Person,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer> {
        let (username, password) = self
            .devices
            .get(&who)
            .with_context(|| format!("{} has no device", who.name))?;
        let base = match &self.kind {
            Kind::Router { .. } => NOWHERE,
            Kind::World(world) => world.url(),
        };
        let method = Method::from_bytes(method.as_bytes())?;
        let mut request = self
            .http
            .request(method, Url::parse(base)?.join(path)?)
            .basic_auth(username, Some(password))
            .body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match &self.kind {
            Kind::Router { router, .. } => {
                let request = axum::http::Request::<reqwest::Body>::try_from(request.build()?)?;
                let response = router.clone().oneshot(request.map(Body::new)).await?;
                let (parts, body) = response.into_parts();
                answer(
                    parts.status.as_u16(),
                    &parts.headers,
                    &body.collect().await?.to_bytes(),
                )
            }
            Kind::World(_) => {
                let response = request.send().await?;
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                answer(status, &headers, &response.bytes().await?)
            }
        }
    }

    /// Waits until nothing is on its way to Telegram or from there.
    pub async fn settled(&self) {
        if let Kind::World(world) = &self.kind {
            world.settled().await;
        }
    }

    /// All outbox rows that there ever were: id, kind and person.
    pub async fn outbox(&self) -> Result<BTreeSet<(Uuid, String, i64)>> {
        let mut connection = self.database().connect().await?;
        let rows: Vec<_> = sqlx::query_as("select id, kind, telegram_id from outbox_messages")
            .fetch_all(&mut connection)
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// Somebody presses a button of their newest card.
    pub async fn press(&self, who: Person, label: &str) -> Result<()> {
        let card = self.card(who).await?;
        let button = card
            .buttons
            .iter()
            .find(|button| button.label.ends_with(label));
        let button = button.with_context(|| format!("no such button on {card:#?}"))?;
        let telegram = &self.world()?.telegram;
        let press = telegram.press(who.id, card.id, &button.data).await;
        telegram.answer(&press).await;
        Ok(())
    }

    /// The newest card in somebody's chat.
    pub async fn card(&self, who: Person) -> Result<Message> {
        let world = self.world()?;
        let cards = world.cards(who.id).await;
        cards
            .into_iter()
            .next_back()
            .with_context(|| format!("{} has no card", who.name))
    }

    /// Somebody blocks the bot, and the bot knows.
    pub async fn block(&self, who: Person) -> Result<()> {
        let world = self.world()?;
        world.telegram.block(who.id).await;
        world.settled().await;
        Ok(())
    }

    /// The script has failed.
    pub fn abandon(self) {
        if let Kind::World(world) = self.kind {
            world.abandon();
        }
    }

    /// Proves that nothing is left over.
    pub async fn finish(self) -> Result<()> {
        match self.kind {
            Kind::World(world) => world.finish().await,
            Kind::Router { database, .. } => database.store.close().await,
        }
        Ok(())
    }

    fn database(&self) -> &TestDatabase {
        match &self.kind {
            Kind::Router { database, .. } => database,
            Kind::World(world) => &world.database,
        }
    }

    fn world(&self) -> Result<&World> {
        match &self.kind {
            Kind::World(world) => Ok(world),
            Kind::Router { .. } => anyhow::bail!("this script runs without Telegram"),
        }
    }
}

fn answer(status: u16, headers: &axum::http::HeaderMap, body: &[u8]) -> Result<Answer> {
    let mut all = Vec::new();
    for (name, value) in headers {
        all.push((name.as_str().to_owned(), value.to_str()?.to_owned()));
    }
    Ok(Answer {
        status,
        headers: all,
        body: String::from_utf8_lossy(body).into_owned(),
    })
}
