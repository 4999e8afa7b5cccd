//! Our document verifiers under other states' CVCAs, renewed by themselves.

use axum::{extract::State, response::Response};
use straznica_contracts::spoc::v1 as contract;

use super::{
    Done, Named,
    wire::renewals::{NewRenewal, NewSubscription, RenewalList, StartedRenewal, SubscriptionList},
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::OperatorCaller,
        extract::{DigestedJson, Json, NothingToSay},
        once::{Once, changed_as, created},
    },
};

/// Subscriptions
///
/// For each foreign CVCA: the newest certificate, the next renewal, the request under way, and what is wrong.
#[utoipa::path(get, path = "/v1/spoc/renewals", tag = "renewals", operation_id = "listSubscriptions",
    responses((status = 200, description = "All of them", body = SubscriptionList)))]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
) -> Result<Json<SubscriptionList>, GatewayError> {
    let request = contract::ListSubscriptionsRequest {};
    Ok(Json(gateway.subscriptions().list_subscriptions(request).await?.into_inner().into()))
}

/// Subscribe to a CVCA of a partner, or to our own
///
/// From then on certificates are requested and renewed, and inspection systems issued, without a human. The same again changes the inspection
/// system's part.
#[utoipa::path(post, path = "/v1/spoc/renewals", tag = "renewals", operation_id = "subscribe",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewSubscription, description = "To which", content_type = "application/json"),
    responses((status = 201, description = "A new subscription; every one", body = SubscriptionList),
        (status = 200, description = "It was there and is changed; every one", body = SubscriptionList)))]
pub(crate) async fn subscribe(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    once: Once,
    body: DigestedJson<NewSubscription>,
) -> Result<Response, GatewayError> {
    let NewSubscription { cvca, country, dv_mnemonic, is_mnemonic, is_days } = body.value;
    let context = caller.context();
    let request = contract::SubscribeRequest { context, cvca, country, dv_mnemonic, is_mnemonic, is_days };
    let mut subscriptions = gateway.subscriptions();
    let work = async move {
        let changed = subscriptions.subscribe(request).await?.into_inner().changed;
        let all = subscriptions.list_subscriptions(contract::ListSubscriptionsRequest {}).await?.into_inner();
        let all = SubscriptionList::from(all);
        if changed { changed_as(&all) } else { created(String::new(), &all) }
    };
    once.run(&gateway, &caller.operator, body.sha256, work).await
}

/// Requests made under a subscription
///
/// And what became of them, newest first.
#[utoipa::path(get, path = "/v1/spoc/renewals/{cvca}", tag = "renewals", operation_id = "listRenewals",
    params(("cvca" = String, Path, description = "Country and mnemonic of the CVCA", example = "UTCVCA")),
    responses((status = 200, description = "The requests", body = RenewalList)))]
pub(crate) async fn history(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
    Named(cvca): Named<String>,
) -> Result<Json<RenewalList>, GatewayError> {
    let answer = gateway.subscriptions().list_renewals(contract::ListRenewalsRequest { cvca }).await?;
    Ok(Json(answer.into_inner().into()))
}

/// Renew now
///
/// Without waiting for the day.
#[utoipa::path(post, path = "/v1/spoc/renewals/{cvca}/renewal", tag = "renewals", operation_id = "renewNow",
    params(("cvca" = String, Path, description = "Country and mnemonic of the CVCA", example = "UTCVCA"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewRenewal, description = "How", content_type = "application/json"),
    responses((status = 201, description = "The request, on its way", body = StartedRenewal)))]
pub(crate) async fn renew_now(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(cvca): Named<String>,
    once: Once,
    body: DigestedJson<NewRenewal>,
) -> Result<Response, GatewayError> {
    let request = contract::RenewNowRequest { context: caller.context(), cvca, initial: body.value.initial };
    let mut subscriptions = gateway.subscriptions();
    let work = async move {
        let chr = subscriptions.renew_now(request).await?.into_inner().chr;
        created(String::new(), &StartedRenewal { chr })
    };
    once.run(&gateway, &caller.operator, body.sha256, work).await
}

/// Renew no more until resumed
///
/// What is under way is still taken, certificates held stay in use, and inspection systems are issued under them.
#[utoipa::path(post, path = "/v1/spoc/renewals/{cvca}/pause", tag = "renewals", operation_id = "pauseSubscription",
    params(("cvca" = String, Path, description = "Country and mnemonic of the CVCA", example = "UTCVCA")),
    responses((status = 204, description = "Done")))]
pub(crate) async fn pause(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(cvca): Named<String>,
    NothingToSay: NothingToSay,
) -> Result<Done, GatewayError> {
    let request = contract::PauseSubscriptionRequest { context: caller.context(), cvca };
    gateway.subscriptions().pause_subscription(request).await?;
    Ok(Done)
}

/// Go on renewing
///
/// What fell due meanwhile is asked for at once.
#[utoipa::path(post, path = "/v1/spoc/renewals/{cvca}/resumption", tag = "renewals", operation_id = "resumeSubscription",
    params(("cvca" = String, Path, description = "Country and mnemonic of the CVCA", example = "UTCVCA")),
    responses((status = 204, description = "Done")))]
pub(crate) async fn resume(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(cvca): Named<String>,
    NothingToSay: NothingToSay,
) -> Result<Done, GatewayError> {
    let request = contract::ResumeSubscriptionRequest { context: caller.context(), cvca };
    gateway.subscriptions().resume_subscription(request).await?;
    Ok(Done)
}
