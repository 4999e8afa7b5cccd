//! What stands between the wire and a gRPC service: authorisation, deadlines, panics, and the end of streams when the node drains.

mod ending;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use ending::EndingBody;
use futures::FutureExt as _;
use http::HeaderMap;
use straznica_contracts::calls::{CALLS, EVERY_HOST};
use straznica_pki::{PeerError, PeerIdentity, Tls};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic_health::server::HealthReporter;

use crate::{auth, http::observed, refusal::Refusal};

/// Reflection cannot be offered.
#[derive(Debug, thiserror::Error)]
#[error("the descriptor set cannot be read")]
pub struct ReflectionError(#[from] tonic_reflection::server::Error);

#[derive(Clone)]
struct Guard {
    service: Arc<str>,
    tls: Arc<Tls>,
    longest: Duration,
    draining: CancellationToken,
}

/// Adds health and reflection to a service's routes and puts the guard before all of them.
pub(crate) fn router(
    routes: Routes,
    service: &str,
    tls: &Arc<Tls>,
    longest: Duration,
    draining: CancellationToken,
) -> Result<(Router, HealthReporter), ReflectionError> {
    let (reporter, health) = tonic_health::server::health_reporter();
    let routes = routes.add_service(health).add_service(reflection(service)?);
    let guard = Guard { service: service.into(), tls: tls.clone(), longest, draining };
    let router = routes
        .prepare()
        .into_axum_router()
        .layer(middleware::from_fn_with_state(guard.clone(), limit))
        .layer(middleware::from_fn_with_state(guard, authorise));
    Ok((observed(router, tls, "rpc"), reporter))
}

/// Reflection of what this service serves, health included.
fn reflection(
    service: &str,
) -> Result<
    tonic_reflection::server::v1::ServerReflectionServer<impl tonic_reflection::server::v1::ServerReflection>,
    ReflectionError,
> {
    let mut builder = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(straznica_contracts::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
    for call in CALLS.iter().filter(|call| call.host == service || call.host == EVERY_HOST) {
        if let Some((name, _)) = call.rpc.split_once('/') {
            builder = builder.with_service_name(name);
        }
    }
    Ok(builder.build_v1()?)
}

/// Fails closed: no peer, no row, no call.
async fn authorise(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.check(&request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => {
            tracing::warn!("refused: {refusal}");
            refusal.into_grpc()
        }
    }
}

impl Guard {
    fn check(&self, request: &Request) -> Result<(), Refusal> {
        let peer = request.extensions().get::<Arc<PeerIdentity>>().ok_or(PeerError::NoCertificate)?;
        self.tls.check(peer)?;
        let path = request.uri().path();
        if !auth::may_call(&self.service, path, &peer.role) {
            return Err(Refusal::NotAllowed { peer: peer.to_string(), path: path.to_owned() });
        }
        Ok(())
    }
}

/// Ends the work when the caller no longer waits for it. A panic (its message is with the panic hook) becomes INTERNAL: it ends this call only.
async fn limit(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let deadline = match deadline(request.headers()) {
        Ok(deadline) => deadline.unwrap_or(guard.longest).min(guard.longest),
        Err(refusal) => return refusal.into_grpc(),
    };
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    match timeout(deadline, answer).await {
        Ok(Ok(response)) => response.map(|body| Body::new(EndingBody::new(body, guard.draining))),
        Ok(Err(_)) => Refusal::Panic.into_grpc(),
        Err(_) => Refusal::Deadline(deadline).into_grpc(),
    }
}

/// The header `grpc-timeout`: at most eight digits and a unit (gRPC over HTTP/2).
fn deadline(headers: &HeaderMap) -> Result<Option<Duration>, Refusal> {
    let Some(value) = headers.get("grpc-timeout") else { return Ok(None) };
    let text = value.to_str().map_err(|_| Refusal::BadDeadline)?;
    let (digits, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or(Refusal::BadDeadline)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::BadDeadline);
    }
    let amount: u64 = digits.parse().map_err(|_| Refusal::BadDeadline)?;
    let deadline = match unit {
        "H" => Duration::from_secs(amount * 3_600),
        "M" => Duration::from_secs(amount * 60),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return Err(Refusal::BadDeadline),
    };
    Ok(Some(deadline))
}

/// `grpc-timeout` for a duration, in the finest unit that holds it in eight digits.
pub(crate) fn timeout_header(duration: Duration) -> String {
    const MOST: u128 = 99_999_999;
    [(duration.as_nanos(), 'n'), (duration.as_micros(), 'u'), (duration.as_millis(), 'm')]
        .into_iter()
        .find(|(amount, _)| *amount <= MOST)
        .map_or_else(
            || format!("{}S", u128::from(duration.as_secs()).min(MOST)),
            |(amount, unit)| format!("{amount}{unit}"),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Duration>, Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert("grpc-timeout", text.parse().unwrap());
        deadline(&headers)
    }

    #[test]
    fn deadlines_are_read_as_grpc_writes_them() {
        for (text, duration) in [
            ("1H", Duration::from_secs(3_600)),
            ("2M", Duration::from_secs(120)),
            ("99999999S", Duration::from_secs(99_999_999)),
            ("250m", Duration::from_millis(250)),
            ("7u", Duration::from_micros(7)),
            ("0n", Duration::ZERO),
        ] {
            assert_eq!(read(text).unwrap(), Some(duration), "{text}");
        }
        assert_eq!(deadline(&HeaderMap::new()).unwrap(), None);
    }

    #[test]
    fn a_deadline_that_cannot_be_read_is_refused() {
        for text in ["", "S", "1", "1s", "-1S", "100000000S", "1.5S", " 1S"] {
            assert!(matches!(read(text), Err(Refusal::BadDeadline)), "{text:?}");
        }
    }

    #[test]
    fn what_is_sent_as_a_deadline_is_read_back() {
        for duration in [Duration::from_millis(1), Duration::from_secs(5), Duration::from_secs(86_400)] {
            assert_eq!(read(&timeout_header(duration)).unwrap(), Some(duration));
        }
    }
}
