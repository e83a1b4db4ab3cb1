//! How fast the bot was.

use super::{field, list, number};
use serde_json::Value;

/// How fast the bot was since the start or `reset_meter`. Sends and edits count if they were accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meter {
    /// Sends and edits.
    pub total: i64,
    /// The most of them in any second.
    pub max_per_second: i64,
    /// The most of them in any second in one chat.
    pub max_per_second_per_chat: i64,
    /// The chat where that was; 0 without any.
    pub busiest_chat: i64,
    /// Unix seconds, and the sends and edits in each, without the idle ones.
    pub by_second: Vec<(i64, i64)>,
    /// How long presses waited for their answers.
    pub answers: AnswerTimes,
}

/// Milliseconds between presses and their first answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerTimes {
    /// How many presses were answered.
    pub count: i64,
    /// Half of them took no longer.
    pub p50_ms: i64,
    /// 99 of 100 took no longer.
    pub p99_ms: i64,
    /// None took longer.
    pub max_ms: i64,
}

/// Reads it from the control API.
pub(super) fn meter(meter: &Value) -> Meter {
    let busiest = field(meter, "max_per_second_per_chat");
    let answers = field(meter, "answer_ms");
    Meter {
        total: number(meter, "total"),
        max_per_second: number(meter, "max_per_second"),
        max_per_second_per_chat: number(busiest, "count"),
        busiest_chat: number(busiest, "chat_id"),
        by_second: list(field(meter, "by_second"))
            .iter()
            .map(|second| (number(second, "second"), number(second, "count")))
            .collect(),
        answers: AnswerTimes {
            count: number(answers, "count"),
            p50_ms: number(answers, "p50"),
            p99_ms: number(answers, "p99"),
            max_ms: number(answers, "max"),
        },
    }
}
