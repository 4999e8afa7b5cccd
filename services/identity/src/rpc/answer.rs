//! Inspections → answers.

use emrtd::inspection::{Check, CheckResult, Profile, Verdict, Weight};
use emrtd::presentation::Scope;
use straznica_contracts::identity::v1 as proto;
use straznica_types::Timestamp;

use crate::domain::{
    AlertsResult, AlertsStep, BorderAlerts, BothTexts, FoundAlert, Inspection, Line, Referral, Unchecked,
};

pub(super) fn inspection(inspection: &Inspection, profile: &Profile) -> proto::Inspection {
    let judgement = &inspection.judgement;
    let fingerprints = inspection.fingerprints.as_ref();
    proto::Inspection {
        id: inspection.id.to_string(),
        verdict: verdict(judgement.verdict).into(),
        scope: scope(judgement.scope).to_owned(),
        issuing_state: judgement.issuing_state.clone().unwrap_or_default(),
        checks: judgement.checks.iter().map(|made| check(made, judgement.scope, profile)).collect(),
        tolerances: judgement
            .tolerances
            .iter()
            .map(|used| proto::Tolerance { code: name(&used.code), detail: format!("{}: {}", used.at, used.detail) })
            .collect(),
        defects: judgement
            .defects
            .iter()
            .map(|known| proto::Defect { code: known.code.clone(), detail: known.detail.clone() })
            .collect(),
        opened_at_ms: inspection.times.opened_at.millis(),
        updated_at_ms: inspection.times.updated_at.millis(),
        line: line(inspection.line).into(),
        trust_generation: inspection.trust_generation,
        referral: inspection.referral.as_ref().map(referral),
        fingerprint_result: fingerprints.map(|record| record.result.to_string()).unwrap_or_default(),
        profile: inspection.profile.clone(),
        terminal_authentication_available: inspection.announced_at.is_some(),
        trust_confirmed_at_ms: inspection.trust_confirmed_at.millis(),
        open_until_ms: inspection.times.open_until.millis(),
        alerts: Some(alerts(&inspection.alerts)),
    }
}

const fn verdict(verdict: Verdict) -> proto::Verdict {
    match verdict {
        Verdict::Genuine => proto::Verdict::Genuine,
        Verdict::NotGenuine => proto::Verdict::NotGenuine,
        Verdict::Undetermined => proto::Verdict::Undetermined,
    }
}

const fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::SecurityObject => "security_object",
        Scope::Document => "document",
    }
}

const fn line(line: Line) -> proto::InspectionLine {
    match line {
        Line::First => proto::InspectionLine::First,
        Line::Second => proto::InspectionLine::Second,
    }
}

fn check(made: &Check, scope: Scope, profile: &Profile) -> proto::Check {
    let result = match made.result {
        CheckResult::Successful => "successful",
        CheckResult::Failed => "failed",
        CheckResult::Undetermined => "undetermined",
        CheckResult::NotSupported => "not_supported",
        CheckResult::Aborted => "aborted",
    };
    let weight = match profile.weight(scope, made.check) {
        Weight::Mandatory => "mandatory",
        Weight::MandatoryWhereSupported => "mandatory_where_supported",
        Weight::Optional => "optional",
        Weight::Evaluatory => "evaluatory",
    };
    proto::Check {
        check: made.check.to_string(),
        result: result.to_owned(),
        weight: weight.to_owned(),
        evidence: made.evidence.0.clone().into_iter().collect(),
    }
}

/// The name a unit variant has in JSON.
fn name(code: &impl serde::Serialize) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

fn referral(referral: &Referral) -> proto::Referral {
    let closure = referral.closure.as_ref();
    proto::Referral {
        reason: referral.reason.clone(),
        referred_at_ms: referral.referred_at.millis(),
        outcome: closure.map(|closure| closure.outcome.to_string()).unwrap_or_default(),
        closed_at_ms: closure.map_or(0, |closure| Timestamp::millis(closure.closed_at)),
    }
}

fn alerts(alerts: &BorderAlerts) -> proto::BorderAlerts {
    let mut answer = proto::BorderAlerts {
        check_id: alerts.check.map(|check| check.to_string()).unwrap_or_default(),
        checked_at_ms: alerts.checked_at.map(Timestamp::millis),
        found: alerts.found.iter().map(found).collect(),
        ..proto::BorderAlerts::default()
    };
    answer.set_result(match alerts.result {
        AlertsResult::NotChecked(_) => proto::BorderAlertsResult::NotChecked,
        AlertsResult::NoHit => proto::BorderAlertsResult::NoHit,
        AlertsResult::Possible(_) => proto::BorderAlertsResult::Possible,
        AlertsResult::Hit(_) => proto::BorderAlertsResult::Hit,
    });
    answer.set_unchecked(alerts.result.unchecked().map_or(proto::BorderAlertsUnchecked::Unspecified, unchecked));
    answer.set_step(match alerts.step {
        AlertsStep::GoOn => proto::BorderAlertsStep::GoOn,
        AlertsStep::ReadHolder => proto::BorderAlertsStep::ReadHolder,
        AlertsStep::SecondLine => proto::BorderAlertsStep::SecondLine,
        AlertsStep::Discreetly => proto::BorderAlertsStep::Discreetly,
        AlertsStep::CheckElsewhere => proto::BorderAlertsStep::CheckElsewhere,
    });
    answer
}

const fn unchecked(why: Unchecked) -> proto::BorderAlertsUnchecked {
    match why {
        Unchecked::HolderNotRead => proto::BorderAlertsUnchecked::HolderNotRead,
        Unchecked::HolderUnreadable => proto::BorderAlertsUnchecked::HolderUnreadable,
        Unchecked::NotConfigured => proto::BorderAlertsUnchecked::NotConfigured,
        Unchecked::TimedOut => proto::BorderAlertsUnchecked::TimedOut,
        Unchecked::Unreachable => proto::BorderAlertsUnchecked::Unreachable,
        Unchecked::SourceDown => proto::BorderAlertsUnchecked::SourceDown,
        Unchecked::Refused => proto::BorderAlertsUnchecked::Refused,
        Unchecked::Malformed => proto::BorderAlertsUnchecked::Malformed,
        Unchecked::Incomplete => proto::BorderAlertsUnchecked::Incomplete,
        Unchecked::Stale => proto::BorderAlertsUnchecked::Stale,
    }
}

fn found(alert: &FoundAlert) -> proto::BorderAlert {
    let both = |texts: &BothTexts| {
        let mut text = proto::BorderAlertText::default();
        text.pl.clone_from(&texts.pl);
        text.en.clone_from(&texts.en);
        text
    };
    let mut answer = proto::BorderAlert::default();
    answer.category.clone_from(&alert.category);
    answer.title = Some(both(&alert.title));
    answer.basis.clone_from(&alert.basis);
    answer.action.clone_from(&alert.action);
    answer.instruction = Some(both(&alert.instruction));
    answer.discreet = alert.discreet;
    answer.issuing_state.clone_from(&alert.issuing_state);
    answer.possible = alert.possible;
    answer
}
