//! The admin port: liveness, readiness, metrics. Plain HTTP, for the orchestrator's and the monitoring's eyes only.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::future::join_all;
use prometheus::{Registry, TextEncoder};
use serde::Serialize;
use tokio::time::timeout;

use crate::{service::ReadinessCheck, shutdown::Shutdown};

/// A check that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub(crate) struct Admin {
    pub(crate) checks: Arc<[ReadinessCheck]>,
    pub(crate) shutdown: Shutdown,
    pub(crate) registry: Registry,
}

#[derive(Debug, Serialize)]
pub(crate) struct Readiness {
    ready: bool,
    draining: bool,
    checks: BTreeMap<&'static str, bool>,
}

impl Admin {
    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/livez", get(|| async { "alive\n" }))
            .route("/readyz", get(ready))
            .route("/metrics", get(metrics))
            .with_state(self)
    }

    /// Asks everything the service needs. Not ready once the drain has begun.
    pub(crate) async fn readiness(&self) -> Readiness {
        let results = join_all(self.checks.iter().map(|check| async {
            let result = timeout(PATIENCE, check.run()).await;
            let failure = match result {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(_) => Some("no answer".to_owned()),
            };
            if let Some(failure) = &failure {
                tracing::warn!(check = check.name(), failure, "not ready");
            }
            (check.name(), failure.is_none())
        }))
        .await;
        let checks: BTreeMap<_, _> = results.into_iter().collect();
        let draining = self.shutdown.has_begun();
        Readiness { ready: !draining && checks.values().all(|ready| *ready), draining, checks }
    }
}

impl Readiness {
    pub(crate) fn is_ready(&self) -> bool {
        self.ready
    }
}

async fn ready(State(admin): State<Admin>) -> Response {
    let readiness = admin.readiness().await;
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness)).into_response()
}

async fn metrics(State(admin): State<Admin>) -> Response {
    match TextEncoder::new().encode_to_string(&admin.registry.gather()) {
        Ok(text) => ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
