//! The way to a partner that speaks gRPC.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use exchange::Country;
use exchange::message::{Answer, Message};
use exchange::operation::Operation;
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use super::frame;
use super::tls::{self, Configured, presented};
use crate::error::CallError;
use crate::material::{CurrentMaterial, MaterialError};
use crate::{Admission, Binding, Caller, PartnerClient, Side};

/// How a partner is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GrpcClientConfig {
    /// Seconds to connect, handshake and judgement included.
    pub connect_seconds: u64,
    /// Seconds a call may take once there is a connection.
    pub call_seconds: u64,
    /// Longest answer taken, bytes.
    pub answer_bytes: usize,
    /// A connection older than this, in seconds, is not used for another message.
    pub connection_age_seconds: u64,
    /// Connections are pinged at this interval, in use or not.
    pub keep_alive_seconds: u64,
    /// A ping is answered within this time.
    pub keep_alive_timeout_seconds: u64,
}

impl Default for GrpcClientConfig {
    fn default() -> Self {
        Self {
            connect_seconds: 30,
            call_seconds: 60,
            answer_bytes: 4 * 1024 * 1024,
            connection_age_seconds: 600,
            keep_alive_seconds: 20,
            keep_alive_timeout_seconds: 10,
        }
    }
}

/// A URL at which no partner can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL.
    #[error("not a URL")]
    Malformed,
    /// Another scheme than https.
    #[error("the URL of a partner begins with https://")]
    Scheme,
    /// A path, a query or credentials: the contract has its own paths.
    #[error("the URL of a partner's gRPC binding is https://host:port alone")]
    MoreThanHost,
}

struct Open {
    sender: SendRequest<Full<Bytes>>,
    caller: Caller,
    since: Instant,
}

/// A partner reached by gRPC: connected when a message is sent, and again when the connection broke or is old.
pub struct GrpcClient {
    country: Country,
    host: String,
    port: u16,
    tls: Configured<ClientConfig>,
    admission: Arc<dyn Admission>,
    config: GrpcClientConfig,
    open: Mutex<Option<Arc<Open>>>,
}

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum GrpcClientError {
    /// The partner's URL.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// Our own material.
    #[error(transparent)]
    Material(#[from] MaterialError),
}

impl GrpcClient {
    /// A client for the partner at a URL (`https://host:port`, port 443 if none is given). Nothing is connected yet.
    ///
    /// # Errors
    /// [`GrpcClientError`]
    pub fn new(
        country: Country,
        url: &str,
        material: Arc<CurrentMaterial>,
        admission: Arc<dyn Admission>,
        config: GrpcClientConfig,
    ) -> Result<Self, GrpcClientError> {
        let (host, port) = host_and_port(url)?;
        Ok(Self { country, host, port, tls: tls::client(material)?, admission, config, open: Mutex::new(None) })
    }

    /// A connection to an admitted partner: the one at hand, or a new one.
    async fn connection(&self) -> Result<Arc<Open>, CallError> {
        let mut slot = self.open.lock().await;
        let age = Duration::from_secs(self.config.connection_age_seconds);
        if let Some(open) = slot.as_ref()
            && !open.sender.is_closed()
            && open.since.elapsed() < age
        {
            // The partner's certificate may have been revoked since.
            if self.admission.readmit_server(&open.caller).await.is_ok() {
                return Ok(open.clone());
            }
            *slot = None;
            return Err(CallError::NotAdmittedByUs);
        }
        *slot = None;
        let open = Arc::new(self.connect().await?);
        *slot = Some(open.clone());
        Ok(open)
    }

    async fn connect(&self) -> Result<Open, CallError> {
        let not_reached = |error: io::Error| CallError::NotReached(error.into());
        let config = self.tls.current().map_err(|error| CallError::NotReached(error.into()))?;
        let name = ServerName::try_from(self.host.clone()).map_err(|error| CallError::NotReached(error.into()))?;
        let tcp = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(not_reached)?;
        tcp.set_nodelay(true).map_err(not_reached)?;
        let stream = TlsConnector::from(config).connect(name, tcp).await.map_err(not_reached)?;
        let certificates = presented(stream.get_ref().1.peer_certificates());
        let side = Side::Server { country: self.country, host: &self.host };
        let caller = self.admission.admit(certificates, side, Binding::Grpc).await;
        let caller = caller.map_err(|_| CallError::NotAdmittedByUs)?;
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(Duration::from_secs(self.config.keep_alive_seconds))
            .keep_alive_timeout(Duration::from_secs(self.config.keep_alive_timeout_seconds))
            .keep_alive_while_idle(true)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| CallError::NotReached(error.into()))?;
        let country = self.country;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%country, %error, "connection to a partner broken");
            }
        });
        Ok(Open { sender, caller, since: Instant::now() })
    }

    /// A connection that refused us, or broke, is not used again.
    async fn forget(&self, open: &Arc<Open>) {
        let mut slot = self.open.lock().await;
        if slot.as_ref().is_some_and(|current| Arc::ptr_eq(current, open)) {
            *slot = None;
        }
    }

    fn request(&self, path: &str, body: Bytes) -> Result<Request<Full<Bytes>>, http::Error> {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        Request::post(format!("https://{host}:{}{path}", self.port))
            .header(http::header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"))
            .header(http::header::TE, HeaderValue::from_static("trailers"))
            .header("grpc-timeout", format!("{}S", self.config.call_seconds.min(99_999_999)))
            .body(Full::new(body))
    }

    async fn connection_in_time(&self, left: Duration) -> Result<Arc<Open>, CallError> {
        let patience = Duration::from_secs(self.config.connect_seconds);
        match timeout(left.min(patience), self.connection()).await {
            Ok(connection) => connection,
            Err(late) => Err(CallError::NotReached(late.into())),
        }
    }

    async fn call(&self, message: &Message, patience: Duration) -> Result<Answer, CallError> {
        let began = Instant::now();
        let left = || patience.saturating_sub(began.elapsed());
        let (path, body) = frame::request(message);
        let mut request = self.request(path, body).map_err(|error| CallError::NotReached(error.into()))?;
        let mut again = true;
        loop {
            let open = self.connection_in_time(left()).await?;
            let mut sender = open.sender.clone();
            let exchange = async {
                let response = sender.try_send_request(request).await?;
                Ok(self.read(message.operation(), response).await)
            };
            let answering = timeout(left().min(Duration::from_secs(self.config.call_seconds)), exchange);
            let failed = match answering.await {
                Err(_) => {
                    self.forget(&open).await;
                    return Err(CallError::TimedOut);
                }
                Ok(Ok(answer)) => {
                    if matches!(answer, Err(CallError::RefusedByPeer | CallError::Broken(_))) {
                        self.forget(&open).await;
                    }
                    return answer;
                }
                Ok(Err(failed)) => failed,
            };
            self.forget(&open).await;
            request = unsent(failed, &mut again)?;
        }
    }

    async fn read(&self, operation: Operation, response: Response<Incoming>) -> Result<Answer, CallError> {
        match response.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED => return Err(CallError::RefusedByPeer),
            status => return Err(CallError::Http(status.as_u16())),
        }
        if response.headers().contains_key("grpc-status") {
            frame::check_status(response.headers())?;
        }
        let limit = self.config.answer_bytes;
        let collected = match Limited::new(response.into_body(), limit + frame::PREFIX).collect().await {
            Ok(collected) => collected,
            Err(error) if error.is::<LengthLimitError>() => return Err(CallError::TooLarge { limit }),
            Err(error) => return Err(CallError::Broken(error)),
        };
        frame::check_status(collected.trailers().unwrap_or(&http::HeaderMap::new()))?;
        frame::answer(operation, &collected.to_bytes())
    }
}

/// The request, when the connection had ended before it was sent: once, it may go by another.
fn unsent(
    mut failed: hyper::client::conn::TrySendError<Request<Full<Bytes>>>,
    again: &mut bool,
) -> Result<Request<Full<Bytes>>, CallError> {
    match failed.take_message() {
        Some(request) if *again => {
            *again = false;
            Ok(request)
        }
        Some(_) => Err(CallError::NotReached(failed.into_error().into())),
        None => Err(CallError::Broken(failed.into_error().into())),
    }
}

#[async_trait]
impl PartnerClient for GrpcClient {
    async fn send(&self, message: &Message) -> Result<Answer, CallError> {
        self.call(message, Duration::MAX).await
    }

    async fn send_within(&self, message: &Message, patience: Duration) -> Result<Answer, CallError> {
        self.call(message, patience).await
    }
}

impl std::fmt::Debug for GrpcClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GrpcClient").field("country", &self.country).field("host", &self.host).finish_non_exhaustive()
    }
}

fn host_and_port(url: &str) -> Result<(String, u16), UrlError> {
    let uri: Uri = url.parse().map_err(|_| UrlError::Malformed)?;
    if uri.scheme_str() != Some("https") {
        return Err(UrlError::Scheme);
    }
    let authority = uri.authority().ok_or(UrlError::Malformed)?;
    if authority.as_str().contains('@') || !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        return Err(UrlError::MoreThanHost);
    }
    let host = authority.host();
    let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    if host.is_empty() {
        return Err(UrlError::Malformed);
    }
    Ok((host.to_owned(), authority.port_u16().unwrap_or(443)))
}

#[cfg(test)]
mod tests {
    use super::{UrlError, host_and_port};

    #[test]
    fn a_partner_is_a_host_and_a_port() {
        for (url, expected) in [
            ("https://spoc.example", Ok(("spoc.example", 443))),
            ("https://spoc.example:8443/", Ok(("spoc.example", 8443))),
            ("https://[::1]:8443", Ok(("::1", 8443))),
            ("http://spoc.example", Err(UrlError::Scheme)),
            ("spoc.example:8443", Err(UrlError::Scheme)),
            ("https://spoc.example/path", Err(UrlError::MoreThanHost)),
            ("https://spoc.example/?x", Err(UrlError::MoreThanHost)),
            ("https://user@spoc.example", Err(UrlError::MoreThanHost)),
            ("https://", Err(UrlError::Malformed)),
            ("", Err(UrlError::Malformed)),
        ] {
            let expected = expected.map(|(host, port)| (host.to_owned(), port));
            assert_eq!(host_and_port(url), expected, "{url}");
        }
    }
}
