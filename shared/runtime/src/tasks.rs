//! Tasks that nobody loses sight of, and a shutdown in order: stop taking work, finish, then drop.

use std::{future::Future, time::Duration};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{error, info, warn};

/// How long tasks may take to finish their work after a shutdown was asked for.
pub const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(20);

/// The long-lived tasks of a process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tasks {
    tracker: TaskTracker,
    /// Cancelled with `shutdown`, or before.
    leaving: CancellationToken,
    shutdown: CancellationToken,
    failed: CancellationToken,
}

impl Default for Tasks {
    fn default() -> Self {
        let shutdown = CancellationToken::new();
        Self {
            tracker: TaskTracker::new(),
            leaving: shutdown.child_token(),
            shutdown,
            failed: CancellationToken::new(),
        }
    }
}

impl Tasks {
    /// No tasks yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancelled when a shutdown was asked for, though all goes on for a while yet: nobody should send new work here.
    #[must_use]
    pub fn leaving(&self) -> CancellationToken {
        self.leaving.clone()
    }

    /// Cancelled when no new work must be begun.
    #[must_use]
    pub fn shutdown(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    /// Runs a long-lived task. If it panics or ends before a shutdown was asked for, the process can't do
    /// its work any more: everything is shut down, and [`Tasks::finish`] reports failure.
    pub fn spawn<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let shutdown = self.shutdown.clone();
        let failed = self.failed.clone();
        let handle = self.tracker.spawn(task);
        self.tracker.spawn(async move {
            let ended = handle.await;
            if shutdown.is_cancelled() && ended.is_ok() {
                return;
            }
            match ended {
                Ok(()) => error!(task.name = name, "a task ended that must not end"),
                Err(error) => error!(task.name = name, %error, "a task panicked"),
            }
            failed.cancel();
            shutdown.cancel();
        });
    }

    /// Waits until a shutdown is asked for, by a signal (SIGINT, SIGTERM) or by a task.
    pub async fn until_shutdown(&self) {
        self.until_shutdown_with_notice(Duration::ZERO).await;
    }

    /// As [`Tasks::until_shutdown`]. After a signal all goes on for `notice`, so that those who send work here learn that they
    /// shall not any more; a second signal ends that.
    pub async fn until_shutdown_with_notice(&self, notice: Duration) {
        tokio::select! {
            signal = signalled() => {
                info!(signal, "shutting down");
                self.leaving.cancel();
                if !notice.is_zero() {
                    tokio::select! {
                        () = tokio::time::sleep(notice) => {}
                        _signal = signalled() => {}
                        () = self.shutdown.cancelled() => {}
                    }
                }
                self.shutdown.cancel();
            }
            () = self.shutdown.cancelled() => {}
        }
    }

    /// Asks all tasks to finish and waits for them, at most [`SHUTDOWN_DEADLINE`], and until a signal comes: whoever sends another
    /// one does not want to wait. Returns whether everything ended as it should.
    pub async fn finish(&self) -> bool {
        self.shutdown.cancel();
        self.tracker.close();
        tokio::select! {
            () = self.tracker.wait() => return !self.failed.is_cancelled(),
            () = tokio::time::sleep(SHUTDOWN_DEADLINE) => warn!(
                tasks.left = self.tracker.len(),
                "tasks did not finish in time and are dropped"
            ),
            signal = signalled() => warn!(
                signal,
                tasks.left = self.tracker.len(),
                "a second signal: tasks are dropped"
            ),
        }
        false
    }
}

/// Waits for SIGINT or SIGTERM, and names it.
async fn signalled() -> &'static str {
    let interrupt = signal(SignalKind::interrupt());
    let terminate = signal(SignalKind::terminate());
    match (interrupt, terminate) {
        (Ok(mut interrupt), Ok(mut terminate)) => tokio::select! {
            _ = interrupt.recv() => "SIGINT",
            _ = terminate.recv() => "SIGTERM",
        },
        (interrupt, terminate) => {
            warn!(?interrupt, ?terminate, "signals can't be received");
            std::future::pending().await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn task_that_panics_shuts_everything_down() {
        let tasks = Tasks::new();
        let shutdown = tasks.shutdown();
        tasks.spawn("waits", async move { shutdown.cancelled().await });
        tasks.spawn("panics", async { panic!("on purpose") });
        tasks.until_shutdown().await;
        assert!(!tasks.finish().await);
    }

    #[tokio::test]
    async fn whoever_shuts_down_is_leaving() {
        let tasks = Tasks::new();
        assert!(!tasks.leaving().is_cancelled());
        assert!(tasks.finish().await);
        assert!(tasks.leaving().is_cancelled());
    }

    #[tokio::test]
    async fn tasks_that_end_on_request_are_a_success() {
        let tasks = Tasks::new();
        let shutdown = tasks.shutdown();
        tasks.spawn("waits", async move { shutdown.cancelled().await });
        assert!(tasks.finish().await);
    }
}
