//! One-time codes, for other authorities.

use axum::extract::State;
use http::StatusCode;
use straznica_contracts::dispatch::v1 as contract;
use straznica_types::RequestId;

use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::AuthorityCaller,
        extract::Json,
        wire::codes::{NewCode, ReadOutCode, SentCode},
    },
};

/// Send a code
///
/// A citizen gets a text message that says what is asked, by whom, and a code. The code holds for this officer, purpose and institution, and is
/// accepted once. A message that was asked for twice is sent twice: there is no Idempotency-Key here.
#[utoipa::path(post, path = "/v1/one-time-codes/send-code", tag = "one-time codes", operation_id = "sendCode",
    request_body(content = NewCode, description = "Where to, and what for", content_type = "application/json"),
    responses((status = 200, description = "It is on its way", body = SentCode)))]
pub(crate) async fn send(
    State(gateway): State<Gateway>,
    caller: AuthorityCaller,
    Json(new): Json<NewCode>,
) -> Result<Json<SentCode>, GatewayError> {
    let id = RequestId::generate(gateway.clock().as_ref()).uuid();
    let case = new.case.as_ref().map(|case| case.0.as_str());
    let request = contract::SendCodeRequest {
        context: caller.context(&new.officer, &new.purpose.0, case),
        transaction_id: id.to_string(),
        phone: new.phone_number.expose().clone(),
        institution: caller.institution,
        binding_text: new.message.0,
        language: new.language.map(|language| language.0).unwrap_or_default(),
        life_seconds: new.life_seconds.unwrap_or_default(),
        ..contract::SendCodeRequest::default()
    };
    gateway.send_code(request).await?;
    Ok(Json(SentCode { authentication_id: id }))
}

/// Validate a code
///
/// The attempt is counted before the code is compared; after five there is none left.
#[utoipa::path(post, path = "/v1/one-time-codes/validate-code", tag = "one-time codes", operation_id = "validateCode",
    request_body(content = ReadOutCode, description = "What was read out", content_type = "application/json"),
    responses((status = 204, description = "It is the code")))]
pub(crate) async fn validate(
    State(gateway): State<Gateway>,
    caller: AuthorityCaller,
    Json(read): Json<ReadOutCode>,
) -> Result<StatusCode, GatewayError> {
    let request = contract::ValidateCodeRequest {
        context: caller.context(&read.officer, &read.purpose.0, None),
        transaction_id: read.authentication_id.to_string(),
        institution: caller.institution,
        code: read.code.expose().clone(),
    };
    gateway.validate_code(request).await?;
    Ok(StatusCode::NO_CONTENT)
}
