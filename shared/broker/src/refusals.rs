//! What the server refuses. Whoever asked sees only that no answer comes, so that it is told here.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_nats::{ClientError, ServerError};
use tokio::sync::watch;

/// How long a refusal counts as what is wrong.
const REMEMBERED: Duration = Duration::from_secs(60);

/// How many are kept to be listed.
const MOST_KEPT: usize = 64;

/// How the server begins to tell that a permission is missing.
const VIOLATION: &str = "permissions violation for ";

/// How it tells that a key is none of its users'.
const UNKNOWN_KEY: &str = "authorization violation";

/// What the server does not do for us.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// A permission is missing.
    #[error(
        "the NATS server does not allow {0}: nats_nkey_seed or nats_nkey_file is the key of another role, or nats.conf is \
         of another version"
    )]
    Permission(String),
    /// Nobody is known by this key.
    #[error(
        "the NATS server does not know the key of nats_nkey_seed or nats_nkey_file, or none is set and it wants one; \
         `televent nats-keys` makes keys and says where they go"
    )]
    Key,
}

impl Refusal {
    pub(crate) fn of_server(error: &ServerError) -> Option<Self> {
        match error {
            ServerError::AuthorizationViolation => Some(Self::Key),
            ServerError::Other(text) => {
                let at = text.to_ascii_lowercase().find(VIOLATION)?;
                let what = text.get(at + VIOLATION.len()..)?;
                Some(Self::Permission(what.trim_end_matches('\'').to_owned()))
            }
            ServerError::SlowConsumer(_) => None,
        }
    }

    pub(crate) fn of_client(error: &ClientError) -> Option<Self> {
        match error {
            ClientError::Other(text) => text.contains(UNKNOWN_KEY).then_some(Self::Key),
            ClientError::MaxReconnects | ClientError::ServerNotInPool => None,
        }
    }
}

/// The refusals of a connection. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Refusals {
    last: Arc<watch::Sender<Option<(Instant, Refusal)>>>,
    kept: Arc<Mutex<VecDeque<Refusal>>>,
}

impl Default for Refusals {
    fn default() -> Self {
        Self {
            last: Arc::new(watch::channel(None).0),
            kept: Arc::default(),
        }
    }
}

impl Refusals {
    pub(crate) fn note(&self, refusal: Refusal) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == MOST_KEPT {
            kept.pop_front();
        }
        kept.push_back(refusal.clone());
        drop(kept);
        self.last.send_replace(Some((Instant::now(), refusal)));
    }

    /// What was wrong is over.
    pub(crate) fn forget(&self) {
        self.last.send_replace(None);
    }

    /// All that were noted since this was asked before, the oldest first.
    pub(crate) fn take_all(&self) -> Vec<Refusal> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.drain(..).collect()
    }

    /// The last one, while it counts.
    pub(crate) fn recent(&self) -> Option<Refusal> {
        let last = self.last.borrow();
        let (at, refusal) = last.as_ref()?;
        (at.elapsed() < REMEMBERED).then(|| refusal.clone())
    }

    /// Those from now on.
    pub(crate) fn listen(&self) -> Listening {
        let mut receiver = self.last.subscribe();
        receiver.mark_unchanged();
        Listening(receiver)
    }
}

/// Waits for refusals.
pub(crate) struct Listening(watch::Receiver<Option<(Instant, Refusal)>>);

impl Listening {
    /// The next one.
    pub(crate) async fn next(&mut self) -> Refusal {
        loop {
            if self.0.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
            if let Some((_, refusal)) = &*self.0.borrow_and_update() {
                return refusal.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_words_are_understood() {
        let other = |text: &str| Refusal::of_server(&ServerError::Other(text.to_owned()));
        let allowed = |what: &str| Some(Refusal::Permission(what.to_owned()));
        assert_eq!(
            other("Permissions Violation for Publish to \"televent.update.7\""),
            allowed("Publish to \"televent.update.7\"")
        );
        assert_eq!(
            other("Permissions Violation for Subscription to \"_INBOX_all.x\""),
            allowed("Subscription to \"_INBOX_all.x\"")
        );
        assert_eq!(other("Stale Connection"), None);
        let key = ServerError::AuthorizationViolation;
        assert_eq!(Refusal::of_server(&key), Some(Refusal::Key));
        let key =
            ClientError::Other("authorization violation: nats: authorization violation".to_owned());
        assert_eq!(Refusal::of_client(&key), Some(Refusal::Key));
        let other = ClientError::Other("IO error".to_owned());
        assert_eq!(Refusal::of_client(&other), None);
    }

    #[tokio::test]
    async fn refusals_are_heard_from_when_one_listens() {
        let refusals = Refusals::default();
        refusals.note(Refusal::Key);
        assert_eq!(refusals.recent(), Some(Refusal::Key));
        let mut listening = refusals.listen();
        let permission = Refusal::Permission("Publish to \"a\"".to_owned());
        refusals.note(permission.clone());
        assert_eq!(listening.next().await, permission);
        refusals.forget();
        assert_eq!(refusals.recent(), None);
        assert_eq!(refusals.take_all(), [Refusal::Key, permission]);
        assert_eq!(refusals.take_all(), []);
    }
}
