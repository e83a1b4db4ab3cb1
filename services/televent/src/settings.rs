//! The layers of the configuration: file, environment, flags.

use std::{fs, io::ErrorKind};

use anyhow::Context as _;
use clap::ArgMatches;
use televent_runtime::config::{KEYS, Settings};

use crate::arguments::CONFIG_FLAG;

/// Read if it is there and `--config` names no other.
const DEFAULT_FILE: &str = "televent.toml";

pub(crate) fn load(matches: &ArgMatches) -> anyhow::Result<Settings> {
    // Global flags are found among those of the innermost command.
    let mut innermost = matches;
    while let Some((_, inner)) = innermost.subcommand() {
        innermost = inner;
    }
    let mut settings = Settings::default();
    let named = innermost.get_one::<String>(CONFIG_FLAG);
    let file = named.map_or(DEFAULT_FILE, String::as_str);
    match fs::read_to_string(file) {
        Ok(text) => settings.add_file(file, &text)?,
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => {}
        Err(error) => {
            return Err(error)
                .with_context(|| format!("the configuration file {file} can't be read"));
        }
    }
    settings.add_environment(|name| std::env::var(name).ok());
    for key in &KEYS {
        if let Some(value) = innermost.get_one::<String>(key.name) {
            settings.set(key, value.clone(), format!("--{}", key.flag()));
        }
    }
    Ok(settings)
}
