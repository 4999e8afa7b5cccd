//! Requests to a provider: bounded in time and in octets, without redirections.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use ::http::{HeaderValue, Method, Request, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde::de::DeserializeOwned;
use tower::Service;

use crate::endpoint::Endpoint;
use crate::error::Unreachable;

/// Whom we trust and who we are. Asked at every connection, so that renewed certificates and revocation lists are used.
pub type TlsConfig = Arc<dyn Fn() -> Arc<rustls::ClientConfig> + Send + Sync>;

/// What a provider may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// To connect.
    pub connect_time: Duration,
    /// To fetch a document, or to ask, from connecting to the end of the answer. Somebody stands at a counter meanwhile.
    pub ask_time: Duration,
    /// To look, from connecting to the end of the answer. A provider may hold such a request for 30 s (CIBA Core 1.0 §11).
    pub look_time: Duration,
    /// Octets of an answer.
    pub largest_answer: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_time: Duration::from_secs(5),
            ask_time: Duration::from_secs(10),
            look_time: Duration::from_secs(35),
            largest_answer: 64 << 10,
        }
    }
}

/// The client of one provider.
#[derive(Clone)]
pub(crate) struct Http {
    client: Client<Connector, Full<Bytes>>,
    limits: Limits,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    body: Bytes,
}

/// Why nothing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) why: Unreachable,
    /// Whether the provider may have read the request.
    pub(crate) sent: bool,
}

impl Http {
    pub(crate) fn new(tls: TlsConfig, limits: Limits) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(limits.connect_time));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            // Short, so that a renewed certificate and a new revocation list take effect.
            .pool_idle_timeout(Duration::from_secs(30))
            .build(Connector { tcp, tls });
        Self { client, limits }
    }

    pub(crate) async fn get(&self, endpoint: &Endpoint) -> Result<Answer, Failure> {
        self.send(Method::GET, endpoint, None, self.limits.ask_time).await
    }

    /// Posts a question: a form (`application/x-www-form-urlencoded`).
    pub(crate) async fn ask(&self, endpoint: &Endpoint, form: &[(&str, &str)]) -> Result<Answer, Failure> {
        self.post(endpoint, form, self.limits.ask_time).await
    }

    /// Posts a request that the provider may hold.
    pub(crate) async fn look(&self, endpoint: &Endpoint, form: &[(&str, &str)]) -> Result<Answer, Failure> {
        self.post(endpoint, form, self.limits.look_time).await
    }

    async fn post(&self, endpoint: &Endpoint, form: &[(&str, &str)], time: Duration) -> Result<Answer, Failure> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.send(Method::POST, endpoint, Some(body), time).await
    }

    async fn send(
        &self,
        method: Method,
        endpoint: &Endpoint,
        form: Option<String>,
        time: Duration,
    ) -> Result<Answer, Failure> {
        let mut request = Request::new(Full::new(form.as_ref().map_or_else(Bytes::new, |form| form.clone().into())));
        *request.method_mut() = method;
        *request.uri_mut() = endpoint.uri().clone();
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if form.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        }
        let exchange = async {
            let response = self.client.request(request).await.map_err(|error| match error.is_connect() {
                true => Failure { why: Unreachable::Connection, sent: false },
                false => Failure { why: Unreachable::Broken, sent: true },
            })?;
            let (head, body) = response.into_parts();
            match Limited::new(body, self.limits.largest_answer).collect().await {
                Ok(body) => Ok(Answer { status: head.status, body: body.to_bytes() }),
                Err(error) if error.is::<LengthLimitError>() => Err(Unreachable::TooLarge),
                Err(_) => Err(Unreachable::Broken),
            }
            .map_err(|why| Failure { why, sent: true })
        };
        let late = Failure { why: Unreachable::TimedOut, sent: true };
        tokio::time::timeout(time, exchange).await.unwrap_or(Err(late))
    }
}

impl Answer {
    /// The body as JSON of this form.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The `error` of an OAuth 2.0 error document (RFC 6749 §5.2).
    pub(crate) fn error_code(&self) -> Option<String> {
        #[derive(serde::Deserialize)]
        struct Document {
            error: String,
        }
        self.json::<Document>().map(|document| document.error)
    }

    /// Whether the status says that the provider is not able to answer just now.
    pub(crate) fn unable(&self) -> Option<Unreachable> {
        let status = self.status;
        (status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS)
            .then(|| Unreachable::Status(status.as_u16()))
    }
}

/// TCP, then TLS under the present configuration.
#[derive(Clone)]
struct Connector {
    tcp: HttpConnector,
    tls: TlsConfig,
}

impl Service<Uri> for Connector {
    type Response = <HttpsConnector<HttpConnector> as Service<Uri>>::Response;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        Box::pin(HttpsConnector::from((self.tcp.clone(), (self.tls)())).call(to))
    }
}
