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
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_openssl::SslStream;
use tokio_util::sync::CancellationToken;

use super::SoapServerParts;
use super::respond::respond;
use crate::soap::tls::{HandshakeError, presented};
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
    #[error("no more handshakes are taken")]
    Closed(#[from] tokio::sync::AcquireError),
    #[error("the certificates presented cannot be read: {0}")]
    Presented(#[from] openssl::error::ErrorStack),
}

/// Serves one connection to its end.
pub(super) async fn serve(
    server: Arc<SoapServerParts>,
    tcp: TcpStream,
    remote: SocketAddr,
    handshakes: Arc<Semaphore>,
    stop: CancellationToken,
) {
    let begun = async {
        let stream = handshake(&server, tcp, &handshakes).await?;
        let presented = presented(stream.ssl())?;
        let judging = server.admission.admit(presented, Side::Client, Binding::Soap);
        let caller = timeout(Duration::from_secs(server.limits.admission_seconds), judging).await?;
        Ok::<_, Refused>((stream, caller))
    };
    match begun.await {
        Ok((stream, caller)) => messages(&server, stream, caller, remote, stop).await,
        Err(error) => tracing::info!(%remote, %error, "connection refused"),
    }
}

async fn handshake(
    server: &SoapServerParts,
    tcp: TcpStream,
    handshakes: &Semaphore,
) -> Result<SslStream<TcpStream>, Refused> {
    let _slot = handshakes.acquire().await?;
    Ok(timeout(Duration::from_secs(server.limits.handshake_seconds), server.tls.accept(tcp)).await??)
}

/// HTTP/1.1 until the peer leaves, the connection is old, or the server stops.
async fn messages(
    server: &SoapServerParts,
    stream: SslStream<TcpStream>,
    caller: Result<Caller, NotAdmitted>,
    remote: SocketAddr,
    stop: CancellationToken,
) {
    let caller = caller.as_ref();
    let service = service_fn(|request: Request<Incoming>| async move {
        Ok::<_, std::convert::Infallible>(respond(server, caller.map_err(|refused| *refused), request).await)
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(server.limits.header_seconds))
        .max_buf_size(MAX_HEAD);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut old = pin!(sleep(Duration::from_secs(server.limits.connection_age_seconds)));
    let mut leaving = false;
    loop {
        tokio::select! {
            result = connection.as_mut() => {
                if let Err(error) = result {
                    tracing::debug!(%remote, %error, "connection broken");
                }
                return;
            }
            () = stop.cancelled(), if !leaving => {
                leaving = true;
                connection.as_mut().graceful_shutdown();
            }
            () = old.as_mut(), if !leaving => {
                leaving = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
