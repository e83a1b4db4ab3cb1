//! How many requests are answered at once, in all and for one account. What comes above that waits its turn for a moment, and is then
//! told to come back: memory and the wait for Postgres stay bounded, and what is answered is answered soon.
//!
//! A request has a permit from before its body is read until its answer is written or dropped. Whose it is turns out after one
//! statement, which runs under the first permit alone. A request that must wait for its account's other ones gives that permit back
//! meanwhile: whoever sends a thousand requests at once delays nobody else.

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, HttpBody as _},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use metrics::{Gauge, counter, gauge};
use televent_calendar::TelegramUserId;
use televent_store::MAX_CONNECTIONS;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use crate::{error::ApiError, routes::drain};

/// Requests that are answered at once. Most of their time they parse, decide, or wait for their client: fewer would leave connections
/// to Postgres idle, and more would only wait there.
const MOST: usize = 4 * MAX_CONNECTIONS as usize;

/// Those of one account, whatever its devices send.
const MOST_OF_ACCOUNT: usize = MOST / 2;

/// Requests that wait for their turn: a few kilobytes each, since their bodies are not read yet.
const MOST_WAITING: usize = 8 * MOST;

/// As [`MOST_WAITING`], of one account.
const MOST_WAITING_OF_ACCOUNT: usize = 4 * MOST_OF_ACCOUNT;

/// How long a turn is waited for: less than calendar apps wait for an answer, and less than a person does.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long an answer may take, its reading by the client included. A first sync of the largest account over a slow line takes some
/// minutes.
const ANSWER_DEADLINE: Duration = Duration::from_secs(300);

/// Which bound a request was above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Of all requests together.
    ByAll,
    /// Of those of its account.
    ByUser,
}

impl Refusal {
    fn counted(self) -> ApiError {
        let bound = match self {
            Self::ByAll => "all",
            Self::ByUser => "account",
        };
        counter!("televent_api_refused_total", "bound" => bound).increment(1);
        ApiError::Overloaded(self)
    }
}

/// Lets so many in, and so many wait.
#[derive(Debug)]
struct Gate {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
    most_waiting: usize,
    patience: Duration,
}

/// Counts somebody who waits, until dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Gate {
    fn new(most: usize, most_waiting: usize, patience: Duration) -> Self {
        Self {
            free: Arc::new(Semaphore::new(most)),
            waiting: AtomicUsize::new(0),
            most_waiting,
            patience,
        }
    }

    fn enter_now(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).try_acquire_owned().ok()
    }

    /// Waits for its turn, first come, first served; `None` when too many wait, or for too long.
    async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        if let Some(permit) = self.enter_now() {
            return Some(permit);
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        if before >= self.most_waiting {
            return None;
        }
        let turn = Arc::clone(&self.free).acquire_owned();
        tokio::time::timeout(self.patience, turn).await.ok()?.ok()
    }
}

/// The gates of the accounts that have requests now.
type Accounts = Mutex<HashMap<TelegramUserId, Arc<Gate>>>;

/// What lets requests in. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    all: Arc<Gate>,
    accounts: Arc<Accounts>,
}

/// An account's gate; it goes with the last request that holds it.
#[derive(Debug)]
struct AccountGate {
    accounts: Arc<Accounts>,
    account: TelegramUserId,
    gate: Option<Arc<Gate>>,
}

impl Drop for AccountGate {
    fn drop(&mut self) {
        let mut accounts = lock(&self.accounts);
        drop(self.gate.take());
        if let Some(gate) = accounts.get(&self.account)
            && Arc::strong_count(gate) == 1
        {
            accounts.remove(&self.account);
        }
    }
}

/// What a request holds. Its account's permit goes first.
#[derive(Debug, Default)]
struct Permits {
    of_account: Option<(OwnedSemaphorePermit, AccountGate)>,
    of_all: Option<Counted>,
}

/// One of the permits of all, in the gauge.
#[derive(Debug)]
struct Counted {
    _permit: OwnedSemaphorePermit,
}

impl Counted {
    fn new(permit: OwnedSemaphorePermit) -> Self {
        in_use().increment(1);
        Self { _permit: permit }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        in_use().decrement(1);
    }
}

fn in_use() -> Gauge {
    gauge!("televent_api_requests_in_progress")
}

/// The permits of a request, as its handler finds them among the extensions.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    admission: Admission,
    permits: Arc<Mutex<Permits>>,
}

impl Admission {
    pub(crate) fn new() -> Self {
        Self::with_patience(PATIENCE)
    }

    fn with_patience(patience: Duration) -> Self {
        Self {
            all: Arc::new(Gate::new(MOST, MOST_WAITING, patience)),
            accounts: Arc::default(),
        }
    }

    async fn enter(&self) -> Result<Counted, Refusal> {
        self.all
            .enter()
            .await
            .map(Counted::new)
            .ok_or(Refusal::ByAll)
    }

    fn gate_of(&self, account: TelegramUserId) -> (Arc<Gate>, AccountGate) {
        let gate = Arc::clone(lock(&self.accounts).entry(account).or_insert_with(|| {
            Arc::new(Gate::new(
                MOST_OF_ACCOUNT,
                MOST_WAITING_OF_ACCOUNT,
                self.all.patience,
            ))
        }));
        let held = AccountGate {
            accounts: Arc::clone(&self.accounts),
            account,
            gate: Some(Arc::clone(&gate)),
        };
        (gate, held)
    }
}

impl Admitted {
    /// The request turns out to be this account's.
    pub(crate) async fn of(&self, account: TelegramUserId) -> Result<(), ApiError> {
        self.enter_for(account).await.map_err(Refusal::counted)
    }

    async fn enter_for(&self, account: TelegramUserId) -> Result<(), Refusal> {
        let (gate, held) = self.admission.gate_of(account);
        if let Some(permit) = gate.enter_now() {
            drop(gate);
            lock(&self.permits).of_account = Some((permit, held));
            return Ok(());
        }
        drop(lock(&self.permits).of_all.take());
        let permit = gate.enter().await.ok_or(Refusal::ByUser)?;
        drop(gate);
        let of_all = self.admission.enter().await?;
        *lock(&self.permits) = Permits {
            of_account: Some((permit, held)),
            of_all: Some(of_all),
        };
        Ok(())
    }
}

/// Before every request of this role.
pub(crate) async fn admit(
    State(admission): State<Admission>,
    mut request: Request,
    next: Next,
) -> Response {
    let of_all = match admission.enter().await {
        Ok(permit) => permit,
        Err(refusal) => {
            drain(request.into_body()).await;
            return refusal.counted().into_response();
        }
    };
    let permits = Permits {
        of_account: None,
        of_all: Some(of_all),
    };
    let admitted = Admitted {
        admission,
        permits: Arc::new(Mutex::new(permits)),
    };
    request.extensions_mut().insert(admitted.clone());
    let deadline = Instant::now() + ANSWER_DEADLINE;
    match tokio::time::timeout_at(deadline, next.run(request)).await {
        Ok(response) => response.map(|body| held_while_read(body, admitted, deadline)),
        Err(_) => ApiError::TooSlow.into_response(),
    }
}

/// The body, which holds the request's permits as long as more of it may come. What is whole already is only read.
fn held_while_read(body: Body, admitted: Admitted, deadline: Instant) -> Body {
    if body.size_hint().exact().is_some() {
        return body;
    }
    type Rest = Option<(BodyDataStream, Admitted)>;
    let rest: Rest = Some((body.into_data_stream(), admitted));
    Body::from_stream(stream::unfold(rest, move |rest| async move {
        let (mut body, admitted) = rest?;
        let next: Result<Bytes, axum::Error> =
            match tokio::time::timeout_at(deadline, body.next()).await {
                Ok(next) => next?,
                Err(_) => Err(axum::Error::new(io::Error::from(io::ErrorKind::TimedOut))),
            };
        let rest = next.is_ok().then_some((body, admitted));
        Some((next, rest))
    }))
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while it is held.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(50);

    fn account(id: i64) -> TelegramUserId {
        TelegramUserId::new(id).unwrap()
    }

    async fn admitted(admission: &Admission) -> Result<Admitted, Refusal> {
        let permits = Permits {
            of_account: None,
            of_all: Some(admission.enter().await?),
        };
        Ok(Admitted {
            admission: admission.clone(),
            permits: Arc::new(Mutex::new(permits)),
        })
    }

    #[tokio::test]
    async fn whoever_is_above_the_bound_waits_for_a_moment() {
        let gate = Gate::new(1, 1, SHORT);
        let first = gate.enter().await;
        assert!(first.is_some());
        let begun = Instant::now();
        let (second, third) = tokio::join!(gate.enter(), async {
            // Its place in the queue is taken.
            let third = gate.enter().await;
            assert!(begun.elapsed() < SHORT);
            third
        });
        assert!(second.is_none() && third.is_none());
        assert!(begun.elapsed() >= SHORT);
        let (second, ()) = tokio::join!(gate.enter(), async { drop(first) });
        assert!(second.is_some());
        assert_eq!(gate.waiting.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn account_that_takes_all_it_may_leaves_the_rest_to_others() {
        let admission = Admission::with_patience(SHORT);
        let mut held = Vec::new();
        for _ in 0..MOST_OF_ACCOUNT {
            let one = admitted(&admission).await.unwrap();
            one.enter_for(account(1)).await.unwrap();
            held.push(one);
        }
        let one_more = admitted(&admission).await.unwrap();
        let other = admitted(&admission).await.unwrap();
        let (refused, ()) = tokio::join!(one_more.enter_for(account(1)), async {
            // Whoever waits for their account holds nothing.
            assert_eq!(
                admission.all.free.available_permits(),
                MOST - MOST_OF_ACCOUNT - 1
            );
            other.enter_for(account(2)).await.unwrap();
        });
        assert_eq!(refused, Err(Refusal::ByUser));
        drop(held.pop());
        let one_more = admitted(&admission).await.unwrap();
        assert_eq!(one_more.enter_for(account(1)).await, Ok(()));
        assert_eq!(lock(&admission.accounts).len(), 2);
        drop((held, one_more, other));
        assert_eq!(admission.all.free.available_permits(), MOST);
        assert!(lock(&admission.accounts).is_empty());
    }

    #[tokio::test]
    async fn answer_in_parts_holds_its_permit_until_it_is_read_or_dropped() {
        let admission = Admission::with_patience(SHORT);
        let later = || Instant::now() + SHORT;
        let parts = || {
            let parts = [
                Ok::<_, io::Error>(Bytes::from_static(b"a")),
                Ok(Bytes::new()),
            ];
            Body::from_stream(stream::iter(parts))
        };
        let one = admitted(&admission).await.unwrap();
        let body = held_while_read(parts(), one, later());
        assert_eq!(admission.all.free.available_permits(), MOST - 1);
        let read = axum::body::to_bytes(body, 10).await.unwrap();
        assert_eq!(
            (&read[..], admission.all.free.available_permits()),
            (&b"a"[..], MOST)
        );

        let body = held_while_read(parts(), admitted(&admission).await.unwrap(), later());
        drop(body);
        assert_eq!(admission.all.free.available_permits(), MOST);

        let never = Body::from_stream(stream::pending::<Result<Bytes, io::Error>>());
        let body = held_while_read(never, admitted(&admission).await.unwrap(), later());
        assert!(axum::body::to_bytes(body, 10).await.is_err());
        assert_eq!(admission.all.free.available_permits(), MOST);

        let whole = held_while_read(
            Body::from("whole"),
            admitted(&admission).await.unwrap(),
            later(),
        );
        assert_eq!(whole.size_hint().exact(), Some(5));
        assert_eq!(admission.all.free.available_permits(), MOST);
    }
}
