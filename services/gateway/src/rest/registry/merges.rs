//! Persons who are one: likely duplicates, merges and splits by two officers.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use straznica_contracts::registry::v1 as contract;

use super::{
    desk::Desk,
    routes::{APPROVERS, ISSUERS, OFFICERS},
    seen::tagged,
    wire::{
        because::Because,
        merges::{Dismissal, DuplicateQuery, Duplicates, MergeQuery, Merges, NewMerge, ProposedMerge, SeenVersions},
        persons::NewVersion,
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        extract::{Json, Parameters, personal_response},
        people::Named,
    },
};

/// Likely duplicates
///
/// Pairs of persons who may be one, found when one of them was registered or changed, and about whom nobody has decided. The reading is journalled with whom it showed.
#[utoipa::path(get, path = "/v1/registry/duplicates", tag = "persons", operation_id = "listDuplicates",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"), DuplicateQuery),
    responses((status = 200, description = "The likeliest first", body = Duplicates)))]
pub(crate) async fn duplicates(
    State(gateway): State<Gateway>,
    desk: Desk,
    Parameters(query): Parameters<DuplicateQuery>,
) -> Result<Response, GatewayError> {
    let request = contract::ListDuplicatesRequest { context: desk.on_a_person()?, limit: query.limit };
    let found = Box::pin(gateway.merges()?.list_duplicates(request)).await?.into_inner();
    personal_response(&Duplicates::of(found)?)
}

/// Say that two are two
///
/// Of a pair that was found alike. It is not proposed again.
#[utoipa::path(post, path = "/v1/registry/duplicates/dismissals", tag = "persons", operation_id = "dismissDuplicate",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    request_body(content = Dismissal, description = "Whom, and why", content_type = "application/json"),
    responses((status = 204, description = "They are two")))]
pub(crate) async fn dismiss(
    State(gateway): State<Gateway>,
    desk: Desk,
    Json(dismissal): Json<Dismissal>,
) -> Result<StatusCode, GatewayError> {
    desk.may_change(OFFICERS)?;
    let request = contract::DismissDuplicateRequest { context: desk.on_a_person()?, ..dismissal.into_contract() };
    gateway.merges()?.dismiss_duplicate(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Propose that two persons are one
///
/// Another officer confirms it. Nothing is moved: both ids answer with what is stated of either, and a split gives each back.
#[utoipa::path(post, path = "/v1/registry/merges", tag = "persons", operation_id = "proposeMerge",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    request_body(content = NewMerge, description = "Who is whom, and the versions that were seen", content_type = "application/json"),
    responses((status = 201, description = "It waits for another officer", body = ProposedMerge)))]
pub(crate) async fn propose(
    State(gateway): State<Gateway>,
    desk: Desk,
    Json(new): Json<NewMerge>,
) -> Result<Response, GatewayError> {
    desk.may_change(OFFICERS)?;
    let request = contract::ProposeMergeRequest { context: desk.on_a_person()?, ..new.into_contract() };
    let merge_id = gateway.merges()?.propose_merge(request).await?.into_inner().merge_id;
    Ok((StatusCode::CREATED, Json(ProposedMerge { merge_id })).into_response())
}

/// Merges that wait
///
/// For another officer, the oldest first: of two who may be one, and of two who may be two after all. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/merges", tag = "persons", operation_id = "listWaitingMerges",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"), MergeQuery),
    responses((status = 200, description = "The merges", body = Merges)))]
pub(crate) async fn waiting(
    State(gateway): State<Gateway>,
    desk: Desk,
    Parameters(query): Parameters<MergeQuery>,
) -> Result<Response, GatewayError> {
    let (context, person_id) = (desk.on_a_person()?, String::new());
    let request = contract::ListMergesRequest { context, person_id, limit: query.limit };
    personal_response(&Merges::of(gateway.merges()?.list_merges(request).await?.into_inner())?)
}

/// Merges of a person
///
/// Whatever became of them. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/persons/{person}/merges", tag = "persons", operation_id = "listPersonMerges",
    params(("person" = String, Path, description = "The person", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 200, description = "The oldest first", body = Merges)))]
pub(crate) async fn of_person(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(person_id): Named,
) -> Result<Response, GatewayError> {
    let request = contract::ListMergesRequest { context: desk.on_a_person()?, person_id, limit: 0 };
    personal_response(&Merges::of(gateway.merges()?.list_merges(request).await?.into_inner())?)
}

/// Confirm a proposal
///
/// Of another officer, to merge or to split. Of two who are to be split both versions are the same.
#[utoipa::path(post, path = "/v1/registry/merges/{merge}/confirmation", tag = "persons", operation_id = "confirmMerge",
    params(("merge" = String, Path, description = "The merge", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c56"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    request_body(content = SeenVersions, description = "The versions that were seen", content_type = "application/json"),
    responses((status = 200, description = "It is so", body = NewVersion, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn confirm(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(merge_id): Named,
    Json(seen): Json<SeenVersions>,
) -> Result<Response, GatewayError> {
    desk.may_change(APPROVERS)?;
    let request = contract::ConfirmProposalRequest {
        context: desk.on_a_person()?,
        merge_id,
        expected_version: seen.version,
        expected_merged_version: seen.merged_version,
    };
    let version = gateway.merges()?.confirm_proposal(request).await?.into_inner().version;
    tagged(version, Json(NewVersion { version }).into_response())
}

/// Reject a proposal
///
/// To merge or to split. Whoever made it takes it back so.
#[utoipa::path(post, path = "/v1/registry/merges/{merge}/rejection", tag = "persons", operation_id = "rejectMerge",
    params(("merge" = String, Path, description = "The merge", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c56"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    request_body(content = Because, description = "Why", content_type = "application/json"),
    responses((status = 204, description = "It stays as it was")))]
pub(crate) async fn reject(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(merge_id): Named,
    Json(Because { reason }): Json<Because>,
) -> Result<StatusCode, GatewayError> {
    desk.may_change(ISSUERS)?;
    let request = contract::RejectProposalRequest { context: desk.on_a_person()?, merge_id, reason: reason.0 };
    gateway.merges()?.reject_proposal(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Propose that two are two after all
///
/// Another officer confirms it. Each gets back what was stated of them, also meanwhile.
#[utoipa::path(post, path = "/v1/registry/merges/{merge}/split", tag = "persons", operation_id = "proposeSplit",
    params(("merge" = String, Path, description = "The merge", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c56"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    request_body(content = Because, description = "Why", content_type = "application/json"),
    responses((status = 204, description = "It waits for another officer")))]
pub(crate) async fn split(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(merge_id): Named,
    Json(Because { reason }): Json<Because>,
) -> Result<StatusCode, GatewayError> {
    desk.may_change(OFFICERS)?;
    let request = contract::ProposeSplitRequest { context: desk.on_a_person()?, merge_id, reason: reason.0 };
    gateway.merges()?.propose_split(request).await?;
    Ok(StatusCode::NO_CONTENT)
}
