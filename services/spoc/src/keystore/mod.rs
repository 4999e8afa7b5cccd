//! Private keys: made here, used here, never handed out.
//!
//! [`KeyStore`] is the port. [`FileKeyStore`] keeps each key in a file of its own, encrypted by AES-256-GCM under a key encryption key that is derived
//! from a passphrase or read from a key file. Role, handle, algorithm and environment are bound into the encryption, so that a file moved to another
//! place or another environment opens no more. [`Pkcs11KeyStore`] keeps them in tokens, which they never leave.

mod directory;
mod file;
mod files;
mod handle;
mod kek;
mod open;
mod pkcs11;
#[cfg(test)]
mod tests;
mod tls;

use std::{fmt, io, path::PathBuf};

use cvc::{
    algorithm::Algorithm,
    domain_parameters::DomainParameters,
    error::KeyError,
    private_key::{PrivateKey, SignError, Signer},
    public_key::PublicKey,
};
use straznica_types::Environment;
use thiserror::Error;

pub use file::FileKeyStore;
pub use handle::{KeyHandle, KeyRole, NotAHandle};
pub use kek::KekSource;
pub use open::open;
pub use pkcs11::{Pkcs11KeyStore, TokenError};
pub use tls::{HandshakeTurns, TlsSubject, tls_certificate_request, tls_key_kind, tls_signer};

/// What kind of key to make.
#[derive(Debug, Clone)]
pub enum KeyKind {
    /// An elliptic curve key.
    Ec {
        /// Signature algorithm.
        algorithm: Algorithm,
        /// Domain parameters.
        parameters: DomainParameters,
    },
    /// An RSA key.
    Rsa {
        /// Signature algorithm.
        algorithm: Algorithm,
        /// Length of the modulus.
        bits: u32,
    },
    /// A key of the same algorithm, parameters and size: within a chain they are one (TR-03110-3 §2.3).
    Like(PublicKey),
}

impl KeyKind {
    /// The signature algorithm of the key.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ec { algorithm, .. } | Self::Rsa { algorithm, .. } => *algorithm,
            Self::Like(key) => key.algorithm(),
        }
    }

    fn generate(&self) -> Result<PrivateKey, KeyError> {
        match self {
            Self::Ec { algorithm, parameters } => PrivateKey::generate_ec(*algorithm, parameters.clone()),
            Self::Rsa { algorithm, bits } => PrivateKey::generate_rsa(*algorithm, *bits),
            Self::Like(key) => PrivateKey::generate_like(key),
        }
    }
}

/// A key just made.
#[derive(Debug, Clone)]
pub struct GeneratedKey {
    /// Its name.
    pub handle: KeyHandle,
    /// Its public half.
    pub public_key: PublicKey,
}

/// Keeps private keys and signs with them. No method returns one. Calls may block: on a disk, on a device.
pub trait KeyStore: Send + Sync + fmt::Debug {
    /// Makes a key pair and keeps it.
    ///
    /// # Errors
    /// [`KeyStoreError::Sign`] for an algorithm that is not used for new signatures, else when it cannot be made or kept; nothing is kept then.
    fn generate(&self, role: KeyRole, kind: &KeyKind) -> Result<GeneratedKey, KeyStoreError>;

    /// The public half of a key.
    ///
    /// # Errors
    /// [`KeyStoreError::Unknown`] when there is no such key.
    fn public_key(&self, handle: &KeyHandle) -> Result<PublicKey, KeyStoreError>;

    /// Signs a digest made with the hash of the key's algorithm.
    ///
    /// # Errors
    /// [`KeyStoreError::Unknown`] when there is no such key, [`KeyStoreError::Sign`] when it does not sign.
    fn sign_digest(&self, handle: &KeyHandle, digest: &[u8]) -> Result<Vec<u8>, KeyStoreError>;

    /// Destroys a key.
    ///
    /// # Errors
    /// [`KeyStoreError::Unknown`] when there is no such key.
    fn delete(&self, handle: &KeyHandle) -> Result<(), KeyStoreError>;

    /// Every key of a role, in no particular order.
    ///
    /// # Errors
    /// [`KeyStoreError`] when disk or device do not answer.
    fn list(&self, role: KeyRole) -> Result<Vec<KeyHandle>, KeyStoreError>;
}

/// One key of a store, for `cvc` to issue with.
#[derive(Debug, Clone)]
pub struct StoredSigner<'a> {
    store: &'a dyn KeyStore,
    handle: KeyHandle,
    public_key: PublicKey,
}

impl<'a> StoredSigner<'a> {
    /// Names the key `handle` of `store`.
    ///
    /// # Errors
    /// [`KeyStoreError::Unknown`] when there is no such key.
    pub fn new(store: &'a dyn KeyStore, handle: KeyHandle) -> Result<Self, KeyStoreError> {
        let public_key = store.public_key(&handle)?;
        Ok(Self { store, handle, public_key })
    }
}

impl Signer for StoredSigner<'_> {
    fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    fn sign_digest(&self, digest: &[u8]) -> Result<Vec<u8>, SignError> {
        self.store.sign_digest(&self.handle, digest).map_err(|failure| SignError::Store(Box::new(failure)))
    }
}

/// What can go wrong with a key store.
#[derive(Debug, Error)]
pub enum KeyStoreError {
    /// No such key.
    #[error("there is no key {0}")]
    Unknown(KeyHandle),
    /// The passphrase or key file is not the one the store was made with.
    #[error("the passphrase or key file is not the one this key store was made with")]
    WrongKek,
    /// The store wants the other kind of secret.
    #[error("this key store is opened with {expected}")]
    KekKind {
        /// What it wants.
        expected: &'static str,
    },
    /// The configuration names two secrets, or in production none.
    #[error("exactly one of passphrase and key file has to be configured")]
    Secret,
    /// The key file has another length.
    #[error("the key file has {found} bytes, 32 are needed")]
    KeyFileLength {
        /// Its length.
        found: usize,
    },
    /// The store belongs to the other environment.
    #[error("the key store belongs to the {found} environment, this node is {expected}")]
    OtherEnvironment {
        /// The store's.
        found: Environment,
        /// The node's.
        expected: Environment,
    },
    /// The header or a key file is damaged, incomplete or of another version.
    #[error("the key store's header or a key file cannot be used: {0}")]
    Header(&'static str),
    /// A key file was altered, or moved from another place.
    #[error("sealed bytes do not open: altered, or moved from another place")]
    Unsealable,
    /// The key cannot be made or read.
    #[error("the key cannot be made or read")]
    Key(#[from] KeyError),
    /// The key does not sign.
    #[error("the key does not sign")]
    Sign(#[from] SignError),
    /// No randomness.
    #[error("the system gives no random bytes")]
    Randomness,
    /// Encryption failed.
    #[error("encryption failed")]
    Crypto,
    /// A token failed or refused.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The key is of another role, or of a kind TLS 1.3 has no name for.
    #[error("the key {0} is no key for TLS")]
    NotForTls(KeyHandle),
    /// The name cannot stand in a certificate.
    #[error("the name cannot stand in a certificate")]
    Subject(#[source] rcgen::Error),
    /// Others than the owner may read or write what protects the keys.
    #[error("{path} is open to others than its owner: its mode is {mode:03o}, {widest:03o} is the widest that passes")]
    Exposed {
        /// The file or directory.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// The widest mode it may have.
        widest: u32,
    },
    /// The file system failed.
    #[error("the file system failed")]
    Io(#[from] io::Error),
}
