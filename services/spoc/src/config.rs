//! Options of the service, each with a default that runs.

mod exchange;
mod keystore;
mod time_watch;

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};
use straznica_journal::JournalConfig;
use straznica_runtime::service::ServerConfig;
use straznica_store::StoreConfig;

pub use exchange::{CredentialConfig, ExchangeConfig, GrpcBinding, RevocationListConfig, SoapBinding};
pub use keystore::{BackupConfig, CleanUpConfig, KeyStoreConfig, KeyStoreKind, Pkcs11Config, RoleTokens, TokenConfig};
pub use time_watch::TimeWatchConfig;

/// Everything an operator can set about spoc.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Addresses, TLS files and limits of the listeners.
    pub server: ServerConfig,
    /// The service's own database.
    pub database: StoreConfig,
    /// Where private keys are kept.
    pub keystore: KeyStoreConfig,
    /// The state this node belongs to, ISO 3166-1 alpha-2; `UT` (Utopia) is the specimen state.
    pub country: String,
    /// Terminal Authentication signatures.
    pub terminal_authentication: TerminalAuthenticationConfig,
    /// What this state issues to itself.
    pub issuing: IssuingConfig,
    /// A policy file in the place of the one shipped with the program (`policy/tr-03139.toml`).
    pub policy_file: Option<PathBuf>,
    /// The exchange with other states.
    pub exchange: ExchangeConfig,
    /// Master lists, defect lists and CRLs.
    pub trust: TrustConfig,
    /// The journal of this service. Its origin names the log to witnesses and is unique to a node.
    pub journal: JournalConfig,
    /// How often to look for changes other replicas made and for certificates that begin or end, in seconds.
    pub watch_seconds: u64,
    /// What the node's clock is compared with.
    pub time_watch: TimeWatchConfig,
    /// The database was brought back from a backup. Started so, a node issues, requests, deletes and destroys nothing, until officers have raised the
    /// sequences of its holders (`straznica pki raise-sequence`) and it is started without.
    pub restored: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: ServerConfig::default(),
            database: StoreConfig::new("sqlite://spoc.db"),
            keystore: KeyStoreConfig::default(),
            country: "UT".to_owned(),
            terminal_authentication: TerminalAuthenticationConfig::default(),
            issuing: IssuingConfig::default(),
            policy_file: None,
            exchange: ExchangeConfig::default(),
            trust: TrustConfig::default(),
            journal: JournalConfig::embedded("spoc.straznica.internal/journal", "spoc-journal-keys"),
            watch_seconds: 2,
            time_watch: TimeWatchConfig::default(),
            restored: false,
        }
    }
}

/// The control centre's limits as a signing oracle.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TerminalAuthenticationConfig {
    /// Longest age of the inspection a signature may name, in seconds.
    pub inspection_max_age_seconds: u64,
    /// Times of day shifts begin at, `HH:MM` UTC.
    pub shift_boundaries_utc: Vec<String>,
    /// Signatures a terminal may get in a shift before an alert is raised.
    pub alert_after: u32,
    /// Signatures a terminal can get in a shift at all; absent = no such limit.
    pub refuse_after: Option<u32>,
    /// Signatures made at once; more wait their turn.
    pub parallel_signatures: usize,
    /// How long a request waits for its turn, in milliseconds.
    pub queue_timeout_ms: u64,
}

impl Default for TerminalAuthenticationConfig {
    fn default() -> Self {
        Self {
            inspection_max_age_seconds: 600,
            shift_boundaries_utc: ["05:00", "13:00", "21:00"].map(str::to_owned).to_vec(),
            alert_after: 400,
            refuse_after: None,
            parallel_signatures: 4,
            queue_timeout_ms: 2_000,
        }
    }
}

impl TerminalAuthenticationConfig {
    /// [`Self::inspection_max_age_seconds`] as a duration.
    #[must_use]
    pub const fn inspection_max_age(&self) -> Duration {
        Duration::from_secs(self.inspection_max_age_seconds)
    }
}

/// Validity of what is issued here (TR-03139 §4.7 sets the outer limits).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IssuingConfig {
    /// Days an inspection system's certificate is valid when the caller names none; at most 31.
    pub inspection_system_days: u16,
    /// Days the national CVCA's certificate is valid when the caller names none; at most three years.
    pub cvca_days: u16,
    /// Country and mnemonic of the national CVCA that countersigns our verifiers' initial requests, e.g. `PLCVCA`. Empty: the one our state had first.
    pub countersigning_cvca: String,
    /// Requests of other states judged and signed at once; more wait their turn.
    pub parallel_requests: usize,
    /// How long a request waits for its turn, in milliseconds; after that its sender is asked to come again.
    pub queue_timeout_ms: u64,
    /// How often requests that wait are looked at, in seconds.
    pub waiting_requests_seconds: u64,
}

impl Default for IssuingConfig {
    fn default() -> Self {
        Self {
            inspection_system_days: 14,
            cvca_days: 3 * 365 - 1,
            countersigning_cvca: String::new(),
            parallel_requests: 4,
            queue_timeout_ms: 20_000,
            waiting_requests_seconds: 60,
        }
    }
}

/// Limits of imported trust material.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrustConfig {
    /// Largest master list, CRL or defect list taken, in bytes.
    pub max_list_bytes: usize,
}

impl Default for TrustConfig {
    fn default() -> Self {
        Self { max_list_bytes: 16 * 1024 * 1024 }
    }
}
