//! One connection: handshake, admission, messages, end.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_openssl::SslStream;
use tokio_util::sync::CancellationToken;

use super::respond::respond;
use super::stall::Unstalled;
use super::{Server, SoapServerParts};
use crate::slots::{NotKept, Slot};
use crate::soap::tls::{HandshakeError, presented};
use crate::turns::NoTurn;
use crate::{Binding, Caller, NotAdmitted, Side};

/// Read buffer, and so the longest head of a request.
const MAX_HEAD: usize = 16 * 1024;

/// Why a connection never got as far as HTTP.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    #[error("the handshake or the admission took too long")]
    Slow(#[from] tokio::time::error::Elapsed),
    #[error(transparent)]
    NoTurn(#[from] NoTurn),
    #[error(transparent)]
    NotKept(#[from] NotKept),
    #[error("the certificates presented cannot be read: {0}")]
    Presented(#[from] openssl::error::ErrorStack),
}

/// One connection to be served.
pub(super) struct Connection {
    pub(super) server: Arc<Server>,
    pub(super) remote: SocketAddr,
    pub(super) stop: CancellationToken,
}

impl Connection {
    /// Serves it to its end.
    pub(super) async fn run(self, tcp: TcpStream, mut slot: Slot) {
        match self.begin(tcp, &mut slot).await {
            Ok((stream, caller)) => self.messages(stream, caller).await,
            Err(error) => tracing::info!(remote = %self.remote, %error, "connection refused"),
        }
    }

    async fn begin(
        &self,
        tcp: TcpStream,
        slot: &mut Slot,
    ) -> Result<(SslStream<TcpStream>, Result<Arc<Caller>, NotAdmitted>), Refused> {
        let SoapServerParts { admission, limits, .. } = &self.server.parts;
        let stream = self.handshake(tcp, slot).await?;
        let presented = presented(stream.ssl())?;
        let judging = admission.admit(presented, Side::Client, Binding::Soap);
        let caller = timeout(Duration::from_secs(limits.admission_seconds), judging).await?;
        if let Ok(caller) = &caller {
            slot.admit(caller.country)?;
        }
        Ok((stream, caller.map(Arc::new)))
    }

    async fn handshake(&self, tcp: TcpStream, slot: &Slot) -> Result<SslStream<TcpStream>, Refused> {
        let SoapServerParts { tls, limits, .. } = &self.server.parts;
        let patience = Duration::from_secs(limits.handshake_seconds);
        let turn = self.server.turns.next(&tcp, slot.is_stranger(), patience).await?;
        Ok(turn.during(timeout(patience, tls.accept(tcp))).await??)
    }

    /// HTTP/1.1 until the peer leaves, the connection is old, or the server stops.
    async fn messages(self, stream: SslStream<TcpStream>, caller: Result<Arc<Caller>, NotAdmitted>) {
        let limits = &self.server.parts.limits;
        let service = service_fn(|request: Request<Incoming>| {
            let (server, caller) = (&self.server, &caller);
            async move { Ok::<_, std::convert::Infallible>(respond(server, caller, request).await) }
        });
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(limits.header_seconds))
            .max_buf_size(MAX_HEAD);
        let stream = Unstalled::new(stream, Duration::from_secs(limits.write_seconds));
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let mut end = pin!(sleep(Duration::from_secs(limits.connection_age_seconds)));
        let mut leaving = false;
        loop {
            let grace = tokio::select! {
                result = connection.as_mut() => {
                    if let Err(error) = result {
                        tracing::debug!(remote = %self.remote, %error, "connection broken");
                    }
                    return;
                }
                // From here on the drain's own time-out counts.
                () = self.stop.cancelled(), if !leaving => limits.drain_seconds,
                () = end.as_mut() => {
                    if leaving {
                        tracing::debug!(remote = %self.remote, "connection cut off");
                        return;
                    }
                    limits.connection_grace_seconds
                }
            };
            leaving = true;
            connection.as_mut().graceful_shutdown();
            end.as_mut().reset(Instant::now() + Duration::from_secs(grace));
        }
    }
}
