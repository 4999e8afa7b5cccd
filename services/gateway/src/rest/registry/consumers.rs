//! What other authorities read. Registry knows them by the certificates they presented here, which it looks at for itself, and holds each question against their profile.

use axum::{extract::State, response::Response};
use straznica_contracts::registry::v1 as contract;

use super::wire::consumers::{AccessView, NewReading, Reading};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::ConsumerCaller,
        extract::{Json, NothingToSay, personal_response},
    },
};

/// Read persons
///
/// By the register's id, the number of a case, or a document somebody holds: what the caller's profile lets be read for the purpose, as known now and valid today. An empty list means that
/// nobody is there, or nobody the caller may be told of (Act of 13 June 2003 on granting protection, art. 9); it cannot be told which. Every question is journalled with the official who asked,
/// refused ones as well.
#[utoipa::path(post, path = "/v1/register/readings", tag = "reading by other authorities", operation_id = "readRegister",
    request_body(content = NewReading, description = "Whom, what for, and who asks", content_type = "application/json"),
    responses((status = 200, description = "What may be told", body = Reading)))]
pub(crate) async fn read(
    State(gateway): State<Gateway>,
    caller: ConsumerCaller,
    Json(new): Json<NewReading>,
) -> Result<Response, GatewayError> {
    let request = contract::ReadPersonsRequest {
        context: caller.context(&new.officer, &new.purpose.0, &new.case.0),
        criterion: Some(new.about.into_contract()),
        presented: caller.presented(),
    };
    let told = gateway.consumers()?.read_persons(request).await?.into_inner();
    personal_response(&Reading::of(told)?)
}

/// What the caller may read
///
/// The profile agreed with it. Says nothing about a person.
#[utoipa::path(get, path = "/v1/register/access", tag = "reading by other authorities", operation_id = "getRegisterAccess",
    responses((status = 200, description = "The profile", body = AccessView)))]
pub(crate) async fn access(
    State(gateway): State<Gateway>,
    caller: ConsumerCaller,
    _nothing: NothingToSay,
) -> Result<Json<AccessView>, GatewayError> {
    let request = contract::DescribeAccessRequest { presented: caller.presented() };
    let told = gateway.consumers()?.describe_access(request).await?.into_inner();
    Ok(Json(AccessView::of(told)?))
}
