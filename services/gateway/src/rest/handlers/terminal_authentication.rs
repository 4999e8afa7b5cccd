//! Terminal Authentication: chain and signature.

use axum::extract::State;
use straznica_contracts::spoc::v1 as contract;

use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::TerminalCaller,
        extract::Json,
        wire::terminal_authentication::{Chain, ChainRequest, Signature, SignatureRequest},
    },
};

/// At most this many references: a chip names one or two.
const MAX_CARS: usize = 8;

/// The chain from a trust point of the chip
///
/// BSI TR-03129 GetCertificateChain: links oldest first, the document verifier's certificate under the newest CVCA the chip can reach, the
/// inspection system's. A reference nobody knows is 404 (`failure_CAR_unknown`); a known one without a valid chain and key is 409
/// (`failure_other_error`).
#[utoipa::path(post, path = "/v1/terminal-authentication/chain", tag = "terminal authentication", operation_id = "getCertificateChain",
    request_body(content = ChainRequest, description = "The chip's trust points", content_type = "application/json"),
    responses((status = 200, description = "The chain", body = Chain)))]
pub(crate) async fn chain(
    State(gateway): State<Gateway>,
    caller: TerminalCaller,
    Json(asked): Json<ChainRequest>,
) -> Result<Json<Chain>, GatewayError> {
    if asked.cars.is_empty() || asked.cars.len() > MAX_CARS {
        return Err(GatewayError::member("/cars", "expected one to eight references, newest first"));
    }
    let request = contract::GetCertificateChainRequest {
        context: None,
        inspection_id: asked.inspection_id.to_string(),
        cars: asked.cars.into_iter().map(|car| car.0).collect(),
    };
    Ok(Json(gateway.certificate_chain(&caller, asked.inspection_id, request).await?.into()))
}

/// A Terminal Authentication signature
///
/// BSI TR-03129 GetTASignature, for an open inspection of the same terminal at most ten minutes old. Every signature is counted per terminal and
/// shift and journalled. An inspection system that is unknown, expired or suspended is 404 (`failure_CHR_unknown`).
#[utoipa::path(post, path = "/v1/terminal-authentication/signature", tag = "terminal authentication", operation_id = "getTaSignature",
    request_body(content = SignatureRequest, description = "What is to be signed", content_type = "application/json"),
    responses((status = 200, description = "The signature", body = Signature)))]
pub(crate) async fn signature(
    State(gateway): State<Gateway>,
    caller: TerminalCaller,
    Json(asked): Json<SignatureRequest>,
) -> Result<Json<Signature>, GatewayError> {
    let to_be_signed = asked.to_be_signed().map_err(GatewayError::Members)?;
    let request = contract::GetTaSignatureRequest {
        context: None,
        inspection_id: asked.inspection_id.to_string(),
        is_chr: asked.is_chr.0,
        to_be_signed: Some(to_be_signed),
    };
    Ok(Json(Signature { signature: gateway.ta_signature(&caller, asked.inspection_id, request).await?.into() }))
}
