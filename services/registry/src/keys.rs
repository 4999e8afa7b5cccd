//! The keys under which persons are kept: one reads them, one finds them. Both are files outside the database.
//!
//! A statement is encrypted by AES-256-GCM, bound to the person and to itself: what is moved to another row does not open. What a person is found by (sounds of
//! names, dates, numbers) lies in the database as a part of its HMAC-SHA-256: who has the database alone sees that two persons share a key, and not which.

use std::collections::BTreeSet;
use std::path::PathBuf;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use sea_orm::prelude::Uuid;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use straznica_journal::{KeyError, key_file};
use zeroize::Zeroizing;

use crate::domain::finding::{Findable, VERSION, keys_of};
use crate::domain::{PersonId, StatementId};

/// Version of the sealed form, so that another one can follow.
const SEALED_VERSION: u8 = 1;

/// Where the key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PersonKeysConfig {
    /// Directory with `person-sealing.key` and `person-finding.key`, each 32 bytes as 64 hexadecimal digits.
    pub directory: PathBuf,
    /// Makes the keys that are absent. Never in production.
    pub create: bool,
}

impl Default for PersonKeysConfig {
    fn default() -> Self {
        Self { directory: "registry-person-keys".into(), create: true }
    }
}

/// What is kept of a person does not open: another key, another row, or bytes changed by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what is kept of a person cannot be opened")]
pub struct Unopenable;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PersonKeysError {
    #[error(transparent)]
    File(#[from] KeyError),
    #[error("the key cannot be used")]
    Unusable,
}

/// The keys, ready for use.
pub(crate) struct PersonKeys {
    sealing: RandomizedNonceKey,
    finding: hmac::Key,
}

/// What a person is found by, as the database has it.
#[derive(Debug)]
pub(crate) struct Finding {
    /// The [`Findable`], encrypted.
    pub(crate) sealed: Vec<u8>,
    /// In order, none twice.
    pub(crate) digests: Vec<i64>,
}

/// Digests of the keys of this version, of whatever key: the first and the last there can be.
pub(crate) const DIGESTS: (i64, i64) = {
    let first = ((VERSION % 128) as i64) << DIGEST_BITS;
    (first, first | ((1 << DIGEST_BITS) - 1))
};

/// Bits of a digest below its version. A million persons have some ten million keys: two that meet by chance bring in somebody who is judged a stranger.
const DIGEST_BITS: u32 = 56;

impl PersonKeys {
    /// Reads the keys, making absent ones where the configuration allows that.
    pub(crate) fn open(config: &PersonKeysConfig) -> Result<Self, PersonKeysError> {
        let sealing = key_file(&config.directory, "person-sealing.key", config.create)?;
        let finding = key_file(&config.directory, "person-finding.key", config.create)?;
        Ok(Self {
            sealing: RandomizedNonceKey::new(&AES_256_GCM, sealing.expose()).map_err(|_| PersonKeysError::Unusable)?,
            finding: hmac::Key::new(hmac::HMAC_SHA256, finding.expose()),
        })
    }

    /// Encrypts what a statement says.
    pub(crate) fn seal(
        &self,
        person: PersonId,
        statement: StatementId,
        value: &impl Serialize,
    ) -> Result<Vec<u8>, Unopenable> {
        self.seal_in(person.uuid(), statement.uuid(), value)
    }

    /// What a person is found by.
    pub(crate) fn finding(&self, person: PersonId, findable: &Findable) -> Result<Finding, Unopenable> {
        let digests: BTreeSet<i64> = keys_of(findable).iter().map(|key| self.digest(key)).collect();
        let sealed = self.seal_in(person.uuid(), FINDABLE, findable)?;
        Ok(Finding { sealed, digests: digests.into_iter().collect() })
    }

    /// Under what a key lies in the database: a part of its digest, behind the version of keys.
    pub(crate) fn digest(&self, key: &str) -> i64 {
        let tag = hmac::sign(&self.finding, key.as_bytes());
        let part =
            tag.as_ref().iter().take(DIGEST_BITS as usize / 8).fold(0, |part, byte| part << 8 | i64::from(*byte));
        DIGESTS.0 | part
    }

    /// Reads what [`Self::finding`] sealed of a person.
    pub(crate) fn findable(&self, person: PersonId, sealed: &[u8]) -> Result<Findable, Unopenable> {
        self.unseal_in(person.uuid(), FINDABLE, sealed)
    }

    /// Encrypts a part of something, bound to both: the text of a decision, a record of its service.
    pub(crate) fn seal_in(&self, whole: Uuid, part: Uuid, value: &impl Serialize) -> Result<Vec<u8>, Unopenable> {
        self.seal_for(bound_to(whole, part), value)
    }

    /// Encrypts a value that opens only where it is bound to.
    pub(crate) fn seal_for(&self, bound: Bound, value: &impl Serialize) -> Result<Vec<u8>, Unopenable> {
        let mut buffer = Zeroizing::new(serde_json::to_vec(value).map_err(|_| Unopenable)?);
        let nonce = self.sealing.seal_in_place_append_tag(Aad::from(bound), &mut *buffer).map_err(|_| Unopenable)?;
        let mut sealed = vec![SEALED_VERSION];
        sealed.extend_from_slice(nonce.as_ref());
        sealed.extend_from_slice(&buffer);
        Ok(sealed)
    }

    /// Reads what [`Self::seal`] wrote of the same statement of the same person.
    pub(crate) fn unseal<T: DeserializeOwned>(
        &self,
        person: PersonId,
        statement: StatementId,
        sealed: &[u8],
    ) -> Result<T, Unopenable> {
        self.unseal_in(person.uuid(), statement.uuid(), sealed)
    }

    /// Reads what [`Self::seal_in`] wrote of the same part of the same thing.
    pub(crate) fn unseal_in<T: DeserializeOwned>(
        &self,
        whole: Uuid,
        part: Uuid,
        sealed: &[u8],
    ) -> Result<T, Unopenable> {
        self.unseal_for(bound_to(whole, part), sealed)
    }

    /// Reads what [`Self::seal_for`] wrote for the same place.
    pub(crate) fn unseal_for<T: DeserializeOwned>(&self, bound: Bound, sealed: &[u8]) -> Result<T, Unopenable> {
        let (version, rest) = sealed.split_first().ok_or(Unopenable)?;
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_LEN).ok_or(Unopenable)?;
        if *version != SEALED_VERSION {
            return Err(Unopenable);
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unopenable)?;
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        let opened = self.sealing.open_in_place(nonce, Aad::from(bound), &mut buffer).map_err(|_| Unopenable)?;
        serde_json::from_slice(opened).map_err(|_| Unopenable)
    }
}

/// In place of a statement's id, which is no text: what a person is searched by.
const FINDABLE: Uuid = Uuid::from_bytes(*b"what one is by 1");

/// What a sealed value is bound to.
pub(crate) type Bound = [u8; 32];

fn bound_to(whole: Uuid, part: Uuid) -> Bound {
    let mut bound = [0; 32];
    let (first, second) = bound.split_at_mut(16);
    first.copy_from_slice(whole.as_bytes());
    second.copy_from_slice(part.as_bytes());
    bound
}

#[cfg(test)]
mod tests {
    use straznica_types::Timestamp;

    use super::*;

    #[test]
    fn a_statement_opens_only_where_it_was_put() {
        let directory = tempfile::tempdir().unwrap();
        let open = |name: &str| {
            PersonKeys::open(&PersonKeysConfig { directory: directory.path().join(name), create: true }).unwrap()
        };
        let keys = open("keys");
        let now = Timestamp::from_seconds(1_795_341_600);
        let (person, other) = (PersonId::generate_at(now), PersonId::generate_at(now));
        let (one, two) = (StatementId::generate_at(now), StatementId::generate_at(now));
        let sealed = keys.seal(person, one, &"Іванов").unwrap();
        let read =
            |keys: &PersonKeys, person, statement, sealed: &[u8]| keys.unseal::<String>(person, statement, sealed);
        assert_eq!(read(&open("keys"), person, one, &sealed).as_deref(), Ok("Іванов"));
        assert!(read(&keys, other, one, &sealed).is_err());
        assert!(read(&keys, person, two, &sealed).is_err());
        assert!(read(&open("others"), person, one, &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(read(&keys, person, one, &changed).is_err(), "byte {at}");
            assert!(read(&keys, person, one, &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn what_one_is_found_by_says_nothing_without_the_key() {
        let directory = tempfile::tempdir().unwrap();
        let open = |name: &str| {
            PersonKeys::open(&PersonKeysConfig { directory: directory.path().join(name), create: true }).unwrap()
        };
        let (keys, others) = (open("keys"), open("others"));
        assert_eq!(keys.digest("pan|svknk"), open("keys").digest("pan|svknk"));
        assert_ne!(keys.digest("pan|svknk"), others.digest("pan|svknk"));
        assert_ne!(keys.digest("pan|svknk"), keys.digest("pan|svknp"));
        for text in ["", "pan|svknk", "d1990-01-01"] {
            assert!((DIGESTS.0..=DIGESTS.1).contains(&keys.digest(text)) && DIGESTS.0 > 0);
        }
        let person = PersonId::generate_at(Timestamp::from_seconds(1_795_341_600));
        let finding = keys.finding(person, &Findable::default()).unwrap();
        assert_eq!(keys.findable(person, &finding.sealed), Ok(Findable::default()));
        assert!(others.findable(person, &finding.sealed).is_err());
    }
}
