//! Why bytes are not a certificate or request, and why a key or signature cannot be used.

use openssl::error::ErrorStack;

use crate::chat::ChatError;
use crate::date::DateError;
use crate::domain_parameters::DomainParameterError;
use crate::reference::ReferenceError;
use crate::tlv::TlvError;

/// Bytes that are not what they were said to be. Nothing of them is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The structure is not that of TR-03110-3 C.1 or C.2, or not DER.
    #[error("structure (TR-03110-3 C.1, D.2): {0}")]
    Structure(#[from] TlvError),
    /// The profile identifier is not 0, the only version there is (TR-03110-3 C.1.1).
    #[error("unknown certificate profile (TR-03110-3 C.1.1)")]
    Profile,
    /// An authority or holder reference (TR-03110-3 C.1.2, C.1.4).
    #[error("reference (TR-03110-3 C.1.2): {0}")]
    Reference(#[from] ReferenceError),
    /// The authorisation template (TR-03110-3 C.1.5).
    #[error("authorisation template (TR-03110-3 C.1.5): {0}")]
    Chat(#[from] ChatError),
    /// Effective or expiration date (TR-03110-3 D.2.1.3).
    #[error("date (TR-03110-3 D.2.1.3): {0}")]
    Date(#[from] DateError),
    /// The key's object identifier names no signature algorithm (TR-03110-3 D.3).
    #[error("unknown signature algorithm (TR-03110-3 D.3)")]
    Algorithm,
    /// An integer of the key is empty or not of minimal length (TR-03110-3 D.2.1.1).
    #[error("an integer of the public key is not of minimal length (TR-03110-3 D.2.1.1)")]
    Integer,
    /// A point is not in uncompressed form (TR-03110-3 D.2.1.2).
    #[error("a point is not in uncompressed form (TR-03110-3 D.2.1.2)")]
    Point,
    /// Some but not all domain parameters are present (TR-03110-3 D.3.3).
    #[error("domain parameters are all present or all absent (TR-03110-3 D.3.3)")]
    ParametersIncomplete,
    /// The signature is empty.
    #[error("the signature is empty (TR-03110-3 C.1.8)")]
    EmptySignature,
}

/// A public key that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// An elliptic curve key without domain parameters, and none to inherit.
    #[error("the key has no domain parameters and there are none to inherit")]
    ParametersMissing,
    /// Domain parameters or point.
    #[error(transparent)]
    Parameters(#[from] DomainParameterError),
    /// An RSA modulus shorter than 1024 or longer than 8192 bits.
    #[error("the RSA modulus has {0} bits; supported are 1024 to 8192")]
    ModulusSize(usize),
    /// An RSA exponent that is even, 1 or longer than 64 bits, or an even modulus.
    #[error("the RSA key is not usable")]
    Rsa,
    /// The algorithm is not of the key's family.
    #[error("the algorithm does not belong to this kind of key")]
    Family,
    /// Not a PKCS#8 private key, or one of another kind.
    #[error("not a PKCS#8 private key of a supported kind")]
    Pkcs8,
    /// The cryptographic library failed.
    #[error("cryptographic library: {0}")]
    Library(#[from] ErrorStack),
}

/// A signature that does not verify.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// Not as long as the key asks for: r‖s of the order's length each, or the modulus' length.
    #[error("the signature has {found} bytes, the key asks for {expected}")]
    Length {
        /// What the key asks for.
        expected: usize,
        /// What there was.
        found: usize,
    },
    /// A digest of another length than the algorithm's hash.
    #[error("the digest has {found} bytes, the algorithm asks for {expected}")]
    Digest {
        /// What the algorithm asks for.
        expected: usize,
        /// What there was.
        found: usize,
    },
    /// Not made by this key over these bytes.
    #[error("the signature is not valid")]
    Invalid,
    /// The cryptographic library failed.
    #[error("cryptographic library: {0}")]
    Library(#[from] ErrorStack),
}
