//! The delivery board.

use axum::extract::State;
use straznica_contracts::spoc::v1 as contract;

use super::{
    Done, Named,
    wire::deliveries::{DeliveryPage, DeliveryQuery},
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::OperatorCaller,
        extract::{Json, NothingToSay, Parameters},
    },
};

/// Longest page.
const LARGEST_PAGE: u32 = 500;

/// The delivery board
///
/// Messages to partners, newest first: how often each was tried, when it is tried next, and what the last attempt said.
#[utoipa::path(get, path = "/v1/spoc/deliveries", tag = "renewals", operation_id = "listDeliveries", params(DeliveryQuery),
    responses((status = 200, description = "One page", body = DeliveryPage)))]
pub(crate) async fn board(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
    Parameters(which): Parameters<DeliveryQuery>,
) -> Result<Json<DeliveryPage>, GatewayError> {
    if which.limit.is_some_and(|limit| !(1..=LARGEST_PAGE).contains(&limit)) {
        return Err(GatewayError::Query("limit takes 1 to 500."));
    }
    Ok(Json(gateway.subscriptions().list_outbox(contract::ListOutboxRequest::from(which)).await?.into_inner().into()))
}

/// Try a message again at once
///
/// With the same id and bytes: a partner that has it answers as before. Certificates it did not take are sent once more.
#[utoipa::path(post, path = "/v1/spoc/deliveries/{id}/retry", tag = "renewals", operation_id = "retryDelivery",
    params(("id" = String, Path, description = "The message on the board", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    responses((status = 204, description = "Done")))]
pub(crate) async fn retry(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(id): Named<String>,
    NothingToSay: NothingToSay,
) -> Result<Done, GatewayError> {
    let request = contract::RetryNowRequest { context: caller.context(), id };
    gateway.subscriptions().retry_now(request).await?;
    Ok(Done)
}

/// Give a message up
///
/// What it asked for may have been done all the same; an answer that comes is taken.
#[utoipa::path(post, path = "/v1/spoc/deliveries/{id}/cancellation", tag = "renewals", operation_id = "cancelDelivery",
    params(("id" = String, Path, description = "The message on the board", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    responses((status = 204, description = "Done")))]
pub(crate) async fn cancel(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(id): Named<String>,
    NothingToSay: NothingToSay,
) -> Result<Done, GatewayError> {
    let request = contract::CancelMessageRequest { context: caller.context(), id };
    gateway.subscriptions().cancel_message(request).await?;
    Ok(Done)
}
