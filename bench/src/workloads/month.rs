//! calendar-query of one month.

use anyhow::Result;

use crate::{
    events,
    readers::Readers,
    results::Outcome,
    scripts::{Chosen, months},
    stage::Stage,
};

pub(super) async fn run(stage: &Stage, readers: &Readers) -> Result<Outcome> {
    let mut outcome = super::scale::run(
        stage,
        readers,
        "month",
        "calendar-query of a month with data, a tenth of the events being series",
        async |target| Ok(Chosen::scripts(months(target, events::RECENT), 1)),
    )
    .await?;
    outcome.notes.push(format!(
        "The months are those of the newest {} events; the others are from the 36 years before.",
        events::RECENT
    ));
    Ok(outcome)
}
