//! The process dies at every step between two effects: at each alone, and at two after each other.

use futures_util::{StreamExt as _, stream};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use televent_runtime::Failpoint;

use crate::{
    life::{Report, play},
    runs_all,
};

/// Lives that are played beside each other: they mostly wait.
const AT_ONCE: usize = 4;

/// Pairs of deaths that are played where not all are.
const PAIRS: usize = 6;

/// Of which pairs those are.
const SEED: u64 = 20_261_126;

/// Sends that a death may find between Telegram and Postgres: there is no way to ask Telegram about them, so each may be repeated.
/// The meeting has so many people who can be written to, and an organizer.
const SENDS_AT_ONCE: usize = 3;

/// How the process dies in the course of a meeting.
type Fates = (IsByWebhook, Vec<Failpoint>);

/// Whether updates come in by the webhook.
type IsByWebhook = bool;

#[tokio::test]
async fn process_may_die_at_every_step() {
    let alone = Failpoint::ALL.iter().map(|point| (false, vec![*point]));
    let by_webhook =
        [Failpoint::UpdateReceived, Failpoint::UpdateStored].map(|point| (true, vec![point]));
    let lives = alone.chain(by_webhook).collect();
    for (fates, report) in play_all(lives).await {
        assert_eq!(report.deaths.len(), 1, "{fates:?} was reached");
    }
}

#[tokio::test]
async fn process_may_die_again_at_another_step() {
    let all = Failpoint::ALL;
    let mut pairs: Vec<Fates> = all
        .iter()
        .flat_map(|first| all.iter().map(|second| vec![*first, *second]))
        .map(|pair| (false, pair))
        .collect();
    if !runs_all() {
        let mut random = StdRng::seed_from_u64(SEED);
        while pairs.len() > PAIRS {
            pairs.swap_remove(random.random_range(..pairs.len()));
        }
    }
    play_all(pairs).await;
}

/// Plays all lives, and checks what each may have doubled.
async fn play_all(lives: Vec<Fates>) -> Vec<(Fates, Report)> {
    let played = lives.into_iter().map(async |fates: Fates| {
        let names: Vec<String> = fates
            .1
            .iter()
            .map(|point| point.name().to_owned())
            .collect();
        let report = play(fates.0, &names).await;
        tell(&fates, &report);
        (fates, report)
    });
    stream::iter(played)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}

#[expect(clippy::print_stdout, reason = "the figures of a test")]
fn tell(fates: &Fates, report: &Report) {
    let Report {
        deaths,
        ambiguous,
        doubled,
    } = report;
    println!(
        "{:?}: {} deaths, {ambiguous} sends ambiguous, {doubled} messages doubled",
        fates.1,
        deaths.len()
    );
    assert!(
        doubled <= ambiguous && *ambiguous <= deaths.len() * SENDS_AT_ONCE,
        "{fates:?}: {report:?}"
    );
}
