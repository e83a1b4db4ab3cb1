//! Faults on demand: what a test may have go wrong, how often, and for which calls.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Faults that may wait at a time; more is a mistake of the test.
pub(crate) const MAX_FAULTS: usize = 1_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fault {
    /// The method that it hits, in any case; every method without it.
    #[serde(default)]
    pub method: Option<String>,
    /// The chat that it hits; every chat without it.
    #[serde(default)]
    pub chat_id: Option<i64>,
    #[serde(flatten)]
    pub kind: FaultKind,
    /// How many calls it hits.
    #[serde(default = "once")]
    pub times: u64,
    /// It hits every call until the faults are cleared, whatever `times` says.
    #[serde(default)]
    pub lasting: bool,
}

fn once() -> u64 {
    1
}

fn retry_after() -> u64 {
    1
}

fn bad_request() -> u16 {
    400
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub(crate) enum FaultKind {
    /// Nothing is done; "Too Many Requests".
    #[serde(rename = "429")]
    TooManyRequests {
        #[serde(default = "retry_after")]
        retry_after: u64,
    },
    /// Nothing is done; the server restarts.
    #[serde(rename = "500")]
    InternalError,
    /// Nothing is done; the proxy before the server answers with a page.
    #[serde(rename = "502_html")]
    BadGateway,
    /// The answer takes this long. Nothing is done if the caller leaves before, unless `performs`.
    #[serde(rename = "hang")]
    Hang {
        seconds: f64,
        /// Do it first and hang then.
        #[serde(default)]
        performs: bool,
    },
    /// It is done, and the connection closes without an answer.
    #[serde(rename = "lost_answer")]
    LostAnswer,
    /// The next update of the chat arrives twice. Not about calls, so `method` does not matter.
    #[serde(rename = "duplicate_delivery")]
    DuplicateDelivery,
    /// Nothing is done; any refusal.
    #[serde(rename = "refuse")]
    Refuse {
        #[serde(default = "bad_request")]
        status: u16,
        description: String,
        #[serde(default)]
        parameters: Option<Value>,
    },
}

impl FaultKind {
    pub fn name(&self) -> &'static str {
        match self {
            Self::TooManyRequests { .. } => "429",
            Self::InternalError => "500",
            Self::BadGateway => "502_html",
            Self::Hang { .. } => "hang",
            Self::LostAnswer => "lost_answer",
            Self::DuplicateDelivery => "duplicate_delivery",
            Self::Refuse { .. } => "refuse",
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<Fault>,
}

impl Faults {
    /// False when there are too many already.
    pub fn add(&mut self, fault: Fault) -> bool {
        if self.waiting.len() >= MAX_FAULTS {
            return false;
        }
        if fault.lasting || fault.times > 0 {
            self.waiting.push(fault);
        }
        true
    }

    pub fn clear(&mut self) {
        self.waiting.clear();
    }

    pub fn waiting(&self) -> &[Fault] {
        &self.waiting
    }

    /// The fault that this call meets, oldest first; unless it lasts, it is used up by that.
    pub fn for_call(&mut self, method: &str, chat_id: Option<i64>) -> Option<FaultKind> {
        self.take(|fault| {
            !matches!(fault.kind, FaultKind::DuplicateDelivery)
                && fault
                    .method
                    .as_deref()
                    .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && fault.chat_id.is_none_or(|wanted| Some(wanted) == chat_id)
        })
    }

    /// Whether this update is delivered twice.
    pub fn for_update(&mut self, user_id: Option<i64>) -> bool {
        self.take(|fault| {
            matches!(fault.kind, FaultKind::DuplicateDelivery)
                && fault.chat_id.is_none_or(|wanted| Some(wanted) == user_id)
        })
        .is_some()
    }

    fn take(&mut self, matches: impl Fn(&Fault) -> bool) -> Option<FaultKind> {
        let index = self.waiting.iter().position(matches)?;
        let fault = self.waiting.get_mut(index)?;
        let kind = fault.kind.clone();
        if fault.lasting {
            return Some(kind);
        }
        fault.times -= 1;
        if fault.times == 0 {
            self.waiting.remove(index);
        }
        Some(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_fault_hits_its_calls_and_is_used_up() {
        let mut faults = Faults::default();
        let fault = json!({ "method": "sendmessage", "chat_id": 5, "kind": "429", "retry_after": 3, "times": 2 });
        assert!(faults.add(serde_json::from_value(fault).expect("a fault")));
        assert!(faults.for_call("sendMessage", Some(6)).is_none());
        assert!(faults.for_call("editMessageText", Some(5)).is_none());
        for _ in 0..2 {
            let kind = faults.for_call("sendMessage", Some(5));
            assert!(matches!(
                kind,
                Some(FaultKind::TooManyRequests { retry_after: 3 })
            ));
        }
        assert!(faults.for_call("sendMessage", Some(5)).is_none());
    }

    #[test]
    fn a_lasting_fault_hits_until_it_is_cleared() {
        let mut faults = Faults::default();
        let fault = json!({ "kind": "502_html", "lasting": true });
        assert!(faults.add(serde_json::from_value(fault).expect("a fault")));
        for _ in 0..3 {
            let kind = faults.for_call("getUpdates", None);
            assert!(matches!(kind, Some(FaultKind::BadGateway)));
        }
        faults.clear();
        assert!(faults.for_call("getUpdates", None).is_none());
    }
}
