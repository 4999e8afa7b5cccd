//! From a SubjectPublicKeyInfo of DG14 or DG15 to a key that can be used.

use cvc::domain_parameters::{Components, StandardisedCurve};
use openssl::bn::BigNum;
use openssl::ec::EcKey;
use openssl::pkey::Public;
use openssl::rsa::Rsa;

use crate::asn1::{Asn1Error, Oid, Reader, Rules, Tag, Tlv};
use crate::inspection::{Tolerance, ToleranceCode};
use crate::lds::SubjectPublicKeyInfo;

/// rsaEncryption: 1.2.840.113549.1.1.1
const RSA: Oid<'static> = Oid::constant(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]);
/// id-ecPublicKey: 1.2.840.10045.2.1
const EC: Oid<'static> = Oid::constant(&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]);
/// prime-field: 1.2.840.10045.1.1
const PRIME_FIELD: Oid<'static> = Oid::constant(&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x01, 0x01]);
/// Longest modulus used, in bytes; a longer one costs time and stands in no document.
const MAX_MODULUS: usize = 1024;

/// A public key of a chip.
pub(super) enum ChipKey {
    /// RSA, with the length of its modulus in bytes.
    Rsa(Rsa<Public>),
    /// On a standardised curve.
    Ec(StandardisedCurve, EcKey<Public>),
}

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyProblem {
    /// It is not built as its algorithm asks, or its point is not on the curve.
    Malformed,
    /// An algorithm or curve this crate does not compute with.
    Unsupported,
}

impl From<Asn1Error> for KeyProblem {
    fn from(_: Asn1Error) -> Self {
        Self::Malformed
    }
}

impl ChipKey {
    /// Reads the key; tolerances it needs are added to `tolerances`, as of the file `at`.
    pub(super) fn read(
        spki: &SubjectPublicKeyInfo<'_>,
        at: &'static str,
        tolerances: &mut Vec<Tolerance>,
    ) -> Result<Self, KeyProblem> {
        if spki.algorithm == RSA {
            return rsa(spki.public_key, at, tolerances);
        }
        if spki.algorithm != EC {
            return Err(KeyProblem::Unsupported);
        }
        let parameters = spki.parameters.ok_or(KeyProblem::Malformed)?;
        let curve = if parameters.tag() == Tag::OID {
            named_curve(parameters.oid()?).ok_or(KeyProblem::Unsupported)?
        } else {
            tolerances.push(Tolerance::new(ToleranceCode::ExplicitEcParameters, at, "equal to a named curve in full"));
            explicit_curve(parameters)?
        };
        let key = curve.curve().public_key(spki.public_key).map_err(|_| KeyProblem::Malformed)?;
        Ok(Self::Ec(curve, key))
    }
}

fn rsa(key: &[u8], at: &'static str, tolerances: &mut Vec<Tolerance>) -> Result<ChipKey, KeyProblem> {
    let mut fields = Reader::new(key, Rules::Ber)?.only()?.expect(Tag::SEQUENCE)?.reader();
    let (modulus, modulus_padded) = fields.next()?.unsigned()?;
    let (exponent, exponent_padded) = fields.next()?.unsigned()?;
    fields.finish()?;
    if modulus_padded || exponent_padded {
        tolerances.push(Tolerance::new(ToleranceCode::PaddedInteger, at, "RSA public key"));
    }
    if modulus.len() > MAX_MODULUS || exponent.len() > 8 {
        return Err(KeyProblem::Unsupported);
    }
    let number = |octets| BigNum::from_slice(octets).map_err(|_| KeyProblem::Malformed);
    Rsa::from_public_components(number(modulus)?, number(exponent)?)
        .map(ChipKey::Rsa)
        .map_err(|_| KeyProblem::Malformed)
}

fn named_curve(oid: Oid<'_>) -> Option<StandardisedCurve> {
    let object = openssl::asn1::Asn1Object::from_str(&oid.to_string()).ok()?;
    StandardisedCurve::from_nid(object.nid())
}

/// ECParameters (RFC 3279 §2.3.5, X9.62): accepted only when every one equals a standardised curve's.
fn explicit_curve(parameters: Tlv<'_>) -> Result<StandardisedCurve, KeyProblem> {
    let mut fields = parameters.expect(Tag::SEQUENCE)?.reader();
    fields.expect(Tag::INTEGER)?;
    let mut field = fields.expect(Tag::SEQUENCE)?.reader();
    if field.next()?.oid()? != PRIME_FIELD {
        return Err(KeyProblem::Unsupported);
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
    let cofactor = match fields.optional(Tag::INTEGER)? {
        Some(cofactor) => Some(cofactor.unsigned()?.0),
        None => None,
    };
    StandardisedCurve::from_components(&Components { p, a, b, generator, order, cofactor })
        .ok_or(KeyProblem::Unsupported)
}
