//! What every request passes through, whatever the protocol.

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    middleware::{self, Next},
    response::Response,
};
use opentelemetry::metrics::Histogram;
use straznica_contracts::calls;
use straznica_pki::{PeerIdentity, Tls};
use straznica_types::RequestId;
use tracing::{Instrument as _, Span, field::Empty};

use crate::{
    correlation,
    refusal::Refusal,
    telemetry::{attribute, duration_histogram},
};

/// Correlation, trace, metrics and the look at the peer, for HTTP.
pub(crate) fn with_context(router: Router, tls: &Arc<Tls>) -> Router {
    let router = router.layer(middleware::from_fn_with_state(tls.clone(), check_peer));
    observed(router, tls, "http")
}

/// Correlation, trace and metrics. `protocol` names the span and the metric.
pub(crate) fn observed(router: Router, tls: &Arc<Tls>, protocol: &'static str) -> Router {
    let meter = opentelemetry::global::meter("straznica.runtime");
    let durations = match protocol {
        "rpc" => duration_histogram(&meter, "rpc.server.duration", "Time to answer a call; a stream's until it begins"),
        _ => duration_histogram(&meter, "http.server.request.duration", "Time to answer a request"),
    };
    let observer = Observer { tls: tls.clone(), durations, protocol };
    router.layer(middleware::from_fn_with_state(observer, observe))
}

#[derive(Clone)]
struct Observer {
    tls: Arc<Tls>,
    durations: Histogram<f64>,
    protocol: &'static str,
}

impl Observer {
    /// The route, never the path: a path may hold what was typed into it.
    fn route(&self, request: &Request) -> String {
        let route = match self.protocol {
            "rpc" => calls::known(request.uri().path()),
            _ => request.extensions().get::<MatchedPath>().map(MatchedPath::as_str),
        };
        route.unwrap_or("unmatched").to_owned()
    }
}

async fn observe(State(observer): State<Observer>, mut request: Request, next: Next) -> Response {
    let id = correlation::accept(request.headers(), &**observer.tls.clock());
    request.extensions_mut().insert(id);
    let route = observer.route(&request);
    let method = request.method().as_str().to_owned();
    let span = span(&observer, id, &route, &method, request.extensions().get::<Arc<PeerIdentity>>());
    correlation::adopt_trace(&span, request.headers());

    let begun = Instant::now();
    let mut response = correlation::scope(id, next.run(request).instrument(span.clone())).await;
    let outcome = outcome(&observer, &response);
    span.record("outcome", &outcome);
    observer.durations.record(
        begun.elapsed().as_secs_f64(),
        &[attribute("route", route), attribute("method", method), attribute("outcome", outcome)],
    );
    if let Some(value) = correlation::value(id) {
        response.headers_mut().insert(correlation::HEADER, value);
    }
    response
}

fn span(observer: &Observer, id: RequestId, route: &str, method: &str, peer: Option<&Arc<PeerIdentity>>) -> Span {
    let peer = peer.map(|peer| peer.to_string());
    tracing::info_span!("request", protocol = observer.protocol, route, method, request_id = %id, peer, outcome = Empty)
}

/// The HTTP status, or the gRPC one where it is known with the headers: every refusal, but not a stream that fails later.
fn outcome(observer: &Observer, response: &Response) -> String {
    match observer.protocol {
        "rpc" => response
            .headers()
            .get("grpc-status")
            .and_then(|value| value.to_str().ok())
            .map_or_else(|| "0".to_owned(), str::to_owned),
        _ => response.status().as_u16().to_string(),
    }
}

async fn check_peer(State(tls): State<Arc<Tls>>, request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().copied();
    let checked = request.extensions().get::<Arc<PeerIdentity>>().map_or(Ok(()), |peer| tls.check(peer));
    match (checked, id) {
        (Ok(()), _) => next.run(request).await,
        (Err(error), id) => {
            let id = id.unwrap_or_else(|| RequestId::generate(&**tls.clock()));
            tracing::warn!("refused: {error}");
            Refusal::from(error).into_problem(id)
        }
    }
}
