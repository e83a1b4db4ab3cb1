//! calendar-multiget of fifty events.

use anyhow::Result;

use crate::{
    events,
    readers::Readers,
    results::Outcome,
    scripts::{Chosen, MULTIGET, multigets},
    stage::Stage,
};

pub(super) async fn run(stage: &Stage, readers: &Readers) -> Result<Outcome> {
    super::scale::run(
        stage,
        readers,
        "multiget",
        &format!("calendar-multiget of {MULTIGET} events with their data"),
        async |target| Ok(Chosen::scripts(multigets(target, events::RECENT), 1)),
    )
    .await
}
