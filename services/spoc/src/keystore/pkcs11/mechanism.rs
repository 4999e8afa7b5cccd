//! How the algorithms of CV certificates are asked of a token (PKCS#11 v2.40 §2.1 for RSA, §2.3 for elliptic curves).

use cryptoki::mechanism::{
    Mechanism, MechanismType,
    rsa::{PkcsMgfType, PkcsPssParams},
};
use cvc::{
    algorithm::{Algorithm, Hash, Scheme},
    error::SignatureError,
    private_key::SignError,
    public_key::PublicKey,
};

/// DER of DigestInfo up to the digest (RFC 8017 §9.2, note 1): CKM_RSA_PKCS pads, but does not say which hash it was.
const DIGEST_INFO_SHA_224: &[u8] = b"\x30\x2d\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x04\x05\x00\x04\x1c";
const DIGEST_INFO_SHA_256: &[u8] = b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
const DIGEST_INFO_SHA_384: &[u8] = b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30";
const DIGEST_INFO_SHA_512: &[u8] = b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40";

/// A call of C_Sign.
#[derive(Debug)]
pub(super) struct Signing {
    pub(super) mechanism: Mechanism<'static>,
    pub(super) input: Vec<u8>,
}

/// What to ask of a token for the signature of `key` over `digest`.
///
/// # Errors
/// [`SignError`] for SHA-1 and for a digest of another length than the algorithm's hash has.
pub(super) fn signing(key: &PublicKey, digest: &[u8]) -> Result<Signing, SignError> {
    let algorithm = key.algorithm();
    let hash = algorithm.hash();
    if digest.len() != hash.length() {
        return Err(SignatureError::Digest { expected: hash.length(), found: digest.len() }.into());
    }
    let weak = || SignError::WeakAlgorithm(algorithm);
    let (info, hash_alg, mgf) = of_hash(hash).ok_or_else(weak)?;
    Ok(match algorithm.scheme() {
        Scheme::Ecdsa => Signing { mechanism: Mechanism::Ecdsa, input: leftmost(key, digest) },
        Scheme::RsaPkcs1 => Signing { mechanism: Mechanism::RsaPkcs, input: [info, digest].concat() },
        Scheme::RsaPss => {
            let length = u32::try_from(hash.length()).map_err(|_| weak())?;
            let parameters = PkcsPssParams { hash_alg, mgf, s_len: u64::from(length).into() };
            Signing { mechanism: Mechanism::RsaPkcsPss(parameters), input: digest.to_vec() }
        }
    })
}

/// ECDSA signs as many leftmost bits of a digest as the order has (FIPS 186-5 §6.4.1). Tokens differ in whether they cut a longer one, so it is cut
/// here. Whole bytes are enough: no digest is longer than P-521's order, the only one that is not of whole bytes.
fn leftmost(key: &PublicKey, digest: &[u8]) -> Vec<u8> {
    let order = key.signature_length() / 2;
    digest[..digest.len().min(order)].to_vec()
}

/// None for SHA-1, which is not issued any more.
const fn of_hash(hash: Hash) -> Option<(&'static [u8], MechanismType, PkcsMgfType)> {
    match hash {
        Hash::Sha1 => None,
        Hash::Sha224 => Some((DIGEST_INFO_SHA_224, MechanismType::SHA224, PkcsMgfType::MGF1_SHA224)),
        Hash::Sha256 => Some((DIGEST_INFO_SHA_256, MechanismType::SHA256, PkcsMgfType::MGF1_SHA256)),
        Hash::Sha384 => Some((DIGEST_INFO_SHA_384, MechanismType::SHA384, PkcsMgfType::MGF1_SHA384)),
        Hash::Sha512 => Some((DIGEST_INFO_SHA_512, MechanismType::SHA512, PkcsMgfType::MGF1_SHA512)),
    }
}

/// The digest a new key signs first.
pub(super) fn first_digest(algorithm: Algorithm) -> Vec<u8> {
    vec![0x5A; algorithm.hash().length()]
}
