//! sync-collection after one change.

use anyhow::Result;

use crate::{
    events,
    http::Connection,
    readers::Readers,
    results::Outcome,
    scripts::{Chosen, one_change},
    stage::Stage,
};

/// The event that changes.
const CHANGED: usize = 77;

pub(super) async fn run(stage: &Stage, readers: &Readers) -> Result<Outcome> {
    super::scale::run(
        stage,
        readers,
        "one-change",
        "sync-collection after one change",
        async |target| {
            let mut connection = Connection::new(target.address);
            let before = target.marks(&mut connection).await?;
            let name = events::resource_name(CHANGED);
            let changed = target.put(&name, &events::own(CHANGED, rand::random()), false);
            connection.send(&changed).await?.expect(&[204])?;
            let requests = one_change(target, &before.sync_token, &name);
            Ok(Chosen::scripts(requests, 1))
        },
    )
    .await
}
