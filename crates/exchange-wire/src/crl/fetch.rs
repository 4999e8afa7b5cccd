//! One GET.

use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

use super::CrlProblem;

/// Fetches over plain http; follows no redirection.
#[derive(Clone, Debug)]
pub(super) struct Fetcher {
    client: Client<HttpConnector, Empty<Bytes>>,
    patience: Duration,
    limit: usize,
}

impl Fetcher {
    pub(super) fn new(patience: Duration, limit: usize) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(patience));
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Self { client, patience, limit }
    }

    /// Everything the address answers with, if it is 200 and not too long.
    pub(super) async fn get(&self, uri: &str) -> Result<Bytes, CrlProblem> {
        match timeout(self.patience, self.get_patiently(uri)).await {
            Ok(answer) => answer,
            Err(_) => Err(CrlProblem::TimedOut { uri: uri.to_owned() }),
        }
    }

    async fn get_patiently(&self, uri: &str) -> Result<Bytes, CrlProblem> {
        let address: Uri = uri.parse().map_err(|_| CrlProblem::Address { uri: uri.to_owned() })?;
        let not_reached = |source| CrlProblem::NotReached { uri: uri.to_owned(), source };
        let answer = self.client.get(address).await.map_err(|error| not_reached(error.into()))?;
        if answer.status() != StatusCode::OK {
            return Err(CrlProblem::Status { uri: uri.to_owned(), status: answer.status().as_u16() });
        }
        match Limited::new(answer.into_body(), self.limit).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => {
                Err(CrlProblem::TooLarge { uri: uri.to_owned(), limit: self.limit })
            }
            Err(error) => Err(not_reached(error)),
        }
    }
}
