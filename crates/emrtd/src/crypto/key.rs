//! From a SubjectPublicKeyInfo to a key that verifies.

use cvc::domain_parameters::{Components, StandardisedCurve};
use openssl::asn1::Asn1Object;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcKey, EcPoint};
use openssl::pkey::Public;
use openssl::rsa::Rsa;

use super::CryptoError;
use crate::asn1::{Asn1Error, Oid, Reader, Rules, Tag, Tlv};
use crate::check::{Tolerance, ToleranceCode};

/// rsaEncryption: 1.2.840.113549.1.1.1
const RSA: Oid<'static> = Oid::constant(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]);
/// id-RSASSA-PSS: 1.2.840.113549.1.1.10
const RSA_PSS: Oid<'static> = Oid::constant(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A]);
/// id-ecPublicKey: 1.2.840.10045.2.1
const EC: Oid<'static> = Oid::constant(&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]);
/// prime-field: 1.2.840.10045.1.1
const PRIME_FIELD: Oid<'static> = Oid::constant(&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x01, 0x01]);

/// The longest modulus used, in bytes: a longer one stands in no document and only costs time.
const MAX_MODULUS: usize = 1024;
/// The shortest modulus used, in bits: the shortest Doc 9303-11 ever allowed for a chip's key. Shorter ones can be factored.
const MIN_MODULUS_BITS: usize = 1024;
/// The longest public exponent used, in bytes.
const MAX_EXPONENT: usize = 8;

/// A public key, ready to verify.
#[derive(Clone)]
pub enum PublicKey {
    /// RSA, for either padding.
    Rsa(Rsa<Public>),
    /// On a standardised curve.
    Ec(StandardisedCurve, EcKey<Public>),
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). Explicit curve parameters are accepted only when the full set equals a standardised
    /// curve by value: comparing less is CVE-2020-0601. What was tolerated is added to `tolerances` as seen `at` a place.
    ///
    /// # Errors
    /// When the key is malformed or not of a kind that is computed here.
    pub fn read(spki: &[u8], at: &'static str, tolerances: &mut Vec<Tolerance>) -> Result<Self, CryptoError> {
        let mut fields = Reader::new(spki, Rules::Ber)?.only()?.expect(Tag::SEQUENCE)?.reader();
        let mut algorithm = fields.expect(Tag::SEQUENCE)?.reader();
        let oid = algorithm.next()?.oid()?;
        let parameters = algorithm.next_if_any()?;
        algorithm.finish()?;
        let key = fields.next()?.bit_string_octets()?;
        fields.finish()?;
        if oid == RSA || oid == RSA_PSS {
            return rsa(key, at, tolerances);
        }
        if oid != EC {
            return Err(CryptoError::UnsupportedAlgorithm(oid.to_string()));
        }
        let parameters = parameters.ok_or_else(|| CryptoError::MalformedParameters(oid.to_string()))?;
        let curve = if parameters.tag() == Tag::OID {
            named_curve(parameters.oid()?)?
        } else {
            let curve = explicit_curve(&parameters)?;
            tolerances.push(Tolerance::new(
                ToleranceCode::ExplicitEcParameters,
                at,
                format!("equal to {curve} in full"),
            ));
            curve
        };
        Ok(Self::Ec(curve, point(curve, key)?))
    }

    /// A short description for evidence: `rsa-2048`, `brainpoolP256r1`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Rsa(key) => format!("rsa-{}", key.n().num_bits()),
            Self::Ec(curve, _) => curve.to_string(),
        }
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({})", self.describe())
    }
}

fn rsa(key: &[u8], at: &'static str, tolerances: &mut Vec<Tolerance>) -> Result<PublicKey, CryptoError> {
    let mut fields = Reader::new(key, Rules::Ber)?.only()?.expect(Tag::SEQUENCE)?.reader();
    let (modulus, modulus_padded) = fields.next()?.unsigned()?;
    let (exponent, exponent_padded) = fields.next()?.unsigned()?;
    fields.finish()?;
    if modulus_padded || exponent_padded {
        tolerances.push(Tolerance::new(ToleranceCode::PaddedInteger, at, "RSA public key"));
    }
    if modulus.len() > MAX_MODULUS || exponent.len() > MAX_EXPONENT || modulus.is_empty() || exponent.is_empty() {
        return Err(CryptoError::MalformedKey);
    }
    // With 1 as exponent every number is its own signature; an even exponent or modulus belongs to no key.
    let odd = |number: &[u8]| number.last().is_some_and(|octet| octet & 1 == 1);
    if exponent == [1] || !odd(exponent) || !odd(modulus) {
        return Err(CryptoError::MalformedKey);
    }
    let bits = modulus.len() * 8 - modulus.first().map_or(0, |octet| octet.leading_zeros() as usize);
    if bits < MIN_MODULUS_BITS {
        return Err(CryptoError::UnsupportedAlgorithm(format!("rsa-{bits}")));
    }
    Rsa::from_public_components(BigNum::from_slice(modulus)?, BigNum::from_slice(exponent)?)
        .map(PublicKey::Rsa)
        .map_err(|_| CryptoError::MalformedKey)
}

/// A point of the curve, uncompressed or compressed, never the point at infinity.
fn point(curve: StandardisedCurve, octets: &[u8]) -> Result<EcKey<Public>, CryptoError> {
    let coordinate = curve.curve().field_length();
    let expected = match octets.first() {
        Some(4) => 2 * coordinate + 1,
        Some(2 | 3) => coordinate + 1,
        _ => return Err(CryptoError::MalformedKey),
    };
    if octets.len() != expected {
        return Err(CryptoError::MalformedKey);
    }
    let mut context = BigNumContext::new()?;
    let point = EcPoint::from_bytes(curve.group(), octets, &mut context).map_err(|_| CryptoError::MalformedKey)?;
    Ok(EcKey::from_public_key(curve.group(), &point)?)
}

fn named_curve(oid: Oid<'_>) -> Result<StandardisedCurve, CryptoError> {
    let object = Asn1Object::from_str(&oid.to_string()).map_err(|_| CryptoError::UnsupportedCurve)?;
    StandardisedCurve::from_nid(object.nid()).ok_or(CryptoError::UnsupportedCurve)
}

/// ECParameters (X9.62, RFC 3279 §2.3.5) whose every number equals a standardised curve's.
fn explicit_curve(parameters: &Tlv<'_>) -> Result<StandardisedCurve, CryptoError> {
    let mut fields = parameters.expect(Tag::SEQUENCE)?.reader();
    if !matches!(fields.next()?.u64()?, 1..=3) {
        return Err(Asn1Error::BadValue("ECParameters version").into());
    }
    let mut field = fields.expect(Tag::SEQUENCE)?.reader();
    if field.next()?.oid()? != PRIME_FIELD {
        return Err(CryptoError::UnsupportedCurve);
    }
    let (p, _) = field.next()?.unsigned()?;
    field.finish()?;
    let mut curve = fields.expect(Tag::SEQUENCE)?.reader();
    let a = curve.expect(Tag::OCTET_STRING)?.contents();
    let b = curve.expect(Tag::OCTET_STRING)?.contents();
    curve.optional(Tag::BIT_STRING)?;
    curve.finish()?;
    let generator = fields.expect(Tag::OCTET_STRING)?.contents();
    let (order, _) = fields.next()?.unsigned()?;
    let cofactor =
        fields.optional(Tag::INTEGER)?.map(|cofactor| cofactor.unsigned()).transpose()?.map(|(digits, _)| digits);
    fields.finish()?;
    StandardisedCurve::from_components(&Components { p, a, b, generator, order, cofactor })
        .ok_or(CryptoError::UnsupportedCurve)
}
