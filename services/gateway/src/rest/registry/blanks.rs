//! Blanks of documents: what an office has, and what two officers do about it.

use axum::{extract::State, response::Response};
use http::StatusCode;
use straznica_contracts::registry::v1 as contract;

use super::{
    desk::Desk,
    routes::STOREKEEPERS,
    wire::blanks::{
        BalanceQuery, BlankBalance, BlankCountOutcome, BlankOrders, CountedBlanks, NewBlankCount, NewBlankOrder,
        OrderQuery, ProposedBlankCount, ProposedBlankOrder, SpoiltBlank,
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        extract::{DigestedJson, Json, NothingToSay, Parameters},
        once::{Once, created},
        people::Named,
    },
};

/// Propose what enters, moves or leaves
///
/// A delivery, a move to another office, a destruction. Another officer confirms it; until then nothing changes.
#[utoipa::path(post, path = "/v1/registry/blanks/orders", tag = "identity documents", operation_id = "proposeBlankOrder",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewBlankOrder, description = "What, and where", content_type = "application/json"),
    responses((status = 201, description = "It waits for another officer", body = ProposedBlankOrder)))]
pub(crate) async fn propose(
    State(gateway): State<Gateway>,
    desk: Desk,
    once: Once,
    body: DigestedJson<NewBlankOrder>,
) -> Result<Response, GatewayError> {
    desk.may_change(STOREKEEPERS)?;
    let order = Some(body.value.into_contract());
    let request = contract::ProposeBlankOrderRequest { context: desk.context(), order };
    let mut blanks = gateway.blanks()?;
    let work = async move {
        let order_id = blanks.propose_blank_order(request).await?.into_inner().order_id;
        created(String::new(), &ProposedBlankOrder { order_id })
    };
    desk.once_unversioned(&gateway, once, &body.sha256, work).await
}

/// What waits for a second officer
///
/// At an office. A count without what was found: the second counts for themselves. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/blanks/orders", tag = "identity documents", operation_id = "listBlankOrders",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"), OrderQuery),
    responses((status = 200, description = "The oldest first", body = BlankOrders)))]
pub(crate) async fn waiting(
    State(gateway): State<Gateway>,
    desk: Desk,
    Parameters(query): Parameters<OrderQuery>,
) -> Result<Json<BlankOrders>, GatewayError> {
    let request = contract::ListBlankOrdersRequest { context: desk.context(), office: query.office.0 };
    Ok(Json(BlankOrders::of(gateway.blanks()?.list_blank_orders(request).await?.into_inner())?))
}

/// Confirm what another officer proposed
///
/// The stock changes now.
#[utoipa::path(post, path = "/v1/registry/blanks/orders/{order}/confirmation", tag = "identity documents", operation_id = "confirmBlankOrder",
    params(("order" = String, Path, description = "What was proposed", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c58"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    responses((status = 204, description = "It is so")))]
pub(crate) async fn confirm(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(order_id): Named,
    _nothing: NothingToSay,
) -> Result<StatusCode, GatewayError> {
    desk.may_change(STOREKEEPERS)?;
    gateway
        .blanks()?
        .confirm_blank_order(contract::ConfirmBlankOrderRequest { context: desk.context(), order_id })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A blank was spoilt
///
/// One of the stock, by printing or otherwise. It waits to be destroyed.
#[utoipa::path(post, path = "/v1/registry/blanks/spoilt", tag = "identity documents", operation_id = "spoilBlank",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    request_body(content = SpoiltBlank, description = "Which, and why", content_type = "application/json"),
    responses((status = 204, description = "It is recorded")))]
pub(crate) async fn spoil(
    State(gateway): State<Gateway>,
    desk: Desk,
    Json(SpoiltBlank { office, blank, reason }): Json<SpoiltBlank>,
) -> Result<StatusCode, GatewayError> {
    desk.may_change(STOREKEEPERS)?;
    let (context, office, blank, reason) = (desk.context(), office.0, blank.0, reason.0);
    gateway.blanks()?.spoil_blank(contract::SpoilBlankRequest { context, office, blank, reason }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tell what the first of two counted
///
/// Everything of a kind and series that lies in the safe. Another officer counts without having seen it.
#[utoipa::path(post, path = "/v1/registry/blanks/counts", tag = "identity documents", operation_id = "proposeBlankCount",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewBlankCount, description = "What was found", content_type = "application/json"),
    responses((status = 201, description = "It waits for the second", body = ProposedBlankCount)))]
pub(crate) async fn count(
    State(gateway): State<Gateway>,
    desk: Desk,
    once: Once,
    body: DigestedJson<NewBlankCount>,
) -> Result<Response, GatewayError> {
    desk.may_change(STOREKEEPERS)?;
    let request = contract::ProposeBlankCountRequest { context: desk.context(), ..body.value.into_contract() };
    let mut blanks = gateway.blanks()?;
    let work = async move {
        let count_id = blanks.propose_blank_count(request).await?.into_inner().count_id;
        created(String::new(), &ProposedBlankCount { count_id })
    };
    desk.once_unversioned(&gateway, once, &body.sha256, work).await
}

/// Tell what the second counted
///
/// Where both found the same the books follow: what is not there is missing from now on. Where they did not, nothing changes and both count again.
#[utoipa::path(post, path = "/v1/registry/blanks/counts/{count}/confirmation", tag = "identity documents", operation_id = "confirmBlankCount",
    params(("count" = String, Path, description = "The count", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c59"),
        ("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017")),
    request_body(content = CountedBlanks, description = "What was found", content_type = "application/json"),
    responses((status = 200, description = "Whether both agree, and what follows", body = BlankCountOutcome)))]
pub(crate) async fn count_again(
    State(gateway): State<Gateway>,
    desk: Desk,
    Named(count_id): Named,
    Json(counted): Json<CountedBlanks>,
) -> Result<Json<BlankCountOutcome>, GatewayError> {
    desk.may_change(STOREKEEPERS)?;
    let found = counted.into_contract();
    let request = contract::ConfirmBlankCountRequest { context: desk.context(), count_id, found };
    Ok(Json(gateway.blanks()?.confirm_blank_count(request).await?.into_inner().into()))
}

/// The books of an office
///
/// What happened to its blanks of a kind beside what is there: both have to say the same. The reading is journalled.
#[utoipa::path(get, path = "/v1/registry/blanks/balance", tag = "identity documents", operation_id = "getBlankBalance",
    params(("X-Purpose" = String, Header, description = "What the register is looked at for: the id of a purpose of this node", pattern = "^[!-~]{1,64}$", example = "protection_proceedings"),
        ("X-Case" = Option<String>, Header, description = "Number of the case the request is made in, where it is another one than it is about", pattern = "^[!-~]{1,64}$", example = "protection/2026/000017"), BalanceQuery),
    responses((status = 200, description = "Both sides", body = BlankBalance)))]
pub(crate) async fn balance(
    State(gateway): State<Gateway>,
    desk: Desk,
    Parameters(query): Parameters<BalanceQuery>,
) -> Result<Json<BlankBalance>, GatewayError> {
    let (office, kind) = (query.office.0, query.kind.0);
    let request = contract::GetBlankBalanceRequest { context: desk.context(), office, kind };
    Ok(Json(gateway.blanks()?.get_blank_balance(request).await?.into_inner().into()))
}
