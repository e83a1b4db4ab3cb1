//! The bot, and how fast it writes.

use std::{num::NonZeroU32, ops::RangeInclusive};

use secrecy::SecretString;
use url::{Host, Url};

use super::{Reader, http_url, seconds};
use crate::config::Limits;

/// Longest secret of a webhook (Bot API, setWebhook).
const MAX_WEBHOOK_SECRET_BYTES: usize = 256;

/// Lengths of a username (Telegram; those below five are sold).
const BOT_USERNAME_BYTES: RangeInclusive<usize> = 3..=32;

/// The highest rate that can be set; paid broadcasts allow a thousand messages a second.
const MAX_RATE: u32 = 10_000;

/// The longest time between two edits that can be set, in seconds.
const MAX_EDIT_INTERVAL_S: u64 = 3_600;

pub(super) fn telegram_api_url(value: &str) -> Result<Url, String> {
    let url = http_url(value, "https://api.telegram.org")?;
    let loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if url.scheme() == "http" && !loopback {
        return Err("plain http would send the bot's token in the clear; write https://… (http is allowed on loopback)".to_owned());
    }
    Ok(url)
}

pub(super) fn telegram_token(value: &str) -> Result<(i64, SecretString), String> {
    value
        .split_once(':')
        .filter(|(_, secret)| {
            !secret.is_empty()
                && secret
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        })
        .and_then(|(id, _)| id.parse().ok())
        .filter(|id| *id > 0)
        .map(|id| (id, SecretString::from(value)))
        .ok_or_else(|| {
            "not a bot token; write what @BotFather gave you, such as 123456:ABC-DEF".to_owned()
        })
}

pub(super) fn bot_page(value: &str) -> Result<Url, String> {
    let wrong = || "not a username; write one such as televent_bot".to_owned();
    let name = value.strip_prefix('@').unwrap_or(value);
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if !BOT_USERNAME_BYTES.contains(&name.len()) || !name.bytes().all(allowed) {
        return Err(wrong());
    }
    Url::parse(&format!("https://t.me/{name}")).map_err(|_| wrong())
}

pub(super) fn webhook_secret(value: &str) -> Result<SecretString, String> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if (1..=MAX_WEBHOOK_SECRET_BYTES).contains(&value.len()) && value.bytes().all(allowed) {
        Ok(SecretString::from(value))
    } else {
        Err("not a webhook secret; write 1 to 256 characters of A-Z a-z 0-9 _ -".to_owned())
    }
}

pub(super) fn limits(reader: &mut Reader<'_>) -> Option<Limits> {
    let messages_per_second = reader.read("telegram_messages_per_second", rate);
    let chat_messages_per_second = reader.read("telegram_chat_messages_per_second", rate);
    let group_messages_per_minute = reader.read("telegram_group_messages_per_minute", rate);
    let edit_interval = reader.read("telegram_edit_interval_seconds", |value| {
        seconds(value, MAX_EDIT_INTERVAL_S)
    });
    Some(Limits {
        messages_per_second: messages_per_second?,
        chat_messages_per_second: chat_messages_per_second?,
        group_messages_per_minute: group_messages_per_minute?,
        edit_interval: edit_interval?,
    })
}

fn rate(value: &str) -> Result<Option<NonZeroU32>, String> {
    value
        .parse()
        .ok()
        .filter(|rate| *rate <= MAX_RATE)
        .map(NonZeroU32::new)
        .ok_or_else(|| format!("not a whole number from 0 (no limit) to {MAX_RATE}"))
}
