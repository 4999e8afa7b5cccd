//! The network over which other states are consulted: what was sent and has not arrived, what came and cannot be placed.

use axum::{extract::State, response::Response};
use http::StatusCode;
use straznica_contracts::registry::v1 as contract;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    desk::Desk,
    routes::OFFICERS,
    wire::network::{NetworkReport, NewNotice, NoticeQuery, NoticesOfStates, SentNotice},
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        collect,
        extract::{DigestedJson, Json, NothingToSay, Parameters, personal_response},
        once::{Once, created},
        people::Named,
    },
};

/// Every address of the network.
pub(super) fn interface() -> OpenApiRouter<Gateway> {
    collect([routes!(report), routes!(resend), routes!(send, list)])
}

/// What went over the consultation network, and what did not arrive
///
/// Forms without a delivery notification, forms that name what has not come yet, and messages nobody can read. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/consultation-network", tag = "consultations", operation_id = "getConsultationNetwork",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "consultations"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 200, description = "The report", body = NetworkReport)))]
pub(crate) async fn report(State(gateway): State<Gateway>, desk: Desk) -> Result<Json<NetworkReport>, GatewayError> {
    let request = contract::GetNetworkReportRequest { context: desk.context() };
    let told = gateway.consultation_network()?.get_network_report(request).await?.into_inner();
    Ok(Json(NetworkReport::of(told)))
}

/// Send a form again
///
/// Now, without waiting for the rule. What was delivered already is not sent again.
#[utoipa::path(post, path = "/v1/registry/consultation-network/forms/{unifier}/sending", tag = "consultations", operation_id = "resendForm",
    params(("unifier" = String, Path, description = "The form's document unifier", pattern = "^[A-Za-z0-9._-]{1,64}$", example = "POL-0197a3c09b5d7e118a3c6d0f2b9e4c55"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "consultations"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 204, description = "It goes with the next turn")))]
pub(crate) async fn resend(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(unifier): Named,
    NothingToSay: NothingToSay,
) -> Result<StatusCode, GatewayError> {
    desk.may_change(OFFICERS)?;
    let request = contract::ResendFormRequest { context: desk.context(), unifier };
    gateway.consultation_network()?.resend_form(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send a notice to another state
///
/// Forms E, F, G and H.
#[utoipa::path(post, path = "/v1/registry/consultation-network/notices", tag = "consultations", operation_id = "sendNotice",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "consultations"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewNotice, description = "What, and to whom", content_type = "application/json"),
    responses((status = 201, description = "It is in the outbox", body = SentNotice)))]
pub(crate) async fn send(
    State(gateway): State<Gateway>,
    desk: Desk,
    once: Once,
    body: DigestedJson<NewNotice>,
) -> Result<Response, GatewayError> {
    desk.may_change(OFFICERS)?;
    let mut request = body.value.into_contract();
    request.context = desk.context();
    let mut network = gateway.consultation_network()?;
    let work = async move {
        let unifier = network.send_notice(request).await?.into_inner().unifier;
        created(String::new(), &SentNotice { unifier })
    };
    desk.once_unversioned(&gateway, once, &body.sha256, work).await
}

/// Notices of other states
///
/// The latest first. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/consultation-network/notices", tag = "consultations", operation_id = "listNoticesOfStates",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "consultations"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"), NoticeQuery),
    responses((status = 200, description = "The notices", body = NoticesOfStates)))]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    desk: Desk,
    Parameters(query): Parameters<NoticeQuery>,
) -> Result<Response, GatewayError> {
    let request = contract::ListNoticesRequest { context: desk.context(), limit: query.limit };
    let told = gateway.consultation_network()?.list_notices(request).await?.into_inner();
    personal_response(&NoticesOfStates::of(told))
}
