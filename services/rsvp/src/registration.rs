//! Telling Telegram how we want it, when a process starts: tried until it is done.

use std::time::Duration;

use televent_runtime::Backoff;
use televent_telegram::CallError;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// Waits between tries.
const BACKOFF: Backoff = Backoff {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(60),
};

/// Registers `what` with Telegram, trying until it is done or `shutdown` is cancelled; then waits for that.
pub(crate) async fn keep_registered<F>(
    what: &str,
    register: impl Fn() -> F,
    shutdown: CancellationToken,
) where
    F: Future<Output = Result<(), CallError>>,
{
    let until_registered = async {
        let mut failures = 0;
        while let Err(error) = register().await {
            failures += 1;
            warn!(%error, failures, "{what} can't be registered now");
            tokio::time::sleep(BACKOFF.after(failures)).await;
        }
        info!("registered: {what}");
    };
    tokio::select! {
        () = until_registered => shutdown.cancelled().await,
        () = shutdown.cancelled() => {}
    }
}
