//! `televent device`.

use std::process::ExitCode;

use anyhow::{anyhow, bail};
use televent_calendar::TelegramUserId;
use televent_runtime::config::Config;
use televent_store::{
    DeviceApp, DeviceSecret, LINK_LASTS, MAX_DEVICES, PrepareDeviceOutcome, SetupToken, Store,
};
use uuid::Uuid;

use super::{ready_store, say};
use crate::arguments::{App, DeviceCommand};

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
            let label = checked_label(&label)?;
            let Some(password) = add(&store, telegram_id, label).await? else {
                return Err(no_account(telegram_id));
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
        DeviceCommand::Link {
            telegram_id,
            label,
            app,
        } => {
            let label = checked_label(&label)?;
            let token = link(&store, telegram_id, label, device_app(app)).await?;
            say(format_args!(
                "{}/setup/{}",
                config.public_url.as_str().trim_end_matches('/'),
                token.reveal()
            ));
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

fn checked_label(label: &str) -> anyhow::Result<&str> {
    let label = label.trim();
    if label.is_empty() || label.chars().count() > MAX_LABEL || label.chars().any(char::is_control)
    {
        bail!("--label: write 1 to {MAX_LABEL} characters, such as iPhone");
    }
    Ok(label)
}

fn no_account(telegram_id: TelegramUserId) -> anyhow::Error {
    anyhow!(
        "{telegram_id} has no account; make it with `televent user add --telegram-id {telegram_id} --name NAME`"
    )
}

const fn device_app(app: App) -> DeviceApp {
    match app {
        App::Iphone => DeviceApp::Iphone,
        App::Mac => DeviceApp::Mac,
        App::Android => DeviceApp::Android,
        App::Thunderbird => DeviceApp::Thunderbird,
        App::Other => DeviceApp::Other,
    }
}

async fn link(
    store: &Store,
    telegram_id: TelegramUserId,
    label: &str,
    app: DeviceApp,
) -> anyhow::Result<SetupToken> {
    let id = Uuid::now_v7();
    match store.prepare_device(id, telegram_id, label, app).await? {
        PrepareDeviceOutcome::Done => {}
        PrepareDeviceOutcome::TooMany => {
            bail!(
                "{telegram_id} has {MAX_DEVICES} devices; revoke one with `televent device revoke`"
            )
        }
        PrepareDeviceOutcome::NoAccount => return Err(no_account(telegram_id)),
    }
    let secret = DeviceSecret::from_random(rand::random());
    let token = SetupToken::from_random(rand::random());
    if !store
        .arm_device(telegram_id, id, &secret, &token, LINK_LASTS)
        .await?
    {
        bail!("the device was revoked meanwhile");
    }
    Ok(token)
}
