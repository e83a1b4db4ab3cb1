//! Whether memory grows with the requests.

use anyhow::{Context as _, Result};

use super::CONNECTIONS;
use crate::{
    cpu::resident_mib,
    http::Answer,
    load::{Script, Until, closed_loop},
    progress::say,
    readers::{Readers, SMALL},
    results::{Better, Figure, Goal, Outcome, to_f64},
    scripts::{Chosen, OneEvent, Poll, gets},
    stage::Stage,
};

const REQUESTS: usize = 1_000_000;
const QUICK_REQUESTS: usize = 20_000;

/// How often memory is looked at.
const SAMPLES: usize = 20;

/// Samples until buffers and caches have the size that they keep.
const WARM_AFTER: usize = 4;

/// What may still be added by then and is no growth: a page of the allocator here and there.
const FLAT_MIB: f64 = 2.0;

pub(super) async fn run(stage: &Stage, readers: &Readers) -> Result<Outcome> {
    let api = readers.serve(stage).await?;
    let target = readers.target(&api, SMALL.0);
    let requests = if stage.quick {
        QUICK_REQUESTS
    } else {
        REQUESTS
    };
    let mut scripts: Vec<Mixed> = Chosen::scripts(gets(&target, SMALL.1), CONNECTIONS)
        .into_iter()
        .map(|get| Mixed {
            poll: Poll::of(&target),
            get,
            polls: true,
        })
        .collect();
    let mut rounds = Vec::new();
    let mut course = Vec::new();
    let mut done = 0;
    for sample in 1..=SAMPLES {
        let count = Until::Count(requests / SAMPLES / CONNECTIONS);
        let (round, used) = closed_loop(target.address, scripts, count).await?;
        scripts = used;
        done += usize::try_from(round.operations)?;
        let mib = resident_mib(api.pid()).context("the api runs")?;
        course.push((to_f64(done), mib));
        if sample % 5 == 0 {
            say(format_args!("    {done} requests: {mib:.1} MiB"));
        }
        rounds.push(round);
    }
    api.stop().await?;
    let warm = course.get(WARM_AFTER).map_or(0.0, |(_, mib)| *mib);
    let growth = course.last().map_or(0.0, |(_, mib)| *mib) - warm;
    let ours = rounds
        .into_iter()
        .map(|round| round.with_value(growth))
        .take(1)
        .collect();
    Ok(Outcome {
        name: "million".to_owned(),
        about: format!(
            "growth of the api's resident memory over {done} requests, polls and GETs in turn, {CONNECTIONS} connections, once it is warm"
        ),
        floor_about: String::new(),
        unit: "MiB".to_owned(),
        better: Better::Lower,
        ours,
        floor: Vec::new(),
        goals: vec![Goal::at_most(Figure::Value, FLAT_MIB)],
        notes: vec![format!(
            "Warm is after {WARM_AFTER} of {SAMPLES} parts: {warm:.1} MiB."
        )],
        measured: String::new(),
        course,
    })
}

/// A poll and a GET in turn.
struct Mixed {
    poll: Poll,
    get: Chosen<OneEvent>,
    polls: bool,
}

impl Script for Mixed {
    fn request(&mut self, buffer: &mut Vec<u8>) {
        self.polls = !self.polls;
        if self.polls {
            self.poll.request(buffer);
        } else {
            self.get.request(buffer);
        }
    }

    fn check(&mut self, answer: &Answer<'_>) -> Result<()> {
        if self.polls {
            self.poll.check(answer)
        } else {
            self.get.check(answer)
        }
    }
}
