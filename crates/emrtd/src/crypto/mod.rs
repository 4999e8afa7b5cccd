//! Hashes, public keys and signatures of travel documents: what OpenSSL computes, chosen by what the documents say.
//!
//! OpenSSL's own certificate path refuses explicit elliptic curve parameters, its certificate and CMS objects hide the bytes that were
//! signed; so only its arithmetic is used. ECDSA goes through the low-level key on a group computed once per process: going through
//! `EVP_PKEY` costs an export of the key for every signature in OpenSSL 3.

mod hash;
mod key;
mod signature;

pub use hash::HashAlgorithm;
pub use key::PublicKey;
pub use signature::{AlgorithmIdentifier, SignatureAlgorithm};

use crate::asn1::Asn1Error;

/// Why a signature could not be found good.
#[derive(Debug, thiserror::Error)]
pub enum CryptoError {
    /// The signature is not this key's over these bytes.
    #[error("the signature does not verify")]
    BadSignature,
    /// The key is of another kind than the signature algorithm calls for.
    #[error("the key is not one of the signature algorithm")]
    KeyMismatch,
    /// The key is malformed, or its point is not on the curve.
    #[error("malformed public key")]
    MalformedKey,
    /// The parameters of an algorithm are malformed or contradict it.
    #[error("malformed parameters of algorithm {0}")]
    MalformedParameters(String),
    /// An algorithm that is not computed here.
    #[error("algorithm {0} is not supported")]
    UnsupportedAlgorithm(String),
    /// A curve that equals none of the standardised ones in every parameter.
    #[error("the curve is none of the standardised ones")]
    UnsupportedCurve,
    /// A malformed structure.
    #[error(transparent)]
    Asn1(#[from] Asn1Error),
    /// OpenSSL failed at something that has no reason to fail.
    #[error("cryptographic library: {0}")]
    Library(#[from] openssl::error::ErrorStack),
}

impl CryptoError {
    /// Is this a verdict on the bytes, rather than a limit of this implementation?
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        !matches!(self, Self::UnsupportedAlgorithm(_) | Self::UnsupportedCurve | Self::Library(_))
    }

    /// A short code for evidence.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadSignature => "signature_does_not_verify",
            Self::KeyMismatch => "key_is_not_of_the_algorithm",
            Self::MalformedKey => "malformed_public_key",
            Self::MalformedParameters(_) => "malformed_algorithm_parameters",
            Self::UnsupportedAlgorithm(_) => "algorithm_not_supported",
            Self::UnsupportedCurve => "curve_not_supported",
            Self::Asn1(_) => "malformed_structure",
            Self::Library(_) => "cryptographic_library",
        }
    }
}
