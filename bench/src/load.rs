//! The load: a closed loop, in which each connection sends its next request when the last answer is in, and every answer is
//! checked. A wrong answer, however fast, ends the measurement.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;

use crate::{
    cpu::Watch,
    http::{Answer, Connection},
    results::{Latency, Round},
};

/// What one connection says and expects.
pub trait Script: Send + 'static {
    /// Writes the next request into an empty buffer.
    fn request(&mut self, buffer: &mut Vec<u8>);

    /// Looks at its answer.
    ///
    /// # Errors
    /// What is wrong with it.
    fn check(&mut self, answer: &Answer<'_>) -> Result<()>;
}

/// When a loop ends.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// After this time.
    Elapsed(Duration),
    /// After so many requests of each connection.
    Count(usize),
}

/// Runs all scripts beside each other, one connection each. The value of the round is requests a second.
///
/// # Errors
/// The first wrong answer.
pub async fn closed_loop<S: Script>(
    address: SocketAddr,
    scripts: Vec<S>,
    until: Until,
) -> Result<(Round, Vec<S>)> {
    let mut tasks = JoinSet::new();
    let watch = Watch::start();
    for script in scripts {
        tasks.spawn(one_connection(address, script, until));
    }
    let mut scripts = Vec::new();
    let mut all = Vec::new();
    while let Some(done) = tasks.join_next().await {
        let (script, micros) = done??;
        scripts.push(script);
        all.extend(micros);
    }
    let used = watch.stop();
    let operations = all.len();
    let mut round = Round::of(&used, operations);
    round.latency_ms = Latency::of_micros(all);
    Ok((round, scripts))
}

/// Microseconds of each request, to the last byte of the body; the check is outside of it.
async fn one_connection<S: Script>(
    address: SocketAddr,
    mut script: S,
    until: Until,
) -> Result<(S, Vec<u32>)> {
    let mut connection = Connection::new(address);
    let mut request = Vec::with_capacity(4096);
    let mut micros = Vec::with_capacity(match until {
        Until::Elapsed(_) => 1 << 14,
        Until::Count(count) => count,
    });
    let started = Instant::now();
    loop {
        let is_over = match until {
            Until::Elapsed(duration) => started.elapsed() >= duration,
            Until::Count(count) => micros.len() >= count,
        };
        if is_over {
            return Ok((script, micros));
        }
        request.clear();
        script.request(&mut request);
        let sent = Instant::now();
        let answer = connection.send(&request).await?;
        micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
        script.check(&answer).with_context(|| {
            let line = request.split(|byte| *byte == b'\r').next();
            format!(
                "a wrong answer to {}",
                String::from_utf8_lossy(line.unwrap_or_default())
            )
        })?;
    }
}
