//! What is right, what is wrong, and what is told of it.

use std::{num::NonZeroU32, time::Duration};

use secrecy::ExposeSecret as _;

use super::*;
use crate::config::{KEYS, Limits, NatsNkey};

fn with(values: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let mut settings = Settings::default();
    for (name, value) in values {
        let key = KEYS.iter().find(|key| key.name == *name).unwrap();
        settings.set(key, (*value).to_owned(), key.variable());
    }
    config(&settings)
}

#[test]
fn defaults_are_a_valid_configuration() {
    let config = with(&[]).unwrap();
    assert_eq!(config.public_url.as_str(), "http://127.0.0.1:8080/");
    assert_eq!(config.internal_domain.as_str(), "televent.internal");
    assert!(config.telegram.is_none());
    assert!(matches!(config.telegram_updates, Updates::Polling));
}

#[test]
fn each_bad_value_is_told_by_its_key_and_never_repeated() {
    for (name, value) in [
        ("database_url", "mysql://sekret"),
        ("nats_url", "http://sekret:4222"),
        ("nats_url", ","),
        ("nats_nkey_seed", "SUsekret!"),
        ("nats_nkey_seed", "sekret"),
        ("trusted_proxies", "sekret"),
        ("trusted_proxies", "10.0.0.0/sekret"),
        ("trusted_proxies", "10.0.0.0/33"),
        ("http_listen", "sekret"),
        ("public_url", "sekret"),
        ("internal_domain", "sekret!"),
        ("directory", "sekret"),
        ("telegram_token", "sekret"),
        ("telegram_token", "12:"),
        ("telegram_token", "-5:sekret"),
        ("telegram_api_url", "http://sekret.example"),
        ("telegram_bot_username", "se/kret"),
        ("telegram_bot_username", "@"),
        ("telegram_updates", "sekret"),
        ("telegram_webhook_secret", "sekret with spaces"),
        ("telegram_messages_per_second", "sekret"),
        ("telegram_messages_per_second", "-1"),
        ("telegram_messages_per_second", "10001"),
        ("telegram_chat_messages_per_second", "0.5"),
        ("telegram_group_messages_per_minute", "sekret"),
        ("telegram_edit_interval_seconds", "3601"),
        ("tls_cert", "sekret.pem"),
        ("tls_key", "sekret.pem"),
        ("log", "sekret=loud=very"),
        ("log_format", "sekret"),
        ("otlp_endpoint", "sekret:4318"),
        ("otlp_endpoint", "http://bob:sekret@127.0.0.1:4318"),
        ("otlp_headers", "sekret"),
        ("otlp_headers", "Authorization=sekret"),
        ("trace_sample_ratio", "sekret"),
        ("trace_sample_ratio", "1.5"),
    ] {
        let error = with(&[(name, value)]).unwrap_err();
        let text = error.to_string();
        let variable = format!("TELEVENT_{}", name.to_ascii_uppercase());
        assert!(
            text.contains(&variable) || text.contains(name),
            "{name}: {text}"
        );
        assert!(!text.contains("sekret"), "{name}: {text}");
    }
}

#[test]
fn key_at_nats_is_given_once() {
    assert!(with(&[]).unwrap().nats_nkey.is_none());
    let seed = with(&[("nats_nkey_seed", "SUAB")]).unwrap();
    assert!(matches!(seed.nats_nkey, Some(NatsNkey::Seed(_))));
    assert!(!format!("{seed:?}").contains("SUAB"));
    let file = with(&[("nats_nkey_file", "/run/key")]).unwrap();
    assert!(matches!(file.nats_nkey, Some(NatsNkey::File(_))));
    let both = [("nats_nkey_seed", "SUAB"), ("nats_nkey_file", "/run/key")];
    assert!(with(&both).is_err());
}

#[test]
fn traces_are_sent_only_where_there_is_a_collector() {
    assert!(with(&[]).unwrap().traces.is_none());
    let sent = |endpoint| {
        let headers = ("otlp_headers", "Authorization=Bearer abc=, X-Scope-OrgID=7");
        let config = with(&[("otlp_endpoint", endpoint), headers]).unwrap();
        assert!(!format!("{config:?}").contains("Bearer"));
        config.traces.unwrap()
    };
    for (endpoint, url) in [
        ("http://tempo:4318", "http://tempo:4318/v1/traces"),
        (
            "https://otlp.example/in/",
            "https://otlp.example/in/v1/traces",
        ),
        ("http://tempo:4318/v1/traces", "http://tempo:4318/v1/traces"),
    ] {
        let traces = sent(endpoint);
        assert_eq!(traces.url.as_str(), url);
        assert_eq!(traces.headers[0].0, "Authorization");
        assert_eq!(traces.headers[0].1.expose_secret(), "Bearer abc=");
        assert_eq!(traces.headers[1].0, "X-Scope-OrgID");
    }
}

#[test]
fn proxies_are_addresses_and_networks() {
    let proxies = |value: &str| {
        let proxies = with(&[("trusted_proxies", value)]).unwrap().trusted_proxies;
        let shown: Vec<String> = proxies.iter().map(ToString::to_string).collect();
        shown.join(" ")
    };
    assert_eq!(proxies("127.0.0.0/8, ::1"), "127.0.0.0/8 ::1/128");
    assert_eq!(
        proxies("10.1.2.3,2001:db8::/32"),
        "10.1.2.3/32 2001:db8::/32"
    );
    assert_eq!(proxies("none"), "");
    assert_eq!(with(&[]).unwrap().trusted_proxies.len(), 2);
}

#[test]
fn bot_has_its_page_at_telegram() {
    let page = |name| {
        let config = with(&[("telegram_bot_username", name)]).unwrap();
        config.bot_page.unwrap().to_string()
    };
    assert_eq!(page("televent_bot"), "https://t.me/televent_bot");
    assert_eq!(page("@televent_bot"), "https://t.me/televent_bot");
    assert_eq!(with(&[]).unwrap().bot_page, None);
}

#[test]
fn zero_lifts_a_limit() {
    let limits = with(&[]).unwrap().telegram_limits;
    assert_eq!(limits.messages_per_second, NonZeroU32::new(30));
    assert_eq!(limits.chat_messages_per_second, NonZeroU32::new(1));
    assert_eq!(limits.group_messages_per_minute, NonZeroU32::new(20));
    assert_eq!(limits.edit_interval, Duration::from_secs(3));
    assert!(!limits.are_lifted());
    let lifted = with(&[
        ("telegram_messages_per_second", "0"),
        ("telegram_chat_messages_per_second", "0"),
        ("telegram_group_messages_per_minute", "0"),
        ("telegram_edit_interval_seconds", "0"),
    ]);
    assert_eq!(lifted.unwrap().telegram_limits, Limits::NONE);
}

#[test]
fn webhook_needs_its_secret() {
    let error = with(&[("telegram_updates", "webhook")]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("TELEVENT_TELEGRAM_WEBHOOK_SECRET"),
        "{error}"
    );
    let config = with(&[
        ("telegram_updates", "webhook"),
        ("telegram_webhook_secret", "abc"),
    ]);
    assert!(matches!(
        config.unwrap().telegram_updates,
        Updates::Webhook { .. }
    ));
}

#[test]
fn all_problems_are_told_at_once() {
    let error = with(&[("http_listen", "x"), ("log_format", "x")]).unwrap_err();
    assert_eq!(error.problems.len(), 2);
}

#[test]
fn plain_http_is_for_loopback() {
    for url in [
        "http://127.0.0.1:9",
        "http://localhost:9",
        "http://[::1]:9",
        "https://x.example",
    ] {
        with(&[("telegram_api_url", url)]).unwrap();
    }
}
