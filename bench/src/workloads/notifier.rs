//! How many cards the notifiers send where nothing but they limit it.

use std::time::Instant;

use anyhow::{Result, ensure};
use tokio::sync::Mutex;

use super::CONNECTIONS;
use crate::{
    cpu::Watch,
    fleet::Fleet,
    http::Answer,
    load::{Script, Until, closed_loop},
    results::{Better, Figure, Goal, Outcome, Round, to_f64},
    rounds::{WarmUp, alternate},
    scripts::Puts,
    stage::Stage,
    telegram::TOKEN,
};

/// Cards of a round, and with --quick.
const CARDS: usize = 6_000;
const QUICK_CARDS: usize = 600;

/// Invited to each meeting.
const PEOPLE: usize = 3;

const REPLICAS: usize = 3;

/// The part of the cards that is sent before the clock starts: the replicas do not start in the same moment.
const WARM_UP_PART: usize = 5;

/// About as much as a card has.
const FLOOR_TEXT_BYTES: usize = 250;

pub(super) async fn run(stage: &Stage) -> Result<Outcome> {
    let cards = if stage.quick { QUICK_CARDS } else { CARDS };
    let fleet = Mutex::new(Fleet::gather(stage, cards).await?);
    let (ours, floor) = alternate(
        stage,
        WarmUp::No,
        async |number| send_cards(stage, &mut *fleet.lock().await, number).await,
        async |_| {
            let fleet = fleet.lock().await;
            let scripts = (0..CONNECTIONS).map(|_| Send::to(&fleet.invited)).collect();
            let count = Until::Count(cards / CONNECTIONS);
            let (round, _) = closed_loop(fleet.telegram.address(), scripts, count).await?;
            Ok(round)
        },
    )
    .await?;
    fleet.into_inner().disband(stage).await?;
    Ok(Outcome {
        name: "notifier".to_owned(),
        about: format!(
            "cards sent by {REPLICAS} notifiers, {cards} waiting, the bot's limits lifted"
        ),
        floor_about: format!(
            "sendMessage to the same simulator over {CONNECTIONS} connections, with a text as long"
        ),
        unit: "cards/s".to_owned(),
        better: Better::Higher,
        ours,
        floor,
        goals: vec![Goal::at_least(Figure::Value, 1_500.0)],
        notes: vec![
            "The simulator keeps every message, and has its part of the same processors."
                .to_owned(),
        ],
        measured: String::new(),
        course: Vec::new(),
    })
}

async fn send_cards(stage: &Stage, fleet: &mut Fleet, round: usize) -> Result<Round> {
    let cards = fleet.invited.len();
    fleet.telegram.reset_meter().await?;
    let api = fleet.serve(stage, "api").await?;
    let target = fleet.target(&api);
    let groups: Vec<Vec<i64>> = fleet.invited.chunks(PEOPLE).map(<[i64]>::to_vec).collect();
    let meetings = groups.len();
    let puts = Puts::new_events(target.clone(), move |number| {
        let uid = format!("notifier-{round}-{number}");
        let people = groups.get(number).cloned().unwrap_or_default();
        let object = crate::events::invitation(&uid, target.account.id, &people);
        (format!("{uid}.ics"), object)
    });
    closed_loop(api.address, vec![puts], Until::Count(meetings)).await?;
    let mut replicas = Vec::new();
    let watch = Watch::start();
    let starting = (0..REPLICAS).map(|_| fleet.serve(stage, "notifier"));
    for replica in futures_util::future::join_all(starting).await {
        replicas.push(replica?);
    }
    let warm_up = cards / WARM_UP_PART;
    let began: Instant = fleet.accepted(warm_up as u64).await?;
    let already = fleet.telegram.accepted().await?;
    let ended = fleet.accepted(cards as u64).await?;
    let used = watch.stop();
    fleet.settled().await?;
    let sent = fleet.telegram.accepted().await?;
    ensure!(sent == cards as u64, "{sent} messages for {cards} cards");
    for process in replicas {
        process.stop().await?;
    }
    api.stop().await?;
    let counted = cards - usize::try_from(already)?;
    let rate = to_f64(counted) / ended.duration_since(began).as_secs_f64();
    Ok(Round::of(&used, cards).with_value(rate))
}

/// Sends to one chat after the other.
struct Send {
    requests: Vec<Vec<u8>>,
    at: usize,
}

impl Send {
    fn to(chats: &[i64]) -> Self {
        let text = "x".repeat(FLOOR_TEXT_BYTES);
        let request = |chat: &i64| {
            let body = serde_json::json!({ "chat_id": chat, "text": text }).to_string();
            format!(
                "POST /bot{TOKEN}/sendMessage HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .into_bytes()
        };
        Self {
            requests: chats.iter().map(request).collect(),
            at: 0,
        }
    }
}

impl Script for Send {
    fn request(&mut self, buffer: &mut Vec<u8>) {
        self.at = (self.at + 1) % self.requests.len().max(1);
        if let Some(request) = self.requests.get(self.at) {
            buffer.extend_from_slice(request);
        }
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<()> {
        answer.expect(&[200])
    }
}
