//! GET of one event.

use anyhow::Result;

use super::CONNECTIONS;
use crate::{
    events,
    floors::handler::{self, Ask},
    load::{Until, closed_loop},
    readers::{Readers, SMALL},
    results::{Better, Figure, Goal, Outcome},
    rounds::{WarmUp, alternate},
    scripts::{Chosen, gets},
    stage::Stage,
};

pub(super) async fn run(stage: &Stage, readers: &Readers) -> Result<Outcome> {
    let api = readers.serve(stage).await?;
    let handler = handler::start(stage, &readers.database).await?;
    let target = readers.target(&api, SMALL.0);
    let (ours, floor) = alternate(
        stage,
        WarmUp::Yes,
        async |_| {
            let scripts = Chosen::scripts(gets(&target, SMALL.1), CONNECTIONS);
            let (round, _) =
                closed_loop(target.address, scripts, Until::Elapsed(stage.round)).await?;
            Ok(round)
        },
        async |_| {
            let paths = (0..SMALL.1).step_by(16).map(|number| {
                let name = events::resource_name(number);
                readers.floor_path("object", &format!("{}/{name}", SMALL.0))
            });
            let scripts = vec![Ask::paths(paths, b"BEGIN:VCALENDAR"); CONNECTIONS];
            let (round, _) =
                closed_loop(handler.address, scripts, Until::Elapsed(stage.round)).await?;
            Ok(round)
        },
    )
    .await?;
    api.stop().await?;
    handler.stop().await?;
    Ok(Outcome {
        name: "get".to_owned(),
        about: format!("GET of an event, {CONNECTIONS} connections"),
        floor_about: "an axum handler that reads the object with one indexed sqlx query".to_owned(),
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
