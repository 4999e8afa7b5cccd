//! The signature over the security object and the chain behind it (Doc 9303-11 §5.1, Doc 9303-12 §7).

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{CheckName, CheckResult, Defect, Draft, Evidence, Outcome, Tolerance, ToleranceCode};
use crate::crypto::HashAlgorithm;
use crate::sod::{LdsSecurityObject, SecurityObject};
use crate::trust::{Csca, IssuerFinding, KnownDefectKind, Revocation, TrustStore};
use crate::x509::Certificate;

/// What is established about the issuer, for the checks on the content.
pub(super) struct Issuer<'a> {
    /// The hashes, if the signature over them is good.
    pub(super) hashes: Option<LdsSecurityObject>,
    /// The document signer's certificate.
    pub(super) signer: Option<Certificate>,
    /// The CA that issued it.
    pub(super) csca: Option<&'a Csca>,
}

/// Checks the signature over the security object and everything about who made it.
pub(super) fn check<'a>(
    sod: &SecurityObject<'_>,
    trust: &'a TrustStore,
    at: OffsetDateTime,
    draft: &mut Draft,
) -> Issuer<'a> {
    draft.tolerances.extend(sod.tolerances.iter().cloned());
    let Some(carried) = sod.message.signer_certificate() else {
        // A certificate is there, but not the signer's: somebody exchanged one of the two.
        let (result, reason) = match sod.message.certificates() {
            [] => (CheckResult::Undetermined, "no_signer_certificate"),
            _ => (CheckResult::Failed, "signer_identifier_names_no_certificate"),
        };
        draft.add(CheckName::SodSignature, Outcome::because(result, reason));
        for check in [
            CheckName::DsSignature,
            CheckName::DsValidity,
            CheckName::DsRevocation,
            CheckName::CscaValidity,
            CheckName::CscaRevocation,
        ] {
            draft.add(check, Outcome::because(CheckResult::Undetermined, "no_signer_certificate"));
        }
        return Issuer { hashes: None, signer: None, csca: None };
    };
    let (signer, replaced) = replacement(trust, &carried);
    let (outcome, hashes) = sod_signature(sod, &signer);
    if replaced {
        let before = sod_signature(sod, &carried).0.result;
        draft.defects.push(Defect {
            code: "certificate_replaced".to_owned(),
            check: Some(CheckName::SodSignature),
            result_before: Some(before),
            detail: format!("verified under {}", signer.fingerprint()),
        });
    }
    draft.add(CheckName::SodSignature, outcome);

    let csca = check_chain(&signer, trust, at, draft);
    apply_defects(trust, &carried, draft);
    Issuer { hashes, signer: Some(signer), csca }
}

/// The checks on a document signer's certificate and on the CA behind it.
pub(super) fn check_chain<'a>(
    signer: &Certificate,
    trust: &'a TrustStore,
    at: OffsetDateTime,
    draft: &mut Draft,
) -> Option<&'a Csca> {
    let finding = trust.issuer_of(signer, "ds_certificate");
    let csca = finding.as_ref().ok().map(|finding| finding.csca);
    draft.add(CheckName::DsSignature, ds_signature(signer, finding));
    draft.add(CheckName::DsValidity, validity(signer, at));
    draft.add(CheckName::DsRevocation, revocation(trust, signer, at));
    match csca {
        Some(csca) => {
            draft.add(CheckName::CscaValidity, validity(&csca.certificate, at));
            draft.add(CheckName::CscaRevocation, revocation(trust, &csca.certificate, at));
        }
        None => {
            draft.add(CheckName::CscaValidity, Outcome::because(CheckResult::Undetermined, "csca_unknown"));
            draft.add(CheckName::CscaRevocation, Outcome::because(CheckResult::Undetermined, "csca_unknown"));
        }
    }
    csca
}

/// The certificate a defect list puts in the place of the carried one, if it does.
fn replacement(trust: &TrustStore, carried: &Certificate) -> (Certificate, bool) {
    let replacement = trust.defects_of(carried).find_map(|defect| match &defect.kind {
        KnownDefectKind::CertificateReplaced(certificate) => Some((**certificate).clone()),
        _ => None,
    });
    match replacement {
        Some(replacement) => (replacement, true),
        None => (carried.clone(), false),
    }
}

fn sod_signature(sod: &SecurityObject<'_>, signer: &Certificate) -> (Outcome, Option<LdsSecurityObject>) {
    let mut evidence = Evidence::new()
        .with("content_type", sod.message.content_type())
        .with("digest_algorithms", sod.message.announced_digests())
        .with("signer", signer.subject())
        .with("signer_sha256", signer.fingerprint());
    if let Ok(digest) = HashAlgorithm::Sha256.digest(sod.message.content()) {
        evidence.add("lds_object_sha256", crate::hex(&digest));
    }
    let mut tolerances = Vec::new();
    match sod.message.verify(signer, "sod", &mut tolerances) {
        Ok(algorithm) => {
            evidence.add("algorithm", algorithm.describe());
            if let Ok((key, _)) = signer.public_key() {
                evidence.add("key", key.describe());
            }
        }
        Err(refusal) => {
            let result = if refusal.is_refusal() { CheckResult::Failed } else { CheckResult::NotSupported };
            return (Outcome::new(result, evidence.with("reason", refusal.code())), None);
        }
    }
    match sod.lds_object() {
        Ok(object) => {
            tolerances.extend(object.tolerances.iter().cloned());
            evidence.add("lds_object_version", object.version);
            evidence.add("hash_algorithm", object.algorithm);
            (Outcome { result: CheckResult::Successful, evidence, tolerances }, Some(object))
        }
        Err(error) => (Outcome::new(CheckResult::Failed, evidence.with("reason", error)), None),
    }
}

fn ds_signature(signer: &Certificate, finding: Result<IssuerFinding<'_>, crate::trust::IssuerRefusal>) -> Outcome {
    let mut evidence = Evidence::new().with("issuer", signer.issuer()).with("serial", crate::hex(signer.serial()));
    if let Some(key) = &signer.extensions().authority_key {
        evidence.add("authority_key_identifier", crate::hex(key));
    }
    let finding = match finding {
        Ok(finding) => finding,
        Err(refusal) => {
            let result = if refusal.is_failure() { CheckResult::Failed } else { CheckResult::Undetermined };
            return Outcome::new(result, evidence.with("reason", refusal.code()));
        }
    };
    evidence.add("algorithm", finding.algorithm.describe());
    evidence.add("csca", finding.csca.certificate.subject());
    evidence.add("csca_sha256", finding.csca.certificate.fingerprint());
    evidence.add("vouched_by", finding.csca.vouched_by.iter().cloned().collect::<Vec<_>>().join("; "));
    let mut tolerances = finding.tolerances;
    let extensions = signer.extensions();
    if extensions.is_for_lists() {
        return Outcome {
            result: CheckResult::Failed,
            evidence: evidence.with("reason", "signer_is_for_lists"),
            tolerances,
        };
    }
    if let [unknown, ..] = extensions.unknown_critical.as_slice() {
        let evidence = evidence.with("reason", "critical_extension_not_understood").with("extension", unknown);
        return Outcome { result: CheckResult::Failed, evidence, tolerances };
    }
    let is_authority = matches!(extensions.basic_constraints, Some((true, _)));
    if is_authority || !extensions.may_sign_data() || extensions.extended_key_usage.is_some() {
        let detail = "basic constraints, key usage or extended key usage are not a document signer's";
        tolerances.push(Tolerance::new(ToleranceCode::SignerAttributes, "ds_certificate", detail));
    }
    if !extensions.malformed.is_empty() {
        let detail = format!("malformed extensions: {}", extensions.malformed.join(" "));
        tolerances.push(Tolerance::new(ToleranceCode::SignerAttributes, "ds_certificate", detail));
    }
    if !finding.csca.anchored {
        return Outcome {
            result: CheckResult::Undetermined,
            evidence: evidence.with("reason", "csca_not_anchored"),
            tolerances,
        };
    }
    Outcome { result: CheckResult::Successful, evidence, tolerances }
}

fn validity(certificate: &Certificate, at: OffsetDateTime) -> Outcome {
    let result = if certificate.is_valid_at(at) { CheckResult::Successful } else { CheckResult::Failed };
    let evidence = Evidence::new()
        .with("not_before", moment(certificate.not_before()))
        .with("not_after", moment(certificate.not_after()))
        .with("at", moment(at));
    Outcome::new(result, evidence)
}

fn revocation(trust: &TrustStore, certificate: &Certificate, at: OffsetDateTime) -> Outcome {
    let evidence =
        Evidence::new().with("issuer", certificate.issuer()).with("serial", crate::hex(certificate.serial()));
    match trust.revocation_of(certificate, at) {
        Revocation::NoList => Outcome::new(CheckResult::Undetermined, evidence.with("reason", "no_revocation_list")),
        Revocation::Good { this_update } => {
            Outcome::new(CheckResult::Successful, evidence.with("list_of", moment(this_update)))
        }
        Revocation::Stale { this_update, due } => {
            let evidence = evidence.with("list_of", moment(this_update)).with("next_due", moment(due));
            Outcome::new(CheckResult::Undetermined, evidence.with("reason", "revocation_list_stale"))
        }
        Revocation::Revoked { on, this_update } => {
            let evidence = evidence.with("list_of", moment(this_update)).with("revoked_on", moment(on));
            Outcome::new(CheckResult::Failed, evidence.with("reason", "revoked"))
        }
    }
}

/// Applies what defect lists know of documents of this signer; the result before stays on record. Chip keys are seen to with the chip.
pub(super) fn apply_defects(trust: &TrustStore, signer: &Certificate, draft: &mut Draft) {
    for (defect, exact) in trust.defects_naming(signer) {
        let code = defect.kind.code().to_owned();
        match &defect.kind {
            KnownDefectKind::CertificateRevoked(status) => {
                // The same issuer and number with another digest: altered to escape the list, or another certificate.
                let open = !exact || KnownDefectKind::revocation_is_open(*status);
                let result = if open { CheckResult::Undetermined } else { CheckResult::Failed };
                let reason = if exact { "defect_list" } else { "defect_list_with_another_digest" };
                let before = draft.overrule(CheckName::DsRevocation, result, reason);
                let detail = format!("status code {status}");
                draft.defects.push(Defect {
                    code,
                    check: Some(CheckName::DsRevocation),
                    result_before: before,
                    detail,
                });
            }
            // The first was recorded when the certificate was replaced, the others when the chip is checked.
            KnownDefectKind::CertificateReplaced(_)
            | KnownDefectKind::ChipAuthenticationKeyRevoked
            | KnownDefectKind::ActiveAuthenticationKeyRevoked => {}
            KnownDefectKind::DataGroupsMalformed(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(u8::to_string).collect();
                draft.defects.push(Defect { code, check: None, result_before: None, detail: numbers.join(",") });
            }
            KnownDefectKind::SecurityObjectInvalid => {
                draft.defects.push(Defect { code, check: None, result_before: None, detail: String::new() });
            }
            KnownDefectKind::UnknownDocumentDefect(oid) => {
                let check = CheckName::SodSignature;
                let before = draft.overrule(check, CheckResult::Undetermined, "defect_list");
                draft.defects.push(Defect { code, check: Some(check), result_before: before, detail: oid.clone() });
            }
            KnownDefectKind::Other(oid) => {
                draft.defects.push(Defect { code, check: None, result_before: None, detail: oid.clone() });
            }
        }
    }
}

pub(super) fn moment(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_else(|_| time.unix_timestamp().to_string())
}
