//! Logs for people or machines.

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{config::LogFormat, recent_events::RecentEvents};

/// Starts logging to standard error with a filter such as `info` or `televent_api=debug,info`.
/// A second call changes nothing.
pub fn init_logs(filter: &EnvFilter, format: LogFormat) {
    let builder = fmt()
        .with_env_filter(filter.to_string())
        .with_writer(std::io::stderr);
    // An error here means that a subscriber is installed already.
    let _already_installed = match format {
        LogFormat::Text => builder
            .with_ansi(std::io::stderr().is_terminal())
            .finish()
            .with(RecentEvents)
            .try_init(),
        LogFormat::Json => builder.json().finish().with(RecentEvents).try_init(),
    };
}
