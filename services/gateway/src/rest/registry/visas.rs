//! Visas of the persons of a case, as the register of visas has them at this moment.

use axum::{extract::State, response::Response};
use straznica_contracts::registry::v1 as contract;

use super::{desk::Desk, wire::visas::CaseVisas};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{extract::personal_response, people::Named},
};

/// Visas of a case's persons
///
/// The register of visas is asked for the travel documents stated of the persons of a case, at most twenty, while the official waits. Nothing of the answer is kept; that it was asked, and how it
/// answered, is journalled. `unavailable` and `not_configured` are never to be read as `none`.
#[utoipa::path(get, path = "/v1/registry/cases/{case}/visas", tag = "cases", operation_id = "getCaseVisas",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 200, description = "What was said of each document", body = CaseVisas)))]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(case_id): Named,
) -> Result<Response, GatewayError> {
    let request = contract::ReadCaseVisasRequest { context: desk.on_a_person()?, case_id };
    personal_response(&CaseVisas::of(gateway.visas()?.read_case_visas(request).await?.into_inner())?)
}
