//! Optional rate limits on sends and edits, as the real server's, per second and per chat.

use crate::settings::Settings;
use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

const WINDOW: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(crate) struct RateLimiter {
    all: VecDeque<Instant>,
    chats: BTreeMap<i64, VecDeque<Instant>>,
}

impl RateLimiter {
    /// Counts one message to `chat_id`, or says after how many seconds to come back.
    pub fn admit(&mut self, settings: &Settings, chat_id: i64, now: Instant) -> Result<(), u64> {
        if !settings.rate_limits {
            return Ok(());
        }
        let is_old = |at: &Instant| now.duration_since(*at) >= WINDOW;
        while self.all.front().is_some_and(is_old) {
            self.all.pop_front();
        }
        self.chats.retain(|_, sent| {
            while sent.front().is_some_and(is_old) {
                sent.pop_front();
            }
            !sent.is_empty()
        });
        let in_chat = self.chats.get(&chat_id).map_or(0, VecDeque::len);
        let full = |count: usize, limit: u32| count >= usize::try_from(limit).unwrap_or(usize::MAX);
        if full(self.all.len(), settings.messages_per_second)
            || full(in_chat, settings.messages_per_second_per_chat)
        {
            return Err(WINDOW.as_secs());
        }
        self.all.push_back(now);
        self.chats.entry(chat_id).or_default().push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_a_second_per_chat_and_n_over_all() {
        let settings = Settings {
            rate_limits: true,
            messages_per_second: 2,
            ..Settings::default()
        };
        let mut limiter = RateLimiter::default();
        let start = Instant::now();
        assert_eq!(limiter.admit(&settings, 1, start), Ok(()));
        assert_eq!(limiter.admit(&settings, 1, start), Err(1));
        assert_eq!(limiter.admit(&settings, 2, start), Ok(()));
        assert_eq!(limiter.admit(&settings, 3, start), Err(1));
        assert_eq!(limiter.admit(&settings, 1, start + WINDOW), Ok(()));
    }
}
