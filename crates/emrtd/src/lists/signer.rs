//! Who signed a list, and does that rest on an anchor?

use time::OffsetDateTime;

use crate::check::{Tolerance, ToleranceCode};
use crate::cms::{SignatureRefusal, SignedData};
use crate::x509::{Certificate, Fingerprint};

/// An anchor, pinned beforehand by two officers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Anchor {
    /// The publisher's country signing CA itself.
    Certificate(Certificate),
    /// Its fingerprint: the certificate is looked for in the message.
    Fingerprint(Fingerprint),
}

/// Why a list is not trusted.
#[derive(Debug, thiserror::Error)]
pub enum ListRefusal {
    /// No anchor was given: an import needs one.
    #[error("an import needs its anchor")]
    NoAnchor,
    /// The message does not carry the certificate its signer names.
    #[error("the signer's certificate is not in the list")]
    NoSignerCertificate,
    /// The signer's certificate was not issued by any of the anchors.
    #[error("the signer's certificate was not issued by a pinned anchor")]
    NotAnchored,
    /// The signer's certificate is for another purpose, or says something critical that is not understood.
    #[error("the signer's certificate is not one for signing this kind of list")]
    Purpose,
    /// The signer's or the anchor's certificate is not valid at that time.
    #[error("a certificate of {subject} is not valid at {at}: {from} to {until}")]
    Validity {
        /// Whose.
        subject: String,
        /// The time asked for.
        at: OffsetDateTime,
        /// The beginning of its validity.
        from: OffsetDateTime,
        /// The end of its validity.
        until: OffsetDateTime,
    },
    /// The signature over the list.
    #[error("signature over the list: {0}")]
    Signature(#[from] SignatureRefusal),
}

/// A list whose signer rests on an anchor.
#[derive(Debug, Clone)]
pub struct Trusted<L> {
    list: L,
    signature: ListSignature,
}

impl<L> Trusted<L> {
    pub(super) fn new(list: L, signature: ListSignature) -> Self {
        Self { list, signature }
    }

    /// The list.
    #[must_use]
    pub fn list(&self) -> &L {
        &self.list
    }

    /// Who signed it.
    #[must_use]
    pub fn signer(&self) -> &Certificate {
        &self.signature.signer
    }

    /// The pinned anchor the signer rests on.
    #[must_use]
    pub fn anchor(&self) -> &Certificate {
        &self.signature.anchor
    }

    /// When it was signed, as far as the signer says. Of two lists of one publisher the one signed later counts.
    #[must_use]
    pub fn signed_at(&self) -> Option<OffsetDateTime> {
        self.signature.signed_at
    }

    /// What had to be tolerated.
    #[must_use]
    pub fn tolerances(&self) -> &[Tolerance] {
        &self.signature.tolerances
    }
}

/// The signature over a list, found good.
#[derive(Debug, Clone)]
pub(super) struct ListSignature {
    signer: Certificate,
    anchor: Certificate,
    signed_at: Option<OffsetDateTime>,
    tolerances: Vec<Tolerance>,
}

/// What a list is, which decides who may sign it.
#[derive(Clone, Copy)]
pub(super) enum ListKind {
    /// The extended key usage for it is required (Doc 9303-12 §9).
    Master,
    /// The extended key usage for it is recommended: none, or a master list signer's, is reported.
    Defect,
}

/// Verifies a list's signature, its signer's purpose, and that a pinned anchor issued the signer. Validity is checked at `at`, where given.
pub(super) fn verify(
    message: &SignedData<'_>,
    anchors: &[Anchor],
    kind: ListKind,
    at: Option<OffsetDateTime>,
) -> Result<ListSignature, ListRefusal> {
    if anchors.is_empty() {
        return Err(ListRefusal::NoAnchor);
    }
    let signer = message.signer_certificate().ok_or(ListRefusal::NoSignerCertificate)?;
    let mut tolerances = Vec::new();
    check_purpose(&signer, kind, &mut tolerances)?;
    let anchor = issuer_among(message, anchors, &signer, &mut tolerances)?;
    for certificate in [&signer, &anchor] {
        if let Some(at) = at
            && !certificate.is_valid_at(at)
        {
            let (from, until) = (certificate.not_before(), certificate.not_after());
            return Err(ListRefusal::Validity { subject: certificate.subject().to_string(), at, from, until });
        }
    }
    message.verify(&signer, "list", &mut tolerances)?;
    Ok(ListSignature { signer, anchor, signed_at: message.signing_time(), tolerances })
}

fn check_purpose(signer: &Certificate, kind: ListKind, tolerances: &mut Vec<Tolerance>) -> Result<(), ListRefusal> {
    let extensions = signer.extensions();
    if !extensions.unknown_critical.is_empty() {
        return Err(ListRefusal::Purpose);
    }
    let tolerated = match kind {
        ListKind::Master if extensions.is_for_master_lists() => return Ok(()),
        ListKind::Defect if extensions.is_for_defect_lists() => return Ok(()),
        ListKind::Defect if extensions.is_for_master_lists() => "extended key usage of a master list's signer",
        ListKind::Defect if extensions.extended_key_usage.is_none() => "no extended key usage",
        ListKind::Master | ListKind::Defect => return Err(ListRefusal::Purpose),
    };
    tolerances.push(Tolerance::new(ToleranceCode::SignerAttributes, "list_signer", tolerated));
    Ok(())
}

/// The anchor whose key verifies the signer's certificate.
fn issuer_among(
    message: &SignedData<'_>,
    anchors: &[Anchor],
    signer: &Certificate,
    tolerances: &mut Vec<Tolerance>,
) -> Result<Certificate, ListRefusal> {
    let carried: Vec<Certificate> =
        message.certificates().iter().filter_map(|der| Certificate::parse(der).ok()).collect();
    for anchor in anchors {
        let certificate = match anchor {
            Anchor::Certificate(certificate) => Some(certificate),
            Anchor::Fingerprint(pinned) => carried.iter().find(|certificate| certificate.fingerprint() == *pinned),
        };
        let Some(certificate) = certificate else { continue };
        if !certificate.subject().matches_in_any_order(signer.issuer()) {
            continue;
        }
        let mut used = Vec::new();
        let verified = certificate
            .key_for("list_anchor", &mut used)
            .and_then(|key| signer.verify_signature(key, "list_signer", &mut used));
        if verified.is_ok() {
            tolerances.append(&mut used);
            return Ok(certificate.clone());
        }
    }
    Err(ListRefusal::NotAnchored)
}
