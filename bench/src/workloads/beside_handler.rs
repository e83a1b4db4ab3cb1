//! A question to a small calendar by many connections, and the same question to a handler that does no more than read the row.

use anyhow::Result;

use super::CONNECTIONS;
use crate::{
    dav::Target,
    floors::handler::{self, Ask},
    load::{Script, Until, closed_loop},
    readers::{Readers, SMALL},
    results::{Better, Figure, Goal, Outcome},
    rounds::{WarmUp, alternate},
    stage::Stage,
};

/// The part of the handler's throughput that is to be reached.
const AT_LEAST: f64 = 0.35;

/// What is asked, in words and in requests.
pub(super) struct Question<S> {
    /// On the command line.
    pub(super) name: &'static str,
    /// What one request is.
    pub(super) about: &'static str,
    /// What the handler does.
    pub(super) floor_about: &'static str,
    /// To the api, by so many connections.
    pub(super) scripts: fn(&Target, usize) -> Vec<S>,
    /// To the handler.
    pub(super) ask: Ask,
}

pub(super) async fn run<S: Script>(
    stage: &Stage,
    readers: &Readers,
    question: Question<S>,
) -> Result<Outcome> {
    let api = readers.serve(stage).await?;
    let handler = handler::start(stage, &readers.database).await?;
    let target = readers.target(&api, SMALL.0);
    let until = Until::Elapsed(stage.round);
    let (ours, floor) = alternate(
        stage,
        WarmUp::Yes,
        async |_| {
            let scripts = (question.scripts)(&target, CONNECTIONS);
            Ok(closed_loop(target.address, scripts, until).await?.0)
        },
        async |_| {
            let scripts = vec![question.ask.clone(); CONNECTIONS];
            Ok(closed_loop(handler.address, scripts, until).await?.0)
        },
    )
    .await?;
    api.stop().await?;
    handler.stop().await?;
    Ok(Outcome {
        name: question.name.to_owned(),
        about: format!("{}, {CONNECTIONS} connections", question.about),
        floor_about: question.floor_about.to_owned(),
        unit: "requests/s".to_owned(),
        better: Better::Higher,
        ours,
        floor,
        goals: vec![Goal::at_least(Figure::Ratio, AT_LEAST)],
        notes: Vec::new(),
        measured: String::new(),
        course: Vec::new(),
    })
}
