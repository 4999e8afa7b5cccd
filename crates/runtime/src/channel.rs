//! Clients of other services.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderValue, Uri};
use hyper_util::rt::TokioIo;
use rustls_pki_types::{InvalidDnsNameError, ServerName};
use serde::{Deserialize, Serialize};
use straznica_pki::{PeerError, PeerRole, Tls};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;
use tonic::{Status, body::Body, transport::Endpoint};
use tower::{Service, service_fn};

use crate::{BoxError, correlation, grpc::timeout_header};

/// Where a service is and how it is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChannelConfig {
    /// `host:port`.
    pub address: String,
    /// DNS name in the service's certificate; empty: `<service>.<own trust domain>`.
    pub server_name: String,
    /// Milliseconds a call may take, unless the caller gives it another deadline. Sent along, so that the service stops too.
    pub timeout_ms: u64,
    /// Milliseconds to connect, handshake included.
    pub connect_timeout_ms: u64,
    /// Seconds between pings on the connection, in use or not: without them a partitioned channel never recovers.
    pub keep_alive_seconds: u64,
    /// Seconds to answer a ping.
    pub keep_alive_timeout_seconds: u64,
}

impl Default for ChannelConfig {
    fn default() -> Self {
        Self {
            address: String::new(),
            server_name: String::new(),
            timeout_ms: 5_000,
            connect_timeout_ms: 3_000,
            keep_alive_seconds: 10,
            keep_alive_timeout_seconds: 5,
        }
    }
}

impl ChannelConfig {
    /// A service at this address, otherwise as by default.
    pub fn at(address: impl ToString) -> Self {
        Self { address: address.to_string(), ..Self::default() }
    }
}

/// A channel that cannot be made from its configuration.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The address is missing or no `host:port`.
    #[error("the address of {service} is not host:port")]
    Address {
        /// Which service.
        service: String,
        /// Why.
        source: tonic::transport::Error,
    },
    /// The server name is no DNS name.
    #[error("the server name of {service} is no DNS name")]
    ServerName {
        /// Which service.
        service: String,
        /// Why.
        source: InvalidDnsNameError,
    },
    /// The deadline cannot be written.
    #[error("the time-out cannot be written as a header")]
    Timeout(#[from] http::header::InvalidHeaderValue),
}

/// Why a connection could not be made. Callers see UNAVAILABLE.
#[derive(Debug, thiserror::Error)]
enum ConnectError {
    #[error("cannot connect")]
    Io(#[from] io::Error),
    #[error("connecting took too long")]
    Slow(#[from] tokio::time::error::Elapsed),
    #[error("the server is not the one called")]
    Peer(#[from] PeerError),
}

/// A connection to a service: made when it is first needed, made again when it breaks. Cheap to clone. Give it to a generated client's `new`.
#[derive(Clone, Debug)]
pub struct Channel {
    inner: tonic::transport::Channel,
    timeout: HeaderValue,
    patience: Duration,
}

/// A channel to a service of the suite. Nothing is connected yet. Needs a tokio runtime.
///
/// The server's certificate has to be valid for the server name and to name `service/<service>` of the own trust domain.
///
/// # Errors
/// [`ChannelError`] when the configuration is not usable.
pub fn connect(service: &str, config: &ChannelConfig, tls: &Arc<Tls>) -> Result<Channel, ChannelError> {
    let address = |source| ChannelError::Address { service: service.to_owned(), source };
    let call_timeout = Duration::from_millis(config.timeout_ms);
    let endpoint = Endpoint::from_shared(format!("http://{}", config.address))
        .map_err(address)?
        .timeout(call_timeout)
        .http2_keep_alive_interval(Duration::from_secs(config.keep_alive_seconds))
        .keep_alive_timeout(Duration::from_secs(config.keep_alive_timeout_seconds))
        .keep_alive_while_idle(true);
    let name = match config.server_name.as_str() {
        "" => format!("{service}.{}", tls.own().trust_domain),
        name => name.to_owned(),
    };
    let name = ServerName::try_from(name)
        .map_err(|source| ChannelError::ServerName { service: service.to_owned(), source })?;
    let connector = Connector {
        tls: tls.clone(),
        name,
        expected: PeerRole::Service(service.to_owned()),
        address: config.address.clone(),
        patience: Duration::from_millis(config.connect_timeout_ms),
    };
    let connect = service_fn(move |_: Uri| {
        let connector = connector.clone();
        async move { connector.connect().await }
    });
    Ok(Channel {
        inner: endpoint.connect_with_connector_lazy(connect),
        timeout: HeaderValue::try_from(timeout_header(call_timeout))?,
        patience: call_timeout,
    })
}

#[derive(Clone)]
struct Connector {
    tls: Arc<Tls>,
    name: ServerName<'static>,
    expected: PeerRole,
    address: String,
    patience: Duration,
}

impl Connector {
    async fn connect(self) -> Result<TokioIo<tokio_rustls::client::TlsStream<TcpStream>>, ConnectError> {
        timeout(self.patience, self.handshake()).await?.inspect_err(|error| {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            tracing::warn!(service = %self.expected, cause, "{error}");
        })
    }

    async fn handshake(&self) -> Result<TokioIo<tokio_rustls::client::TlsStream<TcpStream>>, ConnectError> {
        let tcp = TcpStream::connect(&self.address).await?;
        tcp.set_nodelay(true)?;
        let connector = TlsConnector::from(self.tls.client_config());
        let stream = connector.connect(self.name.clone(), tcp).await?;
        self.tls.verify_server(stream.get_ref().1.peer_certificates(), &self.expected)?;
        Ok(TokioIo::new(stream))
    }
}

impl Service<http::Request<Body>> for Channel {
    type Response = http::Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context).map_err(BoxError::from)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        let headers = request.headers_mut();
        correlation::hand_on(headers);
        headers.entry("grpc-timeout").or_insert_with(|| self.timeout.clone());
        let (patience, call) = (self.patience, self.inner.call(request));
        // tonic's own time-out begins when there is a connection: calls that wait for one would fail one connection attempt after the other.
        Box::pin(async move {
            match timeout(patience, call).await {
                Ok(answer) => answer.map_err(BoxError::from),
                Err(_) => Err(Status::deadline_exceeded("no connection, or no answer, in time").into()),
            }
        })
    }
}
