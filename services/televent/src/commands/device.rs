//! `televent device`.

use std::process::ExitCode;

use anyhow::bail;
use televent_calendar::TelegramUserId;
use televent_runtime::config::Config;
use televent_store::{DeviceSecret, Store};
use uuid::Uuid;

use super::{ready_store, say};
use crate::arguments::DeviceCommand;

/// Longest label in characters.
const MAX_LABEL: usize = 64;

pub(crate) async fn run(config: &Config, command: DeviceCommand) -> anyhow::Result<ExitCode> {
    let store = ready_store(config).await?;
    match command {
        DeviceCommand::Add {
            telegram_id,
            label,
            json,
        } => {
            let label = label.trim();
            if label.is_empty()
                || label.chars().count() > MAX_LABEL
                || label.chars().any(char::is_control)
            {
                bail!("--label: write 1 to {MAX_LABEL} characters, such as iPhone");
            }
            let Some(password) = add(&store, telegram_id, label).await? else {
                bail!(
                    "{telegram_id} has no account; make it with `televent user add --telegram-id {telegram_id} --name NAME`"
                );
            };
            let username = format!("tg_{telegram_id}");
            if json {
                say(serde_json::json!({ "username": username, "password": password }));
            } else {
                say(format_args!(
                    "server    {}",
                    config.public_url.as_str().trim_end_matches('/')
                ));
                say(format_args!("username  {username}"));
                say(format_args!("password  {password}"));
                say("The password is shown only this once.");
            }
        }
        DeviceCommand::List { telegram_id } => {
            for device in store.devices(telegram_id).await? {
                let state = match (device.revoked_at, device.last_used_at) {
                    (Some(at), _) => format!("revoked {}", at.format("%F %R")),
                    (None, Some(at)) => format!("last used {}", at.format("%F %R")),
                    (None, None) => "never used".to_owned(),
                };
                say(format_args!(
                    "{}  added {}  {state}  {}{}",
                    device.id,
                    device.created_at.format("%F %R"),
                    device.label,
                    // What another program sent must not move the cursor about.
                    device
                        .last_client
                        .map_or_else(String::new, |client| format!(
                            "  ({})",
                            client.escape_debug()
                        ))
                ));
            }
        }
        DeviceCommand::Revoke { telegram_id, id } => {
            if !store.revoke_device(telegram_id, id).await? {
                bail!(
                    "{telegram_id} has no such device in use; see `televent device list --telegram-id {telegram_id}`"
                );
            }
            say("revoked");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Adds a device and returns its password; `None` when there is no such account.
pub(crate) async fn add(
    store: &Store,
    telegram_id: TelegramUserId,
    label: &str,
) -> anyhow::Result<Option<String>> {
    let secret = DeviceSecret::from_random(rand::random());
    let added = store
        .add_device(Uuid::now_v7(), telegram_id, label, &secret)
        .await?;
    Ok(added.then(|| secret.reveal()))
}
