//! The accept loop beneath every listener: TLS handshakes under a limit and a time-out, the peer's identity in every request, a look at expiry
//! and revocation at every request, a maximum age of connections, and an orderly end.
//!
//! tonic's own server knows no revocation lists and no reload of TLS, so gRPC runs on this loop too.

mod connection;
mod middleware;
mod unread;

use std::{io, sync::Arc, time::Duration};

use axum::Router;
use serde::{Deserialize, Serialize};
use straznica_pki::{ServerUse, Tls};
use tokio::{net::TcpListener, sync::Semaphore, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use middleware::{observed, with_context};

use connection::Connection;

/// Pause after the operating system refuses to accept, e.g. when it is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Limits of a listener. Times in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Connections open at a time; more wait in the operating system's queue.
    pub connections: usize,
    /// TLS handshakes under way at a time.
    pub handshakes: usize,
    /// A TLS handshake takes no longer.
    pub handshake_seconds: u64,
    /// A new connection brings its first request, and an HTTP/1.1 request its headers, within this time.
    pub header_seconds: u64,
    /// Between two pieces of a request's body.
    pub body_idle_seconds: u64,
    /// For all of a request's body; HTTP only, a gRPC stream may last.
    pub body_seconds: u64,
    /// Requests under way at a time on one HTTP/2 connection.
    pub streams_per_connection: u32,
    /// Age at which a connection is told to go, within ten percent; its requests are completed.
    pub connection_age_seconds: u64,
    /// What a connection that was told to go may still take.
    pub connection_grace_seconds: u64,
    /// HTTP/2 connections are pinged at this interval.
    pub keep_alive_seconds: u64,
    /// A ping is answered within this time.
    pub keep_alive_timeout_seconds: u64,
    /// Longest time a gRPC call is worked on, whatever deadline it brings; streams excepted once they have begun.
    pub call_seconds: u64,
    /// What calls in flight may take once the drain has begun.
    pub drain_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            handshakes: 128,
            handshake_seconds: 10,
            header_seconds: 15,
            body_idle_seconds: 10,
            body_seconds: 30,
            streams_per_connection: 256,
            connection_age_seconds: 1800,
            connection_grace_seconds: 60,
            keep_alive_seconds: 20,
            keep_alive_timeout_seconds: 10,
            call_seconds: 60,
            drain_seconds: 30,
        }
    }
}

/// Serves a router over TLS until `stop`, then lets the requests in flight complete (at most [`Limits::drain_seconds`]) and returns.
///
/// Every request carries in its extensions: `Arc<PeerIdentity>` and [`Presented`](straznica_pki::Presented) where the client presented a certificate,
/// [`RequestId`](straznica_types::RequestId) (the one it brought in `x-request-id`, or a new one; it is in the answer too) and
/// `ConnectInfo<SocketAddr>`. A peer whose certificate has expired or was revoked since the handshake gets a 401 problem. With
/// [`ServerUse::HttpOpen`] nobody is asked for a certificate. Call it from a service by way of
/// [`ServiceParts`](crate::service::ServiceParts); directly for a listener of another kind.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Arc<Tls>,
    r#use: ServerUse,
    limits: &Limits,
    stop: CancellationToken,
) {
    let router = with_context(router, &tls);
    serve_prepared(listener, router, tls, r#use, limits, stop).await;
}

/// As [`serve`], for a router that has its layers.
pub(crate) async fn serve_prepared(
    listener: TcpListener,
    router: Router,
    tls: Arc<Tls>,
    r#use: ServerUse,
    limits: &Limits,
    stop: CancellationToken,
) {
    let connections = TaskTracker::new();
    let kill = CancellationToken::new();
    let open = Arc::new(Semaphore::new(limits.connections));
    let handshakes = Arc::new(Semaphore::new(limits.handshakes));
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = accept(&listener, &open) => accepted,
        };
        match accepted {
            Ok((tcp, remote, slot)) => {
                let connection = Connection {
                    router: router.clone(),
                    tls: tls.clone(),
                    r#use,
                    limits: limits.clone(),
                    remote,
                    handshakes: handshakes.clone(),
                    stop: stop.clone(),
                };
                let kill = kill.clone();
                connections.spawn(async move {
                    tokio::select! {
                        () = connection.run(tcp) => (),
                        () = kill.cancelled() => (),
                    }
                    drop(slot);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(Duration::from_secs(limits.drain_seconds), connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "calls in flight were cut off");
        kill.cancel();
        connections.wait().await;
    }
}

type Accepted = (tokio::net::TcpStream, std::net::SocketAddr, tokio::sync::OwnedSemaphorePermit);

async fn accept(listener: &TcpListener, open: &Arc<Semaphore>) -> io::Result<Accepted> {
    let slot = open.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (tcp, remote) = listener.accept().await?;
    tcp.set_nodelay(true)?;
    Ok((tcp, remote, slot))
}
