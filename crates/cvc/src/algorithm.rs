//! Signature algorithms of Terminal Authentication (TR-03110-3 A.7.3, A.7.4): object identifiers under id-TA.

use std::fmt;
use std::str::FromStr;

use openssl::hash::MessageDigest;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Prefix 0.4.0.127.0.7.2.2.2 (id-TA).
const ID_TA: [u8; 8] = [4, 0, 0x7F, 0, 7, 2, 2, 2];

/// The text or identifier names none of the algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown signature algorithm")]
pub struct UnknownAlgorithm;

/// The hash an algorithm signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hash {
    /// SHA-1: verified in existing material, never used for new signatures.
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

impl Hash {
    /// OpenSSL's name for it.
    pub fn message_digest(self) -> MessageDigest {
        match self {
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha224 => MessageDigest::sha224(),
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }

    /// Length in bytes.
    pub const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The usual name, `SHA-256` for instance.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How the hash is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5
    RsaPkcs1,
    /// RSASSA-PSS: MGF1 with the same hash, salt as long as the hash.
    RsaPss,
    /// ECDSA, plain signature r‖s.
    Ecdsa,
}

/// One of the eleven algorithms: the only pairs of scheme and hash that have an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// id-TA-RSA-v1-5-SHA-1
    RsaPkcs1Sha1,
    /// id-TA-RSA-v1-5-SHA-256
    RsaPkcs1Sha256,
    /// id-TA-RSA-PSS-SHA-1
    RsaPssSha1,
    /// id-TA-RSA-PSS-SHA-256
    RsaPssSha256,
    /// id-TA-RSA-v1-5-SHA-512
    RsaPkcs1Sha512,
    /// id-TA-RSA-PSS-SHA-512
    RsaPssSha512,
    /// id-TA-ECDSA-SHA-1
    EcdsaSha1,
    /// id-TA-ECDSA-SHA-224
    EcdsaSha224,
    /// id-TA-ECDSA-SHA-256
    EcdsaSha256,
    /// id-TA-ECDSA-SHA-384
    EcdsaSha384,
    /// id-TA-ECDSA-SHA-512
    EcdsaSha512,
}

impl Algorithm {
    /// All of them, in the order of their identifiers.
    pub const ALL: [Self; 11] = [
        Self::RsaPkcs1Sha1,
        Self::RsaPkcs1Sha256,
        Self::RsaPssSha1,
        Self::RsaPssSha256,
        Self::RsaPkcs1Sha512,
        Self::RsaPssSha512,
        Self::EcdsaSha1,
        Self::EcdsaSha224,
        Self::EcdsaSha256,
        Self::EcdsaSha384,
        Self::EcdsaSha512,
    ];

    /// The value of the object identifier.
    pub const fn oid(self) -> [u8; 10] {
        let (family, member) = match self {
            Self::RsaPkcs1Sha1 => (1, 1),
            Self::RsaPkcs1Sha256 => (1, 2),
            Self::RsaPssSha1 => (1, 3),
            Self::RsaPssSha256 => (1, 4),
            Self::RsaPkcs1Sha512 => (1, 5),
            Self::RsaPssSha512 => (1, 6),
            Self::EcdsaSha1 => (2, 1),
            Self::EcdsaSha224 => (2, 2),
            Self::EcdsaSha256 => (2, 3),
            Self::EcdsaSha384 => (2, 4),
            Self::EcdsaSha512 => (2, 5),
        };
        let [a, b, c, d, e, f, g, h] = ID_TA;
        [a, b, c, d, e, f, g, h, family, member]
    }

    /// The algorithm with that object identifier.
    pub fn from_oid(oid: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.oid() == oid)
    }

    /// The hash it signs.
    pub const fn hash(self) -> Hash {
        match self {
            Self::RsaPkcs1Sha1 | Self::RsaPssSha1 | Self::EcdsaSha1 => Hash::Sha1,
            Self::EcdsaSha224 => Hash::Sha224,
            Self::RsaPkcs1Sha256 | Self::RsaPssSha256 | Self::EcdsaSha256 => Hash::Sha256,
            Self::EcdsaSha384 => Hash::Sha384,
            Self::RsaPkcs1Sha512 | Self::RsaPssSha512 | Self::EcdsaSha512 => Hash::Sha512,
        }
    }

    /// How it signs.
    pub const fn scheme(self) -> Scheme {
        match self {
            Self::RsaPkcs1Sha1 | Self::RsaPkcs1Sha256 | Self::RsaPkcs1Sha512 => Scheme::RsaPkcs1,
            Self::RsaPssSha1 | Self::RsaPssSha256 | Self::RsaPssSha512 => Scheme::RsaPss,
            Self::EcdsaSha1 | Self::EcdsaSha224 | Self::EcdsaSha256 | Self::EcdsaSha384 | Self::EcdsaSha512 => {
                Scheme::Ecdsa
            }
        }
    }

    /// True for the algorithms that are verified in existing material and never issued (SHA-1).
    pub const fn is_weak(self) -> bool {
        matches!(self.hash(), Hash::Sha1)
    }

    /// The name in TR-03110-3.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaPkcs1Sha1 => "id-TA-RSA-v1-5-SHA-1",
            Self::RsaPkcs1Sha256 => "id-TA-RSA-v1-5-SHA-256",
            Self::RsaPssSha1 => "id-TA-RSA-PSS-SHA-1",
            Self::RsaPssSha256 => "id-TA-RSA-PSS-SHA-256",
            Self::RsaPkcs1Sha512 => "id-TA-RSA-v1-5-SHA-512",
            Self::RsaPssSha512 => "id-TA-RSA-PSS-SHA-512",
            Self::EcdsaSha1 => "id-TA-ECDSA-SHA-1",
            Self::EcdsaSha224 => "id-TA-ECDSA-SHA-224",
            Self::EcdsaSha256 => "id-TA-ECDSA-SHA-256",
            Self::EcdsaSha384 => "id-TA-ECDSA-SHA-384",
            Self::EcdsaSha512 => "id-TA-ECDSA-SHA-512",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name)).ok_or(UnknownAlgorithm)
    }
}

impl Serialize for Algorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Algorithm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, Hash, Scheme};

    #[test]
    fn each_algorithm_is_found_by_its_identifier_and_its_name() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_oid(&algorithm.oid()), Some(algorithm));
            assert_eq!(algorithm.name().parse(), Ok(algorithm));
            assert!(algorithm.name().ends_with(algorithm.hash().name()), "{algorithm}");
            assert_eq!(algorithm.is_weak(), algorithm.hash() == Hash::Sha1);
        }
        assert_eq!(Algorithm::from_oid(&[4, 0, 0x7F, 0, 7, 2, 2, 2, 2, 6]), None);
    }

    #[test]
    fn the_identifiers_are_those_of_the_standard() {
        // 0.4.0.127.0.7.2.2.2.2.3
        let oid = [4, 0, 0x7F, 0, 7, 2, 2, 2, 2, 3];
        assert_eq!(Algorithm::from_oid(&oid), Some(Algorithm::EcdsaSha256));
        assert_eq!(Algorithm::EcdsaSha256.scheme(), Scheme::Ecdsa);
        assert_eq!(Algorithm::from_oid(&[4, 0, 0x7F, 0, 7, 2, 2, 2, 1, 5]), Some(Algorithm::RsaPkcs1Sha512));
    }
}
