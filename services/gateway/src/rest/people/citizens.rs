//! The citizens' side. Whose documents it is about the session says, and nobody types it.

use axum::extract::State;
use http::StatusCode;
use straznica_contracts::identity::v1 as contract;

use super::wire::{
    citizens::{AccessList, AccessQuery, ActivationList, CodeLock, Kinds, NewPhone, PhoneProof, PhoneProofSent},
    kind::DocumentKind,
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::CitizenCaller,
        extract::{Json, NothingToSay, Parameters, PersonalJson},
    },
};

/// Give a phone number
///
/// A code goes there; until it is confirmed the old number stays in use.
#[utoipa::path(post, path = "/v1/citizen/phone", tag = "citizens", operation_id = "registerPhone",
    request_body(content = NewPhone, description = "The number", content_type = "application/json"),
    responses((status = 200, description = "A code is on its way", body = PhoneProofSent)))]
pub(crate) async fn register_phone(
    State(gateway): State<Gateway>,
    caller: CitizenCaller,
    PersonalJson(new): PersonalJson<NewPhone>,
) -> Result<Json<PhoneProofSent>, GatewayError> {
    let request = contract::RegisterPhoneRequest {
        context: caller.context(),
        pesel: caller.pesel(),
        phone: new.phone.expose().clone(),
    };
    Ok(Json(gateway.citizens().register_phone(request).await?.into_inner().into()))
}

/// Confirm a phone number
///
/// With the code that went there. A number that was somebody else's is theirs no more.
#[utoipa::path(post, path = "/v1/citizen/phone/confirmation", tag = "citizens", operation_id = "confirmPhone",
    request_body(content = PhoneProof, description = "The code", content_type = "application/json"),
    responses((status = 204, description = "The number is the citizen's")))]
pub(crate) async fn confirm_phone(
    State(gateway): State<Gateway>,
    caller: CitizenCaller,
    PersonalJson(proof): PersonalJson<PhoneProof>,
) -> Result<StatusCode, GatewayError> {
    let request = contract::ConfirmPhoneRequest {
        context: caller.context(),
        pesel: caller.pesel(),
        proof_id: proof.proof_id.to_string(),
        code: proof.code.expose().clone(),
    };
    gateway.citizens().confirm_phone(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What may be asked for
#[utoipa::path(get, path = "/v1/citizen/activations", tag = "citizens", operation_id = "getActivations",
    responses((status = 200, description = "The kinds of documents", body = ActivationList)))]
pub(crate) async fn activations(
    State(gateway): State<Gateway>,
    caller: CitizenCaller,
) -> Result<Json<ActivationList>, GatewayError> {
    let request = contract::GetActivationsRequest { context: caller.context(), pesel: caller.pesel() };
    let found = gateway.citizens().get_activations(request).await?.into_inner();
    Ok(Json(ActivationList::of(found.activations, Some(found.phone_confirmed))?))
}

/// Let kinds of documents be asked for
#[utoipa::path(post, path = "/v1/citizen/activations", tag = "citizens", operation_id = "activateDocuments",
    request_body(content = Kinds, description = "Which, at least one", content_type = "application/json"),
    responses((status = 200, description = "What may be asked for now", body = ActivationList)))]
pub(crate) async fn activate(
    State(gateway): State<Gateway>,
    caller: CitizenCaller,
    Json(told): Json<Kinds>,
) -> Result<Json<ActivationList>, GatewayError> {
    let request = contract::ActivateDocumentsRequest {
        context: caller.context(),
        pesel: caller.pesel(),
        kinds: numbers(&told.kinds),
    };
    let changed = gateway.citizens().activate_documents(request).await?.into_inner();
    Ok(Json(ActivationList::of(changed.activations, None)?))
}

/// Let kinds of documents be asked for no longer
///
/// All of them where none is named. A verification under way shows nothing any more.
#[utoipa::path(post, path = "/v1/citizen/withdrawals", tag = "citizens", operation_id = "withdrawDocuments",
    request_body(content = Kinds, description = "Which; none: all of them", content_type = "application/json"),
    responses((status = 200, description = "What may be asked for now", body = ActivationList)))]
pub(crate) async fn withdraw(
    State(gateway): State<Gateway>,
    caller: CitizenCaller,
    Json(told): Json<Kinds>,
) -> Result<Json<ActivationList>, GatewayError> {
    let request = contract::WithdrawDocumentsRequest {
        context: caller.context(),
        pesel: caller.pesel(),
        kinds: numbers(&told.kinds),
    };
    let changed = gateway.citizens().withdraw_documents(request).await?.into_inner();
    Ok(Json(ActivationList::of(changed.activations, None)?))
}

/// Who has asked
///
/// Every access, in vain or not, newest first, at most fifty: who, from which institution, when and why. Accesses the law defers come when their time has come.
#[utoipa::path(get, path = "/v1/citizen/accesses", tag = "citizens", operation_id = "listAccesses", params(AccessQuery),
    responses((status = 200, description = "The accesses", body = AccessList)))]
pub(crate) async fn accesses(
    State(gateway): State<Gateway>,
    caller: CitizenCaller,
    Parameters(query): Parameters<AccessQuery>,
) -> Result<Json<AccessList>, GatewayError> {
    let request = contract::ListAccessesRequest {
        context: caller.context(),
        pesel: caller.pesel(),
        before_ms: query.before.map_or(0, |before| before.0.millis()),
    };
    let found = gateway.citizens().list_accesses(request).await?.into_inner().accesses;
    Ok(Json(AccessList::of(found)?))
}

/// Whether codes are compared
///
/// After too many wrong codes in a row, whoever typed them, none is taken any more: officials hear that it is wrong, whatever it is.
#[utoipa::path(get, path = "/v1/citizen/codes/lock", tag = "citizens", operation_id = "getCodeLock",
    responses((status = 200, description = "Since when none is taken", body = CodeLock)))]
pub(crate) async fn code_lock(
    State(gateway): State<Gateway>,
    caller: CitizenCaller,
) -> Result<Json<CodeLock>, GatewayError> {
    let request = contract::GetCodeLockRequest { context: caller.context(), pesel: caller.pesel() };
    Ok(Json(gateway.citizens().get_code_lock(request).await?.into_inner().into()))
}

/// Have codes compared again
///
/// The citizen has proved by logging in who they are. Who has asked, and typed what was wrong, is among the accesses.
#[utoipa::path(post, path = "/v1/citizen/codes/lock/lifting", tag = "citizens", operation_id = "liftCodeLock",
    responses((status = 204, description = "Codes are compared again")))]
pub(crate) async fn lift_code_lock(
    State(gateway): State<Gateway>,
    caller: CitizenCaller,
    _nothing: NothingToSay,
) -> Result<StatusCode, GatewayError> {
    let request = contract::LiftCodeLockRequest { context: caller.context(), pesel: caller.pesel() };
    gateway.citizens().lift_code_lock(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn numbers(kinds: &[DocumentKind]) -> Vec<i32> {
    kinds.iter().map(|kind| kind.contract().into()).collect()
}
