//! Inspection: the checks on a document, their results and evidence, and the verdict a profile draws from them (BSI TR-03135-1).
//!
//! [`inspect`] judges what a terminal presents; [`update`] brings an inspection up to date when the terminal has read more, without what was read
//! before: a service need not keep DG1 or a face to do so.

mod chip;
mod content;
mod document_signer;
mod issuer;
mod profile;

pub use crate::check::{Check, CheckName, CheckResult, Evidence, Outcome, Tolerance, ToleranceCode, UnknownCheck};
pub use document_signer::{DocumentSignerInformation, SignatureState, SignerStatus, document_signer_information};
pub use profile::{Profile, ProfileError, Verdict, Weight};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::crypto::{CryptoError, HashAlgorithm};
use crate::presentation::{Presentation, Scope};
use crate::sod::{SecurityObject, SodError};
use crate::trust::TrustStore;

/// A known defect that bears on the document, and what it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defect {
    /// What kind: `certificate_revoked`, `certificate_replaced`, …
    pub code: String,
    /// The check it bears on, if one.
    pub check: Option<CheckName>,
    /// That check's result before the defect was applied.
    pub result_before: Option<CheckResult>,
    /// The particulars.
    pub detail: String,
}

/// The outcome of an inspection. Goes to JSON and back without loss.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// How far it reached.
    pub scope: Scope,
    /// What is concluded.
    pub verdict: Verdict,
    /// The state of the machine readable zone, or the signer's country where no zone was read.
    pub issuing_state: Option<String>,
    /// SHA-256 of EF.SOD, hexadecimal: what an update must present again.
    pub security_object: String,
    /// Every check.
    pub checks: Vec<Check>,
    /// Every departure from the standards that was accepted.
    pub tolerances: Vec<Tolerance>,
    /// Known defects of documents of this signer.
    pub defects: Vec<Defect>,
}

impl Inspection {
    /// The result of a check.
    #[must_use]
    pub fn result(&self, check: CheckName) -> Option<CheckResult> {
        self.checks.iter().find(|made| made.check == check).map(|made| made.result)
    }
}

/// Why nothing can be said of a document.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// EF.SOD cannot be read.
    #[error(transparent)]
    SecurityObject(#[from] SodError),
    /// OpenSSL could not hash.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// Why an inspection is not brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum UpdateRefusal {
    /// EF.SOD cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// It is not the security object the inspection began with.
    #[error("the security object is not the one the inspection began with")]
    OtherDocument,
}

/// Inspects what a terminal presents, at a time, by what is trusted.
///
/// # Errors
/// [`Unreadable`] when EF.SOD is no security object: then there is nothing to check.
pub fn inspect(
    presentation: &Presentation<'_>,
    trust: &TrustStore,
    profile: &Profile,
    at: OffsetDateTime,
) -> Result<Inspection, Unreadable> {
    let sod = SecurityObject::parse(presentation.sod)?;
    let digest = HashAlgorithm::Sha256.digest(presentation.sod)?;
    let mut draft = Draft::default();
    let issuer = issuer::check(&sod, trust, at, &mut draft);
    let (country_outcome, country) = content::issuing_country(&issuer, trust);
    let issuing_state = match presentation.scope {
        Scope::SecurityObject => {
            draft.add(CheckName::IssuingState, country_outcome);
            country
        }
        Scope::Document => {
            content::check_hashes(presentation, issuer.hashes.as_ref(), &mut draft);
            draft.add(CheckName::ComConsistency, content::check_com(presentation, issuer.hashes.as_ref()));
            let state = content::check_zone(presentation, &issuer, trust, at, &mut draft);
            chip::check(presentation, &issuer, trust, at, &mut draft);
            state.or(country)
        }
    };
    Ok(draft.finish(presentation.scope, profile, issuing_state, crate::hex(&digest)))
}

/// Brings an inspection up to date with what a terminal presents now: the same EF.SOD again, new data groups, digests or chip evidence. DG14 and
/// DG15 come along again when evidence for their keys does. A check with new input is made again, as are those on the
/// signer, by what is trusted now; one without keeps its earlier result; one that failed stays failed whatever comes later.
///
/// # Errors
/// [`UpdateRefusal`]
pub fn update(
    previous: &Inspection,
    presentation: &Presentation<'_>,
    trust: &TrustStore,
    profile: &Profile,
    at: OffsetDateTime,
) -> Result<Inspection, UpdateRefusal> {
    let presentation = Presentation { scope: previous.scope, ..presentation.clone() };
    let fresh = inspect(&presentation, trust, profile, at)?;
    if fresh.security_object != previous.security_object {
        return Err(UpdateRefusal::OtherDocument);
    }
    let mut draft = Draft {
        checks: previous.checks.clone(),
        tolerances: previous.tolerances.clone(),
        defects: previous.defects.clone(),
    };
    for check in fresh.checks {
        match draft.checks.iter_mut().find(|earlier| earlier.check == check.check) {
            Some(earlier) if replaces(&check, earlier) => *earlier = check,
            Some(_) => {}
            None => draft.checks.push(check),
        }
    }
    chip::keep_distrust(&fresh.defects, &mut draft);
    if previous.result(CheckName::ChipAuthenticity).is_some_and(|result| result != CheckResult::Failed) {
        let weighed = chip::weigh(&draft.checks);
        draft.checks.retain(|check| check.check != CheckName::ChipAuthenticity);
        draft.add(CheckName::ChipAuthenticity, weighed);
    }
    draft.tolerances.extend(fresh.tolerances);
    for defect in fresh.defects {
        if !draft.defects.iter().any(|known| known.code == defect.code && known.check == defect.check) {
            draft.defects.push(defect);
        }
    }
    // Without DG1 the fresh one names the signer's country only.
    let issuing_state =
        if presentation.data_groups.contains_key(&1) { fresh.issuing_state } else { previous.issuing_state.clone() };
    Ok(draft.finish(previous.scope, profile, issuing_state, fresh.security_object))
}

/// Does a check made again take the place of the earlier one?
fn replaces(check: &Check, earlier: &Check) -> bool {
    if earlier.result == CheckResult::Failed {
        return check.result == CheckResult::Failed;
    }
    match check.check {
        // They need the security object alone, which is always there: what is known of its signer now is what counts.
        CheckName::SodSignature
        | CheckName::DsSignature
        | CheckName::DsValidity
        | CheckName::DsRevocation
        | CheckName::CscaValidity
        | CheckName::CscaRevocation => true,
        // That the terminal does not speak of it again does not mean that it was never used.
        CheckName::PaceCam if check.result == CheckResult::NotSupported => false,
        _ => firmness(check.result) >= firmness(earlier.result),
    }
}

/// Which result holds against which: new input beats missing input, and nothing beats a failure.
fn firmness(result: CheckResult) -> u8 {
    match result {
        CheckResult::Undetermined | CheckResult::Aborted => 0,
        CheckResult::NotSupported => 1,
        CheckResult::Successful => 2,
        CheckResult::Failed => 3,
    }
}

/// An inspection in the making.
#[derive(Default)]
struct Draft {
    checks: Vec<Check>,
    tolerances: Vec<Tolerance>,
    defects: Vec<Defect>,
}

impl Draft {
    fn add(&mut self, check: CheckName, outcome: Outcome) {
        self.checks.push(Check::new(check, outcome.result, outcome.evidence));
        self.tolerances.extend(outcome.tolerances);
    }

    fn result(&self, check: CheckName) -> Option<CheckResult> {
        self.checks.iter().find(|made| made.check == check).map(|made| made.result)
    }

    /// Puts another result in the place of a check's and gives back the earlier one. What failed stays failed.
    fn overrule(&mut self, check: CheckName, result: CheckResult, reason: &str) -> Option<CheckResult> {
        let made = self.checks.iter_mut().find(|made| made.check == check)?;
        let before = made.result;
        if before != CheckResult::Failed {
            made.result = result;
            made.evidence.add("overruled_by", reason);
        }
        Some(before)
    }

    fn finish(
        mut self,
        scope: Scope,
        profile: &Profile,
        issuing_state: Option<String>,
        security_object: String,
    ) -> Inspection {
        self.tolerances.sort();
        self.tolerances.dedup();
        let verdict = profile.verdict(scope, &self.checks);
        let Self { checks, tolerances, defects } = self;
        Inspection { scope, verdict, issuing_state, security_object, checks, tolerances, defects }
    }
}
