//! The log of Bot API calls, for assertions: bounded, with counters that are not, and never with the token.

use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// Calls that are remembered; the counters go on beyond it.
pub(crate) const MAX_CALLS: usize = 10_000;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Call {
    /// Number of the call since the start, from 1.
    pub number: u64,
    /// When it arrived, RFC 3339.
    pub time: String,
    pub duration_ms: u64,
    pub method: String,
    pub chat_id: Option<i64>,
    /// HTTP status of the answer; 0 when the answer was withheld.
    pub status: u16,
    /// The description of a refusal.
    pub description: Option<String>,
    /// The fault that this call met.
    pub fault: Option<&'static str>,
    pub parameters: Value,
}

#[derive(Debug, Default)]
pub(crate) struct CallLog {
    calls: VecDeque<Call>,
    total: u64,
    /// Per method, per HTTP status.
    counters: BTreeMap<String, BTreeMap<u16, u64>>,
}

impl CallLog {
    pub fn push(&mut self, mut call: Call) {
        self.total += 1;
        call.number = self.total;
        *self
            .counters
            .entry(call.method.clone())
            .or_default()
            .entry(call.status)
            .or_default() += 1;
        if self.calls.len() >= MAX_CALLS {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    pub fn total(&self) -> u64 {
        self.total
    }

    pub fn counters(&self) -> &BTreeMap<String, BTreeMap<u16, u64>> {
        &self.counters
    }

    /// Oldest first.
    pub fn select(&self, method: Option<&str>, chat_id: Option<i64>, after: u64) -> Vec<&Call> {
        self.calls
            .iter()
            .filter(|call| method.is_none_or(|method| call.method.eq_ignore_ascii_case(method)))
            .filter(|call| chat_id.is_none_or(|id| call.chat_id == Some(id)))
            .filter(|call| call.number > after)
            .collect()
    }
}
