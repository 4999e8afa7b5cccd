//! What is known about a document signer (TR-03129 GetDocumentSignerInformation).

use emrtd::{
    trust::{IssuerRefusal, KnownDefectKind, Revocation, TrustStore},
    x509::Certificate,
};
use time::OffsetDateTime;

use super::{App, blocking, master_lists::moment};
use crate::error::SpocError;

/// Trust status, in the order in which one overrides the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// certificate_ok
    Ok,
    /// certificate_undetermined
    Undetermined,
    /// certificate_invalid
    Invalid,
}

/// What is known.
#[derive(Debug, Clone)]
pub(crate) struct Information {
    pub(crate) status: Status,
    pub(crate) reasons: Vec<String>,
    pub(crate) signer: (OffsetDateTime, OffsetDateTime),
    pub(crate) ca: Option<(OffsetDateTime, OffsetDateTime)>,
    pub(crate) signature_state: &'static str,
    pub(crate) defects: Vec<String>,
}

/// Judges a document signer's certificate by the trust held. Returns the generation of that trust with it.
///
/// # Errors
/// [`SpocError::ListUnreadable`] when it is no certificate.
pub(crate) async fn information(app: &App, der: Vec<u8>) -> Result<(u64, Information), SpocError> {
    let state = app.documents.current();
    let at = moment(app.clock.now()).ok_or_else(|| SpocError::Corrupt("the clock's date".to_owned()))?;
    let information = blocking({
        let state = state.clone();
        move || {
            let certificate = Certificate::parse(&der).map_err(|why| SpocError::ListUnreadable(why.to_string()))?;
            Ok::<_, SpocError>(judge(&certificate, &state.trust, at))
        }
    })
    .await?;
    Ok((state.generation.number, information))
}

fn judge(signer: &Certificate, trust: &TrustStore, at: OffsetDateTime) -> Information {
    let mut information = Information {
        status: Status::Ok,
        reasons: Vec::new(),
        signer: (signer.not_before(), signer.not_after()),
        ca: None,
        signature_state: "undetermined",
        defects: Vec::new(),
    };
    match trust.issuer_of(signer, "document_signer") {
        Ok(found) => {
            let ca = &found.csca.certificate;
            information.ca = Some((ca.not_before(), ca.not_after()));
            information.signature_state = "valid";
            if !ca.is_valid_at(at) {
                // Evaluatory (TR-03135 table 5.34): a CSCA signs for a few years and its documents live on.
                information.note(Status::Ok, "csca_outside_validity");
            }
        }
        Err(refusal) => {
            if refusal == IssuerRefusal::Signature {
                information.signature_state = "invalid";
            }
            let status = if refusal.is_failure() { Status::Invalid } else { Status::Undetermined };
            information.note(status, refusal.code());
        }
    }
    if !signer.is_valid_at(at) {
        information.note(Status::Invalid, "document_signer_outside_validity");
    }
    match trust.revocation_of(signer, at) {
        Revocation::Good { .. } => {}
        Revocation::NoList => information.note(Status::Undetermined, "no_revocation_list"),
        Revocation::Stale { .. } => information.note(Status::Undetermined, "revocation_list_stale"),
        Revocation::Revoked { .. } => information.note(Status::Invalid, "document_signer_revoked"),
    }
    for defect in trust.defects_of(signer) {
        information.defects.push(defect.kind.code().to_owned());
        if let KnownDefectKind::CertificateRevoked(status) = defect.kind {
            let open = KnownDefectKind::revocation_is_open(status);
            let status = if open { Status::Undetermined } else { Status::Invalid };
            information.note(status, "revoked_by_defect_list");
        }
    }
    information
}

impl Information {
    fn note(&mut self, status: Status, reason: &str) {
        self.status = self.status.max(status);
        self.reasons.push(reason.to_owned());
    }
}
