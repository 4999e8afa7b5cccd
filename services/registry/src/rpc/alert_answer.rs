//! Checks → answers.

use straznica_contracts::registry::v1 as proto;
use straznica_types::Timestamp;

use super::case_answer::{basis, text};
use crate::app::{BorderCheck, OpenAlert, ShownAlertConsultation, ShownCheck, ShownChecks, ShownFinding};
use crate::domain::alerts::{
    About, Agreement, Likeness, Outcome, Progress, Resolution, ResolutionState, Standing, Unavailable, Verdict,
};

pub(super) fn check(shown: ShownCheck<'_>) -> proto::AlertCheck {
    let ShownCheck { check, outcome, findings, forgotten } = shown;
    let mut answer = proto::AlertCheck {
        check_id: check.id.to_string(),
        person_id: check.person.to_string(),
        case_id: check.case.map(|case| case.to_string()).unwrap_or_default(),
        statement_id: check.statement.map(|statement| statement.to_string()).unwrap_or_default(),
        source: check.source,
        as_of_ms: check.as_of.map(Timestamp::millis),
        checked_at_ms: check.checked_at.millis(),
        checked_by: check.checked_by.to_string(),
        findings: findings.into_iter().map(finding).collect(),
        forgotten,
        ..proto::AlertCheck::default()
    };
    answer.set_subject(subject(check.about));
    answer.set_result(result(outcome));
    answer.set_unavailable(outcome.unavailable().map_or(proto::AlertUnavailability::Unspecified, unavailability));
    answer
}

pub(super) fn of_case(shown: &ShownCheck<'_>) -> proto::CaseAlertCheck {
    let mut answer = proto::CaseAlertCheck {
        check_id: shown.check.id.to_string(),
        person_id: shown.check.person.to_string(),
        checked_at_ms: shown.check.checked_at.millis(),
        ..proto::CaseAlertCheck::default()
    };
    answer.set_subject(subject(shown.check.about));
    answer.set_result(result(shown.outcome));
    answer.set_unavailable(shown.outcome.unavailable().map_or(proto::AlertUnavailability::Unspecified, unavailability));
    answer
}

pub(super) fn checks(shown: ShownChecks<'_>) -> proto::ListAlertChecksResponse {
    proto::ListAlertChecksResponse {
        checks: shown.checks.into_iter().map(check).collect(),
        consultations: shown.consultations.into_iter().map(consultation).collect(),
    }
}

pub(super) fn open(alert: OpenAlert) -> proto::OpenAlert {
    let (resolution_id, proposed_by) =
        alert.proposed.map(|(id, by)| (id.to_string(), by.to_string())).unwrap_or_default();
    proto::OpenAlert {
        finding_id: alert.finding.to_string(),
        check_id: alert.check.to_string(),
        person_id: alert.person.to_string(),
        case_id: alert.case.map(|case| case.to_string()).unwrap_or_default(),
        checked_at_ms: alert.checked_at.millis(),
        resolution_id,
        proposed_by,
    }
}

pub(super) fn border(shown: BorderCheck<'_>) -> proto::CheckAtBorderResponse {
    let mut answer = proto::CheckAtBorderResponse {
        as_of_ms: shown.as_of.map(Timestamp::millis),
        checked_at_ms: shown.checked_at.millis(),
        findings: shown.findings.into_iter().map(finding).collect(),
        check_id: shown.id.to_string(),
        ..proto::CheckAtBorderResponse::default()
    };
    answer.set_result(result(shown.outcome));
    answer.set_unavailable(shown.unavailable.map_or(proto::AlertUnavailability::Unspecified, unavailability));
    answer
}

pub(super) fn consultation(shown: ShownAlertConsultation<'_>) -> proto::AlertConsultation {
    let ShownAlertConsultation { consultation, progress, rule } = shown;
    let answered = consultation.answer.as_ref();
    let mut answer = proto::AlertConsultation {
        consultation_id: consultation.id.to_string(),
        case_id: consultation.case.to_string(),
        person_id: consultation.person.to_string(),
        issuing_state: consultation.issuing_state.as_str().to_owned(),
        kind: consultation.owed.as_str().to_owned(),
        basis: rule.map(|rule| basis(&rule.basis)),
        says: rule.map(|rule| text(&rule.says)),
        asked_at_ms: consultation.asked_at.millis(),
        asked_by: consultation.asked_by.to_string(),
        last_day: consultation.last_day.map(|day| day.to_string()).unwrap_or_default(),
        answered_at_ms: answered.map(|answered| answered.at.millis()),
        answered_by: answered.map(|answered| answered.by.to_string()).unwrap_or_default(),
        note: answered.map(|answered| answered.note.clone()).unwrap_or_default(),
        ..proto::AlertConsultation::default()
    };
    answer.set_answer(match progress {
        Progress::Awaited { .. } => proto::IssuingStateAnswer::Awaited,
        Progress::NoObjection => proto::IssuingStateAnswer::NoObjection,
        Progress::Objection => proto::IssuingStateAnswer::Objection,
        Progress::Silence => proto::IssuingStateAnswer::Silence,
        Progress::Told => proto::IssuingStateAnswer::Told,
    });
    answer
}

fn finding(shown: ShownFinding<'_>) -> proto::AlertFinding {
    let mut answer = proto::AlertFinding {
        finding_id: shown.id.map(|id| id.to_string()).unwrap_or_default(),
        category: shown.finding.category.as_str().to_owned(),
        title: shown.category.map(|rule| text(&rule.title)),
        basis: shown.category.map(|rule| basis(&rule.basis)),
        action: shown.finding.action.as_str().to_owned(),
        instruction: shown.action.map(|rule| text(&rule.says)),
        // Nobody is told by mistake.
        discreet: shown.action.is_none_or(|rule| rule.discreet),
        issuing_state: shown.finding.issuing_state.as_str().to_owned(),
        likeness: shown.finding.likeness.as_ref().map(likeness),
        resolution: shown.resolution.as_ref().map(resolution),
        ..proto::AlertFinding::default()
    };
    answer.set_standing(match shown.standing {
        Standing::Exact => proto::AlertStanding::Exact,
        Standing::Possible => proto::AlertStanding::Possible,
        Standing::Confirmed => proto::AlertStanding::Confirmed,
        Standing::Cleared => proto::AlertStanding::Cleared,
    });
    answer
}

fn likeness(likeness: &Likeness) -> proto::AlertLikeness {
    let mut answer = proto::AlertLikeness::default();
    answer.name_score = likeness.name_score;
    answer.name_reasons.clone_from(&likeness.name_reasons);
    answer.set_birth(agreement(likeness.birth));
    answer.set_nationality(agreement(likeness.nationality));
    answer.set_sex(agreement(likeness.sex));
    answer
}

fn resolution(resolution: &Resolution) -> proto::AlertResolution {
    let decided = resolution.decision.as_ref();
    let mut answer = proto::AlertResolution {
        resolution_id: resolution.id.to_string(),
        grounds: resolution.grounds.clone(),
        proposed_by: resolution.by.to_string(),
        proposed_at_ms: resolution.at.millis(),
        decided_by: decided.map(|decided| decided.by.to_string()).unwrap_or_default(),
        decided_at_ms: decided.map(|decided| decided.at.millis()),
        decision_grounds: decided.map(|decided| decided.grounds.clone()).unwrap_or_default(),
        ..proto::AlertResolution::default()
    };
    answer.set_verdict(match resolution.verdict {
        Verdict::SamePerson => proto::AlertResolutionVerdict::SamePerson,
        Verdict::NotThePerson => proto::AlertResolutionVerdict::NotThePerson,
    });
    answer.set_state(resolution_state(resolution.state()));
    answer
}

pub(super) const fn resolution_state(state: ResolutionState) -> proto::AlertResolutionState {
    match state {
        ResolutionState::Proposed => proto::AlertResolutionState::Proposed,
        ResolutionState::Agreed => proto::AlertResolutionState::Agreed,
        ResolutionState::Rejected => proto::AlertResolutionState::Rejected,
    }
}

const fn result(outcome: Outcome) -> proto::AlertResult {
    match outcome {
        Outcome::NoHit => proto::AlertResult::NoHit,
        Outcome::Unavailable(_) => proto::AlertResult::Unavailable,
        Outcome::Possible => proto::AlertResult::Possible,
        Outcome::Hit => proto::AlertResult::Hit,
    }
}

const fn subject(about: About) -> proto::AlertSubject {
    match about {
        About::Person => proto::AlertSubject::Person,
        About::Document => proto::AlertSubject::Document,
    }
}

const fn agreement(agreement: Agreement) -> proto::AlertAgreement {
    match agreement {
        Agreement::Same => proto::AlertAgreement::Same,
        Agreement::Compatible => proto::AlertAgreement::Compatible,
        Agreement::Different => proto::AlertAgreement::Different,
        Agreement::Unknown => proto::AlertAgreement::Unknown,
    }
}

const fn unavailability(why: Unavailable) -> proto::AlertUnavailability {
    match why {
        Unavailable::NotConfigured => proto::AlertUnavailability::NotConfigured,
        Unavailable::TimedOut => proto::AlertUnavailability::TimedOut,
        Unavailable::Unreachable => proto::AlertUnavailability::Unreachable,
        Unavailable::SourceDown => proto::AlertUnavailability::SourceDown,
        Unavailable::Refused => proto::AlertUnavailability::Refused,
        Unavailable::Malformed => proto::AlertUnavailability::Malformed,
        Unavailable::Incomplete => proto::AlertUnavailability::Incomplete,
        Unavailable::Stale => proto::AlertUnavailability::Stale,
    }
}
