//! Revocation lists of partners that officers bring.

use axum::extract::State;
use straznica_contracts::spoc::v1 as contract;

use super::{
    Named,
    wire::revocation_lists::{ImportedCrl, ReceivedCrl},
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{caller::OperatorCaller, extract::Json},
};

/// Take in a partner's revocation list
///
/// For when it cannot be fetched. An authority of the partner's has to have signed it, it has to count today, and it must not be older than the one held. It counts
/// for connections and bundles until it ends or a newer one is there, fetched or taken in; taking the same one in twice changes nothing.
#[utoipa::path(post, path = "/v1/spoc/partners/{country}/revocation-lists", tag = "partners", operation_id = "importPartnerCrl",
    params(("country" = String, Path, description = "The partner", example = "UT")),
    request_body(content = ReceivedCrl, description = "The list", content_type = "application/json"),
    responses((status = 200, description = "Whose it is, and until when it counts", body = ImportedCrl)))]
pub(crate) async fn import(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(country): Named<String>,
    Json(received): Json<ReceivedCrl>,
) -> Result<Json<ImportedCrl>, GatewayError> {
    let request = contract::ImportPartnerCrlRequest {
        context: caller.context(),
        country,
        crl: received.crl.0,
        authorities: received.authorities.into_iter().map(|certificate| certificate.0).collect(),
    };
    Ok(Json(gateway.partners().import_partner_crl(request).await?.into_inner().try_into()?))
}
