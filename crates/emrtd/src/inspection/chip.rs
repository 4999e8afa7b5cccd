//! Whether the chip is the one the files were written for, from the evidence of up to three protocols.

use time::OffsetDateTime;

use super::issuer::Issuer;
use super::{Check, CheckName, CheckResult, Defect, Draft, Evidence, Outcome};
use crate::asn1::Oid;
use crate::chip::{active_authentication, card_access, chip_authentication, pace_cam};
use crate::cms::SignedData;
use crate::lds::security_infos::SecurityInfos;
use crate::presentation::{AccessProtocol, ChipAuthenticationEvidence, Presentation};
use crate::trust::{KnownDefectKind, Revocation, TrustStore};
use crate::x509::Certificate;

/// 0.4.0.127.0.7.3.2.1: id-SecurityObject, the content of EF.CardSecurity
const SECURITY_OBJECT: Oid<'static> = Oid::constant(&[0x04, 0x00, 0x7F, 0x00, 0x07, 0x03, 0x02, 0x01]);

/// The protocols that prove a chip.
pub(super) const PROTOCOLS: [CheckName; 3] =
    [CheckName::ActiveAuthentication, CheckName::ChipAuthentication, CheckName::PaceCam];

/// A data group the chip protocols need, as far as it can be relied on.
enum Key<'a> {
    Covered(&'a [u8]),
    NotListed,
    NotRead,
    HashFailed,
}

/// Checks every protocol there is evidence for and weighs them together.
pub(super) fn check(
    presentation: &Presentation<'_>,
    issuer: &Issuer<'_>,
    trust: &TrustStore,
    at: OffsetDateTime,
    draft: &mut Draft,
) {
    let dg14 = key(presentation, issuer, draft, 14);
    let dg15 = key(presentation, issuer, draft, 15);
    draft.add(CheckName::CardAccess, compare_card_access(presentation, &dg14));
    draft.add(CheckName::ActiveAuthentication, active(presentation, &dg15, &dg14));
    draft.add(CheckName::ChipAuthentication, version1(presentation, &dg14));
    draft.add(CheckName::PaceCam, cam(presentation, &dg14, issuer, trust, at));
    if let Some(signer) = &issuer.signer {
        distrust_revoked_keys(trust, signer, draft);
    }
    let authenticity = weigh(&draft.checks);
    draft.add(CheckName::ChipAuthenticity, authenticity);
}

/// One success is enough; a failure without a success is a failure; a feature that is listed but unread stays open.
pub(super) fn weigh(checks: &[Check]) -> Outcome {
    let of = |wanted: CheckResult| {
        let with = checks.iter().filter(|check| PROTOCOLS.contains(&check.check) && check.result == wanted);
        with.map(|check| check.check.to_string()).collect::<Vec<_>>()
    };
    let (good, bad) = (of(CheckResult::Successful), of(CheckResult::Failed));
    let mut evidence = Evidence::new();
    for (key, names) in [("successful", &good), ("failed", &bad)] {
        if !names.is_empty() {
            evidence.add(key, names.join(","));
        }
    }
    let result = if !good.is_empty() {
        CheckResult::Successful
    } else if !bad.is_empty() {
        CheckResult::Failed
    } else if of(CheckResult::NotSupported).len() == PROTOCOLS.len() {
        CheckResult::NotSupported
    } else {
        CheckResult::Undetermined
    };
    Outcome::new(result, evidence)
}

fn key<'a>(presentation: &Presentation<'a>, issuer: &Issuer<'_>, draft: &Draft, number: u8) -> Key<'a> {
    let Some(object) = &issuer.hashes else { return Key::NotRead };
    if !object.hashes.contains_key(&number) {
        return Key::NotListed;
    }
    let Some(bytes) = presentation.data_groups.get(&number) else { return Key::NotRead };
    match draft.result(CheckName::DataGroupHash(number)) {
        Some(CheckResult::Successful) => Key::Covered(bytes),
        Some(CheckResult::Failed) => Key::HashFailed,
        _ => Key::NotRead,
    }
}

fn active(presentation: &Presentation<'_>, dg15: &Key<'_>, dg14: &Key<'_>) -> Outcome {
    let bytes = match dg15 {
        Key::NotListed => return Outcome::because(CheckResult::NotSupported, "dg15_not_listed"),
        Key::HashFailed => return Outcome::because(CheckResult::Failed, "dg15_hash_failed"),
        Key::NotRead => return Outcome::because(CheckResult::Undetermined, "dg15_not_delivered"),
        Key::Covered(bytes) => bytes,
    };
    let Some(evidence) = &presentation.active_authentication else {
        return Outcome::because(CheckResult::Undetermined, "no_response_of_the_chip");
    };
    let dg14 = if let Key::Covered(bytes) = dg14 { Some(*bytes) } else { None };
    active_authentication::verify(evidence, bytes, dg14)
}

fn version1(presentation: &Presentation<'_>, dg14: &Key<'_>) -> Outcome {
    let bytes = match dg14 {
        Key::NotListed => return Outcome::because(CheckResult::NotSupported, "dg14_not_listed"),
        Key::HashFailed => return Outcome::because(CheckResult::Failed, "dg14_hash_failed"),
        Key::NotRead => return Outcome::because(CheckResult::Undetermined, "dg14_not_delivered"),
        Key::Covered(bytes) => bytes,
    };
    if let Some(ChipAuthenticationEvidence::Version1 { succeeded, chip_public_key, key_id }) =
        presentation.chip_authentication
    {
        return chip_authentication::verify(succeeded, chip_public_key, key_id, bytes);
    }
    let Ok(infos) = SecurityInfos::from_dg14(bytes) else {
        return Outcome::because(CheckResult::Failed, "dg14_malformed");
    };
    if infos.chip_authentication_keys().next().is_none() {
        return chip_authentication::without_key(&infos);
    }
    Outcome::because(CheckResult::Undetermined, "no_evidence_of_the_terminal")
}

fn cam(
    presentation: &Presentation<'_>,
    dg14: &Key<'_>,
    issuer: &Issuer<'_>,
    trust: &TrustStore,
    at: OffsetDateTime,
) -> Outcome {
    let Some(ChipAuthenticationEvidence::PaceCam {
        succeeded,
        card_security,
        chip_authentication_data,
        mapping_public_key,
    }) = presentation.chip_authentication
    else {
        return match presentation.access {
            Some(AccessProtocol::PaceCam) => Outcome::because(CheckResult::Undetermined, "no_evidence_of_the_terminal"),
            _ => Outcome::because(CheckResult::NotSupported, "not_used"),
        };
    };
    let Some(card_security) = card_security else {
        return Outcome::because(CheckResult::Undetermined, "card_security_not_delivered");
    };
    let Ok(message) = SignedData::parse(card_security) else {
        return Outcome::because(CheckResult::Failed, "card_security_malformed");
    };
    let mut tolerances = Vec::new();
    if let Err((result, reason)) = card_security_signer(&message, issuer, trust, at, &mut tolerances) {
        return Outcome { tolerances, ..Outcome::because(result, reason) };
    }
    let mut outcome = pace_cam::verify(succeeded, message.content(), chip_authentication_data, mapping_public_key);
    outcome.tolerances.append(&mut tolerances);
    if outcome.result == CheckResult::Successful {
        let proves =
            |dg14| pace_cam::proves_a_key_of(dg14, message.content(), chip_authentication_data, mapping_public_key);
        bind_to_document(&mut outcome, dg14, proves);
    }
    outcome
}

/// EF.CardSecurity says whose chip it is no closer than the state; the security object covers DG14. Where DG14 has keys of
/// the chip, the one that was proven must stand there: otherwise one chip whose key got out would vouch for every document.
/// Where it has none (Doc 9303-10 does not ask for them with PACE-CAM alone), the evidence says how far the proof reaches.
fn bind_to_document<'a>(outcome: &mut Outcome, dg14: &Key<'a>, proves_a_key_of: impl Fn(&'a [u8]) -> bool) {
    let reason = match dg14 {
        Key::Covered(dg14) if proves_a_key_of(dg14) => return outcome.evidence.add("bound_by", "dg14"),
        Key::Covered(dg14) if !has_chip_keys(dg14) => return outcome.evidence.add("bound_by", "issuing_state"),
        Key::NotListed => return outcome.evidence.add("bound_by", "issuing_state"),
        Key::Covered(_) => "key_of_card_security_not_in_dg14",
        Key::NotRead => "dg14_not_delivered",
        Key::HashFailed => "dg14_hash_failed",
    };
    outcome.result = CheckResult::Undetermined;
    outcome.evidence.add("reason", reason);
}

/// What cannot be read may hold keys.
fn has_chip_keys(dg14: &[u8]) -> bool {
    SecurityInfos::from_dg14(dg14).map_or(true, |infos| {
        infos.chip_authentication_keys().next().is_some() || infos.has_malformed_chip_authentication()
    })
}

/// EF.CardSecurity is signed like a security object, by the state that signed the document.
fn card_security_signer(
    message: &SignedData<'_>,
    issuer: &Issuer<'_>,
    trust: &TrustStore,
    at: OffsetDateTime,
    tolerances: &mut Vec<super::Tolerance>,
) -> Result<(), (CheckResult, &'static str)> {
    if message.content_type() != SECURITY_OBJECT {
        return Err((CheckResult::Failed, "card_security_content_type"));
    }
    let signer = message.signer_certificate().ok_or((CheckResult::Failed, "card_security_signer_not_found"))?;
    message.verify(&signer, "card_security", tolerances).map_err(|refusal| {
        let result = if refusal.is_refusal() { CheckResult::Failed } else { CheckResult::Undetermined };
        (result, refusal.code())
    })?;
    let finding = trust.issuer_of(&signer, "card_security").map_err(|refusal| {
        let result = if refusal.is_failure() { CheckResult::Failed } else { CheckResult::Undetermined };
        (result, refusal.code())
    })?;
    tolerances.extend(finding.tolerances);
    if !finding.csca.anchored {
        return Err((CheckResult::Undetermined, "csca_not_anchored"));
    }
    if signer.extensions().is_for_lists() || !signer.extensions().unknown_critical.is_empty() {
        return Err((CheckResult::Failed, "card_security_signer_is_for_something_else"));
    }
    if matches!(trust.revocation_of(&signer, at), Revocation::Revoked { .. }) {
        return Err((CheckResult::Failed, "card_security_signer_revoked"));
    }
    if trust.defects_naming(&signer).any(|(defect, _)| matches!(defect.kind, KnownDefectKind::CertificateRevoked(_))) {
        return Err((CheckResult::Undetermined, "card_security_signer_on_defect_list"));
    }
    let country = finding.csca.certificate.subject().country();
    let own = issuer.csca.ok_or((CheckResult::Undetermined, "csca_unknown"))?.certificate.subject().country();
    let same = match (country, own) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => false,
    };
    if same { Ok(()) } else { Err((CheckResult::Failed, "card_security_of_another_state")) }
}

fn compare_card_access(presentation: &Presentation<'_>, dg14: &Key<'_>) -> Outcome {
    match (presentation.card_access, dg14) {
        (None, _) => Outcome::because(CheckResult::Undetermined, "not_delivered"),
        (Some(_), Key::NotListed) => Outcome::because(CheckResult::NotSupported, "dg14_not_listed"),
        (Some(_), Key::NotRead | Key::HashFailed) => Outcome::because(CheckResult::Undetermined, "dg14_not_delivered"),
        (Some(card_access), Key::Covered(dg14)) => card_access::compare(card_access, dg14),
    }
}

/// Chip keys a defect list calls lost prove nothing any more.
fn distrust_revoked_keys(trust: &TrustStore, signer: &Certificate, draft: &mut Draft) {
    for (defect, _) in trust.defects_naming(signer) {
        let check = match defect.kind {
            KnownDefectKind::ChipAuthenticationKeyRevoked => CheckName::ChipAuthentication,
            KnownDefectKind::ActiveAuthenticationKeyRevoked => CheckName::ActiveAuthentication,
            _ => continue,
        };
        let before = distrust(check, draft);
        draft.defects.push(Defect {
            code: defect.kind.code().to_owned(),
            check: Some(check),
            result_before: before,
            detail: String::new(),
        });
    }
}

/// In an update, a success of before under a key that is called lost by now.
pub(super) fn keep_distrust(defects: &[Defect], draft: &mut Draft) {
    for check in defects.iter().filter_map(|defect| defect.check).filter(|check| PROTOCOLS.contains(check)) {
        distrust(check, draft);
    }
}

fn distrust(check: CheckName, draft: &mut Draft) -> Option<CheckResult> {
    match draft.result(check) {
        Some(CheckResult::Successful) => draft.overrule(check, CheckResult::Undetermined, "defect_list"),
        result => result,
    }
}
