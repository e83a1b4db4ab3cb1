//! What each role holds when it has nothing to do.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::{
    cpu::{Watch, resident_mib},
    results::{Better, Figure, Goal, Outcome, Round},
    rounds::repeat,
    stage::{Limits, Stage},
    telegram::Telegram,
};

const ROLES: [&str; 3] = ["api", "notifier", "rsvp"];

/// After so long everything is connected that a role connects.
const REST: Duration = Duration::from_secs(3);

pub(super) async fn run(stage: &Stage) -> Result<Outcome> {
    stage.forget_streams().await?;
    let database = stage.database().await?;
    let telegram = Telegram::start(stage.folder()).await?;
    let ours = repeat(stage, async |_| {
        let watch = Watch::start();
        let mut roles = Vec::new();
        for role in ROLES {
            let process = stage
                .serve(&database, role, Limits::Default, Some(&telegram))
                .await?;
            roles.push((role, process));
        }
        tokio::time::sleep(REST).await;
        let used = watch.stop();
        let mut round = Round::of(&used, 1);
        let mut most = 0.0_f64;
        for (role, process) in roles {
            let mib = resident_mib(process.pid()).context("the process runs")?;
            most = most.max(mib);
            round.mib.insert(role.to_owned(), mib);
            process.stop().await?;
        }
        Ok(round.with_value(most))
    })
    .await?;
    telegram.stop().await?;
    stage.drop_database(database).await?;
    Ok(Outcome {
        name: "memory".to_owned(),
        about:
            "resident memory of the largest of the three roles, idle, each in a process of its own"
                .to_owned(),
        floor_about: String::new(),
        unit: "MiB".to_owned(),
        better: Better::Lower,
        ours,
        floor: Vec::new(),
        goals: vec![Goal::at_most(Figure::Value, 40.0)],
        notes: Vec::new(),
        measured: String::new(),
        course: Vec::new(),
    })
}
