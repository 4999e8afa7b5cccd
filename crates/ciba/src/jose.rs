//! Signatures in JSON (JWS in compact form, RFC 7515): ours made, the provider's verified.

mod keys;
mod signer;

use jsonwebtoken::Algorithm;

pub(crate) use keys::{KeySet, Signed};
pub use signer::{InvalidKey, MemoryKey, Signer, SigningFailed};
pub(crate) use signer::{random_text, sign};

/// Algorithms of RFC 7518 and RFC 8037 that are used here. None with a shared secret, and no `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256: what most operators still sign with.
    Rs256,
    /// Ed25519.
    EdDsa,
}

impl SignatureAlgorithm {
    /// All of them, the preferred ones first.
    pub const ALL: [Self; 5] = [Self::Es256, Self::Es384, Self::EdDsa, Self::Ps256, Self::Rs256];

    /// As `alg` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }

    fn of(algorithm: Algorithm) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.known() == algorithm)
    }

    const fn known(self) -> Algorithm {
        match self {
            Self::Es256 => Algorithm::ES256,
            Self::Es384 => Algorithm::ES384,
            Self::Ps256 => Algorithm::PS256,
            Self::Rs256 => Algorithm::RS256,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }
}
