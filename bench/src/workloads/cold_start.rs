//! From the start of the program to the first answer that says it is ready.

use anyhow::Result;

use crate::{
    cpu::Watch,
    floors::handler,
    results::{Better, Figure, Goal, Outcome, Round},
    rounds::{WarmUp, alternate},
    stage::{Limits, Stage},
    telegram::Telegram,
};

pub(super) async fn run(stage: &Stage) -> Result<Outcome> {
    stage.forget_streams().await?;
    let database = stage.database().await?;
    let telegram = Telegram::start(stage.folder()).await?;
    let (ours, floor) = alternate(
        stage,
        // The first one makes the streams.
        WarmUp::Yes,
        async |_| {
            let watch = Watch::start();
            let started = stage
                .serve(
                    &database,
                    "api,notifier,rsvp",
                    Limits::Default,
                    Some(&telegram),
                )
                .await?;
            let used = watch.stop();
            let ms = started.ready_after.as_secs_f64() * 1000.0;
            started.stop().await?;
            Ok(Round::of(&used, 1).with_value(ms))
        },
        async |_| {
            let watch = Watch::start();
            let started = handler::start(stage, &database).await?;
            let used = watch.stop();
            let ms = started.ready_after.as_secs_f64() * 1000.0;
            started.stop().await?;
            Ok(Round::of(&used, 1).with_value(ms))
        },
    )
    .await?;
    telegram.stop().await?;
    stage.drop_database(database).await?;
    Ok(Outcome {
        name: "cold-start".to_owned(),
        about: "from the start of the program, with all roles, to the first 200 of /readyz"
            .to_owned(),
        floor_about: "the same of an axum handler with a connection to Postgres".to_owned(),
        unit: "ms".to_owned(),
        better: Better::Lower,
        ours,
        floor,
        goals: vec![Goal::at_most(Figure::Value, 500.0)],
        notes: Vec::new(),
        measured: String::new(),
        course: Vec::new(),
    })
}
