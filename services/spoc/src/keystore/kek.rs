//! The key that encrypts keys: where it comes from and what it seals.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::KeyStoreError;

/// Where the key encryption key comes from.
pub enum KekSource<'a> {
    /// Derived from a passphrase by Argon2id (RFC 9106) with the store's own salt.
    Passphrase(&'a str),
    /// The thirty-two bytes themselves, from a file that an operator keeps elsewhere.
    Raw(&'a [u8]),
}

impl fmt::Debug for KekSource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passphrase(_) => "Passphrase(***)",
            Self::Raw(_) => "Raw(***)",
        })
    }
}

/// How a store's key encryption key is derived; kept in the store's header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Derivation {
    /// Argon2id, version 0x13.
    Argon2id {
        /// Memory in KiB.
        memory_kib: u32,
        /// Passes over the memory.
        passes: u32,
        /// Lanes.
        lanes: u32,
        /// Sixteen random bytes, lower-case hex.
        salt: String,
    },
    /// The key file's bytes are the key.
    KeyFile,
}

/// Bounds on what a header may ask for, so that a tampered one can neither weaken the derivation nor exhaust the memory.
const MEMORY_KIB: std::ops::RangeInclusive<u32> = 8 * 1024..=1024 * 1024;
const PASSES: std::ops::RangeInclusive<u32> = 1..=16;
const LANES: std::ops::RangeInclusive<u32> = 1..=8;

impl Derivation {
    /// The derivation for a new store. RFC 9106 §4, second recommended option (64 MiB, three passes, four lanes).
    pub(super) fn for_new_store(source: &KekSource<'_>) -> Result<Self, KeyStoreError> {
        match source {
            KekSource::Raw(_) => Ok(Self::KeyFile),
            KekSource::Passphrase(_) => {
                let mut salt = [0; 16];
                aws_lc_rs::rand::fill(&mut salt).map_err(|_| KeyStoreError::Randomness)?;
                Ok(Self::Argon2id { memory_kib: 64 * 1024, passes: 3, lanes: 4, salt: hex::encode(salt) })
            }
        }
    }

    fn derive(&self, source: &KekSource<'_>) -> Result<Zeroizing<[u8; 32]>, KeyStoreError> {
        let mut key = Zeroizing::new([0; 32]);
        match (self, source) {
            (Self::KeyFile, KekSource::Raw(bytes)) => {
                if bytes.len() != key.len() {
                    return Err(KeyStoreError::KeyFileLength { found: bytes.len() });
                }
                key.copy_from_slice(bytes);
            }
            (Self::Argon2id { memory_kib, passes, lanes, salt }, KekSource::Passphrase(passphrase)) => {
                if !MEMORY_KIB.contains(memory_kib) || !PASSES.contains(passes) || !LANES.contains(lanes) {
                    return Err(KeyStoreError::Header("the Argon2id cost is out of bounds"));
                }
                let salt = hex::decode(salt).map_err(|_| KeyStoreError::Header("the salt is no hex"))?;
                let params = Params::new(*memory_kib, *passes, *lanes, Some(key.len()))
                    .map_err(|_| KeyStoreError::Header("the Argon2id cost is out of bounds"))?;
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                    .hash_password_into(passphrase.as_bytes(), &salt, key.as_mut())
                    .map_err(|_| KeyStoreError::Header("the salt is too short"))?;
            }
            (Self::KeyFile, KekSource::Passphrase(_)) => return Err(KeyStoreError::KekKind { expected: "a key file" }),
            (Self::Argon2id { .. }, KekSource::Raw(_)) => {
                return Err(KeyStoreError::KekKind { expected: "a passphrase" });
            }
        }
        Ok(key)
    }

    /// Derives the key encryption key. Takes about a tenth of a second for a passphrase, on purpose.
    pub(super) fn kek(&self, source: &KekSource<'_>) -> Result<Kek, KeyStoreError> {
        let key = self.derive(source)?;
        RandomizedNonceKey::new(&AES_256_GCM, key.as_ref()).map(Kek).map_err(|_| KeyStoreError::Crypto)
    }
}

/// Sealed bytes: AES-256-GCM with a random nonce.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sealed {
    /// Twelve bytes, lower-case hex.
    nonce: String,
    /// Ciphertext and tag, lower-case hex.
    ciphertext: String,
}

/// The key encryption key, ready for use. Never printed.
pub(super) struct Kek(RandomizedNonceKey);

impl Kek {
    /// Seals `plaintext`, bound to `context`.
    pub(super) fn seal(&self, context: &[u8], plaintext: &[u8]) -> Result<Sealed, KeyStoreError> {
        // The plaintext is overwritten by its ciphertext in place, so this copy leaves nothing behind.
        let mut buffer = plaintext.to_vec();
        let nonce =
            self.0.seal_in_place_append_tag(Aad::from(context), &mut buffer).map_err(|_| KeyStoreError::Crypto)?;
        Ok(Sealed { nonce: hex::encode(nonce.as_ref()), ciphertext: hex::encode(buffer) })
    }

    /// Opens what [`Kek::seal`] sealed under the same context.
    ///
    /// # Errors
    /// [`KeyStoreError::Unsealable`] when key, context or bytes are other than those it was sealed with.
    pub(super) fn open(&self, context: &[u8], sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        let nonce: [u8; 12] = hex::decode(&sealed.nonce)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(KeyStoreError::Header("the nonce is not twelve bytes of hex"))?;
        let mut buffer = Zeroizing::new(
            hex::decode(&sealed.ciphertext).map_err(|_| KeyStoreError::Header("the ciphertext is no hex"))?,
        );
        let length = self
            .0
            .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut buffer)
            .map_err(|_| KeyStoreError::Unsealable)?
            .len();
        buffer.truncate(length);
        Ok(buffer)
    }
}

impl fmt::Debug for Kek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kek(***)")
    }
}
