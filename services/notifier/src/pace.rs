//! When the next call may be made. All processes take their moments from Postgres, so that together they keep the limits of Telegram
//! (`docs/decisions/0013-limits-of-telegram.md`).

use std::{
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use televent_runtime::config::Limits;
use televent_store::{Pace, PaceRequest, SHORTEST_DEFERRAL, Store, Urgency};
use televent_telegram::CallError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{deliver::DeliverError, failure::BAD_TOKEN_WAIT};

/// What is left unused of each limit. Calls are planned evenly, but they arrive a little sooner or later: with nothing to spare, a second
/// would now and then hold one too many.
const SPARE: f64 = 0.1;

/// The longest that a message waits here for its moment; with a longer wait it goes back to the outbox and makes room.
const PATIENCE: Duration = SHORTEST_DEFERRAL;

/// The longest that it waits for others in the same process to be asked for before it.
pub(crate) const PATIENCE_FOR_TURN: Duration = Duration::from_secs(8);

/// A call that would be later than this after its moment takes another: calls that a busy machine has held up must not come all at once.
const LATE: Duration = Duration::from_millis(50);

/// How often one does that: on a machine that is late each time, the message must go out all the same.
const MAX_MISSED: usize = 5;

/// After a planned wait longer than this another process may have been told to be quiet meanwhile.
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// How often a process whose calls are not limited asks whether the bot has to be quiet.
const ASK_FOR_PAUSE_EVERY: Duration = Duration::from_millis(200);

/// Chat ids of groups are negative (Bot API, type `Chat`).
const FIRST_PRIVATE_CHAT: i64 = 0;

/// The pace of one process.
pub(crate) struct Pacer {
    store: Store,
    bot_id: i64,
    limits: Limits,
    /// What nobody waits for asks one after the other: those who would be told to come back need not all be told.
    bulk: tokio::sync::Mutex<()>,
    soon: tokio::sync::Mutex<()>,
    pause: Mutex<KnownPause>,
    shutdown: CancellationToken,
}

/// What this process knows of the bot's pause.
#[derive(Clone, Copy, Debug, Default)]
struct KnownPause {
    until: Option<Instant>,
    /// Until when the token is taken for refused.
    refused_until: Option<Instant>,
    asked_at: Option<Instant>,
}

/// What to do before a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Make it.
    Go,
    /// Wait so long, and ask again.
    AskIn(Duration),
    /// Give the message back for so long.
    GiveBack(Duration),
}

impl Pacer {
    pub(crate) fn new(
        store: Store,
        bot_id: i64,
        limits: Limits,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            store,
            bot_id,
            limits,
            bulk: tokio::sync::Mutex::default(),
            soon: tokio::sync::Mutex::default(),
            pause: Mutex::default(),
            shutdown,
        }
    }

    /// Waits until a message may be sent to a chat, or edited there.
    ///
    /// # Errors
    /// [`DeliverError::Deferred`] when that takes long; when Postgres does not answer.
    /// [`DeliverError::Stopping`] once the process is to end: no call is begun any more.
    #[tracing::instrument(level = "debug", skip_all, name = "wait for the pace")]
    pub(crate) async fn wait(&self, chat_id: i64, urgency: Urgency) -> Result<(), DeliverError> {
        tokio::select! {
            biased;
            () = self.shutdown.cancelled() => Err(DeliverError::Stopping),
            waited = self.wait_for_turn(chat_id, urgency) => waited,
        }
    }

    async fn wait_for_turn(&self, chat_id: i64, urgency: Urgency) -> Result<(), DeliverError> {
        let begun_at = Instant::now();
        if let Some(wait) = self.refused_for() {
            // Not at once: all that comes would go through here, and be missed by a process with a token that is good.
            tokio::time::sleep(wait.min(PATIENCE_FOR_TURN)).await;
            return Err(deferred(SHORTEST_DEFERRAL));
        }
        loop {
            let step = if self.limits.are_lifted() {
                self.ask_for_pause().await?
            } else {
                self.ask(chat_id, urgency).await?
            };
            match step {
                Step::Go => return Ok(()),
                Step::GiveBack(wait) => return Err(deferred(wait)),
                Step::AskIn(wait) if begun_at.elapsed() + wait > PATIENCE_FOR_TURN => {
                    return Err(deferred(wait));
                }
                Step::AskIn(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    /// Takes note of what a call has met: when Telegram asks the bot to be quiet, all processes are; when it does not know the token,
    /// this one is.
    pub(crate) async fn heard<T>(&self, outcome: &Result<T, CallError>) {
        let wait = match outcome {
            Err(CallError::RetryAfter(wait)) => *wait,
            Err(CallError::BadToken { .. }) => {
                metrics::counter!("televent_telegram_pauses_total").increment(1);
                // While an operator replaces the token, others have the new one already.
                self.known().refused_until = Some(Instant::now() + BAD_TOKEN_WAIT);
                return;
            }
            _ => return,
        };
        metrics::counter!("televent_telegram_pauses_total").increment(1);
        self.know_pause(wait);
        if let Err(error) = self.store.pause_bot(self.bot_id, wait).await {
            warn!(
                error = &error as &dyn std::error::Error,
                "the other processes can't be told to be quiet"
            );
        }
    }

    async fn ask(&self, chat_id: i64, urgency: Urgency) -> Result<Step, DeliverError> {
        let mut request = PaceRequest {
            bot_id: self.bot_id,
            chat_id,
            gap: gap(Duration::from_secs(1), self.limits.messages_per_second),
            chat_gap: chat_gap(&self.limits, chat_id),
            urgency,
            again: false,
        };
        let turn = match urgency {
            Urgency::Awaited => None,
            Urgency::Soon => Some(&self.soon),
            Urgency::Bulk => Some(&self.bulk),
        };
        let mut turn = match turn.map(tokio::sync::Mutex::lock) {
            None => None,
            Some(turn) => match tokio::time::timeout(PATIENCE_FOR_TURN, turn).await {
                Ok(turn) => Some(turn),
                Err(_) => return Ok(Step::GiveBack(PATIENCE)),
            },
        };
        let give_up_at = Instant::now() + PATIENCE_FOR_TURN;
        let mut missed = 0;
        let wait = loop {
            let asked_at = Instant::now();
            match self.store.take_pace(&request).await? {
                Pace::Taken(wait) => {
                    drop(turn.take());
                    tokio::time::sleep(wait).await;
                    // The moment lies between the question and the answer, plus the wait.
                    let late = Instant::now().duration_since(asked_at + wait);
                    if late <= LATE || missed == MAX_MISSED {
                        break wait;
                    }
                    missed += 1;
                    request.again = late < request.chat_gap;
                }
                Pace::Later(wait) if Instant::now() + wait > give_up_at => {
                    return Ok(Step::GiveBack(wait));
                }
                // Whoever stands behind would be told the same.
                Pace::Later(wait) => tokio::time::sleep(wait).await,
                Pace::ChatRests(wait) | Pace::Paused(wait) => return Ok(ask_in(wait)),
            }
        };
        if wait > ASK_AGAIN_AFTER {
            let pause = self.store.bot_pause(self.bot_id).await?;
            if !pause.is_zero() {
                return Ok(ask_in(pause));
            }
        }
        Ok(self.known_pause().map_or(Step::Go, ask_in))
    }

    /// Without limits there is nothing to ask for but a pause, and that only now and then.
    async fn ask_for_pause(&self) -> Result<Step, DeliverError> {
        let now = Instant::now();
        let is_news = {
            let mut pause = self.known();
            let is_old = pause
                .asked_at
                .is_none_or(|at| now.duration_since(at) >= ASK_FOR_PAUSE_EVERY);
            if is_old {
                pause.asked_at = Some(now);
            }
            is_old
        };
        if is_news {
            let pause = self.store.bot_pause(self.bot_id).await?;
            if !pause.is_zero() {
                self.know_pause(pause);
            }
        }
        Ok(self.known_pause().map_or(Step::Go, ask_in))
    }

    fn know_pause(&self, wait: Duration) {
        let end = Instant::now() + wait;
        let mut pause = self.known();
        pause.until = Some(pause.until.map_or(end, |known| known.max(end)));
    }

    fn known_pause(&self) -> Option<Duration> {
        left_until(self.known().until)
    }

    fn refused_for(&self) -> Option<Duration> {
        left_until(self.known().refused_until)
    }

    fn known(&self) -> MutexGuard<'_, KnownPause> {
        self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn left_until(until: Option<Instant>) -> Option<Duration> {
    until
        .and_then(|until| until.checked_duration_since(Instant::now()))
        .filter(|left| !left.is_zero())
}

fn ask_in(wait: Duration) -> Step {
    if wait > PATIENCE {
        Step::GiveBack(wait)
    } else {
        Step::AskIn(wait)
    }
}

fn deferred(wait: Duration) -> DeliverError {
    DeliverError::Deferred(wait.max(SHORTEST_DEFERRAL))
}

/// The time between two calls of which so many are allowed in a period.
fn gap(period: Duration, allowed: Option<NonZeroU32>) -> Duration {
    allowed.map_or(Duration::ZERO, |allowed| {
        (period / allowed.get()).div_f64(1.0 - SPARE)
    })
}

fn chat_gap(limits: &Limits, chat_id: i64) -> Duration {
    if chat_id < FIRST_PRIVATE_CHAT {
        gap(Duration::from_secs(60), limits.group_messages_per_minute)
    } else {
        gap(Duration::from_secs(1), limits.chat_messages_per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(per_second: u32, per_chat: u32, per_group: u32) -> Limits {
        Limits {
            messages_per_second: NonZeroU32::new(per_second),
            chat_messages_per_second: NonZeroU32::new(per_chat),
            group_messages_per_minute: NonZeroU32::new(per_group),
            edit_interval: Duration::ZERO,
        }
    }

    #[test]
    fn gaps_leave_a_tenth_of_each_limit() {
        let limits = limits(30, 1, 20);
        let ms = |gap: Duration| gap.as_millis();
        let second = Duration::from_secs(1);
        assert_eq!(ms(gap(second, limits.messages_per_second)), 37);
        assert_eq!(ms(chat_gap(&limits, 98_765)), 1_111);
        assert_eq!(ms(chat_gap(&limits, -1_001_234)), 3_333);
        // So many fit into a second however late the first was, by a tenth of a second.
        let in_a_second = 1.1 / gap(second, limits.messages_per_second).as_secs_f64();
        assert!(in_a_second < 30.0, "{in_a_second}");
    }

    #[test]
    fn lifted_limit_has_no_gap() {
        let limits = limits(0, 0, 20);
        assert!(!limits.are_lifted());
        assert_eq!(chat_gap(&limits, 98_765), Duration::ZERO);
        assert_eq!(
            gap(Duration::from_secs(1), limits.messages_per_second),
            Duration::ZERO
        );
        assert!(Limits::NONE.are_lifted());
    }

    #[test]
    fn short_waits_are_waited_for_and_long_ones_give_way() {
        let short = Duration::from_millis(1_500);
        assert_eq!(ask_in(short), Step::AskIn(short));
        let long = Duration::from_secs(7);
        assert_eq!(ask_in(long), Step::GiveBack(long));
        // Shorter than relays notice, it would be late.
        assert!(
            matches!(deferred(short), DeliverError::Deferred(wait) if wait == SHORTEST_DEFERRAL)
        );
        assert!(matches!(deferred(long), DeliverError::Deferred(wait) if wait == long));
    }
}
