//! The worklist.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use straznica_contracts::registry::v1 as contract;

use super::{
    desk::Desk,
    routes::OFFICERS,
    seen::{Seen, tagged},
    wire::work::{TakenCase, Taking, WorkQuery, Worklist},
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        extract::{Json, Parameters},
        people::Named,
    },
};

/// What is to be done
///
/// Open cases in fair order: what is due first, and of what is due alike, what has waited longest. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/worklist", tag = "cases", operation_id = "getWorklist",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"), WorkQuery),
    responses((status = 200, description = "The cases", body = Worklist)))]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    desk: Desk,
    Parameters(query): Parameters<WorkQuery>,
) -> Result<Json<Worklist>, GatewayError> {
    let request = contract::ListWorkRequest {
        context: desk.context(),
        case_type: query.case_type.map(|case_type| case_type.0).unwrap_or_default(),
        limit: query.limit,
    };
    Ok(Json(Worklist::of(gateway.cases()?.list_work(request).await?.into_inner())?))
}

/// Take a case to work on
///
/// One that is not the next of its type needs a reason, which is kept.
#[utoipa::path(post, path = "/v1/registry/cases/{case}/taking", tag = "cases", operation_id = "takeCase",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\"")),
    request_body(content = Taking, description = "Why, where it is not the next", content_type = "application/json"),
    responses((status = 200, description = "It is theirs", body = TakenCase, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn take(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    Named(case_id): Named,
    Json(taking): Json<Taking>,
) -> Result<Response, GatewayError> {
    desk.may_change(OFFICERS)?;
    let reason = taking.reason.map(|reason| reason.0).unwrap_or_default();
    let request = contract::TakeCaseRequest { context: desk.context(), case_id, expected_version, reason };
    let contract::TakeCaseResponse { version, out_of_order } = gateway.cases()?.take_case(request).await?.into_inner();
    tagged(version, Json(TakenCase { version, out_of_order }).into_response())
}
