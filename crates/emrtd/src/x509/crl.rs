//! Certificate revocation lists (RFC 5280 §5, Doc 9303-12 §7.1.4).

use std::collections::BTreeMap;
use std::sync::Arc;

use time::OffsetDateTime;

use super::Name;
use crate::asn1::{Asn1Error, Oid, Reader, Rules, Tag, parse_time};
use crate::check::Tolerance;
use crate::crypto::{AlgorithmIdentifier, CryptoError, PublicKey, SignatureAlgorithm};

/// 2.5.29: id-ce
const ID_CE: Oid<'static> = Oid::constant(&[0x55, 0x1D]);
/// removeFromCRL
const REMOVED: u64 = 8;

/// Why bytes are not a revocation list, or one cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CrlError {
    /// Malformed.
    #[error("malformed revocation list: {0}")]
    Malformed(#[from] Asn1Error),
    /// An algorithm identifier is malformed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// It carries a critical extension that is not understood: indirect lists and deltas are such (RFC 5280 §5.2).
    #[error("critical extension {0} of the revocation list is not understood")]
    CriticalExtension(String),
    /// It is a delta, or covers some certificates or reasons only: who is not on it may be revoked all the same.
    #[error("the revocation list is not a complete one")]
    Incomplete,
}

#[derive(Debug)]
struct Parsed {
    der: Vec<u8>,
    tbs: Vec<u8>,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
    issuer: Name,
    authority_key: Option<Vec<u8>>,
    number: Option<Vec<u8>>,
    this_update: OffsetDateTime,
    next_update: Option<OffsetDateTime>,
    revoked: BTreeMap<Vec<u8>, OffsetDateTime>,
}

/// A revocation list. Cheap to clone. Parsing verifies nothing: see [`Crl::verify_signature`].
#[derive(Debug, Clone)]
pub struct Crl(Arc<Parsed>);

impl Crl {
    /// Reads a list.
    ///
    /// # Errors
    /// [`CrlError`]
    pub fn parse(der: &[u8]) -> Result<Self, CrlError> {
        let mut outer = Reader::new(der, Rules::Ber)?.only()?.expect(Tag::SEQUENCE)?.reader();
        let tbs = outer.expect(Tag::SEQUENCE)?;
        let algorithm = outer.next()?;
        AlgorithmIdentifier::read(algorithm)?;
        let signature = outer.next()?.bit_string_octets()?;
        outer.finish()?;

        let mut fields = tbs.reader();
        fields.optional(Tag::INTEGER)?;
        let inner_algorithm = fields.next()?;
        if inner_algorithm.raw() != algorithm.raw() {
            return Err(Asn1Error::BadValue("revocation list: inner and outer algorithm differ").into());
        }
        let issuer = Name::read(fields.next()?)?;
        let this_update = parse_time(&fields.next()?)?;
        let next_update = match fields.peek() {
            Some(Tag::UTC_TIME | Tag::GENERALIZED_TIME) => Some(parse_time(&fields.next()?)?),
            _ => None,
        };
        let mut revoked = BTreeMap::new();
        if let Some(entries) = fields.optional(Tag::SEQUENCE)? {
            let mut entries = entries.reader();
            while let Some(entry) = entries.next_if_any()? {
                let mut entry = entry.expect(Tag::SEQUENCE)?.reader();
                let serial = entry.next()?.integer()?;
                let date = parse_time(&entry.next()?)?;
                let mut removed = false;
                if let Some(extensions) = entry.optional(Tag::SEQUENCE)? {
                    for_each_extension(extensions.reader(), |oid, critical, value| {
                        match oid.below(ID_CE) {
                            Some([21]) => removed = Reader::new(value, Rules::Ber)?.only()?.enumerated()? == REMOVED,
                            // Invalidity date.
                            Some([24]) => {}
                            _ if critical => return Err(CrlError::CriticalExtension(oid.to_string())),
                            _ => {}
                        }
                        Ok(())
                    })?;
                }
                entry.finish()?;
                if !removed {
                    revoked.insert(significant(serial).to_vec(), date);
                }
            }
        }
        let (mut authority_key, mut number) = (None, None);
        if let Some(extensions) = fields.optional(Tag::context(0))? {
            for_each_extension(extensions.reader().only()?.expect(Tag::SEQUENCE)?.reader(), |oid, critical, value| {
                match oid.below(ID_CE) {
                    Some([35]) => {
                        let mut key = Reader::new(value, Rules::Ber)?.only()?.expect(Tag::SEQUENCE)?.reader();
                        authority_key = key.optional(Tag::context_primitive(0))?.map(|key| key.contents().to_vec());
                    }
                    // A number that is none says nothing; the list is judged by its moment then.
                    Some([20]) => number = number_of(value).ok(),
                    // Alternative names.
                    Some([18]) => {}
                    // A delta is no complete list, marked critical or not; nor is one of some certificates or reasons.
                    Some([27]) => return Err(CrlError::Incomplete),
                    Some([28]) if !critical => {
                        let mut scope = Reader::new(value, Rules::Ber)?.only()?.expect(Tag::SEQUENCE)?.reader();
                        scope.optional(Tag::context(0))?;
                        if !scope.is_empty() {
                            return Err(CrlError::Incomplete);
                        }
                    }
                    _ if critical => return Err(CrlError::CriticalExtension(oid.to_string())),
                    _ => {}
                }
                Ok(())
            })?;
        }
        fields.finish()?;
        Ok(Self(Arc::new(Parsed {
            der: der.to_vec(),
            tbs: tbs.raw().to_vec(),
            algorithm: algorithm.raw().to_vec(),
            signature: signature.to_vec(),
            issuer,
            authority_key,
            number,
            this_update,
            next_update,
            revoked,
        })))
    }

    /// The whole list as it was read.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// The key it says it is signed with.
    #[must_use]
    pub fn authority_key(&self) -> Option<&[u8]> {
        self.0.authority_key.as_deref()
    }

    /// When it was issued.
    #[must_use]
    pub fn this_update(&self) -> OffsetDateTime {
        self.0.this_update
    }

    /// When the next one is due: until then this one is fresh.
    #[must_use]
    pub fn next_update(&self) -> Option<OffsetDateTime> {
        self.0.next_update
    }

    /// Does it come before another one of the same issuer: issued earlier, or with a lower number where both have one (RFC 5280 §5.2.3)?
    #[must_use]
    pub fn precedes(&self, other: &Self) -> bool {
        // Without leading zeros the longer number is the greater.
        let lower = match (&self.0.number, &other.0.number) {
            (Some(own), Some(others)) => (own.len(), own) < (others.len(), others),
            _ => false,
        };
        lower || self.this_update() < other.this_update()
    }

    /// How many certificates it revokes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.revoked.len()
    }

    /// Does it revoke nothing?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.revoked.is_empty()
    }

    /// When the certificate with this serial number was revoked, if it was.
    #[must_use]
    pub fn revoked_on(&self, serial: &[u8]) -> Option<OffsetDateTime> {
        self.0.revoked.get(significant(serial)).copied()
    }

    /// Is it signed by this key?
    ///
    /// # Errors
    /// [`CryptoError::BadSignature`] when not; others when that could not be found out.
    pub fn verify_signature(&self, issuer: &PublicKey, tolerances: &mut Vec<Tolerance>) -> Result<(), CryptoError> {
        let identifier = AlgorithmIdentifier::read(Reader::new(&self.0.algorithm, Rules::Ber)?.only()?)?;
        let algorithm = SignatureAlgorithm::read(&identifier, None, "crl", tolerances)?;
        algorithm.verify(issuer, &self.0.tbs, &self.0.signature, "crl", tolerances)
    }
}

/// A serial number without leading zeros: states pad them differently in certificate and list.
fn significant(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|octet| **octet == 0).count();
    serial.get(zeros..).unwrap_or_default()
}

/// The octets of an INTEGER, leading zeros left out.
fn number_of(value: &[u8]) -> Result<Vec<u8>, Asn1Error> {
    Ok(significant(Reader::new(value, Rules::Ber)?.only()?.integer()?).to_vec())
}

fn for_each_extension(
    mut extensions: Reader<'_>,
    mut each: impl FnMut(Oid<'_>, bool, &[u8]) -> Result<(), CrlError>,
) -> Result<(), CrlError> {
    while let Some(extension) = extensions.next_if_any()? {
        let mut fields = extension.expect(Tag::SEQUENCE)?.reader();
        let oid = fields.next()?.oid()?;
        let critical = fields.optional(Tag::BOOLEAN)?.map(|value| value.boolean()).transpose()?.unwrap_or(false);
        each(oid, critical, fields.expect(Tag::OCTET_STRING)?.contents())?;
        fields.finish()?;
    }
    Ok(())
}
