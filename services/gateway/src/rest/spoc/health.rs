//! The health board.

use axum::extract::State;
use straznica_contracts::spoc::v1 as contract;

use super::wire::health::{CountryQuery, HealthBoard};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::OperatorCaller,
        extract::{Json, Parameters},
    },
};

/// How the exchange with each partner is
///
/// Last contact, open requests both ways, what expires next. Worked out when asked.
#[utoipa::path(get, path = "/v1/spoc/health", tag = "partners", operation_id = "getPartnerHealth", params(CountryQuery),
    responses((status = 200, description = "The board", body = HealthBoard)))]
pub(crate) async fn board(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
    Parameters(which): Parameters<CountryQuery>,
) -> Result<Json<HealthBoard>, GatewayError> {
    let request = contract::GetHealthRequest { country: which.country.unwrap_or_default() };
    Ok(Json(gateway.partners().get_health(request).await?.into_inner().into()))
}
