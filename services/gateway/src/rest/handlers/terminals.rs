//! Administration of terminals, for operators.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;

use crate::{
    app::{Gateway, terminals::Enrolment},
    error::GatewayError,
    rest::{
        caller::OperatorCaller,
        extract::{Json, Parameters, TerminalPath},
        wire::{
            reason::Reason,
            terminals::{EnrolledTerminal, NewTerminal, PageQuery, TerminalPage},
        },
    },
};

/// Terminals on a page when the operator does not say.
const PAGE: u16 = 100;
/// Terminals on a page at most.
const LARGEST_PAGE: u16 = 500;

/// Enrol a terminal
///
/// From then on the terminal its certificate names may call.
#[utoipa::path(post, path = "/v1/terminals", tag = "terminals", operation_id = "enrolTerminal",
    request_body(content = NewTerminal, description = "The terminal", content_type = "application/json"),
    responses((status = 201, description = "The enrolled terminal", body = EnrolledTerminal)))]
pub(crate) async fn enrol(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Json(new): Json<NewTerminal>,
) -> Result<Response, GatewayError> {
    let enrolment = Enrolment {
        terminal: new.terminal_id,
        pinned_certificate: new.pinned_certificate.map(|pinned| pinned.0),
        note: new.note.map(|note| note.0),
    };
    let enrolled = gateway.enrol(&caller, enrolment).await?;
    Ok((StatusCode::CREATED, Json(EnrolledTerminal::from(enrolled))).into_response())
}

/// Enrolled terminals
///
/// In the order of their ids, a page at a time.
#[utoipa::path(get, path = "/v1/terminals", tag = "terminals", operation_id = "listTerminals", params(PageQuery),
    responses((status = 200, description = "One page", body = TerminalPage)))]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
    Parameters(page): Parameters<PageQuery>,
) -> Result<Json<TerminalPage>, GatewayError> {
    let limit = page.limit.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(GatewayError::Query("limit takes 1 to 500."));
    }
    let (terminals, next) = gateway.terminals(page.after.as_ref(), limit).await?;
    Ok(Json(TerminalPage {
        terminals: terminals.into_iter().map(EnrolledTerminal::from).collect(),
        next: next.map(|id| id.to_string()),
    }))
}

/// Suspend a terminal
///
/// Its next request is refused.
#[utoipa::path(post, path = "/v1/terminals/{id}/suspension", tag = "terminals", operation_id = "suspendTerminal",
    params(("id" = String, Path, description = "The terminal", example = "PL-WAW-017")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 200, description = "The suspended terminal", body = EnrolledTerminal)))]
pub(crate) async fn suspend(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    TerminalPath(terminal): TerminalPath,
    Json(why): Json<Reason>,
) -> Result<Json<EnrolledTerminal>, GatewayError> {
    Ok(Json(gateway.suspend(&caller, &terminal, why.reason.0).await?.into()))
}

/// Unlock a suspended terminal
#[utoipa::path(post, path = "/v1/terminals/{id}/unlock", tag = "terminals", operation_id = "unlockTerminal",
    params(("id" = String, Path, description = "The terminal", example = "PL-WAW-017")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 200, description = "The terminal, active again", body = EnrolledTerminal)))]
pub(crate) async fn unlock(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    TerminalPath(terminal): TerminalPath,
    Json(why): Json<Reason>,
) -> Result<Json<EnrolledTerminal>, GatewayError> {
    Ok(Json(gateway.unlock(&caller, &terminal, why.reason.0).await?.into()))
}
