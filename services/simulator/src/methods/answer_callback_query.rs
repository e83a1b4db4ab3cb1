//! `answerCallbackQuery`.

use super::{Answer, Refusal};
use crate::{
    app::App, entities::utf16_len, events::Event, params::Params, settings::seconds,
    state::Answered,
};
use serde_json::json;
use std::time::Duration;

/// Text of an answer (Bot API, `answerCallbackQuery`: 0-200 characters).
const MAX_ANSWER_UNITS: usize = 200;

pub(super) fn call(app: &App, params: &Params) -> Result<Answer, Refusal> {
    let too_old = || {
        Refusal::bad_request(
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
        )
    };
    let text = params.text("text").unwrap_or_default();
    if utf16_len(&text) > MAX_ANSWER_UNITS {
        return Err(Refusal::bad_request("Bad Request: MESSAGE_TOO_LONG"));
    }
    if params.text("url").is_some_and(|url| !url.is_empty()) {
        // Only games and links to the bot itself may open an address.
        return Err(Refusal::bad_request("Bad Request: URL_INVALID"));
    }
    let id = params.text("callback_query_id").unwrap_or_default();
    let mut state = app.lock();
    let deadline = seconds(state.settings.query_ttl_s);
    let callback = state.callback_mut(&id).ok_or_else(too_old)?;
    let waited = callback.pressed_at.elapsed();
    if waited > deadline {
        return Err(too_old());
    }
    callback.answers += 1;
    let show_alert = params.truth("show_alert");
    let is_first = callback.answer.is_none();
    if is_first {
        callback.answer = Some(Answered {
            text: text.clone(),
            show_alert,
            answered_after_ms: millis(waited),
        });
    }
    let chat_id = callback.chat_id;
    if is_first {
        state.meter.answered(millis(waited));
    }
    drop(state);
    if is_first {
        app.tell(Event::Answered {
            id,
            chat_id,
            text,
            show_alert,
        });
    }
    Ok(Answer::Result(json!(true)))
}

fn millis(waited: Duration) -> u64 {
    u64::try_from(waited.as_millis()).unwrap_or(u64::MAX)
}
