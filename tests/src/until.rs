//! Waiting for something to be so, with an end to the patience and a word on what was awaited.

use std::time::{Duration, Instant};

/// How long anything may take. Far longer than it does, for slow machines.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Wait between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Looks again and again until there is something, and returns it.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    until_ok(what, async || look().await.ok_or("it is not so")).await
}

/// As [`until`], with a reason to be told when the patience ends.
pub async fn until_ok<T, E: std::fmt::Display>(
    what: &str,
    mut look: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let start = Instant::now();
    loop {
        match look().await {
            Ok(found) => return found,
            Err(reason) => assert!(
                start.elapsed() < DEADLINE,
                "waited {} s in vain for {what}: {reason}",
                DEADLINE.as_secs()
            ),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
