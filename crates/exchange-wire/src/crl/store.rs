//! Lists kept beyond a restart.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use emrtd::x509::Fingerprint;
use exchange::Country;
use straznica_types::Timestamp;

use crate::error::Cause;

/// What a list is kept under: whose it is, where it came from, and the certificate of whose issuer. Two states may name one address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CrlKey {
    /// The state whose registration the path ends at, whatever the names in the list say.
    pub country: Country,
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

    /// Keeps a list in place of `before`, which is what [`Self::get`] said. Of the state's lists no more than `most` stay: the ones fetched longest ago
    /// go. Tells whether it was kept: it was not, when another node has put one there meanwhile.
    ///
    /// # Errors
    /// When the store fails.
    async fn put(&self, key: &CrlKey, crl: &StoredCrl, before: Option<&StoredCrl>, most: usize) -> Result<bool, Cause>;
}

/// Keeps lists until the process ends.
#[derive(Debug, Default)]
pub struct MemoryCrls(Mutex<BTreeMap<CrlKey, StoredCrl>>);

impl MemoryCrls {
    fn lists(&self) -> MutexGuard<'_, BTreeMap<CrlKey, StoredCrl>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What lists are kept under.
    #[must_use]
    pub fn keys(&self) -> Vec<CrlKey> {
        self.lists().keys().cloned().collect()
    }
}

#[async_trait]
impl CrlStore for MemoryCrls {
    async fn get(&self, key: &CrlKey) -> Result<Option<StoredCrl>, Cause> {
        Ok(self.lists().get(key).cloned())
    }

    async fn put(&self, key: &CrlKey, crl: &StoredCrl, before: Option<&StoredCrl>, most: usize) -> Result<bool, Cause> {
        let mut lists = self.lists();
        if lists.get(key) != before {
            return Ok(false);
        }
        lists.insert(key.clone(), crl.clone());
        let others = lists.iter().filter(|(other, _)| other.country == key.country && *other != key);
        let mut others: Vec<(Timestamp, CrlKey)> = others.map(|(key, crl)| (crl.fetched_at, key.clone())).collect();
        others.sort();
        let surplus = (others.len() + 1).saturating_sub(most);
        for (_, key) in others.into_iter().take(surplus) {
            lists.remove(&key);
        }
        Ok(true)
    }
}
