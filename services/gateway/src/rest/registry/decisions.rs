//! Decisions: drafted by one officer, approved by another, issued.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use straznica_contracts::registry::v1 as contract;

use super::{
    desk::Desk,
    routes::{APPROVERS, ISSUERS, OFFICERS},
    seen::{Seen, tagged},
    wire::{
        cases::MovedCase,
        decisions::{DraftedDecision, NewDecision},
        persons::NewVersion,
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        extract::{DigestedJson, Json, NothingToSay},
        once::{Once, created},
        people::{Named, NamedTwo},
    },
};

/// Draft a decision
///
/// One the rules of the case know.
#[utoipa::path(post, path = "/v1/registry/cases/{case}/decisions", tag = "cases", operation_id = "draftDecision",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\""),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewDecision, description = "Which decision", content_type = "application/json"),
    responses((status = 201, description = "It is drafted", body = DraftedDecision, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn draft(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    Named(case_id): Named,
    once: Once,
    body: DigestedJson<NewDecision>,
) -> Result<Response, GatewayError> {
    desk.may_change(OFFICERS)?;
    let (context, decision) = (desk.context(), body.value.decision.0);
    let request = contract::DraftDecisionRequest { context, case_id, expected_version, decision };
    let mut cases = gateway.cases()?;
    let work = async move {
        let contract::DraftDecisionResponse { version, decision_id } =
            cases.draft_decision(request).await?.into_inner();
        created(String::new(), &DraftedDecision { version, decision_id })
    };
    desk.once(&gateway, once, &body.sha256, work).await
}

/// Approve a draft
///
/// By another officer than who drafted it.
#[utoipa::path(post, path = "/v1/registry/cases/{case}/decisions/{decision}/approval", tag = "cases", operation_id = "approveDecision",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("decision" = String, Path, description = "The decision", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\"")),
    responses((status = 200, description = "It is approved", body = NewVersion, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn approve(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    NamedTwo(case_id, decision_id): NamedTwo,
    _nothing: NothingToSay,
) -> Result<Response, GatewayError> {
    desk.may_change(APPROVERS)?;
    let context = desk.context();
    let request = contract::ApproveDecisionRequest { context, case_id, expected_version, decision_id };
    let version = gateway.cases()?.approve_decision(request).await?.into_inner().version;
    tagged(version, Json(NewVersion { version }).into_response())
}

/// Issue an approved decision
///
/// Records that it was issued; its service (doręczenie) is an event of its own.
#[utoipa::path(post, path = "/v1/registry/cases/{case}/decisions/{decision}/issue", tag = "cases", operation_id = "issueDecision",
    params(("case" = String, Path, description = "The case", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("decision" = String, Path, description = "The decision", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("If-Match" = String, Header, description = "The ETag of what was seen: the version in quotation marks", pattern = "^\"[0-9]{1,18}\"$", example = "\"2\"")),
    responses((status = 200, description = "It is issued", body = MovedCase, headers(("ETag" = String, description = "The version, in quotation marks")))))]
pub(crate) async fn issue(
    State(gateway): State<Gateway>,
    desk: Desk,
    Seen(expected_version): Seen,
    NamedTwo(case_id, decision_id): NamedTwo,
    _nothing: NothingToSay,
) -> Result<Response, GatewayError> {
    desk.may_change(ISSUERS)?;
    let context = desk.context();
    let request = contract::IssueDecisionRequest { context, case_id, expected_version, decision_id };
    let contract::IssueDecisionResponse { version, stage } =
        gateway.cases()?.issue_decision(request).await?.into_inner();
    tagged(version, Json(MovedCase { version, stage }).into_response())
}
