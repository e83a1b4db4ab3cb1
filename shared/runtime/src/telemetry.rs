//! Logs for people or machines, and traces for a collector.

mod export;
mod lines;

use std::{io::IsTerminal, time::Duration};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::{Level, Metadata, Subscriber, level_filters::LevelFilter, warn};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt as _, filter_fn},
    fmt::{
        self,
        format::{Format, JsonFields},
    },
    layer::SubscriberExt as _,
    registry::LookupSpan,
    util::SubscriberInitExt as _,
};

use crate::{
    config::{LogFormat, Traces},
    recent_events::RecentEvents,
};
use lines::Line;

/// What our spans' targets begin with: others may have in theirs what people have written.
const OWN_TARGET: &str = "televent";

/// How long the last spans may take to be sent.
const SEND_LAST_WITHIN: Duration = Duration::from_secs(2);

/// Which traces a process sends, and as what.
#[derive(Clone, Debug)]
pub struct TracesOf<'a> {
    /// Where to.
    pub traces: &'a Traces,
    /// Its roles, in words.
    pub roles: String,
}

/// What has to be ended in order.
#[derive(Debug)]
#[must_use = "the last spans are lost"]
pub struct Telemetry {
    provider: SdkTracerProvider,
}

/// Starts logging to standard error with a filter such as `info` or `televent_api=debug,info`, and giving ids to traces; these are sent
/// if it is said where to. A second call changes nothing.
pub fn init_logs(filter: &EnvFilter, format: LogFormat, sent: Option<TracesOf<'_>>) -> Telemetry {
    let exporting = sent.map(|sent| export::provider(sent.traces, sent.roles));
    let (provider, problem) = match exporting.transpose() {
        Ok(provider) => (provider, None),
        Err(error) => (None, Some(error)),
    };
    let is_sent = provider.is_some();
    // Ids cost some hundred nanoseconds a request; without them nobody could tell which lines belong together.
    let provider = provider.unwrap_or_else(|| {
        SdkTracerProvider::builder()
            .with_sampler(Sampler::AlwaysOff)
            .build()
    });
    let spans = if is_sent { Level::DEBUG } else { Level::INFO };
    let traces = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer(OWN_TARGET))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(
            filter_fn(move |metadata| is_traced(metadata, spans, is_sent))
                .with_max_level_hint(LevelFilter::from_level(spans)),
        );
    // An error here means that a subscriber is installed already.
    let _already_installed = tracing_subscriber::registry()
        .with(traces)
        .with(log_lines(filter, format))
        .with(RecentEvents.with_filter(LevelFilter::WARN))
        .try_init();
    if let Some(error) = problem {
        warn!(%error, "otlp_endpoint: no traces can be sent");
    }
    Telemetry { provider }
}

/// Spans down to a level, and, where they are sent, what is logged within them.
fn is_traced(metadata: &Metadata<'_>, spans: Level, with_events: bool) -> bool {
    metadata.target().starts_with(OWN_TARGET)
        && if metadata.is_span() {
            *metadata.level() <= spans
        } else {
            with_events && *metadata.level() <= Level::INFO
        }
}

fn log_lines<S>(filter: &EnvFilter, format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    // Spans are for traces; of these a line has the id.
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method is not general enough in its lifetimes"
    )]
    let is_line = filter_fn(|metadata| metadata.is_event());
    let filter = EnvFilter::new(filter.to_string()).and(is_line);
    let lines = fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Text => {
            let line = Format::default().with_ansi(std::io::stderr().is_terminal());
            lines
                .event_format(Line::text(line))
                .with_filter(filter)
                .boxed()
        }
        LogFormat::Json => {
            let line = Format::default()
                .json()
                .with_span_list(false)
                .with_current_span(false);
            lines
                .fmt_fields(JsonFields::new())
                .event_format(Line::json(line))
                .with_filter(filter)
                .boxed()
        }
    }
}

impl Telemetry {
    /// Sends the last spans, and waits for that, but not for long.
    pub async fn finish(self) {
        let sent = tokio::task::spawn_blocking(move || {
            self.provider.shutdown_with_timeout(SEND_LAST_WITHIN)
        });
        // The collector is away, and what it misses was dropped before, too.
        let _not_sent = tokio::time::timeout(SEND_LAST_WITHIN, sent).await;
    }
}
