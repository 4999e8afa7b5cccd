//! The listener partners reach: TLS, admission, one message after another.

mod body;
mod connection;
mod respond;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use exchange::soap::Decoder;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Profiles, SoapTls};
use crate::{Admission, Application};

/// Pause after the operating system refuses to accept, e.g. when it is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Limits of the listener. Times in seconds. How long a document may be is the decoder's to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SoapLimits {
    /// Connections open at a time; more wait in the operating system's queue.
    pub connections: usize,
    /// TLS handshakes under way at a time.
    pub handshakes: usize,
    /// A TLS handshake takes no longer.
    pub handshake_seconds: u64,
    /// Nor does the judgement of who connected, revocation lists fetched included.
    pub admission_seconds: u64,
    /// A connection brings its next request, and a request its headers, within this time.
    pub header_seconds: u64,
    /// For all of a request's body.
    pub body_seconds: u64,
    /// For working on a message.
    pub message_seconds: u64,
    /// Age at which a connection is told to go; its message is completed.
    pub connection_age_seconds: u64,
    /// What messages in flight may take once the drain has begun.
    pub drain_seconds: u64,
}

impl Default for SoapLimits {
    fn default() -> Self {
        Self {
            connections: 256,
            handshakes: 32,
            handshake_seconds: 10,
            admission_seconds: 20,
            header_seconds: 15,
            body_seconds: 30,
            message_seconds: 60,
            connection_age_seconds: 600,
            drain_seconds: 30,
        }
    }
}

/// What a server is made of.
pub struct SoapServerParts {
    /// Judges messages.
    pub application: Arc<dyn Application>,
    /// Judges peers.
    pub admission: Arc<dyn Admission>,
    /// How each partner is answered.
    pub profiles: Arc<dyn Profiles>,
    /// Reads documents.
    pub decoder: Decoder,
    /// Our server certificate and what TLS offers.
    pub tls: Arc<SoapTls>,
    /// The URL partners have registered; its path is the one that is served, and the interface's description names it.
    pub url: super::SoapUrl,
    /// Limits.
    pub limits: SoapLimits,
}

/// The server; [`Self::serve`] runs it.
pub struct SoapServer(Arc<SoapServerParts>);

impl std::fmt::Debug for SoapServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SoapServer").field("url", &self.0.url).field("limits", &self.0.limits).finish_non_exhaustive()
    }
}

impl SoapServer {
    /// A server that does not listen yet.
    #[must_use]
    pub fn new(parts: SoapServerParts) -> Self {
        Self(Arc::new(parts))
    }

    /// Serves until `stop`, then lets the messages in flight complete (at most [`SoapLimits::drain_seconds`]) and returns.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) {
        let limits = &self.0.limits;
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
                    let serving = connection::serve(self.0.clone(), tcp, remote, handshakes.clone(), stop.clone());
                    let kill = kill.clone();
                    connections.spawn(async move {
                        tokio::select! {
                            () = serving => (),
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
        if timeout(Duration::from_secs(limits.drain_seconds), connections.wait()).await.is_err() {
            tracing::warn!(connections = connections.len(), "messages in flight were cut off");
            kill.cancel();
            connections.wait().await;
        }
    }
}

async fn accept(
    listener: &TcpListener,
    open: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let slot = open.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (tcp, remote) = listener.accept().await?;
    tcp.set_nodelay(true)?;
    Ok((tcp, remote, slot))
}
