//! Logs for people or machines, and metrics for Prometheus.

use std::{io::IsTerminal, sync::OnceLock};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::LogFormat;

/// Upper bounds of the histograms of durations, in seconds.
const SECONDS_BUCKETS: [f64; 12] = [
    0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

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
            .try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}

/// Installs the metrics recorder of the process, once. `None` when a foreign recorder is installed.
pub fn init_metrics() -> Option<&'static PrometheusHandle> {
    METRICS
        .get_or_init(|| {
            PrometheusBuilder::new()
                .set_buckets(&SECONDS_BUCKETS)
                .ok()?
                .install_recorder()
                .ok()
        })
        .as_ref()
}

/// The metrics in Prometheus' text format.
#[must_use]
pub fn render_metrics() -> String {
    init_metrics().map_or_else(String::new, |handle| {
        handle.run_upkeep();
        handle.render()
    })
}
