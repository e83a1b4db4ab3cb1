//! The queue of updates that wait for the bot, whichever way it takes them.
//!
//! Bodies are kept as text, so that a test can have garbage delivered verbatim. Delivery itself is in
//! `methods/get_updates.rs` (polling) and `webhook.rs`.

use serde_json::Value;
use std::{
    collections::{BTreeSet, VecDeque},
    time::{Duration, Instant},
};

/// Updates that wait at most; the oldest go. The real server refuses further ones at a similar depth.
const MAX_WAITING: usize = 100_000;

/// Kinds that a bot gets only when it asks for them by name (Bot API, `allowed_updates`).
const NOT_BY_DEFAULT: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

#[derive(Debug)]
pub(crate) struct Update {
    pub id: i64,
    /// Whose update it is: deliveries to a webhook are in order per person.
    pub user_id: Option<i64>,
    pub body: String,
    /// How often it is yet to be delivered; more than 1 by a fault.
    pub copies: u32,
    pub expires_at: Instant,
    /// Webhook deliveries that failed.
    pub failures: u32,
    pub next_attempt_at: Instant,
    pub in_flight: bool,
}

#[derive(Debug)]
pub(crate) struct UpdateQueue {
    waiting: VecDeque<Update>,
    next_id: i64,
    /// Kinds that are queued; empty for the default.
    allowed: Vec<String>,
}

impl UpdateQueue {
    pub fn new(next_id: i64) -> Self {
        Self {
            waiting: VecDeque::new(),
            next_id,
            allowed: Vec::new(),
        }
    }

    pub fn next_id(&self) -> i64 {
        self.next_id
    }

    pub fn allowed(&self) -> &[String] {
        &self.allowed
    }

    /// Remembered until it is given again, as the real server does.
    pub fn set_allowed(&mut self, kinds: Vec<String>) {
        self.allowed = kinds;
    }

    /// Queues an update of one kind, or returns `None` if the bot does not want the kind.
    pub fn push(
        &mut self,
        kind: &str,
        payload: &Value,
        user_id: Option<i64>,
        ttl: Duration,
        copies: u32,
    ) -> Option<i64> {
        let wanted = if self.allowed.is_empty() {
            !NOT_BY_DEFAULT.contains(&kind)
        } else {
            self.allowed.iter().any(|allowed| allowed == kind)
        };
        if !wanted {
            return None;
        }
        let id = self.next_id;
        let body = serde_json::json!({ "update_id": id, kind: payload }).to_string();
        self.push_raw(id, body, user_id, ttl, copies);
        Some(id)
    }

    /// Queues a body as it is under `id`, and goes on counting from there.
    pub fn push_raw(
        &mut self,
        id: i64,
        body: String,
        user_id: Option<i64>,
        ttl: Duration,
        copies: u32,
    ) {
        self.next_id = self.next_id.max(id.saturating_add(1));
        if self.waiting.len() >= MAX_WAITING {
            self.waiting.pop_front();
        }
        let now = Instant::now();
        self.waiting.push_back(Update {
            id,
            user_id,
            body,
            copies,
            expires_at: now + ttl,
            failures: 0,
            next_attempt_at: now,
            in_flight: false,
        });
    }

    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn clear(&mut self) {
        self.waiting.clear();
    }

    pub fn drop_expired(&mut self, now: Instant) {
        self.waiting
            .retain(|update| update.expires_at > now || update.in_flight);
    }

    /// `getUpdates` with `offset`: what is before it is confirmed. A negative one keeps only the last ones.
    pub fn confirm(&mut self, offset: i64) {
        if offset >= 0 {
            self.waiting.retain(|update| update.id >= offset);
        } else {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            let surplus = self.waiting.len().saturating_sub(keep);
            self.waiting.drain(..surplus);
        }
    }

    /// The bodies for one poll, those with copies twice.
    pub fn batch(&self, limit: usize) -> Vec<&str> {
        let mut bodies = Vec::new();
        for update in self.waiting.iter().take(limit) {
            for _ in 0..update.copies {
                bodies.push(update.body.as_str());
            }
        }
        bodies
    }

    /// Marks what can go to the webhook now as in flight: the first of each person, when its time has come, up to
    /// `limit` in all. Also says when to look again.
    pub fn take_due(
        &mut self,
        now: Instant,
        limit: usize,
    ) -> (Vec<(i64, String)>, Option<Instant>) {
        let mut in_flight = self
            .waiting
            .iter()
            .filter(|update| update.in_flight)
            .count();
        let mut busy = BTreeSet::new();
        let mut due = Vec::new();
        let mut look_again: Option<Instant> = None;
        for update in &mut self.waiting {
            let is_first = update.user_id.is_none_or(|user| busy.insert(user));
            if !is_first || update.in_flight {
                continue;
            }
            if update.next_attempt_at > now {
                look_again = Some(
                    look_again.map_or(update.next_attempt_at, |at| at.min(update.next_attempt_at)),
                );
            } else if in_flight < limit {
                in_flight += 1;
                update.in_flight = true;
                due.push((update.id, update.body.clone()));
            }
        }
        (due, look_again)
    }

    /// The webhook took the update.
    pub fn delivered(&mut self, id: i64) {
        let Some(index) = self
            .waiting
            .iter()
            .position(|update| update.id == id && update.in_flight)
        else {
            return;
        };
        let Some(update) = self.waiting.get_mut(index) else {
            return;
        };
        update.in_flight = false;
        update.copies = update.copies.saturating_sub(1);
        if update.copies == 0 {
            self.waiting.remove(index);
        }
    }

    /// The webhook did not take the update; `delay` gets the number of failures so far.
    pub fn failed(&mut self, id: i64, now: Instant, delay: impl Fn(u32) -> Duration) {
        if let Some(update) = self
            .waiting
            .iter_mut()
            .find(|update| update.id == id && update.in_flight)
        {
            update.in_flight = false;
            update.failures += 1;
            update.next_attempt_at = now + delay(update.failures);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const DAY: Duration = Duration::from_secs(86_400);

    fn queue(users: &[Option<i64>]) -> UpdateQueue {
        let mut queue = UpdateQueue::new(1);
        for user in users {
            queue.push("message", &json!({}), *user, DAY, 1);
        }
        queue
    }

    #[test]
    fn offsets_confirm() {
        let mut queue = queue(&[None, None, None]);
        queue.confirm(2);
        assert_eq!(queue.batch(100).len(), 2);
        queue.confirm(-1);
        assert_eq!(queue.batch(100), ["{\"message\":{},\"update_id\":3}"]);
        queue.confirm(0);
        assert_eq!(queue.len(), 1);
    }

    #[test]
    fn one_at_a_time_per_person_and_parallel_over_people() {
        let mut queue = queue(&[Some(1), Some(1), Some(2), Some(3)]);
        let now = Instant::now();
        let ids = |due: Vec<(i64, String)>| due.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!(ids(queue.take_due(now, 2).0), [1, 3]);
        assert!(queue.take_due(now, 2).0.is_empty());
        queue.delivered(1);
        assert_eq!(ids(queue.take_due(now, 2).0), [2]);
        queue.failed(3, now, |_| Duration::from_secs(5));
        let (due, look_again) = queue.take_due(now, 2);
        assert_eq!(ids(due), [4]);
        assert_eq!(look_again, Some(now + Duration::from_secs(5)));
    }

    #[test]
    fn unwanted_kinds_are_not_queued() {
        let mut queue = UpdateQueue::new(1);
        assert_eq!(queue.push("chat_member", &json!({}), None, DAY, 1), None);
        queue.set_allowed(vec!["callback_query".to_owned()]);
        assert_eq!(queue.push("message", &json!({}), None, DAY, 1), None);
        assert_eq!(
            queue.push("callback_query", &json!({}), None, DAY, 1),
            Some(1)
        );
    }

    #[test]
    fn old_updates_go() {
        let mut queue = queue(&[None]);
        queue.drop_expired(Instant::now());
        assert_eq!(queue.len(), 1);
        queue.drop_expired(Instant::now() + DAY);
        assert_eq!(queue.len(), 0);
    }
}
