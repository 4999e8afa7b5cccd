//! Lists kept beyond a restart.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use emrtd::x509::Fingerprint;
use straznica_types::Timestamp;

use crate::error::Cause;

/// What a list is kept under: where it came from, and the certificate of whose issuer. Two states may name one address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CrlKey {
    /// Where it came from.
    pub uri: String,
    /// SHA-256 of the issuer's certificate.
    pub issuer: Fingerprint,
}

/// A list as it was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCrl {
    /// DER.
    pub der: Vec<u8>,
    /// When.
    pub fetched_at: Timestamp,
}

/// Keeps lists. What comes back is verified again, so a store cannot make a certificate good.
#[async_trait]
pub trait CrlStore: Send + Sync + 'static {
    /// The list kept under a key.
    ///
    /// # Errors
    /// When the store fails.
    async fn get(&self, key: &CrlKey) -> Result<Option<StoredCrl>, Cause>;

    /// Keeps a list in place of the one before.
    ///
    /// # Errors
    /// When the store fails.
    async fn put(&self, key: &CrlKey, crl: StoredCrl) -> Result<(), Cause>;
}

/// Keeps lists until the process ends.
#[derive(Debug, Default)]
pub struct MemoryCrls(Mutex<BTreeMap<CrlKey, StoredCrl>>);

#[async_trait]
impl CrlStore for MemoryCrls {
    async fn get(&self, key: &CrlKey) -> Result<Option<StoredCrl>, Cause> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned())
    }

    async fn put(&self, key: &CrlKey, crl: StoredCrl) -> Result<(), Cause> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), crl);
        Ok(())
    }
}
