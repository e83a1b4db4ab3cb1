//! `televent user`.

use std::process::ExitCode;

use anyhow::bail;
use televent_calendar::{TelegramUserId, generate_internal_email, resolve_tzid};
use televent_runtime::config::Config;
use televent_store::{FreeBusyVisibility, NewUser};
use uuid::Uuid;

use super::{ready_store, say};
use crate::arguments::{FreeBusy, UserCommand};

/// Longest name of an account in characters.
const MAX_NAME: usize = 128;

pub(crate) async fn run(config: &Config, command: UserCommand) -> anyhow::Result<ExitCode> {
    match command {
        UserCommand::Add {
            telegram_id,
            name,
            time_zone,
            language,
        } => {
            let language = language.as_deref();
            add(config, telegram_id, &name, time_zone.as_deref(), language).await?;
        }
        UserCommand::Set {
            telegram_id,
            free_busy,
        } => set_free_busy(config, telegram_id, free_busy).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(
    config: &Config,
    telegram_id: TelegramUserId,
    name: &str,
    time_zone: Option<&str>,
    language: Option<&str>,
) -> anyhow::Result<()> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        bail!("--name: write 1 to {MAX_NAME} characters, such as \"Ann Lee\"");
    }
    let time_zone = match time_zone {
        None => None,
        Some(text) => match resolve_tzid(text) {
            Some(zone) => Some(zone.name()),
            None => bail!(
                "--time-zone: {text} is not a time zone; write an IANA name such as Europe/Berlin"
            ),
        },
    };
    let made = ready_store(config)
        .await?
        .add_user(&NewUser {
            telegram_id,
            name,
            username: None,
            language,
            time_zone,
            reachable: None,
            calendar_id: Uuid::now_v7(),
        })
        .await?;
    let address = generate_internal_email(telegram_id, &config.internal_domain);
    say(format_args!(
        "{} the account of {name}; invite them as {address}",
        if made { "made" } else { "updated" }
    ));
    Ok(())
}

async fn set_free_busy(
    config: &Config,
    telegram_id: TelegramUserId,
    free_busy: FreeBusy,
) -> anyhow::Result<()> {
    let (visibility, who) = match free_busy {
        FreeBusy::Everyone => (
            FreeBusyVisibility::Everyone,
            "everybody with an account sees",
        ),
        FreeBusy::Acquaintances => (
            FreeBusyVisibility::Acquaintances,
            "people with whom they share an event see",
        ),
        FreeBusy::Nobody => (FreeBusyVisibility::Nobody, "nobody else sees"),
    };
    let store = ready_store(config).await?;
    if !store
        .set_free_busy_visibility(telegram_id, visibility)
        .await?
    {
        bail!(
            "{telegram_id} has no account; make it with `televent user add --telegram-id {telegram_id} --name NAME`"
        );
    }
    say(format_args!("{who} when {telegram_id} is busy"));
    Ok(())
}
