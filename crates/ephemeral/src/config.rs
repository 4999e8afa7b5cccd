//! Where short-lived state is kept.

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
        /// `redis://user:password@host:port/database`. Secret, for the password in it.
        url: Secret<String>,
    },
    /// A Redis or Valkey cluster.
    RedisCluster {
        /// Some of its nodes; the others are found through them.
        urls: Vec<Secret<String>>,
    },
}
