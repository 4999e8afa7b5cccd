//! The exchange with other states.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use straznica_exchange_wire::CrlConfig;
use straznica_exchange_wire::crl::{CrlHost, CrlReach};
use straznica_exchange_wire::grpc::{GrpcClientConfig, GrpcServerConfig};
use straznica_exchange_wire::soap::{SoapLimits, SoapTimeouts};
use straznica_types::{Environment, Secret};

/// What an operator can set about the exchange with other states. A binding that is not configured is neither offered nor used.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExchangeConfig {
    /// gRPC over TLS 1.3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grpc: Option<GrpcBinding>,
    /// SOAP of CSN 36 9791 over HTTPS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub soap: Option<SoapBinding>,
    /// Profiles beside the three that come with the program, or in place of one of the same name: a file each.
    pub profile_files: Vec<PathBuf>,
    /// SHA-256 fingerprints of what belongs to the other environment, one a line: roots of SPOCs and CVCA certificates. A test node is told production's, a
    /// production node those of partners' test environments; each refuses them.
    pub other_environment: Option<PathBuf>,
    /// Revocation lists of partners.
    pub revocation_lists: RevocationListConfig,
    /// How long a message being delivered is one replica's, in seconds: when that replica died, another takes it up after this time. An answer is
    /// waited for a quarter as long, whatever the binding allows.
    pub lease_seconds: NonZeroU32,
}

impl ExchangeConfig {
    /// [`Self::lease_seconds`] as a duration.
    pub(crate) const fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds.get() as u64)
    }

    /// Longest wait for one answer: over before the message is another replica's.
    pub(crate) const fn longest_wait(&self) -> Duration {
        Duration::from_millis(self.lease_seconds.get() as u64 * 250)
    }
}

impl Default for ExchangeConfig {
    fn default() -> Self {
        Self {
            grpc: None,
            soap: None,
            profile_files: Vec::new(),
            other_environment: None,
            revocation_lists: RevocationListConfig::default(),
            lease_seconds: NonZeroU32::new(120).unwrap_or(NonZeroU32::MIN),
        }
    }
}

/// The gRPC binding.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrpcBinding {
    /// Where partners connect to: a port of its own.
    pub listen: SocketAddr,
    /// With which we connect to partners (SPOC client certificate).
    pub client: CredentialConfig,
    /// With which we answer them (SPOC server certificate); may be the same.
    pub server: CredentialConfig,
    /// Limits of the listener.
    #[serde(default)]
    pub limits: GrpcServerConfig,
    /// How partners are called.
    #[serde(default)]
    pub calls: GrpcClientConfig,
}

/// The SOAP binding. Its keys are files: OpenSSL has to hold them (docs/decisions/0009).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoapBinding {
    /// Where partners connect to.
    pub listen: SocketAddr,
    /// The URL partners have registered for us, `https://host[:port]/path`; its path is the one that is served. Without one: the address listened at
    /// and `/SPOC`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// With which we connect to partners.
    pub client: CredentialConfig,
    /// With which we answer them; may be the same.
    pub server: CredentialConfig,
    /// Limits of the listener.
    #[serde(default)]
    pub limits: SoapLimits,
    /// How long messages to partners may take.
    #[serde(default)]
    pub timeouts: SoapTimeouts,
}

/// A certificate chain and its key: `private_key` or `key_handle`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialConfig {
    /// The own certificate, then those between it and the root, PEM.
    pub certificate_chain: PathBuf,
    /// The key, PKCS#8, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_key: Option<PathBuf>,
    /// What the key file is encrypted with, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<Secret<String>>,
    /// The key in the key store, `tls/<uuid>` (`straznica pki exchange-key`): it stays there. For the gRPC binding only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_handle: Option<String>,
}

/// How partners' revocation lists are fetched.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RevocationListConfig {
    /// A list is fetched again at this age at the latest, in seconds.
    pub max_cache_seconds: u64,
    /// A fetch takes no longer, in seconds.
    pub timeout_seconds: u64,
    /// Longest list taken, in bytes.
    pub max_bytes: usize,
    /// After a fetch that failed, none is tried for this long, in seconds.
    pub pause_seconds: u64,
    /// The only hosts that are asked, `host` (port 80) or `host:port`. Without any: whatever partners' certificates name.
    pub hosts: Vec<CrlHost>,
    /// Whether lists are fetched from this machine and its own link (loopback, link-local addresses) as well. Not set: on a test node, where throw-away
    /// authorities serve theirs there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_addresses: Option<bool>,
}

impl RevocationListConfig {
    /// As the bindings have it.
    pub(crate) fn fetching(&self, environment: Environment) -> CrlConfig {
        CrlConfig {
            max_cache: Duration::from_secs(self.max_cache_seconds),
            timeout: Duration::from_secs(self.timeout_seconds),
            max_bytes: self.max_bytes,
            pause: Duration::from_secs(self.pause_seconds),
            reach: CrlReach {
                hosts: self.hosts.clone(),
                local: self.local_addresses.unwrap_or(environment == Environment::Test),
            },
        }
    }
}

impl Default for RevocationListConfig {
    fn default() -> Self {
        Self {
            max_cache_seconds: 600,
            timeout_seconds: 5,
            max_bytes: 1024 * 1024,
            pause_seconds: 60,
            hosts: Vec::new(),
            local_addresses: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use straznica_types::Environment;

    use super::RevocationListConfig;

    fn config(text: &str) -> RevocationListConfig {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_production_node_fetches_no_list_from_itself_unless_it_is_told_to() {
        let local = |text: &str, environment| config(text).fetching(environment).reach.local;
        for (text, in_production, in_test) in
            [("", false, true), ("local_addresses = true", true, true), ("local_addresses = false", false, false)]
        {
            assert_eq!(local(text, Environment::Production), in_production, "{text:?}");
            assert_eq!(local(text, Environment::Test), in_test, "{text:?}");
        }
    }

    #[test]
    fn hosts_are_named_with_or_without_a_port() {
        let named = config(r#"hosts = ["crl.example.cz", "lists.example.de:8080"]"#).fetching(Environment::Production);
        let hosts: Vec<String> = named.reach.hosts.iter().map(ToString::to_string).collect();
        assert_eq!(hosts, ["crl.example.cz", "lists.example.de:8080"]);
        assert!(toml::from_str::<RevocationListConfig>(r#"hosts = ["http://crl.example.cz/"]"#).is_err());
    }
}
