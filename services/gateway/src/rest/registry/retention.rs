//! How long what is kept of cases is kept, and its erasure by two archivists; and what keeps a case from it.

use axum::{extract::State, response::Response};
use http::StatusCode;
use straznica_contracts::registry::v1 as contract;

use super::{
    desk::Desk,
    routes::{ARCHIVISTS, KEEPERS},
    wire::{
        because::Because,
        retention::{
            CaseHolds, ErasurePreview, ErasureReport, Erasures, NewErasure, PlacedHold, ProposedErasure, RetentionRules,
        },
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        extract::{DigestedJson, Json, NothingToSay},
        once::{Once, created},
        people::Named,
    },
};

/// Rules of retention
///
/// By class of data, with their legal basis and how far it was compared with the law.
#[utoipa::path(get, path = "/v1/registry/retention/rules", tag = "retention", operation_id = "listRetentionRules",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 200, description = "The rules", body = RetentionRules)))]
pub(crate) async fn rules(State(gateway): State<Gateway>, desk: Desk) -> Result<Json<RetentionRules>, GatewayError> {
    let request = contract::ListRetentionRulesRequest { context: desk.context() };
    Ok(Json(RetentionRules::of(gateway.retention()?.list_retention_rules(request).await?.into_inner())?))
}

/// What a rule would have erased today
///
/// And what stays because of a hold. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/retention/rules/{rule}/due", tag = "retention", operation_id = "previewErasure",
    params(("rule" = String, Path, description = "The rule", example = "protection_files"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 200, description = "What is due", body = ErasurePreview)))]
pub(crate) async fn due(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(rule): Named,
) -> Result<Json<ErasurePreview>, GatewayError> {
    let request = contract::PreviewErasureRequest { context: desk.context(), rule };
    Ok(Json(ErasurePreview::of(gateway.retention()?.preview_erasure(request).await?.into_inner())?))
}

/// Propose the erasure of what is due
///
/// Up to 500 cases, frozen as they are due today. Another archivist approves it; nothing is erased before.
#[utoipa::path(post, path = "/v1/registry/retention/erasures", tag = "retention", operation_id = "proposeErasure",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewErasure, description = "Under which rule", content_type = "application/json"),
    responses((status = 201, description = "It waits for another archivist", body = ProposedErasure)))]
pub(crate) async fn propose(
    State(gateway): State<Gateway>,
    desk: Desk,
    once: Once,
    body: DigestedJson<NewErasure>,
) -> Result<Response, GatewayError> {
    desk.may_change(ARCHIVISTS)?;
    let request = contract::ProposeErasureRequest { context: desk.context(), rule: body.value.rule.0 };
    let mut retention = gateway.retention()?;
    let work = async move {
        let contract::ProposeErasureResponse { erasure_id, cases } =
            retention.propose_erasure(request).await?.into_inner();
        let location = format!("/v1/registry/retention/erasures/{erasure_id}");
        created(location, &ProposedErasure { erasure_id, cases })
    };
    desk.once_unversioned(&gateway, once, &body.sha256, work).await
}

/// Erasures
///
/// The newest first, up to 100: those that wait for another archivist among them.
#[utoipa::path(get, path = "/v1/registry/retention/erasures", tag = "retention", operation_id = "listErasures",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 200, description = "The erasures", body = Erasures)))]
pub(crate) async fn list(State(gateway): State<Gateway>, desk: Desk) -> Result<Json<Erasures>, GatewayError> {
    let request = contract::ListErasuresRequest { context: desk.context() };
    Ok(Json(gateway.retention()?.list_erasures(request).await?.into_inner().into()))
}

/// How far an erasure has come
///
/// Case by case. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/retention/erasures/{erasure}", tag = "retention", operation_id = "getErasure",
    params(("erasure" = String, Path, description = "The erasure", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c61"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 200, description = "The report", body = ErasureReport)))]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(erasure_id): Named,
) -> Result<Json<ErasureReport>, GatewayError> {
    let request = contract::GetErasureRequest { context: desk.context(), erasure_id };
    Ok(Json(ErasureReport::of(gateway.retention()?.get_erasure(request).await?.into_inner())?))
}

/// Approve an erasure
///
/// By another archivist than who proposed it. A job erases case by case, each whole or not at all; what cannot be brought back goes.
#[utoipa::path(post, path = "/v1/registry/retention/erasures/{erasure}/approval", tag = "retention", operation_id = "approveErasure",
    params(("erasure" = String, Path, description = "The erasure", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c61"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 204, description = "It is approved")))]
pub(crate) async fn approve(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(erasure_id): Named,
    _nothing: NothingToSay,
) -> Result<StatusCode, GatewayError> {
    desk.may_change(ARCHIVISTS)?;
    let request = contract::ApproveErasureRequest { context: desk.context(), erasure_id };
    gateway.retention()?.approve_erasure(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keep a case from being erased
///
/// It, and everybody in it, until another officer lifts the hold.
#[utoipa::path(post, path = "/v1/registry/cases/{case}/holds", tag = "retention", operation_id = "placeHold",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = Because, description = "Who wants it kept, and why", content_type = "application/json"),
    responses((status = 201, description = "It is kept", body = PlacedHold)))]
pub(crate) async fn hold(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(case_id): Named,
    once: Once,
    body: DigestedJson<Because>,
) -> Result<Response, GatewayError> {
    desk.may_change(KEEPERS)?;
    let request = contract::PlaceHoldRequest { context: desk.context(), case_id, reason: body.value.reason.0 };
    let mut retention = gateway.retention()?;
    let work = async move {
        let hold_id = retention.place_hold(request).await?.into_inner().hold_id;
        created(String::new(), &PlacedHold { hold_id })
    };
    desk.once_unversioned(&gateway, once, &body.sha256, work).await
}

/// Holds on a case
///
/// Every one there was. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/cases/{case}/holds", tag = "retention", operation_id = "listHolds",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 200, description = "The oldest first", body = CaseHolds)))]
pub(crate) async fn holds(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(case_id): Named,
) -> Result<Json<CaseHolds>, GatewayError> {
    let request = contract::ListHoldsRequest { context: desk.context(), case_id };
    Ok(Json(gateway.retention()?.list_holds(request).await?.into_inner().into()))
}

/// Lift a hold
///
/// By another officer than who placed it.
#[utoipa::path(post, path = "/v1/registry/holds/{hold}/lifting", tag = "retention", operation_id = "liftHold",
    params(("hold" = String, Path, description = "The hold", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c62"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    request_body(content = Because, description = "Why", content_type = "application/json"),
    responses((status = 204, description = "It holds no more")))]
pub(crate) async fn lift(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(hold_id): Named,
    Json(Because { reason }): Json<Because>,
) -> Result<StatusCode, GatewayError> {
    desk.may_change(ARCHIVISTS)?;
    let request = contract::LiftHoldRequest { context: desk.context(), hold_id, reason: reason.0 };
    gateway.retention()?.lift_hold(request).await?;
    Ok(StatusCode::NO_CONTENT)
}
