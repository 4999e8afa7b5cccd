//! The way to a partner that speaks SOAP.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use exchange::message::{Answer, Message};
use exchange::soap::{Decoder, FaultCode, MEDIA_TYPE, encode_request};
use exchange::{Country, Operation, Profile};
use http::uri::InvalidUri;
use http::{HeaderValue, Method, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout};
use tokio_openssl::SslStream;

use super::SoapTls;
use super::tls::presented;
use crate::{Admission, Binding, CallError, FaultOf, PartnerClient, Side};

/// Where a SPOC is registered: `https://host[:port]/path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoapUrl {
    text: String,
    host: String,
    port: u16,
    path: String,
}

/// No URL a SPOC could be registered at.
#[derive(Debug, thiserror::Error)]
pub enum SoapUrlError {
    /// Not a URL.
    #[error("the URL cannot be read")]
    Unreadable(#[from] InvalidUri),
    /// Without host, with a user's name, with a query, or of another scheme.
    #[error("the URL has to be https://host[:port]/path")]
    NotHttps,
}

impl SoapUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// [`SoapUrlError`]
    pub fn parse(text: &str) -> Result<Self, SoapUrlError> {
        let uri: Uri = text.parse()?;
        let (Some("https"), Some(authority), None) = (uri.scheme_str(), uri.authority(), uri.query()) else {
            return Err(SoapUrlError::NotHttps);
        };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() || authority.as_str().contains('@') {
            return Err(SoapUrlError::NotHttps);
        }
        let port = authority.port_u16().unwrap_or(443);
        Ok(Self { text: text.to_owned(), host, port, path: uri.path().to_owned() })
    }

    /// As it was registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Name or address; an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Path, from its slash on.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// `host:port` as HTTP's Host has it.
    fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

impl fmt::Display for SoapUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// How long a message may take. Milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SoapTimeouts {
    /// To connect, handshake included.
    pub connect_ms: u64,
    /// From the first byte sent to the last of the answer.
    pub answer_ms: u64,
}

impl Default for SoapTimeouts {
    fn default() -> Self {
        Self { connect_ms: 15_000, answer_ms: 90_000 }
    }
}

/// Sends messages to one partner. Every message has a connection of its own: messages are few, and so the partner's certificate and its
/// revocation are looked at for each.
pub struct SoapClient {
    /// The state we mean to reach.
    pub country: Country,
    /// Where it is registered.
    pub url: SoapUrl,
    /// How it speaks.
    pub profile: Arc<Profile>,
    /// Our client certificate and what TLS offers.
    pub tls: Arc<SoapTls>,
    /// Judges the server that answers.
    pub admission: Arc<dyn Admission>,
    /// Reads answers.
    pub decoder: Decoder,
    /// Limits in time.
    pub timeouts: SoapTimeouts,
}

impl fmt::Debug for SoapClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoapClient")
            .field("country", &self.country)
            .field("url", &self.url)
            .field("profile", &self.profile.name())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl PartnerClient for SoapClient {
    async fn send(&self, message: &Message) -> Result<Answer, CallError> {
        self.deliver(message, Duration::MAX).await
    }

    async fn send_within(&self, message: &Message, patience: Duration) -> Result<Answer, CallError> {
        self.deliver(message, patience).await
    }
}

impl SoapClient {
    async fn deliver(&self, message: &Message, patience: Duration) -> Result<Answer, CallError> {
        let began = Instant::now();
        let left = || patience.saturating_sub(began.elapsed());
        let document =
            encode_request(message, &self.profile).map_err(|unspeakable| CallError::Unsendable(unspeakable.into()))?;
        let not_reached = |elapsed: Elapsed| CallError::NotReached(elapsed.into());
        let connecting = timeout(left().min(Duration::from_millis(self.timeouts.connect_ms)), self.connect());
        let stream = connecting.await.map_err(not_reached)??;
        let presented = presented(stream.ssl()).map_err(|error| CallError::NotReached(error.into()))?;
        let side = Side::Server { country: self.country, host: self.url.host() };
        // Nothing has been sent yet, and nothing will be to a stranger.
        let admitting = timeout(left(), self.admission.admit(presented, side, Binding::Soap));
        admitting.await.map_err(not_reached)?.map_err(|_| CallError::NotAdmittedByUs)?;
        let exchanging = self.exchange(stream, message.operation(), document);
        let answering = timeout(left().min(Duration::from_millis(self.timeouts.answer_ms)), exchanging);
        answering.await.map_err(|_| CallError::TimedOut)?
    }

    async fn connect(&self) -> Result<SslStream<TcpStream>, CallError> {
        let tcp = TcpStream::connect((self.url.host(), self.url.port())).await;
        let tcp = tcp.map_err(|error| CallError::NotReached(error.into()))?;
        tcp.set_nodelay(true).map_err(|error| CallError::NotReached(error.into()))?;
        self.tls.connect(tcp, self.url.host()).await.map_err(|error| CallError::NotReached(error.into()))
    }

    async fn exchange(
        &self,
        stream: SslStream<TcpStream>,
        operation: Operation,
        document: String,
    ) -> Result<Answer, CallError> {
        let broken = |error: hyper::Error| CallError::Broken(error.into());
        let request = self.request(operation, document)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        // Ends when the sender and the body are dropped, at the latest with the time-out of the whole exchange.
        let driver = tokio::spawn(connection);
        let outcome = async {
            let response = sender.send_request(request).await.map_err(broken)?;
            self.answer(response, operation).await
        };
        let outcome = outcome.await;
        driver.abort();
        outcome
    }

    fn request(&self, operation: Operation, document: String) -> Result<Request<Full<Bytes>>, CallError> {
        Request::builder()
            .method(Method::POST)
            .uri(self.url.path())
            .header(header::HOST, self.url.authority())
            .header(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE))
            .header(header::CONNECTION, HeaderValue::from_static("close"))
            .header("SOAPAction", format!("\"{operation}\""))
            .body(Full::new(Bytes::from(document)))
            .map_err(|error| CallError::Unsendable(error.into()))
    }

    async fn answer(&self, response: Response<Incoming>, operation: Operation) -> Result<Answer, CallError> {
        let status = response.status();
        match status {
            StatusCode::UNAUTHORIZED => return Err(CallError::RefusedByPeer),
            // SOAP 1.1 §6.2: a fault comes with 500, everything else with 200.
            StatusCode::OK | StatusCode::INTERNAL_SERVER_ERROR => {}
            other => return Err(CallError::Http(other.as_u16())),
        }
        let document = self.collect(response.into_body()).await?;
        match (status, self.decoder.answer(&document, operation, &self.profile)) {
            (_, Ok(Err(fault))) => Err(CallError::Fault {
                fault_of: match fault.code {
                    FaultCode::Server => FaultOf::Receiver,
                    FaultCode::Client | FaultCode::VersionMismatch | FaultCode::MustUnderstand => FaultOf::Sender,
                },
                code: fault.code.as_str().to_owned(),
                text: fault.text,
            }),
            (StatusCode::OK, Ok(Ok(answer))) => Ok(answer),
            (StatusCode::OK, Err(error)) => Err(CallError::Unreadable(error.into())),
            // An error page of the partner's web server.
            (other, _) => Err(CallError::Http(other.as_u16())),
        }
    }

    async fn collect(&self, mut body: Incoming) -> Result<Bytes, CallError> {
        let limit = self.decoder.limits().document;
        let mut whole = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| CallError::Broken(error.into()))?;
            let Ok(data) = frame.into_data() else { continue };
            if data.len() > limit - whole.len() {
                return Err(CallError::TooLarge { limit });
            }
            whole.extend_from_slice(&data);
        }
        Ok(whole.freeze())
    }
}
