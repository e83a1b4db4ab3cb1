//! GET of one event.

use anyhow::Result;

use super::beside_handler::{self, Question};
use crate::{
    events,
    floors::handler::Ask,
    readers::{Readers, SMALL},
    results::Outcome,
    scripts::{Chosen, gets},
    stage::Stage,
};

pub(super) async fn run(stage: &Stage, readers: &Readers) -> Result<Outcome> {
    let paths = (0..SMALL.1).step_by(16).map(|number| {
        let name = events::resource_name(number);
        readers.floor_path("object", &format!("{}/{name}", SMALL.0))
    });
    let question = Question {
        name: "get",
        about: "GET of an event",
        floor_about: "an axum handler that reads the object with one indexed sqlx query",
        scripts: |target, connections| Chosen::scripts(gets(target, SMALL.1), connections),
        ask: Ask::paths(paths, b"BEGIN:VCALENDAR"),
    };
    beside_handler::run(stage, readers, question).await
}
