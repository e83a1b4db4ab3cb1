//! How fast the bot sends, and how fast it answers presses: what tests of the rate limits look at.
//!
//! Counted are the sends and edits that were accepted. A second is any second, not one of the clock's.

use serde::Serialize;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

const WINDOW: Duration = Duration::from_secs(1);
/// Messages of the last second that are remembered; a faster bot is counted too low.
const MAX_IN_WINDOW: usize = 100_000;
/// Seconds of the clock that are listed one by one: an hour of them.
const MAX_SECONDS: usize = 3_600;
/// Answers to presses that the percentiles are taken of; the oldest go.
const MAX_ANSWERS: usize = 100_000;

#[derive(Debug, Default)]
pub(crate) struct Meter {
    total: u64,
    /// The last second, oldest first, and how many there are of each chat.
    window: VecDeque<(Instant, i64)>,
    in_chat: BTreeMap<i64, usize>,
    max: usize,
    max_in_chat: Option<InChat>,
    by_second: VecDeque<Second>,
    /// Milliseconds between presses and answers.
    answers_ms: VecDeque<u64>,
    answer_count: u64,
    max_answer_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct InChat {
    chat_id: i64,
    count: usize,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Second {
    /// Unix seconds.
    second: i64,
    count: u64,
}

impl Meter {
    /// Counts one accepted message or edit in `chat_id`; `unix` is the same moment on the clock, in seconds.
    pub fn count(&mut self, chat_id: i64, now: Instant, unix: i64) {
        let is_old = |at: &Instant| now.duration_since(*at) >= WINDOW;
        while self
            .window
            .front()
            .is_some_and(|(at, _)| is_old(at) || self.window.len() >= MAX_IN_WINDOW)
        {
            self.forget_oldest();
        }
        self.total += 1;
        self.window.push_back((now, chat_id));
        self.max = self.max.max(self.window.len());
        let count = self.in_chat.entry(chat_id).or_default();
        *count += 1;
        if self.max_in_chat.is_none_or(|max| *count > max.count) {
            self.max_in_chat = Some(InChat {
                chat_id,
                count: *count,
            });
        }
        match self.by_second.back_mut() {
            // A clock that was set back goes on in the second that was reached.
            Some(last) if last.second >= unix => last.count += 1,
            _ => {
                if self.by_second.len() >= MAX_SECONDS {
                    self.by_second.pop_front();
                }
                self.by_second.push_back(Second {
                    second: unix,
                    count: 1,
                });
            }
        }
    }

    fn forget_oldest(&mut self) {
        let Some((_, chat_id)) = self.window.pop_front() else {
            return;
        };
        if let Some(count) = self.in_chat.get_mut(&chat_id) {
            *count -= 1;
            if *count == 0 {
                self.in_chat.remove(&chat_id);
            }
        }
    }

    /// Notes how long a press waited for its answer.
    pub fn answered(&mut self, after_ms: u64) {
        if self.answers_ms.len() >= MAX_ANSWERS {
            self.answers_ms.pop_front();
        }
        self.answers_ms.push_back(after_ms);
        self.answer_count += 1;
        self.max_answer_ms = self.max_answer_ms.max(after_ms);
    }

    /// As the control API shows it.
    pub fn to_control(&self) -> Value {
        let mut sorted: Vec<u64> = self.answers_ms.iter().copied().collect();
        sorted.sort_unstable();
        json!({
            "total": self.total,
            "max_per_second": self.max,
            "max_per_second_per_chat": self.max_in_chat,
            "by_second": self.by_second,
            "answer_ms": {
                "count": self.answer_count,
                "p50": percentile(&sorted, 50),
                "p99": percentile(&sorted, 99),
                "max": self.max_answer_ms,
            },
        })
    }
}

/// The smallest value that at least `percent` of all do not exceed; 0 without any.
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_any_second() {
        let mut meter = Meter::default();
        let start = Instant::now();
        for (ms, chat_id) in [
            (0, 1),
            (600, 1),
            (900, 2),
            (1_100, 1),
            (1_599, 1),
            (1_600, 2),
            (5_000, 1),
        ] {
            let unix = 100 + i64::try_from(ms / 1000).expect("small");
            meter.count(chat_id, start + Duration::from_millis(ms), unix);
        }
        let shown = meter.to_control();
        assert_eq!(shown["total"], 7);
        // 600 to 1599 and 900 to 1600.
        assert_eq!(shown["max_per_second"], 4);
        assert_eq!(
            shown["max_per_second_per_chat"],
            json!({ "chat_id": 1, "count": 3 })
        );
        assert_eq!(
            shown["by_second"],
            json!([{ "second": 100, "count": 3 }, { "second": 101, "count": 3 }, { "second": 105, "count": 1 }])
        );
        assert_eq!((meter.window.len(), meter.in_chat.len()), (1, 1));
    }

    #[test]
    fn answers_have_percentiles() {
        let mut meter = Meter::default();
        assert_eq!(
            meter.to_control()["answer_ms"],
            json!({ "count": 0, "p50": 0, "p99": 0, "max": 0 })
        );
        for ms in (1..=200).rev() {
            meter.answered(ms);
        }
        assert_eq!(
            meter.to_control()["answer_ms"],
            json!({ "count": 200, "p50": 100, "p99": 198, "max": 200 })
        );
    }
}
