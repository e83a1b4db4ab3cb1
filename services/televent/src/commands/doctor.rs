//! `televent doctor`: one line for each thing that must be right, with what to do where it is not.

use std::process::ExitCode;

use televent_runtime::config::{Config, Updates};
use televent_store::StoreError;
use televent_telegram::BotApi;

use super::{check_schema, nats_keys, say, serve::webhook_url, store};
use crate::arguments::Role;

pub(crate) async fn run(config: &Config, roles: &[Role]) -> anyhow::Result<ExitCode> {
    let writes_to_telegram = roles.iter().any(|role| *role != Role::Api);
    // That it was read at all is the first check.
    let checks = [
        ("configuration", Ok("can be read".to_owned())),
        ("postgres", postgres(config).await),
        ("nats", nats(config, roles).await),
        ("bot", bot(config, writes_to_telegram).await),
        ("webhook", webhook(config).await),
    ];
    let mut sound = true;
    for (name, outcome) in checks {
        match outcome {
            Ok(detail) => say(format_args!("ok   {name}: {detail}")),
            Err(problem) => {
                sound = false;
                say(format_args!("BAD  {name}: {problem}"));
            }
        }
    }
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn postgres(config: &Config) -> Result<String, String> {
    let store = store(config).map_err(|error| format!("{error:#}"))?;
    check_schema(&store)
        .await
        .map_err(|error| format!("{error:#}"))?;
    let words = |error: StoreError| error.to_string();
    let figures = store.figures().await.map_err(words)?;
    let dead_letters = store.count_dead_letters().await.map_err(words)?;
    Ok(format!(
        "the schema is up to date; {} invitations wait, {dead_letters} dead letters",
        figures.pending + figures.published
    ))
}

async fn nats(config: &Config, roles: &[Role]) -> Result<String, String> {
    let broker = nats_keys::connect(config, nats_keys::user_of(roles))
        .await
        .map_err(|error| format!("{error:#}"))?;
    if !broker.is_connected() {
        return Err(broker.refusal().unwrap_or_else(|| {
            "nats_url: no server answers; start nats-server with the project's nats.conf".to_owned()
        }));
    }
    let lacking = broker.lacking_permissions().await?;
    if !lacking.is_empty() {
        return Err(format!(
            "nats_nkey_seed, nats_nkey_file: this key does not allow what a process with these roles does ({}); set the key of \
             these roles, or name the roles that it is for with --roles",
            lacking.join(", ")
        ));
    }
    let missing = broker.missing().await?;
    if missing.is_empty() {
        Ok(format!(
            "nats-server {}, streams and consumers are there",
            broker.server_version()
        ))
    } else {
        Ok(format!(
            "nats-server {}; `televent serve` will make what is not there yet: {}",
            broker.server_version(),
            missing.join(", ")
        ))
    }
}

async fn bot(config: &Config, is_needed: bool) -> Result<String, String> {
    if config.telegram.is_none() && !is_needed {
        return Ok("not checked, since the api has none".to_owned());
    }
    let telegram = config.telegram.as_ref().ok_or_else(|| {
        "telegram_token is not set; set TELEVENT_TELEGRAM_TOKEN to what @BotFather gave you"
            .to_owned()
    })?;
    let bot = BotApi::new(telegram.api_url.clone(), telegram.token.clone())
        .map_err(|error| error.to_string())?;
    let me = bot
        .get_me()
        .await
        .map_err(|error| format!("telegram_token: {error}"))?;
    Ok(format!("@{}", me.username))
}

async fn webhook(config: &Config) -> Result<String, String> {
    let Some(telegram) = &config.telegram else {
        return Ok("not checked, since there is no bot".to_owned());
    };
    let known = BotApi::new(telegram.api_url.clone(), telegram.token.clone())
        .map_err(|error| error.to_string())?
        .get_webhook_info()
        .await
        .map_err(|error| format!("Telegram does not tell: {error}"))?;
    match &config.telegram_updates {
        Updates::Polling if known.url.is_empty() => {
            Ok("none is set; updates are fetched by polling".to_owned())
        }
        Updates::Polling => Ok(format!(
            "{} is set at Telegram, and is removed when an rsvp process begins to poll",
            known.url
        )),
        Updates::Webhook { .. } => {
            let url = webhook_url(config).map_err(|error| error.to_string())?;
            let is_local = telegram.api_url.scheme() == "http";
            if url.scheme() != "https" && !is_local {
                return Err(format!(
                    "public_url: Telegram calls https URLs only, and {url} is none; \
                     set TELEVENT_PUBLIC_URL to the https URL of this server"
                ));
            }
            if known.url != url.as_str() {
                return Ok(format!(
                    "{url} is registered when an rsvp process starts; now it is {}",
                    if known.url.is_empty() {
                        "none"
                    } else {
                        &known.url
                    }
                ));
            }
            match known.last_error_message {
                Some(error) if known.pending_update_count > 0 => Err(format!(
                    "Telegram can't deliver to {url}: {error}; {} updates wait",
                    known.pending_update_count
                )),
                _ => Ok(format!("{url} is registered")),
            }
        }
    }
}
