//! Signature algorithms and the keys of a made-up state.

use cvc::domain_parameters::StandardisedCurve;
use openssl::asn1::Asn1Object;
use openssl::bn::BigNumContext;
use openssl::ec::{EcKey, PointConversionForm};
use openssl::ecdsa::EcdsaSig;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer};

use super::{BuilderError, Digest, der};
use crate::asn1::{Tag, encode};

/// Last arc of ecdsa-plain-signatures (TR-03111 §5.2.1) and, less one, of ecdsa-with-SHA2 (RFC 5758 §3.2).
pub(super) fn arc(digest: Digest) -> u8 {
    match digest {
        Digest::Sha1 => 1,
        Digest::Sha224 => 2,
        Digest::Sha256 => 3,
        Digest::Sha384 => 4,
        Digest::Sha512 => 5,
    }
}

/// AlgorithmIdentifier of a hash, without parameters.
pub(super) fn digest_identifier(digest: Digest) -> Vec<u8> {
    der::sequence(&[&digest_oid(digest)])
}

/// Identifier of a hash.
pub(super) fn digest_oid(digest: Digest) -> Vec<u8> {
    encode(Tag::OID, digest.oid().contents())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ecdsa { curve: StandardisedCurve, explicit: bool, plain: bool },
    RsaPkcs1 { bits: u32 },
    RsaPss { bits: u32 },
}

/// A signature algorithm with the kind of key it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Algorithm {
    kind: Kind,
    digest: Digest,
}

impl Algorithm {
    /// ECDSA with the curve named in certificates and signatures in DER.
    #[must_use]
    pub fn ecdsa(curve: StandardisedCurve, digest: Digest) -> Self {
        Self { kind: Kind::Ecdsa { curve, explicit: false, plain: false }, digest }
    }

    /// RSASSA-PKCS1-v1_5.
    #[must_use]
    pub fn rsa(bits: u32, digest: Digest) -> Self {
        Self { kind: Kind::RsaPkcs1 { bits }, digest }
    }

    /// RSASSA-PSS, MGF1 with the same hash, salt as long as the hash; keys are written as rsaEncryption.
    #[must_use]
    pub fn rsa_pss(bits: u32, digest: Digest) -> Self {
        Self { kind: Kind::RsaPss { bits }, digest }
    }

    /// Curve parameters are written out in full, as most CSCAs do. No effect on RSA.
    #[must_use]
    pub fn with_explicit_parameters(mut self) -> Self {
        if let Kind::Ecdsa { explicit, .. } = &mut self.kind {
            *explicit = true;
        }
        self
    }

    /// Signatures are plain r‖s under the identifiers of TR-03111 §5.2.1. No effect on RSA.
    #[must_use]
    pub fn with_plain_signatures(mut self) -> Self {
        if let Kind::Ecdsa { plain, .. } = &mut self.kind {
            *plain = true;
        }
        self
    }

    /// The hash of the signature.
    #[must_use]
    pub fn digest(self) -> Digest {
        self.digest
    }

    /// AlgorithmIdentifier of a signature.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn identifier(self) -> Result<Vec<u8>, BuilderError> {
        match self.kind {
            Kind::Ecdsa { plain: true, .. } => {
                Ok(der::sequence(&[&der::oid(&format!("0.4.0.127.0.7.1.1.4.1.{}", arc(self.digest)))?]))
            }
            Kind::Ecdsa { .. } if self.digest == Digest::Sha1 => Ok(der::sequence(&[&der::oid("1.2.840.10045.4.1")?])),
            Kind::Ecdsa { .. } => {
                Ok(der::sequence(&[&der::oid(&format!("1.2.840.10045.4.3.{}", arc(self.digest) - 1))?]))
            }
            Kind::RsaPkcs1 { .. } => {
                let arc = match self.digest {
                    Digest::Sha1 => 5,
                    Digest::Sha224 => 14,
                    Digest::Sha256 => 11,
                    Digest::Sha384 => 12,
                    Digest::Sha512 => 13,
                };
                Ok(der::sequence(&[&der::oid(&format!("1.2.840.113549.1.1.{arc}"))?, &encode(Tag::NULL, &[])]))
            }
            Kind::RsaPss { .. } => {
                let digest = digest_identifier(self.digest);
                let mask = der::sequence(&[&der::oid("1.2.840.113549.1.1.8")?, &digest]);
                let salt = u32::try_from(self.digest.length()).unwrap_or(0);
                let parameters = der::sequence(&[
                    &der::context(0, &digest),
                    &der::context(1, &mask),
                    &der::context(2, &der::number(salt)),
                ]);
                Ok(der::sequence(&[&der::oid("1.2.840.113549.1.1.10")?, &parameters]))
            }
        }
    }
}

/// A private key with the algorithm it signs by.
#[derive(Clone)]
pub struct SigningKey {
    algorithm: Algorithm,
    key: PKey<Private>,
    spki: Vec<u8>,
}

impl SigningKey {
    /// A new key.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn generate(algorithm: Algorithm) -> Result<Self, BuilderError> {
        let (key, spki) = match algorithm.kind {
            Kind::Ecdsa { curve, explicit, .. } => {
                let key = EcKey::generate(curve.group())?;
                let spki = ec_public_key_info(curve, &key, explicit)?;
                (PKey::from_ec_key(key)?, spki)
            }
            Kind::RsaPkcs1 { bits } | Kind::RsaPss { bits } => {
                let key = PKey::from_rsa(Rsa::generate(bits)?)?;
                let spki = key.public_key_to_der()?;
                (key, spki)
            }
        };
        Ok(Self { algorithm, key, spki })
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The same key, signing over another hash.
    #[must_use]
    pub fn with_digest(mut self, digest: Digest) -> Self {
        self.algorithm.digest = digest;
        self
    }

    /// The private half as PKCS#8, PEM: for a made-up server or client that speaks TLS with it.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn to_pkcs8_pem(&self) -> Result<Vec<u8>, BuilderError> {
        Ok(self.key.private_key_to_pem_pkcs8()?)
    }

    /// A key written by [`Self::to_pkcs8_pem`], on a named curve or RSA.
    ///
    /// # Errors
    /// When it is none of this algorithm's.
    pub fn from_pkcs8_pem(algorithm: Algorithm, pem: &[u8]) -> Result<Self, BuilderError> {
        let key = PKey::private_key_from_pem(pem)?;
        let spki = match algorithm.kind {
            Kind::Ecdsa { curve, explicit, .. } => ec_public_key_info(curve, &key.ec_key()?, explicit)?,
            Kind::RsaPkcs1 { .. } | Kind::RsaPss { .. } => key.rsa()?.public_key_to_der()?,
        };
        Ok(Self { algorithm, key, spki })
    }

    /// SubjectPublicKeyInfo.
    #[must_use]
    pub fn public_key_info(&self) -> &[u8] {
        &self.spki
    }

    /// Signs a message.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, BuilderError> {
        let mut signer = Signer::new(self.algorithm.digest.message_digest(), &self.key)?;
        if let Kind::RsaPss { .. } = self.algorithm.kind {
            signer.set_rsa_padding(Padding::PKCS1_PSS)?;
            signer.set_rsa_mgf1_md(self.algorithm.digest.message_digest())?;
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
        }
        let signature = signer.sign_oneshot_to_vec(message)?;
        match self.algorithm.kind {
            Kind::Ecdsa { curve, plain: true, .. } => plain_signature(&EcdsaSig::from_der(&signature)?, curve),
            _ => Ok(signature),
        }
    }
}

/// The private half is never printed.
impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// `r ‖ s`, each as long as the order of the curve.
pub(super) fn plain_signature(signature: &EcdsaSig, curve: StandardisedCurve) -> Result<Vec<u8>, BuilderError> {
    let length = i32::try_from(curve.curve().order_length()).unwrap_or(0);
    Ok([signature.r().to_vec_padded(length)?, signature.s().to_vec_padded(length)?].concat())
}

/// SubjectPublicKeyInfo of a key on a standardised curve, the curve named or written out (RFC 3279 §2.3.5).
pub(super) fn ec_public_key_info(
    curve: StandardisedCurve,
    key: &EcKey<Private>,
    explicit: bool,
) -> Result<Vec<u8>, BuilderError> {
    let mut context = BigNumContext::new()?;
    let point = key.public_key().to_bytes(curve.group(), PointConversionForm::UNCOMPRESSED, &mut context)?;
    let parameters = if explicit { explicit_parameters(curve)? } else { named_curve(curve)? };
    let identifier = der::sequence(&[&der::oid("1.2.840.10045.2.1")?, &parameters]);
    Ok(der::sequence(&[&identifier, &der::bit_string(&point)]))
}

fn named_curve(curve: StandardisedCurve) -> Result<Vec<u8>, BuilderError> {
    Ok(encode(Tag::OID, Asn1Object::from_str(curve.nid().short_name()?)?.as_slice()))
}

fn explicit_parameters(curve: StandardisedCurve) -> Result<Vec<u8>, BuilderError> {
    let (components, length) = (curve.curve().components(), curve.curve().field_length());
    let padded = |number: &[u8]| {
        let mut octets = vec![0; length.saturating_sub(number.len())];
        octets.extend_from_slice(number);
        der::octet_string(&octets)
    };
    let field = der::sequence(&[&der::oid("1.2.840.10045.1.1")?, &der::integer(components.p)]);
    let equation = der::sequence(&[&padded(components.a), &padded(components.b)]);
    Ok(der::sequence(&[
        &der::number(1),
        &field,
        &equation,
        &der::octet_string(components.generator),
        &der::integer(components.order),
        &der::integer(components.cofactor.unwrap_or(&[1])),
    ]))
}
