//! The question that phones ask all day: has anything changed?

use anyhow::Result;

use super::beside_handler::{self, Question};
use crate::{
    floors::handler::Ask,
    readers::{Readers, SMALL},
    results::Outcome,
    scripts::Poll,
    stage::Stage,
};

pub(super) async fn run(stage: &Stage, readers: &Readers) -> Result<Outcome> {
    let path = readers.floor_path("ctag", SMALL.0);
    let question = Question {
        name: "poll",
        about: "PROPFIND of getctag and sync-token",
        floor_about: "an axum handler that reads the ctag with one indexed sqlx query",
        scripts: |target, connections| (0..connections).map(|_| Poll::of(target)).collect(),
        ask: Ask::paths([path].into_iter(), b""),
    };
    beside_handler::run(stage, readers, question).await
}
