//! The listener partners reach: TLS, admission, one message after another.

mod body;
mod connection;
mod respond;
mod stall;

use std::sync::Arc;
use std::time::Duration;

use exchange::soap::Decoder;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::connection::Connection;
use super::{Profiles, SoapTls};
use crate::slots::{Share, Slots};
use crate::turns::Turns;
use crate::{Admission, Application};

/// Pause after the operating system refuses to accept, e.g. when it is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Limits of the listener. Times in seconds. How long a document may be is the decoder's to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SoapLimits {
    /// Connections open at a time; while partners hold them all, more wait in the operating system's queue.
    pub connections: usize,
    /// Connections one partner holds at a time; further ones are closed.
    pub connections_per_partner: usize,
    /// Connections of strangers at a time: nobody is admitted over them yet, nor was from where they come from since the start. With one more the one that
    /// has been open longest is cut off.
    pub unadmitted: usize,
    /// Connections one address (of IPv6: one network of 48 bits) holds at a time over which nobody is admitted yet; further ones are closed. Behind a
    /// balancer that hides addresses: as many as `connections`.
    pub unadmitted_per_address: usize,
    /// TLS handshakes under way at a time, at most half of them strangers'. One that keeps us waiting does not count for longer than a moment.
    pub handshakes: usize,
    /// A TLS handshake takes no longer, nor does waiting for its first byte and its turn.
    pub handshake_seconds: u64,
    /// Nor does the judgement of who connected, revocation lists fetched included.
    pub admission_seconds: u64,
    /// A connection brings its next request, and a request its headers, within this time.
    pub header_seconds: u64,
    /// For all of a request's body.
    pub body_seconds: u64,
    /// What is written has to be taken within this time.
    pub write_seconds: u64,
    /// A message is answered within this time; work that takes longer goes on, and the same message sent again gets its answer.
    pub message_seconds: u64,
    /// Age at which a connection is told to go; its message is completed.
    pub connection_age_seconds: u64,
    /// What a connection that was told to go may still take.
    pub connection_grace_seconds: u64,
    /// What messages in flight may take once the drain has begun.
    pub drain_seconds: u64,
}

impl Default for SoapLimits {
    fn default() -> Self {
        Self {
            connections: 256,
            connections_per_partner: 32,
            unadmitted: 128,
            unadmitted_per_address: 16,
            handshakes: 32,
            handshake_seconds: 10,
            admission_seconds: 20,
            header_seconds: 15,
            body_seconds: 30,
            write_seconds: 30,
            message_seconds: 60,
            connection_age_seconds: 600,
            connection_grace_seconds: 60,
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
pub struct SoapServer(Arc<Server>);

struct Server {
    parts: SoapServerParts,
    turns: Turns,
    /// Messages being worked on: they are not broken off when their caller hangs up.
    work: TaskTracker,
}

impl std::fmt::Debug for SoapServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let SoapServerParts { url, limits, .. } = &self.0.parts;
        f.debug_struct("SoapServer").field("url", url).field("limits", limits).finish_non_exhaustive()
    }
}

impl SoapServer {
    /// A server that does not listen yet.
    #[must_use]
    pub fn new(parts: SoapServerParts) -> Self {
        let turns = Turns::new(parts.limits.handshakes);
        Self(Arc::new(Server { parts, turns, work: TaskTracker::new() }))
    }

    /// Serves until `stop`, then lets the messages in flight complete (at most [`SoapLimits::drain_seconds`]) and returns.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) {
        let server = self.0;
        let limits = &server.parts.limits;
        let connections = TaskTracker::new();
        let kill = CancellationToken::new();
        let slots = Slots::new(Share {
            connections: limits.connections,
            per_partner: limits.connections_per_partner,
            unadmitted: limits.unadmitted,
            per_address: limits.unadmitted_per_address,
        });
        loop {
            let accepted = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                accepted = slots.accept(&listener) => accepted,
            };
            match accepted {
                Ok(Some((tcp, remote, slot))) => {
                    let connection = Connection { server: server.clone(), remote, stop: stop.clone() };
                    let (kill, cut_off) = (kill.clone(), slot.cut_off());
                    connections.spawn(async move {
                        tokio::select! {
                            () = connection.run(tcp, slot) => (),
                            () = cut_off.cancelled() => tracing::debug!(%remote, "connection of a stranger gave way to others"),
                            () = kill.cancelled() => (),
                        }
                    });
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(listener);
        connections.close();
        server.work.close();
        let done = async {
            connections.wait().await;
            server.work.wait().await;
        };
        if timeout(Duration::from_secs(limits.drain_seconds), done).await.is_err() {
            tracing::warn!(connections = connections.len(), "messages in flight were cut off");
            kill.cancel();
            connections.wait().await;
        }
    }
}
