//! Inspections of travel documents.

use axum::{extract::State, response::Response};
use http::{HeaderMap, HeaderName};
use straznica_contracts::identity::v1 as contract;
use straznica_types::OfficerId;

use crate::{
    app::Gateway,
    domain::{idempotency::StoredAnswer, mission::Mission},
    error::GatewayError,
    rest::{
        caller::{Claims, TerminalCaller},
        extract::{DigestedJson, InspectionPath, Json, NothingToSay},
        once::{Once, created},
        wire::{
            data_groups::BiometricDataGroup,
            inspection::{
                Challenge, FingerprintResult, FurtherEvidence, Inspection, NewInspection, NewReferral, ReferralOutcome,
            },
        },
    },
};

/// Who reads an inspection: a request without a body names its officer here, never in the address.
const OFFICER: HeaderName = HeaderName::from_static("x-officer");

/// A challenge for Active Authentication
///
/// Eight random bytes for INTERNAL AUTHENTICATE, for this terminal, for one response. No body, or an empty object.
#[utoipa::path(post, path = "/v1/inspections/challenge", tag = "inspections", operation_id = "createChallenge",
    responses((status = 200, description = "The challenge", body = Challenge)))]
pub(crate) async fn create_challenge(
    State(gateway): State<Gateway>,
    caller: TerminalCaller,
    NothingToSay: NothingToSay,
) -> Result<Json<Challenge>, GatewayError> {
    let request = contract::CreateChallengeRequest { context: caller.context(Claims::default()) };
    Ok(Json(gateway.create_challenge(request).await?.into()))
}

/// Open an inspection
///
/// With what the terminal has read so far: the verdict is given at once and brought up to date with `data-groups`. With DG1, holder and document are checked against alerts
/// while the document is judged; `alerts.step` says what to do. With an `Idempotency-Key` the same request may be repeated for 24 hours and gets the same answer; only a
/// digest of the body is kept, and the answer encrypted.
#[utoipa::path(post, path = "/v1/inspections", tag = "inspections", operation_id = "createInspection",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, chosen by the terminal, a new one for \
        each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewInspection, description = "What was read", content_type = "application/json"),
    responses((status = 201, description = "The inspection with its verdict", body = Inspection,
        headers(("Location" = String, description = "Address of the inspection")))))]
pub(crate) async fn create_inspection(
    State(gateway): State<Gateway>,
    caller: TerminalCaller,
    once: Once,
    body: DigestedJson<NewInspection>,
) -> Result<Response, GatewayError> {
    let mission = Mission {
        officer: body.value.officer.clone(),
        purpose: body.value.purpose.0.clone(),
        case: body.value.case.as_ref().map(|case| case.0.clone()),
    };
    let request = body.value.into_contract()?;
    let (opening, terminal) = (gateway.clone(), caller.terminal.clone());
    let work = async move { opening.create_inspection(&caller, mission, request).await.and_then(answer_of) };
    once.run(&gateway, &terminal, body.sha256, work).await
}

fn answer_of(inspection: contract::Inspection) -> Result<StoredAnswer, GatewayError> {
    created(format!("/v1/inspections/{}", inspection.id), &Inspection::from(inspection))
}

/// Add what was read since
///
/// A chip is read in this order: SOD, DG1, DG14 first, Chip and Terminal Authentication next, DG3 last; each call brings the verdict up to
/// date. A check that failed stays failed. DG1 brought again has alerts asked for again, where nobody could be asked before; what was found stays. For the terminal that
/// opened the inspection, while it is open.
#[utoipa::path(post, path = "/v1/inspections/{id}/data-groups", tag = "inspections", operation_id = "addEvidence",
    params(("id" = String, Path, description = "The inspection", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")),
    request_body(content = FurtherEvidence, description = "What is new", content_type = "application/json"),
    responses((status = 200, description = "The verdict brought up to date", body = Inspection)))]
pub(crate) async fn add_evidence(
    State(gateway): State<Gateway>,
    caller: TerminalCaller,
    InspectionPath(id): InspectionPath,
    Json(evidence): Json<FurtherEvidence>,
) -> Result<Json<Inspection>, GatewayError> {
    let request = contract::AddEvidenceRequest {
        context: caller.context(Claims::default()),
        inspection_id: id.to_string(),
        evidence: Some(evidence.into_contract()?),
    };
    Ok(Json(gateway.add_evidence(request).await?.into()))
}

/// An inspection as it stands
///
/// For the terminal that opened it and, once the person is referred, for the second line's. The reading is journalled: in the name of the officer
/// in `X-Officer` or, at the terminal that opened the inspection, of the one who opened it. Another terminal has to name its officer.
#[utoipa::path(get, path = "/v1/inspections/{id}", tag = "inspections", operation_id = "getInspection",
    params(("id" = String, Path, description = "The inspection", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Officer" = Option<String>, Header, description = "Service identifier of the officer who reads", min_length = 1, max_length = 64,
            example = "SG-4711")),
    responses((status = 200, description = "The inspection", body = Inspection)))]
pub(crate) async fn get_inspection(
    State(gateway): State<Gateway>,
    caller: TerminalCaller,
    InspectionPath(id): InspectionPath,
    headers: HeaderMap,
) -> Result<Json<Inspection>, GatewayError> {
    let officer = headers
        .get(OFFICER)
        .map(|officer| officer.to_str().ok().and_then(|text| OfficerId::parse(text).ok()))
        .map(|officer| officer.ok_or(GatewayError::OfficerMalformed))
        .transpose()?;
    let claims = officer.map(Claims::officer).unwrap_or_default();
    let request = contract::GetInspectionRequest { context: caller.context(claims), inspection_id: id.to_string() };
    Ok(Json(gateway.get_inspection(request).await?.into()))
}

/// Refer the person to the second line
#[utoipa::path(post, path = "/v1/inspections/{id}/referral", tag = "inspections", operation_id = "referInspection",
    params(("id" = String, Path, description = "The inspection", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")),
    request_body(content = NewReferral, description = "Why", content_type = "application/json"),
    responses((status = 200, description = "The inspection with its referral", body = Inspection)))]
pub(crate) async fn refer(
    State(gateway): State<Gateway>,
    caller: TerminalCaller,
    InspectionPath(id): InspectionPath,
    Json(referral): Json<NewReferral>,
) -> Result<Json<Inspection>, GatewayError> {
    let request = contract::ReferInspectionRequest {
        context: caller.context(Claims::officer(referral.officer)),
        inspection_id: id.to_string(),
        reason: referral.reason.0,
    };
    Ok(Json(gateway.refer(request).await?.into()))
}

/// Record what the second line decided
///
/// Another officer and another terminal may.
#[utoipa::path(post, path = "/v1/inspections/{id}/referral/outcome", tag = "inspections", operation_id = "closeReferral",
    params(("id" = String, Path, description = "The inspection", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")),
    request_body(content = ReferralOutcome, description = "What was decided", content_type = "application/json"),
    responses((status = 200, description = "The inspection with its referral closed", body = Inspection)))]
pub(crate) async fn close_referral(
    State(gateway): State<Gateway>,
    caller: TerminalCaller,
    InspectionPath(id): InspectionPath,
    Json(decided): Json<ReferralOutcome>,
) -> Result<Json<Inspection>, GatewayError> {
    let request = contract::CloseReferralRequest {
        context: caller.context(Claims::officer(decided.officer)),
        inspection_id: id.to_string(),
        outcome: decided.outcome.as_contract().to_owned(),
    };
    Ok(Json(gateway.close_referral(request).await?.into()))
}

/// Record the comparison of fingerprints
///
/// Made by the terminal; the fingerprints stay there. Once; `match` and `no_match` only after the digest of DG3 was found to be the one the
/// security object lists.
#[utoipa::path(post, path = "/v1/inspections/{id}/fingerprint-result", tag = "inspections", operation_id = "recordFingerprintResult",
    params(("id" = String, Path, description = "The inspection", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")),
    request_body(content = FingerprintResult, description = "What the comparison gave", content_type = "application/json"),
    responses((status = 200, description = "The inspection with the result", body = Inspection)))]
pub(crate) async fn record_fingerprint_result(
    State(gateway): State<Gateway>,
    caller: TerminalCaller,
    InspectionPath(id): InspectionPath,
    Json(compared): Json<FingerprintResult>,
) -> Result<Json<Inspection>, GatewayError> {
    let request = contract::RecordFingerprintResultRequest {
        context: caller.context(Claims::officer(compared.officer)),
        inspection_id: id.to_string(),
        result: compared.result.as_contract().to_owned(),
    };
    Ok(Json(gateway.record_fingerprint_result(request).await?.into()))
}

impl From<BiometricDataGroup> for GatewayError {
    fn from(refused: BiometricDataGroup) -> Self {
        Self::BiometricDataGroup(refused.0)
    }
}
