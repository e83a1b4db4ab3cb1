//! From the answer to a PUT to the call that brings the card to Telegram.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::Mutex;

use crate::{
    cpu::Watch,
    fleet::Fleet,
    floors::hop,
    pace::evenly,
    results::{Better, Figure, Goal, Latency, Outcome, Round},
    rounds::{WarmUp, alternate},
    stage::Stage,
};

/// Fifty invitations a second.
const EVERY: Duration = Duration::from_millis(20);

/// Invitations of a round, and with --quick.
const INVITATIONS: usize = 500;
const QUICK_INVITATIONS: usize = 50;

pub(super) async fn run(stage: &Stage) -> Result<Outcome> {
    let invitations = if stage.quick {
        QUICK_INVITATIONS
    } else {
        INVITATIONS
    };
    let fleet = Fleet::gather(stage, invitations).await?;
    let api = fleet.serve(stage, "api").await?;
    let notifier = fleet.serve(stage, "notifier").await?;
    let target = fleet.target(&api);
    let fleet = Mutex::new(fleet);
    let (ours, floor) = alternate(
        stage,
        WarmUp::Yes,
        async |number| {
            let mut fleet = fleet.lock().await;
            let requests = fleet
                .invited
                .iter()
                .map(|person| {
                    Fleet::invite(&target, &format!("card-{number}-{person}"), &[*person])
                })
                .collect();
            invite(&mut fleet, target.address, requests).await
        },
        async |_| {
            let fleet = fleet.lock().await;
            hop::round(stage, &fleet.telegram, None, invitations / 2, EVERY).await
        },
    )
    .await?;
    api.stop().await?;
    notifier.stop().await?;
    fleet.into_inner().disband(stage).await?;
    Ok(Outcome {
        name: "card".to_owned(),
        about: "from the answer to a PUT that invites somebody to the call that sends their card, 50 invitations a second, the bot's limits lifted".to_owned(),
        floor_about: "a message through JetStream to a pull consumer, and an HTTP request to the same simulator".to_owned(),
        unit: "ms".to_owned(),
        better: Better::Lower,
        ours,
        floor,
        goals: vec![
            Goal::at_most(Figure::P50, 10.0),
            Goal::at_most(Figure::P99, 60.0),
        ],
        notes: Vec::new(),
        measured: String::new(),
        course: Vec::new(),
    })
}

async fn invite(
    fleet: &mut Fleet,
    address: std::net::SocketAddr,
    requests: Vec<Vec<u8>>,
) -> Result<Round> {
    let calls = fleet.telegram.calls_so_far().await?;
    fleet.telegram.reset_meter().await?;
    let count = requests.len();
    let watch = Watch::start();
    let sent = evenly(address, requests, EVERY, |answer| answer.expect(&[201])).await?;
    let used = watch.stop();
    fleet.accepted(count as u64).await?;
    fleet.settled().await?;
    let arrivals = fleet
        .telegram
        .arrivals("sendMessage", "chat_id", calls)
        .await?;
    let mut micros = Vec::with_capacity(count);
    for (person, sent) in fleet.invited.iter().zip(&sent) {
        let arrived = arrivals
            .get(&person.to_string())
            .with_context(|| format!("{person} has no card"))?;
        // The relay may be faster than the answer on its way to us.
        let after = (*arrived - sent.answered_at).num_microseconds();
        micros.push(u32::try_from(after.unwrap_or(i64::MAX).max(0)).unwrap_or(u32::MAX));
    }
    let mut round = Round::of(&used, count);
    round.latency_ms = Latency::of_micros(micros);
    Ok(round.with_median_latency())
}
