//! The e-mail fallback: messages as signed files.

use axum::extract::State;
use straznica_contracts::spoc::v1 as contract;

use super::{
    Named,
    wire::bundles::{ExportedBundle, ImportedBundle, ReceivedBundle},
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::OperatorCaller,
        extract::{Json, NothingToSay},
    },
};

/// What waits for a partner, as a signed file
///
/// For when the link is down. The messages stay to be delivered. As many as fit into 8 MiB, those that never left in a bundle first; export again for the others.
#[utoipa::path(post, path = "/v1/spoc/partners/{country}/bundle", tag = "partners", operation_id = "exportBundle",
    params(("country" = String, Path, description = "The partner", example = "UT")),
    responses((status = 200, description = "The bundle", body = ExportedBundle)))]
pub(crate) async fn export(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(country): Named<String>,
    NothingToSay: NothingToSay,
) -> Result<Json<ExportedBundle>, GatewayError> {
    let request = contract::ExportBundleRequest { context: caller.context(), country };
    Ok(Json(gateway.partners().export_bundle(request).await?.into_inner().into()))
}

/// Take in a bundle a partner sent by e-mail
///
/// Its messages are answered as if they had come over the wire; taking the same bundle in twice changes nothing. A bundle has up to 8 MiB.
#[utoipa::path(post, path = "/v1/spoc/bundles", tag = "partners", operation_id = "importBundle",
    request_body(content = ReceivedBundle, description = "The bundle", content_type = "application/json"),
    responses((status = 200, description = "What became of it", body = ImportedBundle)))]
pub(crate) async fn import(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Json(received): Json<ReceivedBundle>,
) -> Result<Json<ImportedBundle>, GatewayError> {
    let request = contract::ImportBundleRequest { context: caller.context(), bundle: received.bundle.0 };
    Ok(Json(gateway.partners().import_bundle(request).await?.into_inner().into()))
}
