//! How fast the bot may call: where all processes together stand, by the bot's id, since Telegram's limits are a token's.
//!
//! Each call takes a moment for itself from Postgres, one gap after the one before; no moment is kept for later, so a bot that was
//! quiet has not saved up for a burst. See `docs/decisions/0013-limits-of-telegram.md`.

use std::time::Duration;

use crate::{Store, StoreError, Urgency};

/// How far ahead of time a call may be planned, by urgency: who may plan further takes moments from under those who may not, and
/// waits for no more of them than these were allowed to take.
const AHEAD_AWAITED: Duration = Duration::from_secs(2);
const AHEAD_SOON: Duration = Duration::from_millis(300);
const AHEAD_BULK: Duration = Duration::from_millis(100);

/// A call that is to be made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PaceRequest {
    /// The bot: the part of its token before the colon.
    pub bot_id: i64,
    /// The chat that is written to.
    pub chat_id: i64,
    /// The time between two calls; zero if there is no such limit.
    pub gap: Duration,
    /// The time between two calls in this chat; zero if there is no such limit.
    pub chat_gap: Duration,
    /// What goes first.
    pub urgency: Urgency,
    /// The moment that was taken was missed, and the call is still to be made.
    pub again: bool,
}

/// Whether a call may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// After this time. It is taken: whoever does not make the call has wasted it.
    Taken(Duration),
    /// Others go first: ask again after this time.
    Later(Duration),
    /// The chat has to rest: ask again after this time.
    ChatRests(Duration),
    /// Telegram has asked the bot to be quiet: ask again after this time.
    Paused(Duration),
}

impl Urgency {
    const fn ahead(self) -> Duration {
        match self {
            Self::Awaited => AHEAD_AWAITED,
            Self::Soon => AHEAD_SOON,
            Self::Bulk => AHEAD_BULK,
        }
    }
}

impl Store {
    /// Takes the right to make one call.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn take_pace(&self, request: &PaceRequest) -> Result<Pace, StoreError> {
        let row = sqlx::query!(
            r#"select outcome as "outcome!", wait as "wait!" from take_pace($1, $2, $3, $4, $5, $6)"#,
            request.bot_id,
            request.chat_id,
            request.gap.as_secs_f64(),
            request.chat_gap.as_secs_f64(),
            request.urgency.ahead().as_secs_f64(),
            request.again,
        )
        .fetch_one(&self.pool)
        .await?;
        let wait = Duration::try_from_secs_f64(row.wait).unwrap_or_default();
        match row.outcome.as_str() {
            "taken" => Ok(Pace::Taken(wait)),
            "later" => Ok(Pace::Later(wait)),
            "chat" => Ok(Pace::ChatRests(wait)),
            "paused" => Ok(Pace::Paused(wait)),
            _ => Err(StoreError::Corrupt { what: "pace" }),
        }
    }

    /// All processes are quiet for `wait` from now on; a longer pause stays.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn pause_bot(&self, bot_id: i64, wait: Duration) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into bot_paces (bot_id, paused_until)
             values ($1, clock_timestamp() + $2 * interval '1 second')
             on conflict (bot_id) do update set
                 paused_until = greatest(bot_paces.paused_until, excluded.paused_until)",
            bot_id,
            wait.as_secs_f64(),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// How long the bot has to be quiet still; zero if it need not.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn bot_pause(&self, bot_id: i64) -> Result<Duration, StoreError> {
        let seconds = sqlx::query_scalar!(
            "select extract(epoch from paused_until - clock_timestamp())::float8
             from bot_paces where bot_id = $1 and paused_until > clock_timestamp()",
            bot_id,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(Duration::try_from_secs_f64(seconds.flatten().unwrap_or_default()).unwrap_or_default())
    }
}
