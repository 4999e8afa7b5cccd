//! The configuration of a node: one file for the whole suite, or for the one service a machine runs.
//!
//! Every member has a default that runs. Paths that are relative are taken from `data_dir`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use straznica_journal::JournalConfig;
use straznica_pki::{DevelopmentCa, DevelopmentError};
use straznica_runtime::channel::ChannelConfig;
use straznica_runtime::service::ServerConfig;
use straznica_runtime::telemetry::TelemetryConfig;
use straznica_store::StoreConfig;
use straznica_types::{Environment, Secret, SharedClock};

use crate::arguments::ServiceName;

/// Everything an operator can set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NodeConfig {
    /// `test` or `production`. A node refuses the other's trust, keys and partners.
    pub environment: Environment,
    /// Directory for everything that has no place of its own.
    pub data_dir: PathBuf,
    /// Trust domain of the development certificates, where no TLS files are configured. Begins with `development.`.
    pub trust_domain: String,
    /// Log lines, traces.
    pub telemetry: TelemetryConfig,
    /// Trust store, national PKI, terminal control centre.
    pub spoc: straznica_spoc::Config,
    /// One-time codes and messages.
    pub dispatch: straznica_dispatch::Config,
    /// The alien registry.
    pub registry: straznica_registry::Config,
    /// Inspection of travel documents.
    pub identity: straznica_identity::Config,
    /// REST for terminals.
    pub gateway: straznica_gateway::Config,
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            environment: Environment::Test,
            data_dir: PathBuf::from("straznica-data"),
            trust_domain: "development.straznica.internal".to_owned(),
            telemetry: TelemetryConfig::default(),
            spoc: straznica_spoc::Config::default(),
            dispatch: straznica_dispatch::Config::default(),
            registry: straznica_registry::Config::default(),
            identity: straznica_identity::Config::default(),
            gateway: straznica_gateway::Config::default(),
        }
    }
}

impl NodeConfig {
    /// The server options of a service.
    #[must_use]
    pub fn server(&self, service: ServiceName) -> &ServerConfig {
        match service {
            ServiceName::Spoc => &self.spoc.server,
            ServiceName::Dispatch => &self.dispatch.server,
            ServiceName::Registry => &self.registry.server,
            ServiceName::Identity => &self.identity.server,
            ServiceName::Gateway => &self.gateway.server,
        }
    }

    /// The database of a service.
    #[must_use]
    pub fn database(&self, service: ServiceName) -> &StoreConfig {
        match service {
            ServiceName::Spoc => &self.spoc.database,
            ServiceName::Dispatch => &self.dispatch.database,
            ServiceName::Registry => &self.registry.database,
            ServiceName::Identity => &self.identity.database,
            ServiceName::Gateway => &self.gateway.database,
        }
    }

    /// The journal of a service.
    #[must_use]
    pub fn journal(&self, service: ServiceName) -> &JournalConfig {
        match service {
            ServiceName::Spoc => &self.spoc.journal,
            ServiceName::Dispatch => &self.dispatch.journal,
            ServiceName::Registry => &self.registry.journal,
            ServiceName::Identity => &self.identity.journal,
            ServiceName::Gateway => &self.gateway.journal,
        }
    }

    /// The authority that makes certificates for a test node whose data are in `folder`.
    ///
    /// # Errors
    /// When it cannot be read or made, or `trust_domain` is none for development.
    pub fn development_authority(&self, folder: &Path, clock: SharedClock) -> Result<DevelopmentCa, DevelopmentError> {
        DevelopmentCa::open_or_create(&folder.join("development-ca"), &self.trust_domain, clock)
    }

    /// Takes relative paths from `folder`, and in a test environment makes the key encryption key nobody configured. In production no key is
    /// ever made in passing: a wiped volume would silently begin with new ones.
    ///
    /// # Errors
    /// When the key encryption key cannot be written.
    pub fn settle(&mut self, folder: &Path) -> std::io::Result<()> {
        let keys = &mut self.spoc.keystore;
        if self.environment == Environment::Test && keys.passphrase.is_none() && keys.key_file.is_none() {
            let path = folder.join("spoc-key-encryption.key");
            make_key(&path)?;
            keys.key_file = Some(path);
        }
        keys.directory = folder.join(&keys.directory);
        keys.key_file = keys.key_file.take().map(|path| folder.join(path));
        let production = self.environment == Environment::Production;
        let codes = &mut self.dispatch.keys;
        codes.directory = folder.join(&codes.directory);
        codes.create &= !production;
        self.dispatch.operators.iter_mut().for_each(|operator| operator.settle(folder));
        self.dispatch.phones.iter_mut().for_each(|phone| phone.settle(folder));
        let citizens = &mut self.identity.citizen_keys;
        citizens.directory = folder.join(&citizens.directory);
        citizens.create &= !production;
        let registry = &mut self.registry;
        registry.person_keys.directory = folder.join(&registry.person_keys.directory);
        registry.person_keys.create &= !production;
        registry.rules = registry.rules.take().map(|directory| folder.join(directory));
        registry.holidays = registry.holidays.take().map(|file| folder.join(file));
        registry.consumers = registry.consumers.take().map(|directory| folder.join(directory));
        registry.mappings = registry.mappings.take().map(|directory| folder.join(directory));
        for journal in [
            &mut self.spoc.journal,
            &mut self.dispatch.journal,
            &mut self.registry.journal,
            &mut self.identity.journal,
            &mut self.gateway.journal,
        ] {
            journal.key_directory = folder.join(&journal.key_directory);
            journal.create_keys &= !production;
        }
        for database in [
            &mut self.spoc.database,
            &mut self.dispatch.database,
            &mut self.registry.database,
            &mut self.identity.database,
            &mut self.gateway.database,
        ] {
            settle_database(database, folder);
        }
        Ok(())
    }

    /// Tells each service where the others of this process are: `address` knows the services that run here.
    pub fn connect(&mut self, address: impl Fn(ServiceName) -> Option<SocketAddr>) {
        let point = |channel: &mut ChannelConfig, service| {
            if let Some(address) = address(service) {
                channel.address = address.to_string();
            }
        };
        point(&mut self.identity.spoc, ServiceName::Spoc);
        point(&mut self.identity.dispatch, ServiceName::Dispatch);
        // Where registry runs beside it, identity asks it about alerts unless that is meant otherwise.
        let alerts = &mut self.identity.alerts;
        if address(ServiceName::Registry).is_some() && !alerts.without_registry {
            point(alerts.registry.get_or_insert_default(), ServiceName::Registry);
        }
        point(&mut self.gateway.spoc, ServiceName::Spoc);
        point(&mut self.gateway.identity, ServiceName::Identity);
        point(&mut self.gateway.dispatch, ServiceName::Dispatch);
        point(&mut self.gateway.registry, ServiceName::Registry);
    }
}

fn settle_database(database: &mut StoreConfig, folder: &Path) {
    let file = database.url.expose().strip_prefix("sqlite://").map(|file| folder.join(file));
    if let Some(file) = file {
        database.url = Secret::new(format!("sqlite://{}", file.display()));
    }
}

/// Thirty-two random bytes for their owner's eyes only; one that is there stays.
fn make_key(path: &Path) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    if path.exists() {
        return Ok(());
    }
    let mut key = [0; 32];
    aws_lc_rs::rand::fill(&mut key).map_err(std::io::Error::other)?;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(&key)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_providers_that_ask_phones_are_taken_from_the_data_directory() {
        let text = r#"
            [[dispatch.phones]]
            name = "operator-one"
            kind = "mobile_connect"
            issuer = "https://idgw.operator-one.example"
            client_id = "straznica"
            key = { file = "operator-one.pem", id = "2026-1" }
            acr_values = ["3"]
            roots = "roots/operator-one.pem"

            [[dispatch.phones]]
            name = "operator-two"
            kind = "mobile_connect"
            issuer = "https://idgw.operator-two.example"
            client_id = "straznica"
            key = { file = "/run/secrets/operator-two.pem", id = "2026-1" }
            acr_values = ["3"]
        "#;
        let folder = tempfile::tempdir().unwrap();
        let mut config: NodeConfig = toml::from_str(text).unwrap();
        config.settle(folder.path()).unwrap();
        let [one, two] = &config.dispatch.phones[..] else { panic!("two providers") };
        assert_eq!(one.key.file, folder.path().join("operator-one.pem"));
        assert_eq!(one.roots, Some(folder.path().join("roots/operator-one.pem")));
        assert_eq!((two.key.file.as_path(), &two.roots), (Path::new("/run/secrets/operator-two.pem"), &None));
    }
}
