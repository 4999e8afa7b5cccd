//! Who changed and read what is kept of a person or a case.

use axum::extract::State;
use straznica_contracts::registry::v1::{self as contract, list_history_request::Whose};

use super::{
    desk::Desk,
    wire::accesses::{AccessQuery, RecordAccesses},
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        extract::{Json, Parameters},
        people::Named,
    },
};

/// Who changed and read a person
///
/// From the journal, the newest first: which officer, when, for what purpose, in which case, by what law. The reading is in it from then on. What is stated of the person, and was,
/// is under `history`.
#[utoipa::path(get, path = "/v1/registry/persons/{person}/accesses", tag = "persons", operation_id = "listPersonAccesses",
    params(("person" = String, Path, description = "The person", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"), AccessQuery),
    responses((status = 200, description = "The entries", body = RecordAccesses)))]
pub(crate) async fn of_person(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(person_id): Named,
    Parameters(query): Parameters<AccessQuery>,
) -> Result<Json<RecordAccesses>, GatewayError> {
    desk.on_a_person()?;
    list(&gateway, &desk, Whose::PersonId(person_id), query).await
}

/// Who changed and read a case
///
/// As for a person.
#[utoipa::path(get, path = "/v1/registry/cases/{case}/accesses", tag = "cases", operation_id = "listCaseAccesses",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"), AccessQuery),
    responses((status = 200, description = "The entries", body = RecordAccesses)))]
pub(crate) async fn of_case(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(case_id): Named,
    Parameters(query): Parameters<AccessQuery>,
) -> Result<Json<RecordAccesses>, GatewayError> {
    list(&gateway, &desk, Whose::CaseId(case_id), query).await
}

async fn list(
    gateway: &Gateway,
    desk: &Desk,
    whose: Whose,
    AccessQuery { before, limit }: AccessQuery,
) -> Result<Json<RecordAccesses>, GatewayError> {
    let (context, whose) = (desk.context(), Some(whose));
    let request = contract::ListHistoryRequest { context, before, limit, whose };
    let found = gateway.record_history()?.list_history(request).await?.into_inner();
    Ok(Json(RecordAccesses::of(found, limit)))
}
