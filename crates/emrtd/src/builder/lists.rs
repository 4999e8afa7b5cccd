//! Master lists (Doc 9303-12 §8) and defect lists (TR-03129-2 §7.2) of a made-up publisher.

use time::OffsetDateTime;

use super::algorithm::digest_oid;
use super::csca::{Csca, DocumentSigner, ListSigner};
use super::{BuilderError, cms, der};
use crate::asn1::{Tag, encode};

/// A master list: these CSCA and link certificates, signed, with the signer's certificate and its CSCA's inside.
///
/// # Errors
/// When the cryptographic library fails.
pub fn master_list(
    certificates: &[&[u8]],
    signer: &ListSigner,
    publisher: &Csca,
    at: OffsetDateTime,
) -> Result<Vec<u8>, BuilderError> {
    let list = der::set_of(certificates.iter().map(|certificate| certificate.to_vec()).collect());
    let content = der::sequence(&[&der::number(0), &list]);
    cms::signed_data("2.23.136.1.1.2", &content, &signer.0, &[publisher.certificate()], Some(at))
}

/// What is known against a document signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Its certificate is revoked, with a status code of TR-03129-2: 0 no indication, 1 on hold, 2 testing, 3 revoked by
    /// the issuer, 4 revoked by this list's signer, 32 and above proprietary.
    CertificateRevoked {
        /// The status code.
        status: u8,
    },
    /// Documents carry a certificate that must be replaced by this one.
    CertificateReplaced {
        /// The certificate to use, DER.
        by: Vec<u8>,
    },
    /// The keys of Chip Authentication are revoked.
    ChipAuthenticationKeyRevoked,
    /// The keys of Active Authentication are revoked.
    ActiveAuthenticationKeyRevoked,
}

impl Defect {
    fn encode(&self) -> Result<Vec<u8>, BuilderError> {
        let (arc, parameters) = match self {
            Self::CertificateRevoked { status } => (1, encode(Tag::ENUMERATED, &[*status])),
            Self::CertificateReplaced { by } => (2, by.clone()),
            Self::ChipAuthenticationKeyRevoked => (3, Vec::new()),
            Self::ActiveAuthenticationKeyRevoked => (4, Vec::new()),
        };
        Ok(der::sequence(&[&der::oid(&format!("0.4.0.127.0.7.3.1.5.1.{arc}"))?, &parameters]))
    }
}

/// A defect list over document signers.
///
/// # Errors
/// When the cryptographic library fails.
pub fn defect_list(
    defects: &[(&DocumentSigner, Vec<Defect>)],
    signer: &ListSigner,
    publisher: &Csca,
    at: OffsetDateTime,
) -> Result<Vec<u8>, BuilderError> {
    let digest = signer.0.key.algorithm().digest();
    let mut entries = Vec::new();
    for (document_signer, known) in defects {
        let known = known.iter().map(Defect::encode).collect::<Result<Vec<_>, _>>()?;
        let fingerprint = der::octet_string(&digest.digest(document_signer.certificate())?);
        entries.push(der::sequence(&[&document_signer.issuer_and_serial(), &fingerprint, &der::set_of(known)]));
    }
    let content = der::sequence(&[&der::number(0), &digest_oid(digest), &der::set_of(entries)]);
    cms::signed_data("0.4.0.127.0.7.3.1.5", &content, &signer.0, &[publisher.certificate()], Some(at))
}
