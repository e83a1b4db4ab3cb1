//! Log lines: as tracing-subscriber writes them, with the ids of the trace.

use std::fmt;

use opentelemetry::trace::{SpanId, TraceId};
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Full, Json, Writer},
    },
    registry::LookupSpan,
};

use crate::trace;

/// Writes a line anew with the ids.
type WithIds = fn(&mut Writer<'_>, &str, TraceId, SpanId) -> fmt::Result;

/// A line of a format, and how the ids come into it.
pub(super) struct Line<F> {
    format: Format<F>,
    with_ids: WithIds,
}

impl Line<Full> {
    /// For people: the trace's id stands at the end.
    pub(super) const fn text(format: Format<Full>) -> Self {
        Self {
            format,
            with_ids: |writer, line, trace_id, _| {
                writeln!(writer, "{} trace_id={trace_id}", line.trim_end())
            },
        }
    }
}

impl Line<Json> {
    /// For machines: `trace_id` and `span_id` are fields of the object.
    pub(super) const fn json(format: Format<Json>) -> Self {
        Self {
            format,
            with_ids: |writer, line, trace_id, span_id| match line.strip_prefix('{') {
                Some(rest) => write!(
                    writer,
                    r#"{{"trace_id":"{trace_id}","span_id":"{span_id}",{rest}"#
                ),
                None => writer.write_str(line),
            },
        }
    }
}

impl<S, N, F> FormatEvent<S, N> for Line<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    Format<F>: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some((trace_id, span_id)) = trace::current_ids() else {
            return self.format.format_event(context, writer, event);
        };
        let mut line = String::new();
        self.format
            .format_event(context, Writer::new(&mut line), event)?;
        (self.with_ids)(&mut writer, &line, trace_id, span_id)
    }
}
