//! Between what is kept and what the travel document library judges.

use emrtd::inspection::{CheckName, CheckResult, Inspection as Judgement, Profile, Verdict};
use emrtd::presentation::{
    AccessProtocol, ActiveAuthenticationEvidence, ChipAuthenticationEvidence, Presentation, Scope,
};
use straznica_types::Timestamp;

use super::{ChipProof, Evidence, KeptEvidence, KeptFile};

/// As calls, events, the database and metrics name a verdict.
#[must_use]
pub const fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Genuine => "genuine",
        Verdict::NotGenuine => "not_genuine",
        Verdict::Undetermined => "undetermined",
    }
}

/// What a call brought together with what is kept of the reading, as it is judged. `kept` has the call's evidence in it already.
#[must_use]
pub fn presentation<'a>(access: AccessProtocol, kept: &'a KeptEvidence, evidence: &'a Evidence) -> Presentation<'a> {
    let sod = kept.file(KeptFile::SecurityObject).unwrap_or_default();
    let mut presentation = Presentation::new(Scope::Document, sod);
    presentation.access = Some(access);
    presentation.data_groups = evidence.data_groups().collect();
    for (number, file) in [(14, KeptFile::Dg14), (15, KeptFile::Dg15)] {
        if let Some(bytes) = kept.file(file) {
            presentation.data_groups.insert(number, bytes);
        }
    }
    presentation.digests = evidence.digests().clone();
    presentation.unreadable = kept.unreadable();
    presentation.card_access = kept.file(KeptFile::CardAccess);
    presentation.chip_authentication =
        kept.chip_proof().map(|proof| chip_authentication(proof, kept.file(KeptFile::CardSecurity)));
    presentation.active_authentication = kept
        .active_authentication()
        .map(|active| ActiveAuthenticationEvidence { challenge: active.challenge, response: &active.response });
    presentation
}

fn chip_authentication<'a>(proof: &'a ChipProof, card_security: Option<&'a [u8]>) -> ChipAuthenticationEvidence<'a> {
    match proof {
        ChipProof::CaV1 { succeeded, chip_public_key, key_id } => ChipAuthenticationEvidence::Version1 {
            succeeded: *succeeded,
            chip_public_key: chip_public_key.as_deref(),
            key_id: *key_id,
        },
        ChipProof::PaceCam { succeeded, chip_authentication_data, mapping_public_key } => {
            ChipAuthenticationEvidence::PaceCam {
                succeeded: *succeeded,
                card_security,
                chip_authentication_data: chip_authentication_data.as_deref(),
                mapping_public_key: mapping_public_key.as_deref(),
            }
        }
    }
}

/// Marks a judgement that rests on trust nobody confirmed for it: a revocation may have become known since, so what was found unrevoked is
/// undetermined, and the verdict follows. What is known to be revoked stays so.
pub fn mark_unconfirmed(judgement: &mut Judgement, profile: &Profile, confirmed_at: Timestamp) {
    for check in &mut judgement.checks {
        match check.check {
            CheckName::DsRevocation | CheckName::CscaRevocation if check.result == CheckResult::Successful => {
                check.result = CheckResult::Undetermined;
                check.evidence.add("reason", "trust_not_confirmed");
            }
            CheckName::DsRevocation | CheckName::CscaRevocation | CheckName::DsSignature => {}
            _ => continue,
        }
        check.evidence.add("trust_confirmed_at", confirmed_at);
    }
    judgement.verdict = profile.verdict(judgement.scope, &judgement.checks);
}

#[cfg(test)]
mod tests {
    use emrtd::inspection::{Check, Evidence as CheckEvidence};

    use super::*;

    fn judgement(ds_revocation: CheckResult) -> Judgement {
        let names = [
            "sod_signature",
            "ds_signature",
            "ds_validity",
            "issuing_state",
            "dg1_hash",
            "dg2_hash",
            "chip_authenticity",
        ];
        let good = |name: &&str| Check::new(name.parse().unwrap(), CheckResult::Successful, CheckEvidence::new());
        let mut checks: Vec<Check> = names.iter().map(good).collect();
        checks.push(Check::new(CheckName::DsRevocation, ds_revocation, CheckEvidence::new()));
        Judgement {
            scope: Scope::Document,
            verdict: Profile::standard().verdict(Scope::Document, &checks),
            issuing_state: None,
            security_object: String::new(),
            checks,
            tolerances: Vec::new(),
            defects: Vec::new(),
        }
    }

    #[test]
    fn nobody_is_found_unrevoked_by_trust_that_was_not_confirmed() {
        use CheckResult::{Failed, Successful, Undetermined};
        let table = [
            (Successful, Verdict::Genuine, Undetermined, Verdict::Undetermined),
            (Undetermined, Verdict::Undetermined, Undetermined, Verdict::Undetermined),
            (Failed, Verdict::NotGenuine, Failed, Verdict::NotGenuine),
        ];
        for (found, verdict, marked, marked_verdict) in table {
            let mut judgement = judgement(found);
            assert_eq!(judgement.verdict, verdict);
            mark_unconfirmed(&mut judgement, Profile::standard(), Timestamp::UNIX_EPOCH);
            assert_eq!(judgement.result(CheckName::DsRevocation), Some(marked));
            assert_eq!(judgement.verdict, marked_verdict);
            let check = judgement.checks.iter().find(|check| check.check == CheckName::DsRevocation).unwrap();
            assert_eq!(check.evidence.get("trust_confirmed_at"), Some("1970-01-01T00:00:00.000Z"));
        }
    }
}
