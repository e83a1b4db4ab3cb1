//! What all handlers share: the state behind one mutex, and the signals that it changed.
//!
//! The mutex is never held over an await. Handlers change the state, let go, and then signal.

use crate::{events::Event, persist::Loaded, state::State};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

/// Page events that a slow reader may lag behind before it loses the oldest; it then reloads.
const EVENT_BUFFER: usize = 256;

#[derive(Debug)]
pub(crate) struct App {
    token: Mutex<String>,
    pub bot_id: i64,
    pub bot_username: String,
    /// No new work; polls, streams and deliveries end.
    pub stopping: CancellationToken,
    /// Nothing changes any more; what is unsaved is written for the last time.
    pub quiet: CancellationToken,
    state: Mutex<State>,
    updates: watch::Sender<u64>,
    unsaved: watch::Sender<u64>,
    events: broadcast::Sender<Event>,
}

impl App {
    pub fn new(token: String, bot_username: String, loaded: Option<Loaded>) -> Self {
        let bot_id = token
            .split(':')
            .next()
            .and_then(|id| id.parse().ok())
            .unwrap_or(1);
        Self {
            token: Mutex::new(token),
            bot_id,
            bot_username,
            stopping: CancellationToken::new(),
            quiet: CancellationToken::new(),
            state: Mutex::new(State::new(loaded)),
            updates: watch::Sender::new(0),
            unsaved: watch::Sender::new(0),
            events: broadcast::Sender::new(EVENT_BUFFER),
        }
    }

    /// Whether this is the bot's token now.
    pub fn is_token(&self, token: &str) -> bool {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) == token
    }

    /// Ends the token that there is; from now on it is this one.
    pub fn revoke_token(&self, new: String) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = new;
    }

    /// The state. A panic of another handler has left it consistent enough: every change is one step.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the long poll and the webhook delivery.
    pub fn signal_updates(&self) {
        self.updates.send_modify(|version| *version += 1);
    }

    pub fn watch_updates(&self) -> watch::Receiver<u64> {
        self.updates.subscribe()
    }

    /// Tells the page, and has the state saved soon.
    pub fn changed(&self, event: Event) {
        self.unsaved.send_modify(|version| *version += 1);
        self.tell(event);
    }

    /// Tells the page of something that is not saved.
    pub fn tell(&self, event: Event) {
        // Nobody may be looking; that is no error.
        let _ = self.events.send(event);
    }

    pub fn watch_unsaved(&self) -> watch::Receiver<u64> {
        self.unsaved.subscribe()
    }

    pub fn watch_events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }
}
