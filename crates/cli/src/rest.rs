//! A terminal's side of the gateway's REST interface: JSON over mutual TLS.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Largest answer taken: a master list is about a megabyte.
const MAXIMUM_ANSWER: usize = 32 << 20;

/// How long an answer may take.
const TIME_OUT: Duration = Duration::from_secs(30);

/// A connection to one gateway under one client certificate.
#[derive(Debug, Clone)]
pub struct RestClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    base: String,
}

/// What came back, whatever the status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Header fields.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum RestError {
    /// The request could not be formed.
    #[error("the request cannot be formed: {0}")]
    Request(#[from] http::Error),
    /// No connection, or TLS refused it.
    #[error("no answer from the gateway: {0}")]
    Connection(#[from] hyper_util::client::legacy::Error),
    /// The body broke off or was too large.
    #[error("the answer could not be read: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
    /// Nothing came in time.
    #[error("no answer within {0:?}")]
    TimeOut(Duration),
}

impl RestClient {
    /// A client for the gateway at `address`, which must prove to be `server_name`.
    ///
    /// # Errors
    /// When `server_name` is no name a certificate can carry.
    pub fn new(
        address: std::net::SocketAddr,
        server_name: &str,
        tls: rustls::ClientConfig,
    ) -> Result<Self, rustls::pki_types::InvalidDnsNameError> {
        let name = rustls::pki_types::ServerName::try_from(server_name.to_owned())?;
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_only()
            .with_server_name_resolver(hyper_rustls::FixedServerNameResolver::new(name))
            .enable_http1()
            .build();
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), base: format!("https://{address}") })
    }

    /// Sends JSON and takes what comes back.
    ///
    /// # Errors
    /// When there is no answer at all; a refusal is an answer.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer, RestError> {
        self.send(Method::POST, path, &[(header::CONTENT_TYPE.as_str(), "application/json")], body.to_string().into())
            .await
    }

    /// Asks for a resource.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub async fn get(&self, path: &str) -> Result<Answer, RestError> {
        self.send(Method::GET, path, &[], Bytes::new()).await
    }

    /// Sends any request.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer, RestError> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body))?;
        let exchange = async {
            let response = self.client.request(request).await?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, MAXIMUM_ANSWER).collect().await.map_err(RestError::Body)?.to_bytes();
            Ok(Answer { status: head.status, headers: head.headers, body })
        };
        tokio::time::timeout(TIME_OUT, exchange).await.map_err(|_| RestError::TimeOut(TIME_OUT))?
    }
}

impl Answer {
    /// The body as JSON; `null` when it is not JSON, which no expectation matches.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}
