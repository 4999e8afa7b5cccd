//! Where short-lived state is kept.

use std::net::IpAddr;
use std::path::PathBuf;

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _};
use serde::{Deserialize, Serialize};
use straznica_types::Secret;

/// Short-lived state of one service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EphemeralConfig {
    /// The engine and its addresses.
    #[serde(default)]
    pub engine: EphemeralEngine,
    /// Begins every key on a server, so that services can share one. 1 to 64 letters, digits, `.`, `_` or `-`.
    pub namespace: String,
}

impl EphemeralConfig {
    /// In this process.
    pub fn in_process(namespace: impl Into<String>) -> Self {
        Self { engine: EphemeralEngine::InProcess, namespace: namespace.into() }
    }

    /// Whether values would leave this machine without TLS: no production node does that.
    #[must_use]
    pub fn crosses_network_in_clear(&self) -> bool {
        match &self.engine {
            EphemeralEngine::InProcess => false,
            EphemeralEngine::Redis { url, .. } => in_clear(url),
            EphemeralEngine::RedisCluster { urls, .. } => urls.iter().any(in_clear),
        }
    }
}

fn in_clear(url: &Secret<String>) -> bool {
    let address = url.expose().as_str().into_connection_info();
    match address.as_ref().map(ConnectionInfo::addr) {
        Ok(ConnectionAddr::Tcp(host, _)) => {
            let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
            host != "localhost" && !address.is_ok_and(|address| address.is_loopback())
        }
        Ok(ConnectionAddr::TcpTls { .. }) => false,
        _ => true,
    }
}

/// The engines.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum EphemeralEngine {
    /// In the memory of this process: one replica.
    #[default]
    InProcess,
    /// One Redis or Valkey, or a primary behind one address.
    Redis {
        /// `rediss://user:password@host:port/database`, or `redis://…` without TLS. Secret, for the password in it.
        url: Secret<String>,
        /// Certificates for `rediss://`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tls: Option<ServerTls>,
    },
    /// A Redis or Valkey cluster.
    RedisCluster {
        /// Some of its nodes; the others are found through them.
        urls: Vec<Secret<String>>,
        /// Certificates for `rediss://`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tls: Option<ServerTls>,
    },
}

/// Certificates towards a server, read once, at the start.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerTls {
    /// Certificates of the authorities that vouch for the server (PEM). The system's own are not trusted.
    pub ca: PathBuf,
    /// This node's certificate and its chain (PEM), where the server asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// The key of it (PEM).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
}
