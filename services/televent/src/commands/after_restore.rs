//! `televent after-restore`.

use std::process::ExitCode;

use televent_runtime::config::Config;
use televent_store::Restored;

use super::{ready_store, say};

pub(crate) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let Restored {
        calendars,
        cards,
        notices,
    } = ready_store(config).await?.after_restore().await?;
    say(format_args!(
        "calendar apps read {calendars} calendars from the start, {cards} cards are written anew, \
         {notices} open messages are published again; start the processes"
    ));
    Ok(ExitCode::SUCCESS)
}
