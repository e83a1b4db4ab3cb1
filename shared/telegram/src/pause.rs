//! The quiet that a 429 asks for.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Until when the bot must be quiet. Shared by all calls of a process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pause {
    until: Arc<Mutex<Option<Instant>>>,
}

impl Pause {
    /// Be quiet for `wait` from now on; never shortens a pause.
    pub(crate) fn extend(&self, wait: Duration) {
        let end = Instant::now() + wait;
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        *until = Some(until.map_or(end, |known| known.max(end)));
    }

    /// How much of the pause is left.
    pub(crate) fn left(&self) -> Option<Duration> {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until
            .and_then(|until| until.checked_duration_since(Instant::now()))
            .filter(|left| !left.is_zero())
    }
}
