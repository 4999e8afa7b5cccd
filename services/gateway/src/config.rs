//! Options of the gateway, each with a default that runs.

pub mod people;

use std::{net::SocketAddr, time::Duration};

use serde::{Deserialize, Serialize};
use straznica_journal::JournalConfig;
use straznica_runtime::{
    channel::ChannelConfig,
    service::{ListenConfig, ServerConfig},
};
use straznica_store::StoreConfig;

use crate::domain::{idempotency::Memory, rate::Allowance};
use people::PeopleConfig;

/// Everything an operator can set about the gateway.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Addresses, TLS files and limits of the listeners.
    pub server: ServerConfig,
    /// The service's own database.
    pub database: StoreConfig,
    /// The journal of this service.
    pub journal: JournalConfig,
    /// How long it is remembered on whose behalf an inspection was opened, in seconds: longer than a session with a chip.
    pub mission_seconds: u64,
    /// How often the checkpoints of the inner services' journals are cosigned, and the gateway's handed to identity, in seconds.
    pub witness_seconds: u64,
    /// Where identity is. The session with a chip stays open meanwhile, so calls have short deadlines.
    pub identity: ChannelConfig,
    /// Where dispatch is; without an address there is none, codes for other authorities are not served, and its journal is not cosigned here.
    pub dispatch: ChannelConfig,
    /// Where registry is; without an address there is none, nobody reaches the register of aliens here, and its journal is not cosigned here.
    pub registry: ChannelConfig,
    /// Where spoc is. `timeout_ms` is for what terminals wait for; what operators do about the exchange has a minute at least.
    pub spoc: ChannelConfig,
    /// What a suspended, unknown or wrongly pinned terminal is told, so that its officer knows whom to call.
    pub suspension_contact: String,
    /// Sizes of requests.
    pub limits: LimitsConfig,
    /// How much one terminal, or one authority, may ask.
    pub rate: RateConfig,
    /// How long idempotency keys are remembered.
    pub idempotency: IdempotencyConfig,
    /// How people log in.
    pub people: PeopleConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: ServerConfig { listen: listen(), ..ServerConfig::default() },
            database: StoreConfig::new("sqlite://gateway.db"),
            journal: JournalConfig::embedded("gateway.straznica.internal/journal", "gateway-journal-keys"),
            mission_seconds: 3600,
            witness_seconds: 10,
            identity: ChannelConfig::at("127.0.0.1:7102"),
            dispatch: ChannelConfig::default(),
            registry: ChannelConfig::default(),
            spoc: ChannelConfig::at("127.0.0.1:7101"),
            suspension_contact: "Call the operator on duty of the terminal control centre.".to_owned(),
            limits: LimitsConfig::default(),
            rate: RateConfig::default(),
            idempotency: IdempotencyConfig::default(),
            people: PeopleConfig::default(),
        }
    }
}

/// REST on this machine, on free ports.
fn listen() -> ListenConfig {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    ListenConfig { http_mutual: Some(any), http_open: Some(any), ..ListenConfig::default() }
}

/// Sizes of requests.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Largest body with what was read from a chip, in bytes of JSON. A facial image of DG2 rarely passes 100 kB.
    pub document_body_bytes: usize,
    /// Largest body with a file of rows for the register of aliens, in bytes of JSON: four for three of the file.
    pub file_body_bytes: usize,
    /// Largest body with a file of the exchange with other states, in bytes of JSON: a bundle of the e-mail fallback, which may have 8 MiB, or a revocation list.
    pub exchange_file_body_bytes: usize,
    /// Largest body with one certificate.
    pub certificate_body_bytes: usize,
    /// Largest body of any other request.
    pub small_body_bytes: usize,
}

/// Longest bundle of the e-mail fallback that spoc takes, bytes; base64 makes four of three.
const LARGEST_BUNDLE: usize = 8 * 1024 * 1024;
/// The JSON around it.
const BUNDLE_FRAME: usize = 16 * 1024;

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            document_body_bytes: 1024 * 1024,
            file_body_bytes: 16 * 1024 * 1024,
            exchange_file_body_bytes: LARGEST_BUNDLE.div_ceil(3) * 4 + BUNDLE_FRAME,
            certificate_body_bytes: 64 * 1024,
            small_body_bytes: 16 * 1024,
        }
    }
}

/// How much one terminal may ask: a token bucket.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateConfig {
    /// Requests at once. At least 1.
    pub burst: u32,
    /// Requests a second in the long run. At least 1.
    pub per_second: u32,
}

impl Default for RateConfig {
    fn default() -> Self {
        // a border check makes about ten requests, and an e-gate one check in ten seconds
        Self { burst: 60, per_second: 10 }
    }
}

impl RateConfig {
    pub(crate) fn allowance(&self) -> Allowance {
        Allowance { burst: self.burst.max(1), per_second: self.per_second.max(1) }
    }
}

/// How long idempotency keys are remembered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdempotencyConfig {
    /// With their answer, in seconds.
    pub answered_seconds: u64,
    /// Without one, in seconds: longer than a request can take (a file two minutes); after that the node must have died over it.
    pub in_progress_seconds: u64,
    /// How often forgotten ones are deleted, in seconds.
    pub sweep_seconds: u64,
}

impl Default for IdempotencyConfig {
    fn default() -> Self {
        Self { answered_seconds: 24 * 3600, in_progress_seconds: 240, sweep_seconds: 600 }
    }
}

impl IdempotencyConfig {
    pub(crate) fn memory(&self) -> Memory {
        Memory {
            answered: Duration::from_secs(self.answered_seconds),
            in_progress: Duration::from_secs(self.in_progress_seconds),
        }
    }
}
