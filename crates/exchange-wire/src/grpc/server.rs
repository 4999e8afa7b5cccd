//! The listener: connections under limits, and an orderly end.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::Connection;
use super::tls::{self, Configured};
use crate::material::{CurrentMaterial, MaterialError};
use crate::slots::{Share, Slots};
use crate::turns::Turns;
use crate::{Admission, Application};

/// Pause after the operating system refuses to accept, e.g. when it is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Limits of the listener. Times in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GrpcServerConfig {
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
    /// A judgement takes no longer, revocation lists fetched.
    pub admission_seconds: u64,
    /// A new connection brings its first message within this time.
    pub first_message_seconds: u64,
    /// A message has arrived in full within this time.
    pub message_seconds: u64,
    /// Messages under way at a time on one connection.
    pub messages_per_connection: u32,
    /// Age at which a connection is told to go, within ten percent; its messages are answered.
    pub connection_age_seconds: u64,
    /// What a connection that was told to go may still take.
    pub connection_grace_seconds: u64,
    /// Connections are pinged at this interval.
    pub keep_alive_seconds: u64,
    /// A ping is answered within this time.
    pub keep_alive_timeout_seconds: u64,
    /// What messages under way may take once the drain has begun.
    pub drain_seconds: u64,
}

impl Default for GrpcServerConfig {
    fn default() -> Self {
        Self {
            connections: 256,
            connections_per_partner: 32,
            unadmitted: 128,
            unadmitted_per_address: 16,
            handshakes: 32,
            handshake_seconds: 10,
            admission_seconds: 30,
            first_message_seconds: 15,
            message_seconds: 30,
            messages_per_connection: 16,
            connection_age_seconds: 1800,
            connection_grace_seconds: 60,
            keep_alive_seconds: 20,
            keep_alive_timeout_seconds: 10,
            drain_seconds: 30,
        }
    }
}

/// Serves straznica.spoc.v1.SpocExchange and nothing else: no reflection, no health.
pub struct GrpcServer {
    pub(super) tls: Configured<ServerConfig>,
    pub(super) admission: Arc<dyn Admission>,
    pub(super) application: Arc<dyn Application>,
    pub(super) config: GrpcServerConfig,
    pub(super) turns: Turns,
    /// Messages being worked on: they are not broken off when their caller hangs up.
    pub(super) work: TaskTracker,
}

impl GrpcServer {
    /// A server to be run by [`Self::serve`].
    ///
    /// # Errors
    /// [`MaterialError`] when TLS cannot be had of the material.
    pub fn new(
        material: Arc<CurrentMaterial>,
        admission: Arc<dyn Admission>,
        application: Arc<dyn Application>,
        config: GrpcServerConfig,
    ) -> Result<Self, MaterialError> {
        Ok(Self {
            tls: tls::server(material)?,
            admission,
            application,
            turns: Turns::new(config.handshakes),
            config,
            work: TaskTracker::new(),
        })
    }

    /// Serves until `stop`, then lets the messages under way be answered (at most [`GrpcServerConfig::drain_seconds`]) and returns.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) {
        let server = Arc::new(self);
        let connections = TaskTracker::new();
        let kill = CancellationToken::new();
        let config = &server.config;
        let slots = Slots::new(Share {
            connections: config.connections,
            per_partner: config.connections_per_partner,
            unadmitted: config.unadmitted,
            per_address: config.unadmitted_per_address,
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
                    tracing::warn!(%error, "a connection of a partner could not be accepted");
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
        if timeout(Duration::from_secs(server.config.drain_seconds), done).await.is_err() {
            tracing::warn!(connections = connections.len(), "messages of partners under way were cut off");
            kill.cancel();
            connections.wait().await;
        }
    }
}
