//! `televent feed`.

use std::process::ExitCode;

use anyhow::bail;
use televent_runtime::config::Config;
use televent_store::FeedSecret;

use super::{ready_store, say};
use crate::arguments::FeedCommand;

pub(crate) async fn run(config: &Config, command: FeedCommand) -> anyhow::Result<ExitCode> {
    let store = ready_store(config).await?;
    let server = config.public_url.as_str().trim_end_matches('/');
    match command {
        FeedCommand::Add {
            telegram_id,
            calendar,
        } => {
            let secret = FeedSecret::from_random(rand::random());
            if !store.set_feed(telegram_id, &calendar, &secret).await? {
                bail!("{telegram_id} has no calendar {calendar}");
            }
            say(format_args!("{server}/feeds/{}.ics", secret.reveal()));
            say("Whoever has this URL can read the calendar. It is shown only this once.");
        }
        FeedCommand::List { telegram_id } => {
            for feed in store.feeds(telegram_id).await? {
                say(format_args!(
                    "{}  since {}  {}",
                    feed.slug,
                    feed.made_at.format("%F %R"),
                    feed.display_name
                ));
            }
        }
        FeedCommand::Revoke {
            telegram_id,
            calendar,
        } => {
            if !store.revoke_feed(telegram_id, &calendar).await? {
                bail!("{telegram_id} has no calendar {calendar} with a feed");
            }
            say("revoked");
        }
    }
    Ok(ExitCode::SUCCESS)
}
