//! Persons of the register.

use axum::{extract::State, response::Response};
use straznica_contracts::registry::v1 as contract;

use super::{
    desk::Desk,
    routes::INTAKE,
    seen::{Seen, tagged},
    wire::persons::{NewPerson, NewVersion, PersonCases, PersonChanges, PersonQuery, PersonView, RegisteredPerson},
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        extract::{DigestedJson, Json, Parameters, personal_response},
        once::{Once, changed_as, created},
        people::Named,
    },
};

/// Register a person
///
/// With the first statements, one of them a main name. Who may be the same is told in the answer, and is listed until somebody decides; the person is registered in any case.
#[utoipa::path(post, path = "/v1/registry/persons", tag = "persons", operation_id = "registerPerson",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewPerson, description = "What is known", content_type = "application/json"),
    responses((status = 201, description = "The person is registered", body = RegisteredPerson, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn register(
    State(gateway): State<Gateway>,
    desk: Desk,
    once: Once,
    body: DigestedJson<NewPerson>,
) -> Result<Response, GatewayError> {
    desk.may_change(INTAKE)?;
    let (context, statements) = (desk.on_a_person()?, body.value.into_contract());
    let request = contract::RegisterPersonRequest { context, statements };
    let mut persons = gateway.persons()?;
    let work = async move {
        let registered = RegisteredPerson::from(persons.register_person(request).await?.into_inner());
        created(format!("/v1/registry/persons/{}", registered.person_id), &registered)
    };
    desk.once(&gateway, once, &body.sha256, work).await
}

/// What is known of a person
///
/// At a moment, of a day: what was known then can be asked for ever. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/persons/{person}", tag = "persons", operation_id = "getPerson",
    params(("person" = String, Path, description = "The person", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"), PersonQuery),
    responses((status = 200, description = "What is stated", body = PersonView, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(person_id): Named,
    Parameters(query): Parameters<PersonQuery>,
) -> Result<Response, GatewayError> {
    let request = contract::GetPersonRequest {
        context: desk.on_a_person()?,
        person_id,
        known_at_ms: query.known_at.map(|at| at.0.millis()),
        valid_on: query.day(),
    };
    seen(&PersonView::of(gateway.persons()?.get_person(request).await?.into_inner())?)
}

/// Change what is stated of a person
///
/// Adds, corrects, ends or withdraws statements, all of them or none. Of two who change the same person the second is told to look again.
#[utoipa::path(post, path = "/v1/registry/persons/{person}/changes", tag = "persons", operation_id = "changePerson",
    params(("person" = String, Path, description = "The person", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = PersonChanges, description = "The changes", content_type = "application/json"),
    responses((status = 200, description = "It is stated", body = NewVersion, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn change(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    Named(person_id): Named,
    once: Once,
    body: DigestedJson<PersonChanges>,
) -> Result<Response, GatewayError> {
    desk.may_change(INTAKE)?;
    let (context, changes) = (desk.on_a_person()?, body.value.into_contract());
    let request = contract::ChangePersonRequest { context, person_id, expected_version, changes };
    let mut persons = gateway.persons()?;
    let work = async move {
        let version = persons.change_person(request).await?.into_inner().version;
        changed_as(&NewVersion { version })
    };
    desk.once(&gateway, once, &body.sha256, work).await
}

/// Cases of a person
///
/// Those of whoever was merged with them among them. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/persons/{person}/cases", tag = "persons", operation_id = "listPersonCases",
    params(("person" = String, Path, description = "The person", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 200, description = "The cases", body = PersonCases)))]
pub(crate) async fn cases(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(person_id): Named,
) -> Result<Json<PersonCases>, GatewayError> {
    let request = contract::ListPersonCasesRequest { context: desk.on_a_person()?, person_id };
    Ok(Json(gateway.persons()?.list_person_cases(request).await?.into_inner().into()))
}

/// Everything ever stated of a person
///
/// Also what was replaced or withdrawn, with who stated it and when. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/persons/{person}/history", tag = "persons", operation_id = "getPersonHistory",
    params(("person" = String, Path, description = "The person", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = String, Header, description = "Number of the case (sygnatura), visible ASCII", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 200, description = "Every statement", body = PersonView, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn history(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(person_id): Named,
) -> Result<Response, GatewayError> {
    let request = contract::ListPersonHistoryRequest { context: desk.on_a_person()?, person_id };
    seen(&PersonView::of_history(gateway.persons()?.list_person_history(request).await?.into_inner())?)
}

fn seen(person: &PersonView) -> Result<Response, GatewayError> {
    tagged(person.version, personal_response(person)?)
}
