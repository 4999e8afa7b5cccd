//! Requests of other states' document verifiers.

use axum::extract::State;
use straznica_contracts::spoc::v1 as contract;

use super::{
    Named, promised,
    wire::requests::{CertificateRequest, RequestDetail, RequestPage, RequestQuery},
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::OperatorCaller,
        extract::{Json, NothingToSay, Parameters},
        wire::reason::Reason,
    },
};

/// Requests received
///
/// Newest first, a page at a time, each with the rule that decided on it.
#[utoipa::path(get, path = "/v1/spoc/requests", tag = "requests", operation_id = "listRequests", params(RequestQuery),
    responses((status = 200, description = "One page", body = RequestPage)))]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
    Parameters(which): Parameters<RequestQuery>,
) -> Result<Json<RequestPage>, GatewayError> {
    Ok(Json(gateway.issuing().list_requests(contract::ListRequestsRequest::from(which)).await?.into_inner().into()))
}

/// A request, its bytes, and the certificate issued for it
#[utoipa::path(get, path = "/v1/spoc/requests/{id}", tag = "requests", operation_id = "getRequest",
    params(("id" = String, Path, description = "The request", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    responses((status = 200, description = "The request", body = RequestDetail)))]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
    Named(id): Named<String>,
) -> Result<Json<RequestDetail>, GatewayError> {
    let answer = gateway.issuing().get_request(contract::GetRequestRequest { id }).await?.into_inner();
    let contract::GetRequestResponse { request, certificate_request, certificate } = answer;
    Ok(Json(RequestDetail {
        request: promised(request, "the request")?.into(),
        certificate_request: certificate_request.into(),
        certificate: (!certificate.is_empty()).then(|| certificate.into()),
    }))
}

/// Approve a waiting request
///
/// Two different officers each do. With the second approval it is checked again in full and answered; it may then be refused all the same.
#[utoipa::path(post, path = "/v1/spoc/requests/{id}/approval", tag = "requests", operation_id = "approveRequest",
    params(("id" = String, Path, description = "The request", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    responses((status = 200, description = "The request as it is now", body = CertificateRequest)))]
pub(crate) async fn approve(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(id): Named<String>,
    NothingToSay: NothingToSay,
) -> Result<Json<CertificateRequest>, GatewayError> {
    let request = contract::ApproveRequestRequest { context: caller.context(), id };
    let answer = gateway.issuing().approve_request(request).await?.into_inner();
    Ok(Json(promised(answer.request, "the request")?.into()))
}

/// Decline a waiting request
///
/// The partner is told that it is not accepted; the reason stays here. One officer is enough.
#[utoipa::path(post, path = "/v1/spoc/requests/{id}/refusal", tag = "requests", operation_id = "declineRequest",
    params(("id" = String, Path, description = "The request", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 200, description = "The request as it is now", body = CertificateRequest)))]
pub(crate) async fn decline(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(id): Named<String>,
    Json(why): Json<Reason>,
) -> Result<Json<CertificateRequest>, GatewayError> {
    let request = contract::DeclineRequestRequest { context: caller.context(), id, reason: why.reason.0 };
    let answer = gateway.issuing().decline_request(request).await?.into_inner();
    Ok(Json(promised(answer.request, "the request")?.into()))
}
