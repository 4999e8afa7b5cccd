//! Consultations: who was asked about whom, what they said, and what their silence says.

use axum::{extract::State, response::Response};
use straznica_contracts::registry::v1 as contract;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    desk::Desk,
    routes::OFFICERS,
    seen::{Seen, tagged},
    wire::consultations::{
        AnswerToAsker, ConsulTold, Consultation, ConsultationList, ConsultationQuery, ForeignDelivery, ForeignReply,
        FurtherAsked, MovedConsultation, NewConsultation, OpenedConsultation, RepliedConsultation, Why,
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        collect,
        extract::{DigestedJson, Json, Parameters, personal_response},
        once::{Once, changed_as, created},
        people::Named,
    },
};

/// Every address of consultations.
pub(super) fn interface() -> OpenApiRouter<Gateway> {
    collect([
        routes!(open, list),
        routes!(show),
        routes!(ask),
        routes!(answer),
        routes!(prolong),
        routes!(tell_consul),
        routes!(withdraw),
        routes!(deliver),
        routes!(reply),
    ])
}

/// Open a consultation
///
/// And ask bodies or states at once. A case it is for waits until it ends. Of a person of the register no more is told than sets them apart, and that it was is in the journal.
#[utoipa::path(post, path = "/v1/registry/consultations", tag = "consultations", operation_id = "openConsultation",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "consultations"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewConsultation, description = "Who wants to know, about whom, and who is asked", content_type = "application/json"),
    responses((status = 201, description = "It is open, and they are asked", body = OpenedConsultation, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn open(
    State(gateway): State<Gateway>,
    desk: Desk,
    once: Once,
    body: DigestedJson<NewConsultation>,
) -> Result<Response, GatewayError> {
    desk.may_change(OFFICERS)?;
    let mut request = body.value.into_contract();
    request.context = desk.context();
    let mut consultations = gateway.consultations()?;
    let work = async move {
        let opened = OpenedConsultation::from(consultations.open_consultation(request).await?.into_inner());
        created(opened.location(), &opened)
    };
    desk.once(&gateway, once, &body.sha256, work).await
}

/// Consultations
///
/// Of a case, open or not; without one, every open one. What the Head has to do that ends first comes first. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/consultations", tag = "consultations", operation_id = "listConsultations",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "consultations"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"), ConsultationQuery),
    responses((status = 200, description = "The consultations", body = ConsultationList)))]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    desk: Desk,
    Parameters(query): Parameters<ConsultationQuery>,
) -> Result<Json<ConsultationList>, GatewayError> {
    let case_id = query.case_id.map(|id| id.to_string()).unwrap_or_default();
    let request = contract::ListConsultationsRequest { context: desk.context(), case_id, limit: query.limit };
    let told = gateway.consultations()?.list_consultations(request).await?.into_inner();
    Ok(Json(ConsultationList::of(told)?))
}

/// A consultation
///
/// Who was asked, what was said, by when, and why by then. Silence is shown from the first moment it counts. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/consultations/{consultation}", tag = "consultations", operation_id = "getConsultation",
    params(("consultation" = String, Path, description = "The consultation", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "consultations"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 200, description = "The consultation", body = Consultation, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(consultation_id): Named,
) -> Result<Response, GatewayError> {
    let request = contract::GetConsultationRequest { context: desk.context(), consultation_id };
    let told = gateway.consultations()?.get_consultation(request).await?.into_inner().consultation;
    let consultation = Consultation::of(told.ok_or(GatewayError::IncompleteAnswer("a consultation"))?)?;
    tagged(consultation.version, personal_response(&consultation)?)
}

/// Ask further
///
/// Bodies or states who were not asked yet.
#[utoipa::path(post, path = "/v1/registry/consultations/{consultation}/questions", tag = "consultations", operation_id = "askFurther",
    params(("consultation" = String, Path, description = "The consultation", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "consultations"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = FurtherAsked, description = "Who", content_type = "application/json"),
    responses((status = 200, description = "They are asked", body = MovedConsultation, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn ask(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    Named(consultation_id): Named,
    once: Once,
    body: DigestedJson<FurtherAsked>,
) -> Result<Response, GatewayError> {
    desk.may_change(OFFICERS)?;
    let context = desk.context();
    let request =
        contract::AskFurtherRequest { context, consultation_id, expected_version, asked: body.value.into_contract() };
    let mut consultations = gateway.consultations()?;
    let work = async move {
        let version = consultations.ask_further(request).await?.into_inner().version;
        changed_as(&MovedConsultation { version })
    };
    desk.once(&gateway, once, &body.sha256, work).await
}

/// Answer whoever consulted
///
/// The answer of the Head of the Office. Nobody consents while somebody who was asked still has time; consent against an objection needs a remark.
#[utoipa::path(post, path = "/v1/registry/consultations/{consultation}/answer", tag = "consultations", operation_id = "answerConsultation",
    params(("consultation" = String, Path, description = "The consultation", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "consultations"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = AnswerToAsker, description = "The answer", content_type = "application/json"),
    responses((status = 200, description = "It is given", body = MovedConsultation, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn answer(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    Named(consultation_id): Named,
    once: Once,
    body: DigestedJson<AnswerToAsker>,
) -> Result<Response, GatewayError> {
    desk.may_change(OFFICERS)?;
    let context = desk.context();
    let request =
        contract::RecordAnswerRequest { context, consultation_id, expected_version, ..body.value.into_contract() };
    let mut consultations = gateway.consultations()?;
    let work = async move {
        let version = consultations.record_answer(request).await?.into_inner().version;
        changed_as(&MovedConsultation { version })
    };
    desk.once(&gateway, once, &body.sha256, work).await
}

/// Prolong the Head's own term
///
/// Where the law lets that happen, while the term runs, once.
#[utoipa::path(post, path = "/v1/registry/consultations/{consultation}/prolongation", tag = "consultations", operation_id = "prolongConsultation",
    params(("consultation" = String, Path, description = "The consultation", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "consultations"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = Why, description = "Why", content_type = "application/json"),
    responses((status = 200, description = "The term is longer", body = MovedConsultation, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn prolong(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    Named(consultation_id): Named,
    once: Once,
    body: DigestedJson<Why>,
) -> Result<Response, GatewayError> {
    desk.may_change(OFFICERS)?;
    let context = desk.context();
    let request = contract::ProlongAnswerRequest {
        context,
        consultation_id,
        expected_version,
        remark: body.value.into_contract(),
    };
    let mut consultations = gateway.consultations()?;
    let work = async move {
        let version = consultations.prolong_answer(request).await?.into_inner().version;
        changed_as(&MovedConsultation { version })
    };
    desk.once(&gateway, once, &body.sha256, work).await
}

/// Record that the consul was told of an extension
///
/// Each extension of a term has to be told the consul.
#[utoipa::path(post, path = "/v1/registry/consultations/{consultation}/consul-information", tag = "consultations", operation_id = "recordConsulTold",
    params(("consultation" = String, Path, description = "The consultation", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "consultations"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = ConsulTold, description = "Of which extension", content_type = "application/json"),
    responses((status = 200, description = "It is recorded", body = MovedConsultation, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn tell_consul(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    Named(consultation_id): Named,
    once: Once,
    body: DigestedJson<ConsulTold>,
) -> Result<Response, GatewayError> {
    desk.may_change(OFFICERS)?;
    let context = desk.context();
    let request = contract::RecordConsulToldRequest {
        context,
        consultation_id,
        expected_version,
        of: body.value.into_contract(),
    };
    let mut consultations = gateway.consultations()?;
    let work = async move {
        let version = consultations.record_consul_told(request).await?.into_inner().version;
        changed_as(&MovedConsultation { version })
    };
    desk.once(&gateway, once, &body.sha256, work).await
}

/// Withdraw a consultation
///
/// Nobody wants an answer any more. Other states that have not replied are told over the network.
#[utoipa::path(post, path = "/v1/registry/consultations/{consultation}/withdrawal", tag = "consultations", operation_id = "withdrawConsultation",
    params(("consultation" = String, Path, description = "The consultation", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "consultations"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = Why, description = "Why", content_type = "application/json"),
    responses((status = 200, description = "It is withdrawn", body = MovedConsultation, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn withdraw(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    Named(consultation_id): Named,
    once: Once,
    body: DigestedJson<Why>,
) -> Result<Response, GatewayError> {
    desk.may_change(OFFICERS)?;
    let context = desk.context();
    let request = contract::WithdrawConsultationRequest {
        context,
        consultation_id,
        expected_version,
        remark: body.value.into_contract(),
    };
    let mut consultations = gateway.consultations()?;
    let work = async move {
        let version = consultations.withdraw_consultation(request).await?.into_inner().version;
        changed_as(&MovedConsultation { version })
    };
    desk.once(&gateway, once, &body.sha256, work).await
}

/// Record that a letter was delivered in another state
///
/// A question that went on paper: the state's silence counts from its delivery, and from nothing else.
#[utoipa::path(post, path = "/v1/registry/consultations/{consultation}/deliveries", tag = "consultations", operation_id = "recordForeignDelivery",
    params(("consultation" = String, Path, description = "The consultation", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "consultations"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = ForeignDelivery, description = "Where, when, and what proves it", content_type = "application/json"),
    responses((status = 200, description = "It is recorded", body = MovedConsultation, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn deliver(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    Named(consultation_id): Named,
    once: Once,
    body: DigestedJson<ForeignDelivery>,
) -> Result<Response, GatewayError> {
    desk.may_change(OFFICERS)?;
    let context = desk.context();
    let request = contract::RecordForeignDeliveryRequest {
        context,
        consultation_id,
        expected_version,
        ..body.value.into_contract()
    };
    let mut consultations = gateway.consultations()?;
    let work = async move {
        let version = consultations.record_foreign_delivery(request).await?.into_inner().version;
        changed_as(&MovedConsultation { version })
    };
    desk.once(&gateway, once, &body.sha256, work).await
}

/// Record what another state replied on paper
///
/// With the moment it came: a reply that came in time counts, though it is recorded after the state's silence.
#[utoipa::path(post, path = "/v1/registry/consultations/{consultation}/replies", tag = "consultations", operation_id = "recordForeignReply",
    params(("consultation" = String, Path, description = "The consultation", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "consultations"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = ForeignReply, description = "Who, when, what", content_type = "application/json"),
    responses((status = 200, description = "It is recorded", body = RepliedConsultation, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn reply(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    Named(consultation_id): Named,
    once: Once,
    body: DigestedJson<ForeignReply>,
) -> Result<Response, GatewayError> {
    desk.may_change(OFFICERS)?;
    let context = desk.context();
    let request = contract::RecordForeignReplyRequest {
        context,
        consultation_id,
        expected_version,
        ..body.value.into_contract()
    };
    let mut consultations = gateway.consultations()?;
    let work = async move {
        let contract::RecordForeignReplyResponse { version, late } =
            consultations.record_foreign_reply(request).await?.into_inner();
        changed_as(&RepliedConsultation { version, late })
    };
    desk.once(&gateway, once, &body.sha256, work).await
}
