//! From a press of a button to its answer, which comes after the commit.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::sync::Mutex;

use crate::{
    cpu::Watch,
    dav::Target,
    fleet::Fleet,
    floors::hop,
    http::Connection,
    pace::evenly,
    results::{Better, Figure, Goal, Latency, Outcome, Round},
    rounds::{WarmUp, alternate},
    stage::Stage,
    telegram::Telegram,
};

/// Presses come so often.
const EVERY: Duration = Duration::from_millis(20);

/// People who press in a round, and with --quick.
const PEOPLE: usize = 400;
const QUICK_PEOPLE: usize = 30;

/// Presses of which the organizer's ctag is looked at, before what is timed.
const PROBES: usize = 5;

/// What the buttons of a card answer, in their order.
const ANSWERS: [&str; 3] = ["ACCEPTED", "TENTATIVE", "DECLINED"];

/// Within which a probe must be answered, and how often it is asked for.
const ANSWERED_WITHIN: u32 = 5_000;
const ASK_EVERY: Duration = Duration::from_millis(1);

pub(super) async fn run(stage: &Stage) -> Result<Outcome> {
    let people = if stage.quick { QUICK_PEOPLE } else { PEOPLE };
    let mut fleet = Fleet::gather(stage, people).await?;
    let api = fleet.serve(stage, "api").await?;
    let notifier = fleet.serve(stage, "notifier").await?;
    let rsvp = fleet.serve(stage, "rsvp").await?;
    let target = fleet.target(&api);
    let cards = invite_all(&mut fleet, &target).await?;
    let fleet = Mutex::new(fleet);
    let (ours, floor) = alternate(
        stage,
        WarmUp::Yes,
        async |number| {
            let mut fleet = fleet.lock().await;
            press_all(&mut fleet, &target, &cards, number / 2).await
        },
        async |_| {
            let fleet = fleet.lock().await;
            let database = Some(&fleet.database);
            hop::round(stage, &fleet.telegram, database, people / 2, EVERY).await
        },
    )
    .await?;
    for process in [api, notifier, rsvp] {
        process.stop().await?;
    }
    fleet.into_inner().disband(stage).await?;
    Ok(Outcome {
        name: "press".to_owned(),
        about: "from a press in Telegram to its answer, after the commit, 50 presses a second, updates by long poll".to_owned(),
        floor_about:
            "a message through JetStream to a pull consumer, a commit of one row, and an HTTP request to the same simulator"
                .to_owned(),
        unit: "ms".to_owned(),
        better: Better::Lower,
        ours,
        floor,
        goals: vec![
            Goal::at_most(Figure::P50, 8.0),
            Goal::at_most(Figure::P99, 50.0),
        ],
        notes: vec![format!(
            "In each round {PROBES} presses are made one by one before: at the answer the organizer's ctag is another. After it, the objects hold the answers."
        )],
        measured: String::new(),
        course: Vec::new(),
    })
}

/// Somebody's card.
struct Card {
    person: i64,
    message: i64,
    /// What the buttons send.
    data: Vec<String>,
}

async fn invite_all(fleet: &mut Fleet, target: &Target) -> Result<Vec<Card>> {
    let mut connection = Connection::new(target.address);
    for person in &fleet.invited {
        let request = Fleet::invite(target, &uid(*person), &[*person]);
        connection.send(&request).await?.expect(&[201])?;
    }
    fleet.accepted(fleet.invited.len() as u64).await?;
    fleet.settled().await?;
    let mut cards = Vec::new();
    for person in fleet.invited.clone() {
        let (message, data) = fleet.telegram.card(person).await?;
        ensure!(data.len() >= ANSWERS.len(), "a card has {data:?}");
        cards.push(Card {
            person,
            message,
            data,
        });
    }
    Ok(cards)
}

fn uid(person: i64) -> String {
    format!("press-{person}")
}

async fn press_all(
    fleet: &mut Fleet,
    target: &Target,
    cards: &[Card],
    round: usize,
) -> Result<Round> {
    let answer = round % ANSWERS.len();
    let requests: Vec<Vec<u8>> = cards
        .iter()
        .map(|card| {
            let data = card.data.get(answer).map(String::as_str);
            Telegram::press_request(card.person, card.message, data.unwrap_or_default())
        })
        .collect();
    let (probes, timed) = requests.split_at(PROBES.min(requests.len()));
    for probe in probes {
        probe_ctag(fleet, target, probe).await?;
    }
    let calls = fleet.telegram.calls_so_far().await?;
    let watch = Watch::start();
    let sent = evenly(fleet.telegram.address(), timed.to_vec(), EVERY, |answer| {
        query_id(answer.body)
    })
    .await?;
    let used = watch.stop();
    fleet.settled().await?;
    let arrivals = fleet
        .telegram
        .arrivals("answerCallbackQuery", "callback_query_id", calls)
        .await?;
    let mut micros = Vec::with_capacity(sent.len());
    for sent in &sent {
        let arrived = arrivals
            .get(&sent.read)
            .with_context(|| format!("press {} has no answer", sent.number))?;
        let after = (*arrived - sent.sent_at).num_microseconds();
        micros.push(u32::try_from(after.unwrap_or(i64::MAX).max(0)).unwrap_or(u32::MAX));
    }
    expect_answers(
        target,
        cards,
        ANSWERS.get(answer).copied().unwrap_or_default(),
    )
    .await?;
    let mut round = Round::of(&used, sent.len());
    round.latency_ms = Latency::of_micros(micros);
    Ok(round.with_median_latency())
}

fn query_id(body: &[u8]) -> Result<String> {
    let answer: serde_json::Value = serde_json::from_slice(body)?;
    let id = answer
        .get("callback_query_id")
        .and_then(serde_json::Value::as_str);
    Ok(id.context("a press has a query id")?.to_owned())
}

/// Presses once, and sees that the organizer's ctag is new at the answer.
async fn probe_ctag(fleet: &Fleet, target: &Target, press: &[u8]) -> Result<()> {
    let mut api = Connection::new(target.address);
    let mut telegram = Connection::new(fleet.telegram.address());
    let before = target.marks(&mut api).await?;
    let id = query_id(telegram.send(press).await?.body)?;
    let asked = format!("GET /_sim/callbacks/{id} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for _ in 0..ANSWERED_WITHIN {
        let answer = telegram.send(asked.as_bytes()).await?;
        let callback: serde_json::Value = serde_json::from_slice(answer.body)?;
        if callback.get("answered") == Some(&serde_json::Value::Bool(true)) {
            let after = target.marks(&mut api).await?;
            ensure!(before != after, "the ctag is old at the answer");
            return Ok(());
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
    anyhow::bail!("a press was not answered")
}

async fn expect_answers(target: &Target, cards: &[Card], part_stat: &str) -> Result<()> {
    let mut connection = Connection::new(target.address);
    for card in cards.iter().step_by(10) {
        let name = format!("{}.ics", uid(card.person));
        let answer = connection.send(&target.get(&name)).await?;
        answer.expect(&[200])?;
        ensure!(
            answer.text().contains(&format!("PARTSTAT={part_stat}")),
            "the answer of {} is not in the object",
            card.person
        );
    }
    Ok(())
}
