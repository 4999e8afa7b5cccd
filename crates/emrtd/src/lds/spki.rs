//! SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) as far as every algorithm shares it.

use cvc::domain_parameters::{DomainParameterError, StandardisedCurve};

use super::LdsError;
use crate::asn1::{Oid, Tag, Tlv};
use crate::check::Tolerance;
use crate::crypto::{CryptoError, PublicKey};

/// standardizedDomainParameters: 0.4.0.127.0.7.1.2 (TR-03110-3 §A.2.1.1)
const STANDARDISED: Oid<'static> = Oid::constant(&[0x04, 0x00, 0x7F, 0x00, 0x07, 0x01, 0x02]);

/// A public key with its algorithm, borrowed from the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubjectPublicKeyInfo<'a> {
    /// The whole structure as it stood in the file.
    pub raw: &'a [u8],
    /// The algorithm.
    pub algorithm: Oid<'a>,
    /// The algorithm's parameters, if any.
    pub parameters: Option<Tlv<'a>>,
    /// The content of the subjectPublicKey BIT STRING: an EC point, or the key's own structure.
    pub public_key: &'a [u8],
}

impl<'a> SubjectPublicKeyInfo<'a> {
    /// Reads the structure.
    ///
    /// # Errors
    /// [`LdsError`] when it is none.
    pub fn parse(element: Tlv<'a>) -> Result<Self, LdsError> {
        let mut fields = element.expect(Tag::SEQUENCE)?.reader();
        let mut identifier = fields.expect(Tag::SEQUENCE)?.reader();
        let algorithm = identifier.next()?.oid()?;
        let parameters = identifier.next_if_any()?;
        identifier.finish()?;
        let public_key = fields.next()?.bit_string_octets()?;
        fields.finish()?;
        Ok(Self { raw: element.raw(), algorithm, parameters, public_key })
    }

    /// The key, ready for use. Besides what certificates carry, chips name their curve by the number of standardised domain
    /// parameters. What was tolerated is added to `tolerances` as seen `at` a place.
    ///
    /// # Errors
    /// When the key is malformed or not of a kind that is computed here.
    pub fn key(&self, at: &'static str, tolerances: &mut Vec<Tolerance>) -> Result<PublicKey, CryptoError> {
        if self.algorithm != STANDARDISED {
            return PublicKey::read(self.raw, at, tolerances);
        }
        let number = self.parameters.ok_or(CryptoError::MalformedKey)?.u64()?;
        let curve =
            u8::try_from(number).ok().and_then(StandardisedCurve::from_id).ok_or(CryptoError::UnsupportedCurve)?;
        match curve.curve().public_key(self.public_key) {
            Ok(key) => Ok(PublicKey::Ec(curve, key)),
            Err(DomainParameterError::Library(error)) => Err(error.into()),
            Err(_) => Err(CryptoError::MalformedKey),
        }
    }
}
