//! What a decision says, and how it reached the person.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use straznica_contracts::registry::v1 as contract;

use super::{
    desk::Desk,
    routes::{INTAKE, OFFICERS},
    seen::Seen,
    wire::{
        cases::MovedCase,
        rulings::{DecisionText, NewService, TextQuery, WholeDecision, WrittenText},
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        extract::{DigestedJson, Parameters, personal_response},
        once::{Once, changed_as},
        people::NamedTwo,
    },
};

/// The media type of a letter.
const LETTER: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// Write what a decision says
///
/// A new version beside the earlier ones, until the decision is approved. Whoever wrote it does not approve it.
#[utoipa::path(post, path = "/v1/registry/cases/{case}/decisions/{decision}/text", tag = "cases", operation_id = "writeDecisionText",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("decision" = String, Path, description = "The decision", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = DecisionText, description = "The text", content_type = "application/json"),
    responses((status = 200, description = "It is written", body = WrittenText, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn write(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    NamedTwo(case_id, decision_id): NamedTwo,
    once: Once,
    body: DigestedJson<DecisionText>,
) -> Result<Response, GatewayError> {
    desk.may_change(OFFICERS)?;
    let (context, text) = (desk.context(), Some(body.value.into_contract()));
    let request = contract::WriteDecisionTextRequest { context, case_id, expected_version, decision_id, text };
    let mut decisions = gateway.decisions()?;
    let work = async move {
        let contract::WriteDecisionTextResponse { version, text_version } =
            decisions.write_decision_text(request).await?.into_inner();
        changed_as(&WrittenText { version, text_version })
    };
    desk.once(&gateway, once, &body.sha256, work).await
}

/// A decision
///
/// With what it says, the instruction on appeal the rules derive for it (pouczenie), and how it was served. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/cases/{case}/decisions/{decision}", tag = "cases", operation_id = "getDecision",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("decision" = String, Path, description = "The decision", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"), TextQuery),
    responses((status = 200, description = "The decision", body = WholeDecision)))]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    desk: Desk,
    NamedTwo(case_id, decision_id): NamedTwo,
    Parameters(query): Parameters<TextQuery>,
) -> Result<Response, GatewayError> {
    let text_version = query.text_version.unwrap_or_default();
    let request = contract::GetDecisionRequest { context: desk.context(), case_id, decision_id, text_version };
    personal_response(&WholeDecision::of(gateway.decisions()?.get_decision(request).await?.into_inner())?)
}

/// A decision as a letter
///
/// Accessible HTML, Polish first, then the language of the person. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/cases/{case}/decisions/{decision}/letter", tag = "cases", operation_id = "getDecisionLetter",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("decision" = String, Path, description = "The decision", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 200, description = "The letter", body = String, content_type = "text/html; charset=utf-8")))]
pub(crate) async fn letter(
    State(gateway): State<Gateway>,
    desk: Desk,
    NamedTwo(case_id, decision_id): NamedTwo,
) -> Result<Response, GatewayError> {
    let request = contract::RenderDecisionRequest { context: desk.context(), case_id, decision_id };
    let letter = gateway.decisions()?.render_decision(request).await?.into_inner();
    Ok(([(header::CONTENT_TYPE, LETTER)], letter.content).into_response())
}

/// Record how a decision was served
///
/// Or that service was refused, or a notice put on the board: the law says what follows. Recorded with the event of the case, both or neither.
#[utoipa::path(post, path = "/v1/registry/cases/{case}/decisions/{decision}/service", tag = "cases", operation_id = "recordDecisionService",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("decision" = String, Path, description = "The decision", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewService, description = "How, when, to whom", content_type = "application/json"),
    responses((status = 200, description = "It is recorded", body = MovedCase, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn serve(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    NamedTwo(case_id, decision_id): NamedTwo,
    once: Once,
    body: DigestedJson<NewService>,
) -> Result<Response, GatewayError> {
    desk.may_change(INTAKE)?;
    let (context, service) = (desk.context(), Some(body.value.into_contract()));
    let request = contract::RecordServiceRequest { context, case_id, expected_version, decision_id, service };
    let mut decisions = gateway.decisions()?;
    let work = async move {
        let contract::RecordServiceResponse { version, stage } = decisions.record_service(request).await?.into_inner();
        changed_as(&MovedCase { version, stage })
    };
    desk.once(&gateway, once, &body.sha256, work).await
}
