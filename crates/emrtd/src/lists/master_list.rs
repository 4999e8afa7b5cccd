//! Master lists (Doc 9303-12 §9).

use time::OffsetDateTime;

use super::signer::{self, Anchor, ListKind, ListRefusal, Trusted};
use crate::asn1::{Asn1Error, Oid, Reader, Rules, Tag};
use crate::cms::{CmsError, SignedData};
use crate::x509::Certificate;

/// 2.23.136.1.1.2: id-icao-cscaMasterList
const MASTER_LIST: Oid<'static> = Oid::constant(&[0x67, 0x81, 0x08, 0x01, 0x01, 0x02]);
/// Far more certificates than states have: real lists carry 400–600.
const MAX_CERTIFICATES: usize = 10_000;

/// Why bytes are no master list.
#[derive(Debug, thiserror::Error)]
pub enum MasterListError {
    /// The message is malformed.
    #[error(transparent)]
    Message(#[from] CmsError),
    /// The signed content is something else.
    #[error("content type {0} is not a master list's")]
    ContentType(String),
    /// The list is malformed.
    #[error("malformed master list: {0}")]
    Malformed(#[from] Asn1Error),
    /// More certificates than is reasonable.
    #[error("the list carries more than {MAX_CERTIFICATES} certificates")]
    TooLong,
}

/// A list of country signing CA certificates.
#[derive(Debug, Clone)]
pub struct MasterList {
    der: Vec<u8>,
    certificates: Vec<Certificate>,
    unreadable: Vec<(Vec<u8>, String)>,
}

impl MasterList {
    /// Reads a list and trusts nothing: see [`Self::verify`]. A certificate that cannot be read does not spoil the others; it is kept in
    /// [`Self::unreadable`].
    ///
    /// # Errors
    /// [`MasterListError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, MasterListError> {
        let message = SignedData::parse(bytes)?;
        if message.content_type() != MASTER_LIST {
            return Err(MasterListError::ContentType(message.content_type().to_string()));
        }
        let mut fields = Reader::new(message.content(), Rules::Ber)?.only()?.expect(Tag::SEQUENCE)?.reader();
        fields.next()?.u64()?;
        let mut elements = fields.expect(Tag::SET)?.reader();
        fields.finish()?;
        let (mut certificates, mut unreadable) = (Vec::new(), Vec::new());
        while let Some(element) = elements.next_if_any()? {
            if certificates.len() + unreadable.len() >= MAX_CERTIFICATES {
                return Err(MasterListError::TooLong);
            }
            match Certificate::parse(element.raw()) {
                Ok(certificate) => certificates.push(certificate),
                Err(error) => {
                    unreadable.push((element.raw().to_vec(), error.to_string()));
                }
            }
        }
        Ok(Self { der: bytes.to_vec(), certificates, unreadable })
    }

    /// Verifies the list's signature and that its signer, with the extended key usage for it, was issued by one of the anchors. Validity of both
    /// is checked at `at`, where given.
    ///
    /// # Errors
    /// [`ListRefusal`]
    pub fn verify(self, anchors: &[Anchor], at: Option<OffsetDateTime>) -> Result<Trusted<Self>, ListRefusal> {
        // It was read before, so it reads again.
        let message = SignedData::parse(&self.der).map_err(|_| ListRefusal::NoSignerCertificate)?;
        let signature = signer::verify(&message, anchors, ListKind::Master, at)?;
        Ok(Trusted::new(self, signature))
    }

    /// The roots among the certificates whose own signature does not verify, or cannot be computed, each with a code. A list may vouch for such
    /// a certificate all the same; whoever imports it should know.
    #[must_use]
    pub fn unsound_roots(&self) -> Vec<(&Certificate, &'static str)> {
        let roots = self.certificates.iter().filter(|certificate| certificate.claims_to_be_root());
        roots.filter_map(|root| Some((root, root.verify_own_signature().err()?.code()))).collect()
    }

    /// The signed message as it was read, for passing on.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificates: roots and links.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Certificates that could not be read, each with the reason.
    #[must_use]
    pub fn unreadable(&self) -> &[(Vec<u8>, String)] {
        &self.unreadable
    }
}
