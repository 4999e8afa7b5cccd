//! Log lines, traces, metrics.
//!
//! One set a process: with several services in one process they share it, and every admin port shows the same figures. Personal data reach
//! none of it: nothing here records bodies, headers or addresses with parameters.

use std::{io, time::Duration};

use opentelemetry::{
    KeyValue, global,
    metrics::{Histogram, Meter},
    trace::TracerProvider as _,
};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource, metrics::SdkMeterProvider, propagation::TraceContextPropagator, trace::SdkTracerProvider,
};
use prometheus::Registry;
use serde::{Deserialize, Serialize};
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// Boundaries of histograms of durations, in seconds: from an in-process call to a hung one. Border checks live between 5 ms and 1 s.
pub const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Boundaries of histograms of sizes, in bytes.
pub const BYTES: &[f64] =
    &[256.0, 1024.0, 4096.0, 16_384.0, 65_536.0, 262_144.0, 1_048_576.0, 4_194_304.0, 33_554_432.0];

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Options of telemetry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetryConfig {
    /// What is logged, in the syntax of `RUST_LOG`, e.g. `info,straznica_spoc=debug`.
    pub log: String,
    /// `text` or `json`; on standard error.
    pub log_format: LogFormat,
    /// Where traces are sent by OTLP over gRPC, e.g. `http://localhost:4317`: a collector on the same host or in the same pod. None: nowhere.
    pub otlp_endpoint: Option<String>,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self { log: "info".to_owned(), log_format: LogFormat::Text, otlp_endpoint: None }
    }
}

/// Telemetry that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The log filter cannot be read.
    #[error("telemetry.log is no filter")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The trace exporter cannot be made.
    #[error("the OTLP exporter cannot be made")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    /// The metrics cannot be set up.
    #[error("the metrics cannot be set up")]
    Metrics(#[from] opentelemetry_sdk::error::OTelSdkError),
    /// It was set up before in this process.
    #[error("telemetry is set up already")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Telemetry in force. To be [shut down](Self::shut_down) last of all, so that the last spans leave.
#[derive(Debug)]
pub struct Telemetry {
    registry: Registry,
    meters: SdkMeterProvider,
    traces: Option<SdkTracerProvider>,
}

/// Sets up the process's telemetry. `program` names it in traces.
///
/// # Errors
/// [`TelemetryError`].
pub fn init(config: &TelemetryConfig, program: &'static str) -> Result<Telemetry, TelemetryError> {
    let resource = Resource::builder().with_service_name(program).build();
    let registry = Registry::new();
    let exporter =
        opentelemetry_prometheus::exporter().with_registry(registry.clone()).without_target_info().build()?;
    let meters = SdkMeterProvider::builder().with_reader(exporter).with_resource(resource.clone()).build();
    let traces = config.otlp_endpoint.as_deref().map(|endpoint| tracer_provider(endpoint, resource)).transpose()?;

    let lines = match config.log_format {
        LogFormat::Text => tracing_subscriber::fmt::layer().with_writer(io::stderr).boxed(),
        LogFormat::Json => tracing_subscriber::fmt::layer().json().with_writer(io::stderr).boxed(),
    };
    let spans = traces.as_ref().map(|traces| tracing_opentelemetry::layer().with_tracer(traces.tracer(program)));
    let filter = EnvFilter::builder().parse(&config.log)?;
    tracing_subscriber::registry().with(filter).with(lines).with(spans).try_init()?;

    global::set_text_map_propagator(TraceContextPropagator::new());
    global::set_meter_provider(meters.clone());
    if let Some(traces) = &traces {
        global::set_tracer_provider(traces.clone());
    }
    Ok(Telemetry { registry, meters, traces })
}

fn tracer_provider(endpoint: &str, resource: Resource) -> Result<SdkTracerProvider, TelemetryError> {
    let exporter = SpanExporter::builder().with_tonic().with_endpoint(endpoint).build()?;
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

impl Telemetry {
    /// What /metrics shows.
    pub fn registry(&self) -> Registry {
        self.registry.clone()
    }

    /// Sends what is still held and ends. Blocks for at most about ten seconds.
    pub fn shut_down(self) {
        const PATIENCE: Duration = Duration::from_secs(5);
        let traces = self.traces.map_or(Ok(()), |traces| traces.shutdown_with_timeout(PATIENCE));
        for result in [traces, self.meters.shutdown_with_timeout(PATIENCE)] {
            if let Err(error) = result {
                tracing::warn!(%error, "telemetry did not end in order");
            }
        }
    }
}

/// A histogram of durations in seconds, with the house's boundaries.
pub fn duration_histogram(meter: &Meter, name: &'static str, description: &'static str) -> Histogram<f64> {
    meter.f64_histogram(name).with_description(description).with_unit("s").with_boundaries(SECONDS.to_vec()).build()
}

/// An attribute, for shortness.
pub(crate) fn attribute(key: &'static str, value: impl Into<opentelemetry::Value>) -> KeyValue {
    KeyValue::new(key, value)
}
