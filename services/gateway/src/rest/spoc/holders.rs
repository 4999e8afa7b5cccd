//! Document verifiers our CVCA certifies.

use axum::{extract::State, response::Response};
use straznica_contracts::spoc::v1 as contract;

use super::{
    Done, Named,
    wire::holders::{HolderList, HolderProposal, HolderRegistration},
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::OperatorCaller,
        extract::{DigestedJson, Json},
        once::{Once, created},
        wire::{
            agreement::{Resumption, Seen},
            reason::Reason,
        },
    },
};

/// Document verifiers our CVCA certifies
///
/// And what is proposed about them.
#[utoipa::path(get, path = "/v1/spoc/holders", tag = "requests", operation_id = "listHolders",
    responses((status = 200, description = "All of them", body = HolderList)))]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
) -> Result<Json<HolderList>, GatewayError> {
    let request = contract::ListForeignHoldersRequest {};
    Ok(Json(gateway.issuing().list_foreign_holders(request).await?.into_inner().into()))
}

/// Propose a document verifier our CVCA is to certify
///
/// Counts once another officer confirms it.
#[utoipa::path(post, path = "/v1/spoc/holders", tag = "requests", operation_id = "registerHolder",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = HolderRegistration, description = "What is registered", content_type = "application/json"),
    responses((status = 201, description = "What is proposed", body = HolderProposal)))]
pub(crate) async fn register(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    once: Once,
    body: DigestedJson<HolderRegistration>,
) -> Result<Response, GatewayError> {
    let registration = contract::HolderRegistration::from(body.value);
    let request =
        contract::RegisterHolderRequest { context: caller.context(), registration: Some(registration.clone()) };
    let mut issuing = gateway.issuing();
    let work = async move {
        let proposal = issuing.register_holder(request).await?.into_inner().proposal;
        created(String::new(), &HolderProposal { registration: registration.into(), proposal })
    };
    once.run(&gateway, &caller.operator, body.sha256, work).await
}

/// Propose other particulars of a registered document verifier
///
/// All of them are given anew. Those agreed on before hold until another officer confirms.
#[utoipa::path(post, path = "/v1/spoc/holder-changes", tag = "requests", operation_id = "changeHolder",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = HolderRegistration, description = "What is registered", content_type = "application/json"),
    responses((status = 201, description = "What is proposed", body = HolderProposal)))]
pub(crate) async fn change(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    once: Once,
    body: DigestedJson<HolderRegistration>,
) -> Result<Response, GatewayError> {
    let registration = contract::HolderRegistration::from(body.value);
    let request = contract::ChangeHolderRequest { context: caller.context(), registration: Some(registration.clone()) };
    let mut issuing = gateway.issuing();
    let work = async move {
        let proposal = issuing.change_holder(request).await?.into_inner().proposal;
        created(String::new(), &HolderProposal { registration: registration.into(), proposal })
    };
    once.run(&gateway, &caller.operator, body.sha256, work).await
}

/// Confirm what another officer proposed about a document verifier
#[utoipa::path(post, path = "/v1/spoc/holders/{holder}/confirmation", tag = "requests", operation_id = "confirmHolder",
    params(("holder" = String, Path, description = "Country and mnemonic of the document verifier", example = "UTDV")),
    request_body(content = Seen, description = "What was seen", content_type = "application/json"),
    responses((status = 204, description = "It counts")))]
pub(crate) async fn confirm(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(holder): Named<String>,
    Json(seen): Json<Seen>,
) -> Result<Done, GatewayError> {
    let request = contract::ConfirmHolderRequest { context: caller.context(), holder, proposal: seen.proposal };
    gateway.issuing().confirm_holder(request).await?;
    Ok(Done)
}

/// Suspend a document verifier
///
/// At once: nothing is issued to it, and its certificates vouch for nothing. One officer is enough.
#[utoipa::path(post, path = "/v1/spoc/holders/{holder}/suspension", tag = "requests", operation_id = "suspendHolder",
    params(("holder" = String, Path, description = "Country and mnemonic of the document verifier", example = "UTDV")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 204, description = "Done")))]
pub(crate) async fn suspend(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(holder): Named<String>,
    Json(why): Json<Reason>,
) -> Result<Done, GatewayError> {
    let request = contract::SuspendForeignHolderRequest { context: caller.context(), holder, reason: why.reason.0 };
    gateway.issuing().suspend_foreign_holder(request).await?;
    Ok(Done)
}

/// Lift the suspension of a document verifier
///
/// Proposed by one officer, done when another one says the same, with the same reason. Its certificates from before vouch for nothing any more: its next
/// request has to be countersigned by its state.
#[utoipa::path(post, path = "/v1/spoc/holders/{holder}/resumption", tag = "requests", operation_id = "resumeHolder",
    params(("holder" = String, Path, description = "Country and mnemonic of the document verifier", example = "UTDV")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 200, description = "Whether it is done", body = Resumption)))]
pub(crate) async fn resume(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(holder): Named<String>,
    Json(why): Json<Reason>,
) -> Result<Json<Resumption>, GatewayError> {
    let request = contract::ResumeForeignHolderRequest { context: caller.context(), holder, reason: why.reason.0 };
    let outcome = gateway.issuing().resume_foreign_holder(request).await?.into_inner();
    Ok(Json(Resumption { awaits_second_officer: outcome.awaits_second_officer }))
}
