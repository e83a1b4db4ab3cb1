//! What counts the metrics of the table, and tells them in Prometheus' text format.

use std::{sync::OnceLock, time::Duration};

use metrics::{counter, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

use super::{METRICS, MetricKind};
use crate::process_metrics;

/// How often what histograms have seen is counted. Until then each value takes sixteen bytes.
const COUNT_EVERY: Duration = Duration::from_secs(1);

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Installs the metrics recorder of the process, once. Returns whether it is ours.
pub fn init() -> bool {
    recorder().is_some()
}

/// Counts what histograms have seen until `shutdown` is cancelled. Without it their values pile up for as long as nobody asks for
/// `/metrics`.
pub async fn keep_counted(shutdown: CancellationToken) {
    while shutdown
        .run_until_cancelled(tokio::time::sleep(COUNT_EVERY))
        .await
        .is_some()
    {
        if let Some(recorder) = recorder() {
            recorder.run_upkeep();
        }
    }
}

/// The metrics in Prometheus' text format.
#[must_use]
pub fn render() -> String {
    recorder().map_or_else(String::new, |recorder| {
        recorder.render() + &process_metrics::render()
    })
}

fn recorder() -> Option<&'static PrometheusHandle> {
    RECORDER
        .get_or_init(|| {
            let handle = builder().ok()?.install_recorder().ok()?;
            describe();
            Some(handle)
        })
        .as_ref()
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    METRICS
        .iter()
        .try_fold(PrometheusBuilder::new(), |builder, metric| {
            match metric.kind {
                MetricKind::Histogram(bounds) => {
                    builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), bounds)
                }
                MetricKind::Counter | MetricKind::Gauge => Ok(builder),
            }
        })
}

/// Says what each is. Counters begin at zero, as far as their labels are known: what springs into being with its first event can't be
/// seen to grow.
fn describe() {
    for metric in METRICS {
        match metric.kind {
            MetricKind::Gauge => describe_gauge!(metric.name, metric.about),
            MetricKind::Histogram(_) => describe_histogram!(metric.name, metric.about),
            MetricKind::Counter => {
                describe_counter!(metric.name, metric.about);
                match metric.labels {
                    [] => counter!(metric.name).increment(0),
                    [(label, values)] => {
                        for value in *values {
                            counter!(metric.name, *label => *value).increment(0);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use metrics::histogram;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_histograms_have_seen_takes_no_memory_when_nobody_asks_for_it() {
        const SECONDS: u32 = 40;
        const VALUES_PER_SECOND: u32 = 100_000;
        /// The values of four seconds: others, too, take memory in this process.
        const FLAT_BYTES: f64 = 16.0 * 400_000.0;

        assert!(init());
        let counting = tokio::spawn(keep_counted(CancellationToken::new()));
        tokio::task::yield_now().await;
        let seen = histogram!("televent_press_answer_seconds");
        let mut resident = Vec::new();
        for _ in 0..SECONDS {
            for _ in 0..VALUES_PER_SECOND {
                seen.record(0.003);
            }
            tokio::time::sleep(COUNT_EVERY).await;
            resident.push(resident_bytes());
        }
        counting.abort();
        let (warm, last) = (resident[2], resident[resident.len() - 1]);
        assert!(last - warm < FLAT_BYTES, "{warm} to {last} bytes");
        let count = format!(
            "televent_press_answer_seconds_count {}\n",
            SECONDS * VALUES_PER_SECOND
        );
        assert!(render().contains(&count), "{}", render());
    }

    fn resident_bytes() -> f64 {
        process_metrics::render()
            .lines()
            .find_map(|line| line.strip_prefix("process_resident_memory_bytes "))
            .unwrap()
            .parse()
            .unwrap()
    }
}
