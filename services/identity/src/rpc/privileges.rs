//! Privileges, reviews and alerts: requests → domain → answers.

use straznica_contracts::identity::v1 as proto;
use straznica_types::Timestamp;

use super::request::{UUID, required};
use super::{request_verification as asked, verifiers as told};
use crate::app::{Proposal, contract_kind};
use crate::domain::Refusal;
use crate::domain::verification::{Institution, Verification};
use crate::domain::verifiers::{
    Alert, AlertId, AlertRule, Privilege, PrivilegeId, PrivilegeState, Reason, Review, ReviewOutcome,
};

pub(super) fn privilege_id(text: &str) -> Result<PrivilegeId, Refusal> {
    required(text, "/privilege_id", UUID, str::parse)
}

pub(super) fn alert_id(text: &str) -> Result<AlertId, Refusal> {
    required(text, "/alert_id", UUID, str::parse)
}

pub(super) fn finding(text: &str) -> Result<Reason, Refusal> {
    Reason::parse(text, "/finding")
}

pub(super) fn proposal(request: &proto::ProposePrivilegeRequest) -> Result<Proposal, Refusal> {
    Institution::check_id(&request.institution_id)?;
    let kinds = asked::kinds(&request.kinds)?;
    asked::not_empty(&kinds)?;
    Ok(Proposal {
        institution: request.institution_id.clone(),
        officer: told::officer(&request.officer, "/officer")?,
        legal_basis: Reason::parse(&request.legal_basis, "/legal_basis")?,
        kinds,
        expires_at: Timestamp::from_millis(request.expires_at_ms),
        reason: told::reason(&request.reason)?,
    })
}

pub(super) fn privilege(privilege: &Privilege) -> proto::Privilege {
    let change = privilege.change.as_ref();
    let state = match privilege.state {
        PrivilegeState::Proposed => proto::PrivilegeState::Proposed,
        PrivilegeState::Granted => proto::PrivilegeState::Granted,
        PrivilegeState::Refused => proto::PrivilegeState::Refused,
        PrivilegeState::Withdrawn => proto::PrivilegeState::Withdrawn,
    };
    proto::Privilege {
        id: privilege.id.to_string(),
        institution_id: privilege.institution.clone(),
        officer: privilege.officer.to_string(),
        legal_basis: privilege.legal_basis.as_str().to_owned(),
        kinds: privilege.kinds.iter().map(|kind| contract_kind(*kind).into()).collect(),
        expires_at_ms: privilege.expires_at.millis(),
        state: state.into(),
        proposed_by: privilege.proposed_by.to_string(),
        proposed_at_ms: privilege.proposed_at.millis(),
        reason: privilege.reason.as_str().to_owned(),
        changed_by: change.map(|change| change.by.to_string()).unwrap_or_default(),
        changed_at_ms: change.map_or(0, |change| change.at.millis()),
        changed_reason: change.map(|change| change.reason.as_str().to_owned()).unwrap_or_default(),
    }
}

pub(super) fn outcome(number: i32) -> Result<ReviewOutcome, Refusal> {
    match proto::ReviewOutcome::try_from(number) {
        Ok(proto::ReviewOutcome::InOrder) => Ok(ReviewOutcome::InOrder),
        Ok(proto::ReviewOutcome::NotInOrder) => Ok(ReviewOutcome::NotInOrder),
        Ok(proto::ReviewOutcome::Unclear) => Ok(ReviewOutcome::Unclear),
        Ok(proto::ReviewOutcome::Unspecified) => Err(Refusal::Missing { member: "/outcome" }),
        Err(_) => Err(Refusal::Invalid { member: "/outcome", expected: "an outcome" }),
    }
}

pub(super) fn review((review, verification): &(Review, Verification)) -> proto::Review {
    let mandate = &verification.mandate;
    let mut answer = proto::Review {
        verification_id: review.verification.to_string(),
        institution_id: mandate.institution.id().to_owned(),
        officer: review.officer.to_string(),
        used_at_ms: verification.times.opened_at.millis(),
        purpose: mandate.purpose.clone(),
        legal_basis: mandate.legal_basis.clone(),
        case_number: mandate.case_number.to_string(),
        kind: contract_kind(verification.kind).into(),
        ..proto::Review::default()
    };
    if let Some((outcome, change)) = &review.outcome {
        answer.set_outcome(match outcome {
            ReviewOutcome::InOrder => proto::ReviewOutcome::InOrder,
            ReviewOutcome::NotInOrder => proto::ReviewOutcome::NotInOrder,
            ReviewOutcome::Unclear => proto::ReviewOutcome::Unclear,
        });
        answer.reviewed_by = change.by.to_string();
        answer.reviewed_at_ms = change.at.millis();
        change.reason.as_str().clone_into(&mut answer.finding);
    }
    answer
}

pub(super) fn alert(institution: &str, alert: &Alert) -> proto::Alert {
    let change = alert.acknowledged.as_ref();
    let rule = match alert.rule {
        AlertRule::Many => proto::AlertRule::Many,
        AlertRule::MoreThanUsual => proto::AlertRule::MoreThanUsual,
        AlertRule::SamePerson => proto::AlertRule::SamePerson,
    };
    let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    proto::Alert {
        id: alert.id.to_string(),
        rule: rule.into(),
        institution_id: institution.to_owned(),
        officer: alert.officer.to_string(),
        raised_at_ms: alert.raised_at.millis(),
        counted: count(alert.counted),
        threshold: count(alert.threshold),
        acknowledged_by: change.map(|change| change.by.to_string()).unwrap_or_default(),
        acknowledged_at_ms: change.map_or(0, |change| change.at.millis()),
        finding: change.map(|change| change.reason.as_str().to_owned()).unwrap_or_default(),
    }
}
