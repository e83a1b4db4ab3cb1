//! Traces: what belongs together over processes, by W3C Trace Context. Every process gives ids to what it does, so that log lines can
//! be joined; what was done when is recorded only where a collector is configured.
//!
//! A trace begins here, with a request or an update. What callers say of theirs is not taken: proxies pass on whatever strangers send,
//! and those must not decide what we record. From there on it goes with the data, as a `traceparent`: in the outbox row and in the
//! message's header.

use opentelemetry::{
    Context,
    propagation::{Extractor, TextMapPropagator as _},
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceId},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The header of messages, with what columns of this name hold, too.
pub const TRACEPARENT: &str = "traceparent";

/// Where we are, for whoever continues from here. `None` outside of all spans.
#[must_use]
pub fn current() -> Option<String> {
    Context::map_current(|context| traceparent(context.span().span_context()))
}

/// Where `span` is. `None` if it is not recorded: then whoever continues does so from its parent.
#[must_use]
pub fn of(span: &Span) -> Option<String> {
    if span.is_disabled() {
        return None;
    }
    traceparent(span.context().span().span_context())
}

/// Lets `span`, which was not entered yet, continue from a `traceparent`. Without one, or with one that can't be read, it stays what
/// it is.
pub fn continue_from(span: &Span, traceparent: Option<&str>) {
    let Some(traceparent) = traceparent.filter(|_| !span.is_disabled()) else {
        return;
    };
    let parent = TraceContextPropagator::new()
        .extract_with_context(&Context::new(), &OneHeader(traceparent));
    if parent.span().span_context().is_valid() {
        // Without the layer there are no traces.
        let _no_layer = span.set_parent(parent);
    }
}

/// The ids of where we are, for log lines.
pub(crate) fn current_ids() -> Option<(TraceId, SpanId)> {
    Context::map_current(|context| {
        let span = context.span();
        let here = span.span_context();
        here.is_valid().then(|| (here.trace_id(), here.span_id()))
    })
}

fn traceparent(context: &SpanContext) -> Option<String> {
    context.is_valid().then(|| {
        format!(
            "00-{}-{}-{:02x}",
            context.trace_id(),
            context.span_id(),
            u8::from(context.is_sampled())
        )
    })
}

struct OneHeader<'a>(&'a str);

impl Extractor for OneHeader<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == TRACEPARENT).then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
    use tracing::info_span;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn traced(sampler: Sampler, test: impl FnOnce()) {
        let provider = SdkTracerProvider::builder().with_sampler(sampler).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), test);
    }

    fn trace_of(traceparent: &str) -> &str {
        traceparent.split('-').nth(1).unwrap()
    }

    #[test]
    fn spans_have_ids_though_nothing_is_recorded() {
        traced(Sampler::AlwaysOff, || {
            assert_eq!(current(), None);
            let outer = info_span!("outer");
            let (outer, inner) = outer.in_scope(|| {
                let inner = info_span!("inner").in_scope(current).unwrap();
                (current().unwrap(), inner)
            });
            assert_eq!(trace_of(&outer), trace_of(&inner));
            assert_ne!(outer, inner);
            assert!(outer.ends_with("-00"));
            assert_ne!(
                trace_of(&of(&info_span!("other")).unwrap()),
                trace_of(&outer)
            );
        });
    }

    #[test]
    fn span_continues_from_what_it_is_given() {
        traced(Sampler::ParentBased(Box::new(Sampler::AlwaysOff)), || {
            let continued = |parent| {
                let span = info_span!("continued");
                continue_from(&span, parent);
                span.in_scope(current).unwrap()
            };
            let read = continued(Some(PARENT));
            assert_eq!(trace_of(&read), trace_of(PARENT));
            assert!(read.ends_with("-01"));
            for none in [None, Some(""), Some("00-nonsense-1-1"), Some("00-0-0-01")] {
                let own = continued(none);
                assert!(own.ends_with("-00"), "{own}");
            }
        });
    }

    #[test]
    fn without_the_layer_there_are_no_traces() {
        let span = info_span!("nowhere");
        continue_from(&span, Some(PARENT));
        assert_eq!(of(&span), None);
        assert_eq!(span.in_scope(current), None);
    }
}
