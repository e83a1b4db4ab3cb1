//! Somebody guesses Ann's password, on real sockets, through a reverse proxy that says where each request comes from.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use reqwest::{Client, Method, header::HeaderMap};
use televent_runtime::listener::Listener;
use televent_store::DeviceSecret;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::AbortOnDropHandle,
};
use uuid::Uuid;

use crate::support::{ANN, CALENDAR, Ground, basic, person};

const HOME: &str = "192.0.2.1";
/// In the same network.
const NEIGHBOUR: &str = "203.0.113.9, 192.0.2.77";
const ELSEWHERE: &str = "198.51.100.7";

/// What the fifth wrong password and each one after it cost, in milliseconds.
const PAUSES: [u64; 4] = [250, 500, 1_000, 2_000];

#[derive(Clone)]
struct Server {
    address: SocketAddr,
    client: Client,
    _stop: Arc<DropGuard>,
}

impl Server {
    async fn start(ground: &Ground) -> Result<Self> {
        let listener = Listener::bind("127.0.0.1:0".parse()?, None)
            .await?
            .trusting(&["127.0.0.1/32".parse()?]);
        let address = listener.address();
        let shutdown = CancellationToken::new();
        tokio::spawn(listener.serve(ground.router.clone(), shutdown.clone()));
        Ok(Self {
            address,
            client: Client::builder().no_proxy().build()?,
            _stop: Arc::new(shutdown.drop_guard()),
        })
    }

    async fn ask(&self, from: &str, authorization: &str) -> Result<(u16, HeaderMap)> {
        let url = format!("http://{}{CALENDAR}", self.address);
        let answer = self
            .client
            .request(Method::OPTIONS, url)
            .header("authorization", authorization)
            .header("x-forwarded-for", from)
            .send()
            .await?;
        Ok((answer.status().as_u16(), answer.headers().clone()))
    }

    async fn status(&self, from: &str, authorization: &str) -> Result<u16> {
        Ok(self.ask(from, authorization).await?.0)
    }
}

fn guess() -> Result<String> {
    basic(
        "tg_1001",
        &DeviceSecret::from_random(rand::random()).reveal(),
    )
}

async fn new_device(ground: &Ground) -> Result<String> {
    let secret = DeviceSecret::from_random(rand::random());
    let id = Uuid::now_v7();
    let added = ground.store.add_device(id, person(ANN), "new", &secret);
    assert!(added.await?);
    basic("tg_1001", &secret.reveal())
}

/// Guesses one after the other until dropped, and counts the answers.
#[expect(clippy::panic, reason = "a test has to fail here")]
fn guesser(server: &Server, from: &'static str, checked: &Arc<AtomicU64>) -> AbortOnDropHandle<()> {
    let (server, checked) = (server.clone(), Arc::clone(checked));
    AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            let guess = guess().expect("a header");
            match server.status(from, &guess).await {
                Ok(401) => {
                    checked.fetch_add(1, Ordering::Relaxed);
                }
                Ok(429) => tokio::time::sleep(Duration::from_millis(50)).await,
                other => panic!("a guess is answered {other:?}"),
            }
        }
    }))
}

/// The least time that so many checked guesses take.
fn least(checked: u64) -> Duration {
    let pauses = (0..checked.saturating_sub(5)).map(|index| {
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        PAUSES.get(index).copied().unwrap_or(2_000)
    });
    Duration::from_millis(pauses.sum())
}

#[tokio::test]
async fn who_guesses_is_slow_and_the_owner_is_not_locked_out() -> Result<()> {
    let ground = Ground::new().await?;
    let server = Server::start(&ground).await?;
    let known = ground.ann.clone();
    assert_eq!(server.status(HOME, &known).await?, 200);

    let begun = Instant::now();
    let near = Arc::new(AtomicU64::new(0));
    let far = Arc::new(AtomicU64::new(0));
    // Two beside Ann, and two in a network where none of her devices has been.
    let guessers = [
        guesser(&server, NEIGHBOUR, &near),
        guesser(&server, NEIGHBOUR, &near),
        guesser(&server, ELSEWHERE, &far),
        guesser(&server, ELSEWHERE, &far),
    ];
    while near.load(Ordering::Relaxed) < 8 || far.load(Ordering::Relaxed) < 8 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    // Her phone is not slow, and a new one comes in at home and abroad.
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let asked = Instant::now();
        assert_eq!(server.status(HOME, &known).await?, 200);
        slowest = slowest.max(asked.elapsed());
    }
    for from in [HOME, ELSEWHERE] {
        let device = new_device(&ground).await?;
        let status = loop {
            let (status, headers) = server.ask(from, &device).await?;
            if status != 429 {
                break status;
            }
            let wait = headers.get("retry-after").context("when to come back")?;
            tokio::time::sleep(Duration::from_secs(wait.to_str()?.parse()?)).await;
        };
        assert_eq!(status, 200, "{from}");
        // Known from now on.
        let asked = Instant::now();
        assert_eq!(server.status(from, &device).await?, 200);
        slowest = slowest.max(asked.elapsed());
    }
    // A third network is not concerned.
    let device = new_device(&ground).await?;
    let asked = Instant::now();
    assert_eq!(server.status("198.51.200.1", &device).await?, 200);
    slowest = slowest.max(asked.elapsed());

    drop(guessers);
    for (name, checked) in [("near", &near), ("far", &far)] {
        let checked = checked.load(Ordering::Relaxed);
        let took = begun.elapsed();
        assert!(checked >= 8, "{name}: {checked}");
        assert!(
            least(checked) <= took,
            "{name}: {checked} guesses were checked in {took:?}"
        );
        // Each guess takes longer than whatever the owner asks.
        let each = took / u32::try_from(checked)?;
        assert!(slowest < each, "{name}: {slowest:?} and {each:?}");
    }
    Ok(())
}

#[tokio::test]
async fn too_many_at_once_are_told_when_to_come_back() -> Result<()> {
    let ground = Ground::new().await?;
    let server = Server::start(&ground).await?;
    for _ in 0..5 {
        assert_eq!(server.status(HOME, &guess()?).await?, 401);
    }
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let (server, guess) = (server.clone(), guess()?);
        asked.spawn(async move { server.ask(HOME, &guess).await });
    }
    let mut refused = 0;
    while let Some(answer) = asked.join_next().await {
        let (status, headers) = answer??;
        if status == 429 {
            refused += 1;
            let wait: u64 = headers["retry-after"].to_str()?.parse()?;
            assert!((1..=10).contains(&wait), "{wait}");
        } else {
            assert_eq!(status, 401);
            assert!(headers.contains_key("www-authenticate"));
        }
    }
    assert!(refused >= 4, "{refused}");
    Ok(())
}

#[tokio::test]
async fn request_without_a_password_is_no_guess() -> Result<()> {
    let ground = Ground::new().await?;
    let server = Server::start(&ground).await?;
    for _ in 0..50 {
        assert_eq!(server.status(HOME, "").await?, 401);
    }
    // Nor is a device whose password was taken back.
    let stale = guess()?;
    for _ in 0..50 {
        assert_eq!(server.status(HOME, &stale).await?, 401);
    }
    let begun = Instant::now();
    assert_eq!(server.status(HOME, &ground.ann).await?, 200);
    let one = begun.elapsed();
    assert!(one < Duration::from_secs(5), "{one:?}");
    Ok(())
}
