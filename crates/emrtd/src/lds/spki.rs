//! SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) as far as every algorithm shares it.

use super::LdsError;
use crate::asn1::{Oid, Tag, Tlv};

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
}
