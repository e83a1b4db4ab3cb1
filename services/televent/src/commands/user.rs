//! `televent user`.

use std::process::ExitCode;

use anyhow::bail;
use televent_calendar::{generate_internal_email, resolve_tzid};
use televent_runtime::config::Config;
use televent_store::NewUser;
use uuid::Uuid;

use super::{ready_store, say};
use crate::arguments::UserCommand;

/// Longest name of an account in characters.
const MAX_NAME: usize = 128;

pub(crate) async fn run(config: &Config, command: UserCommand) -> anyhow::Result<ExitCode> {
    let UserCommand::Add {
        telegram_id,
        name,
        time_zone,
    } = command;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        bail!("--name: write 1 to {MAX_NAME} characters, such as \"Ann Lee\"");
    }
    let time_zone = match time_zone {
        None => None,
        Some(text) => match resolve_tzid(&text) {
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
            language: None,
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
    Ok(ExitCode::SUCCESS)
}
