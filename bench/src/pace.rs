//! An even pace: so many requests a second, whatever the server does, over a few connections that take turns.

use std::{net::SocketAddr, time::Duration};

use anyhow::Result;
use chrono::{DateTime, Utc};
use tokio::{task::JoinSet, time::Instant};

use crate::http::{Answer, Connection};

/// Connections that take turns: with this many, one that waits holds nobody up for long.
const CONNECTIONS: usize = 8;

/// A request that was sent, with what was made of its answer.
#[derive(Clone, Debug)]
pub struct Sent<T> {
    /// Which one.
    pub number: usize,
    /// Just before it was sent.
    pub sent_at: DateTime<Utc>,
    /// Just after the last byte of its answer.
    pub answered_at: DateTime<Utc>,
    /// What was read in it.
    pub read: T,
}

/// Sends all requests, one each `every`.
///
/// # Errors
/// The first wrong answer.
pub async fn evenly<T: Send + 'static>(
    address: SocketAddr,
    requests: Vec<Vec<u8>>,
    every: Duration,
    read: impl Fn(&Answer<'_>) -> Result<T> + Clone + Send + 'static,
) -> Result<Vec<Sent<T>>> {
    let start = Instant::now();
    let mut turns: Vec<Vec<(usize, Vec<u8>)>> = vec![Vec::new(); CONNECTIONS];
    for (number, request) in requests.into_iter().enumerate() {
        if let Some(turn) = turns.get_mut(number % CONNECTIONS) {
            turn.push((number, request));
        }
    }
    let mut tasks = JoinSet::new();
    for turn in turns {
        let read = read.clone();
        tasks.spawn(async move {
            let mut connection = Connection::new(address);
            let mut all = Vec::with_capacity(turn.len());
            for (number, request) in turn {
                let due = start + every * u32::try_from(number)?;
                tokio::time::sleep_until(due).await;
                let sent_at = Utc::now();
                let answer = connection.send(&request).await?;
                let answered_at = Utc::now();
                all.push(Sent {
                    number,
                    sent_at,
                    answered_at,
                    read: read(&answer)?,
                });
            }
            anyhow::Ok(all)
        });
    }
    let mut all = Vec::new();
    while let Some(done) = tasks.join_next().await {
        all.extend(done??);
    }
    all.sort_by_key(|sent| sent.number);
    Ok(all)
}
