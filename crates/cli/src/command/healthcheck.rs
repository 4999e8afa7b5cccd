//! `straznica healthcheck`: asks a running service's admin port whether it is ready.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;

/// A service that takes longer is not ready.
const TIME_OUT: Duration = Duration::from_secs(3);

/// Largest answer read; it is a line a check.
const ANSWER: usize = 64 << 10;

/// Why a service does not count as ready.
#[derive(Debug, thiserror::Error)]
pub enum HealthcheckError {
    /// The address makes no URL.
    #[error("{0} is no address: HOST:PORT expected")]
    Address(String),
    /// Nobody answers there.
    #[error("no answer from {0}: {1}")]
    Unreachable(String, Box<dyn std::error::Error + Send + Sync>),
    /// It answers, and says it is not.
    #[error("not ready ({0}): {1}")]
    NotReady(http::StatusCode, String),
}

/// Asks `/readyz` at `admin`.
///
/// # Errors
/// When there is no answer in three seconds, or it is no.
pub async fn run(admin: &str) -> Result<(), HealthcheckError> {
    let uri = format!("http://{admin}/readyz")
        .parse::<http::Uri>()
        .map_err(|_| HealthcheckError::Address(admin.to_owned()))?;
    let unreachable =
        |error: Box<dyn std::error::Error + Send + Sync>| HealthcheckError::Unreachable(admin.to_owned(), error);
    let client: Client<HttpConnector, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let response = tokio::time::timeout(TIME_OUT, client.get(uri))
        .await
        .map_err(|elapsed| unreachable(elapsed.into()))?
        .map_err(|error| unreachable(error.into()))?;
    let status = response.status();
    let body = tokio::time::timeout(TIME_OUT, Limited::new(response.into_body(), ANSWER).collect())
        .await
        .map_err(|elapsed| unreachable(elapsed.into()))?
        .map_err(unreachable)?
        .to_bytes();
    if status.is_success() {
        return Ok(());
    }
    Err(HealthcheckError::NotReady(status, String::from_utf8_lossy(&body).trim().to_owned()))
}
