//! Logging in and out.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use straznica_types::RequestId;

use super::{
    cookie,
    wire::sessions::{OpenedSession, PasswordLogin},
};
use crate::{
    app::{
        Gateway,
        people::{
            login::Credentials,
            sessions::{Arrival, LiveSession},
        },
    },
    domain::people::person::PersonKind,
    error::GatewayError,
    rest::{
        caller::SessionCaller,
        extract::{Json, NothingToSay, PersonalJson},
    },
};

/// Log in to a local account
///
/// With its password and the code its authenticator shows; a code counts once. Where nobody has such an account the same work is done and the same said. After
/// three attempts in vain each further one costs a longer pause. The session the browser had before is over then.
#[utoipa::path(post, path = "/v1/sessions/password", tag = "sessions", operation_id = "logInWithPassword",
    request_body(content = PasswordLogin, description = "Account, password and code", content_type = "application/json"),
    responses((status = 201, description = "Logged in; the cookie is set", body = OpenedSession)))]
pub(crate) async fn with_password(
    State(gateway): State<Gateway>,
    arrival: Arrival,
    PersonalJson(typed): PersonalJson<PasswordLogin>,
) -> Result<Response, GatewayError> {
    let credentials = Credentials { account: typed.account, password: typed.password, code: typed.code };
    let live = Box::pin(gateway.log_in(credentials, &arrival)).await?;
    let mut response =
        (StatusCode::CREATED, Json(described(&gateway, &live, arrival.request_id).await?)).into_response();
    cookie::set_session(response.headers_mut(), &live.id)?;
    Ok(response)
}

/// Log in by a client certificate
///
/// At the listener that asks for one: for officials whom identity knows by their certificate. The session counts over this certificate alone.
#[utoipa::path(post, path = "/v1/sessions/certificate", tag = "sessions", operation_id = "logInWithCertificate",
    responses((status = 201, description = "Logged in; the cookie is set", body = OpenedSession)))]
pub(crate) async fn with_certificate(
    State(gateway): State<Gateway>,
    arrival: Arrival,
    _nothing: NothingToSay,
) -> Result<Response, GatewayError> {
    let live = Box::pin(gateway.log_in_by_certificate(&arrival)).await?;
    let mut response =
        (StatusCode::CREATED, Json(described(&gateway, &live, arrival.request_id).await?)).into_response();
    cookie::set_session(response.headers_mut(), &live.id)?;
    Ok(response)
}

/// Who is logged in
///
/// What they may do at this moment, how long the session lasts, and its token for X-Csrf-Token.
#[utoipa::path(get, path = "/v1/session", tag = "sessions", operation_id = "getSession",
    responses((status = 200, description = "The session", body = OpenedSession)))]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    caller: SessionCaller,
) -> Result<Json<OpenedSession>, GatewayError> {
    Ok(Json(described(&gateway, &caller.live, caller.request_id).await?))
}

/// Log out
#[utoipa::path(post, path = "/v1/session/end", tag = "sessions", operation_id = "logOut",
    responses((status = 204, description = "Logged out")))]
pub(crate) async fn end(
    State(gateway): State<Gateway>,
    caller: SessionCaller,
    _nothing: NothingToSay,
) -> Result<Response, GatewayError> {
    over(&gateway, &caller, false).await
}

/// Log out everywhere
///
/// All of the person's sessions end, in whatever browser.
#[utoipa::path(post, path = "/v1/session/end-everywhere", tag = "sessions", operation_id = "logOutEverywhere",
    responses((status = 204, description = "Logged out")))]
pub(crate) async fn end_everywhere(
    State(gateway): State<Gateway>,
    caller: SessionCaller,
    _nothing: NothingToSay,
) -> Result<Response, GatewayError> {
    over(&gateway, &caller, true).await
}

async fn over(gateway: &Gateway, caller: &SessionCaller, everywhere: bool) -> Result<Response, GatewayError> {
    gateway.end_session(&caller.live, everywhere, caller.request_id).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    cookie::forget_session(response.headers_mut())?;
    Ok(response)
}

/// Somebody may be logged in and have no right at all: that is told, not refused.
async fn described(
    gateway: &Gateway,
    live: &LiveSession,
    request_id: RequestId,
) -> Result<OpenedSession, GatewayError> {
    let rights = match live.session.kind {
        PersonKind::Citizen => None,
        PersonKind::Official => gateway.rights_if_any(live, request_id).await?,
    };
    Ok(OpenedSession::of(live, rights, &gateway.config().people.sessions.lifetimes()))
}
