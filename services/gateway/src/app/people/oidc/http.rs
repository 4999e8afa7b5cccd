//! Requests to a login provider: bounded in time and in octets, without redirections.

use std::{fmt, path::Path, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// Octets of an answer: a key set has a handful of keys.
const LARGEST_ANSWER: usize = 256 * 1024;
/// To connect.
const CONNECT_TIME: Duration = Duration::from_secs(3);

/// The client of one provider.
#[derive(Clone)]
pub(crate) struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    time: Duration,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("time", &self.time).finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HttpFailure {
    #[error("no connection to the provider")]
    Connection,
    #[error("the provider did not answer in time")]
    TimedOut,
    #[error("the provider's answer is too large")]
    TooLarge,
    #[error("the connection to the provider broke")]
    Broken,
}

/// Roots that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RootsError {
    #[error("the file of trusted roots cannot be read")]
    Unreadable(#[source] rustls::pki_types::pem::Error),
    #[error("the file of trusted roots holds none")]
    Empty,
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

impl Http {
    /// A client that trusts these roots alone; without any, none, and https goes nowhere.
    pub(crate) fn new(roots: Option<&Path>, time: Duration) -> Result<Self, RootsError> {
        let mut trusted = RootCertStore::empty();
        if let Some(path) = roots {
            let certificates = CertificateDer::pem_file_iter(path).map_err(RootsError::Unreadable)?;
            for certificate in certificates {
                trusted.add(certificate.map_err(RootsError::Unreadable)?)?;
            }
            if trusted.is_empty() {
                return Err(RootsError::Empty);
            }
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(trusted)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIME));
        // Which addresses may be http is decided where they are read.
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .build(connector);
        Ok(Self { client, time })
    }

    /// Sends a request and takes the whole answer.
    async fn send(self, request: HttpRequest) -> Result<HttpResponse, HttpFailure> {
        let exchange = async {
            let request = request.map(|body| Full::new(Bytes::from(body)));
            let response = self.client.request(request).await.map_err(|failure| match failure.is_connect() {
                true => HttpFailure::Connection,
                false => HttpFailure::Broken,
            })?;
            let (head, body) = response.into_parts();
            match Limited::new(body, LARGEST_ANSWER).collect().await {
                Ok(body) => Ok(http::Response::from_parts(head, body.to_bytes().to_vec())),
                Err(failure) if failure.is::<LengthLimitError>() => Err(HttpFailure::TooLarge),
                Err(_) => Err(HttpFailure::Broken),
            }
        };
        tokio::time::timeout(self.time, exchange).await.unwrap_or(Err(HttpFailure::TimedOut))
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpFailure;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpFailure>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.clone().send(request))
    }
}
