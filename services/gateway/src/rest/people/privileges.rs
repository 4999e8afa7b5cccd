//! The services' path without a code: proposed by one, granted by another, reviewed by a third.

use axum::{extract::State, response::Response};
use straznica_contracts::identity::v1 as contract;

use super::{
    Named, NamedTwo, present,
    wire::{
        documents::Shown,
        privileges::{
            Acknowledgement, Alert, AlertList, DoneToo, NewCheck, NewPrivilege, Privilege, PrivilegeDecision,
            PrivilegeList, Review, ReviewList, ReviewResult,
        },
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::OfficialCaller,
        extract::{DigestedJson, Json, Parameters, PersonalJson, personal_response},
        once::{Once, created},
        wire::reason::Reason,
    },
};

/// Privileges of an institution
#[utoipa::path(get, path = "/v1/institutions/{institution}/privileges", tag = "privileges", operation_id = "listPrivileges",
    params(("institution" = String, Path, description = "The institution", example = "sg-nadwislanski")),
    responses((status = 200, description = "The privileges", body = PrivilegeList)))]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution_id): Named,
) -> Result<Json<PrivilegeList>, GatewayError> {
    let request = contract::ListPrivilegesRequest { context: caller.context(None, None), institution_id };
    Ok(Json(PrivilegeList::of(gateway.privileges().list_privileges(request).await?.into_inner().privileges)?))
}

/// Propose a privilege
///
/// Counts once another person grants it; neither is the one who has it.
#[utoipa::path(post, path = "/v1/institutions/{institution}/privileges", tag = "privileges", operation_id = "proposePrivilege",
    params(("institution" = String, Path, description = "The institution", example = "sg-nadwislanski"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewPrivilege, description = "The privilege", content_type = "application/json"),
    responses((status = 201, description = "It is proposed", body = Privilege)))]
pub(crate) async fn propose(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution_id): Named,
    once: Once,
    body: DigestedJson<NewPrivilege>,
) -> Result<Response, GatewayError> {
    let new = body.value;
    let request = contract::ProposePrivilegeRequest {
        context: caller.context(None, None),
        institution_id,
        officer: new.officer.to_string(),
        legal_basis: new.legal_basis.0,
        kinds: new.kinds.iter().map(|kind| kind.contract().into()).collect(),
        expires_at_ms: new.expires_at.0.millis(),
        reason: new.reason.0,
    };
    let mut privileges = gateway.privileges();
    let work = async move {
        let proposed = privileges.propose_privilege(request).await?.into_inner();
        created(String::new(), &Privilege::of(proposed.privilege)?)
    };
    once.run(&gateway, &caller.owner, gateway.keyed_digest(&body.sha256, ""), work).await
}

/// Grant or refuse a proposed privilege
#[utoipa::path(post, path = "/v1/institutions/{institution}/privileges/{privilege}/decision", tag = "privileges", operation_id = "decidePrivilege",
    params(("institution" = String, Path, description = "The institution", example = "sg-nadwislanski"),
        ("privilege" = String, Path, description = "The proposal", example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = PrivilegeDecision, description = "The decision", content_type = "application/json"),
    responses((status = 200, description = "The privilege", body = Privilege)))]
pub(crate) async fn decide(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    NamedTwo(institution_id, privilege_id): NamedTwo,
    Json(decision): Json<PrivilegeDecision>,
) -> Result<Json<Privilege>, GatewayError> {
    let request = contract::DecidePrivilegeRequest {
        context: caller.context(None, None),
        institution_id,
        privilege_id,
        grant: decision.grant,
        reason: decision.reason.0,
    };
    Ok(Json(Privilege::of(gateway.privileges().decide_privilege(request).await?.into_inner().privilege)?))
}

/// End a privilege or a proposal
///
/// At once.
#[utoipa::path(post, path = "/v1/institutions/{institution}/privileges/{privilege}/withdrawal", tag = "privileges", operation_id = "withdrawPrivilege",
    params(("institution" = String, Path, description = "The institution", example = "sg-nadwislanski"),
        ("privilege" = String, Path, description = "The privilege", example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 200, description = "The privilege", body = Privilege)))]
pub(crate) async fn withdraw(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    NamedTwo(institution_id, privilege_id): NamedTwo,
    Json(why): Json<Reason>,
) -> Result<Json<Privilege>, GatewayError> {
    let context = caller.context(None, None);
    let request = contract::WithdrawPrivilegeRequest { context, institution_id, privilege_id, reason: why.reason.0 };
    Ok(Json(Privilege::of(gateway.privileges().withdraw_privilege(request).await?.into_inner().privilege)?))
}

/// Ask a register without asking the person
///
/// For officials of a service with a privilege. Live from the register, shown in this answer and kept nowhere; always journalled, counted, perhaps reviewed, and
/// read by the person when the law lets them. There is no Idempotency-Key here.
#[utoipa::path(post, path = "/v1/checks", tag = "privileges", operation_id = "checkByPrivilege",
    request_body(content = NewCheck, description = "Whom, which document, and why", content_type = "application/json"),
    responses((status = 200, description = "What the register says", body = Shown)))]
pub(crate) async fn check(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    PersonalJson(new): PersonalJson<NewCheck>,
) -> Result<Response, GatewayError> {
    let request = contract::CheckByPrivilegeRequest {
        context: caller.context(Some(&new.purpose.0), Some(&new.case.0)),
        institution_id: caller.institution()?.id.clone(),
        pesel: new.pesel.expose().clone(),
        kind: new.kind.contract().into(),
    };
    let mut shown = present(gateway.privileges().check_by_privilege(request).await?.into_inner().shown)?;
    let verification = present(shown.verification.take())?;
    personal_response(&Shown::of(verification.into(), &shown)?)
}

/// Uses drawn for review
#[utoipa::path(get, path = "/v1/institutions/{institution}/reviews", tag = "privileges", operation_id = "listReviews",
    params(("institution" = String, Path, description = "The institution", example = "sg-nadwislanski"), DoneToo),
    responses((status = 200, description = "The uses", body = ReviewList)))]
pub(crate) async fn reviews(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution_id): Named,
    Parameters(query): Parameters<DoneToo>,
) -> Result<Json<ReviewList>, GatewayError> {
    let context = caller.context(None, None);
    let request = contract::ListReviewsRequest { context, institution_id, closed_too: query.done_too };
    Ok(Json(ReviewList::of(gateway.privileges().list_reviews(request).await?.into_inner().reviews)?))
}

/// Close a review
///
/// By another person than who made the use.
#[utoipa::path(post, path = "/v1/institutions/{institution}/reviews/{verification}/result", tag = "privileges", operation_id = "closeReview",
    params(("institution" = String, Path, description = "The institution", example = "sg-nadwislanski"),
        ("verification" = String, Path, description = "The use", example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")),
    request_body(content = ReviewResult, description = "What was found", content_type = "application/json"),
    responses((status = 200, description = "The review", body = Review)))]
pub(crate) async fn close_review(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    NamedTwo(institution_id, verification_id): NamedTwo,
    Json(result): Json<ReviewResult>,
) -> Result<Json<Review>, GatewayError> {
    let request = contract::CloseReviewRequest {
        context: caller.context(None, None),
        institution_id,
        verification_id,
        outcome: result.outcome.contract().into(),
        finding: result.finding.0,
    };
    Ok(Json(Review::of(gateway.privileges().close_review(request).await?.into_inner().review)?))
}

/// Unusual uses
#[utoipa::path(get, path = "/v1/institutions/{institution}/alerts", tag = "privileges", operation_id = "listAlerts",
    params(("institution" = String, Path, description = "The institution", example = "sg-nadwislanski"), DoneToo),
    responses((status = 200, description = "The alerts", body = AlertList)))]
pub(crate) async fn alerts(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution_id): Named,
    Parameters(query): Parameters<DoneToo>,
) -> Result<Json<AlertList>, GatewayError> {
    let context = caller.context(None, None);
    let request = contract::ListAlertsRequest { context, institution_id, acknowledged_too: query.done_too };
    Ok(Json(AlertList::of(gateway.privileges().list_alerts(request).await?.into_inner().alerts)?))
}

/// Say that an alert was looked into
#[utoipa::path(post, path = "/v1/institutions/{institution}/alerts/{alert}/acknowledgement", tag = "privileges", operation_id = "acknowledgeAlert",
    params(("institution" = String, Path, description = "The institution", example = "sg-nadwislanski"),
        ("alert" = String, Path, description = "The alert", example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = Acknowledgement, description = "What was found", content_type = "application/json"),
    responses((status = 200, description = "The alert", body = Alert)))]
pub(crate) async fn acknowledge(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    NamedTwo(institution_id, alert_id): NamedTwo,
    Json(told): Json<Acknowledgement>,
) -> Result<Json<Alert>, GatewayError> {
    let context = caller.context(None, None);
    let request = contract::AcknowledgeAlertRequest { context, institution_id, alert_id, finding: told.finding.0 };
    Ok(Json(Alert::of(gateway.privileges().acknowledge_alert(request).await?.into_inner().alert)?))
}
