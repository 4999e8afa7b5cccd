//! Traces and figures.

use opentelemetry::{global, trace::TracerProvider as _};
use opentelemetry_sdk::{propagation::TraceContextPropagator, trace::SdkTracerProvider};
use straznica_runtime::telemetry::{self, LogFormat, TelemetryConfig};
use tracing::Instrument as _;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::layer::SubscriberExt as _;

use super::house::{House, ask};

#[tokio::test]
async fn a_trace_goes_from_the_caller_into_the_service() {
    use opentelemetry::trace::TraceContextExt as _;
    global::set_text_map_propagator(TraceContextPropagator::new());
    let provider = SdkTracerProvider::builder().build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));

    let house = House::new();
    let node = house.node().await;
    let mut witness = node.witness(&house.peer("service/gateway"));
    let span = tracing::info_span!("caller");
    let trace = span.context().span().span_context().trace_id().to_string();
    let answer = witness.cosign_checkpoint(ask("trace")).instrument(span).await.unwrap();
    let parts: Vec<&str> = answer.get_ref().cosignature.split('-').collect();
    assert_eq!((parts[0], parts[1]), ("00", trace.as_str()));
    node.end().await;
}

#[tokio::test]
async fn the_admin_port_shows_liveness_readiness_and_figures() {
    let config = TelemetryConfig { log: "warn".to_owned(), log_format: LogFormat::Json, otlp_endpoint: None };
    let telemetry = telemetry::init(&config, "straznica-test").unwrap();
    let meter = global::meter("test");
    telemetry::duration_histogram(&meter, "test.duration", "A test").record(0.3, &[]);

    let house = House::new();
    let node = house.node().await;
    assert_eq!(node.admin("/livez").await, (200, "alive\n".to_owned()));
    let (status, body) = node.admin("/readyz").await;
    assert_eq!(status, 200, "{body}");
    node.script.unready.store(true, std::sync::atomic::Ordering::SeqCst);
    let (status, body) = node.admin("/readyz").await;
    assert_eq!((status, body.contains("\"script\":false")), (503, true), "{body}");
    assert!(!body.contains("told so"), "reasons are for the log");
    assert_eq!(node.admin("/livez").await.0, 200, "liveness does not ask");
    assert_eq!(node.admin("/else").await.0, 404);

    // Every figure of the process is in the one registry.
    let text = prometheus::TextEncoder::new().encode_to_string(&telemetry.registry().gather()).unwrap();
    assert!(text.contains("test_duration_seconds_bucket") && text.contains("le=\"0.5\""), "{text}");
    assert!(!text.contains("le=\"75\""), "the library's own boundaries are not the house's: {text}");
    node.end().await;
    telemetry.shut_down();
}

#[test]
fn a_filter_that_cannot_be_read_is_refused() {
    let config = TelemetryConfig { log: "straznica=loud".to_owned(), ..TelemetryConfig::default() };
    assert!(matches!(telemetry::init(&config, "test"), Err(telemetry::TelemetryError::Filter(_))));
}
