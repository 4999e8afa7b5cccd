//! The signature of Terminal Authentication (TR-03110-1, TR-03110-2, TR-03110-3 B.3): what a terminal signs, and its check.
//!
//! Version 1 and version 2 sign the same bytes: ID_PICC ‖ r_PICC ‖ Comp(PK_PCD) ‖ A_PCD. In version 1 PK_PCD is the
//! ephemeral key of Chip Authentication (or of PACE after PACE-CAM) and there are no auxiliary data.

use crate::algorithm::Algorithm;
use crate::algorithm::Hash;
use crate::error::SignatureError;
use crate::private_key::{SignError, Signer};
use crate::public_key::PublicKey;
use crate::signature::digest;
use openssl::hash::DigestBytes;

/// The parts of the input are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// ID_PICC is empty or longer than 256 bytes.
    #[error("ID_PICC has {0} bytes")]
    IdPicc(usize),
    /// r_PICC does not have 8 bytes.
    #[error("the challenge has {0} bytes, not 8")]
    Challenge(usize),
    /// Comp(PK_PCD) is empty or longer than 66 bytes, the x coordinate on P-521.
    #[error("the compressed key has {0} bytes")]
    CompressedKey(usize),
    /// Auxiliary data longer than 1024 bytes.
    #[error("the auxiliary data have {0} bytes")]
    AuxiliaryData(usize),
    /// A point that is not uncompressed.
    #[error("the point is not in uncompressed form")]
    Point,
}

/// Comp() of an elliptic curve key: the x coordinate at its fixed length, from the uncompressed point
/// (TR-03110-3 A.2.2.3).
///
/// # Errors
/// [`InputError::Point`] for another form.
pub fn compress_ecdh(point: &[u8]) -> Result<&[u8], InputError> {
    match point {
        [4, coordinates @ ..] if !coordinates.is_empty() && coordinates.len().is_multiple_of(2) => {
            Ok(&coordinates[..coordinates.len() / 2])
        }
        _ => Err(InputError::Point),
    }
}

/// Comp() of a Diffie-Hellman key: SHA-1 of the public value (TR-03110-3 A.2.2.3).
///
/// # Errors
/// [`SignatureError::Library`] when OpenSSL cannot hash.
pub fn compress_dh(public_value: &[u8]) -> Result<DigestBytes, SignatureError> {
    digest(Hash::Sha1, public_value)
}

/// What a terminal signs.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    id_picc: &'a [u8],
    challenge: [u8; 8],
    compressed_key: &'a [u8],
    auxiliary_data: &'a [u8],
}

impl<'a> Input<'a> {
    /// Puts the input together.
    ///
    /// `id_picc` is the chip's identifier: the document number with check digit (BAC, static binding; or the CAN if that
    /// was the password), or Comp() of the chip's ephemeral PACE key (dynamic binding). `compressed_key` is Comp() of
    /// the terminal's newest ephemeral key.
    ///
    /// # Errors
    /// [`InputError`] for a part of the wrong length.
    pub fn new(id_picc: &'a [u8], challenge: &[u8], compressed_key: &'a [u8]) -> Result<Self, InputError> {
        if id_picc.is_empty() || id_picc.len() > 256 {
            return Err(InputError::IdPicc(id_picc.len()));
        }
        let challenge = challenge.try_into().map_err(|_| InputError::Challenge(challenge.len()))?;
        if compressed_key.is_empty() || compressed_key.len() > 66 {
            return Err(InputError::CompressedKey(compressed_key.len()));
        }
        Ok(Self { id_picc, challenge, compressed_key, auxiliary_data: &[] })
    }

    /// Adds the auxiliary data of version 2, the encoded 67 object.
    ///
    /// # Errors
    /// [`InputError::AuxiliaryData`] beyond 1024 bytes.
    pub fn with_auxiliary_data(self, auxiliary_data: &'a [u8]) -> Result<Self, InputError> {
        if auxiliary_data.len() > 1024 {
            return Err(InputError::AuxiliaryData(auxiliary_data.len()));
        }
        Ok(Self { auxiliary_data, ..self })
    }

    /// The bytes to be signed.
    pub fn message(&self) -> Vec<u8> {
        [self.id_picc, &self.challenge, self.compressed_key, self.auxiliary_data].concat()
    }

    /// Their hash, which is all a control centre needs to see to sign: no document number leaves the terminal.
    ///
    /// # Errors
    /// [`SignatureError::Library`] when OpenSSL cannot hash.
    pub fn digest(&self, algorithm: Algorithm) -> Result<DigestBytes, SignatureError> {
        digest(algorithm.hash(), &self.message())
    }
}

/// Signs the parts with a terminal's key.
///
/// # Errors
/// [`SignError`]
pub fn sign(terminal: &dyn Signer, input: &Input<'_>) -> Result<Vec<u8>, SignError> {
    terminal.sign(&input.message())
}

/// Signs a hash the terminal computed with the algorithm of its certificate.
///
/// # Errors
/// [`SignError`] for a hash of another length.
pub fn sign_hash(terminal: &dyn Signer, hash: &[u8]) -> Result<Vec<u8>, SignError> {
    terminal.sign_digest(hash)
}

/// Checks a terminal's signature over the parts, as a chip does.
///
/// # Errors
/// [`SignatureError`] unless the signature is the terminal's.
pub fn verify(terminal: &PublicKey, input: &Input<'_>, signature: &[u8]) -> Result<(), SignatureError> {
    terminal.verify(&input.message(), signature)
}

/// Checks a terminal's signature over a hash.
///
/// # Errors
/// [`SignatureError`] unless the signature is the terminal's.
pub fn verify_hash(terminal: &PublicKey, hash: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
    terminal.verify_digest(hash, signature)
}
