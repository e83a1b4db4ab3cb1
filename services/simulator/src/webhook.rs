//! Delivery of updates to the bot's webhook: in order per person, in parallel over people, again until it is taken.
//!
//! A method call in the webhook's answer is not performed; Televent makes none.

use crate::{
    app::App,
    settings::{Settings, seconds},
    state::unix_now,
};
use reqwest::{Client, header};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::task::TaskTracker;
use url::Url;

/// The header that carries the secret.
const SECRET_HEADER: &str = "X-Telegram-Bot-Api-Secret-Token";
/// A webhook may ask for a pause of at most an hour.
const MAX_RETRY_AFTER_SECONDS: u64 = 3600;
/// Doubling stops here; the cap is reached long before.
const MAX_DOUBLINGS: u32 = 16;

#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub url: Url,
    pub secret: Option<String>,
    pub max_connections: usize,
    /// Unix seconds and text.
    pub last_error: Option<(i64, String)>,
}

/// The client for deliveries: straight to the address, without proxies or redirects.
pub(crate) fn client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

/// Delivers until the simulator stops.
pub(crate) async fn run(app: Arc<App>, client: Client) {
    let deliveries = TaskTracker::new();
    let mut updates = app.watch_updates();
    while !app.stopping.is_cancelled() {
        updates.borrow_and_update();
        let now = Instant::now();
        let mut look_again = None;
        let mut due = Vec::new();
        let webhook = {
            let mut state = app.lock();
            state.updates.drop_expired(now);
            let webhook = state.webhook.clone();
            if let Some(webhook) = &webhook {
                (due, look_again) = state.updates.take_due(now, webhook.max_connections);
            }
            webhook
        };
        if let Some(webhook) = webhook {
            for (id, body) in due {
                let (app, client, webhook) = (Arc::clone(&app), client.clone(), webhook.clone());
                deliveries.spawn(async move {
                    let stopping = app.stopping.clone();
                    tokio::select! {
                        () = deliver(&app, &client, &webhook, id, body) => {}
                        () = stopping.cancelled() => {}
                    }
                });
            }
        }
        let next_retry = async {
            match look_again {
                Some(at) => tokio::time::sleep_until(at.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = updates.changed() => {}
            () = next_retry => {}
            () = app.stopping.cancelled() => {}
        }
    }
    deliveries.close();
    deliveries.wait().await;
}

/// One attempt for one update.
async fn deliver(app: &App, client: &Client, webhook: &Webhook, id: i64, body: String) {
    let timeout = seconds(app.lock().settings.webhook_timeout_s);
    let mut request = client
        .post(webhook.url.clone())
        .timeout(timeout)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body);
    if let Some(secret) = &webhook.secret {
        request = request.header(SECRET_HEADER, secret);
    }
    let outcome = match request.send().await {
        Ok(response) if response.status().is_success() => Ok(()),
        Ok(response) => {
            let asked = response
                .headers()
                .get(header::RETRY_AFTER)
                .and_then(|value| value.to_str().ok());
            let pause = asked
                .and_then(|text| text.trim().parse().ok())
                .map(|s: u64| s.min(MAX_RETRY_AFTER_SECONDS));
            Err((
                format!("Wrong response from the webhook: {}", response.status()),
                pause,
            ))
        }
        Err(error) if error.is_timeout() => Err(("Read timeout expired".to_owned(), None)),
        Err(error) if error.is_connect() => Err(("Connection refused".to_owned(), None)),
        Err(_) => Err(("Connection closed".to_owned(), None)),
    };
    let mut state = app.lock();
    match outcome {
        Ok(()) => state.updates.delivered(id),
        Err((message, pause)) => {
            tracing::debug!(update_id = id, message, "webhook did not take an update");
            let settings = state.settings.clone();
            state.updates.failed(id, Instant::now(), |failures| {
                pause.map_or_else(|| retry_delay(&settings, failures), Duration::from_secs)
            });
            if let Some(current) = &mut state.webhook {
                current.last_error = Some((unix_now(), message));
            }
        }
    }
    drop(state);
    app.signal_updates();
}

/// At once after the first failure, then twice as long each time, up to the cap.
fn retry_delay(settings: &Settings, failures: u32) -> Duration {
    let Some(doublings) = failures.checked_sub(2) else {
        return Duration::ZERO;
    };
    let base = seconds(settings.webhook_retry_base_s);
    base.saturating_mul(1 << doublings.min(MAX_DOUBLINGS))
        .min(seconds(settings.webhook_retry_cap_s))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_slow_down_to_the_cap() {
        let delays = [1, 2, 3, 4, 5, 6, 7, 100]
            .map(|failures| retry_delay(&Settings::default(), failures).as_secs());
        assert_eq!(delays, [0, 2, 4, 8, 16, 32, 60, 60]);
    }
}
