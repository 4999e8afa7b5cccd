//! One citizen confirms another's document.

use axum::{extract::State, response::Response};
use straznica_contracts::identity::v1 as contract;

use super::{
    Named, present,
    wire::{
        citizens::NewPeerCheck,
        codes::ReadCode,
        documents::Shown,
        verifications::{OpenedVerification, Resent, Verification},
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::CitizenCaller,
        extract::{DigestedJson, Json, NothingToSay, PersonalJson, personal_response},
        once::{Once, created},
    },
};

/// Ask another citizen for their document
///
/// They read the first name and the initial of the surname of who asks, and read out a code if they agree. The answer is the same whoever was typed.
#[utoipa::path(post, path = "/v1/citizen/checks", tag = "citizens", operation_id = "askCitizen",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewPeerCheck, description = "Whom, and for which document", content_type = "application/json"),
    responses((status = 201, description = "They are asked", body = OpenedVerification)))]
pub(crate) async fn ask(
    State(gateway): State<Gateway>,
    caller: CitizenCaller,
    once: Once,
    body: DigestedJson<NewPeerCheck>,
) -> Result<Response, GatewayError> {
    let request = contract::AskCitizenRequest {
        context: caller.context(),
        pesel: caller.pesel(),
        given_names: caller.citizen.given_names.expose().clone(),
        surname: caller.citizen.surname.expose().clone(),
        criterion: Some(body.value.criterion()?),
        kind: body.value.kind.contract().into(),
    };
    let mut identity = gateway.peer_checks();
    let work = async move {
        let opened = identity.ask_citizen(request).await?.into_inner();
        let verification = Verification::from(present(opened.verification)?);
        let made = OpenedVerification { verification, resend: Resent::of(opened.resend_at_ms, opened.resends_left) };
        created(String::new(), &made)
    };
    once.run(&gateway, &caller.owner, gateway.keyed_digest(&body.sha256, ""), work).await
}

/// Send the code again
#[utoipa::path(post, path = "/v1/citizen/checks/{id}/resend", tag = "citizens", operation_id = "resendPeerCode",
    params(("id" = String, Path, description = "The verification", example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")),
    responses((status = 200, description = "It is on its way", body = Resent)))]
pub(crate) async fn resend(
    State(gateway): State<Gateway>,
    caller: CitizenCaller,
    Named(verification_id): Named,
    _nothing: NothingToSay,
) -> Result<Json<Resent>, GatewayError> {
    let request = contract::ResendPeerCodeRequest { context: caller.context(), pesel: caller.pesel(), verification_id };
    let again = gateway.peer_checks().resend_peer_code(request).await?.into_inner();
    Ok(Json(Resent::of(again.resend_at_ms, again.resends_left)))
}

/// Enter the code the other citizen has read out
#[utoipa::path(post, path = "/v1/citizen/checks/{id}/code", tag = "citizens", operation_id = "confirmPeerCode",
    params(("id" = String, Path, description = "The verification", example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")),
    request_body(content = ReadCode, description = "The code", content_type = "application/json"),
    responses((status = 200, description = "It is the code", body = Verification)))]
pub(crate) async fn confirm(
    State(gateway): State<Gateway>,
    caller: CitizenCaller,
    Named(verification_id): Named,
    PersonalJson(read): PersonalJson<ReadCode>,
) -> Result<Json<Verification>, GatewayError> {
    let request = contract::ConfirmPeerCodeRequest {
        context: caller.context(),
        pesel: caller.pesel(),
        verification_id,
        code: read.code.expose().clone(),
    };
    Ok(Json(present(gateway.peer_checks().confirm_peer_code(request).await?.into_inner().verification)?.into()))
}

/// Show the least of the other citizen's document
///
/// Once, live from its register, and kept nowhere.
#[utoipa::path(post, path = "/v1/citizen/checks/{id}/document", tag = "citizens", operation_id = "showPeerDocument",
    params(("id" = String, Path, description = "The verification", example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")),
    responses((status = 200, description = "What the register says", body = Shown)))]
pub(crate) async fn document(
    State(gateway): State<Gateway>,
    caller: CitizenCaller,
    Named(verification_id): Named,
    _nothing: NothingToSay,
) -> Result<Response, GatewayError> {
    let request =
        contract::ShowPeerDocumentRequest { context: caller.context(), pesel: caller.pesel(), verification_id };
    let mut shown = present(gateway.peer_checks().show_peer_document(request).await?.into_inner().shown)?;
    let verification = present(shown.verification.take())?.into();
    personal_response(&Shown::of(verification, &shown)?)
}

/// Give it up before anything was shown
#[utoipa::path(post, path = "/v1/citizen/checks/{id}/cancellation", tag = "citizens", operation_id = "cancelPeerCheck",
    params(("id" = String, Path, description = "The verification", example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")),
    responses((status = 200, description = "It is over", body = Verification)))]
pub(crate) async fn cancel(
    State(gateway): State<Gateway>,
    caller: CitizenCaller,
    Named(verification_id): Named,
    _nothing: NothingToSay,
) -> Result<Json<Verification>, GatewayError> {
    let request =
        contract::CancelPeerCheckRequest { context: caller.context(), pesel: caller.pesel(), verification_id };
    Ok(Json(present(gateway.peer_checks().cancel_peer_check(request).await?.into_inner().verification)?.into()))
}
