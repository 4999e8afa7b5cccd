//! Local accounts, for operators.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;

use super::wire::accounts::{AccountList, AccountMade, NewAccount as Told, NewFactor};
use crate::{
    app::Gateway,
    domain::people::account::AccountName,
    error::GatewayError,
    rest::{
        caller::OperatorCaller,
        extract::{Json, PersonalJson},
        wire::reason::Reason,
    },
};

/// Make a local account
///
/// For an official, whose rights identity knows by issuer and subject, or for a citizen with a made-up PESEL. The secret of the second factor is shown here
/// and never again.
#[utoipa::path(post, path = "/v1/accounts", tag = "accounts", operation_id = "makeAccount",
    request_body(content = Told, description = "The account", content_type = "application/json"),
    responses((status = 201, description = "It is made", body = AccountMade)))]
pub(crate) async fn make(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    PersonalJson(told): PersonalJson<Told>,
) -> Result<Response, GatewayError> {
    let new = told.checked()?;
    let name = new.name.clone();
    let factor = Box::pin(gateway.make_account(&caller, new)).await?;
    Ok((StatusCode::CREATED, Json(AccountMade::of(&name, &factor))).into_response())
}

/// Local accounts
#[utoipa::path(get, path = "/v1/accounts", tag = "accounts", operation_id = "listAccounts",
    responses((status = 200, description = "All of them", body = AccountList)))]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
) -> Result<Json<AccountList>, GatewayError> {
    Ok(Json(gateway.accounts().await?.into()))
}

/// Lock a local account
///
/// Its sessions end, and nobody logs in with it.
#[utoipa::path(post, path = "/v1/accounts/{name}/lock", tag = "accounts", operation_id = "lockAccount",
    params(("name" = String, Path, description = "The account", example = "j.kowalska")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 204, description = "Locked")))]
pub(crate) async fn lock(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Path(name): Path<String>,
    Json(why): Json<Reason>,
) -> Result<StatusCode, GatewayError> {
    gateway.lock_account(&caller, &named(&name)?, &why.reason.0, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Unlock a local account
#[utoipa::path(post, path = "/v1/accounts/{name}/unlock", tag = "accounts", operation_id = "unlockAccount",
    params(("name" = String, Path, description = "The account", example = "j.kowalska")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 204, description = "Unlocked")))]
pub(crate) async fn unlock(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Path(name): Path<String>,
    Json(why): Json<Reason>,
) -> Result<StatusCode, GatewayError> {
    gateway.lock_account(&caller, &named(&name)?, &why.reason.0, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a local account another second factor
///
/// When its authenticator is lost. The account's sessions end; the new secret is shown here and never again. Without the password there is no way: make another account.
#[utoipa::path(post, path = "/v1/accounts/{name}/second-factor", tag = "accounts", operation_id = "replaceSecondFactor",
    params(("name" = String, Path, description = "The account", example = "j.kowalska")),
    request_body(content = NewFactor, description = "The password", content_type = "application/json"),
    responses((status = 200, description = "The account, with its new second factor", body = AccountMade)))]
pub(crate) async fn replace_factor(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Path(name): Path<String>,
    PersonalJson(told): PersonalJson<NewFactor>,
) -> Result<Json<AccountMade>, GatewayError> {
    let name = named(&name)?;
    let factor = Box::pin(gateway.replace_factor(&caller, &name, told.password)).await?;
    Ok(Json(AccountMade::of(&name, &factor)))
}

fn named(text: &str) -> Result<AccountName, GatewayError> {
    AccountName::parse(text).ok_or(GatewayError::PathParameter("account"))
}
