//! The same question to a calendar of a thousand events and to one of a hundred thousand, of which the same thousand are recent: the
//! answers are equal, so that the times should be.

use anyhow::Result;

use crate::{
    dav::Target,
    load::{Script, Until, closed_loop},
    readers::{LARGE_SLUG, Readers, SMALL},
    results::{Better, Figure, Goal, Outcome, Round},
    rounds::{WarmUp, alternate},
    stage::Stage,
};

/// How much longer the large calendar may take.
const AT_MOST: f64 = 1.5;

/// One connection, so that the time is that of one request.
pub(super) async fn run<S: Script>(
    stage: &Stage,
    readers: &Readers,
    name: &str,
    about: &str,
    scripts: impl AsyncFn(&Target) -> Result<Vec<S>>,
) -> Result<Outcome> {
    let api = readers.serve(stage).await?;
    let round = async |slug: &str| -> Result<Round> {
        let target = readers.target(&api, slug);
        let scripts = scripts(&target).await?;
        let (round, _) = closed_loop(target.address, scripts, Until::Elapsed(stage.round)).await?;
        Ok(round.with_median_latency())
    };
    let (ours, floor) = alternate(
        stage,
        WarmUp::Yes,
        async |_| round(LARGE_SLUG).await,
        async |_| round(SMALL.0).await,
    )
    .await?;
    api.stop().await?;
    Ok(Outcome {
        name: name.to_owned(),
        about: format!("{about}, of {} events, one connection", readers.large),
        floor_about: format!("the same, of {} events", SMALL.1),
        unit: "ms".to_owned(),
        better: Better::Lower,
        ours,
        floor,
        goals: vec![Goal::at_most(Figure::Ratio, AT_MOST)],
        notes: Vec::new(),
        measured: String::new(),
        course: Vec::new(),
    })
}
