//! `televent migrate`.

use std::process::ExitCode;

use televent_runtime::config::Config;

use super::{say, store};

pub(crate) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    store(config)?.migrate().await?;
    say("the schema is up to date");
    Ok(ExitCode::SUCCESS)
}
