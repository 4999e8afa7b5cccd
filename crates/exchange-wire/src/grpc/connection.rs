//! One connection, from the handshake to its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tower_http::timeout::DeadlineBody;

use super::server::GrpcServer;
use super::service::{Exchange, unauthenticated};
use super::tls::presented;
use crate::material::MaterialError;
use crate::slots::{NotKept, Slot};
use crate::turns::NoTurn;
use crate::{Binding, Caller, Side};

/// Header lists longer than this are refused.
const MAX_HEADER_LIST: u32 = 16 * 1024;
/// How long a connection that ends with a refusal may take to carry it.
const LAST_WORD: Duration = Duration::from_secs(5);

pub(super) struct Connection {
    pub(super) server: Arc<GrpcServer>,
    pub(super) remote: SocketAddr,
    pub(super) stop: CancellationToken,
}

/// Why a connection never got as far as HTTP/2.
#[derive(Debug, thiserror::Error)]
enum NotBegun {
    #[error("our own TLS material cannot be used")]
    Material(#[from] MaterialError),
    #[error("the TLS handshake failed")]
    Tls(#[from] std::io::Error),
    #[error("the TLS handshake took too long")]
    Slow(#[from] tokio::time::error::Elapsed),
    #[error(transparent)]
    NoTurn(#[from] NoTurn),
    #[error(transparent)]
    NotKept(#[from] NotKept),
}

impl Connection {
    pub(super) async fn run(self, tcp: TcpStream, mut slot: Slot) {
        match self.begin(tcp, &mut slot).await {
            Ok((stream, caller)) => self.serve(stream, caller).await,
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::info!(remote = %self.remote, cause, "connection of a partner refused: {error}");
            }
        }
    }

    /// The handshake, and who it was with: nobody, when not admitted.
    async fn begin(&self, tcp: TcpStream, slot: &mut Slot) -> Result<(TlsStream<TcpStream>, Option<Caller>), NotBegun> {
        let stream = self.handshake(tcp, slot).await?;
        let caller = self.admit(&stream).await;
        if let Some(caller) = &caller {
            slot.admit(caller.country)?;
        }
        Ok((stream, caller))
    }

    async fn handshake(&self, tcp: TcpStream, slot: &Slot) -> Result<TlsStream<TcpStream>, NotBegun> {
        let patience = Duration::from_secs(self.server.config.handshake_seconds);
        // For the handshake alone: a judgement may wait for a revocation list, and everybody else with it.
        let turn = self.server.turns.next(&tcp, slot.is_stranger(), patience).await?;
        let acceptor = TlsAcceptor::from(self.server.tls.current()?);
        Ok(turn.during(timeout(patience, acceptor.accept(tcp))).await??)
    }

    async fn admit(&self, stream: &TlsStream<TcpStream>) -> Option<Caller> {
        let config = &self.server.config;
        let certificates = presented(stream.get_ref().1.peer_certificates());
        let verdict = self.server.admission.admit(certificates, Side::Client, Binding::Grpc);
        match timeout(Duration::from_secs(config.admission_seconds), verdict).await {
            Ok(verdict) => verdict.ok(),
            Err(_) => {
                tracing::warn!(remote = %self.remote, "a SPOC could not be judged in time");
                None
            }
        }
    }

    async fn serve(self, stream: TlsStream<TcpStream>, caller: Option<Caller>) {
        let config = &self.server.config;
        // Cancelled when the peer is not, or no longer, admitted: it gets its answer, and the connection ends.
        let refused = CancellationToken::new();
        let exchange = caller.map(|caller| Exchange::new(&self.server, caller, refused.clone()));
        let used = AtomicBool::new(false);
        let service = service_fn(|request: Request<Incoming>| {
            used.store(true, Ordering::Relaxed);
            let (exchange, refused) = (exchange.clone(), refused.clone());
            let patience = Duration::from_secs(config.message_seconds);
            async move { Ok::<_, Infallible>(answer(exchange, refused, patience, request).await) }
        });
        let mut connection = pin!(self.builder().serve_connection(TokioIo::new(stream), service));
        let mut first_message = pin!(sleep(Duration::from_secs(config.first_message_seconds)));
        let mut end = pin!(sleep(self.age()));
        let (mut leaving, mut waited) = (false, false);
        loop {
            let grace = tokio::select! {
                result = connection.as_mut() => {
                    if let Err(error) = result {
                        tracing::debug!(remote = %self.remote, %error, "connection of a partner broken");
                    }
                    return;
                }
                () = refused.cancelled(), if !leaving => LAST_WORD,
                // From here on the drain's own time-out counts.
                () = self.stop.cancelled(), if !leaving => Duration::from_secs(config.drain_seconds),
                () = end.as_mut() => {
                    if leaving {
                        tracing::debug!(remote = %self.remote, "connection of a partner cut off");
                        return;
                    }
                    Duration::from_secs(config.connection_grace_seconds)
                }
                () = first_message.as_mut(), if !waited => {
                    waited = true;
                    if !used.load(Ordering::Relaxed) {
                        tracing::debug!(remote = %self.remote, "connection of a partner without a message");
                        return;
                    }
                    continue;
                }
            };
            leaving = true;
            connection.as_mut().graceful_shutdown();
            end.as_mut().reset(Instant::now() + grace);
        }
    }

    fn builder(&self) -> http2::Builder<TokioExecutor> {
        let config = &self.server.config;
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .keep_alive_interval(Duration::from_secs(config.keep_alive_seconds))
            .keep_alive_timeout(Duration::from_secs(config.keep_alive_timeout_seconds))
            .max_concurrent_streams(config.messages_per_connection)
            .max_header_list_size(MAX_HEADER_LIST);
        builder
    }

    /// Spread by ten percent, so that connections opened together do not end together. Taken from the client's port: no random numbers needed.
    fn age(&self) -> Duration {
        let age = Duration::from_secs(self.server.config.connection_age_seconds);
        age - age / 10 * u32::from(self.remote.port() % 100) / 100
    }
}

async fn answer(
    exchange: Option<Exchange>,
    refused: CancellationToken,
    patience: Duration,
    request: Request<Incoming>,
) -> Response<Body> {
    let Some(exchange) = exchange else {
        refused.cancel();
        return unauthenticated().into_http();
    };
    exchange.answer(request.map(|body| Body::new(DeadlineBody::new(patience, body)))).await
}
