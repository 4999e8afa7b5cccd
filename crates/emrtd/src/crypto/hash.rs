//! Hash algorithms.

use std::fmt;

use openssl::hash::{MessageDigest, hash};

use super::CryptoError;
use crate::asn1::Oid;

/// A hash algorithm of Doc 9303-11 §5, or SHA-1 of older documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HashAlgorithm {
    /// SHA-1: verified, reported as weak.
    Sha1,
    /// SHA-224
    Sha224,
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
}

impl HashAlgorithm {
    const OIDS: [(Self, Oid<'static>); 5] = [
        (Self::Sha1, Oid::constant(&[0x2B, 0x0E, 0x03, 0x02, 0x1A])),
        (Self::Sha224, Oid::constant(&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04])),
        (Self::Sha256, Oid::constant(&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01])),
        (Self::Sha384, Oid::constant(&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02])),
        (Self::Sha512, Oid::constant(&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03])),
    ];

    /// The algorithm an identifier names.
    ///
    /// # Errors
    /// [`CryptoError::UnsupportedAlgorithm`]
    pub fn from_oid(oid: Oid<'_>) -> Result<Self, CryptoError> {
        let found = Self::OIDS.iter().find(|(_, known)| *known == oid);
        found.map(|(algorithm, _)| *algorithm).ok_or_else(|| CryptoError::UnsupportedAlgorithm(oid.to_string()))
    }

    /// Its identifier.
    #[must_use]
    pub fn oid(self) -> Oid<'static> {
        let [sha1, sha224, sha256, sha384, sha512] = Self::OIDS;
        match self {
            Self::Sha1 => sha1.1,
            Self::Sha224 => sha224.1,
            Self::Sha256 => sha256.1,
            Self::Sha384 => sha384.1,
            Self::Sha512 => sha512.1,
        }
    }

    pub(crate) fn message_digest(self) -> MessageDigest {
        match self {
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha224 => MessageDigest::sha224(),
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }

    /// The length of a digest in bytes.
    #[must_use]
    pub fn length(self) -> usize {
        self.message_digest().size()
    }

    /// The digest of some bytes.
    ///
    /// # Errors
    /// [`CryptoError::Library`]
    pub fn digest(self, bytes: &[u8]) -> Result<Vec<u8>, CryptoError> {
        Ok(hash(self.message_digest(), bytes)?.to_vec())
    }
}

impl fmt::Display for HashAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        })
    }
}
