//! What is shown of checks: what they come to today.

use sea_orm::ConnectionTrait;
use straznica_types::Timestamp;

use crate::app::App;
use crate::domain::alerts::{
    ActionRule, CategoryRule, Consultation, ConsultationRule, Finding, IssuerAnswer, Outcome, Progress, Resolution,
    ResolutionDecision, ResolutionState, Standing, outcome, standing,
};
use crate::domain::calendar::warsaw;
use crate::domain::{AlertFindingId, CaseId};
use crate::error::RegistryError;
use crate::keys::Unopenable;
use crate::store::{
    KeptAlertConsultation, KeptCheck, KeptFinding, KeptResolution, checks_of, findings_of, resolutions_of,
};

/// Most checks a case shows.
const SHOWN_IN_A_CASE: u64 = 50;

/// An alert that matched.
pub(crate) struct ShownFinding<'l> {
    /// `None` at the border, where nothing is kept.
    pub(crate) id: Option<AlertFindingId>,
    pub(crate) finding: Finding,
    pub(crate) category: Option<&'l CategoryRule>,
    pub(crate) action: Option<&'l ActionRule>,
    pub(crate) standing: Standing,
    pub(crate) resolution: Option<Resolution>,
}

/// A check, as it stands today.
pub(crate) struct ShownCheck<'l> {
    pub(crate) check: KeptCheck,
    pub(crate) outcome: Outcome,
    pub(crate) findings: Vec<ShownFinding<'l>>,
    /// What was found is not kept any more.
    pub(crate) forgotten: bool,
}

/// What was recorded with a state that entered an alert.
pub(crate) struct ShownAlertConsultation<'l> {
    pub(crate) consultation: Consultation,
    pub(crate) progress: Progress,
    pub(crate) rule: Option<&'l ConsultationRule>,
}

/// Everything there is on a person or in a case.
pub(crate) struct ShownChecks<'l> {
    pub(crate) checks: Vec<ShownCheck<'l>>,
    pub(crate) consultations: Vec<ShownAlertConsultation<'l>>,
}

/// What of an answer is encrypted.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct SealedAnswer {
    pub(super) objects: bool,
    pub(super) note: String,
}

/// What officers said last of the match of a finding.
pub(super) fn said_of<'r>(kept: &KeptFinding, resolutions: &'r [KeptResolution]) -> Option<&'r KeptResolution> {
    resolutions.iter().rfind(|said| {
        (said.person, said.alert.as_str(), said.compared.as_str())
            == (kept.person, kept.alert.as_str(), kept.compared.as_str())
    })
}

/// What a finding counts for.
pub(super) fn standing_of(kept: &KeptFinding, resolutions: &[KeptResolution]) -> Standing {
    standing(kept.exact, said_of(kept, resolutions).map(|said| (said.verdict, said.state)))
}

/// Checks made for a case, with what is kept of them.
pub(in crate::app) struct CaseChecks {
    checks: Vec<KeptCheck>,
    findings: Vec<KeptFinding>,
    resolutions: Vec<KeptResolution>,
}

/// The newest of them.
pub(in crate::app) async fn load_checks(
    connection: &impl ConnectionTrait,
    case: CaseId,
) -> Result<CaseChecks, RegistryError> {
    let checks = checks_of(connection, None, Some(case), SHOWN_IN_A_CASE).await?;
    let findings = findings_of(connection, checks.iter().map(|check| check.id)).await?;
    let resolutions = resolutions_of(connection, checks.iter().map(|check| check.person)).await?;
    Ok(CaseChecks { checks, findings, resolutions })
}

impl App {
    /// They, as they stand today.
    pub(in crate::app) fn case_checks(&self, loaded: CaseChecks) -> Result<Vec<ShownCheck<'_>>, Unopenable> {
        self.shown_checks(loaded.checks, &loaded.findings, &loaded.resolutions)
    }

    /// A finding with what it means.
    pub(super) fn described(&self, finding: Finding, standing: Standing) -> ShownFinding<'_> {
        ShownFinding {
            id: None,
            category: self.alerts.law.category(finding.category),
            action: self.alerts.law.action(finding.action),
            finding,
            standing,
            resolution: None,
        }
    }

    /// Checks as they stand today, with what is still kept of them.
    pub(super) fn shown_checks(
        &self,
        checks: Vec<KeptCheck>,
        findings: &[KeptFinding],
        resolutions: &[KeptResolution],
    ) -> Result<Vec<ShownCheck<'_>>, Unopenable> {
        checks.into_iter().map(|check| self.shown_check(check, findings, resolutions)).collect()
    }

    /// One of them.
    pub(super) fn shown_check(
        &self,
        check: KeptCheck,
        findings: &[KeptFinding],
        resolutions: &[KeptResolution],
    ) -> Result<ShownCheck<'_>, Unopenable> {
        let of_check = findings.iter().filter(|kept| kept.check == check.id);
        let findings: Vec<ShownFinding<'_>> =
            of_check.map(|kept| self.shown_finding(kept, resolutions)).collect::<Result<_, _>>()?;
        let forgotten = findings.len() < usize::try_from(check.findings).unwrap_or(usize::MAX);
        let standings: Vec<Standing> = findings.iter().map(|shown| shown.standing).collect();
        let today = outcome(check.outcome.unavailable(), &standings);
        Ok(ShownCheck { outcome: if forgotten { check.outcome } else { today }, check, findings, forgotten })
    }

    fn shown_finding(
        &self,
        kept: &KeptFinding,
        resolutions: &[KeptResolution],
    ) -> Result<ShownFinding<'_>, Unopenable> {
        let finding: Finding = self.keys.unseal_in(kept.person.uuid(), kept.id.uuid(), &kept.sealed)?;
        let resolution = said_of(kept, resolutions).map(|said| self.open_resolution(said)).transpose()?;
        let standing = standing_of(kept, resolutions);
        Ok(ShownFinding { id: Some(kept.id), resolution, ..self.described(finding, standing) })
    }

    /// What officers said, opened.
    pub(super) fn open_resolution(&self, kept: &KeptResolution) -> Result<Resolution, Unopenable> {
        let grounds = |sealed: &[u8]| self.keys.unseal_in::<String>(kept.person.uuid(), kept.id.uuid(), sealed);
        let decision = match &kept.decided {
            None => None,
            Some((sealed, by, at)) => Some(ResolutionDecision {
                agreed: kept.state == ResolutionState::Agreed,
                grounds: grounds(sealed)?,
                by: by.clone(),
                at: *at,
            }),
        };
        let resolution = Resolution {
            id: kept.id,
            verdict: kept.verdict,
            grounds: grounds(&kept.sealed)?,
            by: kept.by.clone(),
            at: kept.at,
            decision,
        };
        // The columns say no more than what is sealed.
        if resolution.state() == kept.state { Ok(resolution) } else { Err(Unopenable) }
    }

    /// A consultation, opened, with where it is.
    pub(super) fn shown_consultation(
        &self,
        kept: &KeptAlertConsultation,
        now: Timestamp,
    ) -> Result<ShownAlertConsultation<'_>, Unopenable> {
        let finding: Finding = self.keys.unseal_in(kept.person.uuid(), kept.id.uuid(), &kept.sealed)?;
        let asked_on = warsaw::date(kept.asked_at);
        let rule = self.alerts.law.owed(&finding, asked_on);
        let answer = match &kept.answered {
            None => None,
            Some((sealed, by, at)) => {
                let SealedAnswer { objects, note } = self.keys.unseal_in(kept.person.uuid(), kept.id.uuid(), sealed)?;
                Some(IssuerAnswer { objects, at: *at, by: by.clone(), note })
            }
        };
        let consultation = Consultation {
            id: kept.id,
            case: kept.case,
            person: kept.person,
            alert: kept.alert.clone(),
            issuing_state: finding.issuing_state,
            owed: kept.owed,
            asked_at: kept.asked_at,
            asked_by: kept.asked_by.clone(),
            last_day: rule.and_then(|rule| rule.last_day(asked_on, &self.calendar)),
            answer,
        };
        Ok(ShownAlertConsultation { progress: consultation.progress(now), consultation, rule })
    }
}
