//! Signature algorithms and their verification.

use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::pkey::{PKey, Public};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Verifier};

use super::{CryptoError, HashAlgorithm, PublicKey};
use crate::asn1::{Oid, Reader, Tag, Tlv, encode};
use crate::check::{Tolerance, ToleranceCode};

/// 1.2.840.113549.1.1: PKCS #1
const PKCS1: Oid<'static> = Oid::constant(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01]);
/// 1.2.840.10045: ANSI X9.62
const X962: Oid<'static> = Oid::constant(&[0x2A, 0x86, 0x48, 0xCE, 0x3D]);
/// 0.4.0.127.0.7.1.1.4.1: ecdsa-plain-signatures of BSI TR-03111 §5.2.1
const BSI_PLAIN: Oid<'static> = Oid::constant(&[0x04, 0x00, 0x7F, 0x00, 0x07, 0x01, 0x01, 0x04, 0x01]);
/// 1.2.840.113549.1.1.8: MGF1
const MGF1: Oid<'static> = Oid::constant(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08]);

/// An AlgorithmIdentifier (RFC 5280 §4.1.1.2).
#[derive(Debug, Clone, Copy)]
pub struct AlgorithmIdentifier<'a> {
    /// The whole encoding.
    pub raw: &'a [u8],
    /// The algorithm.
    pub oid: Oid<'a>,
    /// Its parameters.
    pub parameters: Option<Tlv<'a>>,
}

impl<'a> AlgorithmIdentifier<'a> {
    /// Reads one.
    ///
    /// # Errors
    /// When the element is none.
    pub fn read(element: Tlv<'a>) -> Result<Self, CryptoError> {
        let mut fields = element.expect(Tag::SEQUENCE)?.reader();
        let oid = fields.next()?.oid()?;
        let parameters = fields.next_if_any()?;
        fields.finish()?;
        Ok(Self { raw: element.raw(), oid, parameters })
    }

    /// The hash algorithm it names; parameters must be absent or NULL.
    ///
    /// # Errors
    /// When it is no hash algorithm or has other parameters.
    pub fn hash(&self) -> Result<HashAlgorithm, CryptoError> {
        let hash = HashAlgorithm::from_oid(self.oid)?;
        if self.has_parameters() {
            return Err(CryptoError::MalformedParameters(self.oid.to_string()));
        }
        Ok(hash)
    }

    /// Are there parameters other than NULL?
    pub(crate) fn has_parameters(&self) -> bool {
        self.parameters.is_some_and(|parameters| parameters.tag() != Tag::NULL || !parameters.contents().is_empty())
    }
}

/// How an ECDSA signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EcdsaFormat {
    /// A SEQUENCE of r and s (RFC 3279 §2.2.3).
    Der,
    /// r‖s at the length of the order (TR-03111 §5.2.1).
    Plain,
}

/// A signature algorithm with everything needed to verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5
    RsaPkcs1(HashAlgorithm),
    /// RSASSA-PSS with the parameters of the signature, never those of a certificate's key.
    RsaPss {
        /// Hash of the message.
        hash: HashAlgorithm,
        /// Hash of the mask generation.
        mask_hash: HashAlgorithm,
        /// Salt length in bytes.
        salt_length: u16,
    },
    /// ECDSA
    Ecdsa(HashAlgorithm, EcdsaFormat),
}

impl SignatureAlgorithm {
    /// Which algorithm an identifier means. `digest` is the hash a CMS SignerInfo names beside it: it completes `rsaEncryption` and
    /// `id-ecPublicKey`, and is reported where the two contradict each other.
    ///
    /// # Errors
    /// When the algorithm is unknown or its parameters malformed.
    pub fn read(
        identifier: &AlgorithmIdentifier<'_>,
        digest: Option<HashAlgorithm>,
        at: &'static str,
        tolerances: &mut Vec<Tolerance>,
    ) -> Result<Self, CryptoError> {
        let unsupported = || CryptoError::UnsupportedAlgorithm(identifier.oid.to_string());
        let mut complete = || {
            let detail = format!("{} completed by the digest algorithm", identifier.oid);
            tolerances.push(Tolerance::new(ToleranceCode::SignatureAlgorithmIncomplete, at, detail));
        };
        let algorithm = if let Some(rest) = identifier.oid.below(PKCS1) {
            match rest {
                // A SignerInfo may name the key's algorithm alone (RFC 3370 §3.2).
                [1] => Self::RsaPkcs1(digest.ok_or_else(unsupported)?),
                [5] => Self::RsaPkcs1(HashAlgorithm::Sha1),
                [10] => return pss(identifier),
                [11] => Self::RsaPkcs1(HashAlgorithm::Sha256),
                [12] => Self::RsaPkcs1(HashAlgorithm::Sha384),
                [13] => Self::RsaPkcs1(HashAlgorithm::Sha512),
                [14] => Self::RsaPkcs1(HashAlgorithm::Sha224),
                _ => return Err(unsupported()),
            }
        } else if let Some(rest) = identifier.oid.below(X962) {
            let hash = match rest {
                [4, 1] => HashAlgorithm::Sha1,
                [4, 3, 1] => HashAlgorithm::Sha224,
                [4, 3, 2] => HashAlgorithm::Sha256,
                [4, 3, 3] => HashAlgorithm::Sha384,
                [4, 3, 4] => HashAlgorithm::Sha512,
                [2, 1] => {
                    complete();
                    digest.ok_or_else(unsupported)?
                }
                _ => return Err(unsupported()),
            };
            Self::Ecdsa(hash, EcdsaFormat::Der)
        } else {
            let hash = match identifier.oid.below(BSI_PLAIN) {
                Some([1]) => HashAlgorithm::Sha1,
                Some([2]) => HashAlgorithm::Sha224,
                Some([3]) => HashAlgorithm::Sha256,
                Some([4]) => HashAlgorithm::Sha384,
                Some([5]) => HashAlgorithm::Sha512,
                _ => return Err(unsupported()),
            };
            Self::Ecdsa(hash, EcdsaFormat::Plain)
        };
        let null_expected = matches!(algorithm, Self::RsaPkcs1(_));
        if identifier.has_parameters() {
            let detail = format!("{} with parameters", identifier.oid);
            tolerances.push(Tolerance::new(ToleranceCode::AlgorithmParameters, at, detail));
        } else if identifier.parameters.is_some() != null_expected {
            let detail = format!("{} {} NULL", identifier.oid, if null_expected { "without" } else { "with" });
            tolerances.push(Tolerance::new(ToleranceCode::AlgorithmParameters, at, detail));
        }
        Ok(algorithm)
    }

    /// The hash over the message.
    #[must_use]
    pub fn hash(&self) -> HashAlgorithm {
        match self {
            Self::RsaPkcs1(hash) | Self::RsaPss { hash, .. } | Self::Ecdsa(hash, _) => *hash,
        }
    }

    /// A short description for evidence: `ecdsa-sha256`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::RsaPkcs1(hash) => format!("rsa-pkcs1-{hash}"),
            Self::RsaPss { hash, .. } => format!("rsa-pss-{hash}"),
            Self::Ecdsa(hash, EcdsaFormat::Der) => format!("ecdsa-{hash}"),
            Self::Ecdsa(hash, EcdsaFormat::Plain) => format!("ecdsa-plain-{hash}"),
        }
    }

    /// Verifies a signature over a message.
    ///
    /// # Errors
    /// [`CryptoError::BadSignature`] when it does not verify, [`CryptoError::KeyMismatch`] for a key of another kind.
    pub fn verify(
        &self,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
        at: &'static str,
        tolerances: &mut Vec<Tolerance>,
    ) -> Result<(), CryptoError> {
        match (self, key) {
            (Self::Ecdsa(hash, format), PublicKey::Ec(curve, key)) => {
                let (signature, found) = ecdsa_signature(signature, *format, curve.curve().order_length())?;
                if !signature.verify(&hash.digest(message)?, key).unwrap_or(false) {
                    return Err(CryptoError::BadSignature);
                }
                let code = match (format, found) {
                    (EcdsaFormat::Der, EcdsaFormat::Plain) => Some(ToleranceCode::EcdsaPlainForDer),
                    (EcdsaFormat::Plain, EcdsaFormat::Der) => Some(ToleranceCode::EcdsaDerForPlain),
                    _ => None,
                };
                tolerances.extend(code.map(|code| Tolerance::new(code, at, "form of the signature")));
            }
            (Self::RsaPkcs1(hash), PublicKey::Rsa(key)) => {
                pkcs1(key, *hash, message, signature)?;
            }
            (Self::RsaPss { hash, mask_hash, salt_length }, PublicKey::Rsa(key)) => {
                let key = PKey::from_rsa(key.clone())?;
                let mut verifier = Verifier::new(hash.message_digest(), &key)?;
                verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
                verifier.set_rsa_mgf1_md(mask_hash.message_digest())?;
                verifier.set_rsa_pss_saltlen(RsaPssSaltlen::custom(i32::from(*salt_length)))?;
                if !verifier.verify_oneshot(signature, message).unwrap_or(false) {
                    return Err(CryptoError::BadSignature);
                }
            }
            _ => return Err(CryptoError::KeyMismatch),
        }
        if self.hash() == HashAlgorithm::Sha1 {
            tolerances.push(Tolerance::new(ToleranceCode::WeakHash, at, "signature over SHA-1"));
        }
        Ok(())
    }
}

/// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2): the padding is OpenSSL's to take off, what is left must be exactly the DigestInfo expected.
fn pkcs1(key: &Rsa<Public>, hash: HashAlgorithm, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
    let algorithm = [encode(Tag::OID, hash.oid().contents()), encode(Tag::NULL, &[])].concat();
    let digest = encode(Tag::OCTET_STRING, &hash.digest(message)?);
    let expected = encode(Tag::SEQUENCE, &[encode(Tag::SEQUENCE, &algorithm), digest].concat());
    let length = usize::try_from(key.size()).map_err(|_| CryptoError::MalformedKey)?;
    if signature.len() != length {
        return Err(CryptoError::BadSignature);
    }
    let mut recovered = vec![0; length];
    let taken = key.public_decrypt(signature, &mut recovered, Padding::PKCS1).map_err(|_| CryptoError::BadSignature)?;
    if recovered.get(..taken) == Some(expected.as_slice()) { Ok(()) } else { Err(CryptoError::BadSignature) }
}

/// The two numbers of an ECDSA signature, and the form they were in.
fn ecdsa_signature(
    signature: &[u8],
    announced: EcdsaFormat,
    order_length: usize,
) -> Result<(EcdsaSig, EcdsaFormat), CryptoError> {
    let plain = || {
        let (r, s) = signature.split_at_checked(order_length)?;
        (s.len() == order_length).then_some((r, s, EcdsaFormat::Plain))
    };
    let der = || {
        let mut fields = Reader::single_der(signature, Tag::SEQUENCE).ok()?.reader();
        let (r, _) = fields.next().ok()?.unsigned().ok()?;
        let (s, _) = fields.next().ok()?.unsigned().ok()?;
        fields.finish().ok()?;
        Some((r, s, EcdsaFormat::Der))
    };
    let found = match announced {
        EcdsaFormat::Der => der().or_else(plain),
        EcdsaFormat::Plain => plain().or_else(der),
    };
    let (r, s, form) = found.ok_or(CryptoError::BadSignature)?;
    Ok((EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?, form))
}

/// RSASSA-PSS-params (RFC 4055 §3.1), every field with its default.
fn pss(identifier: &AlgorithmIdentifier<'_>) -> Result<SignatureAlgorithm, CryptoError> {
    let malformed = || CryptoError::MalformedParameters(identifier.oid.to_string());
    let mut fields = identifier.parameters.ok_or_else(malformed)?.expect(Tag::SEQUENCE)?.reader();
    let hash = match fields.optional(Tag::context(0))? {
        Some(hash) => AlgorithmIdentifier::read(hash.reader().only()?)?.hash()?,
        None => HashAlgorithm::Sha1,
    };
    let mask_hash = match fields.optional(Tag::context(1))? {
        Some(mask) => {
            let mask = AlgorithmIdentifier::read(mask.reader().only()?)?;
            if mask.oid != MGF1 {
                return Err(CryptoError::UnsupportedAlgorithm(mask.oid.to_string()));
            }
            AlgorithmIdentifier::read(mask.parameters.ok_or_else(malformed)?)?.hash()?
        }
        None => HashAlgorithm::Sha1,
    };
    let salt_length = match fields.optional(Tag::context(2))? {
        Some(length) => u16::try_from(length.reader().only()?.u64()?).map_err(|_| malformed())?,
        None => 20,
    };
    if let Some(trailer) = fields.optional(Tag::context(3))?
        && trailer.reader().only()?.u64()? != 1
    {
        return Err(malformed());
    }
    fields.finish()?;
    Ok(SignatureAlgorithm::RsaPss { hash, mask_hash, salt_length })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::Rules;

    fn identifier(bytes: &[u8]) -> Result<SignatureAlgorithm, CryptoError> {
        let element = Reader::new(bytes, Rules::Ber)?.only()?;
        SignatureAlgorithm::read(&AlgorithmIdentifier::read(element)?, None, "here", &mut Vec::new())
    }

    #[test]
    fn pss_parameters_default_as_the_standard_says() {
        let bytes = [0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A, 0x30, 0x00];
        let expected =
            SignatureAlgorithm::RsaPss { hash: HashAlgorithm::Sha1, mask_hash: HashAlgorithm::Sha1, salt_length: 20 };
        assert_eq!(identifier(&bytes).unwrap(), expected);
    }

    #[test]
    fn pss_without_parameters_is_refused() {
        let bytes = [0x30, 0x0B, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A];
        assert!(matches!(identifier(&bytes), Err(CryptoError::MalformedParameters(_))));
    }

    #[test]
    fn an_algorithm_that_only_names_the_key_needs_a_digest_algorithm_beside_it() {
        let bytes = [0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00];
        assert!(matches!(identifier(&bytes), Err(CryptoError::UnsupportedAlgorithm(_))));
    }
}
