//! `getUpdates`: the long poll. There is one at a time; a second ends the first with a conflict.

use super::{Answer, Refusal};
use crate::{app::App, params::Params, state::State};
use serde_json::Value;
use std::time::{Duration, Instant};

/// Updates of one answer (Bot API, `getUpdates`: 1-100).
const MAX_UPDATES: i64 = 100;
/// The longest poll; more is cut to it, as on the real server.
const MAX_POLL_SECONDS: i64 = 50;

const WEBHOOK_ACTIVE: &str = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to \
                              delete the webhook first";
const TERMINATED_BY_WEBHOOK: &str = "Conflict: terminated by setWebhook request";
const TERMINATED_BY_POLL: &str = "Conflict: terminated by other getUpdates request; make sure that only one bot \
                                  instance is running";

pub(super) async fn call(app: &App, params: &Params) -> Result<Answer, Refusal> {
    let limit = params
        .integer("limit")
        .filter(|limit| (1..=MAX_UPDATES).contains(limit))
        .unwrap_or(MAX_UPDATES);
    let limit = usize::try_from(limit).unwrap_or(1);
    let timeout = params
        .integer("timeout")
        .unwrap_or(0)
        .clamp(0, MAX_POLL_SECONDS);
    let deadline = Instant::now() + Duration::from_secs(timeout.unsigned_abs());
    let mut updates = app.watch_updates();
    let poll = {
        let mut state = app.lock();
        if state.webhook.is_some() {
            return Err(Refusal::new(409, WEBHOOK_ACTIVE));
        }
        if let Some(kinds) = allowed_updates(params)? {
            state.updates.set_allowed(kinds);
        }
        if let Some(offset) = params.integer("offset").filter(|offset| *offset != 0) {
            state.updates.confirm(offset);
        }
        state.poll += 1;
        state.poll
    };
    // Wakes the poll that this one ends.
    app.signal_updates();
    loop {
        updates.borrow_and_update();
        {
            let mut state = app.lock();
            if let Some(conflict) = conflict(&state, poll) {
                return Err(Refusal::new(409, conflict));
            }
            state.updates.drop_expired(Instant::now());
            let bodies = state.updates.batch(limit);
            if !bodies.is_empty() || Instant::now() >= deadline || app.stopping.is_cancelled() {
                return Ok(Answer::Updates(
                    bodies.into_iter().map(str::to_owned).collect(),
                ));
            }
        }
        tokio::select! {
            _ = updates.changed() => {}
            () = tokio::time::sleep_until(deadline.into()) => {}
            () = app.stopping.cancelled() => {}
        }
    }
}

fn conflict(state: &State, poll: u64) -> Option<&'static str> {
    if state.webhook.is_some() {
        Some(TERMINATED_BY_WEBHOOK)
    } else if state.poll != poll {
        Some(TERMINATED_BY_POLL)
    } else {
        None
    }
}

/// The kinds in `allowed_updates`; `None` when it is omitted.
pub(super) fn allowed_updates(params: &Params) -> Result<Option<Vec<String>>, Refusal> {
    let fail = || Refusal::bad_request("Bad Request: can't parse allowed updates JSON array");
    match params.nested("allowed_updates").map_err(|_| fail())? {
        None => Ok(None),
        Some(Value::Array(kinds)) => {
            let names = kinds
                .into_iter()
                .map(|kind| kind.as_str().map(str::to_ascii_lowercase));
            names.collect::<Option<Vec<_>>>().map(Some).ok_or_else(fail)
        }
        Some(_) => Err(fail()),
    }
}
