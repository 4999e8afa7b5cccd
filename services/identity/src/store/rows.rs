//! Rows ⇄ inspections and challenges.

use emrtd::presentation::AccessProtocol;
use sea_orm::ActiveValue::Set;
use sea_orm::prelude::Uuid;
use straznica_types::{ChallengeId, InspectionId, OfficerId, TerminalId, Timestamp};

use super::entity::{challenge, inspection};
use crate::domain::verification::{CitizenId, Subject};
use crate::domain::{
    AlertCheckId, AlertsResult, BorderAlerts, CHALLENGE_LENGTH, CaseNumber, Challenge, FingerprintRecord, Inspection,
    Mission, Referral, ReferralClosure, SessionTimes, verdict_name,
};

/// A row this release did not write: the database was changed by hand, or by a newer release in a way it may not.
#[derive(Debug, thiserror::Error)]
#[error("{table} {id}: column {column} cannot be read")]
pub struct UnreadableRow {
    table: &'static str,
    id: String,
    column: &'static str,
}

impl UnreadableRow {
    pub(super) fn new(table: &'static str, id: impl ToString, column: &'static str) -> Self {
        Self { table, id: id.to_string(), column }
    }
}

/// Whom a verification is about, from its columns; `None`: somebody is to be asked, and nobody named.
pub(super) fn subject_of(decoy: bool, citizen: Option<Uuid>) -> Option<Subject> {
    match (decoy, citizen.map(CitizenId::from_uuid)) {
        (true, citizen) => Some(Subject::Decoy(citizen)),
        (false, Some(citizen)) => Some(Subject::Citizen(citizen)),
        (false, None) => None,
    }
}

pub(super) fn challenge_row(challenge: &Challenge) -> challenge::ActiveModel {
    challenge::ActiveModel {
        id: Set(challenge.id.uuid()),
        terminal_id: Set(challenge.terminal.to_string()),
        value: Set(challenge.value.to_vec()),
        expires_at: Set(challenge.expires_at.millis()),
        used_at: Set(challenge.used_at.map(Timestamp::millis)),
    }
}

pub(super) fn challenge_of(row: challenge::Model) -> Result<Challenge, UnreadableRow> {
    let bad = |column| UnreadableRow { table: "challenge", id: row.id.to_string(), column };
    Ok(Challenge {
        id: ChallengeId::from_uuid(row.id),
        terminal: TerminalId::parse(&row.terminal_id).map_err(|_| bad("terminal_id"))?,
        value: <[u8; CHALLENGE_LENGTH]>::try_from(row.value.as_slice()).map_err(|_| bad("value"))?,
        expires_at: Timestamp::from_millis(row.expires_at),
        used_at: row.used_at.map(Timestamp::from_millis),
    })
}

/// The whole row; the revision is the one to be written.
pub(super) fn inspection_row(inspection: &Inspection, revision: i64) -> Result<inspection::ActiveModel, UnreadableRow> {
    let bad = |column| UnreadableRow { table: "inspection", id: inspection.id.to_string(), column };
    let closure = inspection.referral.as_ref().and_then(|referral| referral.closure.as_ref());
    let fingerprints = inspection.fingerprints.as_ref();
    let alerts = &inspection.alerts;
    let checked_at = alerts.checked_at;
    Ok(inspection::ActiveModel {
        id: Set(inspection.id.uuid()),
        terminal_id: Set(inspection.mission.terminal.to_string()),
        officer: Set(inspection.mission.officer.to_string()),
        purpose: Set(inspection.mission.purpose.clone()),
        legal_basis: Set(inspection.mission.legal_basis.clone()),
        case_number: Set(inspection.mission.case_number.as_ref().map(ToString::to_string)),
        document: Set(inspection.document.clone()),
        access: Set(access_name(inspection.access).to_owned()),
        line: Set(inspection.line.to_string()),
        security_object: Set(inspection.judgement.security_object.clone()),
        verdict: Set(verdict_name(inspection.judgement.verdict).to_owned()),
        issuing_state: Set(inspection.judgement.issuing_state.clone()),
        judgement: Set(serde_json::to_string(&inspection.judgement).map_err(|_| bad("judgement"))?),
        profile: Set(inspection.profile.clone()),
        trust_generation: Set(i64::try_from(inspection.trust_generation).map_err(|_| bad("trust_generation"))?),
        trust_confirmed_at: Set(inspection.trust_confirmed_at.millis()),
        opened_at: Set(inspection.times.opened_at.millis()),
        updated_at: Set(inspection.times.updated_at.millis()),
        open_until: Set(inspection.times.open_until.millis()),
        announced_at: Set(inspection.announced_at.map(Timestamp::millis)),
        referral_reason: Set(inspection.referral.as_ref().map(|referral| referral.reason.clone())),
        referred_at: Set(inspection.referral.as_ref().map(|referral| referral.referred_at.millis())),
        referred_by: Set(inspection.referral.as_ref().map(|referral| referral.referred_by.to_string())),
        referral_outcome: Set(closure.map(|closure| closure.outcome.to_string())),
        referral_closed_at: Set(closure.map(|closure| closure.closed_at.millis())),
        referral_closed_by: Set(closure.map(|closure| closure.closed_by.to_string())),
        fingerprint_result: Set(fingerprints.map(|record| record.result.to_string())),
        fingerprint_recorded_at: Set(fingerprints.map(|record| record.recorded_at.millis())),
        fingerprint_recorded_by: Set(fingerprints.map(|record| record.recorded_by.to_string())),
        revision: Set(revision),
        alerts_result: Set(checked_at.map(|_| alerts.result.as_str().to_owned())),
        alerts_unchecked: Set(checked_at.and(alerts.result.unchecked()).map(|why| why.as_str().to_owned())),
        alerts_step: Set(checked_at.map(|_| alerts.step.as_str().to_owned())),
        alerts_check: Set(alerts.check.map(AlertCheckId::uuid)),
        alerts_checked_at: Set(checked_at.map(Timestamp::millis)),
    })
}

pub(super) fn inspection_of(row: &inspection::Model) -> Result<Inspection, UnreadableRow> {
    let bad = |column| UnreadableRow { table: "inspection", id: row.id.to_string(), column };
    let case_number = row.case_number.as_deref().map(CaseNumber::parse).transpose().map_err(|_| bad("case_number"))?;
    Ok(Inspection {
        id: InspectionId::from_uuid(row.id),
        mission: Mission {
            terminal: TerminalId::parse(&row.terminal_id).map_err(|_| bad("terminal_id"))?,
            officer: OfficerId::parse(&row.officer).map_err(|_| bad("officer"))?,
            purpose: row.purpose.clone(),
            legal_basis: row.legal_basis.clone(),
            case_number,
        },
        document: row.document.clone(),
        access: access_of(&row.access).ok_or_else(|| bad("access"))?,
        line: row.line.parse().map_err(|_| bad("line"))?,
        judgement: serde_json::from_str(&row.judgement).map_err(|_| bad("judgement"))?,
        profile: row.profile.clone(),
        trust_generation: u64::try_from(row.trust_generation).map_err(|_| bad("trust_generation"))?,
        trust_confirmed_at: Timestamp::from_millis(row.trust_confirmed_at),
        times: SessionTimes {
            opened_at: Timestamp::from_millis(row.opened_at),
            updated_at: Timestamp::from_millis(row.updated_at),
            open_until: Timestamp::from_millis(row.open_until),
        },
        announced_at: row.announced_at.map(Timestamp::from_millis),
        referral: referral_of(row).map_err(bad)?,
        fingerprints: fingerprints_of(row).map_err(bad)?,
        alerts: alerts_of(row).map_err(bad)?,
        revision: row.revision,
    })
}

fn referral_of(row: &inspection::Model) -> Result<Option<Referral>, &'static str> {
    let Some(reason) = row.referral_reason.clone() else { return Ok(None) };
    let (Some(referred_at), Some(referred_by)) = (row.referred_at, row.referred_by.as_deref()) else {
        return Err("referred_by");
    };
    let closure = match (&row.referral_outcome, row.referral_closed_at, row.referral_closed_by.as_deref()) {
        (None, None, None) => None,
        (Some(outcome), Some(closed_at), Some(closed_by)) => Some(ReferralClosure {
            outcome: outcome.parse().map_err(|_| "referral_outcome")?,
            closed_at: Timestamp::from_millis(closed_at),
            closed_by: OfficerId::parse(closed_by).map_err(|_| "referral_closed_by")?,
        }),
        _ => return Err("referral_outcome"),
    };
    Ok(Some(Referral {
        reason,
        referred_at: Timestamp::from_millis(referred_at),
        referred_by: OfficerId::parse(referred_by).map_err(|_| "referred_by")?,
        closure,
    }))
}

fn fingerprints_of(row: &inspection::Model) -> Result<Option<FingerprintRecord>, &'static str> {
    match (&row.fingerprint_result, row.fingerprint_recorded_at, row.fingerprint_recorded_by.as_deref()) {
        (None, None, None) => Ok(None),
        (Some(result), Some(recorded_at), Some(recorded_by)) => Ok(Some(FingerprintRecord {
            result: result.parse().map_err(|_| "fingerprint_result")?,
            recorded_at: Timestamp::from_millis(recorded_at),
            recorded_by: OfficerId::parse(recorded_by).map_err(|_| "fingerprint_recorded_by")?,
        })),
        _ => Err("fingerprint_result"),
    }
}

/// What was found is not kept.
fn alerts_of(row: &inspection::Model) -> Result<BorderAlerts, &'static str> {
    let (Some(result), Some(step), Some(checked_at)) = (&row.alerts_result, &row.alerts_step, row.alerts_checked_at)
    else {
        return Ok(BorderAlerts::not_yet());
    };
    let unchecked = row.alerts_unchecked.as_deref().map(str::parse).transpose().map_err(|_| "alerts_unchecked")?;
    Ok(BorderAlerts {
        result: AlertsResult::from_parts(result, unchecked).ok_or("alerts_result")?,
        step: step.parse().map_err(|_| "alerts_step")?,
        check: row.alerts_check.map(AlertCheckId::from_uuid),
        checked_at: Some(Timestamp::from_millis(checked_at)),
        found: Vec::new(),
    })
}

const fn access_name(access: AccessProtocol) -> &'static str {
    match access {
        AccessProtocol::Bac => "bac",
        AccessProtocol::Pace => "pace",
        AccessProtocol::PaceCam => "pace_cam",
    }
}

fn access_of(name: &str) -> Option<AccessProtocol> {
    [AccessProtocol::Bac, AccessProtocol::Pace, AccessProtocol::PaceCam]
        .into_iter()
        .find(|access| access_name(*access) == name)
}
