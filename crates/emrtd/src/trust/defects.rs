//! Known defects of documents, bound to the certificate that signed them (BSI TR-03129-2 §7.2).

use crate::cms::SignerIdentifier;
use crate::trust::TrustStore;
use crate::x509::Certificate;

/// A defect of all documents signed under one certificate.
#[derive(Debug, Clone)]
pub struct KnownDefect {
    /// The certificate, as a signer is named.
    pub signer: SignerIdentifier,
    /// Digests of the certificate; where present one must match.
    pub certificate_digest: Option<Vec<u8>>,
    /// The hash algorithm of the digest.
    pub digest_algorithm: crate::crypto::HashAlgorithm,
    /// What is wrong.
    pub kind: KnownDefectKind,
}

/// What is wrong with the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KnownDefectKind {
    /// The signer's certificate is revoked, with the reason's status code.
    CertificateRevoked(u64),
    /// The signer's certificate is to be replaced by this one when the document is verified.
    CertificateReplaced(Box<Certificate>),
    /// Private keys of Chip Authentication are no longer secret.
    ChipAuthenticationKeyRevoked,
    /// Private keys of Active Authentication are no longer secret.
    ActiveAuthenticationKeyRevoked,
    /// Data groups are malformed; the numbers, where the list names them.
    DataGroupsMalformed(Vec<u8>),
    /// The security object is invalid.
    SecurityObjectInvalid,
    /// A general defect of unknown interpretation: the electronic part is not to be relied on (TR-03129-2 §7.3.3).
    UnknownDocumentDefect(String),
    /// Another defect, by its identifier.
    Other(String),
}

impl KnownDefectKind {
    /// A short code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::CertificateRevoked(_) => "certificate_revoked",
            Self::CertificateReplaced(_) => "certificate_replaced",
            Self::ChipAuthenticationKeyRevoked => "chip_authentication_key_revoked",
            Self::ActiveAuthenticationKeyRevoked => "active_authentication_key_revoked",
            Self::DataGroupsMalformed(_) => "data_groups_malformed",
            Self::SecurityObjectInvalid => "security_object_invalid",
            Self::UnknownDocumentDefect(_) => "unknown_document_defect",
            Self::Other(_) => "other_defect",
        }
    }

    /// For a revocation: is the certificate not trusted, or is that open? Status codes 1 (on hold), 5 and from 32 (proprietary) leave it open.
    #[must_use]
    pub fn revocation_is_open(status: u64) -> bool {
        matches!(status, 1 | 5 | 32..)
    }
}

impl TrustStore {
    /// The known defects of documents signed under this certificate.
    pub fn defects_of<'a>(&'a self, certificate: &'a Certificate) -> impl Iterator<Item = &'a KnownDefect> {
        self.defects_naming(certificate).filter(|(_, exact)| *exact).map(|(defect, _)| defect)
    }

    /// The defects whose signer identifier names this certificate, each with whether the digest agrees as well. The
    /// digest covers bytes nobody signed (of an ECDSA signature (r, s) there is always the twin (r, n − s)), so a defect
    /// must not be escaped by another digest.
    pub(crate) fn defects_naming<'a>(
        &'a self,
        certificate: &'a Certificate,
    ) -> impl Iterator<Item = (&'a KnownDefect, bool)> {
        self.0.defects.iter().filter(|defect| defect.signer.names(certificate)).map(|defect| {
            let exact = defect.certificate_digest.as_ref().is_none_or(|digest| {
                defect.digest_algorithm.digest(certificate.der()).is_ok_and(|computed| computed == *digest)
            });
            (defect, exact)
        })
    }
}
