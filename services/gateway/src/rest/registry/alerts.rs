//! Checks of persons against alerts (Schengen Information System): made, looked at, resolved by two officers, and the states that entered the alerts consulted.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use futures::future::try_join_all;
use http::StatusCode;
use serde::Serialize;
use straznica_contracts::registry::v1 as contract;

use super::{
    desk::Desk,
    routes::{INTAKE, ISSUERS, OFFICERS},
    wire::alerts::{
        AlertCheck, AlertChecks, AlertConsultation, AlertQuery, AlertResolutionDecision, DecidedAlertResolution,
        NewAlertCheck, NewAlertConsultation, NewAlertResolution, NewIssuingStateAnswer, OpenAlerts,
        ProposedAlertResolution,
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        extract::{Json, NothingToSay, Parameters, personal_response},
        people::{Named, NamedTwo},
    },
};

/// Check a person against alerts
///
/// By everything ever stated of them, and of whom they were merged with. The check is kept; `unavailable` is never "no hit". Asked again it is made again.
#[utoipa::path(post, path = "/v1/registry/persons/{person}/alert-checks", tag = "alerts", operation_id = "checkPersonAgainstAlerts",
    params(("person" = String, Path, description = "The person", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    request_body(content = NewAlertCheck, description = "What it is for", content_type = "application/json"),
    responses((status = 201, description = "The check", body = AlertCheck)))]
pub(crate) async fn check_person(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(person_id): Named,
    Json(check): Json<NewAlertCheck>,
) -> Result<Response, GatewayError> {
    desk.may_change(INTAKE)?;
    let context = desk.on_a_person()?;
    let request = contract::CheckPersonRequest { context, person_id, case_id: case_of(check) };
    let made = gateway.alerts()?.check_person(request).await?.into_inner().check;
    made_now(&AlertCheck::made(made)?)
}

/// Check a document against alerts
///
/// One that is stated of a person. The check is kept.
#[utoipa::path(post, path = "/v1/registry/persons/{person}/documents/{statement}/alert-checks", tag = "alerts", operation_id = "checkDocumentAgainstAlerts",
    params(("person" = String, Path, description = "The person", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("statement" = String, Path, description = "The statement of the document", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d78"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    request_body(content = NewAlertCheck, description = "What it is for", content_type = "application/json"),
    responses((status = 201, description = "The check", body = AlertCheck)))]
pub(crate) async fn check_document(
    State(gateway): State<Gateway>,
    desk: Desk,
    NamedTwo(person_id, statement_id): NamedTwo,
    Json(check): Json<NewAlertCheck>,
) -> Result<Response, GatewayError> {
    desk.may_change(INTAKE)?;
    let context = desk.on_a_person()?;
    let request = contract::CheckDocumentRequest { context, person_id, statement_id, case_id: case_of(check) };
    let made = gateway.alerts()?.check_document(request).await?.into_inner().check;
    made_now(&AlertCheck::made(made)?)
}

/// Check everybody in a case against alerts
///
/// Each as a person is checked alone, in the order of the case. What grants a stay waits for it.
#[utoipa::path(post, path = "/v1/registry/cases/{case}/alert-checks", tag = "alerts", operation_id = "checkCaseAgainstAlerts",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 201, description = "A check of each", body = AlertChecks)))]
pub(crate) async fn check_case(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(case_id): Named,
    _nothing: NothingToSay,
) -> Result<Response, GatewayError> {
    desk.may_change(INTAKE)?;
    let asked = contract::GetCaseRequest { context: desk.context(), case_id: case_id.clone(), at_ms: None };
    let covered = gateway.cases()?.get_case(asked).await?.into_inner();
    let alerts = gateway.alerts()?;
    let checks = covered.person_ids.into_iter().map(|person_id| {
        let (mut alerts, case_id) = (alerts.clone(), case_id.clone());
        let request = contract::CheckPersonRequest { context: desk.context(), person_id, case_id };
        async move { AlertCheck::made(alerts.check_person(request).await?.into_inner().check) }
    });
    made_now(&AlertChecks::made(try_join_all(checks).await?))
}

/// Checks of a person
///
/// And of whom they were merged with, the newest first. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/persons/{person}/alert-checks", tag = "alerts", operation_id = "listPersonAlertChecks",
    params(("person" = String, Path, description = "The person", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"), AlertQuery),
    responses((status = 200, description = "The checks", body = AlertChecks)))]
pub(crate) async fn of_person(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(person_id): Named,
    Parameters(query): Parameters<AlertQuery>,
) -> Result<Response, GatewayError> {
    let (context, limit) = (desk.on_a_person()?, query.limit);
    let request = contract::ListAlertChecksRequest { context, person_id, case_id: String::new(), limit };
    personal_response(&AlertChecks::of(gateway.alerts()?.list_alert_checks(request).await?.into_inner())?)
}

/// Checks made for a case
///
/// Of everybody in it, the newest first, with what was recorded with the states that entered the alerts. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/cases/{case}/alert-checks", tag = "alerts", operation_id = "listCaseAlertChecks",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"), AlertQuery),
    responses((status = 200, description = "The checks", body = AlertChecks)))]
pub(crate) async fn of_case(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(case_id): Named,
    Parameters(query): Parameters<AlertQuery>,
) -> Result<Response, GatewayError> {
    let (context, limit) = (desk.context(), query.limit);
    let request = contract::ListAlertChecksRequest { context, person_id: String::new(), case_id, limit };
    personal_response(&AlertChecks::of(gateway.alerts()?.list_alert_checks(request).await?.into_inner())?)
}

/// Possible hits nobody has resolved
///
/// The oldest first: where officers have to look. Whose they are is journalled.
#[utoipa::path(get, path = "/v1/registry/open-alerts", tag = "alerts", operation_id = "listOpenAlerts",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"), AlertQuery),
    responses((status = 200, description = "Where to look", body = OpenAlerts)))]
pub(crate) async fn open(
    State(gateway): State<Gateway>,
    desk: Desk,
    Parameters(query): Parameters<AlertQuery>,
) -> Result<Json<OpenAlerts>, GatewayError> {
    let request = contract::ListOpenAlertsRequest { context: desk.context(), limit: query.limit };
    Ok(Json(gateway.alerts()?.list_open_alerts(request).await?.into_inner().into()))
}

/// Say of a possible hit whether it is the person
///
/// It counts once another officer says the same. Of an exact match nobody says it is somebody else.
#[utoipa::path(post, path = "/v1/registry/alert-findings/{finding}/resolution", tag = "alerts", operation_id = "proposeAlertResolution",
    params(("finding" = String, Path, description = "What was found", format = Uuid, example = "0197a3c0-9e01-7c35-9f7b-52a8a6d0c7e2"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    request_body(content = NewAlertResolution, description = "What was compared, and what it shows", content_type = "application/json"),
    responses((status = 201, description = "Another officer has to decide", body = ProposedAlertResolution)))]
pub(crate) async fn propose(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(finding_id): Named,
    Json(resolution): Json<NewAlertResolution>,
) -> Result<Response, GatewayError> {
    desk.may_change(OFFICERS)?;
    let context = desk.on_a_person()?;
    let request = contract::ProposeAlertResolutionRequest { context, finding_id, ..resolution.into_contract() };
    let resolution_id = gateway.alerts()?.propose_alert_resolution(request).await?.into_inner().resolution_id;
    made_now(&ProposedAlertResolution { resolution_id })
}

/// Decide about what another officer says of a possible hit
///
/// Not who said it.
#[utoipa::path(post, path = "/v1/registry/alert-resolutions/{resolution}/decision", tag = "alerts", operation_id = "decideAlertResolution",
    params(("resolution" = String, Path, description = "What the first officer said", format = Uuid, example = "0197a3c0-9e01-7c35-9f7b-52a8a6d0c7e3"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    request_body(content = AlertResolutionDecision, description = "Whether they say the same, and what they compared", content_type = "application/json"),
    responses((status = 200, description = "Where it stands", body = DecidedAlertResolution)))]
pub(crate) async fn decide(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(resolution_id): Named,
    Json(decision): Json<AlertResolutionDecision>,
) -> Result<Json<DecidedAlertResolution>, GatewayError> {
    desk.may_change(ISSUERS)?;
    let context = desk.on_a_person()?;
    let request = contract::DecideAlertResolutionRequest { context, resolution_id, ..decision.into_contract() };
    let decided = gateway.alerts()?.decide_alert_resolution(request).await?.into_inner();
    Ok(Json(DecidedAlertResolution::of(&decided)?))
}

/// Record that the state that entered an alert was consulted
///
/// Or told, where it has no say: before a decision that grants a stay. The last day to answer is counted from then.
#[utoipa::path(post, path = "/v1/registry/cases/{case}/alert-consultations", tag = "alerts", operation_id = "recordAlertConsultation",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    request_body(content = NewAlertConsultation, description = "About which finding, and when", content_type = "application/json"),
    responses((status = 201, description = "It is recorded", body = AlertConsultation)))]
pub(crate) async fn consulted(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(case_id): Named,
    Json(asked): Json<NewAlertConsultation>,
) -> Result<Response, GatewayError> {
    desk.may_change(OFFICERS)?;
    let request = contract::RecordAlertConsultationRequest {
        context: desk.context(),
        case_id,
        finding_id: asked.finding_id.0,
        asked_at_ms: asked.asked_at.0.millis(),
    };
    let recorded = gateway.alerts()?.record_alert_consultation(request).await?.into_inner().consultation;
    made_now(&AlertConsultation::recorded(recorded)?)
}

/// Record what the state that entered an alert answered
///
/// What comes after the last day is kept, and changes nothing: silence is no objection.
#[utoipa::path(post, path = "/v1/registry/alert-consultations/{consultation}/answer", tag = "alerts", operation_id = "recordAlertConsultationAnswer",
    params(("consultation" = String, Path, description = "The consultation", format = Uuid, example = "0197a3c0-9e01-7c35-9f7b-52a8a6d0c7e4"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    request_body(content = NewIssuingStateAnswer, description = "Whether it objects, when, and why", content_type = "application/json"),
    responses((status = 200, description = "It is recorded", body = AlertConsultation)))]
pub(crate) async fn answered(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(consultation_id): Named,
    Json(answer): Json<NewIssuingStateAnswer>,
) -> Result<Response, GatewayError> {
    desk.may_change(OFFICERS)?;
    let context = desk.context();
    let request = contract::RecordAlertConsultationAnswerRequest { context, consultation_id, ..answer.into_contract() };
    let recorded = gateway.alerts()?.record_alert_consultation_answer(request).await?.into_inner().consultation;
    personal_response(&AlertConsultation::recorded(recorded)?)
}

fn case_of(check: NewAlertCheck) -> String {
    check.case_id.map(|case| case.0).unwrap_or_default()
}

/// It has no address of its own: it is found where its person or case is.
fn made_now(made: &impl Serialize) -> Result<Response, GatewayError> {
    Ok((StatusCode::CREATED, personal_response(made)?).into_response())
}
