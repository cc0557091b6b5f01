//! Logs as lines, traces as W3C contexts that travel through calls and events.

use std::{collections::HashMap, str::FromStr, sync::OnceLock};

use opentelemetry::{
    Context,
    propagation::TextMapPropagator,
    trace::{TraceContextExt, TracerProvider},
};
use opentelemetry_sdk::{propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tonic::metadata::{MetadataKey, MetadataMap, MetadataValue};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    BuildError,
    config::{LogFormat, Server},
};

/// Installs the process-wide subscriber once; later calls change nothing.
///
/// # Errors
/// When the filter cannot be parsed.
pub fn install(service: &'static str, config: &Server) -> Result<(), BuildError> {
    static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();
    let filter =
        EnvFilter::try_new(&config.log).map_err(|error| BuildError::new(format!("server.log: {error}")))?;
    let provider = PROVIDER.get_or_init(|| SdkTracerProvider::builder().build());
    let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer(service));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match config.log_format {
        LogFormat::Json => {
            lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed()
        }
        LogFormat::Text => lines.compact().boxed(),
    };
    // A test process may have installed one already.
    let _ = tracing_subscriber::registry().with(filter).with(spans).with(lines).try_init();
    Ok(())
}

/// Writes the current trace context into outgoing metadata.
pub fn inject(metadata: &mut MetadataMap) {
    for (key, value) in carrier() {
        if let (Ok(key), Ok(value)) = (MetadataKey::from_str(&key), MetadataValue::from_str(&value)) {
            metadata.insert(key, value);
        }
    }
}

/// The current trace context as a `traceparent` (W3C Trace Context), empty outside any trace.
pub fn traceparent() -> String {
    carrier().remove("traceparent").unwrap_or_default()
}

/// Makes `span` a child of a `traceparent` received in a header or an event, and writes the trace's id into the span's
/// field `trace_id`, so that every log line of the call carries it.
pub fn adopt(span: &Span, traceparent: &str) {
    if !traceparent.is_empty() {
        let carrier = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
        let parent = TraceContextPropagator::new().extract_with_context(&Context::new(), &carrier);
        // Fails only where no subscriber is installed, as in most tests.
        let _ = span.set_parent(parent);
    }
    let context = span.context();
    let id = context.span().span_context().trace_id();
    span.record("trace_id", tracing::field::display(id));
}

fn carrier() -> HashMap<String, String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut carrier);
    carrier
}
