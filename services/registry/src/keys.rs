//! The key under which statements about persons are kept: a file outside the database.
//!
//! A statement is encrypted by AES-256-GCM, bound to the person and to itself: what is moved to another row does not open.

use std::path::PathBuf;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use straznica_journal::{KeyError, key_file};
use zeroize::Zeroizing;

use crate::domain::{PersonId, StatementId};

/// Version of the sealed form, so that another one can follow.
const SEALED_VERSION: u8 = 1;

/// Where the key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PersonKeysConfig {
    /// Directory with `person-sealing.key`: 32 bytes as 64 hexadecimal digits.
    pub directory: PathBuf,
    /// Makes the key where it is absent. Never in production.
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

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PersonKeysError {
    #[error(transparent)]
    File(#[from] KeyError),
    #[error("the key cannot be used")]
    Unusable,
}

/// The key, ready for use.
pub(crate) struct PersonKeys(RandomizedNonceKey);

impl PersonKeys {
    /// Reads the key, making it where the configuration allows that.
    pub(crate) fn open(config: &PersonKeysConfig) -> Result<Self, PersonKeysError> {
        let key = key_file(&config.directory, "person-sealing.key", config.create)?;
        RandomizedNonceKey::new(&AES_256_GCM, key.expose()).map(Self).map_err(|_| PersonKeysError::Unusable)
    }

    /// Encrypts what a statement says.
    pub(crate) fn seal(
        &self,
        person: PersonId,
        statement: StatementId,
        value: &impl Serialize,
    ) -> Result<Vec<u8>, Unopenable> {
        let mut buffer = Zeroizing::new(serde_json::to_vec(value).map_err(|_| Unopenable)?);
        let nonce = self
            .0
            .seal_in_place_append_tag(Aad::from(bound_to(person, statement)), &mut *buffer)
            .map_err(|_| Unopenable)?;
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
        let (version, rest) = sealed.split_first().ok_or(Unopenable)?;
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_LEN).ok_or(Unopenable)?;
        if *version != SEALED_VERSION {
            return Err(Unopenable);
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unopenable)?;
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        let opened =
            self.0.open_in_place(nonce, Aad::from(bound_to(person, statement)), &mut buffer).map_err(|_| Unopenable)?;
        serde_json::from_slice(opened).map_err(|_| Unopenable)
    }
}

fn bound_to(person: PersonId, statement: StatementId) -> [u8; 32] {
    let mut bound = [0; 32];
    let (first, second) = bound.split_at_mut(16);
    first.copy_from_slice(person.uuid().as_bytes());
    second.copy_from_slice(statement.uuid().as_bytes());
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
}
