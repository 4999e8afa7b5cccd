//! Options of the service, each with a default that runs.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use straznica_journal::JournalConfig;
use straznica_runtime::service::ServerConfig;
use straznica_store::StoreConfig;

use crate::domain::Purpose;
use crate::keys::PersonKeysConfig;

/// Everything an operator can set about the registry.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Addresses, TLS files and limits of the listeners.
    pub server: ServerConfig,
    /// The service's own database.
    pub database: StoreConfig,
    /// The journal of this service.
    pub journal: JournalConfig,
    /// Key under which statements about persons are kept.
    pub person_keys: PersonKeysConfig,
    /// What the register may be used for; a call names one by its id.
    pub purposes: Vec<Purpose>,
    /// Directory with the rule sets (`*.toml`) to be used in place of those that are built in.
    pub rules: Option<PathBuf>,
    /// File with the days off to be used in place of those that are built in.
    pub holidays: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: ServerConfig::default(),
            database: StoreConfig::new("sqlite://registry.db"),
            journal: JournalConfig::embedded("registry.straznica.internal/journal", "registry-journal-keys"),
            person_keys: PersonKeysConfig::default(),
            purposes: default_purposes(),
            rules: None,
            holidays: None,
        }
    }
}

fn default_purposes() -> Vec<Purpose> {
    let purpose = |id: &str, legal_basis: &str, vulnerabilities| Purpose {
        id: id.to_owned(),
        legal_basis: legal_basis.to_owned(),
        vulnerabilities,
    };
    vec![
        purpose("protection_proceedings", "Act of 13 June 2003 on granting protection to aliens", true),
        purpose("border_intake", "Act of 13 June 2003 on granting protection to aliens", true),
        purpose("residence_proceedings", "Act of 12 December 2013 on foreigners", false),
        purpose("return_proceedings", "Act of 12 December 2013 on foreigners", false),
    ]
}
