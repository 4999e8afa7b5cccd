//! Certificates held and issued, and the keys of the national CVCA.

use axum::{extract::State, response::Response};
use straznica_contracts::spoc::v1 as contract;

use super::{
    Named,
    wire::certificates::{
        CaCertificates, IssuedPage, IssuedQuery, NewGeneration, NewRollover, OwnCertificates, ProposedRollover,
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::OperatorCaller,
        extract::{DigestedJson, Json, Parameters},
        once::{Once, created},
        wire::agreement::Seen,
    },
};

/// Certificates and open requests of ours
///
/// Of the national CVCA, other states' CVCAs, our document verifiers and inspection systems, each with its state and whether its key is here.
#[utoipa::path(get, path = "/v1/spoc/certificates", tag = "certificates", operation_id = "listCertificates",
    responses((status = 200, description = "All of them", body = OwnCertificates)))]
pub(crate) async fn own(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
) -> Result<Json<OwnCertificates>, GatewayError> {
    let answer = gateway.national_pki().list_holders(contract::ListHoldersRequest {}).await?;
    Ok(Json(answer.into_inner().into()))
}

/// Certificates our CVCA issued
///
/// Newest first, a page at a time.
#[utoipa::path(get, path = "/v1/spoc/certificates/issued", tag = "certificates", operation_id = "listIssued", params(IssuedQuery),
    responses((status = 200, description = "One page", body = IssuedPage)))]
pub(crate) async fn issued(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
    Parameters(which): Parameters<IssuedQuery>,
) -> Result<Json<IssuedPage>, GatewayError> {
    Ok(Json(gateway.issuing().list_issued(contract::ListIssuedRequest::from(which)).await?.into_inner().into()))
}

/// Generations of the national CVCA
///
/// Roots and links, and what is proposed.
#[utoipa::path(get, path = "/v1/spoc/certificates/cvca", tag = "certificates", operation_id = "listCaCertificates",
    responses((status = 200, description = "All of them", body = CaCertificates)))]
pub(crate) async fn generations(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
) -> Result<Json<CaCertificates>, GatewayError> {
    let answer = gateway.issuing().list_ca_certificates(contract::ListCaCertificatesRequest {}).await?;
    Ok(Json(answer.into_inner().into()))
}

/// Propose a new key of the national CVCA
///
/// It is made when another officer confirms it.
#[utoipa::path(post, path = "/v1/spoc/certificates/rollovers", tag = "certificates", operation_id = "proposeRollover",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewRollover, description = "Of what kind", content_type = "application/json"),
    responses((status = 201, description = "What is proposed", body = ProposedRollover)))]
pub(crate) async fn propose_rollover(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    once: Once,
    body: DigestedJson<NewRollover>,
) -> Result<Response, GatewayError> {
    let request = contract::ProposeRolloverRequest {
        context: caller.context(),
        mnemonic: body.value.mnemonic,
        algorithm: body.value.algorithm.unwrap_or_default(),
        parameters: body.value.parameters.unwrap_or_default(),
        validity_days: body.value.validity_days,
    };
    let mut issuing = gateway.issuing();
    let work = async move {
        let contract::ProposeRolloverResponse { cvca, proposal } =
            issuing.propose_rollover(request).await?.into_inner();
        created(String::new(), &ProposedRollover { cvca, proposal })
    };
    once.run(&gateway, &caller.operator, body.sha256, work).await
}

/// Make the new key another officer proposed
///
/// With its link, signed with the key in use, and its self-signed certificate; both are sent to every active partner.
#[utoipa::path(post, path = "/v1/spoc/certificates/rollovers/{cvca}/confirmation", tag = "certificates", operation_id = "confirmRollover",
    params(("cvca" = String, Path, description = "Country and mnemonic of the national CVCA", example = "PLCVCA")),
    request_body(content = Seen, description = "What was seen", content_type = "application/json"),
    responses((status = 200, description = "The new generation", body = NewGeneration)))]
pub(crate) async fn confirm_rollover(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(cvca): Named<String>,
    Json(seen): Json<Seen>,
) -> Result<Json<NewGeneration>, GatewayError> {
    let request = contract::ConfirmRolloverRequest { context: caller.context(), cvca, proposal: seen.proposal };
    Ok(Json(gateway.issuing().confirm_rollover(request).await?.into_inner().into()))
}
