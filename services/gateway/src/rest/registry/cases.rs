//! Cases of the register, and what happens in them.

use axum::{extract::State, response::Response};
use straznica_contracts::registry::v1 as contract;

use super::{
    desk::Desk,
    routes::INTAKE,
    seen::{Seen, tagged},
    wire::cases::{Case, CaseQuery, MovedCase, NewCase, NewCaseEvent, OpenedCase},
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        extract::{DigestedJson, Parameters, personal_response},
        once::{Once, changed_as, created},
        people::Named,
    },
};

/// Open a case
///
/// By its first event, under the law of that day. One application (wniosek) covers several persons, the applicant first.
#[utoipa::path(post, path = "/v1/registry/cases", tag = "cases", operation_id = "openCase",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewCase, description = "Whom it is about, and what opens it", content_type = "application/json"),
    responses((status = 201, description = "The case is open", body = OpenedCase, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn open(
    State(gateway): State<Gateway>,
    desk: Desk,
    once: Once,
    body: DigestedJson<NewCase>,
) -> Result<Response, GatewayError> {
    desk.may_change(INTAKE)?;
    let request = contract::OpenCaseRequest { context: desk.context(), ..body.value.into_contract() };
    let mut cases = gateway.cases()?;
    let work = async move {
        let opened = OpenedCase::from(cases.open_case(request).await?.into_inner());
        created(opened.location(), &opened)
    };
    desk.once(&gateway, once, &body.sha256, work).await
}

/// A case with its deadlines
///
/// As it stands now, or stood at a moment. Each deadline says why it is what it is: the place in the law, the events counted, extensions, suspensions, days
/// off. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/cases/{case}", tag = "cases", operation_id = "getCase",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"), CaseQuery),
    responses((status = 200, description = "The case", body = Case, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(case_id): Named,
    Parameters(query): Parameters<CaseQuery>,
) -> Result<Response, GatewayError> {
    let at_ms = query.at.map(|at| at.0.millis());
    let request = contract::GetCaseRequest { context: desk.context(), case_id, at_ms };
    let case = Case::of(gateway.cases()?.get_case(request).await?.into_inner())?;
    tagged(case.version, personal_response(&case)?)
}

/// Record that something happened in a case
///
/// Refused where the rules do not let it happen. That a decision was issued is recorded by issuing it.
#[utoipa::path(post, path = "/v1/registry/cases/{case}/events", tag = "cases", operation_id = "recordCaseEvent",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewCaseEvent, description = "What happened", content_type = "application/json"),
    responses((status = 200, description = "It is recorded", body = MovedCase, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn record(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    Named(case_id): Named,
    once: Once,
    body: DigestedJson<NewCaseEvent>,
) -> Result<Response, GatewayError> {
    desk.may_change(INTAKE)?;
    let context = desk.context();
    let request = contract::RecordEventRequest { context, case_id, expected_version, ..body.value.into_contract() };
    let mut cases = gateway.cases()?;
    let work = async move {
        let contract::RecordEventResponse { version, stage } = cases.record_event(request).await?.into_inner();
        changed_as(&MovedCase { version, stage })
    };
    desk.once(&gateway, once, &body.sha256, work).await
}
