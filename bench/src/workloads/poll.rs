//! The question that phones ask all day: has anything changed?

use anyhow::Result;

use super::CONNECTIONS;
use crate::{
    floors::handler::{self, Ask},
    load::{Until, closed_loop},
    readers::{Readers, SMALL},
    results::{Better, Figure, Goal, Outcome},
    rounds::{WarmUp, alternate},
    scripts::Poll,
    stage::Stage,
};

pub(super) async fn run(stage: &Stage, readers: &Readers) -> Result<Outcome> {
    let api = readers.serve(stage).await?;
    let handler = handler::start(stage, &readers.database).await?;
    let target = readers.target(&api, SMALL.0);
    let path = readers.floor_path("ctag", SMALL.0);
    let (ours, floor) = alternate(
        stage,
        WarmUp::Yes,
        async |_| {
            let scripts = (0..CONNECTIONS).map(|_| Poll::of(&target)).collect();
            let (round, _) =
                closed_loop(target.address, scripts, Until::Elapsed(stage.round)).await?;
            Ok(round)
        },
        async |_| {
            let ask = Ask::paths([path.clone()].into_iter(), b"");
            let scripts = vec![ask; CONNECTIONS];
            let (round, _) =
                closed_loop(handler.address, scripts, Until::Elapsed(stage.round)).await?;
            Ok(round)
        },
    )
    .await?;
    api.stop().await?;
    handler.stop().await?;
    Ok(Outcome {
        name: "poll".to_owned(),
        about: format!("PROPFIND of getctag and sync-token, {CONNECTIONS} connections"),
        floor_about: "an axum handler that reads the ctag with one indexed sqlx query".to_owned(),
        unit: "requests/s".to_owned(),
        better: Better::Higher,
        ours,
        floor,
        goals: vec![Goal::at_least(Figure::Ratio, 0.35)],
        notes: Vec::new(),
        measured: String::new(),
        course: Vec::new(),
    })
}
