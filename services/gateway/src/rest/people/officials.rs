//! The people of an institution, for its local administrators; the node's central administrators, for each other.

use axum::extract::State;
use http::StatusCode;
use straznica_contracts::identity::v1 as contract;

use super::{
    Named, NamedTwo,
    wire::officials::{NewLogins, NewRole, OfficialList, OfficialQuery, RoleWithdrawal},
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::OfficialCaller,
        extract::{Json, Parameters, PersonalJson},
        wire::reason::Reason,
    },
};

/// The people of an institution
#[utoipa::path(get, path = "/v1/institutions/{institution}/officials", tag = "officials", operation_id = "listOfficials",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone"), OfficialQuery),
    responses((status = 200, description = "One page", body = OfficialList)))]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution): Named,
    Parameters(query): Parameters<OfficialQuery>,
) -> Result<Json<OfficialList>, GatewayError> {
    listed(&gateway, &caller, institution, query).await
}

/// The node's central administrators
#[utoipa::path(get, path = "/v1/central-administrators", tag = "officials", operation_id = "listCentralAdministrators", params(OfficialQuery),
    responses((status = 200, description = "One page", body = OfficialList)))]
pub(crate) async fn list_central(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Parameters(query): Parameters<OfficialQuery>,
) -> Result<Json<OfficialList>, GatewayError> {
    listed(&gateway, &caller, String::new(), query).await
}

/// Give a role in an institution
///
/// That of an official by a local administrator, not to themselves; every other one (local administrators, security officers, posts of the register of aliens) by a central administrator.
#[utoipa::path(post, path = "/v1/institutions/{institution}/officials", tag = "officials", operation_id = "grantRole",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone")),
    request_body(content = NewRole, description = "The role", content_type = "application/json"),
    responses((status = 204, description = "It is theirs")))]
pub(crate) async fn grant(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(institution): Named,
    PersonalJson(new): PersonalJson<NewRole>,
) -> Result<StatusCode, GatewayError> {
    granted(&gateway, &caller, institution, new).await
}

/// Make somebody a central administrator
#[utoipa::path(post, path = "/v1/central-administrators", tag = "officials", operation_id = "grantCentralAdministrator",
    request_body(content = NewRole, description = "The role", content_type = "application/json"),
    responses((status = 204, description = "It is theirs")))]
pub(crate) async fn grant_central(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    PersonalJson(new): PersonalJson<NewRole>,
) -> Result<StatusCode, GatewayError> {
    granted(&gateway, &caller, String::new(), new).await
}

/// Take roles in an institution away
///
/// At once: verifications of the official under way show nothing any more.
#[utoipa::path(post, path = "/v1/institutions/{institution}/officials/{officer}/withdrawal", tag = "officials", operation_id = "withdrawRole",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone"),
        ("officer" = String, Path, description = "Service identifier", example = "um-0001")),
    request_body(content = RoleWithdrawal, description = "Which, and why", content_type = "application/json"),
    responses((status = 204, description = "They are gone")))]
pub(crate) async fn withdraw(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    NamedTwo(institution, officer): NamedTwo,
    Json(told): Json<RoleWithdrawal>,
) -> Result<StatusCode, GatewayError> {
    withdrawn(&gateway, &caller, institution, officer, told).await
}

/// Take the role of a central administrator away
#[utoipa::path(post, path = "/v1/central-administrators/{officer}/withdrawal", tag = "officials", operation_id = "withdrawCentralAdministrator",
    params(("officer" = String, Path, description = "Service identifier", example = "mc-0002")),
    request_body(content = RoleWithdrawal, description = "Why", content_type = "application/json"),
    responses((status = 204, description = "It is gone")))]
pub(crate) async fn withdraw_central(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    Named(officer): Named,
    Json(told): Json<RoleWithdrawal>,
) -> Result<StatusCode, GatewayError> {
    withdrawn(&gateway, &caller, String::new(), officer, told).await
}

/// Change how an official logs in
///
/// A new certificate, another account.
#[utoipa::path(post, path = "/v1/institutions/{institution}/officials/{officer}/logins", tag = "officials", operation_id = "replaceLogins",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone"),
        ("officer" = String, Path, description = "Service identifier", example = "um-0001")),
    request_body(content = NewLogins, description = "How", content_type = "application/json"),
    responses((status = 204, description = "It counts")))]
pub(crate) async fn replace_logins(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    NamedTwo(institution_id, officer): NamedTwo,
    PersonalJson(new): PersonalJson<NewLogins>,
) -> Result<StatusCode, GatewayError> {
    let request = contract::ReplaceLoginsRequest {
        context: caller.context(None, None),
        institution_id,
        officer,
        logins: Some(new.logins.contract()),
        reason: new.reason.0,
    };
    gateway.officials().replace_logins(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Unlock an official
///
/// Who has used up the day's verifications. By a local administrator, not for themselves.
#[utoipa::path(post, path = "/v1/institutions/{institution}/officials/{officer}/unlock", tag = "officials", operation_id = "unlockOfficial",
    params(("institution" = String, Path, description = "The institution", example = "um-zmyslone"),
        ("officer" = String, Path, description = "Service identifier", example = "um-0001")),
    request_body(content = Reason, description = "Why", content_type = "application/json"),
    responses((status = 204, description = "Unlocked")))]
pub(crate) async fn unlock(
    State(gateway): State<Gateway>,
    caller: OfficialCaller,
    NamedTwo(institution_id, officer): NamedTwo,
    Json(why): Json<Reason>,
) -> Result<StatusCode, GatewayError> {
    let context = caller.context(None, None);
    let request = contract::UnlockOfficialRequest { context, institution_id, officer, reason: why.reason.0 };
    gateway.verifications().unlock_official(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn listed(
    gateway: &Gateway,
    caller: &OfficialCaller,
    institution_id: String,
    query: OfficialQuery,
) -> Result<Json<OfficialList>, GatewayError> {
    let request = contract::ListOfficialsRequest {
        context: caller.context(None, None),
        institution_id,
        after_officer: query.after.map(|after| after.to_string()).unwrap_or_default(),
    };
    Ok(Json(OfficialList::of(gateway.officials().list_officials(request).await?.into_inner().officials)?))
}

async fn granted(
    gateway: &Gateway,
    caller: &OfficialCaller,
    institution_id: String,
    new: NewRole,
) -> Result<StatusCode, GatewayError> {
    let request = contract::GrantRoleRequest {
        context: caller.context(None, None),
        institution_id,
        officer: new.officer.to_string(),
        role: new.role.contract().into(),
        logins: new.logins.map(super::wire::officials::Logins::contract),
        expires_at_ms: new.expires_at.map_or(0, |at| at.0.millis()),
        reason: new.reason.0,
    };
    gateway.officials().grant_role(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn withdrawn(
    gateway: &Gateway,
    caller: &OfficialCaller,
    institution_id: String,
    officer: String,
    told: RoleWithdrawal,
) -> Result<StatusCode, GatewayError> {
    let request = contract::WithdrawRoleRequest {
        context: caller.context(None, None),
        institution_id,
        officer,
        role: told.role.map_or(0, |role| role.contract().into()),
        reason: told.reason.0,
    };
    gateway.officials().withdraw_role(request).await?;
    Ok(StatusCode::NO_CONTENT)
}
