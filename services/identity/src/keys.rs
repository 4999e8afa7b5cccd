//! The keys under which citizens are kept: one finds them, one reads them. Both are files outside the database.
//!
//! A PESEL or phone number is found by HMAC-SHA-256 (a plain digest of all PESELs of a century is reversed in minutes) and kept encrypted by
//! AES-256-GCM, bound to the citizen and the column it stands in: what is moved to another row does not open.

use std::path::PathBuf;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};
use straznica_journal::{KeyError, key_file};
use straznica_types::Secret;
use zeroize::Zeroizing;

use crate::domain::verification::{CitizenId, Criterion, VerificationId};

/// Bytes of an index.
pub(crate) const INDEX_LENGTH: usize = 32;
/// Version of the sealed form, so that another one can follow.
const SEALED_VERSION: u8 = 1;

/// Where the keys are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CitizenKeysConfig {
    /// Directory with `citizen-index.key` and `citizen-sealing.key`, each 32 bytes as 64 hexadecimal digits.
    pub directory: PathBuf,
    /// Make the keys that are absent. For demonstration and tests; in production keys come from outside, or a wiped volume would silently begin
    /// with new ones and find nobody.
    pub create: bool,
}

impl Default for CitizenKeysConfig {
    fn default() -> Self {
        Self { directory: "identity-citizen-keys".into(), create: true }
    }
}

/// What is kept of a citizen does not open: another key, another row, or bytes changed by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what is kept of a citizen cannot be opened")]
pub struct Unopenable;

/// What stands encrypted in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Pesel,
    Phone,
    /// What another citizen reads of them.
    Name,
}

impl Field {
    const fn name(self) -> &'static str {
        match self {
            Self::Pesel => "pesel",
            Self::Phone => "phone",
            Self::Name => "name",
        }
    }
}

/// A value under the finding key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Index(pub(crate) [u8; INDEX_LENGTH]);

impl Index {
    /// 64 hexadecimal digits: how a journal, a counter and dispatch know the person.
    pub(crate) fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The keys, ready for use.
pub(crate) struct CitizenKeys {
    index: hmac::Key,
    sealing: RandomizedNonceKey,
}

impl CitizenKeys {
    /// Reads the keys, making absent ones where the configuration allows that.
    pub(crate) fn open(config: &CitizenKeysConfig) -> Result<Self, CitizenKeysError> {
        let index = key_file(&config.directory, "citizen-index.key", config.create)?;
        let sealing = key_file(&config.directory, "citizen-sealing.key", config.create)?;
        Ok(Self {
            index: hmac::Key::new(hmac::HMAC_SHA256, index.expose()),
            sealing: RandomizedNonceKey::new(&AES_256_GCM, sealing.expose()).map_err(|_| CitizenKeysError::Unusable)?,
        })
    }

    /// Where a value is found.
    pub(crate) fn index(&self, field: Field, value: &str) -> Index {
        let mut context = hmac::Context::with_key(&self.index);
        for part in [field.name(), value] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut index = [0; INDEX_LENGTH];
        index.copy_from_slice(context.sign().as_ref());
        Index(index)
    }

    /// Where what an official typed is found.
    pub(crate) fn index_of(&self, criterion: &Criterion) -> (Field, Index) {
        match criterion {
            Criterion::Pesel(pesel) => (Field::Pesel, self.index(Field::Pesel, pesel.expose())),
            Criterion::Phone(phone) => (Field::Phone, self.index(Field::Phone, phone.expose())),
        }
    }

    /// Whether a use is drawn for review: so many of a thousand, by a digest nobody outside this node can predict or steer.
    pub(crate) fn draws(&self, verification: VerificationId, permille: u32) -> bool {
        let mut context = hmac::Context::with_key(&self.index);
        for part in [b"review".as_slice(), verification.uuid().as_bytes()] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let lot = context.sign().as_ref().iter().take(8).fold(0_u64, |lot, byte| lot << 8 | u64::from(*byte));
        lot % 1_000 < u64::from(permille)
    }

    /// Encrypts a value for one column of one citizen.
    pub(crate) fn seal(&self, citizen: CitizenId, field: Field, value: &str) -> Result<Vec<u8>, Unopenable> {
        // The value is overwritten by its ciphertext in place: no copy is left behind.
        let mut buffer = Vec::with_capacity(value.len() + AES_256_GCM.tag_len());
        buffer.extend_from_slice(value.as_bytes());
        let bound_to = aad(citizen, field);
        let nonce = self.sealing.seal_in_place_append_tag(Aad::from(&bound_to), &mut buffer).map_err(|_| Unopenable)?;
        let mut sealed = vec![SEALED_VERSION];
        sealed.extend_from_slice(nonce.as_ref());
        sealed.extend_from_slice(&buffer);
        Ok(sealed)
    }

    /// Reads what [`Self::seal`] wrote for the same column of the same citizen.
    pub(crate) fn unseal(&self, citizen: CitizenId, field: Field, sealed: &[u8]) -> Result<Secret<String>, Unopenable> {
        let (version, rest) = sealed.split_first().ok_or(Unopenable)?;
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_LEN).ok_or(Unopenable)?;
        if *version != SEALED_VERSION {
            return Err(Unopenable);
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unopenable)?;
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        let bound_to = aad(citizen, field);
        let opened = self.sealing.open_in_place(nonce, Aad::from(&bound_to), &mut buffer).map_err(|_| Unopenable)?;
        std::str::from_utf8(opened).map(|text| Secret::new(text.to_owned())).map_err(|_| Unopenable)
    }
}

/// The citizen and the column, each of a length of its own.
fn aad(citizen: CitizenId, field: Field) -> Vec<u8> {
    [citizen.uuid().as_bytes().as_slice(), field.name().as_bytes()].concat()
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CitizenKeysError {
    #[error(transparent)]
    File(#[from] KeyError),
    #[error("a key cannot be used")]
    Unusable,
}

#[cfg(test)]
mod tests {
    use straznica_types::Timestamp;

    use super::*;

    fn keys() -> CitizenKeys {
        let directory = tempfile::tempdir().unwrap();
        let config = CitizenKeysConfig { directory: directory.path().join("keys"), create: true };
        let keys = CitizenKeys::open(&config).unwrap();
        let again = CitizenKeys::open(&CitizenKeysConfig { create: false, ..config }).unwrap();
        assert_eq!(keys.index(Field::Pesel, "1"), again.index(Field::Pesel, "1"), "the keys stay");
        keys
    }

    #[test]
    fn a_value_opens_only_where_it_was_put() {
        let keys = keys();
        let now = Timestamp::from_seconds(1_795_341_600);
        let (citizen, other) = (CitizenId::generate_at(now), CitizenId::generate_at(now));
        let sealed = keys.seal(citizen, Field::Phone, "+48501234567").unwrap();
        assert_eq!(keys.unseal(citizen, Field::Phone, &sealed).unwrap().expose(), "+48501234567");
        assert!(keys.unseal(other, Field::Phone, &sealed).is_err());
        assert!(keys.unseal(citizen, Field::Pesel, &sealed).is_err());
        assert!(self::keys().unseal(citizen, Field::Phone, &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(keys.unseal(citizen, Field::Phone, &changed).is_err(), "byte {at}");
            assert!(keys.unseal(citizen, Field::Phone, &sealed[..at]).is_err(), "cut at {at}");
        }
        assert_ne!(keys.seal(citizen, Field::Phone, "+48501234567").unwrap(), sealed);
    }

    #[test]
    fn equal_digits_of_two_kinds_are_found_apart() {
        let keys = keys();
        assert_ne!(keys.index(Field::Pesel, "48501234567"), keys.index(Field::Phone, "48501234567"));
        assert_eq!(keys.index(Field::Phone, "48501234567").hex().len(), 64);
    }

    #[test]
    fn the_configured_share_is_drawn_and_another_key_draws_others() {
        let (keys, others) = (keys(), keys());
        let now = Timestamp::from_seconds(1_795_341_600);
        let uses: Vec<_> = (0..4_000).map(|_| VerificationId::generate_at(now)).collect();
        let drawn = |keys: &CitizenKeys, permille| uses.iter().filter(|id| keys.draws(**id, permille)).count();
        assert_eq!((drawn(&keys, 0), drawn(&keys, 1_000)), (0, uses.len()));
        // 4 000 draws of a tenth: the standard deviation is 19.
        assert!((300..500).contains(&drawn(&keys, 100)), "{}", drawn(&keys, 100));
        let same = uses.iter().filter(|id| keys.draws(**id, 100) && others.draws(**id, 100)).count();
        assert!(same < 120, "{same}");
    }

    #[test]
    fn without_its_keys_nothing_starts() {
        let directory = tempfile::tempdir().unwrap();
        let config = CitizenKeysConfig { directory: directory.path().to_owned(), create: false };
        assert!(matches!(CitizenKeys::open(&config), Err(CitizenKeysError::File(_))));
    }
}
