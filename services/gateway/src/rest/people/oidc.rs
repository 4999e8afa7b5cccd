//! Logging in at a provider: the browser goes there and comes back. What it reads meanwhile is a page.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use http::HeaderMap;
use serde::Deserialize;
use straznica_types::Secret;
use utoipa::IntoParams;

use super::{cookie, pages, wire::sessions::ProviderList};
use crate::{
    app::{
        Gateway,
        people::{oidc::provider::Answer, sessions::Arrival},
    },
    rest::extract::{Json, Parameters},
};

/// Login providers of this node
#[utoipa::path(get, path = "/v1/sessions/oidc", tag = "sessions", operation_id = "listProviders",
    responses((status = 200, description = "Where one may log in", body = ProviderList)))]
pub(crate) async fn list(State(gateway): State<Gateway>) -> Json<ProviderList> {
    Json(ProviderList::of(gateway.providers(), gateway.config().people.accounts.enabled))
}

/// Log in at a provider
///
/// For browsers: to the provider's pages and back. OpenID Connect, authorisation code with PKCE, for nobody but this browser and for ten minutes.
#[utoipa::path(get, path = "/v1/sessions/oidc/{provider}", tag = "sessions", operation_id = "logInAtProvider",
    params(("provider" = String, Path, description = "The provider", example = "pz")),
    responses((status = 303, description = "To the provider", headers(("Location" = String, description = "The provider's page")))))]
pub(crate) async fn begin(State(gateway): State<Gateway>, arrival: Arrival, Path(provider): Path<String>) -> Response {
    match Box::pin(gateway.begin_login(&provider)).await {
        Err(failure) => pages::failure(failure, arrival.request_id),
        Ok((authorisation, question)) => {
            let mut response = Redirect::to(&question).into_response();
            match cookie::set_login(response.headers_mut(), &authorisation) {
                Ok(()) => response,
                Err(failure) => failure.into_response(),
            }
        }
    }
}

/// What a provider sends along.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Callback {
    /// To be exchanged for the tokens.
    #[serde(default)]
    #[param(value_type = Option<String>, max_length = 4096, example = "SplxlOBeZQQYbYS6WxSbIA")]
    code: Option<Secret<String>>,
    /// As it was sent there.
    #[serde(default)]
    #[param(max_length = 256, example = "u3fNnGmm1qJ5bq6iRkqXbQ2mVjEw2Jr8b0m7cX1aYtE")]
    state: String,
    /// The provider (RFC 9207).
    #[serde(default)]
    #[param(max_length = 2048, example = "https://login.example")]
    iss: Option<String>,
    /// Why there is no code.
    #[serde(default)]
    #[param(max_length = 256, example = "access_denied")]
    error: Option<String>,
}

/// Come back from a provider
///
/// For browsers. Answered by a page: the session's cookie is not sent along with a request another site has caused, so the browser has to take a step of its own.
/// The session the browser had before is over then.
#[utoipa::path(get, path = "/v1/sessions/oidc/{provider}/callback", tag = "sessions", operation_id = "returnFromProvider",
    params(("provider" = String, Path, description = "The provider", example = "pz"), Callback),
    responses((status = 200, description = "Logged in; the cookie is set", content_type = "text/html", body = String)))]
pub(crate) async fn callback(
    State(gateway): State<Gateway>,
    arrival: Arrival,
    Path(provider): Path<String>,
    Parameters(told): Parameters<Callback>,
    headers: HeaderMap,
) -> Response {
    let answer = Answer { state: told.state, code: told.code, error: told.error, issuer: told.iss };
    let request_id = arrival.request_id;
    let outcome = Box::pin(gateway.complete_login(&provider, cookie::login(&headers), answer, &arrival)).await;
    let (mut response, live) = match outcome {
        Ok(live) => (pages::logged_in(), Some(live)),
        Err(failure) => (pages::failure(failure, request_id), None),
    };
    let headers = response.headers_mut();
    let opened = live.map_or(Ok(()), |live| cookie::set_session(headers, &live.id));
    // The answer counts once: what the browser held for it is gone either way.
    match opened.and_then(|()| cookie::forget_login(headers)) {
        Ok(()) => response,
        Err(failure) => failure.into_response(),
    }
}
