//! EF.SOD: the document security object (Doc 9303-10 §4.7.18, Appendix D).

use std::collections::BTreeMap;
use std::fmt;

use crate::asn1::{Asn1Error, Oid, Reader, Rules, Tag, departures_from_der};
use crate::check::{Tolerance, ToleranceCode};
use crate::cms::{CmsError, SignedData};
use crate::crypto::{AlgorithmIdentifier, CryptoError, HashAlgorithm};

/// 2.23.136.1.1.1: id-icao-ldsSecurityObject
const LDS_SECURITY_OBJECT: Oid<'static> = Oid::constant(&[0x67, 0x81, 0x08, 0x01, 0x01, 0x01]);
/// The tag of EF.SOD.
const EF_SOD: Tag = Tag::new(0x77);
/// The longest EF.SOD read, in bytes; a file of the chip cannot be longer.
const MAX_SOD: usize = 64 * 1024;

/// Why bytes are no security object: nothing can be said of the document.
#[derive(Debug, thiserror::Error)]
pub enum SodError {
    /// Longer than a file of a chip can be.
    #[error("EF.SOD of {0} bytes is over the limit of {MAX_SOD}")]
    TooLarge(usize),
    /// Malformed around the message.
    #[error("malformed EF.SOD: {0}")]
    Malformed(#[from] Asn1Error),
    /// The message inside is malformed.
    #[error("EF.SOD: {0}")]
    Message(#[from] CmsError),
}

/// Why the signed content is no LDS security object.
#[derive(Debug, thiserror::Error)]
pub enum LdsObjectError {
    /// The content type is another one.
    #[error("content type {0} is not the LDS security object's")]
    ContentType(String),
    /// Malformed.
    #[error("malformed LDS security object: {0}")]
    Malformed(#[from] Asn1Error),
    /// The hash algorithm is unknown or malformed.
    #[error("LDS security object: {0}")]
    Algorithm(#[from] CryptoError),
    /// A data group number outside 1–16, or twice.
    #[error("data group {0} is listed twice or does not exist")]
    DataGroup(u64),
    /// A hash whose length is not the algorithm's.
    #[error("the hash of data group {0} does not have the algorithm's length")]
    HashLength(u8),
}

/// A security object: the signed message, taken out of its file.
#[derive(Debug, Clone)]
pub struct SecurityObject<'a> {
    /// The message.
    pub message: SignedData<'a>,
    /// What was tolerated around it.
    pub tolerances: Vec<Tolerance>,
}

impl<'a> SecurityObject<'a> {
    /// Reads EF.SOD. Some states leave the outer tag away; padding of zeros or FF behind the end, as a whole-file read brings it, is overlooked
    /// and reported.
    ///
    /// # Errors
    /// [`SodError`]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, SodError> {
        if bytes.len() > MAX_SOD {
            return Err(SodError::TooLarge(bytes.len()));
        }
        let mut tolerances = Vec::new();
        let mut reader = Reader::new(bytes, Rules::Ber)?;
        let outer = reader.next()?;
        let padding = reader.rest();
        if !padding.is_empty() {
            let padded = padding.iter().all(|octet| *octet == 0) || padding.iter().all(|octet| *octet == 0xFF);
            if !padded {
                return Err(Asn1Error::TrailingData(padding.len()).into());
            }
            tolerances.push(Tolerance::new(ToleranceCode::TrailingBytes, "sod", format!("{} bytes", padding.len())));
        }
        if outer.is_padded() {
            tolerances.push(Tolerance::new(ToleranceCode::BerPaddedLength, "sod", "length of the file"));
        }
        if outer.is_indefinite() && outer.tag() != Tag::SEQUENCE {
            tolerances.push(Tolerance::new(ToleranceCode::BerIndefiniteLength, "sod", "length of the file"));
        }
        let message = if outer.tag() == Tag::SEQUENCE {
            tolerances.push(Tolerance::new(ToleranceCode::SodWithoutTag, "sod", "tag 77 missing"));
            outer
        } else {
            outer.expect(EF_SOD)?.reader().only()?
        };
        Ok(Self { message: SignedData::parse(message.raw())?, tolerances })
    }

    /// The LDS security object inside. It says something only once the signature is verified.
    ///
    /// # Errors
    /// [`LdsObjectError`]
    pub fn lds_object(&self) -> Result<LdsSecurityObject, LdsObjectError> {
        if self.message.content_type() != LDS_SECURITY_OBJECT {
            return Err(LdsObjectError::ContentType(self.message.content_type().to_string()));
        }
        LdsSecurityObject::parse(self.message.content())
    }
}

/// The hashes of a document's data groups (LDSSecurityObject, Doc 9303-10 Appendix D).
#[derive(Clone, PartialEq, Eq)]
pub struct LdsSecurityObject {
    /// 0, or 1 when it carries the versions of LDS and Unicode.
    pub version: u64,
    /// The hash algorithm of all data groups.
    pub algorithm: HashAlgorithm,
    /// Hashes by data group number.
    pub hashes: BTreeMap<u8, Vec<u8>>,
    /// LDS and Unicode versions, in version 1.
    pub lds_version: Option<(String, String)>,
    /// What was tolerated.
    pub tolerances: Vec<Tolerance>,
}

impl LdsSecurityObject {
    /// Reads the structure.
    ///
    /// # Errors
    /// [`LdsObjectError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, LdsObjectError> {
        let mut fields = Reader::new(bytes, Rules::Ber)?.only()?.expect(Tag::SEQUENCE)?.reader();
        let version = fields.next()?.u64()?;
        let algorithm = AlgorithmIdentifier::read(fields.next()?)?.hash()?;
        let mut hashes = BTreeMap::new();
        let mut groups = fields.expect(Tag::SEQUENCE)?.reader();
        while let Some(group) = groups.next_if_any()? {
            let mut entry = group.expect(Tag::SEQUENCE)?.reader();
            let number = entry.next()?.u64()?;
            let hash = entry.expect(Tag::OCTET_STRING)?.contents();
            entry.finish()?;
            let listed = u8::try_from(number).ok().filter(|listed| (1..=16).contains(listed));
            let listed = listed.ok_or(LdsObjectError::DataGroup(number))?;
            if hash.len() != algorithm.length() {
                return Err(LdsObjectError::HashLength(listed));
            }
            if hashes.insert(listed, hash.to_vec()).is_some() {
                return Err(LdsObjectError::DataGroup(number));
            }
        }
        let lds_version = match fields.optional(Tag::SEQUENCE)? {
            Some(info) => {
                let mut info = info.reader();
                let lds = text(info.expect(Tag::PRINTABLE_STRING)?.contents());
                let unicode = text(info.expect(Tag::PRINTABLE_STRING)?.contents());
                info.finish()?;
                Some((lds, unicode))
            }
            None => None,
        };
        fields.finish()?;
        let mut tolerances = Vec::new();
        if version > 1 || (version == 1) != lds_version.is_some() {
            tolerances.push(Tolerance::new(ToleranceCode::LdsVersion, "sod", format!("version {version}")));
        }
        // The content is an OCTET STRING to the message around it: its own lengths are looked at here.
        let departures = departures_from_der(bytes)?;
        for (departed, code) in [
            (departures.indefinite_length, ToleranceCode::BerIndefiniteLength),
            (departures.padded_length, ToleranceCode::BerPaddedLength),
        ] {
            if departed {
                tolerances.push(Tolerance::new(code, "sod", "lengths in the LDS security object"));
            }
        }
        if algorithm == HashAlgorithm::Sha1 {
            tolerances.push(Tolerance::new(ToleranceCode::WeakHash, "sod", "data group hashes with SHA-1"));
        }
        Ok(Self { version, algorithm, hashes, lds_version, tolerances })
    }
}

impl fmt::Debug for LdsSecurityObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LdsSecurityObject")
            .field("version", &self.version)
            .field("algorithm", &self.algorithm)
            .field("data_groups", &self.hashes.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
