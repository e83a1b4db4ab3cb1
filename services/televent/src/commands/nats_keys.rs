//! `televent nats-keys`, and which key a process comes to NATS with.

use std::{fs, process::ExitCode};

use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use televent_broker::{Broker, NatsKey, NatsKeyPair, NatsUser};
use televent_runtime::config::{Config, NatsNkey};

use super::say;
use crate::arguments::Role;

/// Makes a key for each user of `nats.conf`, and shows it once.
pub(crate) fn run(json: bool) -> anyhow::Result<ExitCode> {
    let keys = NatsUser::ALL
        .into_iter()
        .map(|user| Ok((user, NatsKeyPair::random()?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    if json {
        let shown: serde_json::Map<_, _> = keys
            .iter()
            .map(|(user, pair)| {
                let pair = serde_json::json!({
                    "variable": user.variable(),
                    "public": pair.public,
                    "seed": pair.seed.expose_secret(),
                });
                (user.as_str().to_owned(), pair)
            })
            .collect();
        say(serde_json::Value::Object(shown));
        return Ok(ExitCode::SUCCESS);
    }
    say("# The environment of `nats-server -c nats.conf`:");
    for (user, pair) in &keys {
        say(format_args!("{}={}", user.variable(), pair.public));
    }
    say(
        "\n# The environment of the processes, one of these each; or the seed alone in a file (nats_nkey_file).",
    );
    say("# The seeds are secret, and shown only this once.");
    for (user, pair) in &keys {
        let seed = pair.seed.expose_secret();
        say(format_args!("# {}", whose(*user)));
        say(format_args!("TELEVENT_NATS_NKEY_SEED={seed}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn whose(user: NatsUser) -> &'static str {
    match user {
        NatsUser::Api => "televent serve --roles api",
        NatsUser::Notifier => "televent serve --roles notifier",
        NatsUser::Rsvp => "televent serve --roles rsvp",
        NatsUser::All => "televent serve with several roles",
    }
}

/// Whose permissions a process with these roles needs.
pub(crate) fn user_of(roles: &[Role]) -> NatsUser {
    match roles {
        [Role::Api] => NatsUser::Api,
        [Role::Notifier] => NatsUser::Notifier,
        [Role::Rsvp] => NatsUser::Rsvp,
        _ => NatsUser::All,
    }
}

/// Connects with the configured key.
pub(crate) async fn connect(config: &Config, user: NatsUser) -> anyhow::Result<Broker> {
    if config.nats_urls.is_empty() {
        anyhow::bail!("nats_url is not set; set TELEVENT_NATS_URL to nats://host:4222");
    }
    let key = configured(config)?;
    Ok(Broker::connect_as(&config.nats_urls, user, key.as_ref()).await?)
}

fn configured(config: &Config) -> anyhow::Result<Option<NatsKey>> {
    match &config.nats_nkey {
        None => Ok(None),
        Some(NatsNkey::Seed(seed)) => {
            let key = NatsKey::parse(seed.expose_secret()).context("nats_nkey_seed")?;
            Ok(Some(key))
        }
        Some(NatsNkey::File(path)) => {
            let text = fs::read_to_string(path)
                .with_context(|| format!("nats_nkey_file: {} can't be read", path.display()))?;
            let key = NatsKey::parse(&text)
                .with_context(|| format!("nats_nkey_file: {}", path.display()))?;
            Ok(Some(key))
        }
    }
}
