//! Where private keys are kept, and for how long.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use straznica_types::Secret;

use crate::keystore::KeyRole;

/// The key store: encrypted files, or tokens of PKCS#11. Of `passphrase` and `key_file` one is set for files. A test node without either makes a
/// key file beside the directory (`<directory>.kek`); a production node does not start without a secret of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyStoreConfig {
    /// `file` or `pkcs11`.
    pub kind: KeyStoreKind,
    /// Directory; one sub-directory a role, so that a backup can leave inspection-system keys out (TR-03139: they must not be backed up).
    pub directory: PathBuf,
    /// Passphrase the key encryption key is derived from (Argon2id).
    pub passphrase: Option<Secret<String>>,
    /// File of exactly thirty-two bytes that are the key encryption key.
    pub key_file: Option<PathBuf>,
    /// Module and tokens, for the kind `pkcs11`.
    pub pkcs11: Pkcs11Config,
    /// Which roles' keys may leave their token for a backup.
    pub backup: BackupConfig,
    /// When keys are destroyed.
    pub clean_up: CleanUpConfig,
}

impl Default for KeyStoreConfig {
    fn default() -> Self {
        Self {
            kind: KeyStoreKind::File,
            directory: PathBuf::from("spoc-keys"),
            passphrase: None,
            key_file: None,
            pkcs11: Pkcs11Config::default(),
            backup: BackupConfig::default(),
            clean_up: CleanUpConfig::default(),
        }
    }
}

/// The kinds of key store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStoreKind {
    /// A file a key, encrypted.
    #[default]
    File,
    /// Tokens of PKCS#11.
    Pkcs11,
}

/// Backup rules that are a choice. TR-03139 §6.2: CVCA keys should be backed up, DV keys should not, IS keys must not; so the last two are no choice
/// here, and neither is the exchange's TLS key, which is renewed instead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackupConfig {
    /// Whether CVCA keys are made such that the token may export them, wrapped under a key its security officer marked as trusted
    /// (CKA_EXTRACTABLE with CKA_WRAP_WITH_TRUSTED). Without, a backup is the token's own replication. Files: no effect.
    pub cvca: bool,
}

/// Days after which keys are destroyed that are of no use any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CleanUpConfig {
    /// After the last day of an inspection system's certificate.
    pub is_days: u16,
    /// After the last day of a document verifier's certificate: an expired one signs no successor (TR-03139 §4.3).
    pub dv_days: u16,
    /// After a request for a DV certificate was declined or withdrawn, or was made and never answered: an answer that comes later is refused. Longer than any
    /// partner takes to answer.
    pub request_days: u16,
    /// Since nothing was first seen to refer to a DV or IS key. Raise it before starting on a database brought back from a backup: what was made since would
    /// count as left over.
    pub left_over_days: u16,
}

impl Default for CleanUpConfig {
    fn default() -> Self {
        Self { is_days: 1, dv_days: 30, request_days: 60, left_over_days: 7 }
    }
}

/// A module of PKCS#11 and the tokens it reaches.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pkcs11Config {
    /// The module's shared library, e.g. `/usr/lib/softhsm/libsofthsm2.so`.
    pub module: PathBuf,
    /// The token of every role that has none of its own.
    pub token: TokenConfig,
    /// Tokens of single roles, where their backup rules differ.
    pub role_tokens: RoleTokens,
    /// Sessions held with a token at most; as many signatures are made at once, a quarter of them (at least one) for TLS handshakes, which anybody can ask
    /// for. No more than the token allows.
    pub sessions: u16,
}

impl Default for Pkcs11Config {
    fn default() -> Self {
        Self { module: PathBuf::new(), token: TokenConfig::default(), role_tokens: RoleTokens::default(), sessions: 8 }
    }
}

/// One token. Of `label` and `slot` one is set, and of `pin` and `pin_file`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenConfig {
    /// The label the token was initialised with.
    pub label: Option<String>,
    /// Number of the slot it is in. Slots may be numbered anew; the label stays.
    pub slot: Option<u64>,
    /// The user's PIN.
    pub pin: Option<Secret<String>>,
    /// File with the user's PIN.
    pub pin_file: Option<PathBuf>,
}

/// Tokens of single roles.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleTokens {
    /// National CVCA.
    pub cvca: Option<TokenConfig>,
    /// Document verifiers.
    pub dv: Option<TokenConfig>,
    /// Inspection systems.
    pub is: Option<TokenConfig>,
    /// TLS identity of the exchange.
    pub tls: Option<TokenConfig>,
}

impl RoleTokens {
    /// The token of this role alone.
    #[must_use]
    pub const fn of(&self, role: KeyRole) -> Option<&TokenConfig> {
        match role {
            KeyRole::NationalCvca => self.cvca.as_ref(),
            KeyRole::DocumentVerifier => self.dv.as_ref(),
            KeyRole::InspectionSystem => self.is.as_ref(),
            KeyRole::ExchangeTls => self.tls.as_ref(),
        }
    }
}
