//! Spans go to a collector, by OTLP over HTTP. A collector that is slow or away costs nothing but its spans: they wait in a bounded
//! queue, which a thread of its own empties, and what does not fit is dropped.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use opentelemetry::KeyValue;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider},
};
use secrecy::ExposeSecret as _;
use tokio::runtime::Handle;
use tracing::{info, warn};

use crate::config::Traces;

/// Spans that wait: some megabytes.
const QUEUE_SPANS: usize = 8_192;

/// Spans that are sent together.
const BATCH_SPANS: usize = 512;

/// How long a span waits for others.
const SEND_EVERY: Duration = Duration::from_secs(1);

/// How long a request to the collector may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// Why no traces can be sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoExporter {
    #[error(transparent)]
    Client(#[from] reqwest::Error),
    #[error(transparent)]
    Exporter(#[from] ExporterBuildError),
}

/// Makes spans and sends them. `roles` is what this process is for.
///
/// # Errors
/// [`NoExporter`].
pub(super) fn provider(traces: &Traces, roles: String) -> Result<SdkTracerProvider, NoExporter> {
    let headers = traces
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.expose_secret().to_owned()))
        .collect();
    let http = reqwest::Client::builder()
        .timeout(REQUEST_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Collector {
            http,
            runtime: Handle::current(),
            is_away: AtomicBool::new(false),
        })
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(traces.url.as_str())
        .with_timeout(REQUEST_TIMEOUT)
        .with_headers(headers)
        .build()?;
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(QUEUE_SPANS)
        .with_max_export_batch_size(BATCH_SPANS)
        .with_scheduled_delay(SEND_EVERY)
        .build();
    let processor = BatchSpanProcessor::builder(exporter)
        .with_batch_config(batches)
        .build();
    // With what OTEL_RESOURCE_ATTRIBUTES says, such as the name of a pod.
    let resource = Resource::builder()
        .with_service_name("televent")
        .with_attributes([
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("process.pid", i64::from(std::process::id())),
            KeyValue::new("televent.roles", roles),
        ])
        .build();
    let begun_here = Sampler::TraceIdRatioBased(traces.sample_ratio);
    Ok(SdkTracerProvider::builder()
        .with_sampler(Sampler::ParentBased(Box::new(begun_here)))
        .with_resource(resource)
        .with_span_processor(processor)
        .build())
}

/// The collector, by the HTTP client that calls Telegram, too: that of the exporter would bring another TLS along.
#[derive(Debug)]
struct Collector {
    http: reqwest::Client,
    /// The exporter's thread has none.
    runtime: Handle,
    is_away: AtomicBool,
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request).map_err(reqwest::Error::without_url)?;
        let http = self.http.clone();
        let answer = self.runtime.spawn(async move {
            let response = http.execute(request).await?;
            let status = response.status();
            // What it says is not logged: only its size is bounded, by the time that it may take.
            Ok::<_, reqwest::Error>((status, response.bytes().await?))
        });
        let answer = answer.await?.map_err(reqwest::Error::without_url);
        let trouble = match &answer {
            Ok((status, _)) if status.is_success() => None,
            Ok((status, _)) => Some(format!("it answers {status}")),
            Err(error) => Some(error.to_string()),
        };
        self.note(trouble);
        let (status, body) = answer?;
        Ok(Response::builder().status(status).body(body)?)
    }
}

impl Collector {
    /// Logs when it begins to fail, and when that is over.
    fn note(&self, trouble: Option<String>) {
        let was_away = self.is_away.swap(trouble.is_some(), Ordering::Relaxed);
        match trouble {
            Some(why) if !was_away => {
                warn!(
                    why,
                    "traces can't be sent to the collector; they are dropped"
                );
            }
            None if was_away => info!("traces are sent to the collector again"),
            _ => {}
        }
    }
}
