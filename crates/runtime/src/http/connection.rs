//! One connection, from the handshake to its end.

use std::{
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, Version, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use straznica_pki::{PeerError, PeerIdentity, Presented, ServerUse, Tls};
use tokio::{
    net::TcpStream,
    sync::Semaphore,
    time::{Instant, sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;
use tower::Service as _;
use tower_http::timeout::{DeadlineBody, TimeoutBody};

use super::{
    Limits,
    unread::{self, Rest},
};

/// HTTP/2 header lists longer than this are refused.
const MAX_HEADER_LIST: u32 = 16 * 1024;
/// HTTP/1.1 read buffer, and so the longest head of a request.
const MAX_HEAD: usize = 16 * 1024;

pub(super) struct Connection {
    pub(super) router: Router,
    pub(super) tls: Arc<Tls>,
    pub(super) r#use: ServerUse,
    pub(super) limits: Limits,
    pub(super) remote: SocketAddr,
    pub(super) handshakes: Arc<Semaphore>,
    pub(super) stop: CancellationToken,
}

/// Who is at the other end, and by which certificates.
struct Peer {
    identity: Arc<PeerIdentity>,
    presented: Presented,
}

/// Why a connection never got as far as HTTP.
#[derive(Debug, thiserror::Error)]
enum HandshakeError {
    #[error("the TLS handshake failed")]
    Tls(#[from] std::io::Error),
    #[error("the TLS handshake took too long")]
    Slow(#[from] tokio::time::error::Elapsed),
    #[error("no more handshakes are taken")]
    Closed(#[from] tokio::sync::AcquireError),
    #[error("the certificate does not name a peer of this trust domain")]
    Peer(#[from] PeerError),
}

impl Connection {
    pub(super) async fn run(self, tcp: TcpStream) {
        match self.handshake(tcp).await {
            Ok((stream, peer)) => self.serve(stream, peer).await,
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::info!(remote = %self.remote, cause, "connection refused: {error}");
            }
        }
    }

    async fn handshake(&self, tcp: TcpStream) -> Result<(TlsStream<TcpStream>, Option<Peer>), HandshakeError> {
        let _slot = self.handshakes.acquire().await?;
        let acceptor = TlsAcceptor::from(self.tls.server_config(self.r#use));
        let stream = timeout(Duration::from_secs(self.limits.handshake_seconds), acceptor.accept(tcp)).await??;
        let peer = match self.r#use {
            ServerUse::HttpOpen => None,
            ServerUse::Grpc | ServerUse::HttpMutual => {
                let certificates = stream.get_ref().1.peer_certificates();
                let identity = Arc::new(self.tls.identify(certificates)?);
                Some(Peer { identity, presented: Presented::new(certificates.unwrap_or_default()) })
            }
        };
        Ok((stream, peer))
    }

    async fn serve(self, stream: TlsStream<TcpStream>, peer: Option<Peer>) {
        let builder = self.builder(stream.get_ref().1.alpn_protocol());
        let used = Arc::new(AtomicBool::new(false));
        let service = service_fn(|request: Request<Incoming>| {
            used.store(true, Ordering::Relaxed);
            let (request, rest) = self.prepare(request, peer.as_ref());
            let answered = self.router.clone().call(request);
            async move {
                let answer = answered.await;
                if let Some(rest) = rest {
                    rest.discard().await;
                }
                answer
            }
        });
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let mut first_request = pin!(sleep(Duration::from_secs(self.limits.header_seconds)));
        let mut end = pin!(sleep(self.age()));
        let (mut leaving, mut waited) = (false, false);
        loop {
            tokio::select! {
                result = connection.as_mut() => {
                    if let Err(error) = result {
                        tracing::debug!(remote = %self.remote, error, "connection broken");
                    }
                    return;
                }
                () = self.stop.cancelled(), if !leaving => {
                    // From here on the drain's own time-out counts.
                    leaving = true;
                    connection.as_mut().graceful_shutdown();
                    end.as_mut().reset(Instant::now() + Duration::from_secs(self.limits.drain_seconds));
                }
                () = end.as_mut() => {
                    if leaving {
                        tracing::debug!(remote = %self.remote, "connection cut off");
                        return;
                    }
                    leaving = true;
                    connection.as_mut().graceful_shutdown();
                    end.as_mut().reset(Instant::now() + Duration::from_secs(self.limits.connection_grace_seconds));
                }
                () = first_request.as_mut(), if !waited => {
                    waited = true;
                    if !used.load(Ordering::Relaxed) {
                        tracing::debug!(remote = %self.remote, "connection without a request");
                        return;
                    }
                }
            }
        }
    }

    fn builder(&self, protocol: Option<&[u8]>) -> Builder<TokioExecutor> {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(self.limits.header_seconds))
            .max_buf_size(MAX_HEAD);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(Duration::from_secs(self.limits.keep_alive_seconds))
            .keep_alive_timeout(Duration::from_secs(self.limits.keep_alive_timeout_seconds))
            .max_concurrent_streams(self.limits.streams_per_connection)
            .max_header_list_size(MAX_HEADER_LIST);
        // What was agreed on in the handshake is what is spoken; no guessing from the first bytes.
        match protocol {
            Some(b"h2") => builder.http2_only(),
            _ if self.r#use == ServerUse::Grpc => builder.http2_only(),
            _ => builder.http1_only(),
        }
    }

    fn prepare(&self, request: Request<Incoming>, peer: Option<&Peer>) -> (Request<Body>, Option<Rest>) {
        let idle = Duration::from_secs(self.limits.body_idle_seconds);
        let whole = Duration::from_secs(self.limits.body_seconds);
        let (mut request, rest) = match self.r#use {
            ServerUse::Grpc => (request.map(Body::new), None),
            ServerUse::HttpMutual | ServerUse::HttpOpen => {
                let (head, body) = request.into_parts();
                let (body, rest) = unread::lend(body, &head.headers);
                let body = Body::new(TimeoutBody::new(idle, DeadlineBody::new(whole, body)));
                // A stream of HTTP/2 ends without its connection.
                let rest = (head.version < Version::HTTP_2).then_some(rest);
                (Request::from_parts(head, body), rest)
            }
        };
        let extensions = request.extensions_mut();
        extensions.insert(ConnectInfo(self.remote));
        if let Some(peer) = peer {
            extensions.insert(peer.identity.clone());
            extensions.insert(peer.presented.clone());
        }
        (request, rest)
    }

    /// Spread by ten percent, so that connections opened together do not end together. Taken from the client's port: no random numbers needed.
    fn age(&self) -> Duration {
        let age = Duration::from_secs(self.limits.connection_age_seconds);
        age - age / 10 * u32::from(self.remote.port() % 100) / 100
    }
}
