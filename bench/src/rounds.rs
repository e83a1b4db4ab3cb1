//! Rounds in alternation, ABAB…: what changes slowly on the machine changes for both.

use anyhow::{Context as _, Result};

use crate::{progress::say, results::Round, stage::Stage};

/// Whether both sides run once before what counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmUp {
    /// Caches, connections and statements are made then.
    Yes,
    /// Where a round prepares everything anew itself.
    No,
}

/// Runs both sides in turn. Each is told a number that no other round has.
///
/// # Errors
/// The first round that fails.
pub async fn alternate(
    stage: &Stage,
    warm_up: WarmUp,
    ours: impl AsyncFnMut(usize) -> Result<Round>,
    floor: impl AsyncFnMut(usize) -> Result<Round>,
) -> Result<(Vec<Round>, Vec<Round>)> {
    let mut ours = ours;
    let mut floor = floor;
    let mut number = 0;
    if warm_up == WarmUp::Yes {
        ours(0).await.context("warming up")?;
        floor(1).await.context("warming up the floor")?;
        number = 2;
    }
    let (mut our_rounds, mut floor_rounds) = (Vec::new(), Vec::new());
    for round in 1..=stage.rounds {
        let our_round = ours(number).await?;
        let floor_round = floor(number + 1).await.context("the floor")?;
        number += 2;
        say(format_args!(
            "    round {round}/{}: {}   floor: {}",
            stage.rounds,
            brief(&our_round),
            brief(&floor_round)
        ));
        our_rounds.push(our_round);
        floor_rounds.push(floor_round);
    }
    Ok((our_rounds, floor_rounds))
}

/// As [`alternate`], without a floor.
///
/// # Errors
/// The first round that fails.
pub async fn repeat(
    stage: &Stage,
    ours: impl AsyncFnMut(usize) -> Result<Round>,
) -> Result<Vec<Round>> {
    let mut ours = ours;
    let mut rounds = Vec::new();
    for round in 1..=stage.rounds {
        let found = ours(round).await?;
        say(format_args!(
            "    round {round}/{}: {}",
            stage.rounds,
            brief(&found)
        ));
        rounds.push(found);
    }
    Ok(rounds)
}

fn brief(round: &Round) -> String {
    let disturbed = if round.disturbed {
        format!(" (disturbed: {:.2} cores)", round.foreign_cores)
    } else {
        String::new()
    };
    let latency = round.latency_ms.map_or_else(String::new, |latency| {
        format!(", p50 {:.2} ms, p99 {:.2} ms", latency.p50, latency.p99)
    });
    format!("{:.2}{latency}{disturbed}", round.value)
}
