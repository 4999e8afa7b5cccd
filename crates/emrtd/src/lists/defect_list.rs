//! Defect lists (BSI TR-03129-2 §7.2, OIDs of BSI TR-03110-3 / bsi-de).

use time::OffsetDateTime;

use super::signer::{self, Anchor, ListKind, ListRefusal, Trusted};
use crate::asn1::{Asn1Error, Oid, Reader, Rules, Tag, Tlv};
use crate::cms::{CmsError, SignedData, SignerIdentifier};
use crate::crypto::{AlgorithmIdentifier, CryptoError};
use crate::trust::{KnownDefect, KnownDefectKind};
use crate::x509::{Certificate, CertificateError};

/// 0.4.0.127.0.7.3.1.5: id-DefectList
const DEFECT_LIST: Oid<'static> = Oid::constant(&[0x04, 0x00, 0x7F, 0x00, 0x07, 0x03, 0x01, 0x05]);
/// More defects than any list has.
const MAX_DEFECTS: usize = 100_000;

/// Why bytes are no defect list.
#[derive(Debug, thiserror::Error)]
pub enum DefectListError {
    /// The message is malformed.
    #[error(transparent)]
    Message(#[from] CmsError),
    /// The signed content is something else.
    #[error("content type {0} is not a defect list's")]
    ContentType(String),
    /// The list is malformed.
    #[error("malformed defect list: {0}")]
    Malformed(#[from] Asn1Error),
    /// An algorithm in it is malformed or unknown.
    #[error("malformed defect list: {0}")]
    Algorithm(#[from] CryptoError),
    /// A certificate in it is malformed.
    #[error("malformed defect list: {0}")]
    Certificate(#[from] CertificateError),
    /// More defects than is reasonable.
    #[error("the list carries more than {MAX_DEFECTS} defects")]
    TooLong,
}

/// A list of known defects.
#[derive(Debug, Clone)]
pub struct DefectList {
    der: Vec<u8>,
    defects: Vec<KnownDefect>,
}

impl DefectList {
    /// Reads a list and trusts nothing: see [`Self::verify`].
    ///
    /// # Errors
    /// [`DefectListError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, DefectListError> {
        let message = SignedData::parse(bytes)?;
        if message.content_type() != DEFECT_LIST {
            return Err(DefectListError::ContentType(message.content_type().to_string()));
        }
        let mut fields = Reader::new(message.content(), Rules::Ber)?.only()?.expect(Tag::SEQUENCE)?.reader();
        fields.next()?.u64()?;
        let digest_algorithm = match fields.next()? {
            // Some lists name the algorithm alone, others with its parameters.
            alone if alone.tag() == Tag::OID => crate::crypto::HashAlgorithm::from_oid(alone.oid()?)?,
            identifier => AlgorithmIdentifier::read(identifier)?.hash()?,
        };
        let mut entries = fields.expect(Tag::SET)?.reader();
        fields.finish()?;
        let mut defects = Vec::new();
        while let Some(entry) = entries.next_if_any()? {
            let mut entry = entry.expect(Tag::SEQUENCE)?.reader();
            let signer = SignerIdentifier::read(entry.next()?)?;
            let digest = match entry.peek() {
                Some(tag) if tag == Tag::OCTET_STRING || tag == Tag::context_primitive(2) => Some(entry.next()?),
                _ => None,
            };
            let mut known = entry.expect(Tag::SET)?.reader();
            entry.finish()?;
            while let Some(defect) = known.next_if_any()? {
                if defects.len() >= MAX_DEFECTS {
                    return Err(DefectListError::TooLong);
                }
                defects.push(KnownDefect {
                    signer: signer.clone(),
                    certificate_digest: digest.map(|digest| digest.contents().to_vec()),
                    digest_algorithm,
                    kind: kind(defect)?,
                });
            }
        }
        Ok(Self { der: bytes.to_vec(), defects })
    }

    /// Verifies the list's signature and that its signer was issued by one of the anchors. Validity of both is checked at `at`, where given.
    ///
    /// # Errors
    /// [`ListRefusal`]
    pub fn verify(self, anchors: &[Anchor], at: Option<OffsetDateTime>) -> Result<Trusted<Self>, ListRefusal> {
        let message = SignedData::parse(&self.der).map_err(|_| ListRefusal::NoSignerCertificate)?;
        let signature = signer::verify(&message, anchors, ListKind::Defect, at)?;
        Ok(Trusted::new(self, signature))
    }

    /// The signed message as it was read, for passing on.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The defects.
    #[must_use]
    pub fn defects(&self) -> &[KnownDefect] {
        &self.defects
    }
}

/// KnownDefect ::= SEQUENCE { defectType OBJECT IDENTIFIER, parameters ANY OPTIONAL }
fn kind(defect: Tlv<'_>) -> Result<KnownDefectKind, DefectListError> {
    let mut fields = defect.expect(Tag::SEQUENCE)?.reader();
    let oid = fields.next()?.oid()?;
    let parameters = fields.next_if_any()?;
    fields.finish()?;
    let needed = || parameters.ok_or(Asn1Error::Truncated);
    Ok(match oid.below(DEFECT_LIST) {
        Some([1, 1]) => KnownDefectKind::CertificateRevoked(needed()?.enumerated()?),
        Some([1, 2]) => {
            let replacement = needed()?;
            // TR-03129-2 §7.3.1.2 wraps the certificate in an OCTET STRING; lists in use hold it bare.
            let wrapped = replacement.tag() == Tag::OCTET_STRING;
            let certificate = if wrapped { replacement.contents() } else { replacement.raw() };
            KnownDefectKind::CertificateReplaced(Box::new(Certificate::parse(certificate)?))
        }
        Some([1, 3]) => KnownDefectKind::ChipAuthenticationKeyRevoked,
        Some([1, 4]) => KnownDefectKind::ActiveAuthenticationKeyRevoked,
        Some([2, 1]) => KnownDefectKind::DataGroupsMalformed(data_groups(parameters)?),
        Some([2, 2]) => KnownDefectKind::SecurityObjectInvalid,
        // Known, and of no bearing on what is verified here: formats of files, powering down, a signer's encoding.
        Some([4, 1..=4]) => KnownDefectKind::Other(oid.to_string()),
        Some([4, ..]) => KnownDefectKind::UnknownDocumentDefect(oid.to_string()),
        _ => KnownDefectKind::Other(oid.to_string()),
    })
}

/// MalformedDGs ::= SET OF INTEGER
fn data_groups(parameters: Option<Tlv<'_>>) -> Result<Vec<u8>, Asn1Error> {
    let Some(parameters) = parameters else { return Ok(Vec::new()) };
    let mut numbers = Vec::new();
    let mut elements = parameters.expect(Tag::SET)?.reader();
    while let Some(element) = elements.next_if_any()? {
        numbers.push(u8::try_from(element.u64()?).map_err(|_| Asn1Error::BadValue("data group number"))?);
    }
    Ok(numbers)
}
