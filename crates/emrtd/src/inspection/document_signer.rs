//! What is known of a document signer, for terminals that verify security objects themselves (TR-03129 GetDocumentSignerInformation).

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{CheckName, CheckResult, Draft, issuer};
use crate::trust::TrustStore;
use crate::x509::Certificate;

/// The trust status of a document signer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SignerStatus {
    /// Its certificate is issued by a trusted CA, valid, and not revoked.
    #[serde(rename = "certificate_ok")]
    Ok,
    /// Something needed to decide is missing.
    #[serde(rename = "certificate_undetermined")]
    Undetermined,
    /// Its certificate is forged, out of its validity, or revoked.
    #[serde(rename = "certificate_invalid")]
    Invalid,
}

/// Whether the CA's signature on the certificate holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureState {
    /// It verifies under a trusted CA.
    Valid,
    /// It does not verify under the CA it names.
    Invalid,
    /// The CA is not known, or not anchored.
    Undetermined,
}

/// What is known of a document signer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentSignerInformation {
    /// The status.
    pub status: SignerStatus,
    /// Why it is not ok: `check: reason`.
    pub reasons: Vec<String>,
    /// The validity of its certificate.
    pub signer_validity: (OffsetDateTime, OffsetDateTime),
    /// The validity of the CA's certificate, if the CA is known.
    pub ca_validity: Option<(OffsetDateTime, OffsetDateTime)>,
    /// The CA's signature.
    pub signature: SignatureState,
    /// Codes of known defects of its documents.
    pub defects: Vec<String>,
}

/// Tells what is known of a document signer at a time.
#[must_use]
pub fn document_signer_information(
    signer: &Certificate,
    trust: &TrustStore,
    at: OffsetDateTime,
) -> DocumentSignerInformation {
    const DECIDING: [CheckName; 3] = [CheckName::DsSignature, CheckName::DsValidity, CheckName::DsRevocation];
    let mut draft = Draft::default();
    let csca = issuer::check_chain(signer, trust, at, &mut draft);
    issuer::apply_defects(trust, signer, &mut draft);
    let deciding = || draft.checks.iter().filter(|check| DECIDING.contains(&check.check));
    let status = if deciding().any(|check| check.result == CheckResult::Failed) {
        SignerStatus::Invalid
    } else if deciding().all(|check| check.result == CheckResult::Successful) {
        SignerStatus::Ok
    } else {
        SignerStatus::Undetermined
    };
    let reasons = deciding()
        .filter(|check| check.result != CheckResult::Successful)
        .map(|check| {
            let reason = check
                .evidence
                .get("overruled_by")
                .or_else(|| check.evidence.get("reason"))
                .unwrap_or("out_of_validity");
            format!("{}: {reason}", check.check)
        })
        .collect();
    let signature = match draft.result(CheckName::DsSignature) {
        Some(CheckResult::Successful) => SignatureState::Valid,
        Some(CheckResult::Failed) => SignatureState::Invalid,
        _ => SignatureState::Undetermined,
    };
    DocumentSignerInformation {
        status,
        reasons,
        signer_validity: (signer.not_before(), signer.not_after()),
        ca_validity: csca.map(|csca| (csca.certificate.not_before(), csca.certificate.not_after())),
        signature,
        defects: trust.defects_of(signer).map(|defect| defect.kind.code().to_owned()).collect(),
    }
}
