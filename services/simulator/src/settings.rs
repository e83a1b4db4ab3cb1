//! What a test may change about the server at run time, with the real server's behaviour as the default.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The real deadline is not documented; answers fail after 15 to 20 s.
const QUERY_TTL_S: f64 = 15.0;
/// A callback query waits this long for the bot, then it is lost.
const CALLBACK_UPDATE_TTL_S: f64 = 150.0;
/// Other updates wait a day.
const UPDATE_TTL_S: f64 = 24.0 * 3600.0;
/// The server waits this long for the answer of a webhook.
const WEBHOOK_TIMEOUT_S: f64 = 60.0;
/// The second retry of a webhook comes after this, the first at once.
const WEBHOOK_RETRY_BASE_S: f64 = 2.0;
/// Retries of a webhook come no rarer than this.
const WEBHOOK_RETRY_CAP_S: f64 = 60.0;
/// Messages per second to all chats together, when the limits are on.
const MESSAGES_PER_SECOND: u32 = 30;
/// Messages per second to one chat, when the limits are on.
const MESSAGES_PER_SECOND_PER_CHAT: u32 = 1;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// How long a callback query can be answered.
    pub query_ttl_s: f64,
    /// Whether the server knows `<tg-time>` (Bot API 9.5).
    pub tg_time: bool,
    pub callback_update_ttl_s: f64,
    pub update_ttl_s: f64,
    pub webhook_timeout_s: f64,
    pub webhook_retry_base_s: f64,
    pub webhook_retry_cap_s: f64,
    /// Whether sends and edits are limited.
    pub rate_limits: bool,
    pub messages_per_second: u32,
    pub messages_per_second_per_chat: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            query_ttl_s: QUERY_TTL_S,
            tg_time: true,
            callback_update_ttl_s: CALLBACK_UPDATE_TTL_S,
            update_ttl_s: UPDATE_TTL_S,
            webhook_timeout_s: WEBHOOK_TIMEOUT_S,
            webhook_retry_base_s: WEBHOOK_RETRY_BASE_S,
            webhook_retry_cap_s: WEBHOOK_RETRY_CAP_S,
            rate_limits: false,
            messages_per_second: MESSAGES_PER_SECOND,
            messages_per_second_per_chat: MESSAGES_PER_SECOND_PER_CHAT,
        }
    }
}

/// Seconds of a setting or fault as a duration; nonsense is zero, and nothing is longer than a day.
pub(crate) fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(if seconds.is_finite() {
        seconds.clamp(0.0, UPDATE_TTL_S)
    } else {
        0.0
    })
}
