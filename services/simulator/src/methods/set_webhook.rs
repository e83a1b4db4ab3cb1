//! `setWebhook`, `deleteWebhook` and `getWebhookInfo`. Delivery is in `webhook.rs`.

use super::{Answer, Refusal, get_updates::allowed_updates};
use crate::{app::App, params::Params, webhook::Webhook};
use serde_json::{Map, Value, json};
use url::{Host, Url};

/// Length of `secret_token` (Bot API, `setWebhook`: 1-256 characters).
const MAX_SECRET_CHARS: usize = 256;
/// `max_connections` (Bot API, `setWebhook`: 1-100, by default 40).
const MAX_CONNECTIONS: i64 = 100;
const DEFAULT_CONNECTIONS: i64 = 40;
/// Ports of public webhooks.
const PORTS: [u16; 4] = [80, 88, 443, 8443];

pub(super) fn set(app: &App, params: &Params) -> Result<Answer, Refusal> {
    let address = params.text("url").unwrap_or_default();
    if address.is_empty() {
        return Ok(delete(app, params));
    }
    let url = check_url(&address).map_err(Refusal::bad_request)?;
    let secret = params.text("secret_token").unwrap_or_default();
    if secret.len() > MAX_SECRET_CHARS {
        return Err(Refusal::bad_request(
            "Bad Request: secret token is too long",
        ));
    }
    if !secret
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    {
        return Err(Refusal::bad_request(
            "Bad Request: secret token contains unallowed characters",
        ));
    }
    let connections = params
        .integer("max_connections")
        .unwrap_or(DEFAULT_CONNECTIONS)
        .clamp(1, MAX_CONNECTIONS);
    let kinds = allowed_updates(params)?;

    let mut state = app.lock();
    if let Some(kinds) = kinds {
        state.updates.set_allowed(kinds);
    }
    if params.truth("drop_pending_updates") {
        state.updates.clear();
    }
    let webhook = Webhook {
        url,
        // Each call replaces the secret: without one there is none any more.
        secret: Some(secret).filter(|secret| !secret.is_empty()),
        max_connections: usize::try_from(connections).unwrap_or(1),
        last_error: None,
    };
    let was_same = state.webhook.as_ref().is_some_and(|old| {
        (&old.url, &old.secret, old.max_connections)
            == (&webhook.url, &webhook.secret, webhook.max_connections)
    });
    state.webhook = Some(webhook);
    drop(state);
    app.signal_updates();
    Ok(Answer::Described(
        true,
        if was_same {
            "Webhook is already set"
        } else {
            "Webhook was set"
        },
    ))
}

/// Public webhooks need HTTPS; on this machine plain HTTP and any port will do, as with the server's `--local`.
fn check_url(address: &str) -> Result<Url, String> {
    let bad = |why: &str| Err(format!("Bad Request: bad webhook: {why}"));
    let Ok(url) = Url::parse(address) else {
        return bad("invalid webhook URL specified");
    };
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return bad("invalid webhook URL specified"),
    };
    match url.scheme() {
        "http" | "https" if is_loopback => Ok(url),
        "https"
            if url
                .port_or_known_default()
                .is_some_and(|port| PORTS.contains(&port)) =>
        {
            Ok(url)
        }
        "https" => bad("Webhook can be set up only on ports 80, 88, 443 or 8443"),
        _ => bad("An HTTPS URL must be provided for webhook"),
    }
}

pub(super) fn delete(app: &App, params: &Params) -> Answer {
    let mut state = app.lock();
    if params.truth("drop_pending_updates") {
        state.updates.clear();
    }
    let was_set = state.webhook.take().is_some();
    drop(state);
    app.signal_updates();
    Answer::Described(
        true,
        if was_set {
            "Webhook was deleted"
        } else {
            "Webhook is already deleted"
        },
    )
}

pub(super) fn info(app: &App) -> Answer {
    let state = app.lock();
    let mut info = Map::new();
    let url = state
        .webhook
        .as_ref()
        .map_or("", |webhook| webhook.url.as_str());
    info.insert("url".to_owned(), json!(url));
    info.insert("has_custom_certificate".to_owned(), json!(false));
    info.insert(
        "pending_update_count".to_owned(),
        json!(state.updates.len()),
    );
    if let Some(webhook) = &state.webhook {
        info.insert("max_connections".to_owned(), json!(webhook.max_connections));
        info.insert("ip_address".to_owned(), json!("127.0.0.1"));
        if let Some((date, message)) = &webhook.last_error {
            info.insert("last_error_date".to_owned(), json!(date));
            info.insert("last_error_message".to_owned(), json!(message));
        }
    }
    if !state.updates.allowed().is_empty() {
        info.insert("allowed_updates".to_owned(), json!(state.updates.allowed()));
    }
    Answer::Result(Value::Object(info))
}

#[cfg(test)]
mod tests {
    use super::check_url;

    #[test]
    fn webhook_addresses() {
        for good in [
            "https://a.example/x",
            "https://a.example:8443/x",
            "http://127.0.0.1:1234/x",
            "http://[::1]:1/x",
        ] {
            assert!(check_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://a.example/x",
            "https://a.example:8080/x",
            "x",
            "ftp://127.0.0.1/x",
            "https:",
        ] {
            assert!(check_url(bad).is_err(), "{bad}");
        }
    }
}
