//! Verifications, for officials.

use axum::{extract::State, response::Response};
use straznica_contracts::identity::v1 as contract;

use super::{
    Named, present,
    wire::{
        codes::ReadCode,
        documents::Shown,
        verifications::{NewVerification, OpenedVerification, Resent, Verification},
    },
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::OfficialCaller,
        extract::{DigestedJson, Json, NothingToSay, PersonalJson, personal_response},
        once::{Once, created},
    },
};

/// Ask for somebody's document
///
/// By PESEL or phone number, never in the address. The citizen is asked on their phone; the answer is the same, and as fast, whoever was typed. Purpose and case
/// number are not optional. The text in the answer is what the citizen reads: compare it.
#[utoipa::path(post, path = "/v1/verifications", tag = "verifications", operation_id = "openVerification",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewVerification, description = "Who, which document, and why", content_type = "application/json"),
    responses((status = 201, description = "The citizen is asked", body = OpenedVerification)))]
pub(crate) async fn open(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    once: Once,
    body: DigestedJson<NewVerification>,
) -> Result<Response, GatewayError> {
    let institution = caller.institution()?;
    let new = body.value;
    let mut request = contract::OpenVerificationRequest::default();
    request.context = caller.context(Some(&new.purpose.0), Some(&new.case.0));
    request.institution_id.clone_from(&institution.id);
    request.criterion = Some(new.criterion()?);
    request.kind = new.kind.contract().into();
    let mut identity = gateway.verifications();
    let work = async move {
        let opened = identity.open_verification(request).await?.into_inner();
        let verification = Verification::from(present(opened.verification)?);
        let location = format!("/v1/verifications/{}", verification.id);
        let made = OpenedVerification { verification, resend: Resent::of(opened.resend_at_ms, opened.resends_left) };
        created(location, &made)
    };
    // Whoever is asked for stands in the body: its plain digest could be tried out, the keyed one cannot.
    let digest = gateway.keyed_digest(&body.sha256, &institution.id);
    once.run(&gateway, &caller.owner, digest, work).await
}

/// Where a verification stands
#[utoipa::path(get, path = "/v1/verifications/{id}", tag = "verifications", operation_id = "getVerification",
    params(("id" = String, Path, description = "The verification", example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")),
    responses((status = 200, description = "The verification", body = Verification)))]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(verification_id): Named,
) -> Result<Json<Verification>, GatewayError> {
    let institution_id = caller.institution()?.id.clone();
    let request =
        contract::GetVerificationRequest { context: caller.context(None, None), institution_id, verification_id };
    let found = gateway.verifications().get_verification(request).await?.into_inner();
    Ok(Json(present(found.verification)?.into()))
}

/// Send the code again
///
/// The same one, to the same phone.
#[utoipa::path(post, path = "/v1/verifications/{id}/resend", tag = "verifications", operation_id = "resendCode",
    params(("id" = String, Path, description = "The verification", example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")),
    responses((status = 200, description = "It is on its way", body = Resent)))]
pub(crate) async fn resend(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(verification_id): Named,
    _nothing: NothingToSay,
) -> Result<Json<Resent>, GatewayError> {
    let institution_id = caller.institution()?.id.clone();
    let request = contract::ResendCodeRequest { context: caller.context(None, None), institution_id, verification_id };
    let again = gateway.verifications().resend_code(request).await?.into_inner();
    Ok(Json(Resent::of(again.resend_at_ms, again.resends_left)))
}

/// Enter the code the citizen has read out
///
/// Every attempt counts, five in all.
#[utoipa::path(post, path = "/v1/verifications/{id}/code", tag = "verifications", operation_id = "confirmCode",
    params(("id" = String, Path, description = "The verification", example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")),
    request_body(content = ReadCode, description = "The code", content_type = "application/json"),
    responses((status = 200, description = "It is the code", body = Verification)))]
pub(crate) async fn confirm(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(verification_id): Named,
    PersonalJson(read): PersonalJson<ReadCode>,
) -> Result<Json<Verification>, GatewayError> {
    let request = contract::ConfirmCodeRequest {
        context: caller.context(None, None),
        institution_id: caller.institution()?.id.clone(),
        verification_id,
        code: read.code.expose().clone(),
    };
    let confirmed = gateway.verifications().confirm_code(request).await?.into_inner();
    Ok(Json(present(confirmed.verification)?.into()))
}

/// Show the document
///
/// Once, live from its register, and kept nowhere: there is no Idempotency-Key here, and an answer that was lost is lost. Where the register cannot be asked the
/// consent stands until its time is over.
#[utoipa::path(post, path = "/v1/verifications/{id}/document", tag = "verifications", operation_id = "showDocument",
    params(("id" = String, Path, description = "The verification", example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")),
    responses((status = 200, description = "What the register says", body = Shown)))]
pub(crate) async fn document(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(verification_id): Named,
    _nothing: NothingToSay,
) -> Result<Response, GatewayError> {
    let institution_id = caller.institution()?.id.clone();
    let request =
        contract::ShowDocumentRequest { context: caller.context(None, None), institution_id, verification_id };
    let mut shown = gateway.verifications().show_document(request).await?.into_inner();
    let verification = present(shown.verification.take())?.into();
    personal_response(&Shown::of(verification, &shown)?)
}

/// End a verification before anything was shown
#[utoipa::path(post, path = "/v1/verifications/{id}/cancellation", tag = "verifications", operation_id = "cancelVerification",
    params(("id" = String, Path, description = "The verification", example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")),
    responses((status = 200, description = "It is over", body = Verification)))]
pub(crate) async fn cancel(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(verification_id): Named,
    _nothing: NothingToSay,
) -> Result<Json<Verification>, GatewayError> {
    let institution_id = caller.institution()?.id.clone();
    let request =
        contract::CancelVerificationRequest { context: caller.context(None, None), institution_id, verification_id };
    let ended = gateway.verifications().cancel_verification(request).await?.into_inner();
    Ok(Json(present(ended.verification)?.into()))
}
