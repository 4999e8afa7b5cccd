//! Verification of signatures (TR-03110-3 A.7.3, A.7.4): RSA v1.5 and PSS, ECDSA in plain form r‖s.
//!
//! ECDSA runs on OpenSSL's low-level key: handing a key to the EVP layer first exports it to a provider, which costs a
//! good part of a verification and brings nothing for a key that is used once.

use openssl::bn::BigNum;
use openssl::ec::EcKeyRef;
use openssl::ecdsa::EcdsaSig;
use openssl::hash::{DigestBytes, hash};
use openssl::md::{Md, MdRef};
use openssl::pkey::{HasPrivate, HasPublic, PKeyRef};
use openssl::pkey_ctx::{PkeyCtx, PkeyCtxRef};
use openssl::rsa::Padding;
use openssl::sign::RsaPssSaltlen;

use crate::algorithm::{Algorithm, Hash, Scheme};
use crate::error::SignatureError;
use crate::public_key::{Key, PublicKey};

impl PublicKey {
    /// Verifies a signature over `message` with the key's own algorithm.
    ///
    /// # Errors
    /// [`SignatureError`] unless the signature is this key's.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        self.verify_with(self.algorithm(), &digest(self.algorithm().hash(), message)?, signature)
    }

    /// Verifies a signature over a digest made with the hash of the key's own algorithm.
    ///
    /// # Errors
    /// [`SignatureError`] unless the signature is this key's.
    pub fn verify_digest(&self, digest: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        self.verify_with(self.algorithm(), digest, signature)
    }

    /// Verifies with another algorithm than the key's own: what a faulty link certificate was signed with.
    pub(crate) fn verify_with(
        &self,
        algorithm: Algorithm,
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        check_digest(algorithm, digest)?;
        let expected = self.signature_length();
        if signature.len() != expected {
            return Err(SignatureError::Length { expected, found: signature.len() });
        }
        let valid = match self.key() {
            Key::Ec { key, .. } => verify_plain(key, digest, signature)?,
            Key::Rsa { key, .. } => verify_rsa(key, algorithm, digest, signature)?,
        };
        if valid { Ok(()) } else { Err(SignatureError::Invalid) }
    }
}

/// Hashes a message.
///
/// # Errors
/// [`SignatureError::Library`] when OpenSSL cannot.
pub fn digest(algorithm: Hash, message: &[u8]) -> Result<DigestBytes, SignatureError> {
    Ok(hash(algorithm.message_digest(), message)?)
}

/// Verifies a plain ECDSA signature, r‖s of equal length (TR-03111 5.2.1), over a digest. A pair outside 1…n−1 is not
/// valid; so is one of odd length.
///
/// # Errors
/// [`SignatureError::Library`] when OpenSSL cannot.
pub fn verify_plain<T: HasPublic>(key: &EcKeyRef<T>, digest: &[u8], signature: &[u8]) -> Result<bool, SignatureError> {
    if signature.is_empty() || !signature.len().is_multiple_of(2) {
        return Ok(false);
    }
    let (r, s) = signature.split_at(signature.len() / 2);
    let pair = EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?;
    // OpenSSL reports r or s out of range, or a sum at infinity, as an error: such a signature is simply not valid.
    Ok(pair.verify(digest, key).unwrap_or(false))
}

/// Signs a digest with ECDSA in plain form, r and s of `order_length` bytes each.
pub(crate) fn sign_plain<T: HasPrivate>(
    key: &EcKeyRef<T>,
    order_length: usize,
    digest: &[u8],
) -> Result<Vec<u8>, SignatureError> {
    let pair = EcdsaSig::sign(digest, key)?;
    let length = i32::try_from(order_length).map_err(|_| SignatureError::Invalid)?;
    let mut signature = pair.r().to_vec_padded(length)?;
    signature.extend(pair.s().to_vec_padded(length)?);
    Ok(signature)
}

fn verify_rsa<T: HasPublic>(
    key: &PKeyRef<T>,
    algorithm: Algorithm,
    digest: &[u8],
    signature: &[u8],
) -> Result<bool, SignatureError> {
    let mut ctx = PkeyCtx::new(key)?;
    ctx.verify_init()?;
    configure(&mut ctx, algorithm)?;
    // A signature number not smaller than the modulus is an error to OpenSSL: not valid.
    Ok(ctx.verify(digest, signature).unwrap_or(false))
}

/// Signs a digest with RSA.
pub(crate) fn sign_rsa<T: HasPrivate>(
    key: &PKeyRef<T>,
    algorithm: Algorithm,
    digest: &[u8],
) -> Result<Vec<u8>, SignatureError> {
    let mut ctx = PkeyCtx::new(key)?;
    ctx.sign_init()?;
    configure(&mut ctx, algorithm)?;
    let mut signature = Vec::new();
    ctx.sign_to_vec(digest, &mut signature)?;
    Ok(signature)
}

/// PSS as TR-03110-3 A.7.3.1 has it: MGF1 with the same hash, salt as long as the hash.
fn configure<T>(ctx: &mut PkeyCtxRef<T>, algorithm: Algorithm) -> Result<(), SignatureError> {
    let md = md(algorithm.hash());
    let pss = algorithm.scheme() == Scheme::RsaPss;
    ctx.set_rsa_padding(if pss { Padding::PKCS1_PSS } else { Padding::PKCS1 })?;
    ctx.set_signature_md(md)?;
    if pss {
        ctx.set_rsa_mgf1_md(md)?;
        ctx.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
    }
    Ok(())
}

fn md(hash: Hash) -> &'static MdRef {
    match hash {
        Hash::Sha1 => Md::sha1(),
        Hash::Sha224 => Md::sha224(),
        Hash::Sha256 => Md::sha256(),
        Hash::Sha384 => Md::sha384(),
        Hash::Sha512 => Md::sha512(),
    }
}

pub(crate) fn check_digest(algorithm: Algorithm, digest: &[u8]) -> Result<(), SignatureError> {
    let expected = algorithm.hash().length();
    if digest.len() == expected { Ok(()) } else { Err(SignatureError::Digest { expected, found: digest.len() }) }
}
